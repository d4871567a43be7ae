"""Telling inside a transaction: which place has accepted which alert, and which process tells it of the rest.

A recipient is one of the places that alerts go to, by a short hash of its URL: the URL itself is a secret.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from . import owners, tables
from .alerts import STANDS, alert_of, raise_alert
from .records import Alert

A, R, M = tables.alerts, tables.alert_receipts, tables.meta
KIND = "alerts"
"""Of the alerts that tell of a place where alerts don't arrive."""


def waiting(connection: sa.Connection, recipient: str) -> list[Alert]:
    """What this recipient has not accepted yet, oldest first."""
    accepted = sa.exists().where(R.c.alert_id == A.c.id, R.c.recipient == recipient)
    query = sa.select(A).where(A.c.sent_at.is_(None), ~accepted).order_by(A.c.id)
    return [alert_of(row) for row in connection.execute(query)]


def accept(
    connection: sa.Connection, alert_id: int, recipient: str, recipients: Collection[str], now: datetime
) -> None:
    """Record that a recipient has an alert, and when it was the last of all."""
    known = sa.select(R.c.alert_id).where(R.c.alert_id == alert_id, R.c.recipient == recipient)
    if connection.execute(known).first() is None:
        connection.execute(sa.insert(R).values(alert_id=alert_id, recipient=recipient, sent_at=now))
    _complete(connection, recipients, now)


def settle(connection: sa.Connection, recipients: Collection[str], now: datetime) -> None:
    """Ask nothing more of places that have left the config: neither what they lack, nor that they accept something."""
    _complete(connection, recipients, now)
    subjects = [_subject(recipient) for recipient in recipients]
    gone = sa.and_(A.c.kind == KIND, A.c.subject.not_in(subjects), STANDS)
    connection.execute(sa.update(A).where(gone).values(withdrawn_at=now))


def _complete(connection: sa.Connection, recipients: Collection[str], now: datetime) -> None:
    have = sa.select(sa.func.count()).where(R.c.alert_id == A.c.id, R.c.recipient.in_(recipients)).scalar_subquery()
    everywhere = sa.and_(A.c.sent_at.is_(None), have == len(set(recipients)))
    connection.execute(sa.update(A).where(everywhere).values(sent_at=now))


def does_not_accept(
    connection: sa.Connection, recipient: str, name: str, recipients: Collection[str], now: datetime
) -> bool:
    """Tell, everywhere else, that a place accepts nothing; True when that is new."""
    new = raise_alert(
        connection,
        kind=KIND,
        text=f"{name} does not accept what it is told. It is tried again; what it lacks is shown by `campaigner status`",
        command="campaigner run --once",
        subject=_subject(recipient),
        now=now,
    )
    if new:
        # It need not hear of itself, once it hears again.
        standing = sa.select(A.c.id).where(A.c.subject == _subject(recipient), STANDS)
        accept(connection, connection.execute(standing).scalar_one(), recipient, recipients, now)
    return new


def has_accepted_all(connection: sa.Connection, recipient: str, now: datetime) -> None:
    """Let it be told again, should it happen again, that a place accepts nothing."""
    connection.execute(sa.update(A).where(A.c.subject == _subject(recipient), STANDS).values(withdrawn_at=now))


def take(connection: sa.Connection, recipient: str, owner_id: str, now: datetime) -> list[Alert] | None:
    """Claim the telling of a recipient for this process; returns what waits, None while a living process has the claim."""
    holder = connection.execute(sa.select(M.c.value).where(M.c.name == _claim(recipient))).scalar_one_or_none()
    if holder is None:
        connection.execute(sa.insert(M).values(name=_claim(recipient), value=owner_id))
    elif holder != owner_id:
        if _is_at_work(connection, holder, now):
            return None
        connection.execute(sa.update(M).where(M.c.name == _claim(recipient)).values(value=owner_id))
    return waiting(connection, recipient)


def give_back(connection: sa.Connection, recipient: str, owner_id: str, after: int) -> list[Alert]:
    """Let another process tell a recipient, unless there is something younger than the alert `after`: that is returned.

    Both in one transaction: who found the claim taken has left to us what it wanted to tell.
    """
    younger = [alert for alert in waiting(connection, recipient) if alert.id > after]
    if not younger:
        connection.execute(sa.delete(M).where(M.c.name == _claim(recipient), M.c.value == owner_id))
    return younger


def _is_at_work(connection: sa.Connection, owner_id: str, now: datetime) -> bool:
    """False for an owner that has ended, is dead, or is long forgotten."""
    row = connection.execute(owners.UNENDED.where(tables.owners.c.id == owner_id)).one_or_none()
    return row is not None and not owners.is_dead(Path(row.lock_path), row.host, row.seen_at, now)


def _subject(recipient: str) -> str:
    return f"{KIND} {recipient}"


def _claim(recipient: str) -> str:
    return f"teller {recipient}"
