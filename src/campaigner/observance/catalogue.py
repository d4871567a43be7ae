"""The catalogue: 369 observance days, weeks, months and periods, with names, hashtags and sources."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from .rules import Rule, rule_of

COMPILED_ON = "2026-11-23"


@dataclass(frozen=True, slots=True)
class Entry:
    """One observance. Names in `unverified` languages were translated by us and not seen in a source."""

    id: str
    kind: str
    group: str
    names: Mapping[str, str]
    rule: Rule
    unverified: frozenset[str] = frozenset()
    hashtags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hashtag_status: str = ""
    url: str = ""
    agency: str = ""
    resolution: str = ""
    first_observed: int | None = None
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""


class Catalogue:
    """The shipped catalogue; entries are made when they are asked for."""

    def __init__(self, rows: Mapping[str, Mapping[str, Any]]) -> None:
        self._rows = rows

    @classmethod
    def load(cls) -> Catalogue:
        """Read the catalogue of the package."""
        # One JSON object a line: twenty times quicker to read than YAML, and a change is still one line of a diff.
        content = (resources.files("campaigner.observance") / "catalogue.jsonl").read_text("utf-8")
        return cls({row["id"]: row for row in map(json.loads, content.splitlines())})

    def get(self, id: str) -> Entry | None:
        """The entry of that id, None when there is none."""
        row = self._rows.get(id)
        return None if row is None else _entry(row)

    def ids(self) -> tuple[str, ...]:
        """All ids, in the catalogue's order."""
        return tuple(self._rows)

    def entries(self) -> Iterator[Entry]:
        """All entries."""
        return map(_entry, self._rows.values())

    def nearest(self, word: str) -> str | None:
        """The id that a mistyped one most likely means."""
        near = difflib.get_close_matches(word, self._rows, 1, 0.6)
        return near[0] if near else next((id for id in self._rows if word and word in id), None)


def _entry(row: Mapping[str, Any]) -> Entry:
    first_observed = int(row["first_observed"]) if "first_observed" in row else None
    return Entry(
        id=row["id"],
        kind=row["kind"],
        group=row["group"],
        names=row["names"],
        rule=rule_of(row["rule"], first_observed),
        unverified=frozenset(row.get("unverified_names", ())),
        hashtags={name: tuple(tag.lstrip("#") for tag in tags) for name, tags in row.get("hashtags", {}).items()},
        hashtag_status=row.get("hashtag_status", ""),
        url=row.get("url", ""),
        agency=row.get("agency", ""),
        resolution=row.get("resolution", ""),
        first_observed=first_observed,
        topics=tuple(row.get("topics", ())),
        sources=tuple(row.get("sources", ())),
        note=row.get("note", ""),
    )
