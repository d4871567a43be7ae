"""One turn of an engine: bury the dead, see what is due, record what was missed or is held, hand out the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from ..delivery import gates, holding
from ..delivery.job import Job
from ..delivery.report import Outcome, Report
from ..delivery.settling import raise_doubt
from ..delivery.together import take_down
from ..errors import RefusedError
from ..ledger import alerts, deliveries, future, owners, switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, State
from ..plan.expand import Slot
from ..post.key import PostKey
from ..post.post import Post
from .accept import Accepted
from .asking import ClockTrust
from .deliverers import Deliverers
from .dispatch import Dispatcher
from .due import Held, Missed, Rules, Survey, survey
from .lane import Doubt, Rest, Work
from .parity import Parity
from .world import Source, World

SEEN_EVERY = timedelta(seconds=30)


class Turner:
    """Makes turns over one ledger with one dispatcher. `tell` gets a Report for all that ends without a delivery."""

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        tell: Callable[[Report], None],
        tell_fault: Callable[[Exception], None],
        *,
        workers: int,
        answered_by: str | None = None,
        stopping: threading.Event | None = None,
    ) -> None:
        self._source = source
        self.ledger = ledger
        self._tell = tell
        self._answered_by = answered_by
        self._answered: frozenset[str] = frozenset()
        self._accepted: Accepted | None = None
        self._seen_at: datetime | None = None
        self._deliverers = Deliverers(source, ledger)
        self._parity = Parity(source, ledger, tell_fault)
        self._trust = ClockTrust(source, ledger, tell_fault)
        self.dispatcher = Dispatcher(ledger, self._deliverers.of, tell, tell_fault, workers=workers, stopping=stopping)

    def turn(self, accepted: Accepted) -> Survey:
        """Hand out everything that is due now. Raises RefusedError when the clock can't be trusted."""
        if self._accepted is None or self._accepted.world is not accepted.world:
            self._void_approvals(accepted)
            self._parity.begin(accepted)
            self._deliverers.follow(accepted.world, self._parity.campaigns)
        self._accepted = accepted
        idle_since = self._idle_since()
        self._tidy()
        self._check_clock()
        self._follow_holds(accepted)
        surveyed_at = self.ledger.clock.now()
        found = survey(accepted, self.ledger, rules := self._rules(accepted.world))
        if self._answered_by is not None:
            self._keep_word(found, self._answered_by)
        self._answered = self.ledger.read(switches.answered_keys)
        self._parity.hold_unpaired(found, rules)
        self._leave_to_a_right_clock(found, accepted.world, surveyed_at)
        for missed in found.missed:
            self._miss(missed.key, missed.due_at, _why_missed(missed, idle_since))
        for delivery in found.orphaned:
            self._miss(delivery.key, delivery.due_at, "it left the files before it could be sent")
        for held in found.held:
            self._hold(held)
        self._tell_overdue(found)
        self._tell_without_account(found, accepted.world)
        self._deliverers.let_go(self.dispatcher.busy)
        for work in self._work(found, accepted):
            self.dispatcher.submit(work)
        return found

    def _keep_word(self, found: Survey, answered_by: str) -> None:
        """A person's `--yes` to what is due stays with each post until it is settled: what fails now is sent by a later run."""
        due = [*(slot.key for slot in found.send), *(held.key for held in found.held)]
        keys = [str(key) for key in (*due, *(delivery.key for delivery, _ in found.waiting))]

        def decide(connection: Connection) -> None:
            now, known = self.ledger.clock.now(), switches.answered_keys(connection)
            for key in dict.fromkeys(keys):
                if key not in known:
                    switches.decide(connection, switches.YES, key, "", answered_by, now)

        self.ledger.write(decide)

    def compare_clocks(self) -> None:
        """Ask every platform again who we are and what time it is: our clock has jumped."""
        self._trust.forget()
        self._deliverers.ask_again()

    def close(self) -> None:
        """Let go of the lanes and the platforms' connections."""
        self.dispatcher.close()
        self._deliverers.close()

    def _check_clock(self) -> None:
        """Raises RefusedError while the clock stands before what the ledger has written, which is told once."""
        now, newest_at = self.ledger.clock.now(), self.ledger.read(deliveries.newest_entry_at)
        is_told = self.ledger.read(lambda connection: alerts.text_of(connection, "clock")) is not None
        try:
            gates.check_clock(now, newest_at, lambda: self.ledger.read(future.newest_key))
        except RefusedError as error:
            if not is_told:
                self.ledger.write(partial(_tell_refused, text=f"{error}: {error.hint}", now=now))
            raise
        if is_told:
            self.ledger.write(lambda connection: alerts.withdraw_subject(connection, "clock", now))

    def _idle_since(self) -> datetime | None:
        """When a run was last at work before this one; None when this is not our first turn."""
        if self._seen_at is not None:
            return None
        return self.ledger.read(lambda connection: owners.last_run_before(connection, self.ledger.owner_id))

    def _tidy(self) -> None:
        """Say now and then that this process lives, and take over from those that died: a daemon's turns are many."""
        now = self.ledger.clock.now()
        seen_lately = self._seen_at is not None and now < self._seen_at + SEEN_EVERY
        if seen_lately and not self.ledger.read(lambda connection: owners.dead(connection, now)):
            return
        self._seen_at = now
        self.ledger.write(self._recover)

    def _recover(self, connection: Connection) -> None:
        clock = self.ledger.clock
        owners.see(connection, self.ledger.owner_id, clock)
        owners.bury_dead(connection, clock)
        deliveries.recover(connection, clock.now())

    def _void_approvals(self, accepted: Accepted) -> None:
        """Tell of every post that was changed after somebody approved it, as soon as the change is seen."""
        if accepted.world.config.approval != "required":
            return
        approved = self.ledger.read(switches.approved_digests)
        over = self.ledger.read(deliveries.settled_keys)
        for slot in accepted.planned.slots:
            digest = approved.get(str(slot.key))
            if digest is None or over.get(str(slot.key), State.DUE) is not State.DUE:
                continue
            if self._source.compose(accepted.world, slot).digest != digest:
                self.ledger.write(partial(_tell_void, key=slot.key, now=self.ledger.clock.now()))

    def _follow_holds(self, accepted: Accepted) -> None:
        """Let holds end that are over, before anything is handed out: what came due under them is skipped, and told."""
        now = self.ledger.clock.now()
        hold_file = gates.hold_file_text(accepted.world.config.folder)
        if not self.ledger.read(lambda connection: holding.is_due(connection, hold_file, now)):
            return
        ends = [hold.until for hold in self.ledger.read(switches.open_holds) if hold.until is not None]
        if any(until <= now for until in ends) and self._trust.why_not(accepted.world, accepted.world.accounts):
            return
        if self.ledger.clock.now() < now:
            # Set back while a platform was asked: the next turn looks by the right time.
            return
        slots = accepted.planned.slots
        self.ledger.write(lambda connection: holding.follow(connection, hold_file, slots, now))

    def _leave_to_a_right_clock(self, found: Survey, world: World, surveyed_at: datetime) -> None:
        """Settle nothing as missed by a wrong clock: while a platform says so, or when it was set back meanwhile."""
        over = [*(missed.key for missed in found.missed), *(delivery.key for delivery in found.orphaned)]
        apart = self._trust.why_not(world, [key.account for key in over]) if over else None
        if apart is None and self.ledger.clock.now() >= surveyed_at:
            return
        found.missed, found.orphaned = [], []
        if apart is not None:
            for key in over:
                self._tell(Report(outcome=Outcome.HELD, key=key, reason=apart, gate=True))

    def _rules(self, world: World) -> Rules:
        return Rules(
            hold_file=gates.hold_file_text(world.config.folder),
            approval_required=world.config.approval == "required",
            compose=lambda slot: self._source.compose(world, slot),
            answered=self._answered_by is not None,
            in_hand=self.dispatcher.in_hand,
        )

    def _work(self, found: Survey, accepted: Accepted) -> list[Work]:
        """Doubts and half threads first, then what is new, each account's in time order."""
        known = accepted.world.accounts
        doubts = [Doubt(delivery, late) for delivery, late in found.reconcile if delivery.key.account in known]
        rests = [
            Rest(delivery, known[delivery.key.account].config.spacing)
            for delivery in found.resume
            if delivery.key.account in known
        ]
        return [*doubts, *rests, *(self._job(slot, accepted) for slot in found.send)]

    def _job(self, slot: Slot, accepted: Accepted) -> Job:
        return Job(
            key=slot.key,
            due_at=slot.due_at,
            late_until=slot.due_at + slot.late,
            spacing=slot.spacing,
            compose=lambda: self._compose(slot),
            answered=str(slot.key) in self._answered,
            together=self._parity.together(slot),
            is_current=lambda: self._is_current(slot),
        )

    def _compose(self, slot: Slot) -> Post:
        """As the files have it when the post's turn comes, which may be long after it was handed out."""
        assert self._accepted is not None
        return self._source.compose(self._accepted.world, self._accepted.slots.get(str(slot.key), slot))

    def _is_current(self, slot: Slot) -> bool:
        now = self._accepted.slots.get(str(slot.key)) if self._accepted is not None else None
        return now is not None and (now.due_at, now.late, now.spacing, now.draft) == (
            slot.due_at,
            slot.late,
            slot.spacing,
            slot.draft,
        )

    def tell_waits(self, accepted: Accepted) -> None:
        """Tell of what waits too long since this turn's calls have ended: the next turn may be a day away."""
        self._tell_overdue(survey(accepted, self.ledger, self._rules(accepted.world)))

    def _tell_without_account(self, found: Survey, world: World) -> None:
        """What is under way on an account that has left the config: nobody can look for it, or send the rest of it."""
        reason = "its account has left the config"
        for delivery, _ in found.reconcile:
            if delivery.key.account not in world.accounts:
                self.ledger.write(partial(raise_doubt, delivery=delivery, reason=reason, now=self.ledger.clock.now()))
        for delivery in found.resume:
            if delivery.key.account not in world.accounts:
                self._tell_one_overdue(delivery, reason)

    def _tell_overdue(self, found: Survey) -> None:
        for delivery, reason in found.overdue:
            self._tell_one_overdue(delivery, reason)

    def _tell_one_overdue(self, delivery: Delivery, reason: str) -> None:
        """Past its `late`, or waiting till then, and still to be sent: nobody should believe that it is out, or will be."""
        key, subject = str(delivery.key), f"overdue {delivery.key}"
        if self.ledger.read(lambda connection: alerts.text_of(connection, subject)) is not None:
            return
        is_half_out = delivery.published_at is not None
        what = "its beginning is out, and the rest of it is not" if is_half_out else "it is not out"
        command = "delete" if is_half_out else "cancel" if delivery.forced else "retry"
        self.ledger.write(
            lambda connection: alerts.raise_alert(
                connection,
                kind="overdue",
                key=key,
                text=f"{key} is overdue: {what}: {reason}",
                command=f"campaigner {command} {key}",
                subject=subject,
                now=self.ledger.clock.now(),
            )
        )

    def _miss(self, key: PostKey, due_at: datetime, reason: str) -> None:
        now = self.ledger.clock.now()

        def settle(connection: Connection) -> bool:
            delivery: Delivery | None = deliveries.find(connection, key)
            if delivery is None:
                deliveries.create_settled(connection, key, due_at, State.MISSED, now, reason)
            elif delivery.state is State.DUE:
                deliveries.settle(connection, delivery, State.MISSED, now, reason)
            else:
                return False
            alone = take_down(connection, key) if key.campaign in self._parity.campaigns else None
            more = f"{alone[0]}: `{alone[1]}` takes it down" if alone else ""
            return alerts.raise_alert(
                connection,
                kind="missed",
                key=str(key),
                text=f"{key} was missed: {reason}{more}",
                command=f"campaigner retry {key} --yes",
                now=now,
            )

        if self.ledger.write(settle):
            self._tell(Report(outcome=Outcome.MISSED, key=key, reason=reason))

    def _hold(self, held: Held) -> None:
        key = held.key
        if held.gate:
            self.ledger.write(
                lambda connection: alerts.raise_alert(
                    connection,
                    kind="held",
                    key=str(key),
                    text=f"{key} is held: {held.reason}",
                    command=f"campaigner retry {key}",
                    now=self.ledger.clock.now(),
                )
            )
        self._tell(Report(outcome=Outcome.HELD, key=key, reason=held.reason, gate=held.gate))


def _tell_refused(connection: Connection, text: str, now: datetime) -> bool:
    return alerts.raise_alert(
        connection, kind="clock", text=text, command="timedatectl status", subject="clock", now=now
    )


def _tell_void(connection: Connection, key: PostKey, now: datetime) -> bool:
    return alerts.raise_alert(
        connection,
        kind="approval",
        key=str(key),
        text=f"{key} was changed after its approval: it is not posted until it is approved again",
        command=f"campaigner preview, then campaigner approve {key} --by NAME --code CODE",
        now=now,
    )


def _why_missed(missed: Missed, idle_since: datetime | None) -> str:
    why = f"it was not sent within {_in_words(missed.late)} of its time"
    if missed.why:
        why = f"{why}: {missed.why}"
    if idle_since is None or idle_since > missed.due_at:
        return why
    return f"{why}; nothing ran here since {idle_since:%Y-%m-%d %H:%M} UTC"


def _in_words(late: timedelta) -> str:
    hours, minutes = divmod(int(late.total_seconds() // 60), 60)
    return " ".join([f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0 or not hours))
