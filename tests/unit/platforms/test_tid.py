"""TIDs: pure, sortable, and the same for the same post."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from campaigner.platforms.bluesky import _LETTERS, tid_of

DUE = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


def number_of(tid: str) -> int:
    number = 0
    for letter in tid:
        number = number * 32 + _LETTERS.index(letter)
    return number


def test_a_tid_that_never_changes() -> None:
    """Another value would make a twin of every post that is in doubt while campaigner is updated."""
    assert tid_of("ab" * 32, DUE) == "3hqqvctvrokdv"


@given(st.text(), MOMENTS)
def test_form_and_second(token: str, due_at: datetime) -> None:
    tid = tid_of(token, due_at)
    assert re.fullmatch(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", tid)
    assert (number_of(tid) >> 10) // 1_000_000 == int(due_at.timestamp())


@given(MOMENTS, st.integers(1, 10**9))
def test_later_posts_sort_later(due_at: datetime, seconds: int) -> None:
    assert tid_of("b", due_at) < tid_of("a", due_at + timedelta(seconds=seconds))


def test_tokens_tell_posts_of_one_second_apart() -> None:
    assert len({tid_of(str(number), DUE) for number in range(10_000)}) == 10_000


def test_the_fraction_of_a_second_and_the_zone_do_not_count() -> None:
    elsewhere = DUE.astimezone(timezone(timedelta(hours=2)))
    assert tid_of("a", DUE) == tid_of("a", DUE + timedelta(microseconds=999_999)) == tid_of("a", elsewhere)
