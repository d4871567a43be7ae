"""What is Mastodon's own, beside the contract of all platforms: keys, images at work, relatives with other manners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from campaigner.campaign.config import Secret
from campaigner.clock import SteppingClock
from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon, KeyMode
from campaigner.platforms.base import (
    Absent,
    AccountLimits,
    Identity,
    InDoubt,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from campaigner.platforms.mastodon import Mastodon, MastodonOptions
from tests.unit.platforms.parts import FINNISH, NOW, account_of, media_of, part_of
from tests.unit.platforms.raw_server import RawServer, answering, http

STATUSES = "/api/v1/statuses"
ACCOUNTS = "/api/v1/accounts/"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def server(clock: SteppingClock) -> Iterator[FakeMastodon]:
    with FakeMastodon(clock=clock) as fake:
        yield fake


@pytest.fixture
def adapter(server: FakeMastodon, clock: SteppingClock) -> Iterator[Mastodon]:
    made = connect(server.url, clock)
    yield made
    made.close()


def connect(url: str, clock: SteppingClock, token: str = "campaigner-token") -> Mastodon:
    options = MastodonOptions(server=url, access_token=Secret(kind="env", name="TOKEN"))
    return account_of(Mastodon, options, {"access_token": token}, clock)


def in_doubt(part: PartToSend) -> PartToSend:
    """The same part after a first attempt."""
    return part_of(
        part.text,
        **{**{name: getattr(part, name) for name in ("languages", "media", "parent", "root")}, "attempted_at": NOW},
    )


def test_who_we_are(adapter: Mastodon, server: FakeMastodon) -> None:
    host = f"127.0.0.1:{server.port}"
    assert adapter.identity() == Identity(id=f"{host}:100", name=f"@campaigner@{host}", url=f"{server.url}/@campaigner")
    assert (adapter.reconciliation, adapter.absence_after) == (Reconciliation.NATIVE_KEY, timedelta(minutes=2))


def test_a_post_with_all_that_a_post_can_have(adapter: Mastodon, server: FakeMastodon) -> None:
    uploaded = adapter.prepare(media_of())
    assert isinstance(uploaded, Uploaded)
    media = (media_of(upload=uploaded.upload), media_of(alt=""))
    receipt = adapter.publish(part_of(media=media, warning="Varoitus", languages=("fi-FI", "en")))
    assert isinstance(receipt, Receipt)
    assert receipt.at == NOW
    (posted,) = server.journal
    assert (posted.id, posted.text, posted.languages) == (receipt.id, FINNISH, ("fi",))
    assert [image.alt for image in posted.images] == ["Kuva", ""]
    assert posted.extra["warning"] == "Varoitus"
    assert posted.extra["visibility"] == "public"
    assert receipt.url == f"{server.url}/@campaigner/{receipt.id}"


def test_a_thread(adapter: Mastodon, server: FakeMastodon) -> None:
    first = adapter.publish(part_of("one", token="1" * 64))
    assert isinstance(first, Receipt)
    second = adapter.publish(part_of("two", token="2" * 64, root=first, parent=first))
    assert isinstance(second, Receipt)
    by_hand = Receipt(id=second.url, url=second.url, at=NOW)
    third = adapter.publish(part_of("three", token="3" * 64, root=first, parent=by_hand))
    assert isinstance(third, Receipt)
    assert [posted.reply_to for posted in server.journal] == [None, first.id, second.id]


def test_the_same_token_twice_is_one_post(adapter: Mastodon, server: FakeMastodon) -> None:
    assert adapter.publish(part_of()) == adapter.publish(part_of())
    assert len(server.journal) == 1


LOST: list[tuple[str, dict[str, Any]]] = [
    ("lose_response", {}),
    ("html", {"commit": True, "status": 200}),
    ("html", {"commit": True, "status": 503}),
    ("html", {"commit": True, "status": 403}),
    ("status", {"commit": True, "status": 307, "headers": {"Location": "http://127.0.0.1:1/"}}),
    ("status", {"commit": True, "status": 200, "body": "{}"}),
    ("status", {"commit": True, "status": 408, "body": '{"error": "x"}'}),
]


@pytest.mark.parametrize(("fault", "details"), LOST)
def test_an_answer_that_is_lost_leaves_a_doubt_that_a_look_settles(
    adapter: Mastodon, server: FakeMastodon, fault: str, details: dict[str, Any]
) -> None:
    server.fault(fault, path_prefix=STATUSES, **details)
    outcome = adapter.publish(part_of())
    assert isinstance(outcome, InDoubt), outcome
    assert len(server.journal) == 1
    found = adapter.look(in_doubt(part_of()))
    assert isinstance(found, Receipt)
    assert found.id == server.journal[0].id


def test_gotosocials_throttle_is_certainly_no_post_and_a_gateways_503_is_not(
    adapter: Mastodon, server: FakeMastodon
) -> None:
    throttle = {"status": 503, "headers": {"Retry-After": "30"}}
    server.fault("status", path_prefix=STATUSES, body='{"error": "server capacity exceeded"}', **throttle)
    assert adapter.publish(part_of()) == Unavailable(
        '"server capacity exceeded" (HTTP 503)', NOW + timedelta(seconds=30)
    )
    for body, headers in [("<html>", {"Retry-After": "30"}), ('{"error": "x"}', {})]:
        server.fault("status", path_prefix=STATUSES, status=503, body=body, headers=headers)
        assert isinstance(adapter.publish(part_of()), InDoubt)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, "The access token is invalid", Unauthorized),
        (403, "This action is outside the authorized scopes", Unauthorized),
        (403, "Your login is currently disabled", Unauthorized),
        (403, "Empty statuses are not allowed", Rejected),
        (404, "Record not found", InDoubt),
        (413, "", Rejected),
        (422, "Validation failed: Text character limit of 500 exceeded", Rejected),
        (400, "Bad Request: text with spoiler exceed max chars", Rejected),
        (422, "The status is over the character limit", Rejected),
        (422, "Duplicate record", InDoubt),
        (422, "Validation failed: Uri has already been taken", InDoubt),
        (422, "Validation failed: Text is being processed already", InDoubt),
        (400, "This request is already being processed", InDoubt),
        (409, "Conflict", InDoubt),
        (423, "Locked", InDoubt),
        (418, "Something new", InDoubt),
    ],
)
def test_refusals(adapter: Mastodon, server: FakeMastodon, status: int, error: str, kind: type) -> None:
    server.fault("status", path_prefix=STATUSES, status=status, body=f'{{"error": "{error}"}}' if error else "<html>")
    outcome = adapter.publish(part_of())
    assert isinstance(outcome, kind)
    assert (error or "too large: 161 bytes were sent") in outcome.reason


def test_what_is_too_long_is_refused(adapter: Mastodon, server: FakeMastodon) -> None:
    assert isinstance(adapter.publish(part_of("a" * 501)), Rejected)
    assert server.journal == []


@pytest.mark.parametrize("words", ["Cannot attach files that have not finished processing", "Liitteitä käsitellään"])
def test_images_at_work_are_waited_for_in_whatever_language_the_server_says_so(
    adapter: Mastodon, server: FakeMastodon, words: str
) -> None:
    server.processing = 2
    uploaded = adapter.prepare(media_of())
    assert isinstance(uploaded, Uploaded)
    part = part_of(media=(media_of(upload=uploaded.upload),))
    server.fault("status", path_prefix=STATUSES, status=422, body=f'{{"error": "{words}"}}')
    outcome = adapter.publish(part)
    assert isinstance(outcome, Unavailable)
    assert outcome.retry_at is not None
    assert outcome.retry_at > NOW
    assert isinstance(adapter.publish(part), Unavailable)
    assert [type(adapter.publish(part)) for _ in range(3)][-1] is Receipt
    assert len(server.journal) == 1


def test_a_repeat_whose_images_are_gone_is_in_doubt_and_not_refused(server: FakeMastodon, adapter: Mastodon) -> None:
    server.key_mode = "ignored"
    uploaded = adapter.prepare(media_of())
    assert isinstance(uploaded, Uploaded)
    part = part_of(media=(media_of(upload=uploaded.upload),))
    assert isinstance(adapter.publish(part), Receipt)
    assert isinstance(adapter.publish(in_doubt(part)), InDoubt)
    assert isinstance(adapter.publish(part), Rejected), "a first attempt can't have used them"


def test_an_image_that_is_none_is_refused(adapter: Mastodon) -> None:
    for media in (media_of(data=b"<svg/>"), media_of(alt="a" * 1501)):
        outcome = adapter.prepare(media)
        assert isinstance(outcome, Rejected)
        assert isinstance(adapter.publish(part_of(media=(media,))), Rejected)


def test_an_upload_that_fails_is_simply_unavailable(adapter: Mastodon, server: FakeMastodon) -> None:
    for fault in ("lose_response", "truncate", "html", "garbage"):
        server.fault(fault, path_prefix="/api/v2/media")
        assert isinstance(adapter.prepare(media_of()), Unavailable)
    server.fault("expire_token", path_prefix="/api/v2/media")
    assert isinstance(adapter.prepare(media_of()), Unauthorized)


REPEATS: list[tuple[KeyMode, type]] = [
    ("honoured", Receipt),
    ("stored answers", Receipt),
    ("500 on replay", InDoubt),
    ("pixelfed", InDoubt),
]


@pytest.mark.parametrize(("mode", "kind"), REPEATS)
def test_a_repeat_after_a_lost_answer(adapter: Mastodon, server: FakeMastodon, mode: KeyMode, kind: type) -> None:
    server.key_mode = mode
    part = part_of(media=(media_of(upload=_uploaded(adapter)),))
    server.fault("lose_response", path_prefix=STATUSES)
    assert isinstance(adapter.publish(part), InDoubt)
    outcome = adapter.publish(in_doubt(part))
    assert isinstance(outcome, kind)
    assert len(server.journal) == 1
    assert getattr(outcome, "duplicate", False) is (mode == "pixelfed")


def test_pleroma_gives_a_refusal_back_too(adapter: Mastodon, server: FakeMastodon) -> None:
    server.key_mode = "stored answers"
    long = part_of("a" * 501)
    assert adapter.publish(long) == adapter.publish(long)
    assert isinstance(adapter.publish(long), Rejected)


def _uploaded(adapter: Mastodon) -> Any:
    uploaded = adapter.prepare(media_of())
    assert isinstance(uploaded, Uploaded)
    return uploaded.upload


def test_a_look_goes_back_over_pages_to_ten_minutes_before(
    adapter: Mastodon, server: FakeMastodon, clock: SteppingClock
) -> None:
    wanted = adapter.publish(part_of())
    clock.wait_until(NOW + timedelta(minutes=5))
    for number in range(90):
        assert isinstance(adapter.publish(part_of(f"Other {number}", token=f"{number:064}")), Receipt)
    assert adapter.look(in_doubt(part_of())) == wanted
    assert adapter.look(in_doubt(part_of("Never posted"))) == Absent()
    assert server.requests[f"GET {ACCOUNTS}100/statuses"] == 8


def test_a_look_that_does_not_reach_far_enough_says_so(adapter: Mastodon, monkeypatch: pytest.MonkeyPatch) -> None:
    # The server allows 300 posts in three hours, fewer than all pages hold.
    monkeypatch.setattr(Mastodon, "most_pages", 5)
    for number in range(205):
        adapter.publish(part_of(f"Other {number}", token=f"{number:064}"))
    assert isinstance(adapter.look(in_doubt(part_of())), Unavailable)


def test_an_older_post_of_the_same_words_is_not_this_one(adapter: Mastodon, clock: SteppingClock) -> None:
    assert isinstance(adapter.publish(part_of()), Receipt)
    clock.wait_until(NOW + timedelta(minutes=11))
    assert adapter.look(part_of(attempted_at=NOW + timedelta(minutes=11))) == Absent()


def test_another_deliverys_post_is_not_this_one(adapter: Mastodon) -> None:
    receipt = adapter.publish(part_of())
    assert isinstance(receipt, Receipt)
    assert adapter.look(part_of(attempted_at=NOW, owned_ids=frozenset({receipt.id}))) == Absent()


def test_a_look_counts_by_the_servers_clock(clock: SteppingClock) -> None:
    theirs = NOW - timedelta(hours=3)

    class Late(FakeMastodon):
        def answer(self, request: Request) -> Answer:
            answer = super().answer(request)
            headers = {**answer.headers, "Date": format_datetime(theirs, usegmt=True)}
            return Answer(status=answer.status, body=answer.body, headers=headers)

    with Late(clock=SteppingClock(theirs)) as server:
        adapter = connect(server.url, clock)
        assert isinstance(adapter.publish(part_of()), Receipt)
        assert isinstance(adapter.look(in_doubt(part_of())), Receipt)
        adapter.close()


def test_a_look_needs_to_know_who_we_are(server: FakeMastodon, clock: SteppingClock) -> None:
    adapter = connect(server.url, clock, token="wrong")
    assert isinstance(adapter.look(in_doubt(part_of())), Unauthorized)
    adapter.close()


def test_deleting_twice_is_as_good(adapter: Mastodon, server: FakeMastodon) -> None:
    receipt = adapter.publish(part_of())
    assert isinstance(receipt, Receipt)
    by_hand = Receipt(id=receipt.url, url=receipt.url, at=NOW)
    assert (adapter.delete(by_hand), adapter.delete(receipt)) == (None, None)
    assert server.visible == []
    server.fault("html", path_prefix=STATUSES, status=502)
    assert isinstance(adapter.delete(receipt), Unavailable)


def test_limits_are_the_servers_own(adapter: Mastodon, server: FakeMastodon) -> None:
    server.limits.update(characters=5000, images=6, alt=99)
    for has_v2 in (True, False):
        if not has_v2:
            server.fault("status", path_prefix="/api/v2/instance", status=404)
        found = adapter.limits()
        assert isinstance(found, AccountLimits)
        assert (found.profile.limit, found.profile.max_images, found.profile.alt_limit) == (5000, 6, 99)
    assert found.notes == ("server version 4.5.2",)


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        (b'{"version": "2.7.2 (compatible; Pleroma 2.6)", "max_toot_chars": 7000}', 7000),
        (b'{"configuration": {"statuses": {"max_characters": true}}}', 500),
        (b'{"configuration": {"statuses": {"max_characters": -1}}}', 500),
        (b'{"configuration": {"statuses": {"max_characters": "many"}}}', 500),
        (b'{"configuration": [1], "version": null}', 500),
    ],
)
def test_limits_of_servers_that_say_it_otherwise(clock: SteppingClock, body: bytes, limit: int) -> None:
    with RawServer(answering(http(200, body))) as server:
        adapter = connect(server.url, clock)
        found = adapter.limits()
        adapter.close()
    assert isinstance(found, AccountLimits)
    assert found.profile.limit == limit


@pytest.mark.parametrize("body", [b"[]", b"null", b"", b'{"error": {"deep": 1}}', b'{"id": null}', b'"x"', b"7"])
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_whatever_a_server_answers_is_an_outcome(clock: SteppingClock, body: bytes, status: int) -> None:
    with RawServer(answering(http(status, body))) as server:
        adapter = connect(server.url, clock)
        assert isinstance(adapter.identity(), Unauthorized if status == 400 else Unavailable)
        assert isinstance(adapter.publish(part_of()), InDoubt | Rejected)
        assert isinstance(adapter.prepare(media_of()), Unavailable | Rejected)
        assert not isinstance(adapter.look(part_of()), Receipt)
        adapter.close()


def test_a_server_may_name_no_decent_address(clock: SteppingClock) -> None:
    body = (
        b'{"id": "01ABC", "content": "", "url": "javascript:alert(1)", "uri": "https://s.example/1", "created_at": "x"}'
    )
    with RawServer(answering(http(200, body))) as server:
        adapter = connect(server.url, clock)
        wanted = Receipt(id="01ABC", url="https://s.example/1", at=NOW, differs="with its text cut short")
        assert adapter.publish(part_of()) == wanted
        adapter.close()


def test_the_token_is_in_no_reason(clock: SteppingClock) -> None:
    token = "very-secret-token"
    bodies = [f'{{"error": "bad token {token}"}}', f'{{"error_description": "Bearer {token}"}}']
    for body in bodies:
        for status in (200, 400, 401, 403, 404, 422, 429, 500, 503):
            with RawServer(answering(http(status, body.encode(), f"X-Echo: {token}"))) as server:
                adapter = connect(server.url, clock, token)
                outcomes = [
                    adapter.publish(part_of()),
                    adapter.identity(),
                    adapter.prepare(media_of()),
                    adapter.look(part_of()),
                    adapter.limits(),
                ]
                adapter.close()
            assert token not in repr(outcomes)


def test_a_server_that_closes_after_each_answer_without_saying_so(clock: SteppingClock) -> None:
    """As snac does."""
    with RawServer(answering(http(200, b'{"id": "1", "content": "", "acct": "a"}'))) as server:
        adapter = connect(server.url, clock)
        for number in range(20):
            assert isinstance(adapter.identity(), Identity)
            assert isinstance(adapter.publish(part_of(token=f"{number:064}")), Receipt)
        adapter.close()
