"""What a call came to, an answer or a failure, and what an answer's headers say of time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_WAIT = timedelta(days=31)
"""No server is believed that asks for a longer one; X counts its quotas by the month."""
_HALF = re.compile(rb"(?i)\\ud[89a-f]")
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?")
_EPOCH = re.compile(r"\d{9,11}(\.\d{1,9})?")
_RESET = re.compile(r"(x-)?rate-?limit-reset|x-(app|user)-limit-24hour-reset")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the server; header names are looked up in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, None when it is none. Half characters, which no ledger takes, become question marks."""
        try:
            found = json.loads(self.body.decode("utf-8-sig"))
            if _HALF.search(self.body):
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
    """No whole answer came. `before_sending`: it is certain that no byte of the request went out."""

    reason: str
    before_sending: bool


class CallFailedError(Exception):
    """Carries a Failed through a library that expects exceptions."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.reason)
        self.failed = failed


def as_fields(value: Any) -> Mapping[str, Any]:
    """A JSON object as it is, and anything else as one without fields: servers may send what they like."""
    return value if isinstance(value, dict) else {}


def web_address(value: Any) -> str:
    """An address that people may be shown as a link; empty for anything that is not http(s)."""
    text = str(value or "")
    return text if re.fullmatch(r"https?://[^\s<>\"]{1,2000}", text) else ""


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the server asks to be tried again: Retry-After in seconds or as a date (RFC 9110 10.2.3), else None."""
    value = (header(headers, "retry-after") or "").strip()
    if _SECONDS.fullmatch(value):
        return now + min(timedelta(seconds=float(value)), LONGEST_WAIT)
    return _by_our_clock(_http_date(value), headers, now)


def rate_reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a rate limit is over: the latest of Retry-After and the resets of what is used up.

    Resets are epoch seconds (X, Bluesky) or ISO 8601 (Mastodon); X sends several of them.
    """
    used_up = [
        name
        for name in map(str.lower, headers)
        if _RESET.fullmatch(name) and header(headers, name.removesuffix("reset") + "remaining") in ("0", None)
    ]
    resets = [_by_our_clock(_instant(header(headers, name) or ""), headers, now) for name in used_up]
    found = [retry_after(headers, now), *resets]
    return max((instant for instant in found if instant is not None), default=None)


def server_date(headers: Mapping[str, str]) -> datetime | None:
    """The server's own time, from its Date header."""
    return _http_date(header(headers, "date") or "")


def header(headers: Mapping[str, str], wanted: str) -> str | None:
    """The header of that name, in whatever case it came."""
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def _by_our_clock(instant: datetime | None, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """An instant on the server's clock as ours will show it, neither past nor too far away."""
    if instant is None:
        return None
    wait = instant - (server_date(headers) or now)
    return now + min(max(wait, timedelta(0)), LONGEST_WAIT)


def _http_date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _instant(value: str) -> datetime | None:
    try:
        if _EPOCH.fullmatch(value):
            return datetime.fromtimestamp(float(value), UTC)
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
