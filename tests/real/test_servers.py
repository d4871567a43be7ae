"""The real servers do what the other tests here take for granted; spoken to by plain HTTP, without campaigner."""

from __future__ import annotations

import socket
import sys
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from .conftest import MastodonMock, Pds

TEXT = "Hyvää siirtolaisten päivää! #SiirtolaistenPäivä"


def call(pds: Pds, method: str, body: dict[str, Any], token: str = "") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.post(f"{pds.url}/xrpc/com.atproto.{method}", json=body, headers=headers, timeout=20)


def session_token(pds: Pds) -> str:
    answer = call(pds, "server.createSession", {"identifier": pds.handle, "password": pds.app_password})
    assert answer.ok, answer.text
    return str(answer.json()["accessJwt"])


def put(pds: Pds, token: str, text: str) -> requests.Response:
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2020-12-18T06:00:00.000Z", "langs": ["fi"]}
    where = {"repo": pds.did, "collection": "app.bsky.feed.post", "rkey": "3jt5uc7e2ks2y"}
    return call(pds, "repo.putRecord", {**where, "record": record, "swapRecord": None}, token)


def test_the_pds_keeps_one_record_under_a_chosen_key(pds: Pds) -> None:
    token = session_token(pds)
    first, again, other = put(pds, token, TEXT), put(pds, token, TEXT), put(pds, token, "Something else")
    assert (first.status_code, again.status_code, again.json()["cid"]) == (200, 200, first.json()["cid"])
    assert (other.status_code, other.json()["error"]) == (400, "InvalidSwap")
    assert [record["value"]["text"] for record in pds.records()] == [TEXT]


def test_the_pds_refuses_what_is_too_long(pds: Pds) -> None:
    refused = put(pds, session_token(pds), "a" * 301)
    assert (refused.status_code, pds.records()) == (400, [])
    assert "grapheme too big" in refused.json()["message"]


def test_the_pds_refuses_a_wrong_password(pds: Pds) -> None:
    assert call(pds, "server.createSession", {"identifier": pds.handle, "password": "no"}).status_code == 401


def test_more_than_a_page_of_records_is_listed(pds: Pds) -> None:
    token = session_token(pds)
    for number in range(101):
        record = {"$type": "app.bsky.feed.post", "text": str(number), "createdAt": "2020-12-18T06:00:00.000Z"}
        body = {"repo": pds.did, "collection": "app.bsky.feed.post", "record": record}
        assert call(pds, "repo.createRecord", body, token).ok
    assert {record["value"]["text"] for record in pds.records()} == {str(number) for number in range(101)}


def post_status(mock: MastodonMock, text: str, key: str, token: str | None = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token or mock.access_token}", "Idempotency-Key": key}
    body = {"status": text, "language": "fi"}
    return requests.post(f"{mock.url}/api/v1/statuses", json=body, headers=headers, timeout=10)


def test_mastodon_mock_keeps_one_status_for_a_key(mastodon_mock: MastodonMock) -> None:
    first, again = post_status(mastodon_mock, TEXT, "k1"), post_status(mastodon_mock, TEXT, "k1")
    assert (first.status_code, first.json()["id"]) == (200, again.json()["id"])
    assert [(status["id"], status["language"]) for status in mastodon_mock.statuses()] == [(first.json()["id"], "fi")]


def test_mastodon_mock_refuses_a_wrong_token(mastodon_mock: MastodonMock) -> None:
    assert post_status(mastodon_mock, TEXT, "k1", "no_token").status_code == 401
    assert mastodon_mock.statuses() == []


def test_more_than_a_page_of_statuses_is_listed(mastodon_mock: MastodonMock) -> None:
    posted = [post_status(mastodon_mock, f"Number {number}", f"k{number}").json()["id"] for number in range(41)]
    assert [status["id"] for status in mastodon_mock.statuses()] == posted[::-1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
@pytest.mark.parametrize("server", ["pds", "mastodon_mock"])
def test_the_servers_listen_on_one_address_only(request: pytest.FixtureRequest, server: str) -> None:
    """A server on all interfaces would answer on 127.0.0.2 too."""
    port = urlsplit(request.getfixturevalue(server).url).port
    socket.create_connection(("127.0.0.1", port), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), 5)
