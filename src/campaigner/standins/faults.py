"""The ways in which a server or the network can fail a client, and the queue that says whom they hit."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Protocol

from .messages import Answer

KINDS = frozenset(
    {
        "drop_request",
        "lose_response",
        "truncate",
        "delay",
        "late",
        "drip",
        "status",
        "rate_limit",
        "html",
        "expire_token",
        "garbage",
    }
)
"""`refuse` is not among them: a connection that is never made is a matter of the listener, not of an exchange."""

FORMS = frozenset({"seconds", "date", "none", "epoch", "iso"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What shall go wrong, `times` times (None: until cleared), after letting `after` matching requests through.

    | fault | what the client sees |
    | --- | --- |
    | drop_request | the connection is reset, the request was not read to its end: nothing is committed |
    | lose_response | the request is carried out, then the connection is reset |
    | truncate | it is carried out, half of the answer comes, then the end of the connection |
    | delay | it is carried out, the answer comes after `seconds` |
    | late | nothing for `seconds`, only then it is carried out |
    | drip | it is carried out, the answer comes byte by byte, `seconds` apart |
    | status | `status` with `body` and `headers`; carried out if `commit` |
    | html | a gateway's page under `status`; carried out if `commit` |
    | garbage | bytes that are no HTTP; carried out if `commit` |
    | rate_limit | 429; `form` tells the wait of `seconds`: seconds, date (Retry-After), epoch, iso (resets), none |
    | expire_token | the answer that the platform gives to a token that has run out |
    """

    fault: str
    times: int | None = 1
    path_prefix: str = "/"
    method: str | None = None
    after: int = 0
    status: int = 503
    seconds: float = 1.0
    commit: bool = False
    form: str = "none"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"{self.fault!r} is no fault; there are {', '.join(sorted(KINDS))} and refuse")
        if self.form not in FORMS:
            raise ValueError(f"{self.form!r} is no form of a rate limit; there are {', '.join(sorted(FORMS))}")

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Fault:
        """Make one of what came as JSON; raise ValueError for a key or a fault that does not exist."""
        unknown = set(data) - {known.name for known in fields(cls)}
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        return cls(**data)

    def hits(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path_prefix)

    def wait_headers(self, now: datetime) -> dict[str, str]:
        """The headers of a 429 that tell when to come again, as the platforms spell them."""
        reset_at = now + timedelta(seconds=self.seconds)
        match self.form:
            case "seconds":
                return {"Retry-After": str(int(self.seconds))}
            case "date":
                return {"Retry-After": format_datetime(reset_at, usegmt=True)}
            case "epoch":
                return {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(reset_at.timestamp()))}
            case "iso":
                stamp = reset_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": stamp}
            case _:
                return {}


class Faults:
    """Faults that wait for their requests; safe to use from many threads. The oldest that fits hits first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    @property
    def waiting(self) -> tuple[Fault, ...]:
        with self._lock:
            return tuple(self._waiting)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, used up by one; None when it is served as it should be."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.hits(method, path):
                    return self._use(index, fault)
        return None

    def _use(self, index: int, fault: Fault) -> Fault | None:
        if fault.after > 0:
            self._waiting[index] = replace(fault, after=fault.after - 1)
            return None
        if fault.times is not None:
            self._waiting[index] = replace(fault, times=fault.times - 1)
            if fault.times <= 1:
                del self._waiting[index]
        return fault


class Exchange(Protocol):
    """One request and its answer, in the hands of a fault."""

    def carry_out(self) -> Answer:
        """Read the request to its end and do what it asks."""
        ...

    def read(self) -> None:
        """Read the request to its end and do nothing."""
        ...

    def send(self, data: bytes) -> None: ...

    def wait(self, seconds: float) -> None: ...

    def reset(self) -> None:
        """End the connection with RST."""
        ...

    def close(self) -> None:
        """End the connection after what was sent."""
        ...

    def expired(self) -> Answer: ...

    def too_many(self, headers: Mapping[str, str]) -> Answer: ...

    def now(self) -> datetime: ...


def perform(fault: Fault, exchange: Exchange) -> None:
    """Let one request fail in the way that was asked for."""
    instead = _instead(fault, exchange)
    if instead is not None:
        exchange.send(instead.head() + instead.body)
        return
    match fault.fault:
        case "drop_request":
            exchange.reset()
        case "lose_response":
            exchange.carry_out()
            exchange.reset()
        case "late":
            exchange.read()
            exchange.wait(fault.seconds)
            _send(exchange.carry_out(), exchange)
        case "delay":
            answer = exchange.carry_out()
            exchange.wait(fault.seconds)
            _send(answer, exchange)
        case "truncate":
            _send_half(exchange.carry_out(), exchange)
        case "drip":
            _send_slowly(exchange.carry_out(), exchange, fault.seconds)
        case _:
            _read(fault, exchange)
            exchange.send(b"\x15\x03\x01\x00\x02\x02\x0a no HTTP\r\n\r\n")
            exchange.close()


def _instead(fault: Fault, exchange: Exchange) -> Answer | None:
    """The whole answer that comes in place of the true one; None when the fault is of another kind."""
    if fault.fault not in ("status", "html", "rate_limit", "expire_token"):
        return None
    _read(fault, exchange)
    if fault.fault == "status":
        return Answer(status=fault.status, body=fault.body.encode(), headers=fault.headers)
    if fault.fault == "html":
        return Answer.html(fault.status)
    if fault.fault == "rate_limit":
        return exchange.too_many(fault.wait_headers(exchange.now()))
    return exchange.expired()


def _read(fault: Fault, exchange: Exchange) -> None:
    if fault.commit:
        exchange.carry_out()
    else:
        exchange.read()


def _send(answer: Answer, exchange: Exchange) -> None:
    exchange.send(answer.head() + answer.body)


def _send_half(answer: Answer, exchange: Exchange) -> None:
    whole = answer.head() + answer.body
    exchange.send(whole[: len(whole) - max(len(answer.body) // 2, 1)])
    exchange.close()


def _send_slowly(answer: Answer, exchange: Exchange, seconds: float) -> None:
    for byte in answer.head() + answer.body:
        exchange.send(bytes([byte]))
        exchange.wait(seconds)
