"""The outcomes that a platform may report, and what goes to it and comes from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from ..post.profile import Profile
from .answers import Answer


class Reconciliation(StrEnum):
    """How a platform lets us find out whether a post in doubt is out."""

    CHOSEN_ID = "chosen id"
    NATIVE_KEY = "native key"
    DUPLICATE_REFUSAL = "duplicate refusal"
    CONTAINER = "container"
    LOOKUP = "lookup"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The platform confirmed: its id, the link for people, when, and what later parts need (`extra`, JSON).

    `differs`: how what it shows is not what was sent, in words that follow "out".
    """

    id: str
    url: str
    at: datetime
    extra: Mapping[str, Any] = field(default_factory=dict)
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Reasoned:
    """An outcome of which there is nothing to say but why."""

    reason: str


class Rejected(Reasoned):
    """The platform will never take this post."""

    __slots__ = ()


class Unauthorized(Reasoned):
    """The platform refuses the account; a person must act."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Certainly not posted: no connection was made, or an answer on the platform's own allow-list.

    `lasts`: it will hardly pass by itself, so people are told at once.
    """

    reason: str
    retry_at: datetime | None = None
    lasts: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Bytes of the publishing call were written and no clear answer came. `duplicate`: it says that a twin exists."""

    reason: str
    duplicate: bool = False


Outcome = Receipt | Rejected | Unauthorized | Unavailable | InDoubt


@dataclass(frozen=True, slots=True)
class Absent:
    """A look found no such post. `repeats` is another one with the same words, where the part was refused as a repeat."""

    repeats: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A look found a post with the same words since the first attempt, and nothing tells whether it is this part."""

    url: str


class Another(Reasoned):
    """What is at an address is not the part that was looked for; `reason` says in a sentence what was found."""

    __slots__ = ()


Look = Receipt | Absent | Alike | Unauthorized | Unavailable
"""What a look may say. Unavailable: it could not be found out now."""
Found = Receipt | Another | Unauthorized | Unavailable
"""What may be said of the post at an address that a person gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the account is on its platform. `id` is stable and says the server too, as in `mastodon.social:123`.

    `clock_offset` is how far the server's clock is ahead of ours, `expires_at` when the access ends that we were given;
    None where the answer did not say.
    """

    id: str
    name: str
    url: str = ""
    clock_offset: timedelta | None = field(default=None, compare=False)
    expires_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The bytes of one image and its alt text. `upload` is what `prepare` gave for it, JSON, else None."""

    data: bytes
    media_type: str
    alt: str
    width: int
    height: int
    upload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartToSend:
    """One part of a post, rendered, as the ledger stored it before the first attempt.

    `token` is the dedupe token, hex; the same for every attempt until one is settled as not out. `due_at` and
    `created_at` were fixed at the first claim and never move. `root` and `parent` are receipts of earlier parts.
    `attempted_at` is when the first attempt of this part began (None before one), for looks. `owned_ids` are remote
    ids that belong to other deliveries of this account: a look must not take one of them for its own. `is_repeat`: the
    platform refused this part as a repeat, and a look also says of which post. `identity` is the account's id, where it
    was asked already.
    `card` is {url, title, description, image: index into media or None}.
    """

    text: str
    languages: tuple[str, ...]
    token: str
    due_at: datetime
    created_at: datetime
    media: tuple[Media, ...] = ()
    warning: str | None = None
    card: Mapping[str, Any] | None = None
    root: Receipt | None = None
    parent: Receipt | None = None
    attempted_at: datetime | None = None
    owned_ids: frozenset[str] = frozenset()
    is_repeat: bool = False
    identity: str | None = None

    @property
    def image_ids(self) -> list[str]:
        """What the platform calls the images, where `upload` gave it as `id`."""
        return [str((media.upload or {})["id"]) for media in self.images]

    @property
    def images(self) -> tuple[Media, ...]:
        """The media that readers see as images: all but the picture of the card."""
        of_card = self.card["image"] if self.card else None
        return tuple(media for position, media in enumerate(self.media) if position != of_card)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A medium is on the platform, not yet seen by anybody; `upload` is JSON and is saved by the caller."""

    upload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """What `accounts check` learns from a server: the Profile with the server's limits, and a few lines for people."""

    profile: Profile
    notes: tuple[str, ...] = ()


class RemotePost(NamedTuple):
    """A post as its platform shows it.

    `texts`: its text, several where links may be read in several ways, none where it is not told. `alts` has one entry
    an image, None where no alt text is told; None where nothing is told of images. `reply_to` is the id that it answers
    to. `made_at`: None where it is not told. `differs`: what else is not as it was sent, in words that follow "out".
    """

    receipt: Receipt
    texts: Collection[str]
    made_at: datetime | None
    alts: Sequence[str | None] | None = None
    reply_to: str | None = None
    language: str | None = None
    is_ours: bool = True
    differs: str = ""


class Stop(Exception):  # noqa: N818 - it is no error: it carries the outcome that a call came to
    """Ends a call with an outcome. `answer` is what it was read from."""

    def __init__(self, outcome: Any, answer: Answer | None = None) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome
        self.answer = answer


def is_whole(outcome: object) -> bool:
    """False for what would be found wrong only when the ledger writes it down."""
    names = getattr(outcome, "__dataclass_fields__", ())
    return all(_WHOLE[name](getattr(outcome, name)) for name in names if name in _WHOLE)


def in_plain_types(outcome: Any) -> Any:
    """The outcome as the ledger can write it down: an adapter may give mappings and instants of another library's types."""
    changed: dict[str, Any] = {}
    for name in getattr(outcome, "__dataclass_fields__", ()):
        value = getattr(outcome, name)
        if isinstance(value, datetime) and type(value) is not datetime:
            changed[name] = datetime.combine(value.date(), value.time(), value.tzinfo)
        elif name in ("extra", "upload") and type(value) is not dict:
            changed[name] = dict(value)
    return replace(outcome, **changed) if changed else outcome


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_instant(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


def _is_json(value: object) -> bool:
    try:
        json.dumps(dict(value))  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return False
    return True


_WHOLE: Mapping[str, Callable[[Any], bool]] = {
    "id": lambda value: _is_text(value) and value != "",
    **dict.fromkeys(("url", "name", "reason", "differs"), _is_text),
    "notes": lambda value: all(map(_is_text, value)),
    "at": _is_instant,
    **dict.fromkeys(("retry_at", "expires_at"), lambda value: value is None or _is_instant(value)),
    "clock_offset": lambda value: value is None or isinstance(value, timedelta),
    **dict.fromkeys(("extra", "upload"), _is_json),
    "profile": lambda value: isinstance(value, Profile),
}
"""What each field of an outcome must be."""
