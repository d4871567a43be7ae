"""Observance: the day a campaign is about, read from the forms that officers write."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..errors import InvalidFilesError
from .catalogue import Catalogue, Entry
from .rules import WEEKDAYS, Rule, rule_of

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
ISLAMIC_MONTHS = {
    "muharram": 1, "safar": 2, "rabi al-awwal": 3, "rabi al-thani": 4, "jumada al-ula": 5, "jumada al-akhira": 6,
    "rajab": 7, "shaban": 8, "ramadan": 9, "shawwal": 10, "dhu al-qidah": 11, "dhu al-hijjah": 12,
}  # fmt: skip
HEBREW_MONTHS = {
    "nisan": 1, "iyar": 2, "sivan": 3, "tammuz": 4, "av": 5, "elul": 6, "tishri": 7, "heshvan": 8, "kislev": 9,
    "tevet": 10, "shevat": 11, "adar": 12, "adar ii": 13,
}  # fmt: skip
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
LONG_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FORMS = "an id of the catalogue, 18 December, first Monday of October, Easter - 2 days, 1 Ramadan, or a rule"


class ObservanceError(InvalidFilesError):
    """The value of `observance` names no day; `hint` says what to write."""


@dataclass(frozen=True, slots=True)
class Observance:
    """A day with its names by language, empty where only a rule was written."""

    rule: Rule
    names: Mapping[str, str] = field(default_factory=dict)
    entry: Entry | None = None


def resolve(value: str | Mapping[str, Any], catalogue: Catalogue | None) -> Observance:
    """Read what stands under `observance`. Raises ObservanceError in words for people."""
    if isinstance(value, Mapping):
        return Observance(_rule(value))
    text = " ".join(value.split())
    entry = catalogue.get(text) if catalogue is not None else None
    if entry is not None:
        return Observance(entry.rule, entry.names, entry)
    for read in (_date, _month_day, _nth_weekday, _easter, _other_calendar):
        rule = read(text)
        if rule is not None:
            return Observance(_rule(rule))
    raise _unknown(text, catalogue)


def _rule(value: Mapping[str, Any]) -> Rule:
    try:
        return rule_of(value)
    except ValueError as error:
        raise ObservanceError(
            str(error), hint="docs/reference/observances.md lists the rules and their keys"
        ) from error


def _date(text: str) -> dict[str, Any] | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return {"type": "one_date", "on": date.fromisoformat(text).isoformat()}
        except ValueError as error:
            raise ObservanceError(f"there is no day {text}", hint="write year-month-day, as 2026-12-18") from error
    if found := re.fullmatch(r"(\d{1,2})-(\d{1,2})", text):
        return {"type": "fixed", "month": found[1], "day": found[2]}
    return None


def _month_day(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\d{1,2})\.? ([^\W\d]+)", text) or re.fullmatch(r"([^\W\d]+) (\d{1,2})", text)
    if found is None:
        return None
    day, month = (found[1], found[2]) if found[1].isdigit() else (found[2], found[1])
    number = _month_number(month)
    if number is None:
        return None
    return {"type": "fixed", "month": number, "day": day}


def _nth_weekday(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\w+) (\w+) (?:of|in) (\w+)", text, re.IGNORECASE)
    if found is None:
        return None
    ordinal, weekday, month = (part.casefold() for part in found.groups())
    if ordinal not in ORDINALS:
        raise _mistyped("ordinal", ordinal, ORDINALS)
    if weekday not in LONG_WEEKDAYS:
        raise _mistyped("weekday", weekday, LONG_WEEKDAYS)
    if month not in MONTHS:
        raise _mistyped("month", month, MONTHS)
    return {
        "type": "nth_weekday",
        "month": MONTHS.index(month) + 1,
        "weekday": WEEKDAYS[LONG_WEEKDAYS.index(weekday)],
        "n": ORDINALS[ordinal],
    }


def _easter(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(orthodox )?easter(?: ?([+-\u2212]) ?(\d{1,3}) days?)?", text, re.IGNORECASE)
    if found is None:
        return None
    days = int(found[3] or 0) * (1 if found[2] == "+" else -1)
    return {"type": "easter", "calendar": "orthodox" if found[1] else "western", "offset": days}


def _other_calendar(text: str) -> dict[str, Any] | None:
    found = re.fullmatch(r"(\d{1,2}) (.+)", text)
    if found is None:
        return None
    month = found[2].casefold()
    for kind, months in (("hijri", ISLAMIC_MONTHS), ("hebrew", HEBREW_MONTHS)):
        if month in months:
            return {"type": kind, "month": months[month], "day": found[1]}
    raise _mistyped("month", found[2], [*MONTHS, *ISLAMIC_MONTHS, *HEBREW_MONTHS])


def _month_number(name: str) -> int | None:
    folded = name.casefold()
    return next((number for number, month in enumerate(MONTHS, 1) if month == folded), None)


def _mistyped(what: str, found: str, known: Mapping[str, Any] | list[str] | tuple[str, ...]) -> ObservanceError:
    near = difflib.get_close_matches(found.casefold(), list(known), 1, 0.6)
    hint = f"Did you mean {near[0].title()}?" if near else f"Write {FORMS}."
    return ObservanceError(f"there is no {what} {found}", hint=hint)


def _unknown(text: str, catalogue: Catalogue | None) -> ObservanceError:
    near = catalogue.nearest(text) if catalogue is not None else None
    hint = f"Did you mean {near}?" if near else f"Write {FORMS}."
    return ObservanceError(f"there is no observance {text!r}", hint=hint)
