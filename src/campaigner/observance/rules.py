"""One small class per kind of rule: on which days of a year an observance begins. The two most common stand here.

A rule answers with a list: most days fall once a year, Ramadan begins twice in 2030, a five-yearly day is rare.
Where no date is known, that is said (`why_unknown`) and never guessed.
"""

from __future__ import annotations

import calendar
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import ClassVar, Literal, NamedTuple

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(ABC):
    """What all kinds share.

    `duration` and `offset` are days. `overrides` are years in which somebody moved the day. A date is only expected
    where a tolerance in days stands: `tolerance_days` for every year, `expected` for single ones.
    """

    duration: int = 1
    offset: int = 0
    overrides: Mapping[int, date] = field(default_factory=dict)
    expected: Mapping[int, int] = field(default_factory=dict)
    tolerance_days: int = 0
    first_year: int | None = None
    status: ClassVar[Status] = "computed"

    def occurrences(self, year: int) -> tuple[Occurrence, ...]:
        """The observance's first days that lie in a Gregorian year; empty when it has none, or none is known."""
        if self._why_never(year) is not None:
            return ()
        if year in self.overrides:
            return (Occurrence(on=self.overrides[year], days=self.duration, status="from a table"),)
        shift = timedelta(days=self.offset)
        # A distance of up to 366 days, or the start of a week, can come from two years before or after.
        years = range(year - 2, year + 3) if self.offset else range(year - 1, year + 2)
        days = {day + shift for near in years for day in self._days(near)}
        return tuple(self._occurrence(day) for day in sorted(days) if day.year == year)

    def why_unknown(self, year: int) -> str | None:
        """Why there is no date in a year, None when there is one."""
        if self.occurrences(year):
            return None
        return self._why_never(year) or self._why_none(year)

    def _why_never(self, year: int) -> str | None:
        if self.first_year is not None and year < self.first_year:
            return f"it is observed since {self.first_year}"
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return f"dates are computed from {FIRST_YEAR} to {LAST_YEAR}"
        return None

    @abstractmethod
    def _days(self, year: int) -> list[date]:
        """The days by the rule alone, before they are shifted."""

    def _why_none(self, year: int) -> str:
        return f"it does not fall in {year}"

    def _occurrence(self, day: date) -> Occurrence:
        tolerance = self._tolerance(day)
        return Occurrence(
            on=day,
            days=self._length(day),
            status="expected" if tolerance else self.status,
            tolerance_days=tolerance,
            note=self._note(),
        )

    def _tolerance(self, day: date) -> int:
        return self.expected.get(day.year, self.tolerance_days)

    def _length(self, day: date) -> int:
        return self.duration

    def _note(self) -> str:
        """What an officer must know of every such day."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Rule):
    """The same date every year, or every so many years from `base_year`."""

    month: int
    day: int
    every_years: int = 1
    base_year: int = FIRST_YEAR
    status: ClassVar[Status] = "fixed"

    def _days(self, year: int) -> list[date]:
        return existing(year, self.month, self.day) if self._is_its_year(year) else []

    def _is_its_year(self, year: int) -> bool:
        return self.every_years == 1 or (year >= self.base_year and (year - self.base_year) % self.every_years == 0)

    def _why_none(self, year: int) -> str:
        if not self._is_its_year(year):
            return f"it is observed every {self.every_years} years, counted from {self.base_year}"
        return f"{year} has no {self.day} {calendar.month_name[self.month]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDate(Rule):
    """A single day, in one year only."""

    on: date
    status: ClassVar[Status] = "fixed"

    def _days(self, year: int) -> list[date]:
        return [self.on] if self.on.year == year else []

    def _why_none(self, year: int) -> str:
        return f"the only day that is written is {self.on}"


def existing(year: int, month: int, day: int) -> list[date]:
    """The date, or nothing for 29 February of a common year."""
    return [date(year, month, day)] if day <= calendar.monthrange(year, month)[1] else []
