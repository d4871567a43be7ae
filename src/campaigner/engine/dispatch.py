"""Dispatcher: one lane an account, in order and at its pace, accounts side by side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from ..delivery.deliver import Deliverer
from ..delivery.pacing import why_stopped
from ..delivery.report import Outcome, Report
from ..errors import AccountError, BrokenAccountError
from ..ledger import lanes
from ..ledger.ledger import Ledger
from .admission import Admission
from .lane import LaneAtWork, Work

WORKERS = 64


@dataclass(slots=True)
class _Queue:
    waiting: deque[Work] = field(default_factory=deque)
    running: bool = False


class Dispatcher:
    """Runs work on lanes. `tell` gets every Report, from the lanes' threads; `connect` gives an account's Deliverer.

    At most `workers` calls are made at once. No new work is begun once `stopping` is set.
    `tell_fault` gets what a lane could not go on for (ledger gone, secret missing): the run ends with its exit code.
    """

    def __init__(
        self,
        ledger: Ledger,
        connect: Callable[[str], Deliverer],
        tell: Callable[[Report], None],
        tell_fault: Callable[[Exception], None],
        *,
        workers: int = WORKERS,
        stopping: threading.Event | None = None,
    ) -> None:
        self._ledger = ledger
        self._connect = connect
        self._tell = tell
        self._tell_fault = tell_fault
        places = workers + workers // 4
        # More lanes than calls: while some wait for the disk, others ask their platforms.
        self._pool = ThreadPoolExecutor(places, thread_name_prefix="lane")
        self._admission = Admission(places)
        self._calls = threading.Semaphore(workers)
        self._queues: dict[str, _Queue] = {}
        self._in_hand: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = stopping or threading.Event()

    @property
    def in_hand(self) -> frozenset[str]:
        """Keys that wait on a lane or are being delivered."""
        with self._changed:
            return frozenset(self._in_hand)

    @property
    def busy(self) -> frozenset[str]:
        """Accounts whose lane has work."""
        with self._changed:
            return frozenset(account for account, queue in self._queues.items() if queue.running)

    def submit(self, work: Work) -> None:
        """Put work at the end of its account's lane; what is in hand already is not taken twice."""
        with self._changed:
            if self._stopping.is_set() or str(work.key) in self._in_hand:
                return
            queue = self._queues.setdefault(work.key.account, _Queue())
            queue.waiting.append(work)
            self._in_hand.add(str(work.key))
            if not queue.running:
                queue.running = True
                self._pool.submit(self._run_lane, work.key.account, queue)

    def wait_idle(self, timeout_seconds: float | None = None) -> bool:
        """Wait until no lane has work; False when the time is over first."""
        with self._changed:
            return self._changed.wait_for(lambda: not any(q.running for q in self._queues.values()), timeout_seconds)

    def stop(self) -> None:
        """Take no more work and drop what has not begun; calls in flight go on."""
        self._stopping.set()
        with self._changed:
            for queue in self._queues.values():
                for work in queue.waiting:
                    self._in_hand.discard(str(work.key))
                queue.waiting.clear()

    def close(self) -> None:
        """Let the threads end."""
        self.stop()
        self._pool.shutdown(wait=False)

    def _run_lane(self, account: str, queue: _Queue) -> None:
        try:
            self._drain(account, queue)
        except Exception as error:
            if isinstance(error, BrokenAccountError):
                self._stop_account(error)
                self._leave(queue, Outcome.WAITING, error.reason)
            elif isinstance(error, AccountError):
                self._tell_no_access(account, str(error))
                self._leave(queue, Outcome.WAITING, str(error))
            self._tell_fault(error)
            self._drop(queue)
        finally:
            with self._changed:
                queue.running = False
                if queue.waiting and not self._stopping.is_set():
                    queue.running = True
                    self._pool.submit(self._run_lane, account, queue)
                self._changed.notify_all()

    def _drain(self, account: str, queue: _Queue) -> None:
        if reason := self._why_stopped(account):
            # Not even connected: it may be that which fails.
            self._leave(queue, Outcome.WAITING, reason)
            return
        deliverer = self._connect(account)
        with self._admission.lane():
            lane = self._lane(account, deliverer, queue)
            if not lane.take():
                self._leave(queue, Outcome.ELSEWHERE, "another process sends for it")
                return
            try:
                while (work := self._next(queue)) is not None:
                    lane.do(work)
            finally:
                lane.end()

    def _why_stopped(self, account: str) -> str | None:
        lane = self._ledger.read(lambda connection: lanes.lane(connection, account))
        return None if lane.stopped_at is None else why_stopped(lane)

    def _stop_account(self, error: BrokenAccountError) -> None:
        now = self._ledger.clock.now()
        self._ledger.write(lambda connection: lanes.stop(connection, error.account, error.reason, now))

    def _tell_no_access(self, account: str, reason: str) -> None:
        now = self._ledger.clock.now()
        self._ledger.write(lambda connection: lanes.tell_no_access(connection, account, reason, now))

    def _leave(self, queue: _Queue, outcome: Outcome, reason: str) -> None:
        for left in self._drop(queue):
            self._tell(Report(outcome=outcome, key=left.key, reason=reason))

    def _lane(self, account: str, deliverer: Deliverer, queue: _Queue) -> LaneAtWork:
        return LaneAtWork(
            account=account,
            ledger=self._ledger,
            deliverer=deliverer,
            connect=partial(self._connect, account),
            admission=self._admission,
            calls=self._calls,
            stopping=self._stopping,
            peek=partial(self._peek, queue),
            tell=self._tell,
            tell_fault=self._tell_fault,
            done=self._done,
        )

    def _peek(self, queue: _Queue) -> Work | None:
        with self._changed:
            return queue.waiting[0] if queue.waiting and not self._stopping.is_set() else None

    def _next(self, queue: _Queue) -> Work | None:
        with self._changed:
            return queue.waiting.popleft() if queue.waiting and not self._stopping.is_set() else None

    def _done(self, work: Work) -> None:
        with self._changed:
            self._in_hand.discard(str(work.key))

    def _drop(self, queue: _Queue) -> list[Work]:
        with self._changed:
            dropped = list(queue.waiting)
            queue.waiting.clear()
            for work in dropped:
                self._in_hand.discard(str(work.key))
            return dropped
