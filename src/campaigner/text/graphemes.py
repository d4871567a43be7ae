"""Characters as people see them, and patterns that need Unicode properties: the one door to the regex library."""

from __future__ import annotations

import re
from functools import cache
from typing import cast


@cache
def unicode_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern of the regex library (`\\p{…}`, `\\X`, possessive and atomic groups), once."""
    import regex  # type: ignore[import-untyped]

    return cast("re.Pattern[str]", regex.compile(pattern))


def graphemes(text: str) -> tuple[str, ...]:
    """The grapheme clusters of a text, in order."""
    return tuple(text) if is_simple(text) else tuple(_cluster().findall(text))


def count(text: str) -> int:
    """How many grapheme clusters a text has (Unicode 16 and later rules: an Indic conjunct is one)."""
    if is_simple(text):
        return len(text)
    return len(_cluster().findall(text))


def count_legacy(text: str) -> int:
    """The same as counted before Unicode 15.1, where a conjunct is not joined: never less than `count`."""
    if is_simple(text):
        return len(text)
    clusters = _cluster().findall(text)
    return len(clusters) + sum(len(_join().findall(cluster)) for cluster in clusters if len(cluster) > 2)


def is_simple(text: str) -> bool:
    """True when each code point is a character of its own, of one column: found without the regex library."""
    return _may_join().search(text) is None


@cache
def _may_join() -> re.Pattern[str]:
    """All but Latin letters, the punctuation of European languages, and signs of currencies."""
    return re.compile("[^\x00-\x0c\x0e-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")


@cache
def _cluster() -> re.Pattern[str]:
    # Flags are pairs, taken one by one: at each of them the library's own pattern counts all that stand before it.
    return unicode_pattern(r"(?>\p{RI}\p{RI}[\p{GCB=EX}\p{GCB=ZWJ}\p{GCB=SM}]*)|\X")


@cache
def _join() -> re.Pattern[str]:
    return unicode_pattern(r"\p{InCB=Linker}[\p{InCB=Linker}\p{InCB=Extend}]*(?=\p{InCB=Consonant})")
