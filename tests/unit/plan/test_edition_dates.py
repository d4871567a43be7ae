"""Which editions a campaign has, on which day, and what is not posted until a person has pinned it."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.errors import Severity

from .building import Planning, campaign

MORNING = """
morning:
  at: "08:00"
  text: Good morning
"""


def planned(observance: str, editions: str, *, messages: str = MORNING, today: date = date(2026, 11, 23)) -> Planning:
    return Planning(campaign(messages, observance=observance, editions=editions), today=today)


def days(planning: Planning) -> list[tuple[str, str]]:
    return [(slot.key.edition, slot.day.isoformat()) for slot in planning.slots]


def test_each_year_that_is_written_is_planned_also_those_that_are_over() -> None:
    assert days(planned("18 December", "[2030, 2020]")) == [("2020", "2020-12-18"), ("2030", "2030-12-18")]


def test_every_year_is_this_one_and_the_next() -> None:
    assert days(planned("18 December", "every year")) == [("2026", "2026-12-18"), ("2027", "2027-12-18")]
    assert days(planned("1 March", "every year")) == [("2026", "2026-03-01"), ("2027", "2027-03-01")]


def test_a_year_that_is_written_beside_every_year_stands_for_itself() -> None:
    editions = "{every year: {}, 2027: {date: 2027-12-17}, 2031: {}}"
    assert days(planned("18 December", editions)) == [
        ("2026", "2026-12-18"), ("2027", "2027-12-17"), ("2031", "2031-12-18"),
    ]  # fmt: skip


def test_a_day_that_falls_twice_has_two_editions() -> None:
    found = planned("1 Ramadan", "{2030: {date: 2030-01-05}, 2030-2: {date: 2030-12-26}}")
    assert days(found) == [("2030", "2030-01-05"), ("2030-2", "2030-12-26")]
    found = planned("1 Ramadan", "every year", today=date(2029, 6, 1))
    assert [label for label, _ in days(found)] == ["2030", "2030-2"]


def test_an_expected_day_is_shown_as_a_draft_and_said() -> None:
    found = planned("1 Ramadan", "[2027]")
    (slot,) = found.slots
    assert slot.draft
    why = "the day in 2027 is only expected: 2027-02-08, give or take 1 day. It is not posted until it is pinned"
    assert slot.notes[0] == why
    (problem,) = found.plan.problems
    assert (problem.code, problem.severity, problem.message) == ("expected-day", Severity.WARNING, why)
    assert problem.help == "Pin it once it is sure: editions: {2027: {date: 2027-02-08}}"
    assert (problem.campaign, problem.message_id) == ("migrants-day", None)
    assert problem.place.line == 3


def test_a_pinned_day_is_posted() -> None:
    found = planned("1 Ramadan", "{2027: {date: 2027-02-09}}")
    assert days(found) == [("2027", "2027-02-09")]
    assert not found.slots[0].draft
    assert not found.plan.problems


def test_every_year_says_nothing_of_an_expected_day_that_is_over() -> None:
    found = planned("1 Ramadan", "every year")
    assert [label for label, _ in days(found)] == ["2027"]
    assert found.codes == ["expected-day"]


def test_a_day_that_other_calendars_begin_at_sunset_is_noted() -> None:
    found = planned("1 Ramadan", "[2027]")
    assert found.slots[0].notes[1].startswith("the day: ")
    assert found.slots[0].notes[1].endswith("begins at sunset of the day before")


@pytest.mark.parametrize(
    ("observance", "label", "severity", "said"),
    [
        ("2026-12-18", "2027", Severity.ERROR, "there is no day in 2027: the only day that is written is 2026-12-18"),
        ("29 February", "2027", Severity.ERROR, "there is no day in 2027: 2027 has no 29 February"),
        ("18 December", "2027-2", Severity.ERROR, "there is no day in 2027-2: it falls once in 2027"),
        ("1 Ramadan", "2030-3", Severity.ERROR, "there is no day in 2030-3: it falls 2 times in 2030"),
        ("vesak", "2090", Severity.WARNING, "there is no day in 2090: the table of this day runs from 2024 to 2035"),
    ],
)
def test_a_year_without_the_day_is_said(observance: str, label: str, severity: Severity, said: str) -> None:
    found = planned(observance, f"[{label}]")
    assert not found.slots
    (problem,) = found.plan.problems
    assert (problem.code, problem.severity, problem.message) == ("no-day", severity, said)


def test_every_year_lives_with_years_that_do_not_have_the_day() -> None:
    found = planned("29 February", "every year", today=date(2027, 5, 1))
    assert days(found) == [("2028", "2028-02-29")]
    assert [(problem.code, problem.severity) for problem in found.plan.problems] == [("no-day", Severity.WARNING)]


SEVERAL_DAYS = """
before:
  at: -3d 08:00
  text: Soon
after:
  at: +3d 09:00
  text: Thank you
"""


def test_on_new_years_day_the_posts_of_the_year_before_are_still_planned() -> None:
    found = planned("31 December", "every year", messages=SEVERAL_DAYS, today=date(2027, 1, 1))
    assert "2026/after/desk/en" in found.keys
    assert "2027/before/desk/en" in found.keys


def test_the_first_day_of_a_year_is_announced_in_the_one_before() -> None:
    messages = SEVERAL_DAYS.replace("-3d", "-400d")
    found = planned("1 January", "every year", messages=messages, today=date(2026, 11, 27))
    assert date(2026, 11, 27) in {slot.local_at.date() for slot in found.slots}


@given(
    today=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    distance=st.integers(-400, 400),
    day=st.sampled_from(["1 January", "28 February", "18 December", "31 December"]),
)
def test_every_year_never_misses_a_post_of_today(today: date, distance: int, day: str) -> None:
    """Whatever its distance from the observance, a post that some year would have today is planned today."""
    messages = f"morning:\n  at: {distance:+}d 08:00\n  text: Hello"
    everything = planned(day, f"[{', '.join(str(year) for year in range(2017, 2044))}]", messages=messages)
    wanted = {slot.key for slot in everything.slots if slot.local_at.date() == today}
    found = planned(day, "every year", messages=messages, today=today)
    assert wanted <= {slot.key for slot in found.slots}


def test_a_campaign_whose_messages_are_all_faulty_has_no_posts() -> None:
    file = campaign(dedent("morning:\n  at: noon\n  text: Hello"), editions="every year", faulty=True)
    assert file.faulty == {"morning"}
    assert not Planning(file).slots
