"""From what stands in a file to what a field holds: texts, languages, durations, dates, each refused in plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..source import shown
from ..traps import BLOCK

ANY = "*"
"""The key under which a value stands that was written once for all languages."""

ID = re.compile(r"[a-z0-9-]+")
_LANGUAGE = re.compile(
    r"([a-z]{2,3})((?:-[a-z]{3}){0,3})(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?"
    r"((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)((?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*)(-x(?:-[a-z0-9]{1,8})+)?"
)
_DURATION = re.compile(r"(?:([0-9]{1,4})d\s*)?(?:([0-9]{1,5})h\s*)?(?:([0-9]{1,6})m\s*)?(?:([0-9]{1,7})s)?")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LINK = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
MOST_LANGUAGES = 100
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


class CutText(str):  # noqa: SLOT000 - a str takes no slots of its own
    """A text that YAML cut short at ` #`; `lost` is the comment it made of the rest."""

    lost: str = ""


def fault(code: str, message: str, help_: str = "") -> PydanticCustomError:
    """Build the error a validator raises; `code`, message and help reach the person as they are."""
    return PydanticCustomError(code, "{message}", {"message": message, "help": help_})


def read_text(value: Any) -> str:
    """Refuse a text that is cut short, empty or no text at all."""
    text = read_decorative_text(value)
    if not text.strip():
        raise fault("empty-text", "the text is empty: still to be written", BLOCK)
    return text


def read_decorative_text(value: Any) -> str:
    """The same, but it may be empty: the alt text of a decoration."""
    if isinstance(value, CutText):
        message = f'the text ends before " #", for a # after a space starts a comment: "{shown(value.lost)}" is lost'
        raise fault("lost-text", message, BLOCK)
    if isinstance(value, Mapping):
        names = f': "{shown(str(next(iter(value))))}" is taken for a name' if value else ""
        raise fault("quote-needed", f"a text was wanted, a list of names and values stands here{names}", BLOCK)
    if not isinstance(value, str):
        raise fault("quote-needed", "a text was wanted, a list stands here", BLOCK)
    return value


def read_language(value: str) -> str:
    """Return a BCP 47 tag in canonical case."""
    found = _LANGUAGE.fullmatch(value.lower()) if value.isascii() else None
    if value == ANY:
        return value
    if found is None:
        guess = value.replace("_", "-").split(".")[0]
        hint = f'Write "{_canonical(guess)}".' if guess != value and _LANGUAGE.fullmatch(guess.lower()) else ""
        help_ = hint or "Write its short code (BCP 47), as in en, fi, pt-BR, zh-Hant."
        raise fault("language", f'"{shown(value)}" is no language tag', help_)
    return _canonical(value)


def _canonical(tag: str) -> str:
    parts = tag.lower().split("-")
    result = parts[:1]
    for part in parts[1:]:
        if len(result[-1]) == 1 or "x" in result:
            result.append(part)
        elif len(part) == 4 and part.isalpha():
            result.append(part.title())
        else:
            result.append(part.upper() if len(part) == 2 and part.isalpha() else part)
    return "-".join(result)


def read_by_language(value: Any) -> Any:
    """A single text stands for all languages; two spellings of one language are refused."""
    if isinstance(value, str):
        return {ANY: value}
    if isinstance(value, Mapping):
        _refuse_twins(value)
        if not value:
            raise fault("empty-value", "no language stands here", "Write the text for each language: en: …")
    return value


def _refuse_twins(value: Mapping[Any, Any]) -> None:
    seen: dict[str, Any] = {}
    for name in value:
        tag = name.lower() if isinstance(name, str) else name
        if tag in seen:
            raise fault("duplicate-key", f'"{name}" and "{seen[tag]}" are the same language', "Keep one of them.")
        seen[tag] = name


def read_languages(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list | tuple):
        if not value:
            raise fault("empty-value", "no language stands here", "Write at least one, as in [en, fi].")
        if len(value) > MOST_LANGUAGES:
            raise fault("too-many-values", f"more than {MOST_LANGUAGES} languages stand here", "Take some out.")
        _refuse_twins_in_list(value)
    return value


def _refuse_twins_in_list(value: list[Any] | tuple[Any, ...]) -> None:
    texts = [item.lower() for item in value if isinstance(item, str)]
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise fault("duplicate-value", f'"{shown(text)}" stands in the list twice', "Delete one of them.")
        seen.add(text)


def read_tags(value: Any) -> Any:
    """Hashtags: a plain list means all languages."""
    if isinstance(value, str | list | tuple):
        return {"all": value}
    if isinstance(value, Mapping):
        _refuse_twins(value)
    return value


def read_tag_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def read_tag(value: Any) -> str:
    """Return one hashtag without its #; letters, marks, digits and _ of any script, as the platforms have it."""
    if isinstance(value, CutText):
        help_ = "Leave the # away, and give each hashtag its own place: [MigrantsDay, WithRefugees]."
        raise fault("lost-text", f'a bare # starts a comment in YAML: "{shown(value.lost)}" is lost', help_)
    tag = read_text(value).strip().removeprefix("#").removeprefix("\uff03")
    wrong = next((character for character in tag if not _in_hashtag(character)), None)
    if tag and wrong is None:
        return tag
    joined = "".join(word[:1].upper() + word[1:] for word in re.split(r"[\s\-#,]+", tag))
    help_ = f"Write {joined}." if joined and all(map(_in_hashtag, joined)) else "Use letters, digits and _ only."
    found = "a space" if wrong and wrong.isspace() else f'"{wrong}"'
    message = f'the hashtag "{shown(tag)}" holds {found}, where platforms end it' if wrong else "the hashtag is empty"
    raise fault("hashtag", message, help_)


def _in_hashtag(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in "_\u200c\u200d\u00b7\u30fb"


def read_link(value: Any) -> str:
    link = read_text(value).strip()
    if not _LINK.fullmatch(link):
        message = f'"{shown(link)}" is no link'
        raise fault("link", message, "Write all of it, as in https://www.example.org/page, without spaces.")
    return link


def read_duration(value: Any) -> Any:
    """`90m`, `2h`, `1h30m`, `45s`, `1d`."""
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip().lower())
    if not found or not any(found.groups()):
        message = f'"{shown(value)}" is no length of time'
        raise fault("duration", message, "Write hours and minutes with their letter: 2h, 90m, 1h30m.")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_day(value: Any) -> Any:
    """An ISO date."""
    if not isinstance(value, str):
        return value
    try:
        if _DAY.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
        reason = "is no date"
    except ValueError:
        reason = "is a day that does not exist"
    raise fault("date", f'"{shown(value)}" {reason}', "Write year-month-day, as in 2027-03-09.")


def read_clock(value: str) -> time | None:
    """Return a wall time `HH:MM`, None when it is none."""
    found = _CLOCK.fullmatch(value)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def read_flag(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word not in _TRUE + _FALSE:
        raise fault("choice", f'"{shown(value)}" is neither true nor false', "Write true or false.")
    return word in _TRUE


def read_names(value: Any) -> Any:
    """Account or platform names; a single one needs no list."""
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    if isinstance(value, list | tuple):
        if not value:
            raise fault("empty-value", "no account stands here", "Write account names, platform names, or: all")
        _refuse_twins_in_list(value)
        if "all" in value and len(value) > 1:
            raise fault("accounts", '"all" stands beside other names', "Write all alone, or only the names.")
    return value


def read_name(value: Any) -> str:
    name = read_decorative_text(value).strip()
    if not ID.fullmatch(name):
        help_ = "Use small letters a to z, digits and hyphens."
        raise fault("name", f'"{shown(name)}" cannot be the name of an account or platform', help_)
    return name


def read_allow(value: Any) -> Any:
    if isinstance(value, str | list | tuple):
        raise fault(
            "allow", "each code that is allowed needs its reason", 'Write it as in camel-case: "our brand name"'
        )
    return value


def read_observance(value: Any) -> Any:
    """A text or a rule; which day it is, is found where the calendars are known."""
    if not isinstance(value, str | Mapping):
        help_ = "Write a day of the catalogue (campaigner days), or a date as 18 December."
        raise fault("wrong-kind", "one day was wanted, a list stands here", help_)
    return value


def read_choice(*choices: str, none: str | None = None) -> BeforeValidator:
    """A validator for one of a few words, `none` being how people write the default that is no value."""

    def check(value: Any) -> Any:
        if value is None or value in choices:
            return value
        if none is not None and value == none:
            return None
        found = f'"{shown(value)}" is none of the choices' if isinstance(value, str) else "one word was wanted"
        raise fault("choice", found, f"Write {' or '.join(choices)}.")

    return BeforeValidator(check)


_TEXT_SCHEMA = {"type": "string"}
Text = Annotated[str, BeforeValidator(read_text)]
DecorativeText = Annotated[str, BeforeValidator(read_decorative_text)]
Language = Annotated[str, AfterValidator(read_language)]
Languages = Annotated[
    tuple[Language, ...],
    BeforeValidator(read_languages),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
_BY_LANGUAGE_SCHEMA = {
    "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}]
}
TextByLanguage = Annotated[
    Mapping[Language, Text], BeforeValidator(read_by_language), WithJsonSchema(_BY_LANGUAGE_SCHEMA)
]
AltByLanguage = Annotated[
    Mapping[Language, DecorativeText], BeforeValidator(read_by_language), WithJsonSchema(_BY_LANGUAGE_SCHEMA)
]
LinkByLanguage = Annotated[
    Mapping[Language, Annotated[str, BeforeValidator(read_link)]],
    BeforeValidator(read_by_language),
    WithJsonSchema(_BY_LANGUAGE_SCHEMA),
]
_TAGS_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Hashtags = Annotated[
    Mapping[
        Language,
        Annotated[tuple[Annotated[str, BeforeValidator(read_tag)], ...], BeforeValidator(read_tag_list)],
    ],
    BeforeValidator(read_tags),
    WithJsonSchema({"anyOf": [*_TAGS_SCHEMA["anyOf"], {"type": "object", "additionalProperties": _TAGS_SCHEMA}]}),
]
Duration = Annotated[
    timedelta, BeforeValidator(read_duration), WithJsonSchema({"type": "string", "examples": ["2h", "90m"]})
]
Day = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
Flag = Annotated[bool, BeforeValidator(read_flag), WithJsonSchema({"type": "boolean"})]
Name = Annotated[str, BeforeValidator(read_name)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(read_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
Allow = Annotated[Mapping[str, Text], BeforeValidator(read_allow)]
