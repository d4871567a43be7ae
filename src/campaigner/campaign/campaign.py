"""Campaign, Edition, Message: what an officer wrote about one observance, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, TypeAdapter, WithJsonSchema

from .editions import EVERY_YEAR, read_editions, read_label, read_word_name
from .handles import Handles
from .pictures import read_captions, read_file
from .timing import AT_PATTERN, read_at
from .written import (
    ANY,
    Allow,
    AltByLanguage,
    Day,
    Duration,
    Flag,
    Hashtags,
    Languages,
    LinkByLanguage,
    Names,
    Text,
    TextByLanguage,
    read_choice,
    read_observance,
)

__all__ = ["ANY", "EVERY_YEAR", "At", "ByLanguage", "Campaign", "CardSpec", "Content", "Edition", "FollowUp"]
__all__ += ["ImageSpec", "Message", "Model", "VideoSpec", "in_language"]

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


WrittenAt = Annotated[
    At,
    BeforeValidator(read_at),
    WithJsonSchema({"type": "string", "pattern": AT_PATTERN, "examples": ["08:00", "-1d 18:00", "day 7 09:00"]}),
]
File = Annotated[Text, AfterValidator(read_file), WithJsonSchema({"type": "string"})]
Bilingual = Annotated[Literal["separate", "together"] | None, read_choice("separate", "together")]


class ImageSpec(Model):
    """An image as written; `file` may still hold braces. `alt` is empty only for decoration."""

    file: File
    alt: AltByLanguage
    not_before: Day | None = None
    credit: TextByLanguage | None = None


class VideoSpec(Model):
    """A video as written, its captions by language as files, or burned in."""

    file: File
    alt: TextByLanguage
    captions: Annotated[
        ByLanguage | Literal["burned-in"] | None,
        BeforeValidator(read_captions),
        WithJsonSchema(
            {"anyOf": [{"const": "burned-in"}, {"type": "object", "additionalProperties": {"type": "string"}}]}
        ),
    ] = None
    not_before: Day | None = None


class CardSpec(Model):
    """What a link's preview shall show, where the platform wants it written."""

    title: TextByLanguage
    description: TextByLanguage | None = None
    image: File | None = None


class FollowUp(Model):
    """One follow-up of a thread."""

    text: TextByLanguage
    images: tuple[ImageSpec, ...] = ()


class Content(Model):
    """The keys that a variant may change; None means: not written here."""

    text: TextByLanguage | None = None
    hashtags: Hashtags | None = None
    link: LinkByLanguage | None = None
    bilingual: Bilingual = None
    draft: Flag | None = None
    images: tuple[ImageSpec, ...] | None = None
    video: VideoSpec | None = None
    thread: tuple[FollowUp, ...] | None = None
    card: CardSpec | None = None
    warning: TextByLanguage | None = None
    allow: Allow | None = None


_VARIANTS: TypeAdapter[Mapping[str, Content]] = TypeAdapter(
    Mapping[Annotated[str, AfterValidator(lambda names: ",".join(_NAMES.validate_python(names)))], Content]
)
_NAMES: TypeAdapter[tuple[str, ...]] = TypeAdapter(Names)


def read_variants(value: Any) -> Any:
    """A mapping of one or several names to what changes for them, as pairs in the file's order."""
    if not isinstance(value, Mapping):
        return value
    return tuple((tuple(names.split(",")), content) for names, content in _VARIANTS.validate_python(value).items())


class Message(Content):
    """What the officer wrote, in its languages. Hashtags are without `#`, by language and `all`."""

    id: str
    at: WrittenAt
    text: TextByLanguage
    languages: Languages | None = None
    accounts: Names | None = None
    variants: Annotated[
        tuple[tuple[tuple[str, ...], Content], ...],
        BeforeValidator(read_variants),
        WithJsonSchema({"type": "object"}),
    ] = ()
    """Pairs of (account or platform names, what changes for them), in the file's order."""


class Edition(Model):
    """The campaign in one year: `words` are what texts use in braces, each by language."""

    words: Mapping[Annotated[str, AfterValidator(read_word_name)], TextByLanguage] = {}
    hashtags: Hashtags | None = None
    link: LinkByLanguage | None = None
    date: Day | None = None


class Campaign(Model):
    """One campaign file. `editions` by label: "2020", "2030-2" or EVERY_YEAR.

    Handles: name -> {name, platform: handle}.
    """

    id: str
    title: TextByLanguage
    observance: Annotated[str | Mapping[str, Any], BeforeValidator(read_observance)]
    editions: Annotated[Mapping[Annotated[str, AfterValidator(read_label)], Edition], BeforeValidator(read_editions)]
    languages: Languages
    accounts: Names
    hashtags: Hashtags = {}
    link: LinkByLanguage | None = None
    handles: Handles = {}
    bilingual: Bilingual = None
    parity: Annotated[Literal["required"] | None, read_choice("required", none="off")] = None
    late: Duration | None = None
    allow: Allow = {}
    draft: Flag = False
    messages: tuple[Message, ...]
