"""Campaign, Edition, Message: what an officer wrote about one observance, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

EVERY_YEAR = "every year"
ANY = "*"
"""The key under which a value stands that was written once for all languages."""

ByLanguage = Mapping[str, str]


class Model(BaseModel):
    """Frozen, and strict about keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def in_language(values: ByLanguage | None, language: str) -> str | None:
    """Return the value for `language`, else the one written for all, else None."""
    if values is None:
        return None
    return values.get(language, values.get(ANY))


class At(Model):
    """When on which day: `days` from the observance's first day, a wall time, and a zone if one was written."""

    days: int = 0
    time: time
    zone: str | None = None


class ImageSpec(Model):
    """An image as written; `file` may still hold braces. `alt` is empty only for decoration."""

    file: str
    alt: ByLanguage
    not_before: date | None = None
    credit: ByLanguage | None = None


class VideoSpec(Model):
    file: str
    alt: ByLanguage
    captions: ByLanguage | Literal["burned-in"] | None = None
    not_before: date | None = None


class CardSpec(Model):
    title: ByLanguage
    description: ByLanguage | None = None
    image: str | None = None


class FollowUp(Model):
    """One follow-up of a thread."""

    text: ByLanguage
    images: tuple[ImageSpec, ...] = ()


class Content(Model):
    """The keys that a variant may change; None means: not written here."""

    text: ByLanguage | None = None
    hashtags: Mapping[str, tuple[str, ...]] | None = None
    link: ByLanguage | None = None
    bilingual: Literal["separate", "together"] | None = None
    draft: bool | None = None
    images: tuple[ImageSpec, ...] | None = None
    video: VideoSpec | None = None
    thread: tuple[FollowUp, ...] | None = None
    card: CardSpec | None = None
    warning: ByLanguage | None = None
    allow: Mapping[str, str] | None = None


class Message(Content):
    """What the officer wrote, in its languages. Hashtags are without `#`, by language and `all`."""

    id: str
    at: At
    text: ByLanguage
    languages: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    variants: tuple[tuple[tuple[str, ...], Content], ...] = ()
    """Pairs of (account or platform names, what changes for them), in the file's order."""


class Edition(Model):
    """The campaign in one year: `words` are what texts use in braces, each by language."""

    words: Mapping[str, ByLanguage] = {}
    hashtags: Mapping[str, tuple[str, ...]] | None = None
    link: ByLanguage | None = None
    date: date | None = None


class Campaign(Model):
    """One campaign file. `editions` by label: "2020", "2030-2" or EVERY_YEAR. Handles: name -> {name, platform: handle}."""

    id: str
    title: ByLanguage
    observance: str | Mapping[str, Any]
    editions: Mapping[str, Edition]
    languages: tuple[str, ...]
    accounts: tuple[str, ...]
    hashtags: Mapping[str, tuple[str, ...]] = {}
    link: ByLanguage | None = None
    handles: Mapping[str, Mapping[str, str]] = {}
    bilingual: Literal["separate", "together"] | None = None
    parity: Literal["required"] | None = None
    late: timedelta | None = None
    allow: Mapping[str, str] = {}
    draft: bool = False
    messages: tuple[Message, ...]
