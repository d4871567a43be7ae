"""When to try again: backoff with jitter, the platform's own word first."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=10)
LOOK_AGAIN = timedelta(minutes=2)
"""No repeat of a call in doubt before this has passed: the server may still be at work on the first one."""
REPEAT_WITHIN = timedelta(minutes=50)
"""A native key is kept for about an hour by Mastodon; past fifty minutes a repeat could make a twin."""


def retry_at(now: datetime, failures: int, key: str, asked_for: datetime | None = None) -> datetime:
    """When to try again after `failures` earlier ones; never before the time the platform asked for."""
    pause = min(FIRST * int(2 ** min(failures, 10)), LONGEST)
    planned = now + pause * _jitter(key, failures)
    return max(planned, asked_for) if asked_for else planned


def _jitter(key: str, failures: int) -> float:
    """Between 0.8 and 1.2, the same for the same post and try, so that a plan can be told and tested."""
    digest = hashlib.sha256(f"{key} {failures}".encode()).digest()
    return 0.8 + 0.4 * digest[0] / 255
