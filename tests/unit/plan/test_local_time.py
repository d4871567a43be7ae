"""Wall times become instants, over every change of every clock from 1970 to 2100."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.plan.local_time import UnknownZoneError, moment, zone_named

STEP = timedelta(days=20)
BEGINS, ENDS = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime"})
Change = tuple[str, datetime, timedelta, timedelta]
"""Zone, instant, offset before and offset after."""


def changes_of(name: str) -> Iterator[Change]:
    """Every change of a zone's offset, found by looking every twenty days and then halving."""
    zone = ZoneInfo(name)
    at, before = BEGINS, offset_at(BEGINS, zone)
    while at < ENDS:
        following = at + STEP
        after = offset_at(following, zone)
        if after != before:
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if offset_at(middle, zone) == before else (low, middle)
            yield name, high, before, offset_at(high, zone)
            at, before = high, offset_at(high, zone)
        else:
            at = following


def offset_at(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


@cache
def changes() -> list[Change]:
    """The changes of all zones, those that several zones share only once."""
    found: dict[tuple[datetime, timedelta, timedelta], Change] = {}
    for name in ZONES:
        for change in changes_of(name):
            found.setdefault(change[1:], change)
    return list(found.values())


def test_there_are_changes_to_test() -> None:
    """The tests below would say nothing of an empty list: the EU alone changes twice a year."""
    assert len(changes()) > 3000
    assert any(after < before for _, _, before, after in changes())
    assert any(abs(after - before) >= timedelta(hours=23) for _, _, before, after in changes())


def test_every_skipped_wall_time_moves_forward_by_the_gap() -> None:
    for name, instant, before, after in changes():
        if after <= before:
            continue
        first_skipped = (instant + before).replace(tzinfo=None)
        for into in (timedelta(0), (after - before) / 2, after - before - timedelta(seconds=1)):
            wall = first_skipped + into
            found = moment(wall.date(), wall.time(), ZoneInfo(name))
            assert found.at == (wall - before).replace(tzinfo=UTC), (name, wall)
            assert found.local_at.replace(tzinfo=None) == wall + (after - before), (name, wall)
            assert "does not exist" in found.note


def test_every_doubled_wall_time_is_the_first() -> None:
    for name, instant, before, after in changes():
        if after >= before:
            continue
        first_doubled = (instant + after).replace(tzinfo=None)
        for into in (timedelta(0), (before - after) / 2, before - after - timedelta(seconds=1)):
            wall = first_doubled + into
            found = moment(wall.date(), wall.time(), ZoneInfo(name))
            assert found.at == (wall - before).replace(tzinfo=UTC), (name, wall)
            assert found.at < instant
            assert found.local_at.replace(tzinfo=None) == wall, (name, wall)
            assert "comes twice" in found.note


def test_right_before_and_after_a_change_nothing_is_said() -> None:
    for name, instant, before, after in changes():
        zone = ZoneInfo(name)
        edges = (instant + min(before, after) - timedelta(seconds=1), instant + max(before, after))
        for edge in edges:
            wall = edge.replace(tzinfo=None)
            found = moment(wall.date(), wall.time(), zone)
            # Some clocks changed again within the hour.
            if not found.note:
                assert found.local_at.replace(tzinfo=None) == wall, (name, wall)


@given(
    st.sampled_from(ZONES),
    st.dates(date(1900, 1, 1), date(2200, 12, 31)),
    st.times().map(lambda wall: wall.replace(second=0, microsecond=0)),
)
def test_what_exists_once_comes_back_as_it_was(name: str, day: date, wall: time) -> None:
    found = moment(day, wall, zone_named(name))
    assert found.at == found.local_at
    assert found.at.tzinfo is UTC
    if "does not exist" in found.note:
        assert found.local_at.replace(tzinfo=None) > datetime.combine(day, wall)
    else:
        assert found.local_at.replace(tzinfo=None) == datetime.combine(day, wall)


def test_the_notes_name_the_time_the_day_and_the_zone() -> None:
    helsinki = zone_named("Europe/Helsinki")
    skipped = moment(date(2026, 3, 29), time(3, 30), helsinki)
    assert skipped.note == "03:30 does not exist on 2026-03-29 in Europe/Helsinki: 04:30 instead"
    doubled = moment(date(2026, 10, 25), time(3, 30), helsinki)
    assert doubled.note == "03:30 comes twice on 2026-10-25 in Europe/Helsinki: the first is meant"
    assert moment(date(2026, 10, 25), time(8), helsinki).note == ""


def test_a_whole_day_that_a_zone_has_skipped_is_said_with_the_day() -> None:
    found = moment(date(2011, 12, 30), time(8), zone_named("Pacific/Apia"))
    assert found.note == "08:00 does not exist on 2011-12-30 in Pacific/Apia: 08:00 on 2011-12-31 instead"


@pytest.mark.parametrize("name", ["Europe/Helsingfors", "", "../../etc/passwd", "Europe", "x" * 5000, "a\0b"])
def test_an_unknown_zone_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(UnknownZoneError, match="there is no time zone") as caught:
        zone_named(name)
    assert caught.value.hint == "Write a name as in Europe/Helsinki."


def test_a_day_at_the_end_of_the_calendar_overflows() -> None:
    with pytest.raises(OverflowError):
        moment(date.max, time(23), zone_named("America/New_York"))
