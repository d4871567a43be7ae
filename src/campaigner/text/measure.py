"""How long a text is on a platform, what that platform makes a link of, and what looking at it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Literal, NamedTuple

from ..errors import Severity
from ..post.profile import Measure, Profile

EntityType = Literal["hashtag", "mention", "url", "cashtag"]


class Entity(NamedTuple):
    """A piece of a text that the platform makes a link of; `start` and `end` count code points, `end` exclusive."""

    type: EntityType
    text: str
    start: int
    end: int


class Measured(NamedTuple):
    """How long a text is, in the platform's own unit, and how long it may be; `bytes` are UTF-8."""

    length: int
    unit: str
    limit: int
    bytes: int | None = None
    byte_limit: int | None = None

    @property
    def left(self) -> int:
        """Units left; negative when the text is too long. Bytes are not in it: see `fits`."""
        return self.limit - self.length

    @property
    def fits(self) -> bool:
        """Whether the text keeps every limit."""
        if self.bytes is not None and self.byte_limit is not None and self.bytes > self.byte_limit:
            return False
        return self.length <= self.limit


class Finding(NamedTuple):
    """One fault of a text, and its mend (`help`).

    `start` counts code points; None where the fault is that of the whole text, or of a hashtag not written in it.
    """

    code: str
    message: str
    help: str
    start: int | None = None
    severity: Severity = Severity.WARNING


class Ruleset(NamedTuple):
    """How one platform reads a text (NFC, LF): `length` and `at_most` are told the profile and a content warning.

    `at_most` is a length that the text certainly does not exceed, found quickly; None when none is known.
    """

    length: Callable[[str, Profile, str], int]
    at_most: Callable[[str, Profile, str], int | None]
    entities: Callable[[str], tuple[Entity, ...]]


def found(kind: EntityType, text: str, start: int, end: int) -> Entity:
    """The entity that stands in `text` from `start` to `end`."""
    return Entity(type=kind, text=text[start:end], start=start, end=end)


def without_overlaps(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Entities in text order; of two that overlap, the one that begins first stays (the rule of twitter-text)."""
    kept: list[Entity] = []
    for entity in sorted(entities, key=lambda entity: entity.start):
        if not kept or entity.start >= kept[-1].end:
            kept.append(entity)
    return tuple(kept)


def replaced(
    text: str, pieces: Iterable[Entity], change: Callable[[Entity], str], between: Callable[[str], str] = str
) -> str:
    """The text with something else in the place of each of these pieces; `between` changes all else."""
    parts, at = [], 0
    for piece in pieces:
        parts += [between(text[at : piece.start]), change(piece)]
        at = piece.end
    return "".join([*parts, between(text[at:])])


def measure(text: str, profile: Profile, warning: str = "") -> Measured:
    """Count a text (NFC, LF) as the platform of `profile` does; a content warning counts where the platform counts it.

    Raise ValueError when a `plain` profile names no known unit.
    """
    return Measured(
        length=_ruleset(profile.measure).length(text, profile, warning),
        unit=profile.unit,
        limit=profile.limit,
        bytes=len(text.encode()) if profile.byte_limit is not None else None,
        byte_limit=profile.byte_limit,
    )


def fits_cheaply(text: str, profile: Profile, warning: str = "") -> bool:
    """True only when the text certainly fits, found without reading it closely; False says nothing."""
    bound = _ruleset(profile.measure).at_most(text, profile, warning)
    if bound is None or bound > profile.limit:
        return False
    return profile.byte_limit is None or len(text.encode()) <= profile.byte_limit


def entities(text: str, measure_name: Measure) -> tuple[Entity, ...]:
    """What the platform links, in order and without overlaps; offsets are code points of the text as given."""
    return _ruleset(measure_name).entities(text)


@cache
def _ruleset(name: Measure) -> Ruleset:
    """The rules of a platform, loaded when it is asked for: most offices post to few of them."""
    rules: Ruleset = import_module(f".{name}", __package__).RULES
    return rules
