"""Cards: a post in the terminal, exactly as it will go out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from ..errors import spelled
from ..post.post import Card, Image, Part, Post
from ..post.profile import Profile
from ..text.measure import Entity, entities, measure
from .styled_text import Line, Span
from .text_wrap import text_lines

METER_CELLS = 20
NEARLY_FULL = 0.9
"""From here on the meter warns."""

Shown = tuple[Post, Profile]


WRAPPED = " ↩"
"""Ends a row that is no line's end: the terminal is too narrow for it."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """How a card is drawn, `width` columns wide at most."""

    width: int

    @property
    def inner(self) -> int:
        """Columns beside the frame."""
        return max(20, self.width - 2)

    def around(self, head: Sequence[Line], body: Sequence[Line | None], foot: Sequence[Line] = ((),)) -> list[Line]:
        """The lines with the frame to their left; None is a rule between two parts."""
        (first, *more), (*rest, last) = head, foot
        lines: list[Line] = [(Span("┌─ ", "dim"), *first)]
        lines += [(Span("│  ", "dim"), *line) for line in more]
        lines += [(Span("├───", "dim"),) if line is None else (Span("│ ", "dim"), *line) for line in body]
        lines += [(Span("│  ", "dim"), *line) for line in rest]
        return [*lines, (Span("└─ ", "dim"), *last)]

    def meter(self, text: str, profile: Profile, warning: str) -> list[Line]:
        """How full the post is; the count on a line of its own where there is no room."""
        used, limit, count = fullness(text, profile, warning)
        cells = min(METER_CELLS, -(-METER_CELLS * used // limit))
        bar: Line = (
            Span("[", "dim"),
            Span("█" * cells, count.style),
            Span("░" * (METER_CELLS - cells), "dim"),
            Span("] ", "dim"),
        )
        counts = text_lines(count.text, (), self.inner, style=_beside(count))
        if len(counts) == 1 and METER_CELLS + 3 + len(count.text) <= self.inner:
            return [(*bar, *counts[0])]
        return [bar, *counts]


def fullness(text: str, profile: Profile, warning: str) -> tuple[int, int, Span]:
    """What is used of what, and in words: in the platform's own unit, or in bytes where those run out first."""
    found = measure(text, profile, warning)
    used, limit, unit = found.length, found.limit, ""
    if found.bytes is not None and found.byte_limit is not None and found.bytes * limit > used * found.byte_limit:
        used, limit, unit = found.bytes, found.byte_limit, " bytes"
    left = f"{limit - used} left" if used <= limit else f"{used - limit} TOO LONG"
    style = "error" if used > limit else "warning" if used >= NEARLY_FULL * limit else "good"
    return used, limit, Span(f"{used} of {limit}{unit}, {left}", style)


def fullest(post: Post, profile: Profile) -> tuple[int, int, Span]:
    """The same of the part of a post that is the longest: it is the one that may not fit."""
    return max(fullness(part.text, profile, post.warning or "") for part in post.parts)


def _beside(count: Span) -> str | None:
    """The style of the words that tell how full something is: none while there is room."""
    return None if count.style == "good" else count.style


def cards(posts: Sequence[Shown], *, width: int = 80) -> Iterator[Line]:
    """Every post under its day and its message, at most `width` columns but for long links.

    What looks the same on several accounts is shown once.
    """
    frame = _Frame(width)
    in_order = sorted(posts, key=lambda shown: (shown[0].due_at, shown[0].key[:3]))
    for day, of_day in groupby(in_order, key=lambda shown: shown[0].local_at.date()):
        title = f"━━ {day:%A} {day.day} {day:%B %Y} "
        yield (Span(title + "━" * (frame.width - len(title)), "title"),)
        yield ()
        for (campaign, edition, message), group in groupby(of_day, key=lambda shown: shown[0].key[:3]):
            yield (Span(message, "title"), Span(f"  {campaign}/{edition}", "dim"))
            alike: dict[Hashable, list[Shown]] = {}
            for post, profile in group:
                alike.setdefault(_looks(post, profile), []).append((post, profile))
            for same in alike.values():
                yield from _card_of(same, frame)
                yield ()


def _looks(post: Post, profile: Profile) -> Hashable:
    """All that a card shows of a post but its account."""
    linked = tuple(_linked(part.text, profile) for part in post.parts)
    return post.parts, linked, post.warning, post.notes, post.draft, post.languages, post.local_at, post.timezone


def _card_of(same: Sequence[Shown], frame: _Frame) -> list[Line]:
    """The card of the first, and that the others are the same."""
    (post, profile), *others = same
    body: list[Line | None] = [(Span("DRAFT, not posted", "warning"),)] if post.draft else []
    for number, part in enumerate(post.parts):
        body += [None] if number else []
        body += _part(post, part, number, profile, frame)
    for other, limits in others:
        *_, count = fullest(other, limits)
        body += text_lines(f"the same on {_account(other)}: {count.text}", (), frame.inner, style=_beside(count))
    for note in post.notes:
        body += _labelled("note: ", note, frame.inner, "note")
    keys = [f"{one.key}  {one.code}" for one, _ in same]
    feet = [row for key in keys for row in text_lines(key, (), frame.inner - 1, style="dim", after=" /")]
    return frame.around(_head(post, frame), body, feet)


def _head(post: Post, frame: _Frame) -> list[Line]:
    """When, where, and in which language."""
    local, utc = post.local_at, post.due_at.astimezone(UTC)
    place = post.timezone.rpartition("/")[2].replace("_", " ")
    other_day = "" if utc.date() == local.date() else f" on {utc:%A}"
    also = "" if place == "UTC" else f" ({utc:%H:%M} UTC{other_day})"
    words = f"{local:%a %H:%M} {place}{also} · {_account(post)} · {' + '.join(post.languages)}"
    return text_lines(words, (), frame.inner - 1, style="strong")


def _account(post: Post) -> str:
    return f"{post.key.account} ({post.platform})"


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
) -> list[Line]:
    """The lines of a part that a console account has just posted. `of`: which message it is, and its language."""
    frame = _Frame(width)
    what = f"  {of}" if of else ""
    head: Line = (Span(f"{at:%H:%M:%S}  {spelled(account)}{what}", "title"), Span(f"  {at:%a %d %b %Y}", "dim"))
    body: list[Line] = [*_text(text, warning, profile, frame)]
    body += [()] if alts else []
    for alt in alts:
        body += _labelled("image, alt: ", alt or "none, decoration", frame.inner, None if alt else "dim")
    return frame.around([head], [*body, (), *frame.meter(text, profile, warning)])


def _part(post: Post, part: Part, number: int, profile: Profile, frame: _Frame) -> Iterator[Line]:
    """One part: its number in a thread, text, images, card and meter."""
    if len(post.parts) > 1:
        yield (Span(f"{number + 1}/{len(post.parts)}", "dim"),)
    warning = post.warning or ""
    yield from _text(part.text, warning, profile, frame)
    for image in part.images:
        yield from _image(image, frame.inner)
    if part.card is not None:
        yield from _card(part.card, frame.inner)
    yield ()
    yield from frame.meter(part.text, profile, warning)


def _text(text: str, warning: str, profile: Profile, frame: _Frame) -> Iterator[Line]:
    if warning:
        yield from _labelled("content warning: ", warning, frame.inner, "warning")
    yield from text_lines(text, _linked(text, profile), frame.inner, wrapped=WRAPPED)


def _linked(text: str, profile: Profile) -> tuple[Entity, ...]:
    return tuple(found for found in entities(text, profile.measure) if found.type not in profile.not_linked)


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
