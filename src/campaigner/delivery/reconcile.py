"""In doubt: ask the platform, by what it offers, and never repeat a call blindly."""

from __future__ import annotations

from datetime import datetime

from ..ledger import attempts, deliveries
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection
from ..ledger.records import Delivery, State
from ..platforms.base import Absent, Alike, Identity, Receipt, Reconciliation, Unauthorized, Unavailable
from .claiming import Admitted
from .deliver import Deliverer
from .report import Outcome, Report, Settling, report_of
from .retry import LOOK_AGAIN, REPEAT_WITHIN, WAIT_TOLD, asks_to_wait, retry_at
from .settling import TELL_AFTER, raise_doubt, why_in_doubt
from .stored import Stored


def reconcile(deliverer: Deliverer, delivery: Delivery, late_until: datetime | None) -> Report:
    """One round for a delivery in doubt. `late_until` None: a person wanted it sent, it never comes too late."""
    taken = deliverer.ledger.write(
        lambda c: deliveries.take_in_doubt(c, delivery, deliverer.ledger.owner_id, _now(deliverer))
    )
    if isinstance(taken, Refusal):
        return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=taken.reason)
    identity = deliverer.who.identity()
    if not isinstance(identity, Identity):
        asked_for = identity.retry_at if isinstance(identity, Unavailable) else None
        return _stays(
            deliverer, taken, f"{why_in_doubt(taken)}; the account can't be asked: {identity.reason}", asked_for
        )
    if identity.id != taken.identity:
        reason = f"it was tried as {taken.identity}, the account is now {identity.id}"
        return _stays(deliverer, taken, reason)
    return report_of(_look(deliverer, taken, late_until))


def _look(deliverer: Deliverer, delivery: Delivery, late_until: datetime | None) -> Report | Settling:
    stored = deliverer.load(delivery)
    number = stored.next_part
    part = deliverer.part_for_look(stored)
    attempt = deliverer.ledger.write(
        lambda c: attempts.record(c, delivery, number, "look", deliverer.ledger.owner_id, _now(deliverer))
    )
    found = deliverer.adapter.look(part)
    match found:
        case Receipt():
            return _ended(deliverer, deliverer.settler.receipt(stored, attempt, found, looked=True))
        case Absent():
            _end(deliverer, attempt, "absent", "the platform shows no such post")
            return _absent(deliverer, stored, late_until)
        case Alike(url):
            alike = f"a post with the same words is there, and its images don't say whose it is: {url}"
            _end(deliverer, attempt, "no answer", alike)
            return _stays(deliverer, delivery, f"{why_in_doubt(delivery)}; {alike}")
        case Unavailable(reason) | Unauthorized(reason):
            _end(deliverer, attempt, "no answer", reason)
            asked_for = found.retry_at if isinstance(found, Unavailable) else None
            return _stays(deliverer, delivery, f"{why_in_doubt(delivery)}; it can't be looked up: {reason}", asked_for)


def _absent(deliverer: Deliverer, stored: Stored, late_until: datetime | None) -> Report | Settling:
    delivery, number, now = stored.delivery, stored.next_part, _now(deliverer)
    first, last = deliverer.ledger.read(
        lambda c: (
            attempts.first_at(c, delivery, number),
            attempts.last_at(c, delivery, number),
        )
    )
    patience = deliverer.adapter.absence_after
    if patience is None or last is None or first is None:
        return _stays(deliverer, delivery, delivery.reason or "no trace of it was found, which proves nothing here")
    if now < last + max(patience, LOOK_AGAIN):
        again_at = last + max(patience, LOOK_AGAIN)
        return _stays(deliverer, delivery, delivery.reason or "not found yet", again_at)
    if deliverer.settler.is_alone(delivery):
        return _not_out(deliverer, delivery, number)
    if _may_repeat(deliverer, now, first, late_until, number):
        return _ended(deliverer, deliverer.publish(stored, repeat=True))
    return _not_out(deliverer, delivery, number)


def _may_repeat(deliverer: Deliverer, now: datetime, first: datetime, late_until: datetime | None, number: int) -> bool:
    if number == 0 and late_until is not None and now >= late_until:
        return False
    kind = deliverer.adapter.reconciliation
    if kind is Reconciliation.NATIVE_KEY:
        return now < first + REPEAT_WITHIN
    return kind is Reconciliation.CHOSEN_ID


def _not_out(deliverer: Deliverer, delivery: Delivery, number: int) -> Report:
    """It is believed not to be out: due again, with a new token."""
    now = _now(deliverer)
    reason = f"it was not out after all ({why_in_doubt(delivery)})"

    def settle(connection: Connection) -> bool:
        if not deliveries.is_ours(connection, delivery, deliverer.ledger.owner_id):
            return False
        attempt = attempts.record(connection, delivery, number, "look", deliverer.ledger.owner_id, now)
        attempts.end(connection, attempt, "not out", "settled: the platform shows no such post", now)
        deliveries.put_back(connection, delivery, now, reason=reason, failed=True)
        return True

    if not deliverer.ledger.write(settle):
        return _settled_meanwhile(delivery)
    return Report(outcome=Outcome.WAITING, key=delivery.key, reason=f"{reason}; due again", until=now)


def _stays(deliverer: Deliverer, delivery: Delivery, reason: str, not_before: datetime | None = None) -> Report:
    """Still in doubt: looked at again, less and less often, and not before a time that was asked for or must pass."""
    now = _now(deliverer)
    again_at = max(now + LOOK_AGAIN, retry_at(now, delivery.failures, str(delivery.key)), not_before or now)

    def keep(connection: Connection) -> bool:
        if not deliveries.is_ours(connection, delivery, deliverer.ledger.owner_id):
            return False
        deliveries.keep_in_doubt(connection, delivery, now, reason=reason, retry_at=again_at, failed=True)
        if again_at > now + WAIT_TOLD:
            raise_doubt(connection, delivery, f"{reason}; {asks_to_wait(again_at)}", now)
        elif now > delivery.due_at + TELL_AFTER or deliverer.adapter.absence_after is None:
            raise_doubt(connection, delivery, reason, now)
        return True

    if not deliverer.ledger.write(keep):
        return _settled_meanwhile(delivery)
    return Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)


def _ended(deliverer: Deliverer, found: Report | Settling | Stored) -> Report | Settling:
    """The end of a post that is out; when more parts follow, the same delivery goes on."""
    if not isinstance(found, Stored):
        return found
    delivery, now = found.delivery, _now(deliverer)

    def take(connection: Connection) -> Admitted | Refusal:
        current = deliveries.find(connection, delivery.key)
        if current is None or current.state not in {State.IN_DOUBT, State.SENDING}:
            return Refusal("it was settled meanwhile")
        deliveries.put_back(connection, current, now, reason="")
        return deliverer.claimer.reclaim(connection, current)

    claimed = deliverer.ledger.write(take)
    if isinstance(claimed, Refusal):
        return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=claimed.reason)
    return deliverer.send(claimed)


def _settled_meanwhile(delivery: Delivery) -> Report:
    """A person was quicker than the platform's answer: what the person said stands."""
    return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason="it was settled meanwhile")


def _end(deliverer: Deliverer, attempt: int, outcome: str, reason: str) -> None:
    deliverer.ledger.write(lambda c: attempts.end(c, attempt, outcome, reason, _now(deliverer)))


def _now(deliverer: Deliverer) -> datetime:
    return deliverer.ledger.clock.now()
