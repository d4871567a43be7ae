"""Servers on 127.0.0.1 that fail when they are told to: every fault there is, and a proxy that has them before any server."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from urllib.parse import unquote, urlsplit

from ..clock import Clock, SystemClock, rfc3339
from .http_messages import Answer, Request

ADDRESS = "127.0.0.1"
MOST_BYTES = 20_000_000
UPSTREAM_SECONDS = 60
CARRIED_OUT = frozenset({"lose_response", "truncate", "delay", "late", "drip"})
KINDS = CARRIED_OUT | {"drop_request", "status", "rate_limit", "html", "expire_token", "garbage"}
"""A connection that is never made is a matter of the listener: see `refusing`."""
FORMS: Mapping[str, Mapping[str, str]] = {
    "none": {},
    "seconds": {"Retry-After": "{seconds}"},
    "date": {"Retry-After": "{date}"},
    "epoch": {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "{epoch}"},
    "iso": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{iso}"},
}
"""In which headers platforms say when to come again."""
_NO_LINGER = struct.pack("ii", 1, 0)
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>Gateway</h1></body></html>"
_OF_THE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "te", "trailer", "upgrade"}
)


@dataclass(slots=True, kw_only=True)
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
        for name, known, kind in ((self.fault, KINDS, "fault"), (self.form, FORMS, "form of a rate limit")):
            if name not in known:
                raise ValueError(f"{name!r} is no {kind}; there are {', '.join(sorted(known))}")

    def hits(self, method: str, path: str) -> bool:
        return self.method in (None, method) and path.startswith(self.path_prefix)

    def wait_headers(self, now: datetime) -> dict[str, str]:
        """The headers of a 429 that tell when to come again."""
        reset_at = now + timedelta(seconds=self.seconds)
        told = {
            "seconds": int(self.seconds),
            "date": format_datetime(reset_at, usegmt=True),
            "epoch": int(reset_at.timestamp()),
            "iso": rfc3339(reset_at, "milliseconds"),
        }
        return {name: value.format(**told) for name, value in FORMS[self.form].items()}


class Faults:
    """Faults that wait for their requests; safe to use from many threads. The oldest that fits hits first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.waiting.append(replace(fault))

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, used up by one; None when it is served as it should be."""
        with self._lock:
            fault = next((fault for fault in self.waiting if fault.hits(method, path)), None)
            if fault is None or fault.after > 0:
                if fault is not None:
                    fault.after -= 1
                return None
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault


class FakeServer(ABC):
    """Starts on any free port of 127.0.0.1, or on the port it is given; use it in a `with`.

    It keeps connections. `requests` counts each call; POST /_faults takes a fault, as `fault` does. `waiting` is set
    once a fault lets a client wait. stop() raises what went wrong inside.
    """

    def __init__(self, *, port: int = 0, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.crashes: list[BaseException] = []
        self.stopping = threading.Event()
        self.waiting = threading.Event()
        self._state = threading.RLock()
        self._guard = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        # A bound socket that does not listen keeps the port ours, and refuses, while the listener is closed.
        self._reserved = _bound(socket.socket(), port)
        self.port: int = self._reserved.getsockname()[1]

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Do what a request asks, as the platform would."""

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}"

    def start(self) -> Self:
        self._listener = _Listener(self)
        arguments = {"poll_interval": 0.02}
        self._accepting = threading.Thread(
            target=self._listener.serve_forever, kwargs=arguments, name="fake", daemon=True
        )
        self._accepting.start()
        return self

    def stop(self) -> None:
        """End every connection, also those that wait in a fault, and free the port."""
        self.stopping.set()
        for thread in self._close():
            thread.join(timeout=5)
        self._reserved.close()
        if self.crashes:
            raise self.crashes[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fault(self, fault: str, **details: Any) -> None:
        """Let a request that fits go wrong, see Fault."""
        self.faults.add(Fault(fault=fault, **details))

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """While it lasts no connection can be made, and those that were made are gone."""
        self._close()
        try:
            yield
        finally:
            self.start()

    def expired(self, request: Request) -> Answer:
        """What the platform answers when the token of this request has run out."""
        return Answer.json({"error": "The access token is invalid"}, 401)

    def too_many(self, headers: Mapping[str, str]) -> Answer:
        """What the platform answers to one call too many."""
        return Answer.json({"error": "Too many requests"}, 429, headers)

    def carry_out(self, request: Request) -> Answer:
        """One request at a time, so that what a fake keeps is never half written."""
        with self._state:
            return self.answer(request)

    def control(self, request: Request) -> Answer | None:
        """Answer what is asked of the fake itself and not of its platform; None when it is no such request."""
        if (request.method, request.path) != ("POST", "/_faults"):
            return None
        try:
            self.fault(**request.json())
        except (ValueError, TypeError) as error:
            return Answer.json({"error": str(error)}, 400)
        return Answer(status=204)

    def _close(self) -> list[threading.Thread]:
        """Close the listener and every connection; the threads that these had."""
        self._listener.shutdown()
        self._accepting.join()
        self._listener.server_close()
        with self._guard:
            connections = dict(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        return list(connections.values())

    def connected(self, connection: socket.socket) -> None:
        with self._guard:
            self._connections[connection] = threading.current_thread()
            if self.stopping.is_set():
                connection.shutdown(socket.SHUT_RDWR)

    def disconnected(self, connection: socket.socket) -> None:
        with self._guard:
            self._connections.pop(connection, None)


class FaultProxy(FakeServer):
    """Hands every request to `upstream`, reads the whole answer, and lets the faults decide what the client gets.

    The headers go on as they came, Host too (OAuth signs it). /_faults is its own, everything else goes upstream.
    """

    def __init__(self, upstream: str, *, port: int = 0, clock: Clock | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.upstream = upstream

    def answer(self, request: Request) -> Answer:
        where = urlsplit(self.upstream)
        with closing(
            HTTPConnection(where.hostname or ADDRESS, where.port or 80, timeout=UPSTREAM_SECONDS)
        ) as connection:
            try:
                return _forward(connection, request)
            except (OSError, HTTPException) as error:
                return Answer.json({"error": f"no whole answer from the server behind the proxy: {error}"}, 502)

    def carry_out(self, request: Request) -> Answer:
        """Requests side by side: what lies behind keeps its own order."""
        return self.answer(request)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, box: FakeServer) -> None:
        self.box = box
        super().__init__((ADDRESS, box.port), _Handler)

    def server_bind(self) -> None:
        """Beside the socket that keeps the port ours; not as HTTPServer does, which asks for the host's name."""
        _bound(self.socket, self.box.port)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is no fault of ours; anything else is, and stop() raises it."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.box.crashes.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, lets a fault or the fake answer. Werkzeug's own handler never keeps one."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.box = cast(_Listener, self.server).box
        self.box.connected(self.request)

    def finish(self) -> None:
        self.box.disconnected(self.request)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        return None

    def serve(self) -> None:
        path = unquote(self.path.partition("?")[0])
        if path.startswith("/_"):
            request = self._read()
            self._send(self.box.control(request) or self.box.carry_out(request))
            return
        self.box.requests[f"{self.command} {path}"] += 1
        fault = self.box.faults.take(self.command, path)
        if fault is None:
            self._send(self.box.carry_out(self._read()))
        elif fault.fault == "drop_request":
            self._reset()
        else:
            self._fail(fault, self._read())

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = serve

    def _read(self) -> Request:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(min(size, MOST_BYTES))
        if len(body) < size:
            raise ConnectionError("the client went away in the middle of its request, or sent far too much")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(method=self.command, target=self.path, headers=headers, body=body)

    def _fail(self, fault: Fault, request: Request) -> None:
        if fault.fault == "late":
            self._wait(fault.seconds)
        carried_out = self.box.carry_out(request) if fault.commit or fault.fault in CARRIED_OUT else None
        answer = self._instead(fault, request) or carried_out or Answer()
        whole = answer.head() + answer.body
        match fault.fault:
            case "lose_response":
                self._reset()
            case "truncate":
                self._send_last(whole[: len(whole) - max(len(answer.body) // 2, 1)])
            case "garbage":
                self._send_last(b"\x15\x03\x01\x00\x02\x02\x0a no HTTP\r\n\r\n")
            case "drip":
                for byte in whole:
                    self.connection.sendall(bytes([byte]))
                    self._wait(fault.seconds)
            case "delay":
                self._wait(fault.seconds)
                self._send(answer)
            case _:
                self._send(answer)

    def _instead(self, fault: Fault, request: Request) -> Answer | None:
        """The whole answer that comes in place of the true one; None when the fault is of another kind."""
        match fault.fault:
            case "status":
                return Answer(status=fault.status, body=fault.body.encode(), headers=fault.headers)
            case "html":
                headers = {"Content-Type": "text/html; charset=utf-8"}
                return Answer(status=fault.status, body=_PAGE.format(fault.status).encode(), headers=headers)
            case "rate_limit":
                now = self.box.clock.now().astimezone(UTC)
                return self.box.too_many({"Date": format_datetime(now, usegmt=True), **fault.wait_headers(now)})
            case "expire_token":
                return self.box.expired(request)
        return None

    def _send(self, answer: Answer) -> None:
        self.connection.sendall(answer.head() + (b"" if self.command == "HEAD" else answer.body))

    def _send_last(self, data: bytes) -> None:
        self.connection.sendall(data)
        self.close_connection = True

    def _wait(self, seconds: float) -> None:
        self.box.waiting.set()
        self.box.stopping.wait(seconds)

    def _reset(self) -> None:
        """End with RST: an orderly end would send FIN, and a client might take that for an answer without an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.box.disconnected(self.request)
        os.close(self.connection.detach())


def _forward(connection: HTTPConnection, request: Request) -> Answer:
    connection.request(request.method, request.target, request.body or None, _handed_on(request.headers.items()))
    response = connection.getresponse()
    return Answer(status=response.status, body=response.read(), headers=_handed_on(response.getheaders()))


def _handed_on(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in _OF_THE_CONNECTION}


def _bound(wire: socket.socket, port: int) -> socket.socket:
    """Bound beside any other socket of ours on that port."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    wire.bind((ADDRESS, port))
    return wire
