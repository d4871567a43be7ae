"""The machine's clock: how long a wait lasts when it jumps."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

from campaigner.clock import SystemClock

DAY = timedelta(days=1)
SHORT = timedelta(seconds=0.05)


class Jumping(SystemClock):
    """Jumps by `step` once somebody has begun to wait."""

    def __init__(self, step: timedelta) -> None:
        self._steps = iter([timedelta(0), timedelta(0)])
        self._rest = step

    def now(self) -> datetime:
        return super().now() + next(self._steps, self._rest)


def seconds_of_wait(clock: SystemClock, length: timedelta) -> float:
    began = time.monotonic()
    waiting = threading.Thread(target=clock.wait_until, args=[clock.now() + length], daemon=True)
    waiting.start()
    waiting.join(10)
    assert not waiting.is_alive()
    return time.monotonic() - began


def test_a_jump_back_does_not_lengthen_a_wait() -> None:
    assert seconds_of_wait(Jumping(-DAY), SHORT) >= SHORT.total_seconds()


def test_a_jump_forward_ends_a_wait() -> None:
    assert seconds_of_wait(Jumping(DAY), timedelta(hours=1)) < 10


def test_a_wait_ends_when_it_is_woken() -> None:
    wake = threading.Event()
    wake.set()
    SystemClock().wait_until(SystemClock().now() + DAY, wake)
