"""What a daemon does beside its turns, each thing on a thread of its own: none of them holds up another, or a post."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..errors import SurroundingsError

LOOK_SECONDS = 2.0
STUCK_SECONDS = 90.0
"""A turn of the main loop takes seconds, also with many files; one that takes this long hangs."""


class BackgroundTasks:
    """Does things again and again until `stopping`. `fail` gets a fault that nobody expected, and that thing is over.

    What the surroundings don't allow at the moment is tried again, and said once; `doubt` hears of it at once, to see for
    itself whether the ledger has failed for good.
    """

    def __init__(
        self,
        stopping: threading.Event,
        *,
        say: Callable[[Exception], None],
        doubt: Callable[[], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._stopping = stopping
        self._say = say
        self._doubt = doubt
        self._fail = fail
        self._said: set[str] = set()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, act: Callable[[], None]) -> None:
        """Do this every two seconds from now on."""
        thread = threading.Thread(target=self._keep, args=[act], name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self, seconds: float) -> None:
        """Wait so long, all in all, for what is being done."""
        ends = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _keep(self, act: Callable[[], None]) -> None:
        fault: SurroundingsError | None = None
        while not self._stopping.wait(LOOK_SECONDS):
            if fault is not None:
                # Only now: a ledger that fails for good has ended the main loop by now, which says it too.
                self._say_once(fault)
            try:
                fault = None
                act()
            except SurroundingsError as error:
                fault = error
                self._doubt()
            except Exception as error:
                self._fail(error)
                return

    def _say_once(self, fault: SurroundingsError) -> None:
        if str(fault) not in self._said:
            self._said.add(str(fault))
            self._say(fault)


class LoopWatchdog:
    """Whether the main loop is alive: it says when a turn has ended."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._turned_at: float | None = None

    def turned(self) -> None:
        """A turn has ended well just now."""
        self._turned_at = self._steady()

    @property
    def is_there(self) -> bool:
        """False before the first turn, and when none has ended for a minute and a half."""
        return self._turned_at is not None and self._steady() < self._turned_at + STUCK_SECONDS
