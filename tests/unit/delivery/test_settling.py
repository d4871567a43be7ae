"""No post waits for the disk between two calls of its lane, and nothing is sent that is not written down first."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from campaigner.clock import SteppingClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.job import Job
from campaigner.delivery.report import Outcome, Report
from campaigner.engine.admission import Admission
from campaigner.engine.dispatch import Dispatcher
from campaigner.errors import SurroundingsError
from campaigner.ledger import attempts, deliveries, lanes, switches
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.records import State
from campaigner.platforms.base import PartToSend

from .conftest import DUE, job_of, key_of, post_of
from .platform_in_memory import PlatformInMemory

NAMES = ("one", "two", "three")


class Desk:
    """A lane with posts at one instant: what it told, and what it failed for."""

    def __init__(self, ledger: Ledger, deliverer: Deliverer) -> None:
        self.deliverer = deliverer
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


def test_the_next_post_is_written_down_while_the_one_before_is_on_its_way(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    seen: list[list[State | None]] = []

    def look(_: object) -> None:
        wait_for(lambda: state_of(ledger, "two") is not None)
        seen.append([state_of(ledger, name) for name in NAMES])

    platform.before_publish = look
    desk.run(*three())
    assert seen[0] == [State.SENDING, State.SENDING, None]
    assert [report.outcome for report in desk.told] == [Outcome.PUBLISHED] * 3
    assert [part.text for part in platform.journal] == ["Hei one", "Hei two", "Hei three"]


def test_a_hold_stops_the_very_next_post_though_it_is_written_down_already(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    def hold(part: PartToSend) -> None:
        if part.text == "Hei two":
            wait_for(lambda: state_of(ledger, "three") is State.SENDING)
            give_hold(ledger)

    platform.before_publish = hold
    desk.run(*three())
    assert [part.text for part in platform.journal] == ["Hei one", "Hei two"]
    assert {report.key.message: report.outcome for report in desk.told} == {
        "one": Outcome.PUBLISHED,
        "two": Outcome.PUBLISHED,
        "three": Outcome.HELD,
    }
    assert state_of(ledger, "three") is State.DUE
    release(ledger)
    again = Desk(ledger, desk.deliverer)
    again.run(job_of(post_of("three", "Hei three")))
    # The call that was never made counts for nothing: the same token, and nothing to look for.
    assert [part.text for part in platform.journal] == ["Hei one", "Hei two", "Hei three"]
    assert platform.calls == ["publish", "publish", "publish"]
    assert outcomes_of(ledger, "three") == ["withdrawn", "published"]


def test_what_is_written_down_is_taken_back_when_the_account_is_refused(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    platform.faults = ["unauthorized"]
    platform.before_publish = lambda _: wait_for(lambda: state_of(ledger, "two") is State.SENDING)
    desk.run(*three())
    assert platform.journal == []
    assert {report.outcome for report in desk.told} == {Outcome.WAITING}
    assert [state_of(ledger, name) for name in NAMES] == [State.DUE, State.DUE, None]


def test_what_is_written_down_is_taken_back_when_the_engine_stops(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    def stop(_: object) -> None:
        wait_for(lambda: state_of(ledger, "two") is State.SENDING)
        desk.dispatcher.stop()

    platform.before_publish = stop
    desk.run(*three())
    assert [part.text for part in platform.journal] == ["Hei one"]
    assert [state_of(ledger, name) for name in NAMES] == [State.PUBLISHED, State.DUE, None]


def test_a_post_that_is_written_down_waits_for_its_time_when_the_clock_is_set_back(
    ledger: Ledger, deliverer: Deliverer, platform: PlatformInMemory, clock: SteppingClock
) -> None:
    desk = Desk(ledger, deliverer)

    def set_back(part: PartToSend) -> None:
        wait_for(lambda: state_of(ledger, "two") is State.SENDING)
        clock._now = DUE - timedelta(hours=4)

    platform.before_publish = set_back
    desk.run(*three())
    assert [part.text for part in platform.journal] == ["Hei one"]
    assert state_of(ledger, "two") is State.DUE


def test_no_more_posts_are_written_down_as_being_sent_than_a_quarter_above_the_workers(
    ledger: Ledger, clock: SteppingClock
) -> None:
    platform = PlatformInMemory(clock)
    accounts = [f"a{number}" for number in range(12)]
    made = {account: Deliverer(ledger, account, platform) for account in accounts}
    for account in accounts:
        ledger.write(partial(lanes.sent, account=account, now=DUE - timedelta(hours=1)))
    most: list[int] = []
    calls: list[int] = []
    at_once = threading.Semaphore(8)

    def count(_: object) -> None:
        assert at_once.acquire(blocking=False), "more calls than workers"
        most.append(len(ledger.read(lambda connection: deliveries.select(connection, [State.SENDING]))))
        calls.append(1)
        at_once.release()

    platform.before_publish = count
    told: list[Report] = []
    dispatcher = Dispatcher(ledger, made.__getitem__, told.append, print, workers=8)
    for name in NAMES:
        for account in accounts:
            post = post_of(name, f"Hei {name} {account}")
            key = post.key._replace(account=account)
            dispatcher.submit(job_of(replace(post, key=key)))
    assert dispatcher.wait_idle(30)
    dispatcher.close()
    assert [report.outcome for report in told] == [Outcome.PUBLISHED] * 36
    assert max(most) <= 10


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


def test_what_can_not_be_recorded_ends_the_lane_and_nothing_is_forgotten(
    desk: Desk, ledger: Ledger, platform: PlatformInMemory
) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON parts BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    desk.run(*three())
    sent = [part.text.removeprefix("Hei ") for part in platform.journal]
    # The second was written down before the first was sent; the third is not begun.
    assert sent in (["one"], ["one", "two"])
    assert isinstance(desk.faults[0], SurroundingsError)
    assert "disk is full" in str(desk.faults[0])
    assert desk.told == []
    # Nobody takes what may be out for something that was never sent.
    assert {state_of(ledger, name) for name in sent} == {State.SENDING}
    assert not desk.dispatcher.in_hand


def test_a_lane_that_needs_a_place_is_not_kept_waiting_by_posts_that_come_next() -> None:
    admission = Admission(2)
    entered = threading.Event()

    def third() -> None:
        with admission.lane():
            entered.set()

    with admission.lane():
        assert admission.take_ahead()
        assert not admission.take_ahead()
        waiting = threading.Thread(target=third)
        waiting.start()
        assert not entered.wait(0.05)
        admission.give_back()
        assert entered.wait(10)
        waiting.join()


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.001)


def give_hold(ledger: Ledger) -> None:
    ledger.write(
        lambda c: switches.give_hold(
            c, campaign=None, account=None, until=None, reason="a disaster", given_by="test", now=DUE
        )
    )


def release(ledger: Ledger) -> None:
    ledger.write(lambda c: switches.release_holds(c, campaign=None, account=None, released_by="test", now=DUE))


def outcomes_of(ledger: Ledger, name: str) -> list[str | None]:
    found = ledger.read(lambda connection: deliveries.find(connection, key_of(name)))
    assert found is not None
    return [attempt.outcome for attempt in ledger.read(lambda connection: attempts.of(connection, found))]


def test_a_post_that_waits_for_a_call_to_be_free_is_taken_back_when_the_engine_stops(
    ledger: Ledger, clock: SteppingClock
) -> None:
    platform = PlatformInMemory(clock)
    made = {name: Deliverer(ledger, name, platform) for name in ("a", "b")}
    for deliverer in made.values():
        deliverer.who._alone_at = DUE
    told: list[Report] = []
    # One call at a time, and two lanes: a quarter of four workers.
    dispatcher = Dispatcher(ledger, made.__getitem__, told.append, print, workers=4)
    dispatcher._calls = threading.Semaphore(1)

    def stop(_: object) -> None:
        wait_for(lambda: len(ledger.read(lambda c: deliveries.select(c, [State.SENDING]))) == 2)
        dispatcher.stop()

    platform.before_publish = stop
    for name in made:
        post = post_of("one", f"Hei {name}")
        dispatcher.submit(job_of(replace(post, key=post.key._replace(account=name))))
    assert dispatcher.wait_idle(30)
    dispatcher.close()
    assert len(platform.journal) == 1
    states = sorted(str(found.state) for found in ledger.read(deliveries.select))
    assert states == ["due", "published"]
