"""Alerts inside a transaction: a row together with the change it tells of, each subject once until it is withdrawn.

And which channel has accepted which: a channel is one of the places that alerts go to, by a short hash of its URL, for the
URL itself is a secret.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from .models import Alert
from .tables import Connection, recalled

WAITING = """
FROM alerts WHERE sent_at IS NULL
AND NOT EXISTS (SELECT 1 FROM alert_receipts WHERE alert_id = alerts.id AND recipient = :channel) ORDER BY id
"""
COMPLETE = """
UPDATE alerts SET sent_at = :now WHERE sent_at IS NULL AND :count = (
    SELECT count(*) FROM alert_receipts
    WHERE alert_id = alerts.id AND recipient IN (SELECT value FROM json_each(:channels))
)
"""
OF_CHANNELS = "alerts"
"""The kind of the alerts that tell of a channel where alerts don't arrive."""


def raise_alert(
    connection: Connection,
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
    values = {"subject": subject, "kind": kind, "key": key, "text": text, "command": command, "raised_at": now}
    return connection.insert_new("alerts", "(subject) WHERE withdrawn_at IS NULL", **values)


def text_of(connection: Connection, subject: str) -> str | None:
    """The alert that stands for a subject, None when none does."""
    if not _any_stands(connection):
        return None
    query = "SELECT text FROM alerts WHERE subject = :subject AND withdrawn_at IS NULL"
    found: str | None = connection.first(query, subject=subject)
    return found


def withdraw(connection: Connection, key: str, now: datetime) -> None:
    """Let the same things be told again of a post that is out, or that a person has put right."""
    if _any_stands(connection):
        statement = "UPDATE alerts SET withdrawn_at = :now WHERE key = :key AND withdrawn_at IS NULL"
        connection.run(statement, key=key, now=now)


def keys_of(connection: Connection, kind: str) -> frozenset[str]:
    """The posts of which alerts of this kind stand."""
    query = "SELECT key FROM alerts WHERE kind = :kind AND withdrawn_at IS NULL"
    return frozenset(connection.column(query, kind=kind))


def any_stands(connection: Connection, kinds: Iterable[str]) -> bool:
    """True when an alert of one of these kinds stands."""
    if not _any_stands(connection):
        return False
    wanted = ", ".join(f"'{kind}'" for kind in kinds)
    return connection.first(f"SELECT 1 FROM alerts WHERE kind IN ({wanted}) AND withdrawn_at IS NULL LIMIT 1") == 1


def withdraw_all_but(connection: Connection, kind: str, subjects: Collection[str], now: datetime) -> None:
    """Of one kind only these subjects still stand."""
    query = "SELECT subject FROM alerts WHERE kind = :kind AND withdrawn_at IS NULL"
    for subject in connection.column(query, kind=kind):
        if subject not in subjects:
            withdraw_subject(connection, subject, now)


def withdraw_subject(connection: Connection, subject: str, now: datetime) -> None:
    """Let a subject be told again: what it told of is over."""
    if _any_stands(connection):
        statement = "UPDATE alerts SET withdrawn_at = :now WHERE subject = :subject AND withdrawn_at IS NULL"
        connection.run(statement, subject=subject, now=now)


def unsent(connection: Connection) -> list[Alert]:
    """Alerts that nobody was told of yet, oldest first."""
    return connection.records(Alert, "FROM alerts WHERE sent_at IS NULL ORDER BY id")


def standing(connection: Connection, since: datetime) -> list[Alert]:
    """Alerts of things that nobody has put right, raised since `since`, oldest first."""
    rest = "FROM alerts WHERE raised_at >= :since AND withdrawn_at IS NULL ORDER BY id"
    return connection.records(Alert, rest, since=since)


@recalled("alerts")
def _any_stands(connection: Connection) -> bool:
    """False on a day on which all goes well: then there is nothing to look up or to withdraw, post by post."""
    return connection.first("SELECT 1 FROM alerts WHERE withdrawn_at IS NULL LIMIT 1") is not None


def waiting(connection: Connection, channel: str) -> list[Alert]:
    """What this channel has not accepted yet, oldest first."""
    return connection.records(Alert, WAITING, channel=channel)


def accept(
    connection: Connection, alert_ids: Iterable[int], channel: str, channels: Collection[str], now: datetime
) -> None:
    """Record that a channel has these alerts, and when it was the last of all."""
    for id in alert_ids:
        connection.insert_new("alert_receipts", "(alert_id, recipient)", alert_id=id, recipient=channel, sent_at=now)
    _complete(connection, channels, now)


def follow_channels(connection: Connection, channels: Collection[str], now: datetime) -> None:
    """Ask nothing more of channels that have left the config: neither what they lack, nor that they accept something."""
    _complete(connection, channels, now)
    withdraw_all_but(connection, OF_CHANNELS, {_subject(channel) for channel in channels}, now)


def _complete(connection: Connection, channels: Collection[str], now: datetime) -> None:
    connection.run(COMPLETE, channels=json.dumps(list(channels)), count=len(channels), now=now)


def channel_failed(connection: Connection, channel: str, name: str, channels: Collection[str], now: datetime) -> bool:
    """Tell, everywhere else, that a channel accepts nothing; True when that is new."""
    subject = _subject(channel)
    new = raise_alert(
        connection,
        kind=OF_CHANNELS,
        text=f"{name} does not accept what it is told. It is tried again; what it lacks is shown by `campaigner status`",
        command="campaigner run --once",
        subject=subject,
        now=now,
    )
    if new:
        # It need not hear of itself, once it hears again.
        query = "SELECT id FROM alerts WHERE subject = :subject AND withdrawn_at IS NULL"
        accept(connection, connection.column(query, subject=subject), channel, channels, now)
    return new


def channel_works(connection: Connection, channel: str, now: datetime) -> None:
    """Let it be told again, should it happen again, that a channel accepts nothing."""
    withdraw_subject(connection, _subject(channel), now)


def _subject(channel: str) -> str:
    return f"{OF_CHANNELS} {channel}"
