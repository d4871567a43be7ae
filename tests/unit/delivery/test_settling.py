"""The record of one post and the claim of the next share one wait for the disk, and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.job import Job
from campaigner.delivery.report import Outcome, Report
from campaigner.engine.dispatch import Dispatcher
from campaigner.errors import SurroundingsError
from campaigner.ledger import deliveries
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.records import State
from campaigner.post.post import Post

from .conftest import DUE, job_of, key_of, post_of
from .platform_in_memory import PlatformInMemory

NAMES = ("one", "two", "three")


class Desk:
    """A lane with posts at one instant: what it told, and what it failed for."""

    def __init__(self, ledger: Ledger, deliverer: Deliverer) -> None:
        self.told: list[Report] = []
        self.faults: list[Exception] = []
        self.dispatcher = Dispatcher(ledger, lambda _: deliverer, self.told.append, self.faults.append)

    def run(self, *jobs: Job) -> None:
        for job in jobs:
            self.dispatcher.submit(job)
        assert self.dispatcher.wait_idle(30)
        self.dispatcher.close()


@pytest.fixture
def desk(ledger: Ledger, deliverer: Deliverer) -> Desk:
    return Desk(ledger, deliverer)


def three(spacing: timedelta = timedelta(0)) -> list[Job]:
    return [replace(job_of(post_of(name, f"Hei {name}")), spacing=spacing) for name in NAMES]


def state_of(ledger: Ledger, name: str) -> State | None:
    found = ledger.read(lambda connection: deliveries.find(connection, key_of(name)))
    return found and found.state


def test_the_next_post_is_composed_while_the_one_before_is_being_recorded(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    with closing(sqlite3.connect(ledger.path, check_same_thread=False, isolation_level=None)) as other:
        # Nothing can be recorded from the moment the first post is sent until the second is composed.
        platform.before_publish = lambda part: other.execute("BEGIN IMMEDIATE") if part.text == "Hei one" else None
        second = post_of("two", "Hei two")

        def compose() -> Post:
            assert state_of(ledger, "one") is State.SENDING
            other.execute("ROLLBACK")
            return second

        desk.run(job_of(post_of("one", "Hei one")), replace(job_of(second), compose=compose))
    assert desk.faults == []
    assert [(report.key.message, report.outcome) for report in desk.told] == [
        ("one", Outcome.PUBLISHED),
        ("two", Outcome.PUBLISHED),
    ]
    assert [part.text for part in platform.journal] == ["Hei one", "Hei two"]


def test_with_spacing_each_post_is_recorded_before_the_next_is_thought_of(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    seen = []

    def look(_: object) -> None:
        seen.append((ledger.clock.now() - DUE, [state_of(ledger, name) for name in NAMES]))

    platform.before_publish = look
    desk.run(*three(timedelta(minutes=1)))
    out, sending = State.PUBLISHED, State.SENDING
    assert seen == [
        (timedelta(0), [sending, None, None]),
        (timedelta(minutes=1), [out, sending, None]),
        (timedelta(minutes=2), [out, out, sending]),
    ]


def test_what_can_not_be_recorded_ends_the_lane_before_the_next_is_sent(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON parts BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    desk.run(*three())
    assert [part.text for part in platform.journal] == ["Hei one"]
    assert isinstance(desk.faults[0], SurroundingsError)
    assert "disk is full" in str(desk.faults[0])
    assert desk.told == []
    # Nobody takes it for one that was never sent.
    assert state_of(ledger, "one") is State.SENDING
    assert not desk.dispatcher.in_hand
