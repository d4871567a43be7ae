"""On which days of a year an observance begins, and the kinds of rule of the civil calendar.

A rule answers with a list: most days fall once a year, Ramadan begins twice in 2030, a five-yearly day is rare.
Where no date is known, that is said (`why_unknown`) and never guessed.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

Status = Literal["fixed", "computed", "expected", "from a table", "unknown"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Occurrence(NamedTuple):
    """The first day of an observance, for how many days, and how sure that is (`tolerance_days` either way)."""

    on: date
    days: int = 1
    status: Status = "fixed"
    tolerance_days: int = 0
    note: str = ""


class Days(NamedTuple):
    """The days of a year by one kind of rule alone (`of`), before anything moves them.

    `why_none` says why a year has none, `length` how many days one lasts at least. `tolerance_days` counts where the rule
    is written without, `unsure` (by year) even where it is written with less. `note`: what an officer must know.
    """

    of: Callable[[int], list[date]]
    status: Status = "computed"
    why_none: Callable[[int], str] = "it does not fall in {}".format
    length: Callable[[date], int] = lambda _day: 1
    tolerance_days: int = 0
    unsure: Callable[[int], int] = lambda _year: 0
    note: str = ""


class Rule(NamedTuple):
    """A rule as written.

    `duration` and `offset` are days. `overrides` are years in which somebody moved the day. A date is only expected
    where a tolerance in days stands: `tolerance_days` for every year, `expected` for single ones.
    """

    kind: str
    by_kind: Days
    duration: int = 1
    offset: int = 0
    overrides: Mapping[int, date] = MappingProxyType({})
    expected: Mapping[int, int] = MappingProxyType({})
    tolerance_days: int | None = None
    first_year: int | None = None

    @property
    def status(self) -> Status:
        return self.by_kind.status

    def occurrences(self, year: int) -> tuple[Occurrence, ...]:
        """The observance's first days that lie in a Gregorian year; empty when it has none, or none is known."""
        if self._why_never(year) is not None:
            return ()
        if year in self.overrides:
            return (Occurrence(on=self.overrides[year], days=self.duration, status="from a table"),)
        shift = timedelta(days=self.offset)
        # A distance of up to 366 days, or the start of a week, can come from two years before or after.
        years = range(year - 2, year + 3) if self.offset else range(year - 1, year + 2)
        days = {day + shift for near in years for day in self.by_kind.of(near)}
        return tuple(self._occurrence(day) for day in sorted(days) if day.year == year)

    def why_unknown(self, year: int) -> str | None:
        """Why there is no date in a year, None when there is one."""
        if self.occurrences(year):
            return None
        return self._why_never(year) or self.by_kind.why_none(year)

    def _why_never(self, year: int) -> str | None:
        if self.first_year is not None and year < self.first_year:
            return f"it is observed since {self.first_year}"
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return f"dates are computed from {FIRST_YEAR} to {LAST_YEAR}"
        return None

    def _occurrence(self, day: date) -> Occurrence:
        usual = self.by_kind.tolerance_days if self.tolerance_days is None else self.tolerance_days
        tolerance = max(self.expected.get(day.year, usual), self.by_kind.unsure(day.year))
        return Occurrence(
            on=day,
            days=max(self.duration, self.by_kind.length(day)),
            status="expected" if tolerance else self.status,
            tolerance_days=tolerance,
            note=self.by_kind.note,
        )


def fixed(month: int, day: int, every_years: int = 1, base_year: int = FIRST_YEAR) -> Days:
    """The same date every year, or every so many years from `base_year`."""

    def is_its_year(year: int) -> bool:
        return every_years == 1 or (year >= base_year and (year - base_year) % every_years == 0)

    def why_none(year: int) -> str:
        if not is_its_year(year):
            return f"it is observed every {every_years} years, counted from {base_year}"
        return f"{year} has no {day} {calendar.month_name[month]}"

    return Days(lambda year: _existing(year, month, day) if is_its_year(year) else [], "fixed", why_none)


def one_date(on: date) -> Days:
    """A single day, in one year only."""
    return Days(
        lambda year: [on] if on.year == year else [], "fixed", lambda _year: f"the only day that is written is {on}"
    )


def nth_weekday(month: int, weekday: str, n: int) -> Days:
    """The nth weekday of a month; n = -1 is the last."""
    wanted = WEEKDAYS.index(weekday)

    def of(year: int) -> list[date]:
        every = [date(year, month, number) for number in range(1, calendar.monthrange(year, month)[1] + 1)]
        days = [day for day in every if day.weekday() == wanted]
        index = n - 1 if n > 0 else n
        return [days[index]] if -len(days) <= index < len(days) else []

    def why_none(year: int) -> str:
        return f"{calendar.month_name[month]} {year} has fewer than {abs(n)} {calendar.day_name[wanted]}s"

    return Days(of, why_none=why_none)


def weekday_near(month: int, day: int, weekday: str, direction: Literal["on_or_after", "on_or_before"]) -> Days:
    """The first such weekday on or after, or the last on or before, a date."""
    step = 1 if direction == "on_or_after" else -1
    wanted = WEEKDAYS.index(weekday)

    def of(year: int) -> list[date]:
        return [
            start + timedelta(days=(wanted - start.weekday()) * step % 7 * step)
            for start in _existing(year, month, day)
        ]

    return Days(of)


def week_containing(month: int, day: int, week_start: str = "mon") -> Days:
    """The week that a date lies in, from its first day. The week of 1 January can begin in the year before."""
    first = WEEKDAYS.index(week_start)

    def of(year: int) -> list[date]:
        return [inside - timedelta(days=(inside.weekday() - first) % 7) for inside in _existing(year, month, day)]

    return Days(of, length=lambda _day: 7)


def whole_month(month: int) -> Days:
    """A whole month."""
    return Days(
        lambda year: [date(year, month, 1)], "fixed", length=lambda day: calendar.monthrange(day.year, month)[1]
    )


def month_end(month: int) -> Days:
    """The last day of a month."""
    return Days(lambda year: [date(year, month, calendar.monthrange(year, month)[1])])


def announced(dates: Mapping[int, date]) -> Days:
    """Dates that somebody announces, year by year."""
    known = ", ".join(map(str, sorted(dates)))
    return Days(
        lambda year: [dates[year]] if year in dates else [],
        "from a table",
        lambda year: f"no date is known for {year}; known are {known}",
    )


def _existing(year: int, month: int, day: int) -> list[date]:
    """The date, or nothing for 29 February of a common year."""
    return [date(year, month, day)] if day <= calendar.monthrange(year, month)[1] else []
