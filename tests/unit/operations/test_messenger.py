"""Alerts leave in a process of their own: it ends in time, stays small, and takes no login from ~/.netrc."""

from __future__ import annotations

import socket
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigner.operations.messenger import send_all

from ..platforms.raw_server import RawServer, answering, http, read_request

MESSAGES = [("campaigner: failed", "a"), ("campaigner: failed", "b")]


def url_of(server: RawServer) -> str:
    return f"json://127.0.0.1:{server.port}/told"


def test_each_message_is_accepted_by_itself() -> None:
    with RawServer(answering(http(200))) as server:
        # Apprise keeps five seconds between two messages of one service: the first tells enough.
        assert list(send_all([url_of(server)], MESSAGES[:1])) == [True]
        assert len(server.seen) == 1
        assert b'"message": "a"' in server.seen[0]


@pytest.mark.parametrize("answer", [http(500), http(307, b"", "Location: http://127.0.0.1:1/"), b"no http\r\n\r\n"])
def test_what_is_not_accepted_is_the_last(answer: bytes) -> None:
    with RawServer(answering(answer)) as server:
        assert list(send_all([url_of(server)], MESSAGES)) == [False]
        assert len(server.seen) == 1


def test_no_service_at_all_accepts_nothing() -> None:
    assert list(send_all(["no-such-service://x"], MESSAGES)) == [False]


def test_a_redirect_leads_nowhere() -> None:
    with RawServer(answering(http(200))) as other:
        location = f"Location: {url_of(other).replace('json', 'http')}"
        with RawServer(answering(http(307, b"", location))) as server:
            assert list(send_all([url_of(server)], MESSAGES)) == [False]
            assert len(server.seen) == 1
        assert other.connections == 0


def dripping(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    while not server.stopping.wait(0.1):
        wire.sendall(b"x")


def flooding(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n")
    while not server.stopping.is_set():
        wire.sendall(bytes(1_000_000))


@pytest.mark.parametrize(("behaviour", "deadline"), [(dripping, 3.0), (flooding, 30.0)])
def test_an_endless_answer_has_an_end(behaviour: Callable[[socket.socket, RawServer], None], deadline: float) -> None:
    with RawServer(behaviour) as server:
        began = time.monotonic()
        assert list(send_all([url_of(server)], MESSAGES, deadline)) == [False]
        assert time.monotonic() - began < 20
        assert server.connections == 1


def test_no_login_of_netrc_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answering(http(200))) as server:
        assert list(send_all([url_of(server)], MESSAGES[:1])) == [True]
        assert b64encode(b"somebody:else") not in server.seen[0]
