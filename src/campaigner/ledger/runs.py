"""The run that is, or was last, at work on a ledger: one row of `meta`, for one run at a time has the lock."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from .models import Run
from .tables import Connection, instant, microseconds

NAME = "run"
INSTANTS = ("started_at", "seen_at", "ended_at", "at_work_since")
GAP = timedelta(minutes=10)
"""When nothing was at work for so long, something else may have been: what it may have posted is looked for."""
LEASE = timedelta(minutes=10)
"""A run on another machine is believed to be at work for so long after it was last seen: its lock can't be asked from here."""


def last(connection: Connection) -> Run | None:
    """The run that was at work last; None when none ever was, or what is known of it is damaged."""
    found = connection.first("SELECT value FROM meta WHERE name = :name", name=NAME)
    try:
        row = json.loads(found or "")
        instants = {name: instant(row[name]) for name in INSTANTS}
        return Run(place=str(row["place"]), pid=int(row["pid"]), engine=str(row["engine"]), **instants)  # type: ignore[arg-type]
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def note(connection: Connection, run: Run) -> None:
    """Remember this run in place of the one before."""
    instants = {name: None if (at := getattr(run, name)) is None else microseconds(at) for name in INSTANTS}
    value = json.dumps({"place": run.place, "pid": run.pid, "engine": run.engine, **instants})
    statement = (
        "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    connection.run(statement, name=NAME, value=value)


def date_back(connection: Connection, bound: datetime) -> None:
    """Date what a wrong clock has written of the last run at this instant."""
    before = last(connection)
    if before is not None:
        ended_at = before.ended_at and min(before.ended_at, bound)
        instants = {name: min(getattr(before, name), bound) for name in ("started_at", "seen_at", "at_work_since")}
        note(connection, replace(before, ended_at=ended_at, **instants))


def at_work_since(before: Run | None, now: datetime) -> datetime:
    """Since when this ledger has been at work without a gap, if `before` was the last run."""
    if before is None or not before.seen_at <= now < before.seen_at + GAP:
        return now
    return before.at_work_since


def has_ended(before: Run | None) -> bool:
    """True when the last run has recorded all that it had in hand; one of an earlier schema, without a place, may not have."""
    return before is not None and bool(before.place) and before.ended_at is not None


def is_elsewhere(before: Run | None, place: str, now: datetime) -> bool:
    """True when the last run was in another place than this one, and may be at work still: the ledger is a copy."""
    if before is None or not before.place or before.place == place or before.ended_at is not None:
        return False
    return now <= before.seen_at + LEASE
