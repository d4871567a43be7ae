"""Searching the catalogue: which observances begin in a stretch of time and hold these words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..errors import folded
from .catalogue import Catalogue, Entry
from .rules import Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An observance and when it begins; without `occurrence`, `why_unknown` says why there is no date."""

    entry: Entry
    occurrence: Occurrence | None
    why_unknown: str | None = None


def in_year(entries: Sequence[Entry], year: int) -> list[Dated]:
    """Every date of these observances in a year in time order, then those that have none."""
    dated = [Dated(entry=entry, occurrence=one) for entry in entries for one in entry.rule.occurrences(year)]
    unknown = [
        Dated(entry=entry, occurrence=None, why_unknown=why)
        for entry in entries
        if (why := entry.rule.why_unknown(year)) is not None
    ]
    return sorted(dated, key=_in_time) + unknown


def between(entries: Sequence[Entry], first: date, last: date) -> list[Dated]:
    """Those that begin within two dates, both included, or are still on at the first."""
    found = (one for year in range(first.year - 1, last.year + 1) for one in in_year(entries, year))
    return [one for one in found if _is_on(one, first, last)]


def matching(catalogue: Catalogue, words: str) -> list[Entry]:
    """The entries that hold every one of the words: in the id, a name, a hashtag, a topic or the agency's name."""
    wanted = folded(words).split()
    return [entry for entry in catalogue.entries() if all(word in _haystack(entry) for word in wanted)]


def next_date(entry: Entry, today: date, years: int = 12) -> Occurrence | None:
    """The next time it begins, today included; None when no date is known in the years to come."""
    for year in range(today.year, today.year + years):
        for occurrence in entry.rule.occurrences(year):
            if occurrence.on >= today:
                return occurrence
    return None


def _haystack(entry: Entry) -> str:
    return folded(" ".join(_words(entry)))


def _words(entry: Entry) -> Iterator[str]:
    yield entry.id
    yield entry.id.replace("-", " ")
    yield from entry.names.values()
    for tags in entry.hashtags.values():
        yield from tags
    yield from entry.topics
    yield entry.agency


def _is_on(found: Dated, first: date, last: date) -> bool:
    occurrence = found.occurrence
    if occurrence is None or occurrence.on > last:
        return False
    return occurrence.on.toordinal() + occurrence.days > first.toordinal()


def _in_time(found: Dated) -> tuple[date, str]:
    assert found.occurrence is not None
    return found.occurrence.on, found.entry.id
