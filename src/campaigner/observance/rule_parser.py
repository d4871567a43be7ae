"""A rule as the catalogue and campaigns write it, read into the class of its kind."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from ..errors import nearest, shown
from .calendar_rules import LUNAR_NEW_YEAR, NOWRUZ, VESAK, easter, from_table, hebrew, hijri
from .rules import (
    WEEKDAYS,
    Days,
    Rule,
    announced,
    fixed,
    month_end,
    nth_weekday,
    one_date,
    week_containing,
    weekday_near,
    whole_month,
)

Reader = Callable[[str, Any], Any]
HEBREW_MONTHS_OF_29_DAYS = (2, 4, 6, 10, 12, 13)


class RuleError(ValueError):
    """A rule that names no day; `help` says what to write, in words for people."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.help = help


class Kind(NamedTuple):
    """What one kind of rule is made from: the keys that it needs, and those that it takes too.

    `only` are keys that can have one value only: they say for which day there is a table.
    """

    days: Callable[..., Days]
    needs: str = ""
    takes: str = ""
    only: Mapping[str, str] = MappingProxyType({})


def rule_of(value: Mapping[str, Any], first_year: int | None = None) -> Rule:
    """A rule from its mapping; values may be texts. Raises RuleError in words for people."""
    fields = {str(name): written for name, written in value.items()}
    name = str(fields.pop("type", ""))
    kind = KINDS.get(name)
    if kind is None:
        raise RuleError(f"there is no rule type {name or '(none)'}; there is: {', '.join(KINDS)}")
    for key in kind.needs.split():
        if key not in fields:
            raise RuleError(f"the rule {name} lacks `{key}`")
    for key, only in kind.only.items():
        _check_described(key, fields.pop(key, only), only)
    own = {key: _READERS.get(f"{name} {key}") or _READERS[key] for key in f"{kind.needs} {kind.takes}".split()}
    readers = {**own, **_COMMON}
    for key in fields:
        if key not in readers:
            raise _unknown_key(key, name, readers)
    read = {key: readers[key](key, written) for key, written in fields.items()}
    if "overrides" in read or "dates" in read:
        _refuse_other_years({**read.get("dates", {}), **read.get("overrides", {})})
    if "month day" in kind.needs:
        _check_day(name, read["month"], read["day"])
    if read.get("every_years", 1) > 1 and "base_year" not in read:
        raise RuleError("`every_years` needs a `base_year`", "Write a year in which the day is observed.")
    common = {key: read.pop(key) for key in _COMMON if key in read}
    return Rule(kind=name, by_kind=kind.days(**read), first_year=first_year, **common)


def _unknown_key(key: str, kind: str, readers: Mapping[str, Reader]) -> RuleError:
    near = nearest(key, list(readers))
    hint = f"Did you mean `{near}`?" if near else ""
    return RuleError(f"`{shown(key)}` means nothing in the rule {kind}; there is: {', '.join(readers)}", hint)


def _whole(least: int, most: int) -> Reader:
    def read(name: str, value: Any) -> int:
        try:
            number = int(str(value))
        except ValueError as error:
            raise RuleError(f"`{name}` is {shown(repr(value))}, a whole number was wanted") from error
        if not least <= number <= most:
            raise RuleError(f"`{name}` is {number}, a number from {least} to {most} was wanted")
        return number

    return read


def _nth(name: str, value: Any) -> int:
    number = int(_whole(-5, 5)(name, value))
    if number == 0:
        raise RuleError(f"`{name}` is 0, wanted was 1 to 5, or -1 for the last")
    return number


def _weekday(name: str, value: Any) -> str:
    day = str(value).casefold()
    for short, long in zip(WEEKDAYS, calendar.day_name, strict=True):
        if day in (short, long.casefold()):
            return short
    raise RuleError(f"`{name}` is {shown(repr(value))}, a weekday was wanted: {', '.join(WEEKDAYS)}")


def _choice(*choices: str) -> Reader:
    def read(name: str, value: Any) -> str:
        if value not in choices:
            raise RuleError(f"`{name}` is {shown(repr(value))}, wanted was {' or '.join(choices)}")
        return str(value)

    return read


def _check_described(name: str, value: Any, only: str) -> None:
    if str(value).casefold() != only.casefold():
        help_ = "Other days are written as {type: dates, dates: {2027: 2027-02-06}}."
        raise RuleError(f"`{name}` is {shown(repr(str(value)))}, but the table is for {only} alone", help_)


def _by_year(read: Callable[[str, Any], Any], example: str) -> Reader:
    def read_all(name: str, value: Any) -> dict[int, Any]:
        if not isinstance(value, Mapping):
            raise RuleError(f"`{name}` wants values by year, as {example}")
        return {_whole(1, 9999)(name, year): read(name, item) for year, item in value.items()}

    return read_all


def _day(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise RuleError(f"`{name}` holds {shown(repr(str(value)))}, a day was wanted, as 2026-12-18") from error


def _refuse_other_years(dates: Mapping[int, date]) -> None:
    for year, day in dates.items():
        if day.year != year:
            raise RuleError(f"{day} stands under {year}", "Correct the date or the year.")


def _check_day(kind: str, month: int, day: int) -> None:
    if kind == "hebrew" and day == 30 and month in HEBREW_MONTHS_OF_29_DAYS:
        raise RuleError(f"month {month} of the Hebrew calendar has no day 30", "Write a day from 1 to 29.")
    # A leap year: 29 February is a day that some years have.
    last = 30 if kind in ("hebrew", "hijri") else calendar.monthrange(2024, month)[1]
    if not 1 <= day <= last:
        raise RuleError(f"{calendar.month_name[month]} has no day {day}", f"Write a day from 1 to {last}.")


_DATES = _by_year(_day, "{2027: 2027-02-09}")
_READERS: Mapping[str, Reader] = {
    "month": _whole(1, 12),
    "hebrew month": _whole(1, 13),
    # Elsewhere any number: the check of month and day together names the month.
    "day": _whole(-99, 9999),
    "hebrew day": _whole(1, 30),
    "hijri day": _whole(1, 30),
    "weekday": _weekday,
    "n": _nth,
    "direction": _choice("on_or_after", "on_or_before"),
    "week_start": _weekday,
    "every_years": _whole(1, 100),
    "base_year": _whole(1, 9999),
    "on": _day,
    "calendar": _choice("western", "orthodox"),
    "dates": _DATES,
}
"""How the values of each key are read, after the kind of rule where it is that kind's own."""
_COMMON: Mapping[str, Reader] = {
    "duration": _whole(1, 366),
    "offset": _whole(-366, 366),
    "overrides": _DATES,
    "expected": _by_year(_whole(1, 60), "{2027: 7}"),
    "tolerance_days": _whole(0, 60),
}

KINDS: Mapping[str, Kind] = {
    "fixed": Kind(fixed, "month day", "every_years base_year"),
    "one_date": Kind(one_date, "on"),
    "nth_weekday": Kind(nth_weekday, "month weekday n"),
    "weekday_near": Kind(weekday_near, "month day weekday direction"),
    "week_containing": Kind(week_containing, "month day", "week_start"),
    "month": Kind(whole_month, "month"),
    "month_end": Kind(month_end, "month"),
    "easter": Kind(easter, takes="calendar"),
    "dates": Kind(announced, "dates"),
    "hijri": Kind(hijri, "month day"),
    "hebrew": Kind(hebrew, "month day"),
    "full_moon": Kind(partial(from_table, VESAK), only={"on_or_after": "05-01", "tz": "UTC"}),
    "equinox": Kind(partial(from_table, NOWRUZ), only={"which": "march", "tz": "Asia/Tehran", "noon_rule": "true"}),
    "chinese_lunar": Kind(partial(from_table, LUNAR_NEW_YEAR), only={"month": "1", "day": "1"}),
}
