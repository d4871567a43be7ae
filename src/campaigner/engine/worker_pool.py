"""The workers: plain threads that make one call each and know no ledger."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..delivery.steps import Step, Steps
from .due import PostStatus

WORKERS = 64


@dataclass(slots=True, eq=False)
class Task:
    """Steps that are under way, one call after the other, for a post or to answer a question of that name."""

    steps: Steps[Any]
    subject: PostStatus | str


class Finished(NamedTuple):
    """A step that a worker has made: what the call returned, or what it raised."""

    task: Task
    answer: object = None
    fault: BaseException | None = None


class WorkerPool:
    """Makes steps, at most `size` at once. `take` gives back what is finished, to the one thread that asks for it."""

    def __init__(self, size: int = WORKERS) -> None:
        self.size = size
        self._waiting: queue.SimpleQueue[tuple[Task, Step] | None] = queue.SimpleQueue()
        self._finished: queue.SimpleQueue[Finished | None] = queue.SimpleQueue()
        self._threads = 0
        self._in_flight = 0

    def make(self, task: Task, step: Step) -> None:
        """Let a worker make this call. Threads are started as they are needed."""
        self._in_flight += 1
        if self._threads < min(self._in_flight, self.size):
            self._threads += 1
            threading.Thread(target=self._work, name=f"worker-{self._threads}", daemon=True).start()
        self._waiting.put((task, step))

    def take(self, seconds: float | None) -> list[Finished]:
        """What is finished; waits so long for the first, None: for ever. Empty when the time is over, or after `wake`."""
        found: list[Finished] = []
        try:
            one = self._finished.get(timeout=seconds) if seconds is None or seconds > 0 else self._finished.get_nowait()
            while True:
                if one is not None:
                    found.append(one)
                one = self._finished.get_nowait()
        except queue.Empty:
            self._in_flight -= len(found)
            return found

    def wake(self) -> None:
        """Let `take` return now. Safe from any thread, and in a signal handler."""
        self._finished.put(None)

    def close(self) -> None:
        """Let the threads end when their calls do."""
        for _ in range(self._threads):
            self._waiting.put(None)

    def _work(self) -> None:
        while (found := self._waiting.get()) is not None:
            task, step = found
            try:
                finished = Finished(task, step.call())
            except BaseException as error:
                # Also SystemExit: whoever ends a thread would leave its post in nobody's hands.
                finished = Finished(task, fault=error)
            self._finished.put(finished)
