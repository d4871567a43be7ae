"""X in a box does what the documents of its API say."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from oauthlib.oauth1 import Client

from campaigner.clock import SteppingClock
from campaigner.fakes.base import PublishedPost
from campaigner.fakes.http_messages import Request
from campaigner.fakes.x import FakeX, credentials_of, is_signed

from .asking import Got, ask

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0 a photo"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def server(clock: SteppingClock) -> Iterator[FakeX]:
    with FakeX(clock=clock, accounts=("campaigner", "other")) as fake:
        yield fake


def call(server: FakeX, method: str, path: str, account: str = "campaigner", **sent: Any) -> Got:
    _, headers, _ = Client(*credentials_of(account).values()).sign(f"{server.url}{path}", method)
    return ask(server.url, method, path, headers={**headers, **sent.pop("headers", {})}, **sent)


def post(server: FakeX, text: str = "hello", account: str = "campaigner", **more: Any) -> Got:
    return call(server, "POST", "/2/tweets", account, data={"text": text, **more})


def upload(server: FakeX, data: bytes = JPEG, account: str = "campaigner", **more: Any) -> Got:
    body = {"media": b64encode(data).decode(), "media_category": "tweet_image", **more}
    return call(server, "POST", "/2/media/upload", account, data=body)


class TestPosting:
    def test_is_created(self, server: FakeX) -> None:
        got = post(server)
        assert (got.status, got.data["data"]["text"]) == (201, "hello")
        assert got.headers["x-rate-limit-remaining"] == "99"
        assert got.headers["x-rate-limit-reset"] == str(int((NOW + timedelta(minutes=15)).timestamp()) + 1)
        assert int(got.data["data"]["id"]) >> 22 == int(NOW.timestamp() * 1000) - 1_288_834_974_657

    @pytest.mark.parametrize(
        "more",
        [
            {"language": "fi"},
            {"media": {"media_ids": ["1"], "alt": "x"}},
            {"reply": {"to": "1"}},
            {"reply": "1"},
            {"media": {"media_ids": []}},
            {"media": {"media_ids": [7]}},
            {"text": ""},
            {"text": 7},
            {"text": "ä" * 281},
        ],
    )
    def test_a_bad_parameter_is_a_400(self, server: FakeX, more: dict[str, Any]) -> None:
        got = post(server, **more) if "text" not in more else call(server, "POST", "/2/tweets", data=more)
        assert (got.status, got.data["title"]) == (400, "Invalid Request")
        assert server.journal == []

    @pytest.mark.parametrize("text", ["$IOM and $UN", "not \ufffe allowed"])
    def test_what_is_not_permitted(self, server: FakeX, text: str) -> None:
        assert post(server, text).data["detail"] == "You are not permitted to perform this action."

    def test_counts_as_x_does(self, server: FakeX) -> None:
        assert post(server, "ä" * 256 + " https://example.com/" + "a" * 300).status == 201
        assert post(server, "…" * 140).status == 201
        assert post(server, "…" * 141).status == 400
        server.long_posts = True
        assert post(server, "…" * 141).status == 201

    def test_no_json(self, server: FakeX) -> None:
        assert call(server, "POST", "/2/tweets", body=b"[").status == 400

    def test_a_twin_is_refused_within_the_window(self, server: FakeX, clock: SteppingClock) -> None:
        first = post(server, "hello \u00e4").data["data"]["id"]
        twin = post(server, " hello  a\u0308")
        assert (twin.status, first in twin.body.decode()) == (403, False)
        assert "duplicate content" in twin.data["detail"]
        assert post(server, "hello \u00e4", "other").status == 201
        clock.wait_until(NOW + server.duplicate_window)
        assert post(server, "hello \u00e4").status == 201

    def test_a_deleted_post_has_no_twin(self, server: FakeX) -> None:
        first = post(server).data["data"]["id"]
        assert call(server, "DELETE", f"/2/tweets/{first}", "other").status == 403
        assert call(server, "DELETE", f"/2/tweets/{first}").data == {"data": {"deleted": True}}
        assert "data" not in call(server, "DELETE", f"/2/tweets/{first}").data
        assert post(server).status == 201

    def test_replies(self, server: FakeX) -> None:
        first = post(server).data["data"]["id"]
        assert post(server, "more", reply={"in_reply_to_tweet_id": first}).status == 201
        assert post(server, "none", reply={"in_reply_to_tweet_id": "1"}).status == 400

    def test_a_path_that_is_none(self, server: FakeX) -> None:
        assert call(server, "GET", "/2/nothing").data["status"] == 404


class TestMedia:
    def test_is_uploaded_and_attached(self, server: FakeX) -> None:
        one, two = (upload(server).data["data"] for _ in range(2))
        assert one["size"] == two["size"] == len(JPEG)
        assert one["expires_after_secs"] == 86_400
        post(server, media={"media_ids": [one["id"], two["id"]]})
        assert [image.media_type for image in server.journal[0].images] == ["image/jpeg", "image/jpeg"]

    @pytest.mark.parametrize(
        "more",
        [
            {"media_category": "tweet_gif"},
            {"media": "not base64!"},
            {"media": 7},
            {"total_bytes": 3},
            {"media": "aGVsbG8="},
        ],
    )
    def test_refused(self, server: FakeX, more: dict[str, Any]) -> None:
        assert upload(server, **more).status == 400

    def test_belongs_to_its_account_and_runs_out(self, server: FakeX, clock: SteppingClock) -> None:
        media = {"media_ids": [upload(server).data["data"]["id"]]}
        assert post(server, "theirs", "other", media=media).status == 400
        clock.wait_until(NOW + timedelta(days=1))
        assert post(server, media=media).status == 400

    @pytest.mark.parametrize(
        ("metadata", "status"),
        [
            ({"alt_text": {"text": "a" * 1000}}, 200),
            ({"alt_text": {"text": "a" * 1001}}, 400),
            ({"alt_text": "a"}, 400),
            ("a", 400),
        ],
    )
    def test_alt_text(self, server: FakeX, metadata: Any, status: int) -> None:
        media = upload(server).data["data"]["id"]
        got = call(server, "POST", "/2/media/metadata", data={"id": media, "metadata": metadata})
        assert got.status == status
        post(server, media={"media_ids": [media]})
        assert len(server.journal[0].images[0].alt) == (1000 if status == 200 else 0)


class TestTimeline:
    PATH = "/2/users/1000/tweets"

    def test_is_escaped_shortened_and_newest_first(self, server: FakeX, clock: SteppingClock) -> None:
        post(
            server, "R&D <3 https://example.com/a example.org", media={"media_ids": [upload(server).data["data"]["id"]]}
        )
        clock.wait_until(NOW + timedelta(minutes=1))
        reply = {"in_reply_to_tweet_id": server.journal[0].id}
        post(server, "second", reply=reply)
        post(server, "theirs", "other")
        fields = "?tweet.fields=created_at,entities,referenced_tweets,note_tweet"
        newest, oldest = call(server, "GET", self.PATH + fields).data["data"]
        assert newest["text"] == "second"
        assert newest["referenced_tweets"] == [{"type": "replied_to", "id": oldest["id"]}]
        assert newest["created_at"] == "2020-12-18T06:01:00.000Z"
        link, bare, media = oldest["entities"]["urls"]
        assert oldest["text"] == f"R&amp;D &lt;3 {link['url']} {bare['url']} {media['url']}"
        assert (link["expanded_url"], bare["expanded_url"]) == ("https://example.com/a", "http://example.org")
        assert media["expanded_url"].endswith("/photo/1")
        assert "note_tweet" not in oldest

    def test_gives_only_the_fields_that_were_asked_for(self, server: FakeX) -> None:
        post(server)
        (found,) = call(server, "GET", self.PATH).data["data"]
        assert set(found) == {"id", "text", "edit_history_tweet_ids"}

    def test_an_empty_one_has_no_data(self, server: FakeX) -> None:
        assert call(server, "GET", self.PATH).data == {"meta": {"result_count": 0}}

    def test_a_long_post_is_cut_and_whole_in_its_note(self, server: FakeX) -> None:
        server.long_posts = True
        text = "many words " * 40
        post(server, text)
        (found,) = call(server, "GET", f"{self.PATH}?tweet.fields=note_tweet").data["data"]
        assert found["text"].endswith("…")
        assert found["note_tweet"]["text"] == text

    def test_pages_and_start(self, server: FakeX) -> None:
        for number in range(12):
            at = NOW + timedelta(seconds=number)
            server.journal.append(PublishedPost(account="campaigner", id=str(number), text=f"post {number}", at=at))
        first = call(server, "GET", f"{self.PATH}?max_results=5").data
        assert first["meta"] == {"result_count": 5, "newest_id": "11", "oldest_id": "7", "next_token": "5"}
        last = call(server, "GET", f"{self.PATH}?max_results=5&pagination_token=10").data["meta"]
        assert (last["result_count"], "next_token" in last) == (2, False)
        since = call(server, "GET", f"{self.PATH}?start_time=2020-12-18T06:00:10Z").data["meta"]
        assert since["result_count"] == 2

    @pytest.mark.parametrize("query", ["max_results=4", "max_results=101", "max_results=x", "start_time=x", "count=5"])
    def test_refuses_what_it_does_not_take(self, server: FakeX, query: str) -> None:
        assert call(server, "GET", f"{self.PATH}?{query}").status == 400


class TestSignatures:
    SECRETS = credentials_of("somebody")

    def sign(self, url: str, method: str, **sent: Any) -> dict[str, str]:
        signer = Client(*self.SECRETS.values())
        return {name.lower(): value for name, value in signer.sign(url, method, **sent)[1].items()}

    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("http://api.x.example/2/a?b=c%20d&e=%C3%A4&e=1&f", "api.x.example"),
            ("http://api.x.example:80/2/a", "api.x.example:80"),
            ("http://127.0.0.1:8123/2/a%2Fb", "127.0.0.1:8123"),
        ],
    )
    def test_agree_with_oauthlib(self, url: str, host: str) -> None:
        target = "/" + url.split("/", 3)[3]
        headers = {**self.sign(url, "GET"), "host": host}
        assert is_signed(Request(method="GET", target=target, headers=headers), self.SECRETS)
        assert not is_signed(Request(method="POST", target=target, headers=headers), self.SECRETS)
        assert not is_signed(Request(method="GET", target=target + "x", headers=headers), self.SECRETS)

    def test_a_form_is_signed_with_its_body(self) -> None:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        headers = self.sign("http://a.example/b", "POST", body="status=a+b", headers=kind)
        sent = Request(method="POST", target="/b", headers={**headers, "host": "a.example"}, body=b"status=a+b")
        assert is_signed(sent, self.SECRETS)
        changed = Request(method="POST", target="/b", headers={**headers, "host": "a.example"}, body=b"status=c")
        assert not is_signed(changed, self.SECRETS)

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "OAuth "}])
    def test_no_signature(self, server: FakeX, headers: dict[str, str]) -> None:
        got = ask(server.url, "GET", "/2/users/me", headers=headers)
        assert (got.status, got.data["detail"]) == (401, "Unauthorized")
