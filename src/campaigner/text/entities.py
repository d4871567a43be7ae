"""What looking at a text gives: what a platform links of it, how long it is, and its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from ..errors import Severity
from ..post.profile import Profile

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
