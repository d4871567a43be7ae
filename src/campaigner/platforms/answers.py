"""What a call came to, an answer or a failure, and what an answer's headers say of time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

LONGEST_WAIT = timedelta(days=31)
"""A server that asks for a longer one has said nothing; X counts its quotas by the month."""
EARLIEST, LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, tzinfo=UTC)
"""No instant that a server names is believed outside these, so that reckoning with it can't leave the calendar."""
LONGEST_ID = 500
_LONGEST_TIME = 40
_HALF = rb"(?i)\\ud[89a-f]"
_SECONDS = r"[0-9]{1,9}(\.[0-9]{1,9})?"
_EPOCH = r"[0-9]{9,11}(\.[0-9]{1,9})?"
_YEAR_OF_OLD = r"[ -]0[0-9]{3} "
"""Python would take the year 0001 for 2001."""
_RESET = r"(x-)?rate-?limit-reset|x-(app|user)-limit-24hour-reset"


@dataclass(frozen=True)
class Answer:
    """A whole answer of the server to `url`, which got `sent` bytes; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    sent: int = 0

    def json(self) -> Any:
        """The body as JSON, None when it is none. Half characters, which no ledger takes, become question marks."""
        return self._json

    @cached_property
    def _json(self) -> Any:
        try:
            found = json.loads(self.body.decode("utf-8-sig"), parse_constant=_refused)
            if re.search(_HALF, self.body):
                found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
        return found

    def fields(self) -> Mapping[str, Any]:
        """The body as a JSON object, empty when it is none."""
        return as_fields(self.json())

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Failed:
    """No whole answer of the API came. `before_sending`: it is certain that no byte of the request went out.

    `lasts`: it will hardly pass by itself, for a setting is wrong, or a certificate.
    """

    reason: str
    before_sending: bool
    lasts: bool = False


def _refused(constant: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them: nothing could be sent on that holds one."""
    raise ValueError(constant)


def as_fields(value: Any) -> Mapping[str, Any]:
    """A JSON object as it is, and anything else as one without fields: servers may send what they like."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list, none for what is no list."""
    return [as_fields(one) for one in value] if isinstance(value, list) else []


def web_address(value: Any) -> str:
    """An address that people may be shown as a link; empty for anything that is not http(s)."""
    text = str(value or "")
    return text if re.fullmatch(r"https?://[^\s<>\"]{1,2000}", text) else ""


def id_of(value: Any) -> str:
    """An id as a server gave it, a number too; empty for what is none: too long, or with white space or controls in it."""
    text = str(value) if isinstance(value, str) or type(value) is int else ""
    return text if text.isprintable() and " " not in text and len(text) <= LONGEST_ID else ""


def instant_of(value: Any) -> datetime | None:
    """An instant as a server wrote it, ISO 8601 or seconds since 1970; None for what can't be read or can't be true."""
    text = value if isinstance(value, str) else ""
    if len(text) > _LONGEST_TIME:
        return None
    try:
        found = datetime.fromtimestamp(float(text), UTC) if re.fullmatch(_EPOCH, text) else datetime.fromisoformat(text)
        return _believed(found)
    except (ValueError, OverflowError, OSError):
        return None


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server asks to be tried again: Retry-After in seconds or as a date (RFC 9110 10.2.3), else None."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(_SECONDS, value):
        return _after(timedelta(seconds=float(value)), now)
    return _by_our_clock(_http_date(value), headers, now)


def rate_reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a rate limit is over: the latest of Retry-After and the resets of what is used up.

    Resets are epoch seconds (X, Bluesky) or ISO 8601 (Mastodon); X sends several of them.
    """
    resets = [
        _by_our_clock(instant_of(value), headers, now)
        for name, value in headers.items()
        if re.fullmatch(_RESET, name) and headers.get(name.removesuffix("reset") + "remaining", "0") == "0"
    ]
    return max(filter(None, [retry_after(headers, now), *resets]), default=None)


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """The server's own time, from its Date header."""
    return _http_date(headers.get("date", ""))


def _by_our_clock(instant: datetime | None, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """An instant on the server's clock as ours will show it, not past; None when it is too far away to be meant."""
    return None if instant is None else _after(instant - (server_date(headers) or now), now)


def _after(wait: timedelta, now: datetime) -> datetime | None:
    return now + max(wait, timedelta(0)) if wait <= LONGEST_WAIT else None


def _http_date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    if len(value) > _LONGEST_TIME or re.search(_YEAR_OF_OLD, value):
        return None
    try:
        return _believed(parsedate_to_datetime(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _believed(found: datetime) -> datetime | None:
    """In UTC, and within the bounds; raises OverflowError for what lies outside every calendar."""
    instant = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return instant if EARLIEST <= instant <= LATEST else None
