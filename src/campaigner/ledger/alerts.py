"""Alerts inside a transaction: a row together with the change it tells of, each subject once until it is withdrawn."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from . import tables
from .records import Alert

A = tables.alerts
STANDS = A.c.withdrawn_at.is_(None)


def raise_alert(
    connection: sa.Connection,
    *,
    kind: str,
    text: str,
    now: datetime,
    key: str | None = None,
    command: str = "",
    subject: str | None = None,
) -> bool:
    """Record an alert unless one of the same subject stands already; True when it is new."""
    subject = subject or f"{kind} {key}"
    if connection.execute(sa.select(A.c.id).where(A.c.subject == subject, STANDS)).first():
        return False
    connection.execute(
        sa.insert(A).values(subject=subject, kind=kind, key=key, text=text, command=command, raised_at=now)
    )
    return True


def withdraw(connection: sa.Connection, key: str, now: datetime) -> None:
    """Let the same things be told again of a post that a person has put right."""
    connection.execute(sa.update(A).where(A.c.key == key, STANDS).values(withdrawn_at=now))


def withdraw_subject(connection: sa.Connection, subject: str, now: datetime) -> None:
    """Let a subject be told again: what it told of is over."""
    connection.execute(sa.update(A).where(A.c.subject == subject, STANDS).values(withdrawn_at=now))


def unsent(connection: sa.Connection) -> list[Alert]:
    """Alerts that nobody was told of yet, oldest first."""
    return [alert_of(row) for row in connection.execute(sa.select(A).where(A.c.sent_at.is_(None)).order_by(A.c.id))]


def standing(connection: sa.Connection, since: datetime) -> list[Alert]:
    """Alerts of things that nobody has put right, raised since `since`, oldest first."""
    query = sa.select(A).where(A.c.raised_at >= since, STANDS).order_by(A.c.id)
    return [alert_of(row) for row in connection.execute(query)]


def alert_of(row: sa.Row[tuple[object, ...]]) -> Alert:
    """The record of one row."""
    return Alert(
        id=row.id,
        kind=row.kind,
        key=row.key,
        text=row.text,
        command=row.command,
        raised_at=row.raised_at,
        sent_at=row.sent_at,
    )
