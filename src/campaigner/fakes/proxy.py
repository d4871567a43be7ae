"""Servers on 127.0.0.1 that can be told to fail: every fault there is, and a proxy that has them before any server."""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self, cast
from urllib.parse import urlsplit

from ..clock import Clock, SystemClock
from .http_messages import Answer, Request

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


ADDRESS = "127.0.0.1"
MOST_BYTES = 20_000_000
_NO_LINGER = struct.pack("ii", 1, 0)


class FakeServer(ABC):
    """Starts on any free port of 127.0.0.1, or on the port it is given; use it in a `with`.

    Under /_requests it tells how often each call came (GET), under /_faults it takes faults (POST; DELETE forgets
    them). `refuse` with `seconds` closes the listener for that long. `waiting` is set once a fault lets a client
    wait. stop() raises what went wrong inside.
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
        self._listener: _Listener | None = None
        self._accepting: threading.Thread | None = None
        self._timers: list[threading.Thread] = []
        self._reserved = _reserve(port)
        self.port: int = self._reserved.getsockname()[1]

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Do what a request asks, as the platform would."""

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}"

    def start(self) -> Self:
        self._listen()
        return self

    def stop(self) -> None:
        """End every connection, also those that wait in a fault, and free the port."""
        self.stopping.set()
        for timer in self._timers:
            timer.join()
        self._close_listener()
        threads = self._hang_up()
        for thread in threads:
            thread.join(timeout=5)
        self._reserved.close()
        if self.crashes:
            raise self.crashes[0]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fault(self, fault: str, **details: Any) -> None:
        """Add a fault, see Fault; `refuse` closes the listener for `seconds`."""
        if fault == "refuse":
            self._refuse_for(float(details.get("seconds", 1.0)))
        else:
            self.faults.add(Fault(fault=fault, **details))

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """While it lasts no connection can be made, and those that were made are gone."""
        self._close_listener()
        self._hang_up()
        try:
            yield
        finally:
            self._listen()

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
        match request.method, request.path:
            case "GET", "/_requests":
                return Answer.json(dict(self.requests))
            case "DELETE", "/_faults":
                self.faults.clear()
                return Answer(status=204)
            case "POST", "/_faults":
                return self._take_fault(request)
        return None

    def _take_fault(self, request: Request) -> Answer:
        try:
            details = request.json()
            if details.get("fault") == "refuse":
                self._refuse_for(float(details.get("seconds", 1.0)))
            else:
                self.faults.add(Fault.read(details))
        except (ValueError, TypeError) as error:
            return Answer.json({"error": str(error)}, 400)
        return Answer(status=204)

    def _refuse_for(self, seconds: float) -> None:
        """Close the listener from a thread of its own, so that a control request still gets its answer."""
        closed = threading.Event()

        def refuse() -> None:
            self._close_listener()
            closed.set()
            self.stopping.wait(seconds)
            if not self.stopping.is_set():
                self._listen()

        timer = threading.Thread(target=refuse, name="refuse", daemon=True)
        self._timers.append(timer)
        timer.start()
        closed.wait(5)
        self._hang_up(idle_only=True)

    def _listen(self) -> None:
        self._listener = _Listener(self)
        arguments = {"poll_interval": 0.02}
        self._accepting = threading.Thread(
            target=self._listener.serve_forever, kwargs=arguments, name="fake", daemon=True
        )
        self._accepting.start()

    def _close_listener(self) -> None:
        if self._listener is not None and self._accepting is not None:
            self._listener.shutdown()
            self._accepting.join()
            self._listener.server_close()
            self._listener = self._accepting = None

    def _hang_up(self, *, idle_only: bool = False) -> list[threading.Thread]:
        me = threading.current_thread()
        with self._guard:
            open_ones = [(wire, thread) for wire, thread in self._connections.items() if thread is not me]
        for wire, _ in open_ones:
            try:
                wire.shutdown(socket.SHUT_RD if idle_only else socket.SHUT_RDWR)
            except OSError:
                continue
        return [thread for _, thread in open_ones]

    def connected(self, wire: socket.socket) -> None:
        with self._guard:
            self._connections[wire] = threading.current_thread()
            if self.stopping.is_set():
                wire.shutdown(socket.SHUT_RDWR)

    def disconnected(self, wire: socket.socket) -> None:
        with self._guard:
            self._connections.pop(wire, None)


class _Listener(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, box: FakeServer) -> None:
        self.box = box
        super().__init__((ADDRESS, box.port), _Handler)

    def server_bind(self) -> None:
        """Bind beside the socket that keeps the port ours; not as HTTPServer does, which asks for the host's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is no fault of ours; anything else is, and stop() raises it."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.box.crashes.append(error)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, lets a fault or the fake answer. It is an Exchange."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def box(self) -> FakeServer:
        return cast(_Listener, self.server).box

    def setup(self) -> None:
        super().setup()
        self.request_now: Request | None = None
        self.box.connected(self.connection)
        self._wire = self.connection

    def finish(self) -> None:
        self.box.disconnected(self._wire)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        return None

    def serve(self) -> None:
        self.request_now = None
        path = self.path.partition("?")[0]
        if path.startswith("/_"):
            self._serve_control()
            return
        self.box.requests[f"{self.command} {path}"] += 1
        fault = self.box.faults.take(self.command, path)
        if fault is not None:
            perform(fault, self)
            return
        answer = self.carry_out()
        self.send(answer.head() + answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = serve

    def _serve_control(self) -> None:
        request = self._request()
        answer = self.box.control(request) or self.box.carry_out(request)
        self.send(answer.head() + answer.body)

    def read(self) -> None:
        self._request()

    def _request(self) -> Request:
        if self.request_now is None:
            size = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(min(size, MOST_BYTES))
            if len(body) < size:
                raise ConnectionError("the client went away in the middle of its request, or sent far too much")
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.request_now = Request(method=self.command, target=self.path, headers=headers, body=body)
        return self.request_now

    def carry_out(self) -> Answer:
        return self.box.carry_out(self._request())

    def expired(self) -> Answer:
        return self.box.expired(self._request())

    def too_many(self, headers: Mapping[str, str]) -> Answer:
        dated = {"Date": format_datetime(self.now().astimezone(UTC), usegmt=True)}
        return self.box.too_many({**dated, **headers})

    def now(self) -> datetime:
        return self.box.clock.now()

    def send(self, data: bytes) -> None:
        if self.command == "HEAD":
            data = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        self.connection.sendall(data)

    def wait(self, seconds: float) -> None:
        self.box.waiting.set()
        self.box.stopping.wait(seconds)

    def reset(self) -> None:
        """End with RST: an orderly end would send FIN, and a client might take that for an answer without an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.box.disconnected(self._wire)
        os.close(self.connection.detach())

    def close(self) -> None:
        self.close_connection = True


def _reserve(port: int) -> socket.socket:
    """Keep a port for this server, also while its listener is closed: a bound socket that does not listen refuses."""
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind((ADDRESS, port))
    return reserved


UPSTREAM_SECONDS = 60
_OF_THE_CONNECTION = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "te", "trailer", "upgrade"}
)


class FaultProxy(FakeServer):
    """Hands every request to `upstream`, reads the whole answer, and lets the faults decide what the client gets.

    The headers go on as they came, Host too (OAuth signs it). /_requests and /_faults are its own, /_journal and
    everything else go upstream.
    """

    def __init__(self, upstream: str, *, port: int = 0, clock: Clock | None = None) -> None:
        super().__init__(port=port, clock=clock)
        self.upstream = upstream

    def answer(self, request: Request) -> Answer:
        where = urlsplit(self.upstream)
        connection = HTTPConnection(where.hostname or "127.0.0.1", where.port or 80, timeout=UPSTREAM_SECONDS)
        try:
            return _forward(connection, request)
        except (OSError, HTTPException) as error:
            return Answer.json({"error": f"no whole answer from the server behind the proxy: {error}"}, 502)
        finally:
            connection.close()

    def carry_out(self, request: Request) -> Answer:
        """Requests side by side: what lies behind keeps its own order."""
        return self.answer(request)


def _forward(connection: HTTPConnection, request: Request) -> Answer:
    connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        if name not in _OF_THE_CONNECTION:
            connection.putheader(name, value)
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body or None)
    response = connection.getresponse()
    body = response.read()
    headers = {name: value for name, value in response.getheaders() if name.lower() not in _OF_THE_CONNECTION}
    return Answer(status=response.status, body=body, headers=headers)
