"""The real daemon under a machine's clock that comes to odd days: nights of the change, a leap day, what 32 bits can't count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .faked import FakedClock
from .test_daemon import daemon
from .test_faked_clock import look, wait_until_accepted
from .test_kill import wait_for
from .workplace import Workplace, account, campaign, message

DAYS: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]] = {
    # 03:00 becomes 04:00: half past three moves by the gap.
    "the gap": (
        "2027-03-28",
        {"before": ("02:59", "00:59"), "gap": ("03:30", "01:30"), "after": ("04:45", "01:45")},
    ),
    # 04:00 becomes 03:00: half past three comes twice, and the first is meant.
    "the fold": (
        "2027-10-31",
        {"before": ("02:59", "23:59 -1"), "fold": ("03:30", "00:30"), "second": ("04:10", "02:10")},
    ),
    "a leap day": ("2028-02-29", {"leap": ("09:00", "07:00"), "next": ("+1d 00:00", "22:00")}),
    "past 32 bits": ("2038-01-19", {"last": ("05:14", "03:14"), "next": ("05:20", "03:20")}),
    "past 2038": ("2044-02-29", {"leap": ("09:00", "07:00"), "next": ("+1d 08:00", "06:00 +1")}),
}
"""The observance's day, and of each message the time as it is written, and in UTC; -1 and +1 are days beside it."""


def instant(day: str, written: str) -> datetime:
    clock_time, _, days = written.partition(" ")
    return datetime.fromisoformat(f"{day}T{clock_time}").replace(tzinfo=UTC) + timedelta(days=int(days or 0))


@pytest.mark.parametrize("name", DAYS)
def test_each_post_goes_out_once_when_its_time_comes_on_the_machine(
    place: Workplace, mastodon: FakeMastodon, name: str
) -> None:
    day, messages = DAYS[name]
    due = {message: instant(day, written) for message, (_, written) in messages.items()}
    machine = FakedClock(place, next(iter(due.values())) - timedelta(minutes=20))
    mastodon.clock = machine
    place.write_config({"news": account(mastodon, ["en"])})
    texts = {name: message(written, f"Text {name}", f"Teksti {name}") for name, (written, _) in messages.items()}
    place.write("campaigns/day.yaml", campaign(texts, observance=day, editions=[int(day[:4])]))
    with daemon(place):
        wait_until_accepted(place)
        for number, due_at in enumerate(due.values()):
            machine.jump_to(due_at - timedelta(seconds=3))
            wait_for(lambda number=number: len(mastodon.journal) > number)
            # The same wall time, once more or an hour later, posts nothing.
            machine.jump_to(due_at + timedelta(minutes=2))
    assert mastodon.texts == [f"Text {name}" for name in due]
    for posted, due_at in zip(mastodon.journal, due.values(), strict=True):
        assert due_at <= posted.at < due_at + timedelta(minutes=1)
    assert look(place) == ({f"day/{day[:4]}/{name}/news/en": "published" for name in due}, [])
