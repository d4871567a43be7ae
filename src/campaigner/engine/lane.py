"""One account's lane at work: what is to be done there, in order and at its pace.

While a post is on its way the next one is admitted, so that no post waits for the disk between two calls.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from ..delivery import pacing
from ..delivery.claiming import Admitted
from ..delivery.deliver import Deliverer
from ..delivery.job import Job
from ..delivery.reconcile import reconcile
from ..delivery.report import Outcome, Report, Settling, report_of
from ..errors import AccountError, BrokenAccountError, CampaignerError
from ..ledger import deliveries, lanes
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Ledger
from ..ledger.records import Delivery, Lane
from ..post.key import PostKey
from .admission import Admission


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


T = TypeVar("T")
Work = Job | Doubt | Rest
STOPPED = "campaigner was stopped before its turn"


class _Ahead(NamedTuple):
    """A post that is admitted before its turn."""

    job: Job
    admitted: Future[Admitted | Refusal]


@dataclass(slots=True, kw_only=True)
class LaneAtWork:
    """From `take` to `end`, on one thread. `peek` shows what comes next, None: nothing.

    `calls` lets so many lanes ask their platforms at once; `connect` gives the deliverer as the config has it now.
    `tell` gets every Report, `tell_fault` what stops the account, `done` each work that is over.
    """

    account: str
    ledger: Ledger
    deliverer: Deliverer
    connect: Callable[[], Deliverer]
    admission: Admission
    calls: threading.Semaphore
    stopping: threading.Event
    peek: Callable[[], Work | None]
    tell: Callable[[Report], None]
    tell_fault: Callable[[Exception], None]
    done: Callable[[Work], None]
    _settling: deque[tuple[Work, Settling]] = field(default_factory=deque)
    _ahead: _Ahead | None = None

    def take(self) -> bool:
        """Take the lane for this process; False while another one has it."""
        owner_id = self.ledger.owner_id
        return self.ledger.write(lambda connection: lanes.take(connection, self.account, owner_id)) is not None

    def do(self, work: Work) -> None:
        """Do one work. Of a post that is out only the call is waited for; its end becomes durable meanwhile."""
        ended: Report | Settling | None = None
        try:
            if not _goes_on_at_once(work):
                self.settle()
            ended = self._guarded(work.key, lambda: self._do(work))
        finally:
            if not isinstance(ended, Settling):
                self.done(work)
        if isinstance(ended, Settling):
            self._settling.append((work, ended))
            self._settle_what_is_durable()
        else:
            self.settle()
            self.tell(ended)

    def settle(self) -> None:
        """Tell of all posts that are out; waits until that is durable."""
        while self._settling:
            self._settle_one()

    def end(self) -> None:
        """Take back what was admitted and not sent, let others have the lane, and settle the rest."""
        try:
            ahead = self._take_ahead()
            if ahead is not None:
                self._withdraw(ahead, STOPPED)
        finally:
            self._give_back()

    def _give_back(self) -> None:
        """With what is being recorded, in one commit."""
        owner_id = self.ledger.owner_id
        given_back = self.ledger.begin_write(lambda c: lanes.give_back(c, self.account, owner_id))
        try:
            self.settle()
        finally:
            given_back.result()

    def _settle_what_is_durable(self) -> None:
        """The same without waiting. What could not be recorded ends the lane here."""
        while self._settling and self._settling[0][1].ended.done():
            self._settle_one()

    def _settle_one(self) -> None:
        work, ended = self._settling.popleft()
        try:
            self.tell(self._guarded(work.key, lambda: report_of(ended)))
        finally:
            self.done(work)

    def _guarded(self, key: PostKey, act: Callable[[], T]) -> T | Report:
        """What came of it. A fault that nobody expected stops this account, with one post in doubt at most, and no other.

        Raises CampaignerError for what the whole run, or the rest of this lane, can't go on for.
        """
        try:
            return act()
        except BrokenAccountError as error:
            broken = error
        except AccountError as error:
            self.deliverer.settler.broken_off(key, str(error), stops=False)
            raise
        except CampaignerError:
            raise
        except Exception as error:
            broken = BrokenAccountError(self.account, f"campaigner failed at {key}", error)
        report = self.deliverer.settler.broken_off(key, broken.reason, stops=True)
        self.tell_fault(broken)
        return report

    def _do(self, work: Work) -> Report | Settling:
        reason = self._why_not_now(work)
        ahead = self._take_ahead()
        if reason is not None:
            if ahead is not None:
                self._withdraw(ahead, reason.reason)
            return reason
        if self._follow_edits() and ahead is not None:
            self._withdraw(ahead, "the account was changed")
            ahead = None
        if isinstance(work, Job):
            return self._deliver(work, ahead)
        with self.calls:
            if (stopped := self._stopped(work)) is not None:
                return stopped
            if isinstance(work, Doubt):
                return reconcile(self.deliverer, work.delivery, work.late_until)
            return self._go_on(work)

    def _follow_edits(self) -> bool:
        """Another deliverer since the config was edited: what waits in the queue may wait for hours. True when it is one."""
        before, self.deliverer = self.deliverer, self.connect()
        return self.deliverer is not before

    def _why_not_now(self, work: Work) -> Report | None:
        lane = self.ledger.read(lambda connection: lanes.lane(connection, work.key.account))
        not_now = pacing.why_not_now(lane, self.ledger.clock.now())
        if not_now is not None:
            return Report(outcome=Outcome.WAITING, key=work.key, reason=not_now[0], until=not_now[1])
        if isinstance(work, Doubt):
            return None
        if not self._keep_pace(lane, work.spacing):
            return Report(outcome=Outcome.ELSEWHERE, key=work.key, reason=STOPPED)
        if isinstance(work, Job) and not work.is_current():
            return Report(
                outcome=Outcome.ELSEWHERE, key=work.key, reason="the files have changed: it is looked at anew"
            )
        if isinstance(work, Job) and self._is_over(work, lane):
            return Report(outcome=Outcome.WAITING, key=work.key, reason="its time passed while it waited for its turn")
        return None

    def _deliver(self, job: Job, ahead: _Ahead | None) -> Report | Settling:
        if job.together is not None:
            with self.calls:
                return self._stopped(job) or self.deliverer.begin(job)
        admitted = self._admitted(job, ahead)
        if isinstance(admitted, Report):
            return admitted
        try:
            # What was recorded before this one is known to be, or not to be, by now.
            self._settle_what_is_durable()
        except Exception:
            # Not a byte of this one was sent.
            self.deliverer.claimer.withdraw(admitted, "what came before it could not be recorded")
            raise
        was_free = self.calls.acquire(blocking=False)
        if not was_free:
            self.calls.acquire()
        try:
            if (stopped := self._stopped(job)) is not None:
                self.deliverer.claimer.withdraw(admitted, STOPPED)
                return stopped
            admits_next = self._admit_next(admitted)
            at_once = was_free and ahead is None and not admits_next
            return self.deliverer.send(admitted) if at_once else self.deliverer.send_later(admitted)
        finally:
            self.calls.release()

    def _stopped(self, work: Work) -> Report | None:
        """Waiting for a free call takes its time, and meanwhile somebody may have said stop."""
        if not self.stopping.is_set():
            return None
        return Report(outcome=Outcome.ELSEWHERE, key=work.key, reason=STOPPED)

    def _admitted(self, job: Job, ahead: _Ahead | None) -> Admitted | Report:
        if ahead is None:
            return self.deliverer.claimer.admit(job, self.settle)
        return self.deliverer.claimer.turn_of(job, ahead.admitted.result(), self.settle)

    def _admit_next(self, current: Admitted) -> bool:
        """Admit the post after this one, where it need not wait for anything of this one; True when it is."""
        following = self.peek()
        if following is None or not _goes_on_at_once(following) or not current.is_plain:
            return False
        assert isinstance(following, Job)
        if not self.admission.take_ahead():
            return False
        admitted = None
        try:
            admitted = self.deliverer.claimer.admit_ahead(following)
        finally:
            if admitted is None:
                self.admission.give_back()
        self._ahead = None if admitted is None else _Ahead(following, admitted)
        return admitted is not None

    def _take_ahead(self) -> _Ahead | None:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            self.admission.give_back()
        return ahead

    def _withdraw(self, ahead: _Ahead, reason: str) -> None:
        admitted = ahead.admitted.result()
        if isinstance(admitted, Admitted):
            self.deliverer.claimer.withdraw(admitted, reason)

    def _is_over(self, job: Job, lane: Lane) -> bool:
        """True for what the machine has slept over on its lane: the next look records it as missed.

        Waiting for `spacing` makes nothing late: the time counts from the post's turn. A person's `retry` is never too late.
        """
        turn_at = max(job.due_at, pacing.earliest_send(lane, job.spacing) or job.due_at)
        if self.ledger.clock.now() < turn_at + (job.late_until - job.due_at):
            return False
        known = self.ledger.read(lambda connection: deliveries.find(connection, job.key))
        return known is None or not known.forced

    def _keep_pace(self, lane: Lane, spacing: timedelta) -> bool:
        """Wait for the account's turn; False when the engine stops meanwhile."""
        earliest = pacing.earliest_send(lane, spacing)
        if earliest is not None and earliest > self.ledger.clock.now():
            self.ledger.clock.wait_until(earliest, self.stopping)
        return not self.stopping.is_set()

    def _go_on(self, work: Rest) -> Report | Settling:
        claimed = self.ledger.write(lambda connection: self.deliverer.claimer.reclaim(connection, work.delivery))
        if isinstance(claimed, Refusal):
            return Report(outcome=Outcome.ELSEWHERE, key=work.key, reason=claimed.reason)
        return self.deliverer.send(claimed)


def _goes_on_at_once(work: Work) -> bool:
    """True for a post that asks nothing of the one before on its lane, not even when it went out."""
    return isinstance(work, Job) and not work.spacing and work.together is None
