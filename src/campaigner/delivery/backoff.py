"""When to try again: backoff with jitter, the platform's own word first."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=10)
WAIT_TOLD = LONGEST * 1.2
"""A wait longer than this is none of our own pauses: a server has asked for it."""
SOONEST = timedelta(seconds=1)
LOOK_AGAIN = timedelta(minutes=2)
"""No repeat of a call in doubt before this has passed: the server may still be at work on the first one."""


def retry_at(now: datetime, failures: int, key: str, asked_for: datetime | None = None) -> datetime:
    """When to try again after `failures` earlier ones: at the time that the platform asked for, else later each time."""
    if asked_for is not None:
        return max(asked_for, now + SOONEST)
    pause = min(FIRST * int(2 ** min(failures, 10)), LONGEST)
    return now + pause * _jitter(key, failures)


def asks_to_wait(until: datetime) -> str:
    """The words for a wait that a server asked for."""
    return f"its platform asks to wait until {until:%Y-%m-%d %H:%M} UTC"


def is_too_long(now: datetime, until: datetime, late_at: datetime) -> bool:
    """True for a wait that a server asked for and that lasts beyond `late`: a person must know at once."""
    return until >= late_at and until - now > WAIT_TOLD


def _jitter(key: str, failures: int) -> float:
    """Between 0.8 and 1.2, the same for the same post and try, so that a plan can be told and tested."""
    digest = hashlib.sha256(f"{key} {failures}".encode()).digest()
    return 0.8 + 0.4 * digest[0] / 255
