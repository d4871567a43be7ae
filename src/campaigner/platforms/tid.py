"""TIDs: the record keys of the AT Protocol, chosen by us so that the same post always has the same one."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_BITS = 10


def tid_of(token: str, due_at: datetime) -> str:
    """The TID of a dedupe token: the second it was due, with 30 bits of the token for microseconds and clock id.

    13 characters of base32-sortable, 53 bits of microseconds since 1970 and 10 of a clock id (atproto.com/specs/tid).
    """
    bits = int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big") & (1 << 30) - 1
    microseconds = _second(due_at) * 1_000_000 + (bits >> CLOCK_BITS) % 1_000_000
    return _written(microseconds << CLOCK_BITS | bits & (1 << CLOCK_BITS) - 1)


def last_tid(due_at: datetime) -> str:
    """A TID after all that posts of this time can have."""
    return _written((_second(due_at) + 1) * 1_000_000 << CLOCK_BITS)


def _second(due_at: datetime) -> int:
    return (due_at - EPOCH) // timedelta(seconds=1)


def _written(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))
