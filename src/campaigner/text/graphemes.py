"""Characters as people see them, patterns and lists of words to look for them: the one door to the regex library."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast


class _Lazy:
    """A pattern that is compiled when it is first used: a command needs few of them, and starts sooner."""

    def __init__(self, text: str | Callable[[], str], flags: int = 0) -> None:
        """`text` may be what gives it, of words that are read only then."""
        self._text, self._flags = text, flags

    def _compiled(self) -> Any:
        return re.compile(self._text if isinstance(self._text, str) else self._text(), self._flags)

    def __getattr__(self, name: str) -> Any:
        """What the pattern has of that name; from then on this has it too."""
        found = getattr(self._compiled(), name)
        setattr(self, name, found)
        return found


class _LazyUnicode(_Lazy):
    def _compiled(self) -> Any:
        import regex  # type: ignore[import-untyped]

        return regex.compile(self._text, self._flags)


pattern = cast("Callable[..., re.Pattern[str]]", _Lazy)
"""A pattern, compiled when it is first used."""
unicode_pattern = cast("Callable[..., re.Pattern[str]]", _LazyUnicode)
r"""The same of the regex library, which knows `\p{…}`, `\X`, possessive and atomic groups."""


@cache
def words_of(kind: str) -> Any:
    """Words of many languages that are looked for in texts: data, in `words.json`."""
    import json

    return json.loads(Path(__file__).with_name("words.json").read_bytes())[kind]


def graphemes(text: str) -> tuple[str, ...]:
    """The grapheme clusters of a text, in order."""
    return tuple(text) if is_simple(text) else tuple(_CLUSTER.findall(text))


def count(text: str) -> int:
    """How many grapheme clusters a text has (Unicode 16 and later rules: an Indic conjunct is one)."""
    if is_simple(text):
        return len(text)
    return len(_CLUSTER.findall(text))


def count_legacy(text: str) -> int:
    """The same as counted before Unicode 15.1, where a conjunct is not joined: never less than `count`."""
    if is_simple(text):
        return len(text)
    clusters = _CLUSTER.findall(text)
    return len(clusters) + sum(len(_JOIN.findall(cluster)) for cluster in clusters if len(cluster) > 2)


def is_simple(text: str) -> bool:
    """True when each code point is a character of its own, of one column: found without the regex library."""
    return _MAY_JOIN.search(text) is None


_MAY_JOIN = pattern("[^\x00-\x0c\x0e-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
"""All but Latin letters, the punctuation of European languages, and signs of currencies."""
# Flags are pairs, taken one by one: at each of them the library's own pattern counts all that stand before it.
_CLUSTER = unicode_pattern(r"(?>\p{RI}\p{RI}[\p{GCB=EX}\p{GCB=ZWJ}\p{GCB=SM}]*)|\X")
_JOIN = unicode_pattern(r"\p{InCB=Linker}[\p{InCB=Linker}\p{InCB=Extend}]*(?=\p{InCB=Consonant})")
