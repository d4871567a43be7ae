"""When to try again: later each time, never at the same moment as the others, and not before the platform says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigner.delivery.record_outcome import FIRST, LONGEST, retry_at

NOW = datetime(2026, 12, 18, 6, 0, tzinfo=UTC)
KEYS = [f"migrants-day/2026/m{number}/desk/fi" for number in range(200)]
LEAST, MOST = 0.8, 1.2


def pauses(failures: int) -> list[timedelta]:
    return [retry_at(NOW, failures, key) - NOW for key in KEYS]


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 15), (1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 600), (7, 600), (50, 600), (10_000, 600)],
)
def test_a_pause_doubles_up_to_ten_minutes_and_keeps_within_a_fifth_of_it(failures: int, seconds: int) -> None:
    found = pauses(failures)
    assert min(found) >= LEAST * timedelta(seconds=seconds)
    assert max(found) <= MOST * timedelta(seconds=seconds)


@pytest.mark.parametrize("failures", [0, 3, 8])
def test_posts_that_failed_together_come_again_apart(failures: int) -> None:
    found = pauses(failures)
    middle = min(FIRST * 2**failures, LONGEST)
    assert len(set(found)) > len(KEYS) / 3
    # The whole of the spread is used, on both sides.
    assert min(found) < 0.85 * middle
    assert max(found) > 1.15 * middle


def test_the_same_post_spreads_anew_at_each_try_and_a_plan_can_be_told() -> None:
    shares = {(retry_at(NOW, failures, KEYS[0]) - NOW) / (FIRST * 2**failures) for failures in range(6)}
    assert len(shares) > 3
    assert pauses(4) == pauses(4)


@pytest.mark.parametrize("failures", [0, 6])
def test_at_the_time_that_the_platform_asked_for(failures: int) -> None:
    for asked_for in (NOW + timedelta(hours=1), NOW + timedelta(seconds=2)):
        assert {retry_at(NOW, failures, key, asked_for) for key in KEYS} == {asked_for}
    assert {retry_at(NOW, failures, key, NOW - timedelta(hours=1)) for key in KEYS} == {NOW + timedelta(seconds=1)}
