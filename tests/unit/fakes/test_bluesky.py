"""A Bluesky PDS in a box does what a real one was seen to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lexrpc.base import Base, ValidationError

from campaigner.clock import SteppingClock
from campaigner.fakes.base import Quota
from campaigner.fakes.bluesky import POST, FakeBluesky, cid_of_blob

from .asking import Got, ask

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
KEY = "3kabcdefghij2"
REPO = "/xrpc/com.atproto.repo."
SERVER = "/xrpc/com.atproto.server."
LOGIN = {"identifier": "campaigner.test", "password": "campaigner-password"}
URI = "at://did:plc:z72i7hdynmk6r22z27h6tvur/app.bsky.feed.post/3kabcdefghij2"
FAMILY = "👨\u200d👩\u200d👧\u200d👦"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def server(clock: SteppingClock) -> Iterator[FakeBluesky]:
    with FakeBluesky(clock=clock, accounts=("campaigner", "other")) as fake:
        yield fake


@pytest.fixture
def token(server: FakeBluesky) -> str:
    return str(login(server).data["accessJwt"])


def login(server: FakeBluesky, **changed: str) -> Got:
    return ask(server.url, "POST", f"{SERVER}createSession", data={**LOGIN, **changed})


def record(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"$type": POST, "text": text, "createdAt": "2020-12-18T06:00:00Z", **more}


def put(server: FakeBluesky, token: str, value: Any = None, *, key: str = KEY, **more: Any) -> Got:
    data = {"repo": server.did(), "collection": POST, "rkey": key, "record": value or record(), **more}
    return ask(server.url, "POST", f"{REPO}putRecord", data=data, token=token)


def upload(server: FakeBluesky, token: str, data: bytes = b"\x89PNG\r\n\x1a\n") -> Got:
    return ask(server.url, "POST", f"{REPO}uploadBlob", body=data, headers={"Content-Type": "image/png"}, token=token)


class TestSessions:
    def test_sign_in_and_who_am_i(self, server: FakeBluesky, token: str) -> None:
        found = ask(server.url, "GET", f"{SERVER}getSession", token=token).data
        assert (found["did"], found["handle"], found["active"]) == (server.did(), "campaigner.test", True)
        assert login(server, identifier=server.did()).status == 200

    def test_a_wrong_password(self, server: FakeBluesky) -> None:
        got = login(server, password="nonsense")
        assert (got.status, got.data["error"]) == (401, "AuthenticationRequired")

    @pytest.mark.parametrize(("given", "status", "name"), [(None, 401, "AuthMissing"), ("a.b.c", 400, "InvalidToken")])
    def test_no_token_and_garbage(self, server: FakeBluesky, given: str | None, status: int, name: str) -> None:
        for got in (ask(server.url, "GET", f"{SERVER}getSession", token=given), put(server, given or "")):
            assert (got.status, got.data["error"]) == (status, name)
            assert "ratelimit-limit" not in got.headers
        assert ask(server.url, "POST", f"{SERVER}refreshSession", token=given).data["error"] == name

    def test_an_access_token_runs_out_as_a_400(self, server: FakeBluesky, token: str, clock: SteppingClock) -> None:
        clock.wait_until(NOW + timedelta(hours=2))
        got = put(server, token)
        assert (got.status, got.data["error"]) == (400, "ExpiredToken")
        assert server.journal == []

    def test_the_fault_ends_every_access_token_for_good(self, server: FakeBluesky, token: str) -> None:
        server.fault("expire_token")
        assert [put(server, token).data["error"] for _ in range(2)] == ["ExpiredToken", "ExpiredToken"]
        assert put(server, login(server).data["accessJwt"]).status == 200

    def test_refreshing_rotates_both_and_the_old_one_has_a_grace(
        self, server: FakeBluesky, clock: SteppingClock
    ) -> None:
        first = login(server).data
        second = ask(server.url, "POST", f"{SERVER}refreshSession", token=first["refreshJwt"]).data
        assert first["accessJwt"] != second["accessJwt"]
        assert first["refreshJwt"] != second["refreshJwt"]
        again = ask(server.url, "POST", f"{SERVER}refreshSession", token=first["refreshJwt"]).data
        assert again["refreshJwt"] == second["refreshJwt"]
        clock.wait_until(NOW + timedelta(hours=2))
        late = ask(server.url, "POST", f"{SERVER}refreshSession", token=first["refreshJwt"])
        assert (late.status, late.data["error"]) == (400, "ExpiredToken")
        assert ask(server.url, "POST", f"{SERVER}refreshSession", token=second["refreshJwt"]).status == 200

    def test_each_token_is_for_its_own_door(self, server: FakeBluesky, token: str) -> None:
        refused = ask(server.url, "POST", f"{SERVER}refreshSession", token=token)
        assert (refused.status, refused.data["error"]) == (400, "InvalidToken")
        assert put(server, login(server).data["refreshJwt"]).data["error"] == "InvalidToken"

    def test_thirty_sign_ins_in_five_minutes(self, server: FakeBluesky, clock: SteppingClock) -> None:
        assert {login(server).status for _ in range(30)} == {200}
        clock.wait_until(NOW + timedelta(seconds=12))
        refused = login(server)
        assert (refused.status, refused.data["error"]) == (429, "RateLimitExceeded")
        assert refused.headers["retry-after"] == "288"
        assert refused.headers["ratelimit-policy"] == "30;w=300"
        clock.wait_until(NOW + timedelta(minutes=5))
        assert login(server).status == 200


class TestWriting:
    def test_put_twice_is_one_record_and_the_second_has_no_commit(self, server: FakeBluesky, token: str) -> None:
        first, second = (put(server, token, swapRecord=None) for _ in range(2))
        assert (first.status, second.status) == (200, 200)
        assert first.data["cid"] == second.data["cid"]
        assert ("commit" in first.data, "commit" in second.data) == (True, False)
        assert len(server.journal) == 1

    def test_put_of_something_else_overwrites_unless_told_not_to(self, server: FakeBluesky, token: str) -> None:
        first = put(server, token).data["cid"]
        refused = put(server, token, record("else"), swapRecord=None)
        assert (refused.status, refused.data["error"]) == (400, "InvalidSwap")
        assert refused.data["message"] == f"Record was at {first}"
        assert put(server, token, record("else")).status == 200
        assert server.texts == ["else"]
        assert put(server, token, record("third"), swapRecord=first).status == 400

    def test_eight_at_once_make_one_record(self, server: FakeBluesky, token: str) -> None:
        got: list[int] = []
        threads = [
            threading.Thread(target=lambda: got.append(put(server, token, swapRecord=None).status)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [200] * 8
        assert len(server.journal) == 1

    @pytest.mark.parametrize(
        ("key", "message"),
        [("campaign-42", "Invalid TID string"), ("a b", "Invalid record key"), (".", "Invalid record key")],
    )
    def test_keys_are_tids(self, server: FakeBluesky, token: str, key: str, message: str) -> None:
        got = put(server, token, key=key)
        assert (got.status, got.data["message"]) == (400, message)

    def test_another_repository(self, server: FakeBluesky, token: str) -> None:
        got = put(server, token, repo=server.did("other"))
        assert (got.status, got.data["error"]) == (403, "AccountNotFound")
        delete = {"repo": server.did("other"), "collection": POST, "rkey": KEY}
        assert ask(server.url, "POST", f"{REPO}deleteRecord", data=delete, token=token).status == 403

    def test_deleting_is_always_well_and_the_key_is_free_again(self, server: FakeBluesky, token: str) -> None:
        uri = put(server, token).data["uri"]
        delete = {"repo": server.did(), "collection": POST, "rkey": KEY}
        for _ in range(2):
            assert ask(server.url, "POST", f"{REPO}deleteRecord", data=delete, token=token).data == {}
        assert server.visible == []
        gone = ask(server.url, "GET", f"{REPO}getRecord?repo={server.did()}&collection={POST}&rkey={KEY}")
        assert (gone.status, gone.data["error"]) == (400, "RecordNotFound")
        assert put(server, token, swapRecord=None).data["uri"] == uri
        assert len(server.journal) == 2
        assert len(server.visible) == 1

    def test_points_run_out(self, server: FakeBluesky, token: str, clock: SteppingClock) -> None:
        server.points = 3
        assert [put(server, token, record(text)).status for text in ("one", "two")] == [200, 429]
        delete = {"repo": server.did(), "collection": POST, "rkey": KEY}
        assert ask(server.url, "POST", f"{REPO}deleteRecord", data=delete, token=token).status == 200
        clock.wait_until(NOW + timedelta(hours=1))
        assert put(server, token, record("two")).status == 200

    @pytest.mark.parametrize("data", [{}, {"collection": 3, "record": {}}, {"collection": POST, "record": []}])
    def test_nothing_to_write(self, server: FakeBluesky, token: str, data: dict[str, Any]) -> None:
        got = ask(server.url, "POST", f"{REPO}putRecord", data={"repo": server.did(), "rkey": KEY, **data}, token=token)
        assert got.status == 400

    def test_no_json(self, server: FakeBluesky, token: str) -> None:
        assert ask(server.url, "POST", f"{REPO}putRecord", body=b"{", token=token).status == 400


def blob(data: bytes, size: int | None = None) -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": cid_of_blob(data)}, "mimeType": "image/png", "size": size or len(data)}


def images(*pictures: dict[str, Any]) -> dict[str, Any]:
    return {"embed": {"$type": "app.bsky.embed.images", "images": list(pictures)}}


def facet(start: Any = 0, end: Any = 5, **feature: Any) -> dict[str, Any]:
    kind = {"uri": "link", "did": "mention", "tag": "tag"}[next(iter(feature))]
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **feature}],
    }


REFUSED = [
    (record("a" * 301), "grapheme too big (maximum 300, got 301) at $.record.text"),
    (record(FAMILY * 121), "string too big (maximum 3000, got 3025) at $.record.text"),
    (record(7), "Expected string value type at $.record.text"),
    ({"$type": POST, "text": "a"}, 'Missing required key "createdAt" at $.record'),
    (record(createdAt="2026-01-01 00:00"), "Invalid datetime"),
    (record(createdAt="2026-13-01T00:00:00Z"), "Invalid datetime"),
    (record(langs=["en", "fi", "sv", "et"]), "array too big (maximum 3, got 4) at $.record.langs"),
    (record(langs=["finnish_"]), 'Invalid language (got "finnish_")'),
    (record(facets=[facet(-1, uri="https://a.example")]), "integer too small"),
    (record(facets=[{"features": []}]), 'Missing required key "index"'),
    (record(facets=[facet(uri="no uri")]), "Invalid URI"),
    (record(facets=[facet(did="@campaigner")]), "Invalid DID"),
    (record(facets=[facet(tag="a" * 65)]), "grapheme too big"),
    (record(reply={"root": {"uri": URI, "cid": cid_of_blob(b"")}}), 'Missing required key "parent"'),
    (record(reply={name: {"uri": URI, "cid": "c"} for name in ("root", "parent")}), "Invalid CID"),
    (record(reply={name: {"uri": "x", "cid": cid_of_blob(b"")} for name in ("root", "parent")}), "Invalid AT-URI"),
    (record(**images(*[{"alt": "", "image": blob(b"x")}] * 5)), "array too big (maximum 4, got 5)"),
    (record(**images({"image": blob(b"x")})), 'Missing required key "alt"'),
    (record(**images({"alt": "", "image": "x"})), "Expected blob value type"),
    (record(embed={"$type": "app.bsky.embed.external", "external": {"uri": "https://a.example"}}), '"title"'),
]
TAKEN = [
    record(FAMILY * 120),
    record("ä" * 300, langs=["en", "fi-FI", "zh-Hant"]),
    record(facets=[facet(3, 900, uri="https://a.example")]),
    record(facets=[facet(5, 2, tag="MigrantsDay")]),
    record(reply={name: {"uri": URI, "cid": cid_of_blob(b"a post")} for name in ("root", "parent")}),
    record(createdAt="2020-12-18T08:00:00.123+02:00"),
]


class TestRecords:
    @pytest.mark.parametrize(("value", "message"), REFUSED)
    def test_refused(self, server: FakeBluesky, token: str, value: dict[str, Any], message: str) -> None:
        got = put(server, token, value)
        assert (got.status, got.data["error"]) == (400, "InvalidRequest")
        assert got.data["message"].startswith("Invalid app.bsky.feed.post record: ")
        assert message in got.data["message"]
        assert server.journal == []

    @pytest.mark.parametrize("value", TAKEN)
    def test_taken_ranges_of_facets_unseen(self, server: FakeBluesky, token: str, value: dict[str, Any]) -> None:
        assert put(server, token, value).status == 200

    def test_another_type(self, server: FakeBluesky, token: str) -> None:
        assert put(server, token, {"text": "a"}).status == 400


class TestBlobs:
    def test_in_a_post(self, server: FakeBluesky, token: str) -> None:
        given = upload(server, token).data["blob"]
        assert given == upload(server, token).data["blob"]
        put(server, token, record(langs=["fi"], **images({"alt": "A man", "image": given})))
        (posted,) = server.journal
        assert [(image.alt, image.media_type) for image in posted.images] == [("A man", "image/png")]
        assert posted.languages == ("fi",)

    def test_unknown_too_large_and_far_too_large(self, server: FakeBluesky, token: str) -> None:
        unknown = put(server, token, record(**images({"alt": "", "image": blob(b"never uploaded")})))
        assert (unknown.status, unknown.data["error"]) == (400, "BlobNotFound")
        large = upload(server, token, b"0" * 1_200_000).data["blob"]
        assert put(server, token, record(**images({"alt": "", "image": large}))).status == 200
        external = {"uri": "https://a.example", "title": "t", "description": "d", "thumb": large}
        refused = put(server, token, record(embed={"$type": "app.bsky.embed.external", "external": external}))
        assert "blob too big (maximum 1000000, got 1200000)" in refused.data["message"]
        server.blob_bytes = 1_000_000
        assert put(server, token, record("older", **images({"alt": "", "image": large}))).status == 400
        too_large = upload(server, token, b"0" * 6_000_000)
        assert (too_large.status, too_large.data["error"]) == (413, "PayloadTooLarge")


class TestReading:
    def test_lists_the_highest_key_first(self, server: FakeBluesky, token: str) -> None:
        keys = [f"3kabcdefghi{letter}2" for letter in "cabd"]
        for key in keys:
            put(server, token, record(key), key=key)
        path = f"{REPO}listRecords?repo={server.did()}&collection={POST}"
        page = ask(server.url, "GET", f"{path}&limit=3").data
        assert [found["value"]["text"] for found in page["records"]] == sorted(keys, reverse=True)[:3]
        rest = ask(server.url, "GET", f"{path}&cursor={page['cursor']}").data
        assert [found["value"]["text"] for found in rest["records"]] == [min(keys)]
        assert ask(server.url, "GET", f"{path}&cursor=2").data == {"records": []}

    def test_gets_one_record_without_a_token(self, server: FakeBluesky, token: str) -> None:
        put(server, token)
        found = ask(server.url, "GET", f"{REPO}getRecord?repo={server.did()}&collection={POST}&rkey={KEY}").data
        assert found["value"] == record()

    def test_resolves_handles(self, server: FakeBluesky) -> None:
        server.handles["iom.test"] = "did:plc:iom"
        path = "/xrpc/com.atproto.identity.resolveHandle?handle="
        assert ask(server.url, "GET", f"{path}other.test").data == {"did": server.did("other")}
        assert ask(server.url, "GET", f"{path}iom.test").data == {"did": "did:plc:iom"}
        assert ask(server.url, "GET", f"{path}nobody.test").status == 400

    def test_tells_its_rate_limit_in_lower_case_and_epoch(self, server: FakeBluesky) -> None:
        headers = ask(server.url, "GET", "/xrpc/com.atproto.identity.resolveHandle?handle=other.test").headers
        assert headers["ratelimit-limit"] == "3000"
        assert headers["ratelimit-reset"] == str(int((NOW + timedelta(minutes=5)).timestamp()))

    def test_has_no_app_view(self, server: FakeBluesky, token: str) -> None:
        got = ask(server.url, "GET", "/xrpc/app.bsky.actor.getProfile?actor=a", token=token)
        assert (got.status, got.data["error"]) == (502, "UpstreamFailure")
        assert ask(server.url, "GET", "/xrpc/com.example.nothing").status == 501


def test_every_address_has_a_limit_of_calls(clock: SteppingClock) -> None:
    with FakeBluesky(clock=clock, login=Quota("createSession", 1, timedelta(minutes=5))) as server:
        assert [login(server).status for _ in range(2)] == [200, 429]
        assert login(server, identifier="else.test").status == 401


@pytest.fixture(scope="module")
def official() -> Base:
    """The lexicons of the Bluesky project, as lexrpc ships them."""
    return Base(truncate=False)


@pytest.mark.parametrize("value", TAKEN)
def test_takes_what_the_official_lexicon_takes(official: Base, value: dict[str, Any]) -> None:
    official.validate(POST, "record", value)


@pytest.mark.parametrize("value", [value for value, _ in REFUSED])
def test_refuses_what_the_official_lexicon_refuses(official: Base, value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        official.validate(POST, "record", value)
