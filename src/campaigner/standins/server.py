"""An HTTP server on 127.0.0.1 that can be told to fail; stand-ins and the fault proxy are built on it."""

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
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast

from ..clock import Clock, SystemClock
from .faults import Fault, Faults, perform
from .messages import Answer, Request

ADDRESS = "127.0.0.1"
MOST_BYTES = 20_000_000
_NO_LINGER = struct.pack("ii", 1, 0)


class LoopbackServer(ABC):
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
        """One request at a time, so that what a stand-in keeps is never half written."""
        with self._state:
            return self.answer(request)

    def control(self, request: Request) -> Answer | None:
        """Answer what is asked of the stand-in itself and not of its platform; None when it is no such request."""
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
            target=self._listener.serve_forever, kwargs=arguments, name="stand-in", daemon=True
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

    def __init__(self, box: LoopbackServer) -> None:
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
    """One connection: reads requests, lets a fault or the stand-in answer. It is the Exchange of faults.py."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def box(self) -> LoopbackServer:
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
