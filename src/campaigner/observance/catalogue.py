"""The catalogue: 369 observance days, weeks, months and periods, with names, hashtags and sources."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from .rules import Rule
from .written import rule_of

COMPILED_ON = "2026-11-23"


@dataclass(frozen=True, slots=True, kw_only=True)
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
        # One JSON object a line: ten times quicker to read than YAML, and a changed entry is one line of a diff.
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
        """The id that a mistyped id, or a name in any language, most likely means."""
        slug = re.sub(r"[^a-z0-9]+", "-", word.casefold()).strip("-")
        names: dict[str, str] = {
            name.casefold(): row["id"] for row in self._rows.values() for name in row["names"].values()
        }
        if slug in self._rows or word.casefold() in names:
            return slug if slug in self._rows else names[word.casefold()]
        near = difflib.get_close_matches(slug, self._rows, 1, 0.75) or [known for known in self._rows if slug in known]
        if slug and near:
            return str(near[0])
        near_names = difflib.get_close_matches(word.casefold(), names, 1, 0.75)
        return names[near_names[0]] if near_names else None


def _entry(row: Mapping[str, Any]) -> Entry:
    first_observed = row.get("first_observed")
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
