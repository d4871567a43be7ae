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


def is_latin_1(text: str) -> bool:
    """True when no character lies beyond U+00FF: found without a look at each."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def graphemes(text: str) -> tuple[str, ...]:
    """The grapheme clusters of a text, in order."""
    return tuple(_cluster().findall(text))


def count(text: str) -> int:
    """How many grapheme clusters a text has (Unicode 16 and later rules: an Indic conjunct is one)."""
    if text.isascii() and "\r" not in text:
        return len(text)
    return len(_cluster().findall(text))


def count_legacy(text: str) -> int:
    """The same as counted before Unicode 15.1, where a conjunct is not joined: never less than `count`."""
    if text.isascii() and "\r" not in text:
        return len(text)
    clusters = _cluster().findall(text)
    return len(clusters) + sum(len(_join().findall(cluster)) for cluster in clusters if len(cluster) > 2)


@cache
def _cluster() -> re.Pattern[str]:
    # Flags are pairs, taken one by one: at each of them the library's own pattern counts all that stand before it.
    return unicode_pattern(r"(?>\p{RI}\p{RI}[\p{GCB=EX}\p{GCB=ZWJ}\p{GCB=SM}]*)|\X")


@cache
def _join() -> re.Pattern[str]:
    return unicode_pattern(r"\p{InCB=Linker}[\p{InCB=Linker}\p{InCB=Extend}]*(?=\p{InCB=Consonant})")
