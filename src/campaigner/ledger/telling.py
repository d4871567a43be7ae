"""Telling inside a transaction: which place has accepted which alert.

A recipient is one of the places that alerts go to, by a short hash of its URL: the URL itself is a secret.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from .alerts import raise_alert, withdraw_all_but, withdraw_subject
from .records import Alert
from .rows import Connection, execute, first, first_column, select, update

KIND = "alerts"
"""Of the alerts that tell of a place where alerts don't arrive."""


def waiting(connection: Connection, recipient: str) -> list[Alert]:
    """What this recipient has not accepted yet, oldest first."""
    rest = (
        "FROM alerts WHERE sent_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM alert_receipts WHERE alert_id = alerts.id AND recipient = :recipient) ORDER BY id"
    )
    return select(connection, Alert, rest, recipient=recipient)


def accept(connection: Connection, alert_id: int, recipient: str, recipients: Collection[str], now: datetime) -> None:
    """Record that a recipient has an alert, and when it was the last of all."""
    execute(
        connection,
        "INSERT INTO alert_receipts (alert_id, recipient, sent_at) VALUES (:alert_id, :recipient, :now)"
        " ON CONFLICT (alert_id, recipient) DO NOTHING",
        alert_id=alert_id,
        recipient=recipient,
        now=now,
    )
    _complete(connection, recipients, now)


def settle(connection: Connection, recipients: Collection[str], now: datetime) -> None:
    """Ask nothing more of places that have left the config: neither what they lack, nor that they accept something."""
    _complete(connection, recipients, now)
    withdraw_all_but(connection, KIND, {_subject(recipient) for recipient in recipients}, now)


def _complete(connection: Connection, recipients: Collection[str], now: datetime) -> None:
    receipts = "SELECT recipient FROM alert_receipts WHERE alert_id = :alert_id"
    for alert_id in first_column(connection, "SELECT id FROM alerts WHERE sent_at IS NULL"):
        if set(recipients) <= set(first_column(connection, receipts, alert_id=alert_id)):
            update(connection, "alerts", alert_id, sent_at=now)


def does_not_accept(
    connection: Connection, recipient: str, name: str, recipients: Collection[str], now: datetime
) -> bool:
    """Tell, everywhere else, that a place accepts nothing; True when that is new."""
    subject = _subject(recipient)
    new = raise_alert(
        connection,
        kind=KIND,
        text=f"{name} does not accept what it is told. It is tried again; what it lacks is shown by `campaigner status`",
        command="campaigner run --once",
        subject=subject,
        now=now,
    )
    if new:
        # It need not hear of itself, once it hears again.
        query = "SELECT id FROM alerts WHERE subject = :subject AND withdrawn_at IS NULL"
        alert_id = first(connection, query, subject=subject)
        assert alert_id is not None
        accept(connection, alert_id, recipient, recipients, now)
    return new


def has_accepted_all(connection: Connection, recipient: str, now: datetime) -> None:
    """Let it be told again, should it happen again, that a place accepts nothing."""
    withdraw_subject(connection, _subject(recipient), now)


def _subject(recipient: str) -> str:
    return f"{KIND} {recipient}"
