"""The engine: one coordinator that owns the ledger, and workers that make one call each.

A tick is one transaction: what has come back is recorded, what is due is looked at, and what goes out next is written
down. Only after its commit are the calls made. So nothing is sent that is not durable, a crash leaves at most as many posts
in doubt as there are workers, and a person's decision is either in a tick or after it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from ..delivery import hold_expiry, parity, safety_gates
from ..delivery.deliver import Deliverer
from ..delivery.reconcile import TELL_AFTER, reconcile
from ..delivery.record_outcome import broken_off, doubt_reason, raise_doubt
from ..delivery.steps import DuePost, Outcome, Report, SendingRules, Step, Steps
from ..errors import AccountError, BrokenAccountError, CampaignerError, RefusedError
from ..ledger import account_states, decisions, deliveries
from ..ledger.ledger import Ledger
from ..ledger.models import State
from ..plan.expand import Slot
from . import look
from .accepted_plan import Accepted
from .account_probe import AccountProbe
from .agenda import Agenda
from .due import Kind, PostStatus, Rules, account_block, due_now
from .look import Look
from .worker_pool import WORKERS, Finished, Task, WorkerPool
from .world import Source, World, connect

GRACE_SECONDS = 30.0
"""How long calls in flight may take once the run was told to end."""
SEEN_EVERY = timedelta(seconds=30)
BEGUN_AT_ONCE = 16
"""How many posts a tick begins at most: the first of many goes out while the next are being written down."""


class Engine:
    """The same under cron, daemon and rehearsal. `report` gets a Report of each post, `warn` what stops an account.

    Both are called after the commit of what they tell of. `confirmed_by`: who says yes to the gates of what is due.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        report: Callable[[Report], None],
        warn: Callable[[Exception], None],
        *,
        workers: int = WORKERS,
        confirmed_by: str | None = None,
        asks_ahead: bool = False,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._report = report
        self._warn = warn
        self._confirmed_by = confirmed_by
        self._something_waits = False
        self._accepted: Accepted | None = None
        self._seen_at: datetime | None = None
        self._untold: list[Report | Exception] = []
        self._to_make: list[tuple[Task, Step]] = []
        self._tasks: set[Task] = set()
        self._agenda = Agenda()
        self._pool = WorkerPool(workers)
        self._asks_ahead = asks_ahead
        self._probe = AccountProbe(source, ledger, self._untold.append)
        self._rules = SendingRules()
        self._deliverers = DelivererPool(source, ledger, self._rules)
        self.stopping = threading.Event()
        self._asking: Counter[str] = Counter()
        self.refusal: RefusedError | None = None
        self.look_at: datetime | None = None
        """When the plan has to be looked at again, by the ledger's clock; None: nothing is ahead."""
        self.wants_look = self.must_look = True
        self._can_begin_more = False

    @property
    def is_done(self) -> bool:
        """True when nothing is on its way, nothing waits for its turn, and nothing calls for a look."""
        return not self._tasks and (self.stopping.is_set() or (self._agenda.is_empty and not self.must_look))

    @property
    def next_at(self) -> datetime | None:
        """When something may be begun, or has to be looked at, by the ledger's clock; None: nothing is ahead."""
        return min(filter(None, (self._agenda.next_at, self.look_at)), default=None)

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

    def work_off(
        self, accepted: Accepted, renewed: Callable[[Accepted], Accepted] = lambda accepted: accepted
    ) -> Accepted:
        """Look at what is due, and go on until nothing of it is left. Raises RefusedError when the clock can't be trusted.

        `renewed` gives what the files say by now, before anything is begun; what it gave last is returned.
        """
        self.tick(accepted, look=True)
        if self.refusal is not None:
            raise self.refusal
        while not self.is_done and not self.stopping.is_set():
            finished, before = self.take(None) if self._tasks and not self.must_look else [], accepted
            if not (self._tasks or self._can_begin_more) and (ready_at := self._agenda.next_at) is not None:
                self._ledger.clock.wait_until(ready_at, self.stopping)
            accepted = renewed(accepted)
            self.tick(accepted, finished, look=self.must_look or accepted is not before)
        self.end(accepted)
        return accepted

    def end(self, accepted: Accepted) -> None:
        """Begin nothing more, wait for the calls in flight, and record them."""
        ends_at = time.monotonic() + GRACE_SECONDS
        while not self.is_done and (left := ends_at - time.monotonic()) > 0:
            self.tick(accepted, self.take(left))
        self._ledger.is_all_recorded = not self._tasks

    def compare_clocks(self) -> None:
        """Ask every platform again who we are and what time it is: our clock has jumped."""
        self._ledger.write(account_states.forget_identities)
        self._probe.forget()
        self._deliverers.ask_again()

    def tell_waits(self, accepted: Accepted) -> None:
        """Tell of what waits too long since the calls of this run have ended: the next run may be a day away."""
        if not self._something_waits:
            return
        with self._ledger.transaction() as connection:
            now = self._now()
            for status in due_now(accepted, connection, self._due_rules(), now):
                look.tell_overdue(connection, status, now)

    def close(self) -> None:
        """Let go of the workers and the platforms' connections."""
        self._deliverers.close()
        self._pool.close()

    def tick(
        self, accepted: Accepted, finished: Iterable[Finished] = (), *, look: bool = False, begin: bool = True
    ) -> None:
        """Record, look, begin, in one transaction; then tell, and let the workers make the calls.

        `begin` False: what waits for its turn waits on, for the files are just being read anew.

        Raises SurroundingsError when the ledger fails: nothing of this tick counts then, and nothing of it is sent.
        """
        with self._ledger.transaction():
            self._rules.hold_file = safety_gates.hold_file_text(accepted.world.config)
            for one in finished:
                self._go_on(one)
            if look:
                self.wants_look = self.must_look = False
                self._look(accepted)
            self._can_begin_more = False
            if begin:
                self._begin(accepted)
        to_make, self._to_make = self._to_make, []
        for task, step in to_make:
            self._pool.make(task, step)
        self._say()

    def _say(self) -> None:
        untold, self._untold[:] = list(self._untold), []
        for one in untold:
            if isinstance(one, Report):
                self._report(one)
            else:
                self._warn(one)

    # What is due

    def _look(self, accepted: Accepted) -> None:
        """See what is due now, settle what is over, and put the rest on the agenda."""
        self._follow(accepted)
        idle_since = self._note_that_we_are_at_work()
        self.refusal = self._clock_refusal()
        if self.refusal is None:
            self._follow_holds(accepted)
            self._look_at_posts(accepted, idle_since)
        else:
            self._agenda.clear()
        # A platform may say which of the two clocks was wrong.
        if self._asks_ahead and not self._asking["ahead"]:
            for steps in self._probe.ask_ahead(accepted):
                self._ask("ahead", steps)

    def _look_at_posts(self, accepted: Accepted, idle_since: datetime | None) -> None:
        connection, now = self._ledger.connection, self._now()
        found = due_now(accepted, connection, self._due_rules(), now)
        over = [status.key.account for status in found if status.is_over]
        # Nothing is missed by a wrong clock: while a platform says so, or when it was set back meanwhile.
        may_miss = not over or (not self._is_clock_doubted(accepted.world, over) and self._now() >= now)
        made = Look(connection, accepted, now, idle_since=idle_since, confirmed_by=self._confirmed_by)
        made.take(found, may_miss=may_miss, clock_skew=self._probe.clock_skew)
        self._untold += made.reports
        self._something_waits |= made.has_waiting
        self.look_at = made.next_at
        known = account_states.by_account(connection)
        self._deliverers.forget(name for name, state in known.items() if state.stopped_at is not None)
        for status in made.work:
            self._agenda.add(status)

    def _follow(self, accepted: Accepted) -> None:
        before, self._accepted = self._accepted, accepted
        if before is not None and before.world is accepted.world:
            return
        self._tell_void_approvals(accepted)
        self._rules.approval_required = accepted.world.config.approval == "required"
        self._rules.parity = accepted.parity

    def _note_that_we_are_at_work(self) -> datetime | None:
        """Say now and then that this run lives. Returns when the run before was last at work, None at later looks."""
        now, seen_at = self._now(), self._seen_at
        if seen_at is None or not seen_at <= now < seen_at + SEEN_EVERY:
            self._seen_at = now
            self._ledger.note_at_work()
        return self._ledger.idle_since if seen_at is None else None

    def _clock_refusal(self) -> RefusedError | None:
        """Why nothing is sent by this clock: it stands before what the ledger has written, which is told once."""
        connection, now, refusal = self._ledger.connection, self._now(), None
        try:
            newest_at = deliveries.newest_entry_at(connection)
            safety_gates.check_clock(now, newest_at, lambda: deliveries.newest_key(connection))
        except RefusedError as error:
            refusal = error
        look.tell_clock_refusal(connection, refusal, now)
        return refusal

    def _tell_void_approvals(self, accepted: Accepted) -> None:
        """Tell of every post that was changed after somebody approved it, as soon as the change is seen."""
        if accepted.world.config.approval != "required":
            return
        connection = self._ledger.connection
        approved, over = decisions.approved_digests(connection), deliveries.settled_keys(connection)
        for slot in accepted.planned.slots:
            digest = approved.get(str(slot.key))
            if digest is None or over.get(str(slot.key), State.DUE) is not State.DUE:
                continue
            # A post that can't be composed now is told of when its turn comes.
            with suppress(CampaignerError):
                if self._source.compose(slot).digest != digest:
                    look.tell_void(connection, slot.key, self._now())

    def _follow_holds(self, accepted: Accepted) -> None:
        """Let holds end that are over, before anything goes out: what came due under them is skipped, and told."""
        connection, now = self._ledger.connection, self._now()
        ends = [hold.until for hold in decisions.open_holds(connection) if hold.until is not None]
        if any(until <= now for until in ends) and self._is_clock_doubted(accepted.world, accepted.world.accounts):
            return
        hold_file, config = self._rules.hold_file, accepted.world.config
        seen = safety_gates.hold_file(config.folder, config.campaigns)
        is_sure = seen.is_sure and (seen.file is None) == (hold_file is None)
        hold_expiry.follow(connection, hold_file, accepted.in_time_order, now, is_sure=is_sure)

    def _is_clock_doubted(self, world: World, accounts: Iterable[str]) -> bool:
        """True while a platform says that our clock is wrong, or nobody has said yet; then one is asked."""
        if not self._probe.must_ask_time:
            return self._probe.clock_skew is not None
        if not self._asking["clock"]:
            self._ask("clock", self._probe.ask_time(world, accounts))
        return True

    def _due_rules(self) -> Rules:
        return Rules(
            hold_file=self._rules.hold_file,
            approval_required=self._rules.approval_required,
            compose=self._source.compose,
            confirmed=self._confirmed_by is not None,
            in_progress=self._agenda.in_progress,
        )

    def _ask(self, what: str, steps: Steps[None]) -> None:
        """Ask platforms something apart from their posts; look again when all questions of this kind are answered."""
        self._asking[what] += 1
        self._run(Task(steps, what))

    # What goes out next

    def _begin(self, accepted: Accepted) -> None:
        if self.stopping.is_set():
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
                self._begin_post(self._agenda.take(account), accepted)
                begun += not self._agenda.is_put_off(account)

    def _begin_post(self, post: PostStatus, accepted: Accepted) -> None:
        """Begin with one post, unless its account or its time says no."""
        account = post.key.account
        account_state = account_states.of(self._ledger.connection, account)
        if (blocked := account_block(account_state, self._now())) is not None:
            self._leave(post, blocked.reason, blocked.until)
            return
        try:
            deliverer = self._deliverers.of(accepted.world, account)
        except AccountError as error:
            self._cannot_connect(post, error)
            return
        free_at = _free_at(post, accepted, account_state.last_sent_at)
        siblings = accepted.siblings_of(post.key) if post.may_be_sent else ()
        if free_at is not None and self._now() < free_at:
            self._agenda.requeue(post, free_at)
        elif siblings and self._agenda.is_any_under_way([slot.key for slot in siblings]):
            self._agenda.requeue(post)
        elif post.may_be_sent and (over := self._overtaken(post, accepted, free_at)) is not None:
            self._end(post, over)
        else:
            self._agenda.begin(post)
            turn_at = max(post.due_at, free_at or post.due_at)
            self._run(Task(self._delivered(deliverer, post, accepted, siblings, turn_at), post))

    def _overtaken(self, post: PostStatus, accepted: Accepted, free_at: datetime | None) -> Report | None:
        """What became of a post while it waited for its turn: changed by its file, or slept over by the machine.

        Waiting for `spacing` makes nothing late: the time counts from the post's turn. A person's `retry` is never too late.
        """
        assert post.slot is not None
        if not _is_same(post.slot, accepted.slots.get(str(post.key))):
            reason = "the files have changed: it is looked at anew"
            return Report(outcome=Outcome.ELSEWHERE, key=post.key, reason=reason)
        if self._now() < max(post.due_at, free_at or post.due_at) + post.slot.late:
            return None
        known = deliveries.find(self._ledger.connection, post.key)
        if known is not None and known.forced:
            return None
        return Report(outcome=Outcome.WAITING, key=post.key, reason="its time passed while it waited for its turn")

    def _delivered(
        self, deliverer: Deliverer, post: PostStatus, accepted: Accepted, siblings: Iterable[Slot], turn_at: datetime
    ) -> Steps[Report]:
        """The way of one post: composed as the files have it when its turn comes, and delivered; or looked for."""
        delivery, key, composed = post.delivery, post.key, None
        if delivery is not None and post.state.kind is Kind.IN_DOUBT:
            return (yield from reconcile(deliverer, delivery, None if delivery.forced else post.late_at))
        if reason := (yield from self._sibling_block(post, accepted.world, tuple(siblings))):
            return Report(outcome=Outcome.HELD, key=key, reason=reason)
        if post.may_be_sent:
            try:
                composed = self._source.compose(accepted.slots[str(key)])
            except CampaignerError as error:
                return deliverer.recorder.held_back(key, str(error))
        expires_at = post.late_at if post.slot is None else turn_at + post.slot.late
        keys = tuple(slot.key for slot in siblings)
        due = DuePost(key=key, due_at=post.due_at, expires_at=expires_at, post=composed, siblings=keys)
        return (yield from deliverer.deliver(due))

    def _sibling_block(self, post: PostStatus, world: World, siblings: tuple[Slot, ...]) -> Steps[str | None]:
        """Why a post must wait for the others of its message, by the ledger and then by their platforms.

        A person's `retry` of one post goes past that.
        """
        connection, keys = self._ledger.connection, [slot.key for slot in siblings]
        known = deliveries.find(connection, post.key) if keys else None
        if not keys or (known is not None and (known.forced or known.published_at)):
            return None
        if reason := parity.block_reason(connection, post.key, keys, self._rules.hold_file):
            return reason
        if parity.is_begun(connection, keys):
            return None
        return (yield from self._probe.sibling_block(world, siblings))

    def _run(self, task: Task) -> None:
        self._tasks.add(task)
        self._ledger.is_all_recorded = False
        self._go_on(Finished(task))

    # What has come back

    def _go_on(self, finished: Finished) -> None:
        """Give a task what came back: it asks for its next step, or has ended.

        A fault that nobody expected undoes what the task has just written, and nothing else.
        """
        task = finished.task
        try:
            step = self._ledger.write(lambda _: _next_step(finished))
        except Exception as error:
            if _is_of_everything(error) or isinstance(task.subject, str):
                raise
            self._tasks.discard(task)
            self._fail(task.subject, error)
            return
        if isinstance(step, Step):
            self._to_make.append((task, step))
            return
        self._tasks.discard(task)
        if isinstance(task.subject, str):
            self._asking[task.subject] -= 1
            self.must_look |= not self._asking[task.subject]
        else:
            self._end(task.subject, step.value)

    def _end(self, post: PostStatus, report: Report) -> None:
        self._agenda.end(post)
        self._untold.append(report)
        self._something_waits |= report.outcome is not Outcome.PUBLISHED
        self._look_again_at(report.until)
        # What is out changes nothing for others; all else may.
        self.wants_look |= report.outcome is not Outcome.PUBLISHED or self._agenda.is_empty

    def _leave(self, post: PostStatus, reason: str, until: datetime | None = None) -> None:
        """Nothing goes out on this account now."""
        self._agenda.end(post)
        self._something_waits = True
        for left in (post, *self._agenda.drop(post.key.account)):
            self._untold.append(Report(outcome=Outcome.WAITING, key=left.key, reason=reason, until=until))
            if left.state.kind is Kind.IN_DOUBT and left.delivery and self._now() > left.due_at + TELL_AFTER:
                # Nobody can look: a person has to hear that it may be out.
                doubt = f"{doubt_reason(left.delivery)}; {reason}"
                raise_doubt(self._ledger.connection, left.delivery, doubt, self._now())
        self._look_again_at(until)

    def _look_again_at(self, instant: datetime | None) -> None:
        self.look_at = min(filter(None, (self.look_at, instant)), default=None)

    def _cannot_connect(self, post: PostStatus, error: AccountError) -> None:
        account, connection = post.key.account, self._ledger.connection
        if isinstance(error, BrokenAccountError):
            account_states.stop(connection, account, error.reason, self._now())
            self._leave(post, error.reason)
        else:
            account_states.tell_no_access(connection, account, str(error), self._now())
            self._leave(post, f"account {account} can't be used now")
        self._untold.append(error)

    def _fail(self, post: PostStatus, error: Exception) -> None:
        """A task was broken off. It stops this account, with one post in doubt at most, and no other."""
        account = post.key.account
        self._agenda.end(post)
        self._something_waits = True
        connection, now = self._ledger.connection, self._now()
        if isinstance(error, AccountError) and not isinstance(error, BrokenAccountError):
            broken_off(connection, post.key, str(error), now, stops=False)
            self._agenda.drop(account)
            self._untold.append(error)
            return
        is_known = isinstance(error, BrokenAccountError)
        broken = error if is_known else BrokenAccountError(account, f"campaigner failed at {post.key}", error)
        assert isinstance(broken, BrokenAccountError)
        self._untold += [broken, broken_off(connection, post.key, broken.reason, now, stops=True)]
        self.wants_look = True

    def _now(self) -> datetime:
        return self._ledger.clock.now()


class DelivererPool:
    """Deliverers, one an account, made when they are first wanted: kept while the account stays as it is, for a call in flight
    must not be cut by an edit. All share the `rules`, which the engine keeps up to date.
    """

    def __init__(self, source: Source, ledger: Ledger, rules: SendingRules) -> None:
        self._source = source
        self._ledger = ledger
        self._rules = rules
        self._made: dict[str, tuple[object, Deliverer]] = {}

    def of(self, world: World, account: str) -> Deliverer:
        """The deliverer of an account as it is now; raises AccountError when a secret is missing.

        One that would be made otherwise now is left to the calls that it has in flight.
        """
        if account not in world.accounts:
            raise AccountError(f"account {account} is not in the config any more")
        known, config = world.accounts[account], world.config
        made_of = config.folder, config.state, known.config, known.profile
        if account not in self._made or self._made[account][0] != made_of:
            adapter, access = connect(self._source, world, account)
            self._made[account] = made_of, Deliverer(self._ledger, account, adapter, access=access, rules=self._rules)
        return self._made[account][1]

    def forget(self, accounts: Iterable[str]) -> None:
        """Let the next post of these accounts be sent with a new connection: a refused account is signed in anew."""
        for account in accounts:
            self._made.pop(account, None)

    def ask_again(self) -> None:
        """Who we are and what time it is, before anything is sent: our clock has jumped."""
        for _, deliverer in self._made.values():
            deliverer.identity.forget()

    def close(self) -> None:
        """End all connections, also under calls in flight."""
        for _, deliverer in self._made.values():
            deliverer.adapter.close()
        self._made = {}


def _free_at(post: PostStatus, accepted: Accepted, last_sent_at: datetime | None) -> datetime | None:
    """When the `spacing` of its account lets a post go out; None: at any time, as what is in doubt is looked for."""
    if last_sent_at is None or post.state.kind is Kind.IN_DOUBT:
        return None
    # Siblings of one account are apart by less than its `spacing`.
    paced = (
        post.slot if post.slot is not None and post.may_be_sent else accepted.world.accounts[post.key.account].config
    )
    return last_sent_at + paced.spacing


def _is_same(before: Slot, now: Slot | None) -> bool:
    """True when the files have a post at the same time still."""
    return now is before or (
        now is not None
        and (now.due_at, now.late, now.spacing, now.draft) == (before.due_at, before.late, before.spacing, before.draft)
    )


def _next_step(finished: Finished) -> Step | StopIteration:
    """What a task asks for next; StopIteration, with its value, when it has ended."""
    steps = finished.task.steps
    try:
        return steps.send(finished.answer) if finished.fault is None else steps.throw(finished.fault)
    except StopIteration as end:
        return end


def _is_of_everything(error: BaseException) -> bool:
    """True for what no account is to blame for: the ledger can't be written, or the person says stop."""
    return isinstance(error, CampaignerError) and not isinstance(error, AccountError)
