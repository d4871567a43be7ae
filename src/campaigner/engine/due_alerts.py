"""What a look at the plan settles and tells: posts that were missed, that are held, that are overdue."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from ..delivery.parity import take_down
from ..delivery.record_outcome import raise_doubt
from ..delivery.result import Outcome, Report
from ..delivery.safety_gates import LOOK_AT_CLOCK
from ..errors import RefusedError
from ..ledger import alerts, deliveries
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, State
from ..post.key import PostKey
from .due import Held, Missed, Survey
from .world import World

CLOCK = "clock"


def settle_and_tell(
    ledger: Ledger, found: Survey, parity: Collection[str], idle_since: datetime | None
) -> list[Report]:
    """Record what is over and what a person must know. `parity` names the campaigns that require it."""
    connection, now = ledger.connection, ledger.clock.now()
    missed = [(missed.key, missed.due_at, _why_missed(missed, idle_since)) for missed in found.missed]
    missed += [(one.key, one.due_at, "it left the files before it could be sent") for one in found.orphaned]
    reports = [
        Report(outcome=Outcome.MISSED, key=key, reason=reason)
        for key, due_at, reason in missed
        if _miss(connection, key, due_at, reason, parity, now)
    ]
    tell_overdue(connection, found, now)
    return [*reports, *(_hold(connection, held, now) for held in found.held)]


def tell_overdue(connection: Connection, found: Survey, now: datetime) -> None:
    """Past its `late`, or waiting till then, and still to be sent: nobody should believe that it is out, or will be."""
    for delivery, reason in found.overdue:
        _tell_one_overdue(connection, delivery, reason, now)


def tell_without_account(ledger: Ledger, found: Survey, world: World) -> None:
    """What is under way on an account that has left the config: nobody can look for it, or send the rest of it."""
    connection, now, reason = ledger.connection, ledger.clock.now(), "its account has left the config"
    for delivery, _ in found.reconcile:
        if delivery.key.account not in world.accounts:
            raise_doubt(connection, delivery, reason, now)
    for delivery in found.resume:
        if delivery.key.account not in world.accounts:
            _tell_one_overdue(connection, delivery, reason, now)


def _tell_one_overdue(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> None:
    key = str(delivery.key)
    is_half_out = delivery.published_at is not None
    what = "its beginning is out, and the rest of it is not" if is_half_out else "it is not out"
    command = "delete" if is_half_out else "cancel" if delivery.forced else "retry"
    text = f"{key} is overdue: {what}: {reason}"
    alerts.raise_alert(connection, kind="overdue", key=key, text=text, command=f"campaigner {command} {key}", now=now)


def tell_refused_clock(connection: Connection, error: RefusedError, now: datetime) -> None:
    """Nothing is sent by this clock."""
    text = f"{error}: {error.hint}"
    alerts.raise_alert(connection, kind=CLOCK, text=text, command=LOOK_AT_CLOCK, subject=CLOCK, now=now)


def withdraw_refused_clock(connection: Connection, now: datetime) -> None:
    """The clock is right again."""
    if alerts.text_of(connection, CLOCK) is not None:
        alerts.withdraw_subject(connection, CLOCK, now)


def tell_void(connection: Connection, key: PostKey, now: datetime) -> None:
    """A post that was approved is another one now."""
    alerts.raise_alert(
        connection,
        kind="approval",
        key=str(key),
        text=f"{key} was changed after its approval: it is not posted until it is approved again",
        command=f"campaigner preview, then campaigner approve {key} --by NAME --code CODE",
        now=now,
    )


def _miss(
    connection: Connection, key: PostKey, due_at: datetime, reason: str, parity: Collection[str], now: datetime
) -> bool:
    """Settle a post as missed; True when that is new."""
    delivery = deliveries.find(connection, key)
    if delivery is None:
        deliveries.create_settled(connection, key, due_at, State.MISSED, now, reason)
    elif delivery.state is State.DUE:
        deliveries.set_state(connection, delivery, State.MISSED, now, reason)
    else:
        return False
    alone = take_down(connection, key) if key.campaign in parity else None
    more = f"{alone[0]}: `{alone[1]}` takes it down" if alone else ""
    return alerts.raise_alert(
        connection,
        kind="missed",
        key=str(key),
        text=f"{key} was missed: {reason}{more}",
        command=f"campaigner retry {key} --yes",
        now=now,
    )


def _hold(connection: Connection, held: Held, now: datetime) -> Report:
    key = held.key
    if held.gate:
        text = f"{key} is held: {held.reason}"
        alerts.raise_alert(connection, kind="held", key=str(key), text=text, command=held.command, now=now)
    command = held.command if held.gate else ""
    return Report(outcome=Outcome.HELD, key=key, reason=held.reason, gate=held.gate, command=command)


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
