"""The clock changes while a post is on its way: set back, it is not due any more; after a sleep of the machine, too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.steps import DuePost, Outcome
from campaigner.ledger import account_states, deliveries
from campaigner.ledger.ledger import Connection, Ledger
from campaigner.ledger.models import State
from campaigner.platforms.base import Media, Rejected, Unauthorized, Unavailable, Uploaded

from .conftest import DUE, delivered, job_of, key_of, post_of, with_picture
from .platform_in_memory import PlatformInMemory


class WrongClock(SteppingClock):
    """A clock that somebody sets right."""

    def set_to(self, instant: datetime) -> None:
        self._now = instant


@pytest.fixture
def clock() -> WrongClock:
    return WrongClock(DUE)


@pytest.fixture
def ledger(tmp_path: Path, clock: WrongClock) -> Iterator[Ledger]:
    ledger = Ledger.open(tmp_path / "state/campaigner.db", clock)
    ledger.enter("test")
    ledger.write(lambda connection: account_states.sent(connection, "desk", DUE - timedelta(hours=1)))
    yield ledger
    ledger.close()


def test_a_post_whose_time_is_not_come_any_more_is_not_claimed(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, clock: WrongClock
) -> None:
    post = post_of("morning", "Hei")

    clock.set_to(DUE - timedelta(hours=4))
    assert delivered(deliverer, job_of(post)).outcome is Outcome.ELSEWHERE
    assert platform.journal == []
    assert ledger.read(lambda connection: deliveries.find(connection, key_of("morning"))) is None
    clock.set_to(DUE)
    assert delivered(deliverer, job_of(post)).outcome is Outcome.PUBLISHED


def test_what_was_claimed_too_early_is_given_back_before_it_is_sent(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, clock: WrongClock, tmp_path: Path
) -> None:
    post = post_of("morning", "Hei")
    # An upload takes a while: what is sent after it is looked at once more.
    uploading = with_picture(post, tmp_path)
    prepare = platform.prepare

    def slow(media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        clock.set_to(DUE - timedelta(hours=4))
        return prepare(media)

    platform.prepare = slow  # type: ignore[method-assign]
    report = delivered(deliverer, job_of(uploading))
    assert (report.outcome, report.reason) == (Outcome.HELD, deliveries.NOT_YET)
    assert platform.journal == []
    found = ledger.read(lambda connection: deliveries.find(connection, key_of("morning")))
    assert found is not None
    assert found.state is State.DUE
    platform.prepare = prepare  # type: ignore[method-assign]
    clock.set_to(DUE)
    assert delivered(deliverer, job_of(uploading)).outcome is Outcome.PUBLISHED
    assert len(platform.journal) == 1


def want(connection: Connection, due: DuePost) -> None:
    found = deliveries.create_settled(connection, due.key, due.due_at, State.DUE, DUE, "")
    assert found is not None
    deliveries.force_due(connection, found, DUE, "retried")


def test_what_a_person_wants_now_waits_for_no_clock(
    deliverer: Deliverer, platform: PlatformInMemory, clock: WrongClock, ledger: Ledger
) -> None:
    due = job_of(post_of("morning", "Hei"))
    ledger.write(lambda c: want(c, due))
    clock.set_to(DUE - timedelta(hours=4))
    assert delivered(deliverer, due).outcome is Outcome.PUBLISHED
    assert len(platform.journal) == 1


@pytest.mark.parametrize("asks", ["identity", "prepare"])
def test_a_machine_that_sleeps_while_a_platform_is_asked_sends_nothing_past_its_time(
    deliverer: Deliverer, platform: PlatformInMemory, ledger: Ledger, clock: WrongClock, tmp_path: Path, asks: str
) -> None:
    due = job_of(with_picture(post_of("morning", "Hei"), tmp_path))
    ask = getattr(platform, asks)

    def slept(*asked: object) -> object:
        clock.set_to(due.expires_at)
        return ask(*asked)

    setattr(platform, asks, slept)
    report = delivered(deliverer, due)
    assert (report.outcome, report.reason) == (Outcome.HELD, "its time passed while it was made ready")
    assert platform.journal == []
    found = ledger.read(lambda connection: deliveries.find(connection, due.key))
    assert found is None or found.state is State.DUE


def test_what_a_person_wants_now_is_never_too_late(
    deliverer: Deliverer, platform: PlatformInMemory, clock: WrongClock, ledger: Ledger
) -> None:
    due = job_of(post_of("morning", "Hei"))
    ledger.write(lambda c: want(c, due))
    clock.set_to(due.expires_at + timedelta(hours=1))
    assert delivered(deliverer, due).outcome is Outcome.PUBLISHED
