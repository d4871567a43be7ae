"""Dispatcher: one lane an account, in order and at its pace, accounts side by side."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from ..delivery import pacing
from ..delivery.deliver import Deliverer
from ..delivery.job import Job
from ..delivery.reconcile import reconcile
from ..delivery.report import Outcome, Report, Settling, report_of
from ..ledger import deliveries, lanes
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Ledger
from ..ledger.records import Delivery, Lane
from ..post.key import PostKey

WORKERS = 64


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery in doubt, to be looked for on its platform."""

    delivery: Delivery
    late_until: datetime | None

    @property
    def key(self) -> PostKey:
        return self.delivery.key


@dataclass(frozen=True, slots=True)
class Rest:
    """A thread whose first parts are out: the rest of it."""

    delivery: Delivery
    spacing: timedelta

    @property
    def key(self) -> PostKey:
        return self.delivery.key


Work = Job | Doubt | Rest


@dataclass(slots=True)
class _Queue:
    waiting: deque[Work] = field(default_factory=deque)
    running: bool = False


class Dispatcher:
    """Runs work on lanes. `tell` gets every Report, from the lanes' threads; `connect` gives an account's Deliverer.

    No new work is begun once `stopping` is set.
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
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="lane")
        self._queues: dict[str, _Queue] = {}
        self._in_hand: set[str] = set()
        self._changed = threading.Condition()
        self._stopping = stopping or threading.Event()

    @property
    def in_hand(self) -> frozenset[str]:
        """Keys that wait on a lane or are being delivered."""
        with self._changed:
            return frozenset(self._in_hand)

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
        if not self._ledger.write(lambda connection: lanes.take(connection, account, self._ledger.owner_id)):
            for left in self._drop(queue):
                self._tell(Report(outcome=Outcome.ELSEWHERE, key=left.key, reason="another process sends for it"))
            return
        settling: list[tuple[Work, Settling]] = []
        try:
            deliverer = self._connect(account)
            while (work := self._next(queue)) is not None:
                self._run_one(work, deliverer, settling)
        finally:
            try:
                self._settle(settling)
            finally:
                self._ledger.write(lambda connection: lanes.give_back(connection, account, self._ledger.owner_id))

    def _run_one(self, work: Work, deliverer: Deliverer, settling: list[tuple[Work, Settling]]) -> None:
        """Do one work. `settling` is the one before, whose end need not be durable before this one is claimed."""
        settled = partial(self._settle, settling)
        try:
            if not _goes_on_at_once(work):
                settled()
            ended = self._do(work, deliverer, settled)
            settled()
            if isinstance(ended, Settling):
                settling.append((work, ended))
            else:
                self._tell(ended)
        finally:
            if not settling or settling[-1][0] is not work:
                self._done(work)

    def _settle(self, settling: list[tuple[Work, Settling]]) -> None:
        """Tell what has become durable; wait for it first."""
        while settling:
            work, ended = settling.pop()
            try:
                self._tell(report_of(ended))
            finally:
                self._done(work)

    def _do(self, work: Work, deliverer: Deliverer, settled: Callable[[], None]) -> Report | Settling:
        lane = self._lane(work.key.account)
        now = self._ledger.clock.now()
        not_now = pacing.why_not_now(lane, now)
        if not_now is not None:
            return Report(outcome=Outcome.WAITING, key=work.key, reason=not_now[0], until=not_now[1])
        if isinstance(work, Doubt):
            return reconcile(deliverer, work.delivery, work.late_until)
        if not self._keep_pace(lane, work.spacing):
            return Report(outcome=Outcome.ELSEWHERE, key=work.key, reason="stopped before its turn")
        if not isinstance(work, Job):
            return self._go_on(work, deliverer)
        if self._is_over(work, lane):
            return Report(outcome=Outcome.WAITING, key=work.key, reason="its time passed while it waited for its turn")
        return deliverer.begin(work, settled)

    def _is_over(self, job: Job, lane: Lane) -> bool:
        """True for what the machine has slept over on its lane: the next look records it as missed.

        Waiting for `spacing` makes nothing late: the time counts from the post's turn. A person's `retry` is never too late.
        """
        turn_at = max(job.due_at, pacing.earliest_send(lane, job.spacing) or job.due_at)
        if self._ledger.clock.now() < turn_at + (job.late_until - job.due_at):
            return False
        known = self._ledger.read(lambda connection: deliveries.find(connection, job.key))
        return known is None or not known.forced

    def _keep_pace(self, lane: Lane, spacing: timedelta) -> bool:
        """Wait for the account's turn; False when the engine stops meanwhile."""
        earliest = pacing.earliest_send(lane, spacing)
        if earliest is not None and earliest > self._ledger.clock.now():
            self._ledger.clock.wait_until(earliest, self._stopping)
        return not self._stopping.is_set()

    def _go_on(self, work: Rest, deliverer: Deliverer) -> Report | Settling:
        claimed = self._ledger.write(lambda connection: deliverer.reclaim(connection, work.delivery))
        if isinstance(claimed, Refusal):
            return Report(outcome=Outcome.ELSEWHERE, key=work.key, reason=claimed.reason)
        return deliverer.send(*claimed)

    def _lane(self, account: str) -> Lane:
        return self._ledger.read(lambda connection: lanes.lane(connection, account))

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


def _goes_on_at_once(work: Work) -> bool:
    """True for a post that asks nothing of the one before on its lane, not even when it went out."""
    return isinstance(work, Job) and not work.spacing
