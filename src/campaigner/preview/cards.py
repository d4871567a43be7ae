"""Cards: a post in the terminal, exactly as it will go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ..post.post import Image, Part, Post
from ..post.profile import Profile
from ..text.entity import Entity
from ..text.measure import entities, measure
from .spans import Line, Span, columns

RULES = {False: ("┌", "│", "├", "└", "─", "█", "░"), True: ("+", "|", "+", "+", "-", "#", ".")}
METER_CELLS = 20


def card(post: Post, profile: Profile, *, width: int = 80, ascii_only: bool = False, heading: str = "") -> list[Line]:
    """The lines of one card, at most `width` columns where words allow it. `heading` replaces the KEY."""
    top, side, middle, bottom, bar, *_ = RULES[ascii_only]
    lines: list[Line] = [(Span(f"{top}{bar} ", "dim"), *_title(post, heading))]
    body = [*_when(post)]
    for number, part in enumerate(post.parts):
        if number:
            body.append((Span(f"{middle}{bar * 3}", "dim"),))
        body.extend(_part(post, part, number, profile, width - 4, ascii_only=ascii_only))
    body.extend((Span(f"note: {note}", "note"),) for note in post.notes)
    lines.extend(_beside(side, line, middle) for line in body)
    lines.append((Span(f"{bottom}{bar} {post.code}", "dim"),))
    return lines


def _beside(side: str, line: Line, middle: str) -> Line:
    if line and line[0].text.startswith(middle) and line[0].style == "dim":
        return line
    return (Span(f"{side} ", "dim"), *line)


def _title(post: Post, heading: str) -> Line:
    draft = (Span("  DRAFT, not posted", "warning"),) if post.draft else ()
    return (Span(heading or str(post.key), "title"), *draft)


def _when(post: Post) -> Iterator[Line]:
    local, utc = post.local_at, post.due_at.astimezone(UTC)
    yield (
        Span(f"{local:%H:%M} {local:%A} {local.day} {local:%B %Y}", "strong"),
        Span(f"  {post.timezone}, {_utc(utc, local)} UTC", "dim"),
    )
    yield (Span(f"{post.platform}, {' + '.join(post.languages)}", "dim"),)


def _utc(utc: datetime, local: datetime) -> str:
    return f"{utc:%H:%M}" if utc.date() == local.date() else f"{utc:%H:%M %a %d %b}"


def _part(post: Post, part: Part, number: int, profile: Profile, width: int, *, ascii_only: bool) -> Iterator[Line]:
    if len(post.parts) > 1:
        yield (Span(f"{number + 1}/{len(post.parts)}", "dim"),)
    else:
        yield ()
    if post.warning and number == 0:
        yield (Span(f"content warning: {post.warning}", "warning"),)
    yield from text_lines(part.text, entities(part.text, profile.measure), width)
    for image in part.images:
        yield from _image(image, width)
    if part.card is not None:
        yield (Span("card: ", "dim"), Span(part.card.title), Span(f"  {part.card.url}", "url"))
    yield ()
    yield _meter(part.text, profile, post.warning or "", ascii_only=ascii_only)


def text_lines(text: str, found: Sequence[Entity], width: int) -> list[Line]:
    """The text wrapped at spaces, what the platform links in its style. A link or hashtag is never broken."""
    lines: list[Line] = []
    start = 0
    for line in text.split("\n"):
        lines.extend(_wrapped(line, start, found, width))
        start += len(line) + 1
    return lines


def _wrapped(line: str, start: int, found: Sequence[Entity], width: int) -> list[Line]:
    """One line of the text, at offset `start` of it, as one or more lines of the card."""
    rows: list[tuple[int, int]] = []
    begin = at = 0
    while at <= len(line):
        end = line.find(" ", at)
        end = len(line) if end < 0 else end
        if columns(line[begin:end]) > width and at > begin:
            rows.append((begin, at - 1))
            begin = at
        at = end + 1
    rows.append((begin, len(line)))
    return [_styled(line[a:b], start + a, found) for a, b in rows]


def _styled(piece: str, start: int, found: Sequence[Entity]) -> Line:
    spans: list[Span] = []
    at = 0
    for entity in found:
        a, b = max(entity.start - start, at), min(entity.end - start, len(piece))
        if a < b:
            if piece[at:a]:
                spans.append(Span(piece[at:a]))
            spans.append(Span(piece[a:b], entity.type))
            at = b
    if piece[at:] or not spans:
        spans.append(Span(piece[at:]))
    return tuple(spans)


def _image(image: Image, width: int) -> Iterator[Line]:
    yield (Span("image ", "dim"), Span(image.file), Span(f"  {image.width}x{image.height}", "dim"))
    if not image.alt:
        yield (Span("  alt: none, decoration", "dim"),)
        return
    first, *rest = text_lines(image.alt, (), width - 7)
    yield (Span("  alt: ", "dim"), *first)
    for line in rest:
        yield (Span("       "), *line)


def _meter(text: str, profile: Profile, warning: str, *, ascii_only: bool) -> Line:
    *_, full, empty = RULES[ascii_only]
    found = measure(text, profile, warning)
    cells = min(METER_CELLS, round(METER_CELLS * found.length / found.limit))
    style = "good" if found.fits else "error"
    size = f", {found.bytes}/{found.byte_limit} bytes" if found.bytes is not None else ""
    over = "" if found.fits else "  TOO LONG"
    return (
        Span("[", "dim"),
        Span(full * cells, style),
        Span(empty * (METER_CELLS - cells), "dim"),
        Span("] ", "dim"),
        Span(f"{found.length}/{found.limit} {found.unit}{size}{over}", style if not found.fits else None),
    )


def sent_card(
    account: str,
    text: str,
    alts: Sequence[str],
    profile: Profile,
    *,
    at: datetime,
    warning: str = "",
    width: int = 80,
    ascii_only: bool = False,
) -> list[Line]:
    """The lines of a part that a console account has just posted."""
    top, side, _, bottom, bar, *_ = RULES[ascii_only]
    body: list[Line] = []
    if warning:
        body.append((Span(f"content warning: {warning}", "warning"),))
    body.extend(text_lines(text, entities(text, profile.measure), width - 4))
    body.extend((Span("image, alt: ", "dim"), Span(alt or "none")) for alt in alts)
    body.append(_meter(text, profile, warning, ascii_only=ascii_only))
    head = (Span(f"{top}{bar} ", "dim"), Span(f"{at:%H:%M:%S}  {account}", "title"), Span(f"  {at:%a %d %b %Y}", "dim"))
    return [head, *(((Span(f"{side} ", "dim"), *line)) for line in body), (Span(f"{bottom}{bar}", "dim"),)]
