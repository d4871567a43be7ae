"""Beside the main loop: a fault of one thing is said or handed on, and never ends another; and the loop has a pulse."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from campaigner.engine import background_tasks
from campaigner.engine.background_tasks import BackgroundTasks, LoopWatchdog
from campaigner.errors import SurroundingsError

from ..alerts.test_notifier import Steady

LONG = 20.0


class Loop:
    """The main loop, as far as what is beside it can tell."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.said: list[str] = []
        self.failed: list[Exception] = []
        self.doubts = 0
        self.background = BackgroundTasks(
            self.stopping, say=lambda error: self.said.append(str(error)), doubt=self.doubt, fail=self.failed.append
        )

    def doubt(self) -> None:
        self.doubts += 1


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setattr(background_tasks, "LOOK_SECONDS", 0.001)
    loop = Loop()
    yield loop
    loop.stopping.set()
    loop.background.join(LONG)


def test_what_hangs_holds_up_nothing_else(loop: Loop) -> None:
    others = threading.Event()
    loop.background.start("hangs", lambda: loop.stopping.wait(LONG) and None)
    loop.background.start("goes on", others.set)
    assert others.wait(LONG)


def test_a_fault_of_the_surroundings_is_said_once_and_the_next_round_comes(loop: Loop) -> None:
    rounds: list[int] = []
    enough = threading.Event()

    def act() -> None:
        rounds.append(1)
        if len(rounds) > 5:
            enough.set()
        raise SurroundingsError("the ledger is locked")

    loop.background.start("act", act)
    assert enough.wait(LONG)
    loop.stopping.set()
    loop.background.join(LONG)
    assert (loop.said, loop.failed) == (["the ledger is locked"], [])
    assert loop.doubts == len(rounds)


def test_a_fault_that_also_ends_the_main_loop_is_left_to_it(loop: Loop) -> None:
    def act() -> None:
        loop.stopping.set()
        raise SurroundingsError("the ledger was upgraded")

    loop.background.start("act", act)
    loop.background.join(LONG)
    assert (loop.said, loop.doubts) == ([], 1)


def test_what_nobody_expected_is_handed_on_and_the_others_go_on(loop: Loop) -> None:
    after = threading.Event()

    def fail() -> None:
        raise KeyError("what a library raises")

    loop.background.start("fails", fail)
    loop.background.start("goes on", lambda: after.set() if loop.failed else None)
    assert after.wait(LONG)
    assert [type(error) for error in loop.failed] == [KeyError]


def test_the_pulse_is_there_for_a_minute_and_a_half_after_a_turn() -> None:
    steady = Steady()
    pulse = LoopWatchdog(steady)
    assert not pulse.is_there
    pulse.turned()
    found = []
    for seconds in (0, 89, 90, 4000):
        steady.now = 1000.0 + seconds
        found.append(pulse.is_there)
    pulse.turned()
    assert [*found, pulse.is_there] == [True, True, False, False, True]
