"""Mastodon in a box does what the servers were seen to do."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigner.clock import SteppingClock
from campaigner.fakes.base import Quota
from campaigner.fakes.mastodon import FakeMastodon, KeyMode, content

from .asking import Got, ask, multipart

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\nabc"
TOKEN = "campaigner-token"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def server(clock: SteppingClock) -> Iterator[FakeMastodon]:
    with FakeMastodon(clock=clock, accounts=("campaigner", "other")) as fake:
        yield fake


def post(server: FakeMastodon, text: str = "hello", *, key: str | None = None, **more: Any) -> Got:
    headers = {"Idempotency-Key": key} if key else {}
    return ask(server.url, "POST", "/api/v1/statuses", data={"status": text, **more}, token=TOKEN, headers=headers)


def upload(server: FakeMastodon, data: bytes = PNG, **fields: str) -> Got:
    body, headers = multipart(fields, ("file", data, "image/png"))
    return ask(server.url, "POST", "/api/v2/media", body=body, headers=headers, token=TOKEN)


class TestPosting:
    def test_keeps_what_it_was_told(self, server: FakeMastodon) -> None:
        post(server, "hello", language="fi", spoiler_text="careful", media_ids=[upload(server).data["id"]])
        post(server, "and more")
        assert server.texts == ["hello", "and more"]
        assert [posted.languages for posted in server.journal] == [("fi",), ()]
        assert [len(posted.images) for posted in server.journal] == [1, 0]
        assert server.journal[0].extra["warning"] == "careful"

    @pytest.mark.parametrize("body", [b"status=hello", b"[]"])
    def test_a_body_that_is_no_json_is_refused(self, server: FakeMastodon, body: bytes) -> None:
        assert ask(server.url, "POST", "/api/v1/statuses", body=body, token=TOKEN).status == 400

    def test_counts_as_the_server_counts(self, server: FakeMastodon) -> None:
        link = "https://example.com/" + "a" * 200
        assert post(server, "ä" * 476 + " " + link).status == 200
        refused = post(server, "ä" * 477 + " " + link)
        assert (refused.status, refused.data) == (
            422,
            {"error": "Validation failed: Text character limit of 500 exceeded"},
        )
        assert post(server, "👨\u200d👩\u200d👧\u200d👦" * 500).status == 200
        assert post(server, "a" * 499, spoiler_text="bc").status == 422

    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({"visibility": "everybody"}, 422),
            ({"visibility": "unlisted"}, 200),
            ({"in_reply_to_id": "7"}, 404),
            ({"media_ids": ["7"]}, 422),
            ({"media_ids": ["1", "2", "3", "4", "5"]}, 422),
        ],
    )
    def test_refuses_what_it_does_not_know(self, server: FakeMastodon, more: dict[str, Any], status: int) -> None:
        assert post(server, **more).status == status

    def test_a_post_needs_a_text_or_an_image(self, server: FakeMastodon) -> None:
        assert post(server, " ").status == 422
        assert post(server, "", media_ids=[upload(server).data["id"]]).status == 200

    def test_replies_name_their_target(self, server: FakeMastodon) -> None:
        first = post(server).data["id"]
        assert post(server, "more", in_reply_to_id=first).data["in_reply_to_id"] == first

    @pytest.mark.parametrize("token", [None, "nonsense"])
    def test_a_bad_token(self, server: FakeMastodon, token: str | None) -> None:
        for method, path in [("POST", "/api/v1/statuses"), ("GET", "/api/v1/accounts/verify_credentials")]:
            got = ask(server.url, method, path, token=token)
            assert (got.status, got.data) == (401, {"error": "The access token is invalid"})

    def test_unknown_paths(self, server: FakeMastodon) -> None:
        assert ask(server.url, "GET", "/api/v9/nothing", token=TOKEN).status == 404


class TestKeys:
    def test_honoured_for_an_hour_whatever_the_body(self, server: FakeMastodon, clock: SteppingClock) -> None:
        first = post(server, key="k")
        assert post(server, "other words", key="k").data["id"] == first.data["id"]
        clock.wait_until(NOW + timedelta(minutes=59))
        assert post(server, key="k").data["id"] == first.data["id"]
        clock.wait_until(NOW + timedelta(minutes=61))
        assert post(server, key="k").data["id"] != first.data["id"]
        assert len(server.journal) == 2

    def test_a_refusal_uses_no_key_up(self, server: FakeMastodon) -> None:
        assert post(server, "a" * 501, key="k").status == 422
        assert post(server, "shorter", key="k").status == 200

    @pytest.mark.parametrize(
        ("mode", "status", "posts"),
        [("ignored", 200, 2), ("500 on replay", 500, 1), ("stored answers", 200, 1), ("honoured", 200, 1)],
    )
    def test_a_second_call(self, server: FakeMastodon, mode: KeyMode, status: int, posts: int) -> None:
        server.key_mode = mode
        post(server, key="k")
        assert post(server, key="k").status == status
        assert len(server.journal) == posts

    def test_pleroma_gives_a_refusal_back_too(self, server: FakeMastodon) -> None:
        server.key_mode = "stored answers"
        assert post(server, "a" * 501, key="k").status == 422
        again = post(server, "shorter", key="k")
        assert (again.status, again.headers["idempotent-replayed"]) == (422, "true")

    def test_pixelfed_wants_images_and_refuses_a_key_also_after_a_failure(self, server: FakeMastodon) -> None:
        server.key_mode = "pixelfed"
        assert post(server, key="k").status == 403
        again = post(server, key="k", media_ids=[upload(server).data["id"]])
        assert (again.status, again.data) == (400, {"error": "Duplicate idempotency key."})
        assert server.journal == []


class TestMedia:
    def test_goes_from_processing_to_ready(self, server: FakeMastodon) -> None:
        server.processing = 2
        media = upload(server, description="A man")
        path = f"/api/v1/media/{media.data['id']}"
        assert (media.status, media.data["url"]) == (202, None)
        early = post(server, media_ids=[media.data["id"]])
        assert early.status == 422
        assert "finished processing" in early.data["error"]
        assert [ask(server.url, "GET", path, token=TOKEN).status for _ in range(2)] == [206, 200]
        assert post(server, media_ids=[media.data["id"]]).status == 200
        assert ask(server.url, "GET", path, token=TOKEN).status == 404

    def test_belongs_to_its_account(self, server: FakeMastodon) -> None:
        media = upload(server).data["id"]
        assert ask(server.url, "GET", f"/api/v1/media/{media}", token="other-token").status == 404

    @pytest.mark.parametrize(
        ("data", "fields"), [(b"no image", {}), (PNG + b"0" * 100, {}), (PNG, {"description": "a" * 1501})]
    )
    def test_refused(self, server: FakeMastodon, data: bytes, fields: dict[str, str]) -> None:
        server.limits["image_bytes"] = 50
        assert upload(server, data, **fields).status == 422

    def test_no_file_at_all(self, server: FakeMastodon) -> None:
        assert ask(server.url, "POST", "/api/v2/media", data={}, token=TOKEN).status == 422


class TestReading:
    def test_who_am_i(self, server: FakeMastodon) -> None:
        found = ask(server.url, "GET", "/api/v1/accounts/verify_credentials", token="other-token").data
        assert (found["id"], found["acct"]) == ("101", "other")

    def test_a_status_and_its_end(self, server: FakeMastodon) -> None:
        path = f"/api/v1/statuses/{post(server, 'R&D <3').data['id']}"
        assert ask(server.url, "GET", path, token=TOKEN).data["content"] == "<p>R&amp;D &lt;3</p>"
        assert ask(server.url, "DELETE", path, token="other-token").status == 404
        assert ask(server.url, "DELETE", path, token=TOKEN).data["text"] == "R&D <3"
        assert [ask(server.url, method, path, token=TOKEN).status for method in ("GET", "DELETE")] == [404, 404]
        assert len(server.journal) == 1

    def test_lists_the_newest_first_page_by_page(self, server: FakeMastodon) -> None:
        ids = [post(server, f"post {number}").data["id"] for number in range(5)]
        path = "/api/v1/accounts/100/statuses"
        first = ask(server.url, "GET", f"{path}?limit=2", token=TOKEN)
        assert [found["id"] for found in first.data] == [ids[4], ids[3]]
        rest = ask(server.url, "GET", f"{path}?limit=40&max_id={ids[3]}", token=TOKEN)
        assert [found["id"] for found in rest.data] == [ids[2], ids[1], ids[0]]
        assert ask(server.url, "GET", "/api/v1/accounts/101/statuses", token=TOKEN).data == []

    def test_the_instance_tells_its_limits(self, server: FakeMastodon) -> None:
        server.limits["characters"] = 5000
        newest = ask(server.url, "GET", "/api/v2/instance").data
        older = ask(server.url, "GET", "/api/v1/instance").data
        assert newest["configuration"]["statuses"]["max_characters"] == older["max_toot_chars"] == 5000
        assert post(server, "a" * 5000).status == 200


def test_html_holds_every_word_of_a_text() -> None:
    text = "R&D <3\nTänään\n\n\n#SiirtolaistenPäivä https://example.com/a/very/long/path/that/is/cut?x=1&y=2 @iom@social.example"
    page = content(text, "http://server.example")
    assert page.startswith("<p>R&amp;D &lt;3<br />Tänään</p><p>")
    assert 'class="mention hashtag"' in page
    assert '<span class="ellipsis">' in page
    seen = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert re.sub(r"\s", "", seen) == re.sub(r"\s", "", text)


def test_limits_of_calls_come_with_a_time_in_iso(clock: SteppingClock) -> None:
    quotas = {name: Quota(name, 2, timedelta(minutes=5)) for name in ("any", "post", "media", "delete")}
    with FakeMastodon(clock=clock, quotas=quotas) as server:
        assert [post(server).headers["x-ratelimit-remaining"] for _ in range(2)] == ["1", "0"]
        refused = post(server)
        assert (refused.status, refused.headers["x-ratelimit-reset"]) == (429, "2020-12-18T06:05:00.000Z")
        assert "retry-after" not in refused.headers
        clock.wait_until(NOW + timedelta(minutes=5))
        assert post(server).status == 200
