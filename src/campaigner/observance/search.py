"""Searching the catalogue: which observances begin in a stretch of time and hold these words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from ..errors import folded, slug
from ..errors import nearest as most_like
from .catalogue import LONGEST_NAME, Catalogue, Entry
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


def matching(catalogue: Catalogue, words: str) -> list[tuple[int, Entry]]:
    """The entries that hold every one of the words, each with how well, the best first.

    0: one of its names or hashtags; 1: whole words of those, of a topic or of the agency's name; 2: beginnings of words;
    3: parts of words; 4: other forms of a word, and what is most like one that none of all the days holds.
    """
    phrases = {entry.id: [_plain(phrase) for phrase in _phrases(entry)] for entry in catalogue.entries()}
    known = sorted({word for names in phrases.values() for name in names for word in name.split()})
    wanted = {word: _words_like(word, known) for word in _plain(words).split()}
    ranks = ((_rank(_plain(words), wanted, phrases[entry.id]), entry) for entry in catalogue.entries())
    return sorted(((rank, entry) for rank, entry in ranks if rank is not None), key=lambda found: found[0])


def named(catalogue: Catalogue, name: str) -> Entry | None:
    """The day of that id, or of that name in any language."""
    return catalogue.get(name.strip()) or next((entry for rank, entry in matching(catalogue, name) if rank == 0), None)


def nearest(catalogue: Catalogue, words: str) -> str | None:
    """The id of the day that a mistyped id, or words in any language, most likely mean; what is too long for one means none."""
    if not _plain(words) or len(words) > LONGEST_NAME:
        return None
    near = most_like(slug(words), catalogue.ids(), 0.8)
    found = matching(catalogue, words)
    return near if near and (not found or found[0][0] > 0) else found[0][1].id if found else None


def _words_like(word: str, known: Sequence[str]) -> list[str]:
    """Other forms of a long word, whose ends may differ; for one that stands nowhere, what is most like it."""
    begun = [other for other in known if other.startswith(word[:-2]) and len(word) > 8]
    if begun or any(word in other for other in known):
        return begun
    return [other for other in known if len(word) > 5 and other.startswith(word[:-2])] or get_close_matches(
        word[:LONGEST_NAME], known, 5, 0.75
    )


def _rank(whole: str, wanted: Mapping[str, Sequence[str]], phrases: Sequence[str]) -> int | None:
    if not wanted or whole in phrases or whole.replace(" ", "") in phrases:
        return 0
    ranks = (_rank_in(f" {phrase} ", wanted) for phrase in (*phrases, " ".join(phrases)))
    return min((rank for rank in ranks if rank is not None), default=None)


def _rank_in(phrase: str, wanted: Mapping[str, Sequence[str]]) -> int | None:
    ranks = []
    for word, like in wanted.items():
        here = (f" {word} " in phrase, f" {word}" in phrase, word in phrase, any(f" {one} " in phrase for one in like))
        if True not in here:
            return None
        ranks.append(1 + here.index(True))
    return max(ranks)


def _plain(text: str) -> str:
    """Words of small letters without accents, one space between."""
    return " ".join(re.findall(r"\w+", folded(text.replace("'", "").replace("\u2019", ""))))


def next_date(entry: Entry, today: date, years: int = 12) -> Occurrence | None:
    """The next time it begins, today included; None when no date is known in the years to come."""
    for year in range(today.year, today.year + years):
        for occurrence in entry.rule.occurrences(year):
            if occurrence.on >= today:
                return occurrence
    return None


def _phrases(entry: Entry) -> Iterator[str]:
    yield entry.id
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
