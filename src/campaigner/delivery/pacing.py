"""The pace of an account: not before its spacing is over, not while it rests, not while it is stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..ledger.records import Lane


def earliest_send(lane: Lane, spacing: timedelta) -> datetime | None:
    """The first instant at which the account may send again; None: at once."""
    return None if lane.last_sent_at is None else lane.last_sent_at + spacing


def why_not_now(lane: Lane, now: datetime) -> tuple[str, datetime | None] | None:
    """Why the account sends nothing now, and until when (None: until a person acts); None when it may."""
    if lane.stopped_at is not None:
        return why_stopped(lane), None
    if lane.rested_until is not None and now < lane.rested_until:
        return f"account {lane.account} failed {lane.failures} times in a row and rests", lane.rested_until
    return None


def why_stopped(lane: Lane) -> str:
    """The words for an account that sends nothing until `accounts check` succeeds."""
    return f"account {lane.account} is stopped: {lane.stopped_reason}"
