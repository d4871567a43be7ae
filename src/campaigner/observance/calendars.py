"""The rules that follow another calendar than the civil one: Easter, Islamic, Hebrew, and tables for moon and sun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from .rules import Rule, Status
from .tables import Table

FIRST_HIJRI_YEAR, LAST_HIJRI_YEAR = 1343, 1500
"""The Umm al-Qura tables of hijridate: August 1924 to November 2077."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Easter(Rule):
    """Easter Sunday of the western or the Orthodox churches; `offset` counts days from it."""

    calendar: Literal["western", "orthodox"] = "western"

    def _days(self, year: int) -> list[date]:
        from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

        return [easter(year, EASTER_ORTHODOX if self.calendar == "orthodox" else EASTER_WESTERN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hijri(Rule):
    """A day of the Islamic calendar as Umm al-Qura has it: expected only, for sightings of the moon can move it."""

    month: int
    day: int
    tolerance_days: int = 1

    def _days(self, year: int) -> list[date]:
        from hijridate import Hijri as HijriDate

        # 33 Islamic years are about 32 Gregorian ones; three candidates leave room for the rounding.
        middle = (year - 622) * 33 // 32
        found = []
        for hijri_year in range(max(middle - 1, FIRST_HIJRI_YEAR), min(middle + 2, LAST_HIJRI_YEAR) + 1):
            try:
                day = HijriDate(hijri_year, self.month, self.day).to_gregorian()
            except ValueError:
                # The 30th of a month that has 29 days this time.
                continue
            found.append(date(day.year, day.month, day.day))
        return [day for day in found if day.year == year]

    def _why_none(self, year: int) -> str:
        if not 1925 <= year <= 2076:
            return "the tables of the Islamic calendar run from August 1924 to November 2077"
        return f"the month has 29 days in {year}"

    def _note(self) -> str:
        return "by the Umm al-Qura calendar; announced, begins at sunset of the day before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hebrew(Rule):
    """A day of the Hebrew calendar, Nisan being month 1.

    Month 12 is Adar, and Adar II in a leap year, as Purim is kept; month 13 is Adar II of leap years alone.
    """

    month: int
    day: int

    def _days(self, year: int) -> list[date]:
        from pyluach import dates, hebrewcal

        # pyluach is not typed.
        hebrew_date: Any = dates.HebrewDate
        hebrew_year_of: Any = hebrewcal.Year
        found: list[date] = []
        for hebrew_year in (year + 3760, year + 3761):
            month = 13 if self.month == 12 and hebrew_year_of(hebrew_year).leap else self.month
            try:
                found.append(hebrew_date(hebrew_year, month, self.day).to_pydate())
            except ValueError:
                # Adar II, or a 30th, that this Hebrew year does not have.
                continue
        return [day for day in found if day.year == year]

    def _why_none(self, year: int) -> str:
        return f"the Hebrew calendar has no such day in {year}"

    def _note(self) -> str:
        return "begins at sunset of the day before"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromTable(Rule):
    """Days that need astronomy: read from a table with its source, up to the year where it ends."""

    table: Table
    status: ClassVar[Status] = "from a table"

    def _days(self, year: int) -> list[date]:
        found = self.table.dates.get(year)
        return [date(year, *found)] if found else []

    def _tolerance(self, day: date) -> int:
        written = self.expected.get(day.year, self.tolerance_days)
        return max(written, 0 if day.year in self.table.confirmed else self.table.tolerance_days)

    def _why_none(self, year: int) -> str:
        return f"the table of this day runs from {min(self.table.dates)} to {max(self.table.dates)}"

    def _note(self) -> str:
        return self.table.note
