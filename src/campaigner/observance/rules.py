"""One small class per kind of rule: on which days of a year an observance falls.

A rule answers with a list: most days fall once a year, Ramadan began twice in 2030, a five-yearly day is absent in most.
Where no date is known, that is said (`why_unknown`) and never guessed.
"""

from __future__ import annotations

import calendar
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar, Literal

from . import tables

Status = Literal["fixed", "computed", "expected", "from a table", "unknown"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """The first day of an observance, for how many days, and how sure that is (`tolerance_days` either way)."""

    on: date
    days: int = 1
    status: Status = "fixed"
    tolerance_days: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """What all kinds share: how long it lasts, a shift in days, and years in which somebody moved the day."""

    duration: int = 1
    offset: int = 0
    overrides: Mapping[int, date] = field(default_factory=dict)
    first_year: int | None = None
    status: ClassVar[Status] = "computed"

    def occurrences(self, year: int) -> tuple[Occurrence, ...]:
        """The observance's first days in a year of the Gregorian calendar; empty when it has none, or none is known."""
        if self.first_year is not None and year < self.first_year:
            return ()
        if year in self.overrides:
            return (Occurrence(on=self.overrides[year], days=self.duration, status="from a table"),)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return ()
        shift = timedelta(days=self.offset)
        return tuple(self._occurrence(day + shift, year) for day in self._days(year))

    def why_unknown(self, year: int) -> str | None:
        """Why there is no date in a year, None when there is one."""
        if self.occurrences(year):
            return None
        if self.first_year is not None and year < self.first_year:
            return f"it is observed since {self.first_year}"
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return f"dates are known from {FIRST_YEAR} to {LAST_YEAR}"
        return self._why_none(year)

    @property
    def tolerance_days(self) -> int:
        """By how many days an expected date may move."""
        return 0

    @abstractmethod
    def _days(self, year: int) -> list[date]: ...

    def _why_none(self, year: int) -> str:
        return f"it does not fall in {year}"

    def _occurrence(self, day: date, year: int) -> Occurrence:
        return Occurrence(on=day, days=self._length(day), status=self.status, tolerance_days=self.tolerance_days)

    def _length(self, day: date) -> int:
        return self.duration


@dataclass(frozen=True, kw_only=True)
class Fixed(Rule):
    """The same date every year, or every so many years from `base_year`."""

    month: int
    day: int
    every_years: int = 1
    base_year: int = 0
    status: ClassVar[Status] = "fixed"

    def _days(self, year: int) -> list[date]:
        if (year - self.base_year) % self.every_years or self.day > calendar.monthrange(year, self.month)[1]:
            return []
        return [date(year, self.month, self.day)]

    def _why_none(self, year: int) -> str:
        if self.every_years > 1:
            return f"it is observed every {self.every_years} years, counted from {self.base_year}"
        return f"{year} has no {self.day} {calendar.month_name[self.month]}"


@dataclass(frozen=True, kw_only=True)
class OneDate(Rule):
    """A single day, in one year only."""

    on: date
    status: ClassVar[Status] = "fixed"

    def _days(self, year: int) -> list[date]:
        return [self.on] if self.on.year == year else []

    def _why_none(self, year: int) -> str:
        return f"the day is {self.on}"


@dataclass(frozen=True, kw_only=True)
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
        return f"{calendar.month_name[self.month]} {year} has no such weekday"


@dataclass(frozen=True, kw_only=True)
class WeekdayNear(Rule):
    """The first such weekday on or after, or the last on or before, a date."""

    month: int
    day: int
    weekday: str
    direction: Literal["on_or_after", "on_or_before"]

    def _days(self, year: int) -> list[date]:
        start = date(year, self.month, self.day)
        step = 1 if self.direction == "on_or_after" else -1
        distance = (WEEKDAYS.index(self.weekday) - start.weekday()) * step % 7
        return [start + timedelta(days=distance * step)]


@dataclass(frozen=True, kw_only=True)
class WeekContaining(Rule):
    """The week that a date lies in, from its first day."""

    month: int
    day: int
    week_start: str = "mon"

    def _days(self, year: int) -> list[date]:
        inside = date(year, self.month, self.day)
        return [inside - timedelta(days=(inside.weekday() - WEEKDAYS.index(self.week_start)) % 7)]

    def _length(self, day: date) -> int:
        return max(self.duration, 7)


@dataclass(frozen=True, kw_only=True)
class Month(Rule):
    """A whole month."""

    month: int
    status: ClassVar[Status] = "fixed"

    def _days(self, year: int) -> list[date]:
        return [date(year, self.month, 1)]

    def _length(self, day: date) -> int:
        return calendar.monthrange(day.year, day.month)[1]


@dataclass(frozen=True, kw_only=True)
class MonthEnd(Rule):
    """The last day of a month."""

    month: int

    def _days(self, year: int) -> list[date]:
        return [date(year, self.month, calendar.monthrange(year, self.month)[1])]


@dataclass(frozen=True, kw_only=True)
class Easter(Rule):
    """Easter Sunday of the western or the Orthodox churches; `offset` counts days from it."""

    calendar: Literal["western", "orthodox"] = "western"

    def _days(self, year: int) -> list[date]:
        from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

        return [easter(year, EASTER_ORTHODOX if self.calendar == "orthodox" else EASTER_WESTERN)]


@dataclass(frozen=True, kw_only=True)
class Dates(Rule):
    """Dates that somebody announces, year by year."""

    dates: Mapping[int, date]
    status: ClassVar[Status] = "from a table"

    def _days(self, year: int) -> list[date]:
        return [self.dates[year]] if year in self.dates else []

    def _why_none(self, year: int) -> str:
        return f"its date in {year} is not known; known: {', '.join(map(str, sorted(self.dates)))}"


@dataclass(frozen=True, kw_only=True)
class Hijri(Rule):
    """A day of the Islamic calendar as Umm al-Qura has it; sightings of the moon can move it, so it is only expected."""

    month: int
    day: int
    tolerance: int = 1
    status: ClassVar[Status] = "expected"

    @property
    def tolerance_days(self) -> int:
        return self.tolerance

    def _days(self, year: int) -> list[date]:
        from hijridate import Hijri as HijriDate

        found = []
        for hijri_year in range((year - 623) * 33 // 32, (year - 620) * 33 // 32 + 1):
            try:
                day = HijriDate(hijri_year, self.month, self.day).to_gregorian()
            except (ValueError, OverflowError):
                # Outside the tables (1343 to 1500 AH), or a 30th of a month of 29 days.
                continue
            if day.year == year:
                found.append(date(day.year, day.month, day.day))
        return found

    def _why_none(self, year: int) -> str:
        return "the Umm al-Qura tables run from 1924 to 2077, and it does not fall in every year"


@dataclass(frozen=True, kw_only=True)
class Hebrew(Rule):
    """A day of the Hebrew calendar, Nisan being month 1. It begins at sunset of the day before."""

    month: int
    day: int

    def _days(self, year: int) -> list[date]:
        found = []
        for hebrew_year in (year + 3760, year + 3761):
            try:
                day = date.fromordinal(_hebrew_ordinal(hebrew_year, self.month, self.day))
            except ValueError:
                # Adar II, or a 30th, that this Hebrew year does not have.
                continue
            if day.year == year:
                found.append(day)
        return found


def _hebrew_ordinal(year: int, month: int, day: int) -> int:
    """The proleptic ordinal of a Hebrew date; raises ValueError when that year has no such day."""
    from pyluach.dates import HebrewDate

    made: Any = HebrewDate(year, month, day)  # type: ignore[no-untyped-call]
    found: date = made.to_pydate()
    return found.toordinal()


@dataclass(frozen=True, kw_only=True)
class FromTable(Rule):
    """Days that need astronomy: read from a table with its source, up to the year where it ends."""

    table: tables.Table
    status: ClassVar[Status] = "from a table"

    def _days(self, year: int) -> list[date]:
        found = self.table.dates.get(year)
        return [date(year, *found)] if found else []

    def _occurrence(self, day: date, year: int) -> Occurrence:
        status: Status = "from a table" if not self.table.tolerance_days or year in self.table.confirmed else "expected"
        tolerance = self.table.tolerance_days if status == "expected" else 0
        return Occurrence(on=day, days=self.duration, status=status, tolerance_days=tolerance)

    def _why_none(self, year: int) -> str:
        years = sorted(self.table.dates)
        return f"the table of this day runs from {years[0]} to {years[-1]}"


def rule_of(value: Mapping[str, Any], first_year: int | None = None) -> Rule:
    """A rule from its mapping, as the catalogue and campaigns write it. Raises ValueError in words for people."""
    fields = dict(value)
    kind = str(fields.pop("type", ""))
    maker = MAKERS.get(kind)
    if maker is None:
        raise ValueError(f"there is no rule type {kind or '(none)'}; there is: {', '.join(MAKERS)}")
    common: dict[str, Any] = {
        name: _number(name, fields.pop(name)) for name in ("duration", "offset") if name in fields
    }
    overrides = _dates("overrides", fields.pop("overrides", {}))
    try:
        return maker(fields, {**common, "overrides": overrides, "first_year": first_year})
    except KeyError as error:
        raise ValueError(f"the rule {kind} lacks `{error.args[0]}`") from error


Maker = Callable[[dict[str, Any], dict[str, Any]], Rule]


def _maker(kind: type[Rule], **readers: Callable[[str, Any], Any]) -> Maker:
    """Reads the fields of one kind; those with a default in the class may be left out."""

    def make(fields: dict[str, Any], common: dict[str, Any]) -> Rule:
        unknown = set(fields) - set(readers)
        if unknown:
            raise ValueError(f"`{sorted(unknown)[0]}` means nothing here; there is: {', '.join(readers)}")
        required = {name for name in readers if not hasattr(kind, name)}
        for name in required - set(fields):
            raise KeyError(name)
        read = {name: readers[name](name, value) for name, value in fields.items()}
        if "month" in read and "day" in read and kind is not Hijri and kind is not Hebrew:
            _check_day(read["month"], read["day"])
        return kind(**read, **common)

    return make


def _hijri(fields: dict[str, Any], common: dict[str, Any]) -> Rule:
    tolerance = _number("tolerance_days", fields.pop("tolerance_days", 1))
    read = {name: _number(name, fields[name]) for name in ("month", "day")}
    if not (1 <= read["month"] <= 12 and 1 <= read["day"] <= 30):
        raise ValueError("an Islamic date has a month from 1 to 12 and a day from 1 to 30")
    return Hijri(month=read["month"], day=read["day"], tolerance=tolerance, **common)


def _table(name: str) -> Maker:
    return lambda fields, common: FromTable(table=tables.TABLES[name], **common)


def _number(name: str, value: Any) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise ValueError(f"`{name}` is {value!r}, a whole number was wanted") from error


def _month(name: str, value: Any) -> int:
    month = _number(name, value)
    if not 1 <= month <= 13:
        raise ValueError(f"`{name}` is {month}, a month from 1 to 12 was wanted")
    return month


def _weekday(name: str, value: Any) -> str:
    day = str(value)[:3].casefold()
    if day not in WEEKDAYS:
        raise ValueError(f"`{name}` is {value!r}, a weekday was wanted: {', '.join(WEEKDAYS)}")
    return day


def _choice(*choices: str) -> Callable[[str, Any], Any]:
    def read(name: str, value: Any) -> str:
        if value not in choices:
            raise ValueError(f"`{name}` is {value!r}, wanted: {' or '.join(choices)}")
        return str(value)

    return read


def _dates(name: str, value: Any) -> dict[int, date]:
    try:
        return {int(year): date.fromisoformat(str(day)) for year, day in dict(value).items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{name}` wants years with dates, as 2027: 2027-02-09") from error


def _day(name: str, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"`{name}` is {value!r}, a day was wanted, as 2026-12-18") from error


def _check_day(month: int, day: int) -> None:
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    if not 1 <= day <= calendar.monthrange(2024, month)[1]:
        raise ValueError(f"{calendar.month_name[month]} has no day {day}")


MAKERS: Mapping[str, Maker] = {
    "fixed": _maker(Fixed, month=_month, day=_number, every_years=_number, base_year=_number),
    "one_date": _maker(OneDate, on=_day),
    "nth_weekday": _maker(NthWeekday, month=_month, weekday=_weekday, n=_number),
    "weekday_near": _maker(
        WeekdayNear, month=_month, day=_number, weekday=_weekday, direction=_choice("on_or_after", "on_or_before")
    ),
    "week_containing": _maker(WeekContaining, month=_month, day=_number, week_start=_weekday),
    "month": _maker(Month, month=_month),
    "month_end": _maker(MonthEnd, month=_month),
    "easter": _maker(Easter, calendar=_choice("western", "orthodox")),
    "dates": _maker(Dates, dates=_dates),
    "hijri": _hijri,
    "hebrew": _maker(Hebrew, month=_month, day=_number),
    "full_moon": _table("vesak"),
    "equinox": _table("nowruz"),
    "chinese_lunar": _table("lunar new year"),
}
