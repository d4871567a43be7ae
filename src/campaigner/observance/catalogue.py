"""The catalogue: 369 observance days, weeks, months and periods, with names, hashtags and sources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from .rule_parser import rule_of
from .rules import Rule

LONGEST_NAME = 200
"""Characters of a day as people write it."""


class Entry(NamedTuple):
    """One observance. Names in `unverified` languages were translated by us and not seen in a source."""

    id: str
    kind: str
    group: str
    names: Mapping[str, str]
    rule: Rule
    unverified: frozenset[str] = frozenset()
    hashtags: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    hashtag_status: str = ""
    url: str = ""
    agency: str = ""
    resolution: str = ""
    first_observed: int | None = None
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""

    @property
    def title(self) -> str:
        """The English name, else the first one."""
        return self.names.get("en") or next(iter(self.names.values()))

    @property
    def is_checked(self) -> bool:
        """True when two lists agree on it, or when the rule is a calendar's own and a second library gives the same days.

        The latter is what the tests of this room compare for 2024-2030; what a user's own catalogue says is the user's.
        """
        by_calendar = self.rule.kind in BY_CALENDAR
        return by_calendar or self.id in COMPARED or len(self.sources) > 1 or self.group == OWN


BY_CALENDAR = frozenset({"easter", "hijri", "hebrew", "full_moon", "equinox", "chinese_lunar"})
COMPARED = frozenset({"diwali", "midsummer-eve-sweden"})
"""Days whose dates the tests compare with national holidays, though no second list names them."""
OWN = "own"
"""The group of what a user's own catalogue adds: the user vouches for it."""


class Catalogue:
    """The shipped catalogue, with a user's own days beside it; entries are made when they are asked for."""

    def __init__(self, content: str, own: Mapping[str, Entry] | None = None) -> None:
        self._content = content
        self._own = own or {}

    @classmethod
    def load(cls) -> Catalogue:
        """Read the catalogue of the package."""
        # One JSON object a line: one day is found without reading the others, and a changed entry is one line of a diff.
        return cls("\n" + Path(__file__).with_name("catalogue.jsonl").read_text("utf-8"))

    def beside(self, own: Mapping[str, Entry]) -> Catalogue:
        """The same catalogue with these days of the user's own."""
        return Catalogue(self._content, own)

    def get(self, id: str) -> Entry | None:
        """The entry of that id, None when there is none."""
        if id in self._own or not re.fullmatch("[a-z0-9-]+", id):
            return self._own.get(id)
        at = self._content.find(f'\n{{"id": "{id}",')
        return None if at < 0 else _entry(json.loads(self._content[at + 1 : self._content.index("\n", at + 1)]))

    @cached_property
    def _rows(self) -> Mapping[str, Mapping[str, Any]]:
        return {row["id"]: row for row in map(json.loads, self._content.splitlines()[1:])}

    def ids(self) -> tuple[str, ...]:
        """All ids, in the catalogue's order, the user's own last."""
        return (*self._rows, *self._own)

    def entries(self) -> Iterator[Entry]:
        """All entries, in the order of `ids`."""
        yield from map(_entry, self._rows.values())
        yield from self._own.values()


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
