"""Spans: a line of text in pieces, each with the name of its style; and how many columns a text takes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; `style` is a name that the terminal gives a colour, None for plain."""

    text: str
    style: str | None = None


Line = tuple[Span, ...]


def columns(text: str) -> int:
    """How many terminal columns a text takes: wide letters and emoji two, combining marks none."""
    width = 0
    joined = False
    for character in text:
        if character == "\u200d":
            joined = True
        elif joined or character in "\ufe0e\ufe0f" or unicodedata.category(character) in ("Mn", "Me", "Cf"):
            joined = False
        else:
            width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return width
