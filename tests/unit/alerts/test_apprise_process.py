"""Alerts leave in a process of their own: it ends in time, stays small, and takes no login from ~/.netrc."""

from __future__ import annotations

import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaigner.alerts.apprise_process import AppriseProcess

from ..platforms.raw_server import RawServer, answering, http, read_request

MESSAGE = ("campaigner: failed", "a")


@contextmanager
def messenger(url: str, deadline_seconds: float = 40.0) -> Iterator[AppriseProcess]:
    made = AppriseProcess(url, deadline_seconds)
    try:
        yield made
    finally:
        made.rest()


def url_of(server: RawServer) -> str:
    return f"json://127.0.0.1:{server.port}/told"


def test_a_message_is_accepted() -> None:
    with RawServer(answering(http(200))) as server, messenger(url_of(server)) as to:
        assert to.accepts(MESSAGE)
        assert len(server.seen) == 1
        assert b'"message": "a"' in server.seen[0]


@pytest.mark.parametrize("answer", [http(500), http(307, b"", "Location: http://127.0.0.1:1/"), b"no http\r\n\r\n"])
def test_one_is_not_accepted(answer: bytes) -> None:
    with RawServer(answering(answer)) as server, messenger(url_of(server)) as to:
        assert not to.accepts(MESSAGE)
        assert len(server.seen) == 1


def test_no_service_at_all_accepts_nothing() -> None:
    with messenger("no-such-service://x") as to:
        assert not to.accepts(MESSAGE)


def test_a_redirect_leads_nowhere() -> None:
    with RawServer(answering(http(200))) as other:
        location = f"Location: {url_of(other).replace('json', 'http')}"
        with RawServer(answering(http(307, b"", location))) as server, messenger(url_of(server)) as to:
            assert not to.accepts(MESSAGE)
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
    with RawServer(behaviour) as server, messenger(url_of(server), deadline) as to:
        began = time.monotonic()
        assert not to.accepts(MESSAGE)
        assert time.monotonic() - began < 20
        assert server.connections == 1


def test_after_an_end_that_came_from_outside_the_next_message_is_sent() -> None:
    def first_hanging(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        if len(server.seen) == 1:
            server.stopping.wait()
        wire.sendall(http(200))

    with RawServer(first_hanging) as server, messenger(url_of(server), 5.0) as to:
        assert [to.accepts(MESSAGE), to.accepts(MESSAGE)] == [False, True]


def test_closed_it_ends_what_is_on_its_way_and_begins_nothing() -> None:
    def hanging(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        server.stopping.wait()

    with RawServer(hanging) as server, messenger(url_of(server)) as to, ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(to.accepts, MESSAGE)
        assert server.reached.wait(30)
        to.close()
        assert accepted.result(10) is False
        assert not to.accepts(MESSAGE)
        assert server.connections == 1


def test_no_login_of_netrc_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answering(http(200))) as server, messenger(url_of(server)) as to:
        assert to.accepts(MESSAGE)
        assert b64encode(b"somebody:else") not in server.seen[0]
