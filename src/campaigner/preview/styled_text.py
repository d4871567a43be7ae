"""Spans: a line of text in pieces, each with the name of its style; and how many columns a text takes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import accumulate, takewhile
from typing import NamedTuple

from ..errors import spelled
from ..text.graphemes import graphemes, is_simple


class Span(NamedTuple):
    """A piece of a line; `style` is a name that the terminal gives a colour, None for plain."""

    text: str
    style: str | None = None


Line = tuple[Span, ...]


def columns(text: str) -> int:
    """How many terminal columns a text takes, spelled: wide letters and emoji two, combining marks none."""
    if text.isprintable() and is_simple(text):
        return len(text)
    return sum(map(cluster_columns, graphemes(text)))


@lru_cache(4096)
def cluster_columns(cluster: str) -> int:
    """The columns of one grapheme cluster; an emoji has two, of however many characters it is made."""
    if (shown := spelled(cluster)) != cluster:
        return sum(map(_character_columns, shown))
    if "\ufe0f" in cluster or "\u200d" in cluster or _is_flag(cluster):
        return 2 if ord(cluster[0]) > 0x2000 or "\u20e3" in cluster else 1
    if cluster[0] == "\U0001f3f4":
        return 2
    widths = [_character_columns(character) for character in cluster]
    # A skin tone at the beginning colours nothing: each that follows has its own place.
    joins = widths[0] == 2 and not "\U0001f3fb" <= cluster[0] <= "\U0001f3ff"
    return min(sum(widths), 2) if joins else sum(widths)


def cut(text: str, room: int) -> str:
    """What there is room for, measured behind a blank, as it stands in its line: a skin tone at its beginning joins that."""
    behind = f" {text}"
    if columns(behind) <= room + 1:
        return text
    clusters = graphemes(behind)
    ends = accumulate(map(cluster_columns, clusters), initial=1)
    kept = sum(1 for _ in takewhile(lambda end: end <= room + 1, ends)) - 1
    return "".join(clusters[:kept])[1:].rstrip() + "…"


def is_wide(cluster: str) -> bool:
    """True for a letter of a script that is written without spaces in double width."""
    return unicodedata.east_asian_width(cluster[0]) in "WF"


def _character_columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    # The vowels and final consonants of a Korean syllable stand on its first consonant.
    if "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if is_wide(character) else 1


def _is_flag(cluster: str) -> bool:
    return len(cluster) == 2 and all("\U0001f1e6" <= character <= "\U0001f1ff" for character in cluster)
