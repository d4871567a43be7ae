"""A server on a bare socket: it does with each connection exactly what a test says, decent HTTP or not."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Self

Behaviour = Callable[[socket.socket, "RawServer"], None]


class RawServer:
    """Listens on 127.0.0.1; `seen` holds the bytes of each request that was read, `stopping` ends all waits."""

    def __init__(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self.seen: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self.reached = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def wait_until_closed(self) -> None:
        """Wait for the end of the connection that was made last."""
        self._threads[-1].join(5)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _start(self, act: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=act, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, wire)

    def _serve(self, wire: socket.socket) -> None:
        try:
            if self._tls is not None:
                wire = self._tls.wrap_socket(wire, server_side=True)
            self._behaviour(wire, self)
        except OSError:
            pass
        finally:
            wire.close()


def read_request(wire: socket.socket, server: RawServer) -> bytes:
    """The whole request, by its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = wire.recv(65536)
        if not piece:
            raise ConnectionError("gone")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    size = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < size:
        body += wire.recv(65536)
    server.seen.append(head + b"\r\n\r\n" + body)
    server.reached.set()
    return server.seen[-1]


def answering(answer: bytes) -> Behaviour:
    """Read each request and send these bytes, then close."""

    def behave(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        wire.sendall(answer)

    return behave


def reset(wire: socket.socket) -> None:
    """End the connection with RST."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} Whatever", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body
