"""A day in lines: each message with its time, its first words, and a mark for every account and language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from .styled_text import Line, Span, columns, cut

FIRST_WORDS, FEWEST_WORDS = 32, 12
BESIDE = 4
"""Columns of the quotation marks and the blanks beside the first words."""


class Mark(NamedTuple):
    """What one post is: in a word where there is room for it, else by a sign. `place`: where it stands among the others."""

    place: tuple[int, str, int, str]
    account: str
    language: str
    word: str
    sign: str
    style: str | None


class Row(NamedTuple):
    """A message, its marks in their order; `below` are the lines under it."""

    time: str
    name: str
    words: str
    marks: Sequence[Mark]
    below: Sequence[Span] = ()

    @property
    def head(self) -> Line:
        return Span(f"  {self.time}  ", "strong"), Span(self.name)


class Drawing(NamedTuple):
    """How wide the lines may be. `spacious`: a line for the marks, and one for the first words."""

    width: int
    spacious: bool = False

    @staticmethod
    def quoted(words: str, room: int) -> str:
        """The first words, in quotation marks; of none nothing."""
        if not words:
            return ""
        shown = cut(words, room)
        begin = shown.removesuffix("…")
        if shown != words and words[len(begin)] != " ":
            shown = (begin.rpartition(" ")[0] or begin).rstrip(" ,;:") + "…"
        return f"“{shown}”"

    def table(self, title: str, rows: Sequence[Row]) -> Iterator[Line]:
        """The rows below their title: a line each, with signs in columns where words have no room."""
        fits = not self.spacious and all(self._room(row) >= FEWEST_WORDS for row in rows)
        if not fits and (grid := self._grid(title, rows)):
            yield from grid
            return
        yield (Span(f"  {title}", "dim"),)
        for row in rows:
            yield from self._in_words(row)
            yield from _below(row)

    # In words

    def _room(self, row: Row) -> int:
        """Columns that one line leaves to the first words."""
        marks = _by_account(row)
        return self.width - length([*row.head, *(span for mark in marks for span in mark)]) - 3 * len(marks) - BESIDE

    def _in_words(self, row: Row) -> Iterator[Line]:
        """What belongs together stays together; a program gets it in one line."""
        room, indent = self._room(row), len(row.head[0].text)
        words = self.quoted(row.words, FIRST_WORDS if room < FEWEST_WORDS else min(FIRST_WORDS, room))
        line: Line = (*row.head, Span(f"  {words}", "dim"))
        for place, mark in enumerate(_by_account(row)):
            between = Span("  " if place == 0 else " · ", "dim")
            if length(line) > indent and length([*line, between, *mark]) > self.width:
                yield line
                line, between = (Span(" " * indent),), Span("")
            line = (*line, between, *mark)
        yield line

    # In signs

    def _grid(self, title: str, rows: Sequence[Row]) -> list[Line]:
        """A column for every account and language; no line where the terminal is too narrow for that."""
        over, under, places = "", "", dict[tuple[str, str], int]()
        marks = sorted({mark.place: mark for row in rows for mark in row.marks}.items())
        for account, of_one in groupby((mark for _, mark in marks), key=lambda mark: mark.account):
            widest = max(columns(over), len(under))
            over, under = f"{over:<{widest}}  {account}", f"{under:<{widest}} "
            for mark in of_one:
                places[account, mark.language] = len(under) + 1
                under += f" {mark.language:<2}"
        left = self.width - max(columns(over), len(under))
        heads = max(length(row.head) for row in rows)
        if left < heads:
            return []
        room = 0 if self.spacious else left - heads - BESIDE
        is_beside = columns(title) + 2 <= left
        above = [] if is_beside else [(Span(f"  {title}", "dim"),)]
        head = f"{f'  {title}' if is_beside else '':<{left}}{over}"
        places = {column: left + place for column, place in places.items()}
        lines = (line for row in rows for line in self._in_signs(row, places, heads, room))
        return [*above, (Span(head, "dim"),), (Span(" " * left + under, "dim"),), *lines]

    def _in_signs(self, row: Row, places: Mapping[tuple[str, str], int], heads: int, room: int) -> Iterator[Line]:
        """One row of the grid; its words stand below it where they have no room beside it."""
        is_beside = room >= FEWEST_WORDS
        line = row.head
        if is_beside:
            line = (*line, Span(" " * (heads - length(line) + 2)), Span(self.quoted(row.words, room), "dim"))
        for mark in row.marks:
            blanks = Span(" " * (places[mark.account, mark.language] - length(line)))
            line = (*line, blanks, Span(mark.sign, mark.style))
        yield line
        if row.words and not is_beside:
            indent = len(row.head[0].text)
            yield Span(" " * indent), Span(self.quoted(row.words, self.width - indent - BESIDE), "dim")
        yield from _below(row)


def _by_account(row: Row) -> list[Line]:
    accounts: dict[str, Line] = {}
    for mark in row.marks:
        line = accounts.get(mark.account, (Span(mark.account),))
        accounts[mark.account] = (*line, Span(f" {mark.language} "), Span(mark.word, mark.style))
    return list(accounts.values())


def _below(row: Row) -> Iterator[Line]:
    for span in row.below:
        yield Span(" " * len(row.head[0].text)), span


def length(line: Sequence[Span]) -> int:
    """Columns of a line."""
    return columns("".join(span.text for span in line))
