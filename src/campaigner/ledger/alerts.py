"""Alerts inside a transaction: a row together with the change it tells of, each subject once until it is withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from . import tables
from .prepared import Prepared
from .records import Alert

A = tables.alerts
STANDS = A.c.withdrawn_at.is_(None)
WITHDRAW = Prepared(sa.update(A).where(A.c.key == sa.bindparam("wanted_key"), STANDS))
TEXT_OF = Prepared(sa.select(A.c.text).where(A.c.subject == sa.bindparam("wanted_subject"), STANDS))


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


def text_of(connection: sa.Connection, subject: str) -> str | None:
    """The alert that stands for a subject, None when none does."""
    row = TEXT_OF.first(connection, {"wanted_subject": subject})
    return None if row is None else str(row.text)


def withdraw(connection: sa.Connection, key: str, now: datetime) -> None:
    """Let the same things be told again of a post that is out, or that a person has put right."""
    WITHDRAW.run(connection, {"wanted_key": key, "withdrawn_at": now})


def keys_of(connection: sa.Connection, kind: str) -> frozenset[str]:
    """The posts of which alerts of this kind stand."""
    return frozenset(connection.execute(sa.select(A.c.key).where(A.c.kind == kind, STANDS)).scalars())


def withdraw_all_but(connection: sa.Connection, kind: str, subjects: Collection[str], now: datetime) -> None:
    """Of one kind only these subjects still stand."""
    for row in connection.execute(sa.select(A.c.subject).where(A.c.kind == kind, STANDS)).all():
        if row.subject not in subjects:
            withdraw_subject(connection, row.subject, now)


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
