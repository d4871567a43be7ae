"""Campaign, Edition, Message: what an officer wrote about one observance, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from functools import lru_cache
from typing import Annotated, Any

from ..errors import InvalidFilesError, shown
from ..observance.typed import TypedDay
from ..strict_yaml import Mapping as NamesAndValues
from ..strict_yaml import Node, Scalar, Sequence
from .fields import (
    ANY,
    EVERY_YEAR,
    ID,
    Allow,
    AltText,
    Bilingual,
    Captions,
    CompleteText,
    Day,
    Duration,
    Editions,
    File,
    Flag,
    Handles,
    Hashtags,
    Languages,
    LinkByLanguage,
    MessageText,
    Names,
    SpokenLanguages,
    TextByLanguage,
    VariantText,
    VideoAlt,
    WordByLanguage,
    choice,
    id_help,
    read_at,
    read_names,
    read_word_name,
)
from .kinds import INVALID, NONE, Anything, FieldError, Kind, Named, One, Reading, Schema
from .meant import date_in
from .model import Model, Record, kind_of

__all__ = ["ANY", "EVERY_YEAR", "At", "ByLanguage", "Campaign", "CardSpec", "Content", "Edition", "FollowUp"]
__all__ += ["ImageSpec", "Languages", "Message", "Model", "VideoSpec", "in_language"]

ByLanguage = Mapping[str, str]


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


@lru_cache(maxsize=1000)
def _at(value: str) -> At:
    days, clock, zone = read_at(value)
    return At.made({"days": days, "time": clock, "zone": zone})


class _MessageTime(One):
    """An `at`. One with a date in it is said with the distance of that date from the observance, where that is known."""

    def read(self, node: Node, at: Any, reading: Reading) -> Any:
        try:
            return _at(node.value)
        except (FieldError, AttributeError):
            found = date_in(node.value) if type(node) is Scalar and reading.guesses > 0 else None
        if found is None:
            return super().read(node, at, reading)
        reading.guesses -= 1
        day, time = found
        distance = "" if time is None else self._distance(day, reading)
        if time is None:
            help_ = "Write a time, as in at: 08:00, or at: -1d 18:00 for the day before."
        elif distance is None:
            help_ = f"Write at: {time} for the day itself, at: -1d {time} for the day before."
        else:
            help_ = f"Write at: {distance}{time}"
        message = f'"{shown(node.value)}" holds a date, and the day is that of the observance'
        return reading.refuse(at, node, FieldError("at", message, help_))

    def _distance(self, day: TypedDay, reading: Reading) -> str | None:
        """How far the date is from the observance, as `at` has it; None where that can't be told."""
        rule = getattr(reading.observance, "rule", None)
        year = day.year or 2028
        wanted = day.in_year(year)
        if rule is None or wanted is None:
            return None
        firsts = {
            f"{near}-{number}": one.on
            for near in (year - 1, year, year + 1)
            for number, one in enumerate(rule.occurrences(near), start=1)
        } | reading.pinned
        days = min(((wanted - first).days for first in firsts.values()), key=abs, default=1000)
        return None if abs(days) > 366 else f"{days:+}d " if days else ""


AT_SCHEMA = {
    "type": "string",
    "pattern": r"^(([+-]\d{1,3}d|day \d{1,3}) +)?\d{1,2}:\d{2}( +[A-Za-z][\w+/-]*)?$",
    "examples": ["08:00", "-1d 18:00", "day 7 09:00"],
}


ALT_HELP = 'Describe the image for people who cannot see it, in each language; "" only for decoration.'
TEXT_HELP = "Write the text in each language of the campaign."
LANGUAGES_HELP = "Write the languages in their order, as in languages: [en, fi]"
DAY_HELP = "Write which day: a day of the catalogue (campaigner days), or a date as 18 December."


class ImageSpec(
    Model,
    missing={"alt": ALT_HELP},
    wanted=("an image's keys were wanted", "Write - file: and its path, and below it alt: and its languages."),
):
    """An image as written; `file` may still hold braces. `alt` is empty only for decoration."""

    file: File
    alt: AltText
    not_before: Day | None = None
    credit: TextByLanguage | None = None


class VideoSpec(Model, missing={"alt": ALT_HELP}):
    """A video as written, its captions by language as files, or burned in."""

    file: File
    alt: VideoAlt
    captions: Annotated[ByLanguage | str | None, Captions()] = None
    not_before: Day | None = None


class CardSpec(Model):
    """What a link's preview shall show, where the platform wants it written."""

    title: CompleteText
    description: CompleteText | None = None
    image: File | None = None


class FollowUp(
    Model,
    missing={"text": TEXT_HELP},
    wanted=("a part's keys were wanted", "Write - text: and its languages below it."),
):
    """One follow-up of a thread."""

    text: MessageText
    images: tuple[ImageSpec, ...] = ()


class Content(Model):
    """The keys that a variant may change; None means: not written here."""

    text: VariantText | None = None
    hashtags: Hashtags | None = None
    link: LinkByLanguage | None = None
    bilingual: Bilingual = None
    draft: Flag | None = None
    images: tuple[ImageSpec, ...] | None = None
    video: VideoSpec | None = None
    thread: tuple[FollowUp, ...] | None = None
    card: CardSpec | None = None
    warning: CompleteText | None = None
    allow: Allow | None = None


class _Variants(Named):
    """What changes for one or several names, as pairs in the file's order."""

    def __init__(self) -> None:
        # The names are told apart when they are read: a dict takes a tuple as well as a text.
        super().__init__(kind_of(Content), read_names)

    def read(self, node: Node, at: Any, reading: Reading) -> Any:
        found = super().read(node, at, reading)
        return INVALID if found is INVALID else tuple(found.items())


class Message(
    Content,
    given=("id",),
    first=("languages",),
    missing={"at": "Write when on the day it goes out, as in at: 08:00", "text": TEXT_HELP},
    wanted=("a message's keys were wanted", "Write its keys below, indented: at: and text:"),
):
    """What the officer wrote, in its languages. Hashtags are without `#`, by language and `all`."""

    id: str
    at: Annotated[At, _MessageTime(_at, AT_SCHEMA)]
    text: MessageText
    languages: Annotated[tuple[str, ...] | None, SpokenLanguages()] = None
    accounts: Names | None = None
    variants: Annotated[tuple[tuple[tuple[str, ...], Content], ...], _Variants()] = ()
    """Pairs of (account or platform names, what changes for them), in the file's order."""


class _Messages(Kind):
    """Messages by id, as a tuple: those that have no fault. What is wrong inside of one concerns it alone."""

    def __init__(self) -> None:
        self._message = Record(Message)

    def read(self, node: Node, at: Any, reading: Reading) -> Any:
        if type(node) is not NamesAndValues:
            help_ = "Write each message under a name of its own, as in good-morning: and its keys, indented."
            error = FieldError("wrong-kind", "messages by name were wanted", help_)
            return reading.refuse_kind(at, node, error)
        if not node.items:
            error = FieldError("empty-value", "no message stands here", "Write at least one message.")
            return reading.refuse(at, node, error)
        read = [self._one(id, key, value, reading) for id, (key, value) in node.items.items()]
        reading.message, reading.wanted = None, reading.languages
        return tuple(message for message in read if message is not INVALID and message.id not in reading.faulty)

    def _one(self, id: str, key: Any, value: Node, reading: Reading) -> Any:
        reading.message, reading.wanted = id, reading.languages
        if not ID.fullmatch(id):
            error = FieldError("id", f'"{shown(id)}" cannot be the name of a message', id_help(id))
            reading.refuse_name(key, error)
        found = self._message.read(value, key, reading, id=id)
        if found is INVALID:
            reading.faulty.add(id)
        return found

    def schema(self, definitions: Schema) -> Schema:
        message = self._message.schema(definitions)
        ids = {"pattern": "^[a-z0-9-]+$"}
        return {"type": "object", "propertyNames": ids, "additionalProperties": message, "minProperties": 1}


class Edition(Model):
    """The campaign in one year: `words` are what texts use in braces, each by language."""

    words: Annotated[Mapping[str, ByLanguage], Named(kind_of(WordByLanguage), read_word_name)] = NONE
    hashtags: Hashtags | None = None
    link: LinkByLanguage | None = None
    date: Day | None = None


class ObservanceRule(Anything):
    """A text or a rule, and whether it is a day of the catalogue, where that is known."""

    def read(self, node: Node, at: Any, reading: Reading) -> Any:
        if type(node) is Sequence:
            help_ = "Write a day of the catalogue (campaigner days), or a date as 18 December."
            return reading.refuse(at, node, FieldError("wrong-kind", "one day was wanted, a list stands here", help_))
        found = super().read(node, at, reading)
        if found is INVALID:
            # What is broken in it may stand in a message, and be referred to.
            reading.faulty.add(None)
            return INVALID
        try:
            if reading.look_up is not None:
                reading.observance = reading.look_up(found)
        except InvalidFilesError as error:
            return reading.refuse(at, node, FieldError("observance", str(error), error.hint))
        return found

    def schema(self, definitions: Schema) -> Schema:
        return {"anyOf": [{"type": "string"}, {"type": "object"}]}


def _read_format(value: str) -> str:
    if value != "1":
        raise FieldError("format", "this format is not known here", "Write format: 1, or leave it away.")
    return value


class Campaign(
    Model,
    given=("id",),
    written={"title": "campaign"},
    first=("languages", "observance", "editions"),
    missing={
        "campaign": "Write the campaign's title.",
        "observance": DAY_HELP,
        "editions": "Write the years it runs in, as in editions: [2026, 2027]",
        "languages": LANGUAGES_HELP,
        "accounts": "Write account names, platform names, or: all",
    },
    wanted=("a campaign's keys were wanted", "Begin with campaign: and its title."),
):
    """One campaign file. `editions` by label: "2020", "2030-2" or EVERY_YEAR.

    Handles: name -> {name, platform: handle}.
    """

    format: Annotated[str, One(_read_format, {"const": 1})] = "1"
    id: str
    title: CompleteText
    observance: Annotated[str | Mapping[str, Any], ObservanceRule()]
    editions: Annotated[Mapping[str, Edition], Editions(Record(Edition, rest="words"))]
    languages: Annotated[tuple[str, ...], SpokenLanguages()]
    accounts: Names
    hashtags: Hashtags = NONE
    link: LinkByLanguage | None = None
    handles: Handles = NONE
    bilingual: Bilingual = None
    parity: Annotated[str | None, choice("required", none="off")] = None
    late: Duration | None = None
    allow: Allow = NONE
    draft: Flag = False
    messages: Annotated[tuple[Message, ...], _Messages()]
