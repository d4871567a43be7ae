"""A text that is too long becomes a thread: parts that fit, cut where a reader pauses, numbered ` 1/3`."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from ..post.profile import Profile
from .graphemes import graphemes, pattern, unicode_pattern, words_of
from .measure import Entity, entities, fits_cheaply, measure

_COST_SHARE = 0.06
"""How much of a part may stay unused for each step towards a better break."""
_SHORT = 20
_NEAR = 60
_LONGEST_HOST = 253
_LIKELY_WORDS = 12
_MOST_OF_A_RUN = 5_000
"""What goes on longer than this without a space is cut where the room ends: no entity is looked for in it."""
_SPACES = "\t-\r \x85\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000"
"""White space where a text may break: NBSP and its kin hold words together."""

_ENDS, _PAUSES = r"\p{Sentence_Terminal}", r"\p{Terminal_Punctuation}"
_BREAKS = rf"[{_PAUSES}\p{{LB=BA}}\p{{LB=ZW}}]"
"""Scripts without spaces have marks between words, as Tibetan, or may have spaces of no width, as Khmer."""
_CLOSING = "\"'”’»)]"
_OPENING = "\"'“”‘’«([¿¡"


class _Break(NamedTuple):
    """A place where a part may end and the next begin."""

    end: int
    resume: int
    cost: int


class _Room(NamedTuple):
    """What fits into one part, its number included; `digits` is how many the number of parts has."""

    profile: Profile
    warning: str
    digits: int

    def takes(self, piece: str, number: int) -> bool:
        """Whether a piece fits; of a long one its beginning is tried first, which is soon read."""
        suffix = f" {number}/{'9' * self.digits}"
        head = piece[: 2 * self.profile.limit + _LONGEST_HOST]
        fits = _fits(head + suffix, self.profile, self.warning)
        return fits and (len(head) == len(piece) or _fits(piece + suffix, self.profile, self.warning))


def split(text: str, profile: Profile, warning: str = "") -> tuple[str, ...]:
    """Split a text into numbered parts that each fit; a text that fits and has no `---` line stays as it is.

    A line `---` always begins a new part. URLs, mentions, hashtags and words joined by NBSP are cut only when one
    of them is too long for a part by itself.
    """
    text = unicodedata.normalize("NFC", text)
    sections = [section.strip() for section in _SEPARATOR.split(text) if section.strip()]
    if len(sections) <= 1:
        whole = "".join(sections)
        if _fits(whole, profile, warning):
            return (whole,)
    digits, parts = 1, _cut_all(sections, _Room(profile, warning, 1))
    while len(parts) >= 10**digits:
        digits += 1
        parts = _cut_all(sections, _Room(profile, warning, digits))
    return tuple(f"{part} {number}/{len(parts)}" for number, part in enumerate(parts, start=1))


def _fits(text: str, profile: Profile, warning: str) -> bool:
    return fits_cheaply(text, profile, warning) or measure(text, profile, warning).fits


def _cut_all(sections: Sequence[str], room: _Room) -> list[str]:
    """The parts, or as many of them as show that their number has more digits."""
    parts: list[str] = []
    for section in sections:
        breaks, start, passed = _breaks(section), 0, 0
        while start < len(section) and len(parts) < 10**room.digits:
            while breaks[passed].end <= start:
                passed += 1
            chosen = _choose(section, start, breaks, passed, room, number=len(parts) + 1)
            parts.append(section[start : chosen.end])
            start = chosen.resume
    return parts


def _choose(section: str, start: int, breaks: list[_Break], passed: int, room: _Room, *, number: int) -> _Break:
    fitting = breaks[passed : passed + _how_many_fit(section, start, breaks, passed, room, number)]
    if not fitting:
        at = start + _cut_run(section[start : breaks[passed].end], room, number)
        return _Break(at, at, 0)
    if fitting[-1] is breaks[-1]:
        return fitting[-1]
    return min(fitting, key=lambda candidate: _badness(candidate, start, fitting[-1].end, len(section)))


def _how_many_fit(section: str, start: int, breaks: list[_Break], passed: int, room: _Room, number: int) -> int:
    """How many of the breaks from `passed` on may end a part that begins at `start`: a text never shrinks by a word."""

    def is_too_long(index: int) -> bool:
        return not room.takes(section[start : breaks[index].end], number)

    most = passed + _LIKELY_WORDS
    while most < len(breaks) and not is_too_long(most):
        most += most - passed
    return bisect_left(range(passed, min(most, len(breaks))), True, key=is_too_long)


def _badness(candidate: _Break, start: int, furthest: int, end: int) -> float:
    used = candidate.end - start
    short = (used < _SHORT) + (end - candidate.resume < _SHORT)
    return candidate.cost * _COST_SHARE + 1 - used / (furthest - start) + short


def _breaks(section: str) -> list[_Break]:
    """Every place between two runs of a stripped section, and its end."""
    runs = list(_RUN.finditer(section))
    tags_from = _tags_from([run[0] for run in runs])
    breaks: list[_Break] = []
    for index, run in enumerate(runs[:-1]):
        following = runs[index + 1]
        cost = _cost(run[0], section[run.end() : following.start()], following[0])
        breaks.append(_Break(run.end(), following.start(), cost + 3 * (index >= tags_from)))
    return [*breaks, _Break(len(section), len(section), 0)]


def _tags_from(runs: list[str]) -> int:
    """The index of the first run of the hashtags that end the text; the number of runs when none do."""
    index = len(runs)
    while index and runs[index - 1].startswith(("#", "＃")):
        index -= 1
    return index


def _cost(before: str, gap: str, after: str) -> int:
    """How much a break here disturbs: paragraph, line, sentence, clause, word."""
    if gap.count("\n") > 1:
        return 0
    if "\n" in gap:
        return 1
    if ends_sentence(before, after):
        return 2
    return 4 if before.endswith((",", ";", ":", "–", "—")) or _has(before, _PAUSES) else 8


def _cut_run(run: str, room: _Room, number: int) -> int:
    """Where to cut a run that is too long for one part.

    Between characters as people see them, no entity cut or made if that can be; at least one code point is taken.
    """
    size = 2 * room.profile.limit
    while size < len(run) and room.takes(run[:size], number):
        size *= 2
    clusters = list(accumulate(map(len, graphemes(run[:size]))))
    ends = clusters[: _clusters_that_fit(run, clusters, room, number)]
    if not ends:
        return max(1, _clusters_that_fit(run, range(1, clusters[0]), room, number))
    if ends[-1] > _MOST_OF_A_RUN:
        return ends[-1]
    near = run[: 2 * ends[-1] + _NEAR]
    whole = entities(near, room.profile.measure)
    places = [*reversed(ends[-_NEAR:]), *sorted((entity.start for entity in whole), reverse=True)]
    places = [at for at in places if 0 < at <= ends[-1] and not any(one.start < at < one.end for one in whole)]
    places.sort(key=lambda at: not _has(run[at - 1], _BREAKS))
    return next((at for at in places if _keeps(whole, near, at, room.profile)), ends[-1])


def _clusters_that_fit(run: str, ends: Sequence[int], room: _Room, number: int) -> int:
    return bisect_left(ends, True, key=lambda end: not room.takes(run[:end], number))


def _keeps(whole: Sequence[Entity], run: str, at: int, profile: Profile) -> bool:
    """Whether cutting between two entities makes no new one, and leaves each as it is."""
    head = [(entity.start, entity.end) for entity in entities(run[:at], profile.measure)]
    tail = [(at + entity.start, at + entity.end) for entity in entities(run[at:], profile.measure)]
    return head + tail == [(entity.start, entity.end) for entity in whole]


_SEPARATOR = pattern(r"^[ \t]*---[ \t]*$", re.MULTILINE)
_RUN = pattern(f"[^{_SPACES}]+")


def _has(word: str, signs: str) -> bool:
    """Whether a word ends with one of these signs, which are of any script but ours."""
    last = word[-1:]
    return not last.isascii() and unicode_pattern(signs).match(last) is not None


def ends_sentence(before: str, after: str) -> bool:
    """Whether a sentence ends between two words, given with their punctuation."""
    word = before.rstrip(_CLOSING)
    begins = after.lstrip(_OPENING)[:1]
    if begins.islower() or not (word.endswith((".", "!", "?", "…")) or _has(word, _ENDS)):
        return False
    return not (word.endswith(".") and _is_abbreviation(word.lstrip(_OPENING)))


def _is_abbreviation(word: str) -> bool:
    """Known abbreviations, initials (`A.`) and ordinals (`18.`); a whole date (`18.12.`) may end a sentence."""
    lower = word.lower()
    return lower in _abbreviations() or bool(_INITIAL.fullmatch(word))


_INITIAL = pattern(r"(?:[^\W\d_]\.)+|\d{1,2}\.")


@cache
def _abbreviations() -> frozenset[str]:
    return frozenset(" ".join(words_of("abbreviations").values()).split())
