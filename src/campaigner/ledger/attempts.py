"""Attempts inside a transaction: every call that was begun for a delivery, and what came of it. Never overwritten."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from . import tables
from .prepared import Prepared
from .records import Attempt, Delivery

A = tables.attempts
DELETED = "deleted"
NOT_OUT = ("rejected", "unavailable", "unauthorized", "not out", DELETED)
"""Outcomes of attempts after which it is certain that nothing is out."""

WITHDRAWN = "withdrawn"
"""Outcome of an attempt that was written down and stopped before its first byte: nothing was tried."""

WAS_TRIED = sa.or_(A.c.outcome.is_(None), A.c.outcome != WITHDRAWN)

# Built once: putting a statement together costs as much as running it.
INSERT = Prepared(sa.insert(A))
END = Prepared(sa.update(A).where(A.c.id == sa.bindparam("wanted_id")))


def record(connection: sa.Connection, delivery: Delivery, part: int, kind: str, owner_id: str, now: datetime) -> int:
    """Write down that a call begins; `kind` is upload, publish or look."""
    row = {
        "delivery_id": delivery.id,
        "part": part,
        "generation": delivery.generation,
        "kind": kind,
        "owner_id": owner_id,
        "started_at": now,
    }
    return INSERT.insert(connection, row)


def end(connection: sa.Connection, attempt_id: int, outcome: str, reason: str, now: datetime) -> None:
    """Write down what came of a call."""
    END.run(connection, {"wanted_id": attempt_id, "ended_at": now, "outcome": outcome, "reason": reason})


def is_in_flight(connection: sa.Connection, delivery: Delivery) -> bool:
    """True when the last publishing call has no recorded end."""
    query = sa.select(A.c.id).where(A.c.delivery_id == delivery.id, A.c.kind == "publish", A.c.ended_at.is_(None))
    return connection.execute(query.limit(1)).first() is not None


def first_at(connection: sa.Connection, delivery: Delivery, part: int) -> datetime | None:
    """When the first publishing call of this part, in this generation, began."""
    query = sa.select(sa.func.min(A.c.started_at)).where(
        A.c.delivery_id == delivery.id,
        A.c.part == part,
        A.c.generation == delivery.generation,
        A.c.kind == "publish",
        WAS_TRIED,
    )
    found: datetime | None = connection.execute(query).scalar_one_or_none()
    return found


def last_at(connection: sa.Connection, delivery: Delivery, part: int) -> datetime | None:
    """When the latest publishing call of this part, in this generation, was last known to be on its way.

    It may have left long after it was written down: one that came into doubt counts from when that was seen.
    """
    seen_at = sa.case((A.c.outcome == "in-doubt", A.c.ended_at), else_=A.c.started_at)
    query = sa.select(sa.func.max(seen_at)).where(
        A.c.delivery_id == delivery.id,
        A.c.part == part,
        A.c.generation == delivery.generation,
        A.c.kind == "publish",
        WAS_TRIED,
    )
    found: datetime | None = connection.execute(query).scalar_one_or_none()
    return found


def times_not_out(connection: sa.Connection, delivery: Delivery, part: int) -> int:
    """How often an attempt of this part was settled as not out: each time a new dedupe token is due."""
    query = sa.select(sa.func.count()).where(
        A.c.delivery_id == delivery.id,
        A.c.part == part,
        A.c.generation == delivery.generation,
        A.c.outcome.in_(NOT_OUT),
    )
    return int(connection.execute(query).scalar_one())


def of(connection: sa.Connection, delivery: Delivery) -> list[Attempt]:
    """Every attempt of a delivery, oldest first."""
    rows = connection.execute(sa.select(A).where(A.c.delivery_id == delivery.id).order_by(A.c.id))
    return [
        Attempt(
            part=row.part,
            generation=row.generation,
            kind=row.kind,
            owner_id=row.owner_id,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            reason=row.reason,
        )
        for row in rows
    ]


def count(connection: sa.Connection) -> dict[str, int]:
    """How often each post was tried, by key: publishing calls only."""
    query = (
        sa.select(tables.deliveries.c.key, sa.func.count())
        .join(A, A.c.delivery_id == tables.deliveries.c.id)
        .where(A.c.kind == "publish", WAS_TRIED)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(tables.deliveries.c.key))}


def end_open(connection: sa.Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    connection.execute(
        sa.update(A)
        .where(A.c.delivery_id == delivery.id, A.c.ended_at.is_(None))
        .values(ended_at=now, outcome="in-doubt", reason=reason)
    )
