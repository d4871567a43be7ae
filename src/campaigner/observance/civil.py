"""Rules of the civil calendar that fewer days follow: by weekday, by month, or by what somebody announces."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Literal

from .rules import WEEKDAYS, Rule, Status, existing


@dataclass(frozen=True, slots=True, kw_only=True)
class NthWeekday(Rule):
    """The nth weekday of a month; n = -1 is the last."""

    month: int
    weekday: str
    n: int

    def _days(self, year: int) -> list[date]:
        wanted = WEEKDAYS.index(self.weekday)
        last = calendar.monthrange(year, self.month)[1]
        days = [day for number in range(1, last + 1) if (day := date(year, self.month, number)).weekday() == wanted]
        index = self.n - 1 if self.n > 0 else self.n
        return [days[index]] if -len(days) <= index < len(days) else []

    def _why_none(self, year: int) -> str:
        weekday = calendar.day_name[WEEKDAYS.index(self.weekday)]
        return f"{calendar.month_name[self.month]} {year} has fewer than {abs(self.n)} {weekday}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayNear(Rule):
    """The first such weekday on or after, or the last on or before, a date."""

    month: int
    day: int
    weekday: str
    direction: Literal["on_or_after", "on_or_before"]

    def _days(self, year: int) -> list[date]:
        step = 1 if self.direction == "on_or_after" else -1
        wanted = WEEKDAYS.index(self.weekday)
        return [
            start + timedelta(days=(wanted - start.weekday()) * step % 7 * step)
            for start in existing(year, self.month, self.day)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekContaining(Rule):
    """The week that a date lies in, from its first day. The week of 1 January can begin in the year before."""

    month: int
    day: int
    week_start: str = "mon"

    def _days(self, year: int) -> list[date]:
        first = WEEKDAYS.index(self.week_start)
        return [
            inside - timedelta(days=(inside.weekday() - first) % 7) for inside in existing(year, self.month, self.day)
        ]

    def _length(self, day: date) -> int:
        return max(self.duration, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month(Rule):
    """A whole month."""

    month: int
    status: ClassVar[Status] = "fixed"

    def _days(self, year: int) -> list[date]:
        return [date(year, self.month, 1)]

    def _length(self, day: date) -> int:
        return calendar.monthrange(day.year, self.month)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthEnd(Rule):
    """The last day of a month."""

    month: int

    def _days(self, year: int) -> list[date]:
        return [date(year, self.month, calendar.monthrange(year, self.month)[1])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates(Rule):
    """Dates that somebody announces, year by year."""

    dates: Mapping[int, date]
    status: ClassVar[Status] = "from a table"

    def _days(self, year: int) -> list[date]:
        return [self.dates[year]] if year in self.dates else []

    def _why_none(self, year: int) -> str:
        return f"no date is known for {year}; known are {', '.join(map(str, sorted(self.dates)))}"
