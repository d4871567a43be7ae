"""The numbers, dates and times of a text, whatever a language writes them like, to compare a text with its siblings.

Every number is given all the meanings that it may have: 1.000 is a thousand or one, 18.12 a day, a time or a price,
17 may be five in the afternoon. Two texts differ where no meaning of a number is found in the other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ..errors import is_latin_1
from .graphemes import pattern
from .number_formats import ZONE_PATTERN, months_of, number_pattern, without_entities

Kind = Literal["number", "date", "time"]
Meaning = tuple[str | float, ...]
_SMALL = 12
_HALF_DAY = 720
_OWN_CALENDARS = frozenset({"am", "dz", "fa", "ne", "ps", "th", "ti"})
"""Languages that may count days and years otherwise: 2569 in Thai is 2026."""
_NEWEST_YEAR = 2800
_SEPARATORS = str.maketrans(
    {"٬": "’", "٫": ",", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "：": ":", "．": ".", "，": ",", "'": "’"}
)


class Written(NamedTuple):
    """A number as it is written, what it may mean (`offers`), and what in another text agrees with it (`wants`).

    `is_telling`: it would not be left out or written in words elsewhere, as small numbers are.
    """

    text: str
    kind: Kind
    offers: frozenset[Meaning]
    wants: frozenset[Meaning]
    is_telling: bool = True


def plainly_agree(first: str, second: str, languages: tuple[str, str]) -> bool:
    """True for the many pairs that hold the same digits in the same order, and no date: found quickly."""
    digits = _digits(first)
    if digits != _digits(second):
        return False
    if not any(len(group) <= 2 for group in digits):
        return True
    folded = (first.casefold(), second.casefold())
    return not any(month in text for text, tag in zip(folded, languages, strict=True) for month in months_of(tag))


_LONGEST = 40
"""Digits of a number that says how many or how much; Python reads none of thousands."""


def numbers_in(text: str, language: str) -> tuple[Written, ...]:
    """Every number of a text, each once; those in hashtags, mentions, links, braces and names (COVID-19) are none."""
    if not any(map(str.isdigit, text)):
        return ()
    text, primary = _western(without_entities(text)), language.split("-", maxsplit=1)[0]
    has_zone = ZONE_PATTERN.search(text) is not None
    found: dict[str, Written] = {}
    for match in number_pattern(language).finditer(text):
        for written in _read(match, language):
            if (has_zone and written.kind == "time") or (primary in _OWN_CALENDARS and _is_calendar_like(written)):
                written = written._replace(is_telling=False)  # noqa: PLW2901 - the same number, read by its surroundings
            found.setdefault(written.text, written)
    return tuple(found.values())


def differing(first: tuple[Written, ...], second: tuple[Written, ...]) -> tuple[Written, Written] | None:
    """A number of each text that the other lacks, both of one kind; None where one text only has fewer."""
    in_first = frozenset(meaning for written in first for meaning in written.offers)
    in_second = frozenset(meaning for written in second for meaning in written.offers)
    alone_first, alone_second = _alone(first, in_second), _alone(second, in_first)
    for kind, here in alone_first.items():
        if kind in alone_second:
            return here, alone_second[kind]
    return None


def _alone(numbers: tuple[Written, ...], elsewhere: frozenset[Meaning]) -> dict[Kind, Written]:
    """The first number of each kind that nothing elsewhere agrees with."""
    found: dict[Kind, Written] = {}
    for written in numbers:
        if written.is_telling and written.wants.isdisjoint(elsewhere):
            found.setdefault(written.kind, written)
    return found


def _digits(text: str) -> list[str]:
    # To ask Unicode about each letter takes three times as long.
    digits = _WESTERN_DIGITS if is_latin_1(text) else _ANY_DIGITS
    found = digits.findall(text)
    return found if len(found) < 2 else digits.findall(_GROUPING.sub("", text))


def _western(text: str) -> str:
    """The text with the digits of every script as 0 to 9, and separators as Europeans write them."""
    if _OTHER_DIGIT.search(text):
        text = "".join(str(unicodedata.digit(sign)) if sign > "9" and sign.isdecimal() else sign for sign in text)
    return text.translate(_SEPARATORS)


def _read(match: re.Match[str], language: str) -> Iterator[Written]:
    runs = re.findall(r"\d+", match[0])
    if any(len(digits) > _LONGEST for digits in runs):
        return
    text, values = match[0].strip(" ,"), [int(digits) for digits in runs]
    match match.lastgroup:
        case "name":
            return
        case "dated":
            yield from _date(text, values, language)
        case "half_day":
            yield _time(text, [values[0] % 12 + (12 if "p" in text.lower() else 0), *values[1:]])
        case "clock":
            yield _time(text, values)
        case "scaled":
            digits = _significant(text)
            yield _written(text, "number", {("scaled", digits)}, {("plain", digits)})
        case _:
            yield _amount(text, values)


def _date(text: str, values: list[int], language: str) -> Iterator[Written]:
    """A date, its year as a number of its own."""
    years = [value for value in values if value > 31]
    small = [value for value in values if 0 < value <= 31]
    yield from (_amount(str(year), [year]) for year in years)
    days = _days(text, small, language)
    if not days:
        yield from (_amount(str(value), [value]) for value in small)
        return
    own: set[Meaning] = {("date", *day) for day in days}
    if len(small) == 2 and not years and "/" not in text:
        own |= _values(text.rstrip(".")) | _clock(small)
    inside: set[Meaning] = {("day", float(value)) for value in small}
    alone: set[Meaning] = {("value", float(value)) for value in small}
    # "the 18th" may be all that the other language says; of two dates the months count too.
    yield Written(text, "date", frozenset(own | inside), frozenset(own | alone))


def _days(text: str, small: list[int], language: str) -> set[tuple[int, int]]:
    """Month and day, in every way that the numbers can be read."""
    folded = text.casefold()
    named = [number for number, name in enumerate(months_of(language), start=1) if name in folded]
    if named:
        return {(named[0], value) for value in small}
    if len(small) != 2:
        return set()
    pairs = [(small[0], small[1])]
    if re.fullmatch(r"[\d./ ]+", text):
        pairs.append((small[1], small[0]))
    return {(month, day) for month, day in pairs if month <= 12}


def _time(text: str, values: list[int]) -> Written:
    """A time of day, before noon and after it alike: 5.30 may be in the afternoon."""
    meanings = _clock(values)
    if not meanings:
        return _amount(text, values)
    alone: set[Meaning] = {("value", float(values[0]))} if len(values) == 1 else set()
    return _written(text, "time", meanings | alone, alone)


def _amount(text: str, values: list[int]) -> Written:
    """A plain number, which may be a time, a day, or the digits of one written with a word for millions."""
    digits = _significant(text)
    meanings = _values(text)
    clock = _clock(values) if len(values) == 1 or re.fullmatch(r"\d{1,2}\.\d\d", text) else set()
    dates: set[Meaning] = set()
    if len(values) == 2 and "." in text:
        dates = {("date", month, day) for day, month in (values, values[::-1]) if 0 < month <= 12 and 0 < day <= 31}
    is_small = len(values) == 1 and values[0] <= _SMALL
    return Written(
        text,
        "time" if clock and len(values) == 2 else "number",
        frozenset({*meanings, *clock, *dates, ("plain", digits)}),
        frozenset({*meanings, *clock, *dates, ("scaled", digits), *(("day", value) for _, value in meanings)}),
        is_telling=not is_small,
    )


def _written(text: str, kind: Kind, meanings: set[Meaning], more_wants: set[Meaning]) -> Written:
    return Written(text, kind, frozenset(meanings), frozenset(meanings | more_wants))


def _clock(values: list[int]) -> set[Meaning]:
    """The minute of the half day, when these can be hours and minutes."""
    hour, minute = (*values, 0)[:2]
    return {("time", (hour * 60 + minute) % _HALF_DAY)} if hour <= 24 and minute < 60 else set()


def _values(text: str) -> set[Meaning]:
    """What a number with points, commas and spaces may be: 1.000 is a thousand or one."""
    text = re.sub(r"[^\d.,]", "", text)
    marks = re.findall(r"[.,]", text)
    whole = float(re.sub(r"[.,]", "", text))
    if not marks:
        return {("value", whole)}
    before, _, after = text.rpartition(marks[-1])
    decimal = float(f"{re.sub('[.,]', '', before)}.{after}")
    if len(set(marks)) > 1:
        return {("value", decimal)}
    if len(marks) > 1:
        return {("value", whole)}
    return {("value", decimal), ("value", whole)} if len(after) == 3 else {("value", decimal)}


def _significant(text: str) -> str:
    """The digits without the zeros at either end: what 1,200 millones and 1.2 billion have in common."""
    return re.sub(r"\D", "", text).strip("0") or "0"


def _is_calendar_like(written: Written) -> bool:
    """Whether a number may be a day or a year."""
    return written.kind == "date" or any(
        meaning[0] == "value" and (meaning[1] <= 32 or 1300 <= meaning[1] < _NEWEST_YEAR)  # type: ignore[operator]
        for meaning in written.offers
    )


_WESTERN_DIGITS = pattern("[0-9]+")
_ANY_DIGITS = pattern(r"\d+")
_GROUPING = pattern("[ ,.’'٬\u00a0\u202f](?<=\\d.)(?=\\d{3}(?!\\d))")
_OTHER_DIGIT = pattern(r"[^\D0-9]")
