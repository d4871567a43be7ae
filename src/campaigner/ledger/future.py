"""Entries from a wrong clock's future: which is the newest, and how a person who knows better dates them back."""

from __future__ import annotations

from datetime import datetime

from . import alerts, decisions, runs
from .tables import Connection, instant

WAITS = (("deliveries", "retry_at"), ("lanes", "rested_until"))
"""How long something waits by that clock: not at all any more."""
WRITTEN = (
    ("delivery_attempts", "started_at"),
    ("delivery_attempts", "ended_at"),
    ("deliveries", "updated_at"),
    ("deliveries", "published_at"),
    ("lanes", "last_sent_at"),
    ("lanes", "identified_at"),
    ("lanes", "looked_at"),
    ("alerts", "raised_at"),
)
ACCEPTED = (("accepted_files", "accepted_at"), ("acceptances", "accepted_at"))
NEWEST = """
SELECT key FROM (
    SELECT started_at AS instant, key FROM delivery_attempts JOIN deliveries ON deliveries.id = delivery_id
    UNION ALL SELECT updated_at, key FROM deliveries
) AS entries ORDER BY instant DESC, key DESC LIMIT 1
"""
BEFORE = """
SELECT max(instant) FROM (
    SELECT max(started_at) AS instant FROM delivery_attempts WHERE started_at <= :now
    UNION ALL SELECT max(updated_at) FROM deliveries WHERE updated_at <= :now
) AS entries
"""


def newest_key(connection: Connection) -> str:
    """The KEY of the newest entry that the clock is held against; empty when there is none."""
    return connection.first(NEWEST) or ""


def date_back(connection: Connection, now: datetime, made_by: str) -> datetime:
    """Date what lies ahead of `now` at the newest entry that does not: it was written after that. Returns that instant.

    An attempt is dated too early so, never too late: a post in doubt is then looked for in a longer time, not in none.
    What was accepted is dated now: no post goes out by itself for it whose time has passed.
    """
    bound = instant(connection.first(BEFORE, now=now)) or now
    for columns, value in ((WAITS, None), (WRITTEN, bound), (ACCEPTED, now)):
        for table, column in columns:
            statement = f"UPDATE {table} SET {column} = :value WHERE {column} > :now"
            connection.run(statement, value=value, now=now)
    runs.date_back(connection, bound)
    alerts.withdraw_subject(connection, "clock", now)
    decisions.decide(connection, "ledger clock --is-right", None, "", made_by, now)
    return bound
