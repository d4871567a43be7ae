"""Entries from a wrong clock's future: which is the newest, and how a person who knows better dates them back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from . import alerts, switches, tables

A, D, L, OWNERS = tables.attempts, tables.deliveries, tables.lanes, tables.owners
WAITS = (D.c.retry_at, L.c.rested_until)
"""How long something waits by that clock: not at all any more."""
WRITTEN = (
    A.c.started_at,
    A.c.ended_at,
    D.c.updated_at,
    D.c.published_at,
    L.c.last_sent_at,
    OWNERS.c.started_at,
    OWNERS.c.seen_at,
    OWNERS.c.ended_at,
    tables.alerts.c.raised_at,
)
ACCEPTED = (tables.accepted_files.c.accepted_at, tables.acceptances.c.accepted_at)


def newest_key(connection: sa.Connection) -> str:
    """The KEY of the newest entry that the clock is held against; empty when there is none."""
    tried = sa.select(A.c.started_at, D.c.key).join(D, D.c.id == A.c.delivery_id).order_by(A.c.started_at.desc())
    changed = sa.select(D.c.updated_at, D.c.key).order_by(D.c.updated_at.desc())
    rows = [connection.execute(query.limit(1)).first() for query in (tried, changed)]
    return max(((row[0], str(row[1])) for row in rows if row is not None), default=(None, ""))[1]


def date_back(connection: sa.Connection, now: datetime, made_by: str) -> datetime:
    """Date what lies ahead of `now` at the newest entry that does not: it was written after that. Returns that instant.

    An attempt is dated too early so, never too late: a post in doubt is then looked for in a longer time, not in none.
    What was accepted is dated now: no post goes out by itself for it whose time has passed.
    """
    before = [
        connection.execute(sa.select(sa.func.max(column)).where(column <= now)).scalar_one()
        for column in (A.c.started_at, D.c.updated_at)
    ]
    bound = max((instant for instant in before if instant is not None), default=now)
    for columns, value in ((WAITS, None), (WRITTEN, bound), (ACCEPTED, now)):
        for column in columns:
            _set(connection, column, value, now)
    alerts.withdraw_subject(connection, "clock", now)
    switches.decide(connection, "ledger clock --is-right", None, "", made_by, now)
    return bound


def _set(connection: sa.Connection, column: sa.Column[Any], value: datetime | None, now: datetime) -> None:
    connection.execute(sa.update(column.table).where(column > now).values({column.name: value}))
