"""Observance: the day a campaign is about, read from the forms that officers write."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from ..errors import InvalidFilesError, nearest, shown, slug
from . import search
from .catalogue import LONGEST_NAME, Catalogue, Entry
from .rule_parser import RuleError, rule_of
from .rules import WEEKDAYS, Rule
from .typed import TypedDay, read_day

CIVIL = tuple(calendar.month_name[1:])
ISLAMIC = (
    "Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Thani/Rabi al-Akhir", "Jumada al-Ula/Jumada al-Awwal",
    "Jumada al-Akhira/Jumada al-Thani", "Rajab", "Shaban/Sha'aban", "Ramadan/Ramadhan", "Shawwal",
    "Dhu al-Qidah/Dhul Qadah", "Dhu al-Hijjah/Dhul Hijjah",
)  # fmt: skip
HEBREW = (
    "Nisan", "Iyar/Iyyar", "Sivan", "Tammuz", "Av", "Elul", "Tishri/Tishrei", "Heshvan/Cheshvan", "Kislev", "Tevet",
    "Shevat/Shvat", "Adar", "Adar II",
)  # fmt: skip
"""The months in the spellings that officers use. From Nisan; Adar is the one of Purim, Adar II in a leap year."""
ORDINALS = ("first", "second", "third", "fourth", "fifth")
FORMS = "an id of the catalogue, 18 December, first Monday of October, Easter - 2 days, 1 Ramadan, or a rule"
RULES_PAGE = "docs/reference/observances.md lists the rules and their keys"


class ObservanceError(InvalidFilesError):
    """The value of `observance` names no day; `hint` says what to write."""


class Observance(NamedTuple):
    """A day with its names by language, empty where only a rule was written."""

    rule: Rule
    names: Mapping[str, str] = MappingProxyType({})
    entry: Entry | None = None


def resolve(value: str | Mapping[str, Any], catalogue: Catalogue | None) -> Observance:
    """Read what stands under `observance`. Raises ObservanceError in words for people."""
    if isinstance(value, Mapping):
        return Observance(rule=_rule(value))
    text = " ".join(value.split())
    if len(text) > LONGEST_NAME:
        raise _unknown(text[:LONGEST_NAME], None)
    entry = catalogue.get(text) if catalogue is not None else None
    if entry is not None:
        return Observance(rule=entry.rule, names=entry.names, entry=entry)
    for read in (_date, _month_day, _easter, _other_calendar, _typed_date, _nth_weekday):
        rule = read(text)
        if rule is not None:
            return Observance(rule=_rule(rule))
    raise _unknown(text, catalogue)


def _rule(value: Mapping[str, Any]) -> Rule:
    try:
        return rule_of(value)
    except RuleError as error:
        raise ObservanceError(str(error), hint=error.help or RULES_PAGE) from error


def _date(text: str) -> dict[str, Any] | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return {"type": "one_date", "on": date.fromisoformat(text).isoformat()}
        except ValueError as error:
            raise ObservanceError(f"there is no day {text}", hint="Write year-month-day, as 2026-12-18.") from error
    if found := re.fullmatch(r"(\d{1,2})-(\d{1,2})", text):
        month, day = int(found[1]), int(found[2])
        if month > 12 >= day:
            raise ObservanceError(f"there is no month {month}", hint=f"Month first: did you mean {day:02}-{month:02}?")
        return {"type": "fixed", "month": month, "day": day}
    return None


def _month_day(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\d{1,2})\.? ([^\W\d]+)", text) or re.fullmatch(r"([^\W\d]+) (\d{1,2})", text)
    if found is None:
        return None
    day, name = (found[1], found[2]) if found[1].isdigit() else (found[2], found[1])
    month = _month_number(name, CIVIL)
    if month is not None:
        return {"type": "fixed", "month": month, "day": day}
    if not found[1].isdigit() and _nearest_month(name, CIVIL):
        raise _mistyped("month", name, _nearest_month(name, CIVIL))
    return None


def _nth_weekday(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\w+) (\w+) (?:of|in) (\w+)", text, re.IGNORECASE)
    if found is None:
        return None
    ordinal, weekday, name = found[1].casefold(), found[2].casefold(), found[3]
    weekdays = [day.casefold() for day in calendar.day_name]
    month = _month_number(name, CIVIL)
    if ordinal not in (*ORDINALS, "last"):
        raise _mistyped("ordinal", found[1], nearest(ordinal, (*ORDINALS, "last")))
    if weekday not in weekdays:
        raise _mistyped("weekday", found[2], (nearest(weekday, weekdays) or "").title())
    if month is None:
        raise _mistyped("month", name, _nearest_month(name, CIVIL))
    n = -1 if ordinal == "last" else ORDINALS.index(ordinal) + 1
    return {"type": "nth_weekday", "month": month, "weekday": WEEKDAYS[weekdays.index(weekday)], "n": n}


def _easter(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(orthodox )?easter(?: ?([+\-\u2212\u2013]) ?(\d{1,3}) days?)?", text, re.IGNORECASE)
    if found is None:
        return None
    days = int(found[3] or 0) * (1 if found[2] == "+" else -1)
    return {"type": "easter", "calendar": "orthodox" if found[1] else "western", "offset": days}


def _other_calendar(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\d{1,2})\.? (\D+)", text)
    if found is None:
        return None
    for kind, months in (("hijri", ISLAMIC), ("hebrew", HEBREW)):
        month = _month_number(found[2], months)
        if month is not None:
            return {"type": kind, "month": month, "day": found[1]}
    return None


def _typed_date(text: str) -> None:
    """A date in another form than those: said with the one that means it in every country."""
    found = read_day(text)
    if found is not None:
        what = f"{shown(text)} can be read in two ways" if found.other else f"{shown(text)} is not how a day is written"
        raise ObservanceError(what, hint=_date_meant(found))


def _date_meant(found: TypedDay) -> str:
    def every_year(day: int, month: int) -> str:
        return f"{day} {calendar.month_name[month]}"

    yearly = every_year(found.day, found.month) + (f" or {every_year(*found.other)}" if found.other else "")
    if found.year is None:
        return f"Write {yearly}."
    once = [f"{found.year}-{found.month:02}-{found.day:02}"]
    once += [f"{found.year}-{found.other[1]:02}-{found.other[0]:02}"] if found.other else []
    return f"Write {yearly} for every year, or {' or '.join(once)} for that one year."


def _month_number(name: str, months: Sequence[str]) -> int | None:
    """The month's number in its calendar, None when the name is no month there."""
    wanted = _letters(name)
    found = (number for number, names in enumerate(months, 1) if wanted in map(_letters, names.split("/")))
    return next(found, None)


def _nearest_month(name: str, *calendars: Sequence[str]) -> str | None:
    """The month that a mistyped or shortened name most likely means."""
    spellings = {
        _letters(one): names.partition("/")[0] for all_ in calendars for names in all_ for one in names.split("/")
    }
    typed = _letters(name)
    begun = (spelling for spelling in spellings if len(typed) > 2 and spelling.startswith(typed))
    found = nearest(typed, spellings) or next(begun, None)
    return spellings[found] if found else None


def _letters(name: str) -> str:
    """So that Sha'ban, Shaʿbān and shaban are one."""
    return slug(name).replace("-", "")


def _mistyped(what: str, found: str, meant: str | None) -> ObservanceError:
    hint = f"Did you mean {meant}?" if meant else f"Write {FORMS}."
    return ObservanceError(f"there is no {what} {shown(found)}", hint=hint)


def _unknown(text: str, catalogue: Catalogue | None) -> ObservanceError:
    if found := re.fullmatch(r"\d{1,2}\.? (\D+)", text):
        return _mistyped("month", found[1], _nearest_month(found[1], CIVIL, ISLAMIC, HEBREW))
    near = search.nearest(catalogue, text) if catalogue is not None else None
    hint = f"Did you mean {near}?" if near else f"Write {FORMS}."
    return ObservanceError(f"there is no observance {shown(text)!r}", hint=hint)
