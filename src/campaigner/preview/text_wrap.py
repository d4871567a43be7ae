"""A text in rows of a terminal: broken where a reader pauses, links and hashtags whole and in their styles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import spelled
from ..text.graphemes import graphemes
from ..text.measure import Entity
from .styled_text import Line, Span, cluster_columns, columns, is_wide

_NOT_FIRST = frozenset("。、，．：；？！」』）］｝〉》】〕ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々")
_NOT_LAST = frozenset("「『（［｛〈《【〔")


def text_lines(
    text: str, found: Sequence[Entity], width: int, *, style: str | None = None, after: str = " ", wrapped: str = ""
) -> list[Line]:
    """The text in rows of at most `width` columns, what the platform links in its style, the rest in `style`.

    Rows end behind the characters `after`, and between letters of double width; `wrapped` marks those that end no line.
    A link or hashtag is never broken, so that it can be copied: a longer one juts out.
    """
    lines: list[Line] = []
    start = 0
    for line in text.split("\n"):
        inside = [
            _moved(entity, start) for entity in found if start <= entity.start and entity.end <= start + len(line)
        ]
        room = width - len(wrapped) if wrapped and columns(line) > width else width
        *rows, (a, b) = _rows(line, inside, room, after)
        lines += [(*_styled(line, begin, end, inside, style), Span(wrapped, "dim")) for begin, end in rows]
        lines.append(_styled(line, a, b, inside, style))
        start += len(line) + 1
    return lines


def _moved(entity: Entity, start: int) -> Entity:
    return Entity(type=entity.type, text=entity.text, start=entity.start - start, end=entity.end - start)


def _rows(line: str, inside: Sequence[Entity], width: int, after: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each row of one line."""
    start = at = 0
    for place in [*_places(line, inside, after), len(line)]:
        if at > start and columns(line[start:place].rstrip(" ")) > width:
            yield start, at
            start = at
        while columns(line[start:place].rstrip(" ")) > width and not _holds_one(inside, start, place):
            cut = start + _fitting(line[start:place], width)
            yield start, cut
            start = cut
        at = place
    yield start, len(line)


def _places(line: str, inside: Sequence[Entity], after: str) -> list[int]:
    """Where a row may begin."""
    places: list[int] = []
    at, before = 0, ""
    for cluster in graphemes(line):
        if before and _may_break(before, cluster, after) and not _cuts(inside, at):
            places.append(at)
        at, before = at + len(cluster), cluster
    return places


def _may_break(before: str, following: str, after: str) -> bool:
    if before in after:
        return following not in after
    if following[0] in _NOT_FIRST or before[-1] in _NOT_LAST or following == " ":
        return False
    return is_wide(before) or is_wide(following)


def _cuts(inside: Sequence[Entity], at: int) -> bool:
    return any(entity.start < at < entity.end for entity in inside)


def _holds_one(inside: Sequence[Entity], start: int, end: int) -> bool:
    return any(entity.start < end and start < entity.end for entity in inside)


def _fitting(piece: str, width: int) -> int:
    """How many code points of a piece without a break fit into a row; one cluster at least."""
    taken = used = 0
    for cluster in graphemes(piece):
        used += cluster_columns(cluster)
        if taken and used > width:
            break
        taken += len(cluster)
    return taken


def _styled(line: str, start: int, end: int, inside: Sequence[Entity], style: str | None) -> Line:
    """The piece of a line from start to end as spans."""
    spans: list[Span] = []
    at, end = start, start + len(line[start:end].rstrip(" "))
    for entity in inside:
        a, b = max(entity.start, at), min(entity.end, end)
        if a < b:
            spans += [Span(spelled(line[at:a]), style), Span(spelled(line[a:b]), entity.type)]
            at = b
    spans.append(Span(spelled(line[at:end]), style))
    return tuple(span for span in spans if span.text) or (Span(""),)
