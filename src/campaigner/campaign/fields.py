"""From what stands in a file to what a field holds: texts, languages, times, paths, each refused in plain words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from ..errors import Severity, shown, slug
from ..strict_yaml import LONGEST_TEXT, Node, Scalar, is_empty
from ..strict_yaml import Mapping as NamesAndValues
from ..yaml_hints import BLOCK
from .kinds import INVALID, LONGEST_VALUE, At, FieldError, Kind, Many, Named, One, Reading, Schema, true_or_false
from .languages import canonical, is_country_of, is_language, language_meant, language_name
from .meant import duration_meant, hours_meant, is_offset, time_meant, zone_meant

ANY = "*"
"""The key under which a value stands that was written once for all languages."""
ALL = "all"
"""The key under which hashtags stand that go with every language."""

ID = re.compile(r"[a-z0-9-]+")


# Texts -----------------------------------------------------------------------


def read_text(value: str) -> str:
    """Refuse a text that is empty."""
    if not value.strip():
        raise FieldError("empty-text", "the text is empty: still to be written", BLOCK)
    return value


def read_link(value: str) -> str:
    """A web address."""
    link = read_text(value).strip()
    if not re.fullmatch(r"https?://[^\s/]\S*", link, re.IGNORECASE):
        message = f'"{shown(link)}" is no link'
        raise FieldError("link", message, "Write all of it, as in https://www.example.org/page, without spaces.")
    return link


def read_tag(value: str) -> str:
    """Return one hashtag without its #; letters, marks, digits and _ of any script, as the platforms have it."""
    tag = read_text(value).strip().removeprefix("#").removeprefix("\uff03")
    wrong = next((character for character in tag if not _in_hashtag(character)), None)
    if tag.isdecimal():
        raise FieldError("tag-digits", f"#{shown(tag)} has no letter: no platform makes a link of it", "Add a letter.")
    if tag and wrong is None:
        return tag
    if tags := _listed_in(tag.replace("#", " "), lambda one: all(map(_in_hashtag, one))):
        message = f'several hashtags stand in one text: "{shown(tag)}"'
        raise FieldError("hashtag", message, f"Write them as a list in brackets: {tags}")
    joined = "".join(word[:1].upper() + word[1:] for word in re.split(r"[\s\-#,]+", tag))
    help_ = f"Write {joined}." if joined and all(map(_in_hashtag, joined)) else "Use letters, digits and _ only."
    found = "a space" if wrong and wrong.isspace() else f'"{wrong}"'
    message = f'the hashtag "{shown(tag)}" holds {found}, where platforms end it' if wrong else "the hashtag is empty"
    raise FieldError("hashtag", message, help_)


def _listed_in(text: str, is_one: Callable[[str], object]) -> str:
    """The list in brackets that was meant by values with commas or semicolons between; "" where it is none."""
    values = (
        [value.strip() for value in re.split("[,;]", text.strip("() ")) if value.strip()]
        if len(text) < LONGEST_VALUE
        else []
    )
    return f"[{', '.join(values)}]" if len(values) > 1 and all(map(is_one, values)) else ""


def _in_hashtag(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in "_\u200c\u200d\u00b7\u30fb"


class _Tag(One):
    """A hashtag; what is lost after it was one too."""

    def _lost(self, lost: str) -> FieldError:
        help_ = "Leave the # away, and give each hashtag its own place: [MigrantsDay, WithRefugees]."
        return FieldError("lost-text", f'a bare # starts a comment in YAML: "{shown(lost)}" is lost', help_)


# Languages -------------------------------------------------------------------

_LANGUAGE = re.compile(
    r"([a-z]{2,3})((?:-[a-z]{3}){0,3})(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?"
    r"((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)((?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*)(-x(?:-[a-z0-9]{1,8})+)?"
)
MOST_LANGUAGES = 100


def read_language(value: str) -> str:
    """Return a BCP 47 tag in canonical case."""
    if value.isascii() and _LANGUAGE.fullmatch(value.lower()) and is_language(value):
        return canonical(value)
    rule = "Write its short code (BCP 47), as in en, fi, pt-BR, zh-Hant."
    raise FieldError("language", f'"{shown(value)}" is no language tag', rule, meant=lambda: language_meant(value))


def _check_languages(languages: Sequence[str]) -> None:
    if not languages:
        raise FieldError("empty-value", "no language stands here", "Write at least one, as in [en, fi].")
    if len(languages) > MOST_LANGUAGES:
        raise FieldError("too-many-values", f"more than {MOST_LANGUAGES} languages stand here", "Take some out.")
    _refuse_twins(languages)


def _refuse_twins(values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise FieldError("duplicate-value", f'"{shown(value)}" stands in the list twice', "Delete one of them.")
        seen.add(value)


class SpokenLanguages(Many):
    """The languages of a campaign, or of one of its messages, which has none that the campaign lacks."""

    def __init__(self) -> None:
        super().__init__(One(read_language), single=True, check=_check_languages, at_least=1)

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        found = super().read(node, at, reading)
        if found is INVALID:
            return INVALID
        reading.wanted = found
        if reading.message is None:
            reading.languages, reading.languages_at = found, at.start_mark if at else None
        for language in found:
            if reading.languages and language not in reading.languages:
                help_ = f"The campaign has {', '.join(reading.languages)}."
                message = f'"{language}" is no language of the campaign'
                reading.refuse(at, node, FieldError("unknown-language", message, help_))
        return found


class ByLanguage(Kind):
    """Values by language, or one for all of them, under ANY.

    `complete`: each language that is wanted has to be there; of an `alt` text each or none, with `once` a value without
    a language is that of the only one. `stray`: how grave one is in a language that the campaign does not have.
    """

    def __init__(
        self,
        item: Kind,
        *,
        complete: bool = False,
        alt: bool = False,
        once: bool = False,
        stray: Severity | None = None,
        alone: str = ANY,
    ) -> None:
        self._item, self._complete, self._alt, self._once = item, complete, alt, once
        self._stray, self._alone = stray, alone

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        if type(node) is not NamesAndValues:
            return self._read_one(node, at, reading)
        if not node.items and self._alone == ANY:
            help_ = "Write the text for each language: en: …"
            return reading.refuse(at, node, FieldError("empty-value", "no language stands here", help_))
        found: dict[str, Any] = {}
        blank = {name: key for name, (key, value) in node.items.items() if _is_blank(value)}
        if blank and self._complete:
            help_ = "Write each below its language, further in."
            error = FieldError("empty-text", f"text still to be written: {', '.join(blank)}", help_)
            found = dict.fromkeys(blank, reading.refuse_name(next(iter(blank.values())), error))
        for name, (key, value) in node.items.items():
            if name in found:
                continue
            read = self._item.read(value, key, reading)
            tag = name if name in reading.languages or name == self._alone == ALL else _tag_of(key, reading)
            if tag in found and tag is not INVALID:
                twin = next(other for other in node.items if other.lower() == name.lower())
                message = f'"{name}" and "{twin}" are the same language'
                return reading.refuse(at, node, FieldError("duplicate-key", message, "Keep one of them."))
            found[tag] = read
        if INVALID in found or INVALID in found.values():
            return INVALID
        found = self._settled(found, node, reading)
        self._check(found, node, at, reading)
        return found

    def _settled(self, found: dict[str, Any], node: Any, reading: Reading) -> dict[str, Any]:
        """The values under the codes that the campaign's list has: one language in two spellings is said once."""
        if not reading.languages or set(reading.languages).issuperset(found):
            return found
        settled = dict(found)
        for (key, _), written in zip(node.items.values(), found, strict=True):
            listed = None if written in reading.languages else _other_spelling(written, found, reading)
            if listed is None:
                continue
            settled = {listed if language == written else language: value for language, value in settled.items()}
            if is_country_of(listed, written):
                _correct_the_list(listed, written, reading)
                settled = dict(found)
            else:
                message = f'"{written}" is {language_name(written)}, which the campaign does not have'
                help_ = f"Write {listed}: for {language_name(listed)}, as under languages."
                severity = Severity.ERROR if self._complete else self._stray or Severity.WARNING
                reading.refuse_name(key, FieldError("unknown-language", message, help_), severity)
        return settled

    def _read_one(self, node: Node, at: At, reading: Reading) -> Any:
        found = self._item.read(node, at, reading)
        if found is INVALID:
            return INVALID
        if self._once and len(reading.wanted) == 1:
            return {reading.wanted[0]: found}
        if self._once and reading.wanted:
            message = f"one text stands here for {len(reading.wanted)} languages ({', '.join(reading.wanted)})"
            help_ = f"Write the text under each of them: {reading.wanted[0]}: and so on."
            return reading.refuse(at, node, FieldError("missing-language", message, help_))
        if self._alt and found.strip() and len(reading.wanted) > 1:
            self._say_missing_alt(reading.wanted, at, node, reading)
        return {self._alone: found}

    def _check(self, found: Mapping[str, Any], node: Any, at: At, reading: Reading) -> None:
        if self._stray is not None and reading.languages:
            self._check_strays(found, node, reading)
        if self._alt and any(text.strip() for text in found.values()):
            lacking = [language for language in reading.wanted if not found.get(language, "").strip()]
            if lacking:
                self._say_missing_alt(lacking, at, node, reading)
        elif self._complete and (lacking := [language for language in reading.wanted if language not in found]):
            name = at.value
            fewer = (
                f", or say with languages: [{', '.join(found)}] that the message has fewer" if name == "text" else ""
            )
            message = f'"{name}" is missing in {", ".join(lacking)}'
            reading.refuse(
                at, node, FieldError("missing-language", message, f"Write it in {', '.join(lacking)} too{fewer}.")
            )

    def _check_strays(self, found: Mapping[str, Any], node: Any, reading: Reading) -> None:
        """A value in a language that the campaign does not have is never used."""
        known = (*reading.languages, ALL) if self._alone == ALL else reading.languages
        for (key, _), language in zip(node.items.values(), found, strict=True):
            if language not in known:
                message = f'"{language}" is no language of the campaign: this is never posted'
                error = FieldError("unknown-language", message, f"The campaign has {', '.join(known)}.")
                reading.refuse_name(key, error, self._stray or Severity.WARNING)

    def _say_missing_alt(self, lacking: Iterable[str], at: At, node: Node, reading: Reading) -> None:
        help_ = (
            'Describe the image in each language for people who cannot see it; "" in all of them only for decoration.'
        )
        reading.refuse(at, node, FieldError("missing-alt", f"the alt text is missing in {', '.join(lacking)}", help_))

    def schema(self, definitions: Schema) -> Schema:
        item = self._item.schema(definitions)
        by_language: Schema = {"type": "object", "additionalProperties": item}
        if self._alone == ANY:
            by_language["minProperties"] = 1
        return {"anyOf": [*item.get("anyOf", (item,)), by_language]}


def _is_blank(node: Node) -> bool:
    """True of a block text with nothing in it."""
    return type(node) is Scalar and node.style in ("|", ">") and not node.value.strip()


def _other_spelling(written: str, found: Iterable[str], reading: Reading) -> str | None:
    """The language of the campaign that a value has which no language of it has: `sv` for `se`, `sv-SE`, and for `sv` `se`."""
    for listed in reading.wanted:
        is_same = listed.partition("-")[0] == written.partition("-")[0]
        if listed not in found and (is_same or is_country_of(listed, written) or is_country_of(written, listed)):
            return listed
    return None


def _correct_the_list(listed: str, written: str, reading: Reading) -> None:
    """Say at the campaign's list that the texts have another code, and take theirs from here on: it is one slip."""
    reading.languages = tuple(written if one == listed else one for one in reading.languages)
    reading.wanted = tuple(written if one == listed else one for one in reading.wanted)
    message = f'"{listed}" is {language_name(listed)}, and texts stand under "{written}"'
    error = FieldError("language", message, f"Write {written} for {language_name(written)}, here or there.")
    reading.refuse_outside(reading.languages_at, error)


def _tag_of(key: Any, reading: Reading) -> Any:
    try:
        return read_language(key.value)
    except FieldError as error:
        return reading.refuse_name(key, error)


# Dates and times -------------------------------------------------------------

_DURATION = r"(?:([0-9]{1,4})d\s*)?(?:([0-9]{1,5})h\s*)?(?:([0-9]{1,6})m\s*)?(?:([0-9]{1,7})s)?"
_AT = re.compile(
    r"(?:(?P<sign>[+\-\u2212])(?P<distance>[0-9]{1,3})\s*d\s+|day\s+(?P<day>[0-9]{1,3})\s+)?"
    r"(?P<clock>\S+)(?:\s+(?P<zone>[A-Za-z][\w+\-/]*))?",
    re.IGNORECASE,
)
_AT_FORMS = "Write 08:00, -1d 18:00, +2d 09:00, day 7 09:00, each perhaps with a zone: 11:00 Europe/Zurich."


def read_duration(value: str) -> timedelta:
    """`90m`, `2h`, `1h30m`, `45s`, `1d`."""
    found = re.fullmatch(_DURATION, value.strip().lower())
    if not found or not any(found.groups()):
        message = f'"{shown(value)}" is no length of time'
        help_ = "Write hours and minutes with their letter: 2h, 90m, 1h30m."
        raise FieldError("duration", message, help_, meant=lambda: duration_meant(value))
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_day(value: str) -> date:
    """An ISO date."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
            return date.fromisoformat(value.strip())
        reason = "is no date"
    except ValueError:
        reason = "is a day that does not exist"
    raise FieldError("date", f'"{shown(value)}" {reason}', "Write year-month-day, as in 2027-03-09.")


def read_clock(value: str) -> time | None:
    """Return a wall time `HH:MM`, None when it is none."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", value)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def read_quiet_hours(value: str) -> tuple[time, time]:
    """`22:00-07:00`."""
    start, _, end = value.replace("\u2013", "-").replace(" ", "").partition("-")
    begins, ends = read_clock(start), read_clock(end)
    if begins is None or ends is None or start == end:
        help_, message = "Write from-to, as in 22:00-07:00.", f'"{shown(value)}" are no hours'
        raise FieldError("quiet-hours", message, help_, meant=lambda: hours_meant(value))
    return begins, ends


def read_zone(value: str) -> str:
    """Return the name of a time zone that the zone data know."""
    name = value.strip()
    if _is_zone(name):
        return name
    if is_offset(name):
        help_ = "An offset stays when clocks change: name a place, as in Europe/Helsinki, or write UTC."
        raise FieldError("timezone", f'"{shown(value)}" is an offset, not a time zone', help_)
    help_ = "Name a place, as in Europe/Helsinki, or write UTC."
    raise FieldError("timezone", f'"{shown(value)}" is no time zone', help_, meant=lambda: zone_meant(name))


def _is_zone(name: str) -> bool:
    try:
        return re.fullmatch(r"[A-Za-z][\w+\-/]*", name) is not None and bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


_STRETCH = re.compile(r" *(?P<from>[0-2][0-9]:[0-5][0-9]) ?[-\u2013] ?(?P<to>[0-2][0-9]:[0-5][0-9]) *")


def read_at(value: str) -> tuple[int, time, str | None]:
    """`HH:MM`, `-1d 18:00`, `day 7 09:00`, and perhaps a zone: days from the observance, wall time, zone."""
    found = _AT.fullmatch(value.strip())
    clock = read_clock(found["clock"]) if found else None
    if found is None or clock is None or (found["zone"] or "").casefold() in ("am", "pm"):
        if (stretch := _STRETCH.fullmatch(value)) and stretch["from"] < stretch["to"]:
            message = f'"{value.strip()}" is a stretch of time, and a message goes out at one moment'
            raise FieldError("at", message, f"Write at: {stretch['from']}")
        if is_offset(value):
            read_zone(value)
        raise FieldError("at", f'"{shown(value)}" is no time', _AT_FORMS, meant=lambda: time_meant(value))
    return _days(found), clock, read_zone(found["zone"]) if found["zone"] else None


def _days(found: re.Match[str]) -> int:
    if found["day"]:
        if int(found["day"]) == 0:
            raise FieldError("at", "day 0 does not exist", "day 1 is the day itself; the day before it is -1d.")
        return int(found["day"]) - 1
    distance = int(found["distance"] or 0)
    return distance if found["sign"] == "+" else -distance


# Names, choices --------------------------------------------------------------


def id_help(name: str, ending: str = "") -> str:
    """What to do about a name that is no id: the id that is most like it."""
    meant, rule = slug(name), "small letters a to z, digits and hyphens"
    return f"Write {meant}{ending}: {rule}." if meant else f"Use {rule}, as in migrants-day."


def read_name(value: str) -> str:
    """The name of an account or platform."""
    name = value.strip()
    if not ID.fullmatch(name):
        names = _listed_in(name, ID.fullmatch)
        help_ = f"Write them as a list in brackets: {names}" if names else id_help(name)
        raise FieldError("name", f'"{shown(name)}" cannot be the name of an account or platform', help_)
    return name


def _check_names(names: Sequence[str]) -> None:
    if not names:
        raise FieldError("empty-value", "no account stands here", "Write account names, platform names, or: all")
    _refuse_twins(names)
    if "all" in names and len(names) > 1:
        raise FieldError("accounts", '"all" stands beside other names', "Write all alone, or only the names.")


def read_names(value: str) -> tuple[str, ...]:
    """Several names of accounts or platforms in one text."""
    names = tuple(read_name(name) for name in value.split(","))
    _check_names(names)
    return names


def read_flag(value: str) -> bool:
    """True or false, of a key of the campaign."""
    try:
        return true_or_false(value)
    except FieldError as error:
        raise FieldError("choice", f'"{shown(value)}" is neither true nor false', error.help) from None


def choice(*choices: str, none: str | None = None) -> One:
    """One of a few words, `none` being how people write the default that is no value."""

    def read(value: str) -> str | None:
        if value in choices or value == none:
            return None if value == none else value
        raise FieldError("choice", f'"{shown(value)}" is none of the choices', wanted.help)

    wanted = FieldError("choice", "one word was wanted", f"Write {' or '.join(choices)}.")
    return One(read, {"enum": list(choices)}, wanted=wanted)


def read_handle_name(value: str) -> str:
    """The name that stands in braces after @: `iom` of {@iom}."""
    if not re.fullmatch(r"[^\W_][\w.-]*", value):
        help_ = "Write the name alone, without @, in letters, digits, . _ and -."
        raise FieldError("handle", f'"{shown(value)}" cannot stand in braces', help_)
    return value


_HANDLE_WANTED = FieldError(
    "handle",
    "a name was wanted, and what that is called on each platform",
    'Write it in braces, as in iom: {name: IOM, x: "@UNmigration", mastodon: "@iom@social.example"}',
)


def _check_handle(value: Mapping[str, str]) -> None:
    if "name" not in value:
        help_ = "Write name: and what texts shall say where a platform has no handle for it."
        raise FieldError("handle", "the handle has no name", help_)


# Files -----------------------------------------------------------------------

_CONTROL = r"[\x00-\x1f\x7f]"
BURNED_IN = "burned-in"


def read_file(value: str) -> str:
    """Return a path relative to the campaign file, written with /."""
    read_text(value)
    name = re.split(r"[/\\]", value.rstrip("/\\"))[-1]
    copied = f"Copy it into a folder beside the campaign, and write images/{shown(name)}"
    if re.search(_CONTROL, value):
        message = f'"{shown(re.sub(_CONTROL, "?", value))}" is no path: a backslash was written'
        raise FieldError("backslash", message, "Write folders with /, as in images/speech.jpg.")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:|[a-zA-Z]:(?![/\\])", value):
        raise FieldError("path", f'"{shown(value)}" is an address, not a file beside the campaign', copied)
    if value.startswith(("/", "~", "\\")) or re.match(r"[a-zA-Z]:[/\\]", value):
        raise FieldError("path", f'"{shown(value)}" is not relative to the campaign file', copied)
    if "\\" in value:
        message = f'"{shown(value)}" is no path: a backslash was written'
        raise FieldError("backslash", message, f"Write {shown(value.replace(chr(92), '/'))}")
    return value


def _read_caption(value: str) -> str:
    if not read_file(value).lower().endswith((".srt", ".vtt")):
        raise FieldError("captions", f'"{shown(value)}" is no caption file', "Captions end in .srt or .vtt.")
    return value


class Captions(ByLanguage):
    """`burned-in`, or files by language."""

    def __init__(self) -> None:
        super().__init__(One(_read_caption, is_text=True))

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        if type(node) is NamesAndValues:
            return super().read(node, at, reading)
        if type(node) is Scalar and node.value == BURNED_IN:
            return BURNED_IN
        help_ = f"Write en: speech.en.srt, or: {BURNED_IN}"
        return reading.refuse_kind(at, node, FieldError("captions", "captions are files by language", help_))

    def schema(self, definitions: Schema) -> Schema:
        return {"anyOf": [{"const": BURNED_IN}, *super().schema(definitions)["anyOf"][1:]]}


# Editions --------------------------------------------------------------------

EVERY_YEAR = "every year"
RESERVED = ("hashtags", "link", "name", "date", "today", "year")
"""Words in braces that campaigner fills itself."""
_NO_YEAR = ("empty-value", "no year stands here", "Write the years it runs in, as in [2026, 2027].")


_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}(?:-[2-9])?")


def _all_years(value: str) -> str:
    """Years from one to another, as 2026-2028, each written out."""
    found = re.fullmatch(r"(2[01][0-9]{2}) ?[-–] ?(2[01][0-9]{2})", value)
    years = range(int(found[1]), int(found[2]) + 1) if found else ()
    return ", ".join(map(str, years)) if 1 < len(years) <= 10 else value


def read_label(value: str) -> str:
    """An edition's name."""
    if value != EVERY_YEAR and not _YEAR.fullmatch(value):
        years = _listed_in(_all_years(value), _YEAR.fullmatch)
        help_ = f"Write a year, as in 2026, or: {EVERY_YEAR}. The second time in one year is 2030-2."
        help_ = f"Write them as a list in brackets: {years}" if years else help_
        raise FieldError("edition", f'"{shown(value)}" is no edition', help_)
    return value


def read_word_name(value: str) -> str:
    """The name of a word that texts use in braces."""
    if value in RESERVED:
        raise FieldError("word", f"{{{value}}} is filled by campaigner", "Give your word another name.")
    if not re.fullmatch(r"[^\W\d_][\w-]*", value):
        raise FieldError(
            "word", f'"{shown(value)}" cannot stand in braces', "Use letters, digits, _ and - for its name."
        )
    return value


class Editions(Kind):
    """A list of years, one of them or `every year`, or years with the words that texts use in braces."""

    def __init__(self, edition: Kind) -> None:
        self._edition = edition
        self._labels = Many(One(read_label), single=True, check=self._check_labels)

    def _check_labels(self, labels: Sequence[str]) -> None:
        if not labels:
            raise FieldError(*_NO_YEAR)
        _refuse_twins(labels)

    def read(self, node: Node, at: At, reading: Reading) -> Any:
        nothing = NamesAndValues({}, node.start_mark, node.end_mark)
        if type(node) is not NamesAndValues:
            labels = self._labels.read(node, at, reading)
            return INVALID if labels is INVALID else {label: self._one(label, nothing, at, reading) for label in labels}
        if not node.items:
            return reading.refuse(at, node, FieldError(*_NO_YEAR))
        found: dict[str, Any] = {}
        for name, (key, value) in node.items.items():
            try:
                found[read_label(name)] = self._one(name, nothing if is_empty(value) else value, key, reading)
            except FieldError as error:
                reading.refuse_name(key, error)
                found[name] = INVALID
        return INVALID if INVALID in found.values() else found

    def _one(self, label: str, node: Node, at: At, reading: Reading) -> Any:
        found = self._edition.read(node, at, reading)
        pinned, error = getattr(found, "date", None), None
        if pinned is not None and label == EVERY_YEAR:
            error = FieldError("date", "a date is one year's", "Pin the day under its year, as in 2027: {date: …}.")
        elif pinned is not None and str(pinned.year) != label[:4]:
            error = FieldError("date", f"{pinned} is not in {label[:4]}", "Correct the date or the year.")
        if error is not None:
            key, value = node.items["date"]
            reading.refuse(key, value, error)
        elif pinned is not None:
            reading.pinned[label if "-" in label else f"{label}-1"] = pinned
        return found

    def schema(self, definitions: Schema) -> Schema:
        year = {"type": ["integer", "string"], "pattern": "^(19|20|21)[0-9]{2}(-[2-9])?$"}
        label = {"anyOf": [{"const": EVERY_YEAR}, year]}
        by_year = {
            "type": "object",
            "propertyNames": label,
            "additionalProperties": {"anyOf": [self._edition.schema(definitions), {"type": "null"}]},
            "minProperties": 1,
        }
        return {"anyOf": [label, {"type": "array", "items": label, "minItems": 1}, by_year]}


# What the models are made of -------------------------------------------------

TEXT = One(read_text, is_text=True, longest=LONGEST_TEXT)
Text = Annotated[str, TEXT]
TextByLanguage = Annotated[Mapping[str, str], ByLanguage(TEXT)]
CompleteText = Annotated[Mapping[str, str], ByLanguage(TEXT, complete=True)]
"""In every language of the campaign, or of the message."""
WordByLanguage = Annotated[Mapping[str, str], ByLanguage(TEXT, stray=Severity.WARNING)]
MessageText = Annotated[Mapping[str, str], ByLanguage(TEXT, complete=True, once=True, stray=Severity.ERROR)]
VariantText = Annotated[Mapping[str, str], ByLanguage(TEXT, once=True, stray=Severity.ERROR)]
"""It merges into the message's: none needs to be there, none may be foreign."""
AltText = Annotated[Mapping[str, str], ByLanguage(One(str, is_text=True, longest=LONGEST_TEXT), alt=True)]
VideoAlt = Annotated[Mapping[str, str], ByLanguage(TEXT, alt=True)]
LinkByLanguage = Annotated[Mapping[str, str], ByLanguage(One(read_link), stray=Severity.WARNING)]
_TAGS = Many(_Tag(read_tag, is_text=True), single=True)
Hashtags = Annotated[Mapping[str, tuple[str, ...]], ByLanguage(_TAGS, stray=Severity.WARNING, alone=ALL)]
Languages = Annotated[tuple[str, ...], Many(One(read_language), single=True, check=_check_languages, at_least=1)]
Duration = Annotated[timedelta, One(read_duration, {"type": "string", "examples": ["2h", "90m"]})]
Day = Annotated[date, One(read_day, {"type": "string", "format": "date"})]
Flag = Annotated[bool, One(read_flag, {"type": "boolean"})]
Zone = Annotated[str, One(read_zone, {"type": "string", "examples": ["Europe/Helsinki"]})]
File = Annotated[str, One(read_file)]
Names = Annotated[tuple[str, ...], Many(One(read_name), single=True, comma=True, check=_check_names, at_least=1)]
_NO_REASON = FieldError(
    "allow", "each code that is allowed needs its reason", 'Write it as in camel-case: "our brand name"'
)
Allow = Annotated[Mapping[str, str], Named(One(read_text, is_text=True), wanted=_NO_REASON)]
Handles = Annotated[
    Mapping[str, Mapping[str, str]],
    Named(Named(One(read_text, is_text=True), wanted=_HANDLE_WANTED), read_handle_name, check=_check_handle),
]
Bilingual = Annotated[str | None, choice("separate", "together")]
