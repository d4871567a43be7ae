"""A look at the plan: what is over is settled, what a person must know is told, and what may go out is handed on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..delivery.parity import take_down
from ..delivery.record_outcome import asks_to_wait, is_too_long, raise_doubt, tell
from ..delivery.safety_gates import LOOK_AT_CLOCK
from ..delivery.steps import Outcome, Report
from ..errors import RefusedError
from ..ledger import alerts, decisions, deliveries
from ..ledger.ledger import Connection
from ..ledger.models import Delivery, State
from ..post.key import PostKey
from .accepted_plan import Accepted
from .due import Kind, PostStatus, next_after

CLOCK = "clock"


class Look:
    """What one look at what is due and open at an instant comes to. `work` is what may be begun, doubts and half threads first.

    `next_at` is when to look again at the latest, None: nothing is ahead. `idle_since`: since when nothing ran before this
    run. `confirmed_by`: who says yes to the gates of all that is due, which stays with each post until it is settled.
    """

    def __init__(
        self,
        connection: Connection,
        accepted: Accepted,
        now: datetime,
        *,
        idle_since: datetime | None,
        confirmed_by: str | None,
    ) -> None:
        self._connection = connection
        self._now = now
        self._accepted = accepted
        self._idle_since = idle_since
        self._confirmed_by = confirmed_by
        self.work: list[PostStatus] = []
        self.reports: list[Report] = []
        self.has_waiting = False
        ahead = next_after(accepted, now)
        self.next_at = None if ahead is None else ahead.due_at

    def take(self, found: Iterable[PostStatus], *, may_miss: bool, clock_skew: str | None) -> None:
        """Go through these posts. By a wrong clock nothing is missed: `clock_skew` is how it differs, if that is known."""
        for status in found:
            if status.is_over:
                self._miss(status, may_miss=may_miss, clock_skew=clock_skew)
            else:
                self._take(status)
        self.work.sort(key=_rank)

    def _take(self, status: PostStatus) -> None:
        match status.state.kind:
            case Kind.IN_DOUBT | Kind.DUE if status.state.until is not None:
                self._wait(status, status.state.until)
            case Kind.IN_DOUBT | Kind.DUE:
                self._begin(status)
            case Kind.HELD | Kind.AWAITING_APPROVAL:
                self._hold(status)

    def _wake_at(self, instant: datetime) -> None:
        self.next_at = min(filter(None, (self.next_at, instant)))

    def _wait(self, status: PostStatus, until: datetime) -> None:
        """It is tried again later. Past its `late`, or when the wait lasts beyond it, a person is told, whoever wanted it."""
        self.has_waiting = True
        self._confirm(status.key)
        tell_overdue(self._connection, status, self._now)
        is_late = status.state.kind is Kind.IN_DOUBT or self._now >= status.late_at
        self._wake_at(until if is_late else min(until, status.late_at))

    def _begin(self, status: PostStatus) -> None:
        """What is under way on an account that has left the config nobody can look for, or send the rest of."""
        delivery, reason = status.delivery, "its account has left the config"
        is_half_out = delivery is not None and delivery.published_at is not None
        self.has_waiting |= is_half_out and status.state.kind is Kind.DUE
        if status.key.account in self._accepted.world.accounts:
            self.work.append(status)
        elif delivery is not None and status.state.kind is Kind.IN_DOUBT:
            raise_doubt(self._connection, delivery, reason, self._now)
        elif delivery is not None:
            _tell_overdue(self._connection, delivery, reason, self._now)
        if status.state.kind is Kind.DUE and not is_half_out:
            self._confirm(status.key)

    def _hold(self, status: PostStatus) -> None:
        key, state = status.key, status.state
        if status.delivery is not None and status.delivery.published_at is not None:
            tell_overdue(self._connection, status, self._now)
        elif self._now < status.due_at:
            self._wake_at(status.due_at)
        elif not status.has_left:
            self._confirm(key)
            self._wake_at(status.late_at)
            command = state.command if state.gate else ""
            if state.gate:
                tell(self._connection, "held", key, f"{key} is held: {state.reason}", command, self._now)
            report = Report(outcome=Outcome.HELD, key=key, reason=state.reason, gate=state.gate, command=command)
            self.reports.append(report)

    def _miss(self, status: PostStatus, *, may_miss: bool, clock_skew: str | None) -> None:
        """Settle a post as missed, and tell it."""
        key, now = status.key, self._now
        if not may_miss:
            if clock_skew is not None:
                report = Report(outcome=Outcome.HELD, key=key, reason=clock_skew, gate=True, command=LOOK_AT_CLOCK)
                self.reports.append(report)
            return
        reason = self._missed_reason(status)
        delivery = deliveries.find(self._connection, key)
        if delivery is None:
            deliveries.create_settled(self._connection, key, status.due_at, State.MISSED, now, reason)
        elif delivery.state is State.DUE:
            deliveries.set_state(self._connection, delivery, State.MISSED, now, reason)
        else:
            return
        alone = take_down(self._connection, key) if key.campaign in self._accepted.parity else None
        more = f"{alone[0]}: `{alone[1]}` takes it down" if alone else ""
        text, command = f"{key} was missed: {reason}{more}", f"campaigner retry {key} --yes"
        if tell(self._connection, "missed", key, text, command, now):
            self.reports.append(Report(outcome=Outcome.MISSED, key=key, reason=reason))

    def _missed_reason(self, status: PostStatus) -> str:
        if status.has_left:
            return status.state.reason
        late = status.slot.late if status.slot is not None else status.late_at - status.due_at
        why = f"it was not sent within {_in_words(late)} of its time"
        if status.state.reason:
            why = f"{why}: {status.state.reason}"
        if self._idle_since is None or self._idle_since > status.due_at:
            return why
        return f"{why}; nothing ran here since {self._idle_since:%Y-%m-%d %H:%M} UTC"

    def _confirm(self, key: PostKey) -> None:
        """What fails now is sent by a later run."""
        if self._confirmed_by is not None and str(key) not in decisions.confirmed_keys(self._connection):
            decisions.decide(self._connection, decisions.YES, str(key), "", self._confirmed_by, self._now)


def tell_overdue(connection: Connection, status: PostStatus, now: datetime) -> None:
    """Past its `late`, or waiting till then, and still to be sent: nobody should believe that it is out, or will be."""
    state, delivery = status.state, status.delivery
    if delivery is None:
        return
    if state.kind is Kind.AWAITING_APPROVAL and delivery.published_at is not None:
        _tell_overdue(connection, delivery, state.reason, now)
    elif state.kind is Kind.DUE and state.until is not None:
        if is_too_long(now, state.until, status.late_at):
            _tell_overdue(connection, delivery, f"{state.reason}; {asks_to_wait(state.until)}", now)
        elif now >= status.late_at:
            _tell_overdue(connection, delivery, state.reason, now)


def _tell_overdue(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> None:
    key, is_half_out = delivery.key, delivery.published_at is not None
    what = "its beginning is out, and the rest of it is not" if is_half_out else "it is not out"
    command = "delete" if is_half_out else "cancel" if delivery.forced else "retry"
    tell(connection, "overdue", key, f"{key} is overdue: {what}: {reason}", f"campaigner {command} {key}", now)


def tell_clock_refusal(connection: Connection, refusal: RefusedError | None, now: datetime) -> None:
    """Nothing is sent by this clock, which is told once; None: it is right, so that it can be told again."""
    if refusal is not None:
        text = f"{refusal}: {refusal.hint}"
        alerts.raise_alert(connection, kind=CLOCK, text=text, command=LOOK_AT_CLOCK, subject=CLOCK, now=now)
    elif alerts.text_of(connection, CLOCK) is not None:
        alerts.withdraw_subject(connection, CLOCK, now)


def tell_void(connection: Connection, key: PostKey, now: datetime) -> None:
    """A post that was approved is another one now."""
    text = f"{key} was changed after its approval: it is not posted until it is approved again"
    command = f"campaigner preview, then campaigner approve {key} --by NAME --code CODE"
    tell(connection, "approval", key, text, command, now)


def _rank(status: PostStatus) -> int:
    if status.state.kind is Kind.IN_DOUBT:
        return 0
    return 1 if status.delivery is not None and status.delivery.published_at is not None else 2


def _in_words(late: timedelta) -> str:
    hours, minutes = divmod(int(late.total_seconds() // 60), 60)
    return " ".join([f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0 or not hours))
