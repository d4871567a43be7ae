"""The engine: one coordinator that owns the ledger, and workers that make one call each.

A tick is one transaction: what has come back is recorded, what is due is looked at, and what goes out next is written
down. Only after its commit are the calls made. So nothing is sent that is not durable, a crash leaves at most as many posts
in doubt as there are workers, and a person's decision is either in a tick or after it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from ..delivery import hold_expiry, safety_gates
from ..delivery.deliver import Deliverer
from ..delivery.due_post import DuePost
from ..delivery.reconcile import reconcile
from ..delivery.result import Outcome, Report
from ..delivery.step import Step, Steps
from ..errors import AccountError, BrokenAccountError, CampaignerError, RefusedError
from ..ledger import account_states, decisions, deliveries
from ..ledger.ledger import Ledger
from ..ledger.models import State
from ..plan.expand import Slot
from ..post.post import Post
from . import due_alerts
from .accepted_plan import Accepted
from .account_probe import AccountProbe, ClockCheck, TokenProbe
from .agenda import Agenda, ReconcileItem, ThreadRemainder, WorkItem
from .deliverer_pool import DelivererPool
from .due import Rules, Survey, survey, why_not_now
from .parity import ParityGroups
from .worker_pool import WORKERS, Finished, Task, WorkerPool
from .world import Source, World

SEEN_EVERY = timedelta(seconds=30)
BEGUN_AT_ONCE = 16
"""How many posts a tick begins at most: the first of many goes out while the next are being written down."""


class Engine:
    """The same under cron, daemon and rehearsal. `tell` gets a Report of each post, `tell_fault` what stops an account.

    Both are called after the commit of what they tell of. `answered_by`: who says yes to the gates of what is due.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        tell: Callable[[Report], None],
        tell_fault: Callable[[Exception], None],
        *,
        workers: int = WORKERS,
        answered_by: str | None = None,
        asks_ahead: bool = False,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._tell = tell
        self._tell_fault = tell_fault
        self._answered_by = answered_by
        self._answered: frozenset[str] = frozenset()
        self._something_waits = False
        self._accepted: Accepted | None = None
        self._seen_at: datetime | None = None
        self._untold: list[Report | Exception] = []
        self._to_make: list[tuple[Task, Step]] = []
        self._tasks: set[Task] = set()
        self._agenda = Agenda()
        self._pool = WorkerPool(workers)
        probe = AccountProbe(source, ledger, self._untold.append)
        self._ahead = TokenProbe(ledger, probe) if asks_ahead else None
        self._trust = ClockCheck(ledger, probe)
        self._parity = ParityGroups(source, ledger, probe)
        self._deliverers = DelivererPool(source, ledger, self._hold_text)
        self.stopping = threading.Event()
        self._asking: Counter[str] = Counter()
        self.refusal: RefusedError | None = None
        self.survey = Survey()
        self.wants_look = self.must_look = True
        self._can_begin_more = False
        self._hold_file: tuple[str | None] | None = None

    @property
    def is_stopping(self) -> bool:
        """True once nothing more is begun."""
        return self.stopping.is_set()

    @property
    def in_flight(self) -> bool:
        """True while calls are on their way."""
        return bool(self._tasks)

    @property
    def is_done(self) -> bool:
        """True when nothing is on its way, nothing waits for its turn, and nothing calls for a look."""
        return not self._tasks and (self.is_stopping or (self._agenda.is_empty and not self.must_look))

    @property
    def next_at(self) -> datetime | None:
        """When something may be begun, or has to be looked at, by the ledger's clock; None: nothing is ahead."""
        return min(filter(None, (self._agenda.next_at, self.survey.next_at)), default=None)

    @property
    def ready_at(self) -> datetime | None:
        """When the next account that waits for its spacing may go on; None while others need not wait."""
        return None if self._can_begin_more else self._agenda.next_at

    def take(self, seconds: float | None) -> list[Finished]:
        """Wait so long for calls that end; not at all while more can be begun."""
        return self._pool.take(0 if self._can_begin_more else seconds)

    def wake(self) -> None:
        """Let `take` return at once; safe from any thread and in a signal handler."""
        self._pool.wake()

    def stop(self) -> None:
        """Begin nothing more; what is on its way goes on. Safe in a signal handler."""
        self.stopping.set()
        self._pool.wake()

    def compare_clocks(self) -> None:
        """Ask every platform again who we are and what time it is: our clock has jumped."""
        self._ledger.write(account_states.forget_identities)
        self._trust.forget()
        self._deliverers.ask_again()
        if self._ahead is not None:
            self._ahead.forget()

    def tell_waits(self, accepted: Accepted) -> None:
        """Tell of what waits too long since the calls of this run have ended: the next run may be a day away."""
        if not self._something_waits:
            return
        with self._ledger.transaction() as connection:
            found = survey(accepted, self._ledger, self._rules(accepted.world))
            due_alerts.tell_overdue(connection, found, self._now())

    def close(self) -> None:
        """Let go of the workers and the platforms' connections."""
        self._deliverers.close()
        self._pool.close()

    def tick(self, accepted: Accepted, finished: Iterable[Finished] = (), *, look: bool = False) -> None:
        """Record, look, begin, in one transaction; then tell, and let the workers make the calls.

        Raises SurroundingsError when the ledger fails: nothing of this tick counts then, and nothing of it is sent.
        """
        self._hold_file = None
        with self._ledger.transaction():
            for one in finished:
                self._go_on(one)
            if look:
                self.wants_look = self.must_look = False
                self._look(accepted)
            self._begin()
        to_make, self._to_make = self._to_make, []
        for task, step in to_make:
            self._pool.make(task, step)
        self._say()

    def _hold_text(self) -> str | None:
        """What a HOLD file says, looked at once a tick and not for each of its posts."""
        assert self._accepted is not None
        if self._hold_file is None:
            self._hold_file = (safety_gates.hold_file_text(self._accepted.world.config),)
        return self._hold_file[0]

    def _say(self) -> None:
        untold, self._untold[:] = list(self._untold), []
        for one in untold:
            if isinstance(one, Report):
                self._tell(one)
            else:
                self._tell_fault(one)

    # What has come back

    def _go_on(self, finished: Finished) -> None:
        """Give a task what came back: it asks for its next step, or has ended.

        A fault that nobody expected undoes what the task has just written, and nothing else.
        """
        task = finished.task
        try:
            step = self._ledger.write(lambda _: _next_step(finished))
        except Exception as error:
            if _is_of_everything(error):
                raise
            self._tasks.discard(task)
            task.failed(error)
            return
        if isinstance(step, Step):
            self._to_make.append((task, step))
        else:
            self._tasks.discard(task)
            task.ended(step.value)

    def _run(self, task: Task) -> None:
        self._tasks.add(task)
        self._go_on(Finished(task))

    # What goes out next

    def _begin(self) -> None:
        self._can_begin_more = False
        if self.is_stopping:
            self._agenda.clear()
            return
        begun = 0
        for account in self._agenda.ready(self._now()):
            while self._agenda.may_begin(account):
                if len(self._tasks) >= self._pool.size:
                    return
                if begun == BEGUN_AT_ONCE:
                    self._can_begin_more = True
                    return
                self._begin_work(self._agenda.take(account))
                begun += not self._agenda.is_put_off(account)

    def _begin_work(self, work: WorkItem) -> None:
        """Begin one work, unless its account or its time says no."""
        account = work.key.account
        account_state = account_states.of(self._ledger.connection, account)
        now = self._now()
        if (not_now := why_not_now(account_state, now)) is not None:
            self._leave(work, not_now[0], not_now[1])
            return
        try:
            deliverer = self._deliverers.of(account)
        except AccountError as error:
            self._cannot_connect(work, error)
            return
        if (
            not isinstance(work, ReconcileItem)
            and account_state.last_sent_at is not None
            and now < account_state.last_sent_at + work.spacing
        ):
            self._agenda.put_back(work, account_state.last_sent_at + work.spacing)
            return
        if isinstance(work, DuePost):
            if work.group is not None and work.group.is_busy:
                self._agenda.hold_up(work)
                return
            if (over := self._why_over(work, account_state.last_sent_at)) is not None:
                self._end(work, over)
                return
        self._agenda.begin(account)
        steps = _steps_of(work, deliverer)
        failed = partial(self._fail, work, deliverer.recorder.broken_off)
        self._run(Task(account, steps, partial(self._end, work), failed))

    def _why_over(self, due: DuePost, last_sent_at: datetime | None) -> Report | None:
        """What became of a post while it waited for its turn: changed by its file, or slept over by the machine.

        Waiting for `spacing` makes nothing late: the time counts from the post's turn. A person's `retry` is never too late.
        """
        if not due.is_current():
            reason = "the files have changed: it is looked at anew"
            return Report(outcome=Outcome.ELSEWHERE, key=due.key, reason=reason)
        turn_at = max(due.due_at, last_sent_at + due.spacing) if last_sent_at is not None else due.due_at
        if self._now() < turn_at + (due.late_until - due.due_at):
            return None
        known = deliveries.find(self._ledger.connection, due.key)
        if known is not None and known.forced:
            return None
        return Report(outcome=Outcome.WAITING, key=due.key, reason="its time passed while it waited for its turn")

    def _end(self, work: WorkItem, report: Report) -> None:
        self._agenda.end(work)
        self._untold.append(report)
        self._something_waits |= report.outcome is not Outcome.PUBLISHED
        if report.until is not None:
            self.survey.wake_at(report.until)
        # What is out changes nothing for others; all else may.
        self.wants_look |= report.outcome is not Outcome.PUBLISHED or self._agenda.is_empty

    def _leave(self, work: WorkItem, reason: str, until: datetime | None) -> None:
        """Nothing goes out on this account now."""
        self._agenda.end(work)
        self._something_waits = True
        for left in (work, *self._agenda.drop(work.key.account)):
            self._untold.append(Report(outcome=Outcome.WAITING, key=left.key, reason=reason, until=until))
        if until is not None:
            self.survey.wake_at(until)

    def _cannot_connect(self, work: WorkItem, error: AccountError) -> None:
        account = work.key.account
        self._agenda.end(work)
        self._something_waits = True
        dropped, reason = (work, *self._agenda.drop(account)), f"account {account} can't be used now"
        if isinstance(error, BrokenAccountError):
            reason = error.reason
            account_states.stop(self._ledger.connection, account, reason, self._now())
        else:
            account_states.tell_no_access(self._ledger.connection, account, str(error), self._now())
        self._untold += [Report(outcome=Outcome.WAITING, key=left.key, reason=reason) for left in dropped]
        self._untold.append(error)

    def _fail(self, work: WorkItem, broken_off: Callable[..., Report], error: Exception) -> None:
        """A task was broken off. It stops this account, with one post in doubt at most, and no other."""
        self._agenda.end(work)
        self._something_waits = True
        if isinstance(error, AccountError) and not isinstance(error, BrokenAccountError):
            broken_off(work.key, str(error), stops=False)
            self._agenda.drop(work.key.account)
            self._untold.append(error)
            return
        is_known = isinstance(error, BrokenAccountError)
        broken = error if is_known else BrokenAccountError(work.key.account, f"campaigner failed at {work.key}", error)
        assert isinstance(broken, BrokenAccountError)
        self._untold += [broken, broken_off(work.key, broken.reason, stops=True)]
        self.wants_look = True

    # What is due

    def _look(self, accepted: Accepted) -> None:
        """See what is due now, settle what is over, and put the rest on the agenda."""
        self._follow(accepted)
        idle_since = self._note_that_we_are_at_work()
        self.refusal = self._refused_clock()
        if self.refusal is not None:
            # A platform may say which of the two clocks was wrong.
            self._ask_ahead(accepted)
            return
        self._follow_holds(accepted)
        surveyed_at = self._now()
        found = self.survey = survey(accepted, self._ledger, self._rules(accepted.world))
        self._something_waits |= bool(found.waiting or found.resume)
        if self._answered_by is not None:
            self._keep_word(found, self._answered_by)
        self._answered = decisions.answered_keys(self._ledger.connection)
        self._leave_to_a_right_clock(found, accepted.world, surveyed_at)
        self._untold += due_alerts.settle_and_tell(self._ledger, found, self._parity.campaigns, idle_since)
        due_alerts.tell_without_account(self._ledger, found, accepted.world)
        known = account_states.by_account(self._ledger.connection)
        self._deliverers.forget(name for name, state in known.items() if state.stopped_at is not None)
        for work in self._work(found, accepted):
            self._agenda.add(work)
        self._ask_ahead(accepted)

    def _follow(self, accepted: Accepted) -> None:
        if self._accepted is None or self._accepted.world is not accepted.world:
            self._void_approvals(accepted)
            self._parity.begin(accepted)
            self._deliverers.follow(accepted.world, self._parity.campaigns)
        self._accepted = accepted

    def _note_that_we_are_at_work(self) -> datetime | None:
        """Say now and then that this run lives. Returns when the run before was last at work, None at later looks."""
        now, seen_at = self._now(), self._seen_at
        if seen_at is None or not seen_at <= now < seen_at + SEEN_EVERY:
            self._seen_at = now
            self._ledger.note_at_work()
        return self._ledger.idle_since if seen_at is None else None

    def _refused_clock(self) -> RefusedError | None:
        """Why nothing is sent by this clock: it stands before what the ledger has written, which is told once."""
        connection, now = self._ledger.connection, self._now()
        try:
            newest_at = deliveries.newest_entry_at(connection)
            safety_gates.check_clock(now, newest_at, lambda: deliveries.newest_key(connection))
        except RefusedError as error:
            due_alerts.tell_refused_clock(connection, error, now)
            return error
        due_alerts.withdraw_refused_clock(connection, now)
        return None

    def _keep_word(self, found: Survey, answered_by: str) -> None:
        """A person's `--yes` to what is due stays with each post until it is settled: what fails now is sent by a later run."""
        connection, now = self._ledger.connection, self._now()
        due = [*(slot.key for slot in found.send), *(held.key for held in found.held)]
        keys = [str(key) for key in (*due, *(delivery.key for delivery, _ in found.waiting))]
        known = decisions.answered_keys(connection)
        for key in dict.fromkeys(keys):
            if key not in known:
                decisions.decide(connection, decisions.YES, key, "", answered_by, now)

    def _void_approvals(self, accepted: Accepted) -> None:
        """Tell of every post that was changed after somebody approved it, as soon as the change is seen."""
        if accepted.world.config.approval != "required":
            return
        connection = self._ledger.connection
        approved, over = decisions.approved_digests(connection), deliveries.settled_keys(connection)
        for slot in accepted.planned.slots:
            digest = approved.get(str(slot.key))
            if digest is None or over.get(str(slot.key), State.DUE) is not State.DUE:
                continue
            if self._source.compose(slot).digest != digest:
                due_alerts.tell_void(connection, slot.key, self._now())

    def _follow_holds(self, accepted: Accepted) -> None:
        """Let holds end that are over, before anything goes out: what came due under them is skipped, and told."""
        connection, now = self._ledger.connection, self._now()
        hold_file = safety_gates.hold_file_text(accepted.world.config)
        if not hold_expiry.is_due(connection, hold_file, now):
            return
        ends = [hold.until for hold in decisions.open_holds(connection) if hold.until is not None]
        if any(until <= now for until in ends) and self._is_clock_doubted(accepted.world, accepted.world.accounts):
            return
        hold_expiry.follow(connection, hold_file, accepted.planned.slots, now)

    def _is_clock_doubted(self, world: World, accounts: Iterable[str]) -> bool:
        """True while a platform says that our clock is wrong, or nobody has said yet; then one is asked."""
        trust = self._trust.known()
        if trust is None and not self._asking["clock"]:
            self._ask("clock", self._trust.ask(world, accounts))
        return trust is None or trust.apart is not None

    def _leave_to_a_right_clock(self, found: Survey, world: World, surveyed_at: datetime) -> None:
        """Settle nothing as missed by a wrong clock: while a platform says so, or when it was set back meanwhile."""
        over = [*(missed.key for missed in found.missed), *(delivery.key for delivery in found.orphaned)]
        if not over or (
            not self._is_clock_doubted(world, [key.account for key in over]) and self._now() >= surveyed_at
        ):
            return
        found.missed, found.orphaned = [], []
        trust = self._trust.known()
        if trust is not None and trust.apart is not None:
            for key in over:
                self._untold.append(
                    Report(
                        outcome=Outcome.HELD, key=key, reason=trust.apart, gate=True, command=safety_gates.LOOK_AT_CLOCK
                    )
                )

    def _rules(self, world: World) -> Rules:
        return Rules(
            hold_file=safety_gates.hold_file_text(world.config),
            approval_required=world.config.approval == "required",
            compose=self._source.compose,
            answered=self._answered_by is not None,
            in_hand=self._agenda.in_hand,
        )

    def _work(self, found: Survey, accepted: Accepted) -> list[WorkItem]:
        """Doubts and half threads first, then what is new, each account's in time order."""
        known = accepted.world.accounts
        doubts = [ReconcileItem(delivery, late) for delivery, late in found.reconcile if delivery.key.account in known]
        rests = [
            ThreadRemainder(delivery, known[delivery.key.account].config.spacing)
            for delivery in found.resume
            if delivery.key.account in known
        ]
        return [*doubts, *rests, *(self._due_post(slot) for slot in found.send)]

    def _due_post(self, slot: Slot) -> DuePost:
        return DuePost(
            key=slot.key,
            due_at=slot.due_at,
            late_until=slot.due_at + slot.late,
            spacing=slot.spacing,
            compose=partial(self._compose, slot),
            answered=str(slot.key) in self._answered,
            group=self._parity.group(slot),
            is_current=partial(self._is_current, slot),
        )

    def _compose(self, slot: Slot) -> Post:
        """As the files have it when the post's turn comes, which may be long after it was looked at."""
        assert self._accepted is not None
        return self._source.compose(self._accepted.slots.get(str(slot.key), slot))

    def _is_current(self, slot: Slot) -> bool:
        assert self._accepted is not None
        now = self._accepted.slots.get(str(slot.key))
        return now is slot or (
            now is not None
            and (now.due_at, now.late, now.spacing, now.draft) == (slot.due_at, slot.late, slot.spacing, slot.draft)
        )

    def _ask_ahead(self, accepted: Accepted) -> None:
        if self._ahead is not None and not self._asking["ahead"]:
            for steps in self._ahead.ask(accepted):
                self._ask("ahead", steps)

    def _ask(self, what: str, steps: Steps[None]) -> None:
        """Ask platforms something apart from their posts; look again when all questions of this kind are answered."""
        self._asking[what] += 1

        def ended(_: object) -> None:
            self._asking[what] -= 1
            self.must_look |= not self._asking[what]

        def failed(error: Exception) -> None:
            raise error

        self._run(Task("", steps, ended, failed))

    def _now(self) -> datetime:
        return self._ledger.clock.now()


def _next_step(finished: Finished) -> Step | StopIteration:
    """What a task asks for next; StopIteration, with its value, when it has ended."""
    steps = finished.task.steps
    try:
        return steps.send(finished.answer) if finished.fault is None else steps.throw(finished.fault)
    except StopIteration as end:
        return end


def _steps_of(work: WorkItem, deliverer: Deliverer) -> Steps[Report]:
    match work:
        case DuePost():
            return deliverer.deliver(work)
        case ReconcileItem(delivery, late_until):
            return reconcile(deliverer, delivery, late_until)
        case ThreadRemainder(delivery):
            return deliverer.go_on(delivery)


def _is_of_everything(error: BaseException) -> bool:
    """True for what no account is to blame for: the ledger can't be written, or the person says stop."""
    if isinstance(error, AccountError):
        return False
    return isinstance(error, CampaignerError)
