"""An internet in a box: hosts with names and certificates, reached through a proxy, which is the one way out of a test."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import pytest

from campaigner.fakes.http_messages import Answer, Request

from ..unit.platforms.raw_server import RawServer, read_request

Reply = Callable[[Request], Answer]


class Internet:
    """Hosts answer on 443 under their names. `asked` are the tunnels that were asked for; `seen` requests by host."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._hosts: dict[str, RawServer] = {}
        self.asked: list[str] = []
        self.seen: dict[str, list[Request]] = {}
        self._proxy = RawServer(self._tunnel)
        self._authority = make_certificate(folder, "authority", "-addext basicConstraints=critical,CA:TRUE")

    def __enter__(self) -> Self:
        self._stack.enter_context(self._proxy)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """How a process gets there, and whom it believes."""
        proxy = f"http://127.0.0.1:{self._proxy.port}"
        return {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "SSL_CERT_FILE": str(self._authority)}

    def host(self, name: str, reply: Reply, *, vouched_for: bool = True, certified_as: str = "") -> None:
        """A host of that name; nobody may have vouched for it, or it may show another's certificate."""
        options = f"-addext subjectAltName=DNS:{certified_as or name}"
        issuer = f" -CA {self._authority} -CAkey {self._authority.with_suffix('.key')}" if vouched_for else ""
        certificate = make_certificate(self._folder, name, options + issuer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        seen = self.seen.setdefault(name, [])

        def behave(wire: socket.socket, server: RawServer) -> None:
            seen.append(parsed(read_request(wire, server)))
            answer = reply(seen[-1])
            wire.sendall(answer.head() + answer.body)

        self._hosts[name] = self._stack.enter_context(RawServer(behave, context))

    def _tunnel(self, wire: socket.socket, server: RawServer) -> None:
        head = read_request(wire, server).decode()
        name = head.split()[1].partition(":")[0]
        self.asked.append(head)
        if name not in self._hosts:
            wire.sendall(b"HTTP/1.1 502 No such host\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self._hosts[name].port)) as far:
            wire.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, wire))
            back.start()
            pump(wire, far)
            back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def parsed(data: bytes) -> Request:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return Request(method=method, target=target, headers=headers, body=body)


def make_certificate(folder: Path, name: str, options: str) -> Path:
    """A certificate and, beside it, its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    path = folder / f"{name}.pem"
    command = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={name} {options}"
    subprocess.run(
        [openssl, *command.split(), "-keyout", path.with_suffix(".key"), "-out", path], check=True, capture_output=True
    )
    return path
