"""The HTTP seam over real sockets: what was written before a call failed, limits, redaction."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigner import __version__
from campaigner.clock import SteppingClock
from campaigner.platforms import http as http_module
from campaigner.platforms import network as network_module
from campaigner.platforms.http import Answer, Failed, HttpSession
from campaigner.platforms.network import Network

from .raw_server import RawServer, answering, http, read_request, reset

CLOCK = SteppingClock(datetime(2020, 12, 18, tzinfo=UTC))
SECRET = "s3cr3t/token+with=signs"
SOON = 0.4


def session_of(server: RawServer, *, deadline: float = 5.0, most: int = 100_000) -> HttpSession:
    return HttpSession(CLOCK, server.url, [SECRET], deadline_seconds=deadline, most_bytes=most)


def post(server: RawServer, **settings: float) -> Answer | Failed:
    session = session_of(server, **settings)  # type: ignore[arg-type]
    try:
        return session.call("POST", "/post", json={"a": 1}, headers={"Authorization": f"Bearer {SECRET}"})
    finally:
        session.close()


def failed(outcome: Answer | Failed) -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert SECRET not in outcome.reason
    return outcome


def test_an_answer_comes_whole_with_headers_in_any_case() -> None:
    with RawServer(answering(http(200, b'{"id": "7"}', "X-Thing: yes"))) as server:
        answer = post(server)
        assert isinstance(answer, Answer)
        assert (answer.status, answer.json(), answer.headers["x-thing"]) == (200, {"id": "7"}, "yes")
        head = server.seen[0].decode()
    assert f"User-Agent: campaigner/{__version__}\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head
    assert head.endswith('{"a": 1}')


def test_a_connection_that_is_refused_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = failed(HttpSession(CLOCK, f"http://127.0.0.1:{port}").call("POST", "/"))
    assert outcome.before_sending
    assert "refused" in outcome.reason


def test_a_name_that_does_not_exist_sent_nothing() -> None:
    outcome = failed(HttpSession(CLOCK, "https://host.invalid").call("POST", "/"))
    assert outcome.before_sending
    assert outcome.reason.startswith("host.invalid: ")


def test_a_reset_after_the_request_is_not_certain() -> None:
    def behave(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        reset(wire)

    with RawServer(behave) as server:
        assert not failed(post(server)).before_sending
        assert server.connections == 1


def test_a_reset_before_the_request_was_read_is_not_certain_either() -> None:
    def behave(wire: socket.socket, server: RawServer) -> None:
        wire.recv(1)
        reset(wire)

    with RawServer(behave) as server:
        assert not failed(post(server)).before_sending


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"",
        b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"id": ',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n',
        b"\x15\x03\x01\x00\x02\x02\x0a no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_an_answer_that_is_cut_or_garbled_is_not_certain(bytes_sent: bytes) -> None:
    with RawServer(answering(bytes_sent)) as server:
        assert not failed(post(server)).before_sending
        assert server.connections == 1, "a publishing call is never repeated"


def test_an_answer_that_is_cut_in_its_headers_has_nothing_that_one_could_believe() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Le")) as server:
        answer = post(server)
        assert isinstance(answer, Answer)
        assert (answer.body, answer.json()) == (b"", None)


def test_no_url_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"), RawServer(answering(http(200, b"{}"))) as server:
        session = session_of(server)
        session.call("POST", f"/hook/{SECRET}")
        session.close()
    assert "hook" not in caplog.text


def silent(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    server.stopping.wait(20)


def dripping_header(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
        wire.sendall(bytes([byte]))
        if server.stopping.wait(0.02):
            return


def dripping_body(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    while not server.stopping.wait(0.02):
        wire.sendall(b"x")


def endless_continue(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    while not server.stopping.wait(0.01):
        wire.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("behaviour", [silent, dripping_header, dripping_body, endless_continue])
def test_the_deadline_holds_for_the_whole_call(behaviour: object) -> None:
    with RawServer(behaviour) as server:  # type: ignore[arg-type]
        began = time.monotonic()
        outcome = failed(post(server, deadline=SOON))
        assert time.monotonic() - began < SOON + 3
    assert not outcome.before_sending
    assert "no whole answer within 0.4 s" in outcome.reason


def test_an_answer_that_ends_with_the_connection_is_not_taken_for_whole_when_time_is_over() -> None:
    def behave(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        wire.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"id": "1"}')
        server.stopping.wait(20)

    with RawServer(behave) as server:
        assert not failed(post(server, deadline=SOON)).before_sending


def test_close_from_another_thread_ends_a_call_in_flight() -> None:
    with RawServer(silent) as server:
        session = session_of(server, deadline=20)
        outcomes: list[Answer | Failed] = []
        caller = threading.Thread(target=lambda: outcomes.append(session.call("POST", "/")))
        caller.start()
        assert server.reached.wait(5)
        session.close()
        caller.join(5)
        assert not caller.is_alive()
        outcome = failed(outcomes[0])
        assert (outcome.before_sending, "stopped" in outcome.reason) == (False, True)
        again = failed(session.call("POST", "/"))
        assert again.before_sending
        assert server.connections == 1


def test_a_redirect_is_no_answer_of_the_api_and_is_not_followed() -> None:
    location = "Location: http://127.0.0.1:1/elsewhere"
    for status in (301, 302, 303, 307, 308):
        with RawServer(answering(http(status, b"", location))) as server:
            found = failed(post(server))
            assert (found.before_sending, found.lasts, server.connections) == (False, True, 1)
            assert 'on to "http://127.0.0.1:1/elsewhere", where no post is sent' in found.reason
            assert f"(HTTP {status})" in found.reason


def test_a_redirect_with_an_endless_body_is_read_up_to_the_limit_only() -> None:
    def behave(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        wire.sendall(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 999999999\r\n\r\n")
        while not server.stopping.is_set():
            wire.sendall(b"x" * 65536)

    with RawServer(behave) as server:
        assert "longer than 100000 bytes" in failed(post(server)).reason


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    with RawServer(answering(http(200, b"x" * 300_000))) as server:
        outcome = failed(post(server))
    assert (outcome.before_sending, "longer than 100000 bytes" in outcome.reason) == (False, True)


BOMBS = {
    "gzip bomb": (gzip.compress(bytes(50_000_000), mtime=0), "gzip"),
    "zlib bomb": (zlib.compress(bytes(50_000_000)), "deflate"),
    "gzip in gzip": (gzip.compress(gzip.compress(bytes(1_000), mtime=0), mtime=0), "gzip, gzip"),
    "brotli": (b"anything", "br"),
    "cut": (gzip.compress(b"x" * 1_000, mtime=0)[:-20], "gzip"),
    "no gzip": (b"no gzip at all", "gzip"),
}


@pytest.mark.parametrize(("body", "coding"), BOMBS.values(), ids=BOMBS.keys())
def test_what_was_compressed_against_our_wish_is_read_within_the_limit(body: bytes, coding: str) -> None:
    with RawServer(answering(http(200, body, f"Content-Encoding: {coding}"))) as server:
        assert not failed(post(server)).before_sending


def test_a_small_compressed_answer_is_read() -> None:
    with RawServer(answering(http(200, gzip.compress(b'{"id": 1}', mtime=0), "Content-Encoding: gzip"))) as server:
        answer = post(server)
    assert isinstance(answer, Answer)
    assert answer.json() == {"id": 1}


def kept_alive(wire: socket.socket, server: RawServer) -> None:
    while True:
        read_request(wire, server)
        wire.sendall(http(200, b"{}", "Set-Cookie: a=b"))


def test_connections_are_kept_also_for_publishing_and_cookies_are_not() -> None:
    with RawServer(kept_alive) as server:
        session = session_of(server)
        for method in ("GET", "POST", "POST", "DELETE", "POST"):
            assert isinstance(session.call(method, "/"), Answer)
        session.close()
        assert server.connections == 1
        assert not any(b"ookie" in request for request in server.seen), "cookies are not kept"


def test_accounts_of_one_server_share_its_connections() -> None:
    network = Network()
    with RawServer(kept_alive) as server:
        for number in range(20):
            session = HttpSession(CLOCK, server.url, [f"secret-{number}"], network=network)
            assert isinstance(session.call("POST", "/"), Answer)
        network.close()
        assert server.connections == 1


def test_a_server_that_closed_the_idle_connection_is_connected_to_again_for_publishing() -> None:
    with RawServer(answering(http(200, b"{}"))) as server:
        session = session_of(server)
        for _ in range(3):
            assert isinstance(session.call("POST", "/"), Answer)
            server.wait_until_closed()
        session.close()
        assert server.connections == 3


def test_a_server_that_drops_a_kept_connection_gets_new_ones_for_all_that_is_published() -> None:
    """It looked open when the request went out, so that post is in doubt; no other one is."""

    def behave(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        wire.sendall(http(200, b"{}"))
        wire.recv(1)
        reset(wire)

    with RawServer(behave) as server:
        session = session_of(server)
        assert isinstance(session.call("POST", "/"), Answer)
        assert not failed(session.call("POST", "/")).before_sending
        assert [type(session.call("POST", "/")) for _ in range(3)] == [Answer] * 3
        session.close()
        assert server.connections == 4


def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "MOST_IDLE_SECONDS", 0.0)
    with RawServer(kept_alive) as server:
        session = session_of(server)
        assert [type(session.call("POST", "/")) for _ in range(2)] == [Answer] * 2
        session.close()
        assert server.connections == 2


def test_one_thread_watches_all_calls() -> None:
    network, sessions, before = Network(), [], set(threading.enumerate())
    with RawServer(silent) as server:
        outcomes: list[Answer | Failed] = []
        for _ in range(5):
            session = HttpSession(CLOCK, server.url, network=network, deadline_seconds=SOON)
            sessions.append(threading.Thread(target=lambda one=session: outcomes.append(one.call("POST", "/"))))  # type: ignore[misc]
        for caller in sessions:
            caller.start()
        assert server.reached.wait(5)
        assert [one.name for one in set(threading.enumerate()) - before].count("call watchdog") == 1
        for caller in sessions:
            caller.join(5)
    assert ["no whole answer within 0.4 s" in failed(outcome).reason for outcome in outcomes] == [True] * 5


def test_a_form_with_a_file_is_sent_as_one() -> None:
    with RawServer(answering(http(200, b"{}"))) as server:
        session = session_of(server)
        session.call("POST", "/media", form={"description": "Näin", "file": ("image.png", b"\x89PNG", "image/png")})
        session.close()
        head, _, body = server.seen[0].partition(b"\r\n\r\n")
    boundary = re.search(rb"boundary=(\w+)", head)
    assert boundary is not None
    assert body.split(b"--" + boundary[1])[1:] == [
        '\r\nContent-Disposition: form-data; name="description"\r\n\r\nNäin\r\n'.encode(),
        b'\r\nContent-Disposition: form-data; name="file"; filename="image.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n',
        b"--\r\n",
    ]


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("/a?b=c", b"GET /a?b=c HTTP"),
        ("/käsi/%C3%A4?q=ä&r", b"GET /k%C3%A4si/%C3%A4?q=%C3%A4&r HTTP"),
        ("", b"GET / HTTP"),
    ],
)
def test_an_address_goes_out_in_ascii(asked: str, sent: bytes) -> None:
    with RawServer(answering(http(200, b"{}"))) as server:
        session = session_of(server)
        session.call("GET", asked)
        session.close()
        assert server.seen[0].startswith(sent)


def test_credentials_go_to_the_own_host_only() -> None:
    session = HttpSession(CLOCK, "https://social.example")
    for url in ("https://other.example/", "https://social.example:444/", "https://u:p@social.example/"):
        assert failed(session.call("POST", url)).before_sending
    assert failed(session.call("POST", "http://social.example/")).before_sending
    assert not session.allow("http://other.example")
    assert not session.allow("ftp://127.0.0.1")


def test_plain_http_is_for_this_machine_only() -> None:
    outcome = failed(HttpSession(CLOCK, "http://social.example").call("GET", "/"))
    assert outcome.before_sending
    assert "neither https nor this machine" in outcome.reason


def test_netrc_does_not_replace_the_bearer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answering(http(200))) as server:
        post(server)
        session = session_of(server)
        session.call("GET", "/")
        session.close()
        assert f"Authorization: Bearer {SECRET}".encode() in server.seen[0]
        assert b"Authorization" not in server.seen[1]


def test_a_proxy_that_refuses_the_tunnel_got_nothing_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answering(http(502, b"no"))) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://user:pr0xy-word@127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "")
        session = HttpSession(CLOCK, "https://social.example", [SECRET])
        outcome = failed(session.call("POST", "/", headers={"Authorization": f"Bearer {SECRET}"}))
        session.close()
        assert proxy.seen[0].startswith(b"CONNECT social.example:443 ")
        assert SECRET.encode() not in proxy.seen[0]
    assert outcome.before_sending
    assert "pr0xy-word" not in outcome.reason


def test_this_machine_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    with RawServer(answering(http(200, b"{}"))) as server:
        assert isinstance(post(server), Answer)


def test_no_form_of_a_secret_is_in_a_reason() -> None:
    session = HttpSession(CLOCK, "https://social.example", [SECRET])
    basic = b64encode(f"key:{SECRET}".encode()).decode()
    for shape in (SECRET, "s3cr3t%2Ftoken%2Bwith%3Dsigns", "s3cr3t%2ftoken%2bwith%3dsigns", basic):
        outcome = failed(session.call("POST", f"https://other.example/{shape}"))
        assert "s3cr3t" not in outcome.reason
        assert "s3cr3t" not in session.redact(f"it said {shape}")
        assert basic[8:-6] not in session.redact(f"it said {shape}")


def test_a_request_that_can_not_be_built_was_not_sent() -> None:
    session = HttpSession(CLOCK, "https://social.example", [SECRET])
    assert failed(session.call("GET", "/", headers={"A": f"{SECRET}\r\nB: c"})).before_sending


def test_the_limits_of_a_call_are_those_that_the_docs_name() -> None:
    assert (network_module.CONNECT_SECONDS, network_module.READ_SECONDS) == (10, 20)
    assert (http_module.DEADLINE_SECONDS, http_module.MOST_ANSWER_BYTES) == (30, 4_000_000)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    subprocess.run(
        [openssl, "req", *options.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        check=True,
        capture_output=True,
    )
    yield folder


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_sends_nothing(tls: ssl.SSLContext) -> None:
    with RawServer(answering(http(200, b"{}")), tls) as server:
        outcome = failed(post(server))
        assert server.seen == []
    assert outcome.before_sending
    assert outcome.lasts
    assert "nobody whom this machine believes vouches for its certificate" in outcome.reason


def test_https_works_and_tls_damage_after_sending_is_not_certain(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    with RawServer(answering(http(200, b"{}")), tls) as server:
        assert isinstance(post(server), Answer)

    def damage(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        os.write(wire.fileno(), b"\x17\x03\x03\x00\x20" + b"z" * 32)
        server.stopping.wait(5)

    with RawServer(damage, tls) as server:
        assert not failed(post(server)).before_sending


def test_the_deadline_holds_while_tls_shakes_hands() -> None:
    def behave(wire: socket.socket, server: RawServer) -> None:
        wire.recv(10_000)
        wire.sendall(b"\x16\x03\x03\x40\x00")
        while not server.stopping.wait(0.02):
            wire.sendall(b"x")

    with RawServer(behave) as server:
        session = HttpSession(CLOCK, f"https://127.0.0.1:{server.port}", deadline_seconds=SOON)
        began = time.monotonic()
        outcome = failed(session.call("POST", "/"))
        session.close()
        assert time.monotonic() - began < SOON + 3
    assert outcome.before_sending


def test_the_deadline_holds_over_tls(tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    with RawServer(dripping_body, tls) as server:
        assert not failed(post(server, deadline=SOON)).before_sending
