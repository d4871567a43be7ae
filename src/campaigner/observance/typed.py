"""Days and times of day as people type them: `18.12.`, `10. lokakuuta`, `Oct 10th`, `klo 9.30`, `6 pm`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from typing import NamedTuple

from ..errors import nearest
from .date_format import written_out

LANGUAGES = ("en", "fi", "sv", "nb", "da")
"""Whose months are understood whatever the languages of the accounts are."""
WEEKDAYS = (
    ("monday", "maanantai", "måndag", "mandag"),
    ("tuesday", "tiistai", "tisdag", "tirsdag"),
    ("wednesday", "keskiviikko", "onsdag"),
    ("thursday", "torstai", "torsdag"),
    ("friday", "perjantai", "fredag"),
    ("saturday", "lauantai", "lördag", "lørdag"),
    ("sunday", "sunnuntai", "söndag", "søndag"),
)
LONGEST = 60
_HOURS = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2}))?(?: ?(?P<half>[ap])\.?m\.?)?")
_NUMBERS = re.compile(r"([0-9]{1,2})([./-]) ?([0-9]{1,2})(?:\2(?: ?([0-9]{4})|([0-9]{2}))?)?")
_AS_CODE = re.compile(r"([0-9]{4})([./-]?)([0-9]{1,2})\2([0-9]{1,2})")
_MONTH = r"([^\W\d_]{3,})\.?"
_IN_WORDS = re.compile(
    rf"(?:([0-9]{{1,2}})(?:\.|st|nd|rd|th)? )?{_MONTH}(?: ([0-9]{{1,2}})(?:\.|st|nd|rd|th)?)?(?: ([0-9]{{4}}))?"
)


class TypedDay(NamedTuple):
    """A day of a year that is perhaps not said. `other` is the same read the other way round, where both can be meant."""

    day: int
    month: int
    year: int | None = None
    other: tuple[int, int] | None = None

    def in_year(self, year: int) -> date | None:
        """That day in a year; None where the year has none."""
        return _date(year, self.month, self.day)

    def next_from(self, today: date) -> date | None:
        """The next such day, today included."""
        ahead = (self.in_year(today.year + more) for more in range(9))
        return next((found for found in ahead if found is not None and found >= today), None)


def read_day(text: str, languages: Sequence[str] = ()) -> TypedDay | None:
    """A day and a month, and a year where one stands there; None when it is none. The day of the week is not looked at."""
    words = " ".join(text[:LONGEST].casefold().replace(",", " ").split())
    words = " ".join(word for word in words.split() if word not in ("the", "of", "den", "on") and weekday(word) is None)
    found: TypedDay | None = None
    if code := re.fullmatch(_AS_CODE, words):
        found = TypedDay(int(code[4]), int(code[3]), int(code[1])) if code[2] or len(words) == 8 else None
    elif numbers := re.fullmatch(_NUMBERS, words):
        found = _of_numbers(int(numbers[1]), int(numbers[3]), numbers[4] or numbers[5], numbers[2])
    elif (in_words := re.fullmatch(_IN_WORDS, words)) and bool(in_words[1]) is not bool(in_words[3]):
        number = month(in_words[2], languages)
        year = int(in_words[4]) if in_words[4] else None
        found = TypedDay(int(in_words[1] or in_words[3]), number, year) if number else None
    return found if found and found.in_year(found.year or 2028) else None


def _of_numbers(first: int, second: int, year: str | None, sign: str) -> TypedDay | None:
    """The day first, as here; with a slash the month may stand first, as in America."""
    whole = int(year) + (2000 if len(year) == 2 else 0) if year else None
    if sign == "-" and whole is None:
        return None
    if sign == "/" and second > 12:
        return TypedDay(second, first, whole)
    is_open = sign == "/" and first <= 12 and first != second
    return TypedDay(first, second, whole, (second, first) if is_open else None)


def month(name: str, languages: Sequence[str] = (), *, near: bool = False) -> int | None:
    """The month of that name, or of a beginning of it, in English, Finnish, Swedish, Norwegian, Danish or `languages`.

    `near`: a mistyped one too.
    """
    folded = re.sub(r"kuu(n|ta|ssa|lla)$", "kuu", name.casefold().rstrip("."))
    if len(folded) < 3:
        return None
    names: dict[str, int] = {}
    for language in dict.fromkeys((*LANGUAGES, *languages)):
        for number in range(1, 13):
            words = written_out(date(2028, number, 1), language).casefold().split()
            if any(word.startswith(folded) for word in words):
                return number
            names |= dict.fromkeys(words, number)
    meant = nearest(folded, names, 0.75) if near else None
    return names[meant] if meant else None


def weekday(name: str) -> int | None:
    """The day of the week, 0 for Monday, of a name, of its first two or three letters, or of `sunnuntaina`."""
    for number, names in enumerate(WEEKDAYS):
        if len(name) > 1 and any(name in (one, one + "na", one[:2], one[:3]) for one in names):
            return number
    return None


def clock(text: str) -> time | None:
    """A time of day; None when it is none."""
    if text in _HOURS:
        return _HOURS[text]
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
