"""Cards: a post in the terminal, exactly as it will go out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import spelled
from ..post.post import Card, Image, Part, Post
from ..post.profile import Profile
from ..text.measure import entities, measure
from .styled_text import Line, Span, columns
from .text_wrap import text_lines

METER_CELLS = 20


@dataclass(frozen=True, slots=True)
class _Frame:
    """How a card is drawn, `width` columns wide at most."""

    width: int
    ascii_only: bool

    @property
    def inner(self) -> int:
        """Columns beside the frame."""
        return max(20, self.width - 2)

    def around(self, head: Sequence[Line], body: Sequence[Line | None], foot: str) -> list[Line]:
        """The lines with the frame to their left; None is a rule between two parts."""
        top, side, middle, bottom, bar = "+|++-" if self.ascii_only else "┌│├└─"
        first, *more = head
        lines: list[Line] = [(Span(f"{top}{bar} ", "dim"), *first)]
        lines += [(Span(f"{side}  ", "dim"), *line) for line in more]
        lines += [
            (Span(f"{middle}{bar * 3}", "dim"),) if line is None else (Span(f"{side} ", "dim"), *line) for line in body
        ]
        return [*lines, (Span(f"{bottom}{bar} {foot}".rstrip(), "dim"),)]

    def meter(self, text: str, profile: Profile, warning: str) -> list[Line]:
        """How full the post is, in the platform's own unit; the count on a line of its own where there is no room."""
        full, empty = "#." if self.ascii_only else "█░"
        found = measure(text, profile, warning)
        cells = min(METER_CELLS, -(-METER_CELLS * found.length // found.limit))
        size = f", {found.bytes}/{found.byte_limit} bytes" if found.bytes is not None else ""
        over = "" if found.fits else "  TOO LONG"
        count = f"{found.length}/{found.limit} {found.unit}{size}{over}"
        bar: Line = (
            Span("[", "dim"),
            Span(full * cells, "good" if found.fits else "error"),
            Span(empty * (METER_CELLS - cells), "dim"),
            Span("] ", "dim"),
        )
        counts = text_lines(count, (), self.inner, style=None if found.fits else "error")
        if len(counts) == 1 and METER_CELLS + 3 + len(count) <= self.inner:
            return [(*bar, *counts[0])]
        return [bar, *counts]


def card(post: Post, profile: Profile, *, width: int = 80, ascii_only: bool = False, heading: str = "") -> list[Line]:
    """The lines of one card, at most `width` columns but for long links. `heading` replaces the KEY."""
    frame = _Frame(width, ascii_only)
    head = text_lines(heading or str(post.key), (), frame.inner - 1, style="title", after=" /")
    body: list[Line | None] = [(Span("DRAFT, not posted", "warning"),)] if post.draft else []
    body += _when(post, frame)
    for number, part in enumerate(post.parts):
        body += [None] if number else []
        body += _part(post, part, number, profile, frame)
    for note in post.notes:
        body += _labelled("note: ", note, frame.inner, "note")
    return frame.around(head, body, post.code)


def sent_card(
    account: str,
    text: str,
    alts: Sequence[str],
    profile: Profile,
    *,
    at: datetime,
    of: str = "",
    warning: str = "",
    width: int = 80,
    ascii_only: bool = False,
) -> list[Line]:
    """The lines of a part that a console account has just posted. `of`: which message it is, and its language."""
    frame = _Frame(width, ascii_only)
    what = f"  {of}" if of else ""
    head: Line = (Span(f"{at:%H:%M:%S}  {spelled(account)}{what}", "title"), Span(f"  {at:%a %d %b %Y}", "dim"))
    body: list[Line] = [*_text(text, warning, profile, frame.inner)]
    body += [()] if alts else []
    for alt in alts:
        body += _labelled("image, alt: ", alt or "none, decoration", frame.inner, None if alt else "dim")
    return frame.around([head], [*body, (), *frame.meter(text, profile, warning)], "")


def _when(post: Post, frame: _Frame) -> Iterator[Line]:
    """When, then who: local time with its zone, the same in UTC, account, platform and languages."""
    local, utc = post.local_at, post.due_at.astimezone(UTC)
    first = f"{local:%H:%M} {local:%A} {local.day} {local:%B %Y}"
    other_day = "" if utc.date() == local.date() else f" on {utc:%A} {utc.day} {utc:%B}"
    second = f"{post.timezone}, {utc:%H:%M} UTC{other_day}"
    if columns(f"{first}  {second}") <= frame.inner:
        yield (Span(first, "strong"), Span(f"  {second}", "dim"))
    else:
        yield (Span(first, "strong"),)
        yield (Span(second, "dim"),)
    yield (Span(f"{post.key.account} on {post.platform}, {' + '.join(post.languages)}", "dim"),)


def _part(post: Post, part: Part, number: int, profile: Profile, frame: _Frame) -> Iterator[Line]:
    """One part: its number in a thread, text, images, card and meter."""
    if number == 0:
        yield ()
    if len(post.parts) > 1:
        yield (Span(f"{number + 1}/{len(post.parts)}", "dim"),)
    warning = post.warning or ""
    yield from _text(part.text, warning, profile, frame.inner)
    for image in part.images:
        yield from _image(image, frame.inner)
    if part.card is not None:
        yield from _card(part.card, frame.inner)
    yield ()
    yield from frame.meter(part.text, profile, warning)


def _text(text: str, warning: str, profile: Profile, width: int) -> Iterator[Line]:
    if warning:
        yield from _labelled("content warning: ", warning, width, "warning")
    yield from text_lines(text, entities(text, profile.measure), width)


def _image(image: Image, width: int) -> Iterator[Line]:
    yield ()
    yield (Span("image ", "dim"), Span(spelled(image.file)), Span(f"  {image.width}x{image.height}", "dim"))
    if image.alt:
        yield from _labelled("  alt: ", image.alt, width)
    else:
        yield (Span("  alt: none, decoration", "dim"),)


def _card(card: Card, width: int) -> Iterator[Line]:
    yield ()
    yield from _labelled("card ", card.title, width)
    if card.description:
        yield from _labelled("  ", card.description, width)
    yield (Span("  ", "dim"), Span(spelled(card.url), "url"))
    if card.image is not None:
        size = f"  {card.image.width}x{card.image.height}"
        yield (Span("  image ", "dim"), Span(spelled(card.image.file)), Span(size, "dim"))


def _labelled(label: str, text: str, width: int, style: str | None = None) -> list[Line]:
    """A text behind its label, its further rows below the first."""
    first, *rest = text_lines(text, (), width - len(label), style=style)
    return [
        (Span(label, style or "dim"), *first),
        *((Span(" " * len(label)), *line) for line in rest),
    ]
