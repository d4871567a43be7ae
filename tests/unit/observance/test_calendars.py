"""Movable days against packages that computed them another way: conversion backwards, and national holidays."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import holidays
import pytest
from dateutil.easter import EASTER_ORTHODOX, easter
from hijridate import Gregorian
from pyluach.dates import HebrewDate

from campaigner.observance.catalogue import Catalogue
from campaigner.observance.rule_parser import rule_of

YEARS = range(2024, 2031)
CATALOGUE = Catalogue.load()


def on(id: str, year: int) -> list[date]:
    entry = CATALOGUE.get(id)
    assert entry is not None, id
    return [found.on for found in entry.rule.occurrences(year)]


def every_day(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=number) for number in range(366 if year % 4 == 0 else 365)]


@pytest.fixture(scope="module")
def hijri_days() -> dict[tuple[int, int, int], list[date]]:
    """By year, Islamic month and day: every Gregorian day converted, the way back."""
    found = defaultdict(list)
    for year in YEARS:
        for day in every_day(year):
            hijri = Gregorian(day.year, day.month, day.day).to_hijri()
            found[year, hijri.month, hijri.day].append(day)
    return found


@pytest.mark.parametrize(
    ("id", "month", "day"),
    [("ramadan-begins", 9, 1), ("eid-al-fitr", 10, 1), ("eid-al-adha", 12, 10), ("islamic-new-year", 1, 1)],
)
def test_islamic_days_agree_with_every_day_converted(
    id: str, month: int, day: int, hijri_days: dict[tuple[int, int, int], list[date]]
) -> None:
    for year in YEARS:
        assert on(id, year) == hijri_days[year, month, day]


def test_every_islamic_date_agrees_with_every_day_converted(hijri_days: dict[tuple[int, int, int], list[date]]) -> None:
    for month in range(1, 13):
        for day in (1, 15, 29, 30):
            rule = rule_of({"type": "hijri", "month": month, "day": day})
            for year in YEARS:
                assert [found.on for found in rule.occurrences(year)] == hijri_days[year, month, day]


def test_ramadan_begins_twice_in_2030() -> None:
    assert on("ramadan-begins", 2030) == [date(2030, 1, 5), date(2030, 12, 26)]


def test_islamic_days_are_expected_with_a_day_of_tolerance() -> None:
    entry = CATALOGUE.get("eid-al-fitr")
    assert entry is not None
    (found,) = entry.rule.occurrences(2027)
    assert (str(found.on), found.status, found.tolerance_days) == ("2027-03-09", "expected", 1)
    assert "sunset" in found.note


def test_islamic_tables_end_and_say_so() -> None:
    rule = rule_of({"type": "hijri", "month": 9, "day": 1})
    assert [year for year in range(1915, 1930) if rule.occurrences(year)] == [1925, 1926, 1927, 1928, 1929]
    assert rule.why_unknown(1920) == "the tables of the Islamic calendar run from August 1924 to November 2077"
    assert rule.occurrences(2076)
    assert rule.occurrences(2078) == ()


def test_a_month_of_29_days_has_no_30th() -> None:
    rule = rule_of({"type": "hijri", "month": 9, "day": 30})
    missing = [year for year in YEARS if not rule.occurrences(year)]
    assert missing
    assert rule.why_unknown(missing[0]) == f"the month has 29 days in {missing[0]}"


def test_the_turkish_calendar_of_eid_lies_inside_the_tolerance() -> None:
    turkish = holidays.country_holidays("TR", years=YEARS, language="en_US")
    for id, name in (("eid-al-fitr", "Eid al-Fitr"), ("eid-al-adha", "Eid al-Adha")):
        for year in YEARS:
            first = min(day for day, names in turkish.items() if day.year == year and name in names)
            assert any(abs((day - first).days) <= 1 for day in on(id, year)), (id, year)


@pytest.mark.parametrize(
    ("id", "month", "day"),
    [("passover", 1, 15), ("rosh-hashanah", 7, 1), ("yom-kippur", 7, 10), ("hanukkah-begins", 9, 25)],
)
def test_hebrew_days_agree_with_every_day_converted(id: str, month: int, day: int) -> None:
    for year in YEARS:
        hebrew = {one: HebrewDate.from_pydate(one) for one in every_day(year)}
        assert on(id, year) == [one for one, found in hebrew.items() if (found.month, found.day) == (month, day)]


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Pesach", {"month": 1, "day": 15}),
        ("Rosh Hashanah", {"month": 7, "day": 1}),
        ("Yom Kippur", {"month": 7, "day": 10}),
        ("Purim", {"month": 12, "day": 14}),
        ("Shavuot", {"month": 3, "day": 6}),
    ],
)
def test_hebrew_days_agree_with_the_holidays_of_israel(name: str, rule: dict[str, Any]) -> None:
    """Purim is kept in Adar II of the leap years 2024, 2027 and 2030."""
    israel = holidays.country_holidays("IL", years=YEARS, categories=("public", "optional"), language="en_US")
    for year in YEARS:
        first = min(day for day, names in israel.items() if day.year == year and name in names.split("; "))
        assert [found.on for found in rule_of({"type": "hebrew", **rule}).occurrences(year)] == [first], year


def test_adar_ii_exists_in_leap_years_alone() -> None:
    rule = rule_of({"type": "hebrew", "month": 13, "day": 14})
    assert [year for year in YEARS if rule.occurrences(year)] == [2024, 2027, 2030]
    assert rule.why_unknown(2026) == "the Hebrew calendar has no such day in 2026"


def test_easter_of_both_churches() -> None:
    for year in range(1950, 2100):
        assert on("easter-sunday", year) == [easter(year)]
        assert on("good-friday", year) == [easter(year) - timedelta(days=2)]
        assert on("pentecost", year) == [easter(year) + timedelta(days=49)]
        assert on("orthodox-easter", year) == [easter(year, EASTER_ORTHODOX)]


@pytest.mark.parametrize(
    ("id", "country", "name"),
    [
        ("lunar-new-year", "SG", "Chinese New Year"),
        ("nowruz", "IR", "Nowruz"),
        ("diwali", "IN", "Diwali"),
        ("good-friday", "FI", "Good Friday"),
        ("pentecost", "FI", "Pentecost"),
        ("midsummer-day-finland", "FI", "Midsummer Day"),
        ("midsummer-eve-sweden", "FI", "Midsummer Eve"),
        ("first-day-of-summer-iceland", "IS", "First Day of Summer"),
    ],
)
def test_days_agree_with_national_holidays(id: str, country: str, name: str) -> None:
    last = 2036 if id in {"lunar-new-year", "nowruz", "diwali"} else 2031
    table = holidays.country_holidays(country, years=range(2024, last), language="en_US")
    for year in range(2024, last):
        first = min(day for day, names in table.items() if day.year == year and name in names)
        assert on(id, year) == [first], year


FLAG_DAYS = {
    "runeberg-day": "Runeberg Day",
    "minna-canth-day": "Minna Canth Day, Day of Equality",
    "mikael-agricola-day": "Mikael Agricola Day, Day of the Finnish Language",
    "finnish-national-veterans-day": "National War Veterans' Day",
    "snellman-day": "J. V. Snellman Day, Day of Finnish Heritage",
    "finnish-fallen-commemoration-day": "Remembrance Day",
    "eino-leino-day": "Eino Leino Day, Day of Summer and Poetry",
    "finnish-nature-day": "Finland's Nature Day",
    "miina-sillanpaa-day": "Miina Sillanpää Day, Day of Civic Participation",
    "aleksis-kivi-day": "Aleksis Kivi Day, Day of Finnish Literature",
    "finnish-swedish-heritage-day": "Finnish Swedish Heritage Day, svenska dagen",
    "sibelius-day": "Jean Sibelius Day, Day of Finnish Music",
}


def test_finnish_flag_days_agree() -> None:
    table = holidays.country_holidays("FI", years=YEARS, categories=("unofficial",), language="en_US")
    for id, name in FLAG_DAYS.items():
        for year in YEARS:
            assert on(id, year) == [day for day, names in table.items() if day.year == year and name in names], (
                id,
                year,
            )


def test_vesak_is_sure_only_where_the_un_printed_it() -> None:
    entry = CATALOGUE.get("vesak")
    assert entry is not None
    found = {year: entry.rule.occurrences(year)[0] for year in (2025, 2026, 2027)}
    assert [(str(one.on), one.status) for one in found.values()] == [
        ("2025-05-12", "from a table"),
        ("2026-05-01", "from a table"),
        ("2027-05-20", "expected"),
    ]
    assert found[2027].tolerance_days == 30
    assert entry.rule.why_unknown(2036) == "the table of this day runs from 2024 to 2035"


def test_tables_know_nothing_of_other_years() -> None:
    for id in ("nowruz", "lunar-new-year"):
        assert on(id, 2023) == []
        assert on(id, 2036) == []
