"""In doubt: ask the platform, by what it offers, and never repeat a call blindly."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..ledger import deliveries, parts
from ..ledger.models import Delivery, State
from ..platforms.outcomes import Absent, Alike, Receipt, Reconciliation, Unauthorized, Unavailable
from .account_identity import rest_as_asked
from .claimed_post import ClaimedPost
from .deliver import Deliverer
from .record_outcome import (
    LOOK_AGAIN,
    WAIT_TOLD,
    asks_to_wait,
    doubt_reason,
    raise_doubt,
    retry_at,
    settled_meanwhile,
)
from .steps import Outcome, Report, Steps

TELL_AFTER = timedelta(minutes=10)
"""A doubt that has not settled itself by then is told to a person."""


def reconcile(deliverer: Deliverer, delivery: Delivery, expires_at: datetime | None) -> Steps[Report]:
    """One round for a delivery in doubt. `expires_at` None: a person wanted it sent, it never comes too late."""
    found = deliveries.find(deliverer.connection, delivery.key)
    if found is None or found.state is not State.IN_DOUBT:
        return settled_meanwhile(delivery.key)
    identity = yield from deliverer.identity.ask()
    if not isinstance(identity, str):
        asked_for = rest_as_asked(deliverer.ledger, deliverer.account, identity)
        reason = f"{doubt_reason(found)}; the account can't be asked: {identity.reason}"
        return _stays(deliverer, found, reason, asked_for)
    if identity != found.identity:
        return _stays(deliverer, found, f"it was tried as {found.identity}, the account is now {identity}")
    return (yield from _look(deliverer, found, expires_at))


def _look(deliverer: Deliverer, delivery: Delivery, expires_at: datetime | None) -> Steps[Report]:
    claimed = ClaimedPost.load(deliverer.connection, delivery)
    attempt, found = yield from deliverer.look(claimed)
    match found:
        case Receipt():
            return (yield from _ended(deliverer, deliverer.recorder.receipt(claimed, attempt, found, looked=True)))
        case Absent():
            return (yield from _absent(deliverer, claimed, expires_at))
        case Alike(url):
            alike = f"a post with the same words is there, and its images don't say whose it is: {url}"
            parts.end_attempt(deliverer.connection, attempt, "no answer", alike, deliverer.now())
            return _stays(deliverer, delivery, f"{doubt_reason(delivery)}; {alike}")
    assert isinstance(found, Unavailable | Unauthorized)
    asked_for = rest_as_asked(deliverer.ledger, deliverer.account, found)
    reason = f"{doubt_reason(delivery)}; it can't be looked up: {found.reason}"
    return _stays(deliverer, delivery, reason, asked_for)


def _absent(deliverer: Deliverer, claimed: ClaimedPost, expires_at: datetime | None) -> Steps[Report]:
    connection, now = deliverer.connection, deliverer.now()
    delivery, number = claimed.delivery, claimed.next_part
    first, last = (
        parts.first_attempt_at(connection, delivery, number),
        parts.last_attempt_at(connection, delivery, number),
    )
    patience = deliverer.adapter.absence_after
    if patience is None or last is None or first is None:
        return _stays(deliverer, delivery, delivery.reason or "no trace of it was found, which proves nothing here")
    if now < last + max(patience, LOOK_AGAIN):
        again_at = last + max(patience, LOOK_AGAIN)
        return _stays(deliverer, delivery, delivery.reason or "not found yet", again_at)
    is_settled = not deliveries.is_open(connection, delivery)
    if (
        is_settled
        or deliverer.recorder.has_lost_sibling(delivery)
        or not _may_repeat(deliverer, first, expires_at, number)
    ):
        return _not_out(deliverer, delivery, number)
    return (yield from _ended(deliverer, (yield from deliverer.publish_again(claimed))))


def _may_repeat(deliverer: Deliverer, first: datetime, expires_at: datetime | None, number: int) -> bool:
    now = deliverer.now()
    if number == 0 and expires_at is not None and now >= expires_at:
        return False
    kind = deliverer.adapter.reconciliation
    if kind is Reconciliation.NATIVE_KEY:
        return now < first + deliverer.adapter.token_lasts
    return kind is Reconciliation.CHOSEN_ID


def _not_out(deliverer: Deliverer, delivery: Delivery, number: int) -> Report:
    """It is believed not to be out: due again, with a new token."""
    connection, now = deliverer.connection, deliverer.now()
    if not deliveries.is_open(connection, delivery):
        return settled_meanwhile(delivery.key)
    reason = f"it was not out after all ({doubt_reason(delivery)})"
    attempt = parts.record_attempt(connection, delivery, number, "look", deliverer.ledger.run_id, now)
    parts.end_attempt(connection, attempt, "not out", "settled: the platform shows no such post", now)
    deliveries.set_state(connection, delivery, State.DUE, now, reason=reason, failed=True)
    return Report(outcome=Outcome.WAITING, key=delivery.key, reason=f"{reason}; due again", until=now)


def _stays(deliverer: Deliverer, delivery: Delivery, reason: str, not_before: datetime | None = None) -> Report:
    """Still in doubt: looked at again, less and less often, and not before a time that was asked for or must pass."""
    connection, now = deliverer.connection, deliverer.now()
    if not deliveries.is_open(connection, delivery):
        return settled_meanwhile(delivery.key)
    again_at = max(now + LOOK_AGAIN, retry_at(now, delivery.failures, str(delivery.key)), not_before or now)
    deliveries.set_state(connection, delivery, State.IN_DOUBT, now, reason=reason, retry_at=again_at, failed=True)
    if again_at > now + WAIT_TOLD:
        raise_doubt(connection, delivery, f"{reason}; {asks_to_wait(again_at)}", now)
    elif now > delivery.due_at + TELL_AFTER or deliverer.adapter.absence_after is None:
        raise_doubt(connection, delivery, reason, now)
    return Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)


def _ended(deliverer: Deliverer, found: Report | ClaimedPost) -> Steps[Report]:
    """The end of a post that is out; when more parts follow, the same delivery goes on."""
    if isinstance(found, Report):
        return found
    connection = deliverer.connection
    current = deliveries.find(connection, found.delivery.key)
    if current is None or current.state not in {State.IN_DOUBT, State.SENDING}:
        return settled_meanwhile(found.delivery.key)
    deliveries.set_state(connection, current, State.DUE, deliverer.now(), reason="")
    return (yield from deliverer.go_on(current))
