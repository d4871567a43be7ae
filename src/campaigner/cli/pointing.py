"""The line of a file that a problem is about, with a caret under the place: what a person at a terminal looks for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..preview.styled_text import columns
from .terminal import visible

INDENT = "    "
BEFORE = 24
"""How many characters of a long line stay visible before the place."""


def pointed(file: str, line: int, column: int, *, width: int) -> tuple[str, str] | None:
    """The line and the row with the caret, cut to `width` columns; None where there is no such place.

    `line` and `column` count from 1, the column in code points.
    """
    lines = _lines(file)
    if not 1 <= line <= len(lines) or not lines[line - 1].strip():
        return None
    text = lines[line - 1].replace("\t", " ")
    at = min(max(column - 1, 0), len(text))
    begin, left = (at - BEFORE, "…") if at + len(INDENT) > width - 8 else (0, "")
    ahead = left + visible(text[begin:at])
    shown = _fitting(ahead + visible(text[at:]), width - len(INDENT))
    return INDENT + shown, INDENT + " " * columns(ahead) + "^"


def _fitting(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    while text and columns(text) >= width:
        text = text[: len(text) - max(1, (columns(text) - width) // 2)]
    return text + "…"


@cache
def _lines(file: str) -> tuple[str, ...]:
    """The lines as the reader counts them; none for a file that can't be read as text."""
    try:
        return tuple(Path(file).read_bytes().decode("utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()
