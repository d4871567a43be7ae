"""Attempts inside a transaction: every call that was begun for a delivery, and what came of it. Never overwritten."""

from __future__ import annotations

from datetime import datetime

from .models import Attempt, Delivery
from .rows import Connection, execute, first, insert, instant, select, update

DELETED = "deleted"
NOT_OUT = ("rejected", "unavailable", "unauthorized", "not out", DELETED)
"""Outcomes of attempts after which it is certain that nothing is out."""

WITHDRAWN = "withdrawn"
"""Outcome of an attempt that was written down and stopped before its first byte: nothing was tried."""

OF_PART = "FROM delivery_attempts WHERE delivery_id = :delivery AND part = :part AND generation = :generation"
WAS_TRIED = f"kind = 'publish' AND (outcome IS NULL OR outcome <> '{WITHDRAWN}')"


def record(connection: Connection, delivery: Delivery, part: int, kind: str, run_id: str, now: datetime) -> int:
    """Write down that a call begins; `kind` is upload, publish or look."""
    return insert(
        connection,
        "delivery_attempts",
        delivery_id=delivery.id,
        part=part,
        generation=delivery.generation,
        kind=kind,
        run_id=run_id,
        started_at=now,
    )


def end(connection: Connection, attempt_id: int, outcome: str, reason: str, now: datetime) -> None:
    """Write down what came of a call."""
    update(connection, "delivery_attempts", attempt_id, ended_at=now, outcome=outcome, reason=reason)


def is_in_flight(connection: Connection, delivery: Delivery) -> bool:
    """True when the last publishing call has no recorded end."""
    query = "SELECT 1 FROM delivery_attempts WHERE delivery_id = :id AND kind = 'publish' AND ended_at IS NULL"
    return first(connection, query, id=delivery.id) is not None


def first_at(connection: Connection, delivery: Delivery, part: int) -> datetime | None:
    """When the first publishing call of this part, in this generation, began."""
    return instant(_of_part(connection, "min(started_at)", delivery, part, WAS_TRIED))


def last_at(connection: Connection, delivery: Delivery, part: int) -> datetime | None:
    """When the latest publishing call of this part, in this generation, was last known to be on its way.

    It may have left long after it was written down: one that came into doubt counts from when that was seen.
    """
    last = "max(CASE WHEN outcome = 'in-doubt' THEN ended_at ELSE started_at END)"
    return instant(_of_part(connection, last, delivery, part, WAS_TRIED))


def times_not_out(connection: Connection, delivery: Delivery, part: int) -> int:
    """How often an attempt of this part was settled as not out: each time a new dedupe token is due."""
    not_out = ", ".join(f"'{outcome}'" for outcome in NOT_OUT)
    return _of_part(connection, "count(*)", delivery, part, f"outcome IN ({not_out})") or 0


def of(connection: Connection, delivery: Delivery) -> list[Attempt]:
    """Every attempt of a delivery, oldest first."""
    return select(connection, Attempt, "FROM delivery_attempts WHERE delivery_id = :id ORDER BY id", id=delivery.id)


def count(connection: Connection) -> dict[str, int]:
    """How often each post was tried, by key: publishing calls only."""
    return dict(
        connection.execute(
            "SELECT deliveries.key, count(*) FROM deliveries"
            " JOIN delivery_attempts ON delivery_attempts.delivery_id = deliveries.id"
            f" WHERE {WAS_TRIED} GROUP BY deliveries.key"
        )
    )


def end_open(connection: Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    """Calls whose end nobody saw may have done what they were to do."""
    execute(
        connection,
        "UPDATE delivery_attempts SET ended_at = :now, outcome = 'in-doubt', reason = :reason"
        " WHERE delivery_id = :id AND ended_at IS NULL",
        id=delivery.id,
        now=now,
        reason=reason,
    )


def _of_part(connection: Connection, wanted: str, delivery: Delivery, part: int, condition: str) -> int | None:
    query = f"SELECT {wanted} {OF_PART} AND {condition}"
    found: int | None = first(connection, query, delivery=delivery.id, part=part, generation=delivery.generation)
    return found
