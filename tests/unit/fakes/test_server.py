"""Faults on the wire, as a plain socket sees them; before a fake, and before a server behind the proxy."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigner.clock import SteppingClock
from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.proxy import FakeServer, Fault, FaultProxy, Faults

from .asking import Got, ask

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
TOKEN = "campaigner-token"


@pytest.fixture
def behind() -> Iterator[FakeMastodon]:
    with FakeMastodon(clock=SteppingClock(NOW)) as fake:
        yield fake


@pytest.fixture(params=["fake", "proxy"])
def front(request: pytest.FixtureRequest, behind: FakeMastodon) -> Iterator[FakeServer]:
    """The server that fails: the fake itself, or a proxy before it."""
    if request.param == "fake":
        yield behind
        return
    with FaultProxy(behind.url, clock=SteppingClock(NOW)) as proxy:
        yield proxy


def post(server: FakeServer, text: str = "hello") -> Got:
    return ask(server.url, "POST", "/api/v1/statuses", data={"status": text}, token=TOKEN)


def test_without_a_fault_everything_goes_through(front: FakeServer, behind: FakeMastodon) -> None:
    got = post(front, "Tänään 👍")
    assert (got.status, got.data["language"]) == (200, None)
    assert behind.texts == ["Tänään 👍"]
    assert front.requests["POST /api/v1/statuses"] == 1


def test_a_dropped_request_commits_nothing(front: FakeServer, behind: FakeMastodon) -> None:
    front.fault("drop_request")
    with pytest.raises(ConnectionResetError):
        post(front)
    assert behind.journal == []


def test_a_lost_response_is_a_reset_after_the_commit(front: FakeServer, behind: FakeMastodon) -> None:
    front.fault("lose_response")
    with pytest.raises(ConnectionResetError):
        post(front)
    assert behind.texts == ["hello"]


def test_a_truncated_answer_ends_in_its_middle(front: FakeServer, behind: FakeMastodon) -> None:
    front.fault("truncate")
    with pytest.raises(http.client.IncompleteRead):
        post(front)
    assert behind.texts == ["hello"]


@pytest.mark.parametrize("commit", [True, False])
def test_garbage_is_no_http(front: FakeServer, behind: FakeMastodon, commit: bool) -> None:
    front.fault("garbage", commit=commit)
    with pytest.raises(http.client.BadStatusLine):
        post(front)
    assert len(behind.journal) == commit


@pytest.mark.parametrize("fault", ["status", "html"])
@pytest.mark.parametrize("commit", [True, False])
def test_an_answer_in_place_of_the_true_one(front: FakeServer, behind: FakeMastodon, fault: str, commit: bool) -> None:
    front.fault(fault, status=502, commit=commit, body="oh", headers={"X-Why": "test"})
    got = post(front)
    assert got.status == 502
    assert len(behind.journal) == commit
    if fault == "html":
        assert got.headers["content-type"].startswith("text/html")
    else:
        assert (got.body, got.headers["x-why"]) == (b"oh", "test")


@pytest.mark.parametrize(("fault", "committed"), [("delay", 1), ("late", 0)])
def test_a_delay_is_after_the_commit_and_late_before(
    front: FakeServer, behind: FakeMastodon, fault: str, committed: int
) -> None:
    front.fault(fault, seconds=600)

    def wait_for_an_answer() -> None:
        with suppress(OSError, http.client.HTTPException):
            post(front)

    client = threading.Thread(target=wait_for_an_answer)
    client.start()
    assert front.waiting.wait(10)
    assert len(behind.journal) == committed
    front.stop()
    client.join(10)
    assert not client.is_alive()


def test_a_late_commit_comes_after_all(front: FakeServer, behind: FakeMastodon) -> None:
    front.fault("late", seconds=0)
    assert post(front).status == 200
    assert behind.texts == ["hello"]


def test_drops_of_an_answer_are_a_whole_one_in_the_end(front: FakeServer) -> None:
    front.fault("drip", seconds=0)
    assert post(front).data["content"] == "<p>hello</p>"


def test_an_expired_token(front: FakeServer, behind: FakeMastodon) -> None:
    front.fault("expire_token")
    assert post(front).status == 401
    assert behind.journal == []


@pytest.mark.parametrize(
    ("form", "header", "value"),
    [
        ("seconds", "retry-after", "90"),
        ("date", "retry-after", "Fri, 18 Dec 2020 06:01:30 GMT"),
        ("epoch", "x-rate-limit-reset", str(int((NOW + timedelta(seconds=90)).timestamp()))),
        ("iso", "x-ratelimit-reset", "2020-12-18T06:01:30.000Z"),
    ],
)
def test_a_rate_limit_tells_when_to_come_again(front: FakeServer, form: str, header: str, value: str) -> None:
    front.fault("rate_limit", form=form, seconds=90)
    got = post(front)
    assert (got.status, got.headers[header]) == (429, value)


def test_a_rate_limit_may_tell_nothing(front: FakeServer) -> None:
    front.fault("rate_limit", form="none")
    got = post(front)
    assert got.status == 429
    assert not {"retry-after", "x-ratelimit-reset", "x-rate-limit-reset"} & set(got.headers)


def test_a_closed_listener_refuses_and_opens_on_the_same_port(front: FakeServer) -> None:
    url = front.url
    with front.refusing(), pytest.raises(ConnectionRefusedError):
        post(front)
    assert front.url == url
    assert post(front).status == 200


def test_a_connection_that_is_kept_is_gone_too_when_the_listener_closes(front: FakeServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=10)
    connection.request("GET", "/api/v1/instance")
    connection.getresponse().read()
    assert connection.sock is not None
    with front.refusing():
        connection.sock.settimeout(5)
        assert connection.sock.recv(1) == b""
    connection.close()


class TestControl:
    def test_faults_are_set_over_http(self, front: FakeServer) -> None:
        asked = ask(front.url, "POST", "/_faults", data={"fault": "status", "status": 500, "times": 2})
        assert (asked.status, [post(front).status for _ in range(3)]) == (204, [500, 500, 200])

    @pytest.mark.parametrize(
        "asked", [{"fault": "earthquake"}, {"fault": "delay", "minutes": 3}, {"fault": "rate_limit", "form": "x"}, {}]
    )
    def test_a_fault_that_does_not_exist_is_refused(self, front: FakeServer, asked: dict[str, Any]) -> None:
        got = ask(front.url, "POST", "/_faults", data=asked)
        assert got.status == 400
        assert got.data["error"]

    def test_a_body_that_is_no_json_is_refused(self, front: FakeServer) -> None:
        assert ask(front.url, "POST", "/_faults", body=b"delay").status == 400
        assert ask(front.url, "POST", "/_faults", body=b"[]").status == 400

    def test_counts_requests_and_leaves_control_uncounted(self, front: FakeServer) -> None:
        post(front)
        post(front, "again")
        ask(front.url, "GET", "/_journal")
        assert front.requests == {"POST /api/v1/statuses": 2}

    def test_the_journal_over_http(self, front: FakeServer, behind: FakeMastodon) -> None:
        post(front)
        behind.deleted.add(behind.journal[0].id)
        (entry,) = ask(front.url, "GET", "/_journal").data
        assert entry["text"] == "hello"
        assert entry["deleted"] is True
        assert entry["at"] == "2020-12-18T06:00:00+00:00"


class TestQueue:
    def test_each_fault_hits_as_often_as_it_was_told(self) -> None:
        faults = Faults()
        faults.add(Fault(fault="delay", times=2))
        assert [bool(faults.take("GET", "/")) for _ in range(3)] == [True, True, False]

    def test_lets_requests_through_first(self) -> None:
        faults = Faults()
        faults.add(Fault(fault="delay", after=2))
        assert [bool(faults.take("GET", "/")) for _ in range(4)] == [False, False, True, False]

    def test_hits_only_its_path_and_method(self) -> None:
        faults = Faults()
        faults.add(Fault(fault="delay", path_prefix="/2/tweets", method="POST"))
        assert faults.take("GET", "/2/tweets") is None
        assert faults.take("POST", "/2/users") is None
        assert faults.take("POST", "/2/tweets") is not None

    def test_the_oldest_that_fits_hits_first(self) -> None:
        faults = Faults()
        faults.add(Fault(fault="delay", path_prefix="/a"))
        faults.add(Fault(fault="html"))
        faults.add(Fault(fault="status"))
        assert [found.fault for _ in range(2) if (found := faults.take("GET", "/b"))] == ["html", "status"]
        assert [waiting.fault for waiting in faults.waiting] == ["delay"]


class TestBoundary:
    def test_a_client_that_goes_away_in_its_request_commits_nothing(
        self, front: FakeServer, behind: FakeMastodon
    ) -> None:
        with socket.create_connection(("127.0.0.1", front.port)) as client:
            client.sendall(b"POST /api/v1/statuses HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nstatus=half")
        assert post(front).status == 200
        assert behind.texts == ["hello"]

    def test_a_head_answer_has_no_body(self, front: FakeServer) -> None:
        got = ask(front.url, "HEAD", "/api/v1/instance")
        assert got.body == b""

    def test_a_mistake_of_its_own_comes_to_light(self) -> None:
        class Broken(FakeServer):
            def answer(self, request: Request) -> Answer:
                raise KeyError("a bug")

        server = Broken().start()
        with pytest.raises(http.client.RemoteDisconnected):
            ask(server.url, "GET", "/")
        with pytest.raises(KeyError, match="a bug"):
            server.stop()

    def test_a_proxy_says_when_nothing_is_behind_it(self, behind: FakeMastodon) -> None:
        with FaultProxy(behind.url) as proxy, behind.refusing():
            assert ask(proxy.url, "GET", "/").status == 502

    def test_half_an_answer_is_never_handed_on(self, behind: FakeMastodon) -> None:
        with FaultProxy(behind.url) as proxy:
            behind.fault("truncate")
            assert post(proxy).status == 502
        assert behind.texts == ["hello"]

    def test_a_proxy_hands_on_what_matters_and_no_more(self) -> None:
        class Mirror(FakeServer):
            def answer(self, request: Request) -> Answer:
                body = json.dumps([request.method, request.target, dict(request.headers), request.body.decode()])
                return Answer(status=418, body=body.encode(), headers={"X-Mine": "1", "Connection": "keep-alive"})

        with Mirror() as mirror, FaultProxy(mirror.url) as proxy:
            got = ask(proxy.url, "PUT", "/a%20b?c=d&e", body=b"abc", headers={"X-Own": "ä".encode().decode("latin-1")})
        method, target, headers, body = got.data
        assert (got.status, got.headers["x-mine"]) == (418, "1")
        assert (method, target, body) == ("PUT", "/a%20b?c=d&e", "abc")
        assert headers["host"] == f"127.0.0.1:{proxy.port}"
        assert headers["content-length"] == "3"

    def test_parallel_requests_are_all_answered(self, front: FakeServer, behind: FakeMastodon) -> None:
        got: list[int] = []
        clients = [
            threading.Thread(target=lambda number=number: got.append(post(front, f"post {number}").status))
            for number in range(20)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert got == [200] * 20
        assert len(behind.texts) == 20
        assert len({posted.id for posted in behind.journal}) == 20
