"""The run that is, or was last, at work on a ledger: one row of `meta`, for one run at a time has the lock."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from .models import Run
from .tables import Connection, microseconds, record_of

NAME = "run"
GAP = timedelta(minutes=10)
"""When nothing was at work for so long, something else may have been: what it may have posted is looked for."""
LEASE = timedelta(minutes=10)
"""A run on another machine is believed to be at work for so long after it was last seen: its lock can't be asked from here."""


def last(connection: Connection) -> Run | None:
    """The run that was at work last; None when none ever was, or what is known of it is damaged."""
    found = connection.first("SELECT value FROM meta WHERE name = :name", name=NAME)
    try:
        return record_of(Run, json.loads(found or ""))
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def note(connection: Connection, run: Run) -> None:
    """Remember this run in place of the one before."""
    connection.upsert("meta", "name", name=NAME, value=json.dumps(asdict(run), default=microseconds))


def date_back(connection: Connection, bound: datetime) -> None:
    """Date what a wrong clock has written of the last run at this instant."""
    before = last(connection)
    if before is not None:
        values: dict[str, Any] = asdict(before)
        instants = {name: min(value, bound) for name, value in values.items() if isinstance(value, datetime)}
        note(connection, Run(**{**values, **instants}))


def at_work_since(before: Run | None, now: datetime) -> datetime:
    """Since when this ledger has been at work without a gap, if `before` was the last run."""
    if before is None or not before.seen_at <= now < before.seen_at + GAP:
        return now
    return before.at_work_since


def is_elsewhere(before: Run | None, place: str, now: datetime) -> bool:
    """True when the last run was in another place than this one, and may be at work still: the ledger is a copy."""
    if before is None or not before.place or before.place == place or before.ended_at is not None:
        return False
    return now <= before.seen_at + LEASE
