"""The rules that follow another calendar than the civil one: Easter, Islamic, Hebrew, and tables for moon and sun.

Lunar New Year: by the Chinese calendar as the packages `holidays` and `lunardate` carry it, which agree (counting moons
from the solstice agrees but for 2034). Nowruz: the day of the March equinox in Tehran, the next one after noon;
`holidays`, `convertdate` and `ephem` agree. Vesak: the first full moon in UTC from 1 May on; the UN's list prints 2025
and 2026, later years are expected, and calendars in Asia differ by a day or a month. Diwali stands in the catalogue
itself, from `holidays` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple

from .rules import Days

FIRST_HIJRI_YEAR, LAST_HIJRI_YEAR = 1343, 1500
"""The Umm al-Qura tables of hijridate: August 1924 to November 2077."""


class Table(NamedTuple):
    """(month, day) by year. `tolerance_days` marks days that are announced; `confirmed` are the years that were."""

    dates: Mapping[int, tuple[int, int]]
    tolerance_days: int = 0
    confirmed: frozenset[int] = frozenset()
    note: str = ""


def easter(calendar: Literal["western", "orthodox"] = "western") -> Days:
    """Easter Sunday of the western or the Orthodox churches; `offset` counts days from it."""

    def of(year: int) -> list[date]:
        from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

        return [easter(year, EASTER_ORTHODOX if calendar == "orthodox" else EASTER_WESTERN)]

    return Days(of)


def hijri(month: int, day: int) -> Days:
    """A day of the Islamic calendar as Umm al-Qura has it: expected only, for sightings of the moon can move it."""

    def of(year: int) -> list[date]:
        from hijridate import Hijri

        # 33 Islamic years are about 32 Gregorian ones; three candidates leave room for the rounding.
        middle = (year - 622) * 33 // 32
        years = range(max(middle - 1, FIRST_HIJRI_YEAR), min(middle + 2, LAST_HIJRI_YEAR) + 1)
        return _existing(lambda hijri_year: Hijri(hijri_year, month, day).to_gregorian(), years, year)

    def why_none(year: int) -> str:
        if not 1925 <= year <= 2076:
            return "the tables of the Islamic calendar run from August 1924 to November 2077"
        return f"the month has 29 days in {year}"

    note = "by the Umm al-Qura calendar; announced, begins at sunset of the day before"
    return Days(of, why_none=why_none, tolerance_days=1, note=note)


def hebrew(month: int, day: int) -> Days:
    """A day of the Hebrew calendar, Nisan being month 1.

    Month 12 is Adar, and Adar II in a leap year, as Purim is kept; month 13 is Adar II of leap years alone.
    """

    def of(year: int) -> list[date]:
        from pyluach import dates, hebrewcal

        # pyluach is not typed.
        date_of: Any = dates.HebrewDate
        year_of: Any = hebrewcal.Year

        def day_in(hebrew_year: int) -> Any:
            return date_of(hebrew_year, 13 if month == 12 and year_of(hebrew_year).leap else month, day).to_pydate()

        return _existing(day_in, (year + 3760, year + 3761), year)

    return Days(
        of, why_none="the Hebrew calendar has no such day in {}".format, note="begins at sunset of the day before"
    )


def _existing(day_in: Callable[[int], Any], years: Iterable[int], year: int) -> list[date]:
    """The days in the years of another calendar that lie in this one of ours."""
    found = []
    for other_year in years:
        try:
            day = day_in(other_year)
        except ValueError:
            # The 30th of a month that has 29 days this time, or Adar II of a common year.
            continue
        found.append(date(day.year, day.month, day.day))
    return [day for day in found if day.year == year]


def from_table(table: Table) -> Days:
    """Days that need astronomy: read from a table with its source, up to the year where it ends."""
    return Days(
        lambda year: [date(year, *table.dates[year])] if year in table.dates else [],
        "from a table",
        lambda _year: f"the table of this day runs from {min(table.dates)} to {max(table.dates)}",
        unsure=lambda year: 0 if year in table.confirmed else table.tolerance_days,
        note=table.note,
    )


LUNAR_NEW_YEAR = Table(
    dates={
        2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
        2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
    }
)  # fmt: skip
NOWRUZ = Table(
    dates={
        2024: (3, 20), 2025: (3, 21), 2026: (3, 21), 2027: (3, 21), 2028: (3, 20), 2029: (3, 20),
        2030: (3, 21), 2031: (3, 21), 2032: (3, 20), 2033: (3, 20), 2034: (3, 21), 2035: (3, 21),
    }
)  # fmt: skip
VESAK = Table(
    dates={
        2024: (5, 23), 2025: (5, 12), 2026: (5, 1), 2027: (5, 20), 2028: (5, 8), 2029: (5, 27),
        2030: (5, 17), 2031: (5, 7), 2032: (5, 25), 2033: (5, 14), 2034: (5, 3), 2035: (5, 22),
    },
    tolerance_days=30,
    confirmed=frozenset({2025, 2026}),
    note="by the full moon in UTC; many countries keep another day",
)  # fmt: skip
