from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.rrule import FR, MO, SA, SU, TH, YEARLY, rrule
from hypothesis import given
from hypothesis import strategies as st

from campaigner.observance.rule_parser import KINDS, RuleError, rule_of
from campaigner.observance.rules import FIRST_YEAR, LAST_YEAR, WEEKDAYS, Rule

YEARS = range(2024, 2031)


def days(rule: dict[str, Any], year: int) -> list[str]:
    return [str(found.on) for found in rule_of(rule).occurrences(year)]


def by_rrule(**how: Any) -> dict[int, date]:
    found = rrule(YEARLY, dtstart=date_time(2024), until=date_time(2031), **how)
    return {moment.year: moment.date() for moment in found}


def date_time(year: int) -> Any:
    from datetime import datetime

    return datetime(year, 1, 1)


@pytest.mark.parametrize(
    ("rule", "how"),
    [
        ({"type": "fixed", "month": 12, "day": 18}, {"bymonth": 12, "bymonthday": 18}),
        ({"type": "nth_weekday", "month": 4, "weekday": "thu", "n": 4}, {"bymonth": 4, "byweekday": TH(4)}),
        ({"type": "nth_weekday", "month": 10, "weekday": "mon", "n": 1}, {"bymonth": 10, "byweekday": MO(1)}),
        ({"type": "nth_weekday", "month": 5, "weekday": "sun", "n": -1}, {"bymonth": 5, "byweekday": SU(-1)}),
        ({"type": "nth_weekday", "month": 5, "weekday": "sun", "n": -2}, {"bymonth": 5, "byweekday": SU(-2)}),
        (
            {"type": "weekday_near", "month": 6, "day": 20, "weekday": "sat", "direction": "on_or_after"},
            {"bymonth": 6, "bymonthday": range(20, 27), "byweekday": SA},
        ),
        (
            {"type": "weekday_near", "month": 6, "day": 20, "weekday": "fri", "direction": "on_or_before"},
            {"bymonth": 6, "bymonthday": range(14, 21), "byweekday": FR},
        ),
        (
            {"type": "week_containing", "month": 11, "day": 11, "week_start": "mon"},
            {"bymonth": 11, "bymonthday": range(5, 12), "byweekday": MO},
        ),
        (
            {"type": "week_containing", "month": 11, "day": 11, "week_start": "sun"},
            {"bymonth": 11, "bymonthday": range(5, 12), "byweekday": SU},
        ),
        ({"type": "month_end", "month": 2}, {"bymonth": 2, "bymonthday": -1}),
        ({"type": "month", "month": 6}, {"bymonth": 6, "bymonthday": 1}),
        ({"type": "easter", "offset": -2}, {"byeaster": -2}),
        ({"type": "easter", "offset": 49}, {"byeaster": 49}),
    ],
)
def test_a_rule_agrees_with_dateutil(rule: dict[str, Any], how: dict[str, Any]) -> None:
    expected = by_rrule(**how)
    assert {year: days(rule, year) for year in YEARS} == {year: [str(expected[year])] for year in YEARS}


def test_giving_tuesday_is_the_fourth_thursday_of_november_and_five_days() -> None:
    rule = {"type": "nth_weekday", "month": 11, "weekday": "thu", "n": 4, "offset": 5}
    assert [days(rule, year) for year in (2024, 2025, 2026)] == [["2024-12-03"], ["2025-12-02"], ["2026-12-01"]]


def test_29_february_falls_in_leap_years_only_and_says_so() -> None:
    rule = rule_of({"type": "fixed", "month": 2, "day": 29})
    assert [str(found.on) for found in rule.occurrences(2028)] == ["2028-02-29"]
    assert rule.occurrences(2027) == ()
    assert rule.why_unknown(2027) == "2027 has no 29 February"
    assert rule.why_unknown(2028) is None


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "week_containing", "month": 2, "day": 29},
        {"type": "weekday_near", "month": 2, "day": 29, "weekday": "mon", "direction": "on_or_after"},
    ],
)
def test_29_february_inside_other_rules_gives_nothing_in_a_common_year(rule: dict[str, Any]) -> None:
    assert days(rule, 2027) == []
    assert len(days(rule, 2028)) == 1
    assert rule_of(rule).why_unknown(2027) == "it does not fall in 2027"


def test_the_week_of_1_january_belongs_to_the_year_in_which_it_begins() -> None:
    rule = {"type": "week_containing", "month": 1, "day": 1}
    assert [days(rule, year) for year in (2024, 2025, 2026)] == [
        ["2024-01-01", "2024-12-30"],
        ["2025-12-29"],
        ["2026-12-28"],
    ]


def test_a_distance_across_new_year_belongs_to_the_year_it_ends_in() -> None:
    rule = {"type": "fixed", "month": 12, "day": 30, "offset": 5}
    assert days(rule, 2026) == ["2026-01-04"]


def test_a_five_yearly_day_is_absent_in_other_years_and_before_its_first() -> None:
    rule = rule_of({"type": "fixed", "month": 10, "day": 20, "every_years": 5, "base_year": 2025})
    assert [year for year in range(2015, 2036) if rule.occurrences(year)] == [2025, 2030, 2035]
    assert rule.why_unknown(2026) == "it is observed every 5 years, counted from 2025"


def test_one_date_falls_in_its_year_alone() -> None:
    rule = rule_of({"type": "one_date", "on": "2026-12-18"})
    assert [year for year in range(2020, 2030) if rule.occurrences(year)] == [2026]
    assert rule.why_unknown(2027) == "the only day that is written is 2026-12-18"


def test_a_fifth_monday_is_missing_in_most_years() -> None:
    rule = rule_of({"type": "nth_weekday", "month": 2, "weekday": "mon", "n": 5})
    assert [year for year in range(2020, 2060) if rule.occurrences(year)] == [2044]
    assert rule.why_unknown(2026) == "February 2026 has fewer than 5 Mondays"


def test_an_override_replaces_the_day_and_comes_from_a_table() -> None:
    rule = rule_of(
        {
            "type": "nth_weekday",
            "month": 9,
            "weekday": "sun",
            "n": -1,
            "overrides": {"2025": "2025-10-05"},
            "duration": 2,
        }
    )
    (moved,) = rule.occurrences(2025)
    assert (str(moved.on), moved.status, moved.days) == ("2025-10-05", "from a table", 2)
    (computed,) = rule.occurrences(2026)
    assert (str(computed.on), computed.status) == ("2026-09-27", "computed")


def test_a_tolerance_makes_a_day_expected_in_one_year_or_in_all() -> None:
    rule = rule_of({"type": "fixed", "month": 3, "day": 27, "expected": {"2027": "7"}})
    assert [(found.status, found.tolerance_days) for found in rule.occurrences(2027)] == [("expected", 7)]
    assert [(found.status, found.tolerance_days) for found in rule.occurrences(2028)] == [("fixed", 0)]
    always = rule_of({"type": "fixed", "month": 3, "day": 27, "tolerance_days": 2})
    assert [(found.status, found.tolerance_days) for found in always.occurrences(2028)] == [("expected", 2)]


def test_announced_dates_that_nobody_knows_are_not_guessed() -> None:
    rule = rule_of({"type": "dates", "dates": {"2026": "2026-02-10", "2027": "2027-02-09"}})
    assert [found.status for found in rule.occurrences(2027)] == ["from a table"]
    assert rule.occurrences(2028) == ()
    assert rule.why_unknown(2028) == "no date is known for 2028; known are 2026, 2027"


def test_years_before_the_first_are_none() -> None:
    rule = rule_of({"type": "fixed", "month": 12, "day": 18}, first_year=2000)
    assert rule.why_unknown(1999) == "it is observed since 2000"
    assert rule.occurrences(2000)


def test_years_without_a_computed_calendar_are_said() -> None:
    rule = rule_of({"type": "fixed", "month": 12, "day": 18})
    assert rule.occurrences(FIRST_YEAR)
    assert rule.occurrences(LAST_YEAR)
    for year in (FIRST_YEAR - 1, LAST_YEAR + 1, 1, 9999):
        assert rule.occurrences(year) == ()
        assert rule.why_unknown(year) == "dates are computed from 1900 to 2200"


def test_lengths() -> None:
    (month,) = rule_of({"type": "month", "month": 2}).occurrences(2028)
    (week,) = rule_of({"type": "week_containing", "month": 6, "day": 20}).occurrences(2026)
    (sixteen,) = rule_of({"type": "fixed", "month": 11, "day": 25, "duration": 16}).occurrences(2026)
    assert (month.days, week.days, sixteen.days) == (29, 7, 16)
    assert (str(week.on), week.on.weekday()) == ("2026-06-15", calendar.MONDAY)


MONTHS = st.integers(1, 12)
DAYS = st.integers(1, 28)
RULES = st.one_of(
    st.fixed_dictionaries({"type": st.just("fixed"), "month": MONTHS, "day": DAYS}),
    st.fixed_dictionaries(
        {
            "type": st.just("nth_weekday"),
            "month": MONTHS,
            "weekday": st.sampled_from(WEEKDAYS),
            "n": st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]),
        }
    ),
    st.fixed_dictionaries(
        {"type": st.just("week_containing"), "month": MONTHS, "day": DAYS, "week_start": st.sampled_from(WEEKDAYS)}
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("weekday_near"),
            "month": MONTHS,
            "day": DAYS,
            "weekday": st.sampled_from(WEEKDAYS),
            "direction": st.sampled_from(["on_or_after", "on_or_before"]),
        }
    ),
    st.fixed_dictionaries({"type": st.just("easter"), "calendar": st.sampled_from(["western", "orthodox"])}),
    st.fixed_dictionaries({"type": st.just("hijri"), "month": MONTHS, "day": st.integers(1, 30)}),
    st.fixed_dictionaries({"type": st.just("hebrew"), "month": st.integers(1, 13), "day": st.integers(1, 29)}),
)


@given(RULES, st.integers(1900, 2200), st.integers(-366, 366))
def test_every_answer_is_dates_of_that_year_in_order_or_a_reason(
    fields: dict[str, Any], year: int, offset: int
) -> None:
    rule: Rule = rule_of({**fields, "offset": offset})
    found = rule.occurrences(year)
    assert (rule.why_unknown(year) is None) == bool(found)
    assert [one.on.year for one in found] == [year] * len(found)
    assert [one.on for one in found] == sorted({one.on for one in found})


@given(RULES, st.integers(1930, 2070), st.integers(-366, 366))
def test_a_distance_moves_every_day_and_loses_none(fields: dict[str, Any], year: int, offset: int) -> None:
    plain, moved = rule_of(fields), rule_of({**fields, "offset": offset})
    unmoved = {one.on for near in range(year - 2, year + 3) for one in plain.occurrences(near)}
    expected = {day for day in (on + timedelta(days=offset) for on in unmoved) if day.year == year}
    assert {one.on for one in moved.occurrences(year)} == expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"type": "moon"}, "there is no rule type moon; there is: " + ", ".join(KINDS)),
        ({}, "there is no rule type (none); there is: " + ", ".join(KINDS)),
        ({"type": "fixed", "month": 5}, "the rule fixed lacks `day`"),
        ({"type": "fixed"}, "the rule fixed lacks `month`"),
        ({"type": "fixed", "month": 6, "day": 31}, "June has no day 31"),
        ({"type": "fixed", "month": 6, "day": 0}, "June has no day 0"),
        ({"type": "fixed", "month": 13, "day": 1}, "`month` is 13, a number from 1 to 12 was wanted"),
        ({"type": "fixed", "month": "June", "day": 1}, "`month` is 'June', a whole number was wanted"),
        (
            {"type": "fixed", "month": 6, "day": 1, "every_years": 0},
            "`every_years` is 0, a number from 1 to 100 was wanted",
        ),
        ({"type": "fixed", "month": 6, "day": 1, "every_years": 5}, "`every_years` needs a `base_year`"),
        ({"type": "fixed", "month": 6, "day": 1, "duration": 0}, "`duration` is 0, a number from 1 to 366 was wanted"),
        (
            {"type": "fixed", "month": 6, "day": 1, "offset": 400},
            "`offset` is 400, a number from -366 to 366 was wanted",
        ),
        (
            {"type": "nth_weekday", "month": 13, "weekday": "mon", "n": 1},
            "`month` is 13, a number from 1 to 12 was wanted",
        ),
        (
            {"type": "nth_weekday", "month": 5, "weekday": "mon", "n": 0},
            "`n` is 0, wanted was 1 to 5, or -1 for the last",
        ),
        ({"type": "nth_weekday", "month": 5, "weekday": "mon", "n": 6}, "`n` is 6, a number from -5 to 5 was wanted"),
        (
            {"type": "nth_weekday", "month": 5, "weekday": "monkey", "n": 1},
            "`weekday` is 'monkey', a weekday was wanted: mon, tue, wed, thu, fri, sat, sun",
        ),
        ({"type": "easter", "calendar": "julian"}, "`calendar` is 'julian', wanted was western or orthodox"),
        ({"type": "one_date", "on": "2026-02-30"}, "`on` holds '2026-02-30', a day was wanted, as 2026-12-18"),
        ({"type": "dates", "dates": ["2027-02-09"]}, "`dates` wants values by year, as {2027: 2027-02-09}"),
        ({"type": "dates", "dates": {"2027": "soon"}}, "`dates` holds 'soon', a day was wanted, as 2026-12-18"),
        ({"type": "dates", "dates": {"2027": "2028-02-09"}}, "2028-02-09 stands under 2027"),
        ({"type": "month", "month": 6, "overrides": {"2027": "2028-06-01"}}, "2028-06-01 stands under 2027"),
        ({"type": "hijri", "month": 13, "day": 1}, "`month` is 13, a number from 1 to 12 was wanted"),
        ({"type": "hijri", "month": 9, "day": 31}, "`day` is 31, a number from 1 to 30 was wanted"),
        ({"type": "hebrew", "month": 2, "day": 30}, "month 2 of the Hebrew calendar has no day 30"),
        ({"type": "full_moon", "on_or_after": "06-01"}, "`on_or_after` is '06-01', but the table is for 05-01 alone"),
        ({"type": "chinese_lunar", "month": "8", "day": "15"}, "`month` is '8', but the table is for 1 alone"),
        ({"type": "equinox", "which": "september"}, "`which` is 'september', but the table is for march alone"),
    ],
)
def test_a_rule_that_names_no_day_is_refused_in_plain_words(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError) as raised:
        rule_of(rule)
    assert str(raised.value) == message


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(RuleError, match="`weekdays` means nothing in the rule nth_weekday") as raised:
        rule_of({"type": "nth_weekday", "month": "5", "weekday": "mon", "n": "1", "weekdays": "tue"})
    assert raised.value.help == "Did you mean `weekday`?"
    with pytest.raises(RuleError, match="`xyz` means nothing") as raised:
        rule_of({"type": "month", "month": "5", "xyz": "1"})
    assert raised.value.help == ""


def test_texts_and_numbers_read_the_same() -> None:
    texts = {"type": "nth_weekday", "month": "5", "weekday": "Monday", "n": "-1", "offset": "-2"}
    numbers = {"type": "nth_weekday", "month": 5, "weekday": "mon", "n": -1, "offset": -2}
    assert [days(texts, year) for year in YEARS] == [days(numbers, year) for year in YEARS]
