"""HTTP: credentials go to their own host, over a connection that somebody vouches for, and no answer is endless."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from ..unit.platforms.raw_server import RawServer, http, read_request
from .hostile import Echo, Journal, left_behind, said
from .internet import Internet
from .workplace import Workplace, account, at, campaign, message

TOKEN = "Zk3v9pQxT7rWmLb8"
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
ME = {"id": "7", "acct": "news", "url": "https://social.example/@news"}


@pytest.fixture
def internet(tmp_path_factory: pytest.TempPathFactory, place: Workplace) -> Iterator[Internet]:
    """Its processes run on the real clock: campaigner gives no other where posts could leave the machine."""
    with Internet(tmp_path_factory.mktemp("certificates")) as made:
        place.environment |= {**made.environment, "CAMPAIGNER_CLOCK": ""}
        yield made


def one_account(place: Workplace, server: str, platform: str = "mastodon") -> None:
    own = {"mastodon": {"access_token": TOKEN}, "bluesky": {"handle": "news.example", "app_password": TOKEN}}
    place.write_config({"news": {"platform": platform, "server": server, **own[platform], "languages": ["en"]}})


def due(place: Workplace, fake: FakePlatform, url: str) -> None:
    """Two posts, accepted and due, on a server before the fake."""
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"], server=url)})
    place.write(
        "campaigns/migrants-day.yaml",
        campaign({name: message("08:00", f"Good {name}", "-") for name in ("morning", "day")}),
    )
    place.accept()
    place.move_to(at("08:00:30"))


def test_the_internet_of_these_tests_works(place: Workplace, internet: Internet) -> None:
    internet.host("social.example", lambda request: said(ME))
    one_account(place, "https://social.example")
    done = place.run("accounts", "check")
    assert (done.returncode, "@news@social.example" in done.stdout) == (0, True), done
    assert internet.seen["social.example"][0].bearer == TOKEN
    assert not any(TOKEN in head for head in internet.asked), "a proxy is told of the host, and of nothing else"


@pytest.mark.parametrize("how", [{"vouched_for": False}, {"certified_as": "other.example"}])
def test_a_host_that_nobody_vouches_for_is_told_nothing(place: Workplace, internet: Internet, how: Any) -> None:
    internet.host("social.example", lambda request: said(ME), **how)
    one_account(place, "https://social.example")
    done = place.run("accounts", "check")
    assert (done.returncode, "certificate" in done.stdout) == (1, True), done
    assert internet.asked
    assert internet.seen["social.example"] == []


PLAIN = [
    "http://social.example",
    "http://127.0.0.1.social.example",
    "http://localhost.example",
    "http://0x7f.1",
    "ftp://127.0.0.1",
]


@pytest.mark.parametrize("server", [*PLAIN, "https://name:word@social.example", "https://social.example/?a=b"])
def test_plain_http_is_refused_in_the_config(place: Workplace, server: str) -> None:
    with Journal() as proxy:
        place.environment |= dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"), proxy.url)
        one_account(place, server)
        done = place.run("accounts", "check")
        assert (done.returncode, "server" in done.stderr) == (3, True), done
        assert proxy.seen == []


def test_plain_http_is_refused_for_the_heartbeat(place: Workplace) -> None:
    with Journal() as proxy:
        place.environment |= dict.fromkeys(("HTTP_PROXY", "http_proxy"), proxy.url)
        place.environment["BEAT"] = f"http://watch.example/{TOKEN}"
        place.write_config(
            {"desk": {"platform": "console", "like": "x", "languages": ["en", "fi"]}}, heartbeat="env:BEAT"
        )
        place.write("campaigns/a.yaml", campaign({"m": message("12:00", "a", "b")}))
        done = place.run("run", "--once")
        assert "the heartbeat could not be sent" in done.stderr
        assert proxy.seen == []


@pytest.fixture(params=["mastodon", "bluesky", "x"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    made: dict[str, type[FakePlatform]] = {"mastodon": FakeMastodon, "bluesky": FakeBluesky, "x": FakeX}
    with made[request.param]() as server:
        yield server


def test_a_publishing_call_follows_no_redirect(place: Workplace, fake: FakePlatform) -> None:
    """A 307 would carry the post and its credentials on, a 303 would count as published."""
    with Journal() as other, Echo(fake.url, PUBLISH[fake.platform], (307, 303), f"{other.url}/?t=") as server:
        due(place, fake, server.url)
        done = place.run("run", "--once")
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["in-doubt", "in-doubt"], done
        assert (server.said, other.seen, fake.journal) == (2, [], [])


def test_no_login_of_netrc_replaces_a_token(place: Workplace) -> None:
    place.write(
        ".netrc", "machine 127.0.0.1 login somebody password else\ndefault login anybody password other\n"
    ).chmod(0o600)
    with Journal(lambda request: said(ME)) as server:
        one_account(place, server.url)
        assert place.run("accounts", "check").returncode == 0
        assert server.seen
        assert {request.headers["authorization"] for request in server.seen} == {f"Bearer {TOKEN}"}


def test_this_machine_is_not_reached_through_a_proxy(place: Workplace) -> None:
    with Journal() as proxy, Journal(lambda request: said(ME)) as server:
        place.environment |= dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), proxy.url) | {"NO_PROXY": ""}
        one_account(place, server.url)
        assert place.run("accounts", "check").returncode == 0
        assert server.seen
        assert proxy.seen == []


def test_a_proxy_that_wants_the_request_gets_the_host_alone(place: Workplace) -> None:
    """It answers the tunnel with a page of its own, and with a redirect; its own password is in no words of ours."""
    for answer in (
        Answer(status=200, body=b"welcome"),
        Answer(status=302, headers={"Location": "http://evil.example"}),
    ):
        with Journal(lambda request, answer=answer: answer) as proxy, RawServer(answering_tunnel(answer)) as raw:
            own = f"http://somebody:Pr0xy-word@127.0.0.1:{raw.port}"
            place.environment |= {"HTTPS_PROXY": own, "https_proxy": own, "NO_PROXY": "", "CAMPAIGNER_CLOCK": ""}
            one_account(place, "https://social.example")
            done = place.run("accounts", "check", "--json")
            assert done.returncode == 1
            assert raw.seen
            assert not any(TOKEN.encode() in seen for seen in raw.seen)
            assert proxy.seen == []
        assert b"Pr0xy-word" not in left_behind(place, done)


def answering_tunnel(answer: Answer) -> Callable[[socket.socket, RawServer], None]:
    def behave(wire: socket.socket, server: RawServer) -> None:
        read_request(wire, server)
        wire.sendall(answer.head() + answer.body)

    return behave


SESSION = {
    "did": "did:plc:abc",
    "handle": "news.example",
    "accessJwt": "a1-access-token",
    "refreshJwt": "r1-refresh-token",
}


def signing_in(endpoint: str) -> Callable[[Request], Answer]:
    document = {"service": [{"type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}]}
    return lambda request: said({**SESSION, "didDoc": document})


def test_a_pds_that_the_server_names_gets_its_session_and_never_the_password(
    place: Workplace, internet: Internet
) -> None:
    internet.host("entry.example", signing_in("https://pds.example"))
    internet.host("pds.example", lambda request: said(SESSION))
    one_account(place, "https://entry.example", "bluesky")
    assert place.run("accounts", "check").returncode == 0
    assert internet.seen["pds.example"][0].bearer == SESSION["accessJwt"]
    assert not any(TOKEN.encode() in request.body for request in internet.seen["pds.example"])


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://pds.example",
        "http://127.0.0.1:{port}",
        "https://127.0.0.1:{port}",
        "https://localhost:{port}",
        "https://u:p@pds.example",
        "file:///etc/passwd",
    ],
)
def test_a_pds_that_is_no_host_of_the_internet_gets_nothing(
    place: Workplace, internet: Internet, endpoint: str
) -> None:
    with Journal() as inside:
        internet.host("entry.example", signing_in(endpoint.format(port=inside.port)))
        internet.host("pds.example", lambda request: said(SESSION))
        one_account(place, "https://entry.example", "bluesky")
        done = place.run("accounts", "check")
        assert done.returncode in (0, 1), done
        assert len(internet.seen["entry.example"]) >= 2, "it stays with the server of the config"
        assert (inside.seen, internet.seen["pds.example"]) == ([], [])


def test_addresses_in_answers_lead_nowhere(place: Workplace) -> None:
    """Links to next pages, to uploads, to instances, to a session's server: of another host, under the same credentials."""
    with Journal() as other:
        links = {
            "Link": f'<{other.url}/next>; rel="next"',
            "Content-Location": other.url,
            "Refresh": f"0;{other.url}",
            "Location": other.url,
        }
        fields = {
            **ME,
            "url": other.url,
            "uri": other.url,
            "upload_url": other.url,
            "next": other.url,
            "domain": other.url,
            "urls": {"streaming_api": other.url},
        }

        def reply(request: Request) -> Answer:
            if request.path.endswith("/statuses") and request.method == "GET":
                return Answer(
                    status=200,
                    headers=links,
                    body=json.dumps([{**fields, "created_at": "2020-12-18T06:00:00Z", "content": "x"}]).encode(),
                )
            return said(fields, 202 if request.path.endswith("/media") else 200, links)

        with Journal(reply) as server:
            place.speed = 1.0
            one_account(place, server.url)
            place.write("campaigns/images/a.png", "").write_bytes(PNG)
            card = {"images": [{"file": "images/a.png", "alt": {"en": "a", "fi": "b"}}]}
            text = f"Good morning {other.url}/in-the-text"
            place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", text, "-", **card)}))
            place.accept()
            place.move_to(at("08:00:30"))
            for command in ("run --once", "accounts check", "delete migrants-day/2020/morning/news/en --yes"):
                place.run(*command.split())
            asked = {(request.method, request.path) for request in server.seen}
        assert {("POST", "/api/v2/media"), ("POST", "/api/v1/statuses")} <= asked, asked
        assert other.seen == []


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def bomb(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(
        http(200, gzip.compress(bytes(400_000_000), 1), "Content-Encoding: gzip", "Content-Type: application/json")
    )


def flood(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 90000000000\r\n\r\n{"id": "')
    while not server.stopping.is_set():
        wire.sendall(b"7" * 1_000_000)


def headers_without_end(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.stopping.is_set():
        wire.sendall(b"X-More: " + b"x" * 1_000_000)


def nested(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(http(200, b"[" * 1_900_000 + b"]" * 1_900_000))


def long_number(wire: socket.socket, server: RawServer) -> None:
    read_request(wire, server)
    wire.sendall(http(200, b'{"id": ' + b"9" * 3_900_000 + b"}"))


@pytest.mark.parametrize("behaviour", [bomb, flood, headers_without_end, nested, long_number])
def test_an_answer_that_is_too_much_is_cut(
    place: Workplace, behaviour: Callable[[socket.socket, RawServer], None]
) -> None:
    with RawServer(behaviour) as server:
        one_account(place, server.url)
        began = time.monotonic()
        done = place.run("accounts", "check")
        assert (done.returncode, "news:" in done.stdout) == (1, True), done
        assert time.monotonic() - began < 15
