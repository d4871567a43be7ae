"""What is X's own, beside the contract of all platforms: signatures, refusals, and what a look may believe."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigner.campaign.config import Secret
from campaigner.clock import SteppingClock
from campaigner.fakes.base import PublishedPost, Quota
from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.proxy import FaultProxy
from campaigner.fakes.x import QUOTAS, FakeX, credentials_of, is_signed
from campaigner.platforms import x
from campaigner.platforms.base import (
    Absent,
    Alike,
    Identity,
    InDoubt,
    Media,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from campaigner.platforms.base import Answer as HttpAnswer
from tests.unit.platforms.parts import account_of

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"an image"
FINNISH = "Tänään on siirtolaisten päivä: ”R&D <3” https://finland.iom.int/ #SiirtolaistenPäivä"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def server(clock: SteppingClock) -> Iterator[FakeX]:
    with FakeX(clock=clock) as fake:
        yield fake


@pytest.fixture
def adapter(server: FakeX, clock: SteppingClock) -> Iterator[x.X]:
    made = connect(server, clock)
    yield made
    made.close()


HEADERS = [
    "", "soon", "9" * 30, "-1", "2020", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 18 Dec 2020 06:00:00 -0000",
]  # fmt: skip
leaves = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "1", "Good morning!", "about:blank"])
names = st.sampled_from(
    ["data", "meta", "errors", "id", "text", "title", "detail", "type", "message", "entities", "urls"]
)
jsons = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4))
statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 402, 403, 404, 413, 429, 500, 503])


def connect(server: FakeX, clock: SteppingClock, *, url: str | None = None, **changed: str) -> x.X:
    values = {**server.options(), **changed}
    secrets = {name: value for name, value in values.items() if name != "server"}
    references = {name: Secret(kind="env", name=name.upper()) for name in secrets}
    return account_of(x.X, x.XOptions(server=url or values["server"], **references), secrets, clock)


def part(text: str = "Good morning!", **changed: object) -> PartToSend:
    made = PartToSend(text=text, languages=("en",), token="a1", due_at=NOW, created_at=NOW)
    return replace(made, **changed)  # type: ignore[arg-type]


def image(**changed: object) -> Media:
    made = Media(data=PNG, media_type="image/png", alt="A man at a lectern", width=10, height=10)
    return replace(made, **changed)  # type: ignore[arg-type]


def attempted(sent: PartToSend) -> PartToSend:
    return replace(sent, attempted_at=NOW)


class TestGoodDays:
    def test_says_who_it_is_with_the_host_of_the_server(self, adapter: x.X, server: FakeX) -> None:
        found = adapter.identity()
        expected = f"x:127.0.0.1:{server.port}:1000"
        assert found == Identity(id=expected, name="@campaigner", url="https://x.com/campaigner")

    def test_the_real_server_needs_no_host_in_the_id(self, server: FakeX, clock: SteppingClock) -> None:
        adapter = connect(server, clock, url=x.XOptions.server)
        answer = HttpAnswer(200, {}, b'{"data": {"id": "7", "username": "iom"}}')
        adapter.get = lambda path: answer  # type: ignore[method-assign, assignment]
        assert adapter.identity() == Identity(id="x:7", name="@iom", url="https://x.com/iom")
        adapter.close()

    def test_knows_a_link_without_a_name(self, adapter: x.X, server: FakeX) -> None:
        receipt = adapter.publish(part())
        assert isinstance(receipt, Receipt)
        assert receipt.url == f"https://x.com/i/web/status/{receipt.id}"

    def test_images_keep_their_order_and_alt_texts(self, adapter: x.X, server: FakeX) -> None:
        media = []
        for alt in ("first", "second", ""):
            uploaded = adapter.prepare(image(alt=alt))
            assert isinstance(uploaded, Uploaded)
            media.append(image(alt=alt, upload=uploaded.upload))
        assert isinstance(adapter.publish(part(media=tuple(media))), Receipt)
        assert [picture.alt for picture in server.journal[0].images] == ["first", "second", ""]
        assert server.requests["POST /2/media/upload"] == 3
        assert server.requests["POST /2/media/metadata"] == 2

    def test_an_upload_that_ran_out_is_made_again(self, adapter: x.X, server: FakeX, clock: SteppingClock) -> None:
        uploaded = adapter.prepare(image())
        assert isinstance(uploaded, Uploaded)
        clock.wait_until(NOW + timedelta(hours=25))
        assert isinstance(adapter.publish(part(media=(image(upload=uploaded.upload),))), Receipt)
        assert server.requests["POST /2/media/upload"] == 2
        assert server.journal[0].images[0].alt == "A man at a lectern"

    def test_an_upload_that_cannot_be_made_again_keeps_the_post_back(self, adapter: x.X, server: FakeX) -> None:
        server.fault("status", path_prefix="/2/media/upload", status=503)
        assert isinstance(adapter.publish(part(media=(image(),))), Unavailable)
        assert server.journal == []

    def test_a_thread_answers_its_parts(self, adapter: x.X, server: FakeX) -> None:
        first = adapter.publish(part("one"))
        assert isinstance(first, Receipt)
        second = adapter.publish(part("two", root=first, parent=first))
        assert isinstance(second, Receipt)
        assert server.journal[1].reply_to == first.id

    def test_a_post_of_another_is_not_deleted(self, server: FakeX, adapter: x.X) -> None:
        server.journal.append(PublishedPost(account="somebody", id="77", text="theirs", at=NOW))
        refused = adapter.delete(Receipt(id="77", url="", at=NOW))
        assert isinstance(refused, Rejected)
        assert "not authorized" in refused.reason

    def test_what_is_no_id_is_not_called_gone(self, server: FakeX, adapter: x.X) -> None:
        kept = Receipt(id="https://x.com/campaigner", url="", at=NOW)
        assert adapter.delete(kept) == Rejected("https://x.com/campaigner is no post on X")
        assert isinstance(adapter.publish(part(parent=kept, root=kept)), Rejected)
        assert not server.requests

    def test_an_address_in_place_of_an_id_is_read(self, server: FakeX, adapter: x.X) -> None:
        first = adapter.publish(part())
        assert isinstance(first, Receipt)
        kept = replace(first, id=first.url)
        assert isinstance(adapter.publish(part("And on", parent=kept, root=kept)), Receipt)
        assert server.journal[1].reply_to == first.id
        assert adapter.delete(kept) is None
        assert server.texts == ["And on"]

    def test_tells_its_limits_without_asking(self, adapter: x.X, server: FakeX) -> None:
        assert adapter.limits().profile.limit == 280  # type: ignore[union-attr]
        assert not server.requests

    def test_long_posts_are_an_option(self, server: FakeX, clock: SteppingClock) -> None:
        adapter = connect(server, clock)
        longer = adapter.options.model_copy(update={"long_posts": True})
        assert x.X.profile_of(longer).limit == 25_000
        assert x.X.profile_of(None).limit == 280
        adapter.close()

    def test_declares_how_a_doubt_is_settled(self, adapter: x.X) -> None:
        assert adapter.reconciliation is Reconciliation.DUPLICATE_REFUSAL
        assert adapter.absence_after is None

    def test_signs_for_the_host_it_calls_also_behind_a_proxy(self, server: FakeX, clock: SteppingClock) -> None:
        with FaultProxy(server.url) as proxy:
            adapter = connect(server, clock, url=proxy.url)
            assert isinstance(adapter.identity(), Identity)
            adapter.close()


GATE = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)
"""What self-serve apps are told of replies since 2026."""


class TestRefusals:
    def test_a_text_that_is_too_long(self, adapter: x.X, server: FakeX) -> None:
        refused = adapter.publish(part("ä" * 281))
        assert isinstance(refused, Rejected)
        assert "too long" in refused.reason
        assert server.journal == []

    def test_a_text_that_was_posted_lately_is_in_doubt(self, adapter: x.X, server: FakeX) -> None:
        adapter.publish(part())
        refused = adapter.publish(part())
        assert isinstance(refused, InDoubt)
        assert refused.duplicate
        assert len(server.journal) == 1

    def test_credits_used_up_stop_the_account(self, adapter: x.X, server: FakeX) -> None:
        server.fault("status", status=402, body='{"title": "CreditsDepleted"}')
        refused = adapter.publish(part())
        assert isinstance(refused, Unauthorized)
        assert "paid" in refused.reason

    def test_a_suspended_account(self, adapter: x.X, server: FakeX) -> None:
        server.fault("status", status=403, body='{"detail": "Suspended.", "type": "https://x.com/user-suspended"}')
        assert isinstance(adapter.publish(part()), Unauthorized)

    @pytest.mark.parametrize("name", ["api_key", "api_secret", "access_token", "access_token_secret"])
    def test_a_wrong_key_stops_the_account(self, server: FakeX, clock: SteppingClock, name: str) -> None:
        adapter = connect(server, clock, **{name: "not the right one"})
        for refused in (adapter.identity(), adapter.publish(part()), adapter.look(part()), adapter.prepare(image())):
            assert isinstance(refused, Unauthorized)
            assert "not the right one" not in refused.reason
        adapter.close()

    def test_the_reply_gate_refuses_a_later_part(self, adapter: x.X, server: FakeX) -> None:
        first = adapter.publish(part("one"))
        assert isinstance(first, Receipt)
        server.fault("status", status=403, body=f'{{"detail": "{GATE}"}}')
        refused = adapter.publish(part("two", parent=first))
        assert isinstance(refused, Rejected)
        assert "thread" in refused.reason

    def test_a_part_that_is_not_seen_yet_is_waited_for(self, adapter: x.X, server: FakeX, clock: SteppingClock) -> None:
        parent = Receipt(id="5", url="", at=NOW)
        waiting = adapter.publish(part(parent=parent))
        assert waiting == Unavailable(waiting.reason, NOW + timedelta(seconds=10))  # type: ignore[union-attr]
        clock.wait_until(NOW + timedelta(minutes=6))
        assert isinstance(adapter.publish(part(parent=parent)), Rejected)

    @pytest.mark.parametrize(
        ("data", "kind"),
        [(b"<svg/>", Rejected), (PNG + b"0" * 5_000_001, Rejected), (PNG, Uploaded)],
    )
    def test_images(self, adapter: x.X, data: bytes, kind: type) -> None:
        assert isinstance(adapter.prepare(image(data=data)), kind)

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            *((status, Rejected) for status in (400, 403, 413, 415, 422)),
            *((status, Unavailable) for status in (404, 405, 406, 408, 409, 410, 421, 423, 425, 426, 428, 451)),
        ],
    )
    @pytest.mark.parametrize("path", ["/2/media/upload", "/2/media/metadata"])
    def test_an_address_that_has_moved_refuses_no_image(
        self, adapter: x.X, server: FakeX, status: int, kind: type, path: str
    ) -> None:
        said = '{"title": "Not Found", "detail": "Sorry, that page does not exist"}'
        server.fault("status", path_prefix=path, status=status, body=said)
        assert isinstance(adapter.prepare(image()), kind)

    def test_an_alt_text_that_is_too_long(self, adapter: x.X) -> None:
        assert isinstance(adapter.prepare(image(alt="a" * 1001)), Rejected)

    def test_its_own_limit_of_posts_gives_a_time(self, clock: SteppingClock) -> None:
        quotas = {**QUOTAS, "post": Quota("post", 1, timedelta(minutes=15))}
        with FakeX(clock=clock, quotas=quotas) as server:
            adapter = connect(server, clock)
            assert isinstance(adapter.publish(part("one")), Receipt)
            refused = adapter.publish(part("two"))
            adapter.close()
        assert isinstance(refused, Unavailable)
        assert refused.retry_at == NOW + timedelta(minutes=15, seconds=1)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (400, '{"title": "Invalid Request", "errors": [{"message": "no such thing"}]}', Rejected),
            (400, "<html>Bad Request</html>", InDoubt),
            (401, "", Unauthorized),
            (402, "<html>", Unauthorized),
            (403, '{"detail": "You are not permitted to perform this action."}', Rejected),
            (403, '{"type": "https://api.twitter.com/2/problems/oauth1-permissions"}', Unauthorized),
            (403, '{"type": "https://api.twitter.com/2/problems/client-forbidden"}', Unauthorized),
            (403, '{"title": "Unsupported Authentication"}', Unauthorized),
            (403, "<html>blocked</html>", InDoubt),
            (404, '{"title": "Not Found"}', InDoubt),
            (403, '{"detail": "This account is temporarily locked."}', InDoubt),
            (409, '{"title": "Conflict", "detail": "The request is being processed"}', InDoubt),
            (400, '{"title": "Invalid Request", "detail": "This request is already being processed"}', InDoubt),
            (408, "{}", InDoubt),
            (409, "{}", InDoubt),
            (413, "{}", Rejected),
            (429, "", Unavailable),
            (429, '{"type": "https://api.twitter.com/2/problems/usage-capped"}', Unauthorized),
            (429, '{"errors": 7, "type": null}', Unavailable),
            (307, "", InDoubt),
            (500, '{"errors": [7, "no", {"message": "x"}]}', InDoubt),
            (502, "", InDoubt),
            (503, "", InDoubt),
            (504, "", InDoubt),
            (200, "", InDoubt),
            (201, "[]", InDoubt),
            (201, '{"data": []}', InDoubt),
            (201, '{"data": {"id": ""}}', InDoubt),
            (201, '{"data": {"id": "1"', InDoubt),
            (204, "", InDoubt),
        ],
    )
    def test_every_other_answer(self, adapter: x.X, server: FakeX, status: int, body: str, kind: type) -> None:
        headers = {"Location": "http://127.0.0.1:9/elsewhere"} if status == 307 else {}
        server.fault("status", status=status, body=body, headers=headers)
        outcome = adapter.publish(part())
        assert type(outcome) is kind
        assert server.journal == []
        assert sum(server.requests.values()) == 1

    def test_a_rate_limit_may_tell_no_time(self, adapter: x.X, server: FakeX) -> None:
        server.fault("rate_limit", form="none")
        refused = adapter.publish(part())
        assert isinstance(refused, Unavailable)
        assert refused.retry_at is None

    def test_the_latest_of_the_limits_that_are_used_up(self, adapter: x.X, server: FakeX) -> None:
        later = int((NOW + timedelta(hours=3)).timestamp())
        headers = {
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int((NOW + timedelta(minutes=3)).timestamp())),
            "x-user-limit-24hour-remaining": "0",
            "x-user-limit-24hour-reset": str(later),
            "x-app-limit-24hour-remaining": "12",
            "x-app-limit-24hour-reset": str(later + 9999),
        }
        server.fault("status", status=429, headers=headers)
        refused = adapter.publish(part())
        assert isinstance(refused, Unavailable)
        assert refused.retry_at == NOW + timedelta(hours=3)

    def test_a_header_that_is_no_number_is_no_bug(self, adapter: x.X, server: FakeX) -> None:
        server.fault("status", status=429, headers={"x-rate-limit-reset": "soon"})
        assert adapter.publish(part()) == Unavailable("no reason given (HTTP 429)")


class TestFaults:
    def test_a_lost_answer_is_found_again(self, adapter: x.X, server: FakeX) -> None:
        adapter.identity()
        server.fault("lose_response", path_prefix="/2/tweets")
        assert isinstance(adapter.publish(part(FINNISH)), InDoubt)
        found = adapter.look(attempted(part(FINNISH)))
        assert isinstance(found, Receipt)
        assert [posted.id for posted in server.journal] == [found.id]
        assert (found.at, found.url) == (NOW, f"https://x.com/campaigner/status/{found.id}")

    def test_a_dropped_connection_of_an_earlier_call_does_not_matter(self, adapter: x.X, server: FakeX) -> None:
        adapter.identity()
        with server.refusing():
            pass
        assert isinstance(adapter.publish(part()), Receipt)

    @pytest.mark.parametrize("fault", ["delay", "late", "drip"])
    def test_an_answer_that_does_not_come_in_time(self, adapter: x.X, server: FakeX, fault: str) -> None:
        server.fault(fault, seconds=600)
        outcomes: list[object] = []
        waiting = threading.Thread(target=lambda: outcomes.append(adapter.publish(part())))
        waiting.start()
        assert server.waiting.wait(10)
        adapter.close()
        waiting.join(10)
        assert isinstance(outcomes[0], InDoubt)

    def test_a_slow_answer_is_still_an_answer(self, adapter: x.X, server: FakeX) -> None:
        server.fault("drip", seconds=0)
        assert isinstance(adapter.publish(part()), Receipt)

    @pytest.mark.parametrize("fault", ["drop_request", "lose_response", "truncate", "garbage", "html", "status"])
    def test_reading_and_uploading_may_simply_be_tried_again(self, adapter: x.X, server: FakeX, fault: str) -> None:
        adapter.identity()
        for ask in (
            lambda: adapter.look(attempted(part())),
            lambda: adapter.prepare(image()),
            lambda: adapter.delete(Receipt(id="1", url="", at=NOW)),
            adapter.identity,
        ):
            server.fault(fault, status=502)
            assert isinstance(ask(), Unavailable)
        assert server.faults.waiting == []

    def test_an_alt_text_that_got_lost_is_not_posted_without(self, adapter: x.X, server: FakeX) -> None:
        server.fault("drop_request", path_prefix="/2/media/metadata")
        assert isinstance(adapter.prepare(image()), Unavailable)
        server.fault("status", path_prefix="/2/media/metadata", status=500)
        assert isinstance(adapter.prepare(image()), Unavailable)

    @pytest.mark.parametrize(
        ("status", "body", "gone"),
        [
            (404, '{"title": "Not Found"}', True),
            (404, "<html>", False),
            (404, "{}", False),
            (200, '{"data": {"deleted": true}}', True),
            (200, '{"data": {"deleted": false}}', False),
            (200, "<html>", False),
            (500, '{"data": {"deleted": true}}', False),
        ],
    )
    def test_only_x_itself_says_that_a_post_is_gone(
        self, adapter: x.X, server: FakeX, status: int, body: str, gone: bool
    ) -> None:
        server.fault("status", status=status, body=body)
        assert (adapter.delete(Receipt(id="1", url="", at=NOW)) is None) is gone

    def test_no_answer_makes_it_raise(self) -> None:
        """Whatever JSON comes under whatever status: an outcome, and a receipt only for a 2xx with an id."""
        clock = SteppingClock(NOW)
        with FakeX(clock=clock) as server:
            adapter = connect(server, clock)
            first = Receipt(id="1", url="", at=NOW)

            @settings(max_examples=150, deadline=None, database=None)
            @given(status=statuses, found=jsons, header=st.sampled_from(HEADERS))
            def answered(status: int, found: Any, header: str) -> None:
                headers = {"x-rate-limit-reset": header, "Retry-After": header, "Date": header}
                for ask in (
                    lambda: adapter.publish(part(parent=first)),
                    lambda: adapter.look(attempted(part())),
                    lambda: adapter.prepare(image(alt="")),
                    lambda: adapter.delete(first),
                    adapter.identity,
                ):
                    server.fault("status", status=status, body=json.dumps(found), headers=headers, times=None)
                    outcome = ask()
                    server.faults.clear()
                    if isinstance(outcome, Receipt):
                        assert 200 <= status < 300
                adapter._identity = Identity(id="x:1000", name="@campaigner")

            answered()
            adapter.close()


class TestLooks:
    def look(self, adapter: x.X, sent: PartToSend) -> object:
        return adapter.look(attempted(sent))

    @pytest.mark.parametrize(
        "text",
        [
            "plain",
            FINNISH,
            "&lt; is not < and &amp; is not &",
            "two  spaces\nand\n\nlines \u00a0 here",
            "bare finland.iom.int/path?a=1&b=2 and https://Example.COM/Path/",
            "https://example.com/a https://example.com/ab https://example.com/a%C3%A4",
            "اليوم الدولي للمهاجرين https://www.un.org/ar/",
            "A\u0301 decomposed, and \u00c1 composed",
            "👩\u200d👩\u200d👧 #MigrantsDay @UNmigration",
            "ends with https://x.com/somebody/status/1",
        ],
    )
    def test_finds_every_text_again(self, adapter: x.X, server: FakeX, text: str) -> None:
        posted = adapter.publish(part(text))
        assert isinstance(posted, Receipt)
        adapter.publish(part("another one"))
        found = self.look(adapter, part(text))
        assert isinstance(found, Receipt)
        assert found.id == posted.id

    def test_finds_a_post_with_images(self, adapter: x.X) -> None:
        sent = part(FINNISH, media=(image(), image(alt="another")))
        posted = adapter.publish(sent)
        assert isinstance(posted, Receipt)
        url = f"https://x.com/campaigner/status/{posted.id}"
        assert self.look(adapter, sent) == replace(posted, url=url)
        for other in (part(FINNISH), part(FINNISH, media=(image(),)), part(FINNISH, media=(image(), image(alt="x")))):
            assert self.look(adapter, other) == Alike(url)

    def test_images_without_words_are_known_by_their_alt_texts(self, adapter: x.X) -> None:
        sent = part("", media=(image(alt="A dot"),))
        posted = adapter.publish(sent)
        assert isinstance(posted, Receipt)
        assert isinstance(self.look(adapter, sent), Receipt)
        assert self.look(adapter, part("", media=(image(alt="My lunch"),))) == Absent()

    def test_finds_a_long_post(self, adapter: x.X, server: FakeX) -> None:
        server.long_posts = True
        text = "A long text of many words & more. " * 20 + "https://example.com/page"
        posted = adapter.publish(part(text))
        found = self.look(adapter, part(text))
        assert isinstance(posted, Receipt)
        assert isinstance(found, Receipt)
        assert found.id == posted.id

    def test_other_words_another_target_and_another_delivery_are_not_it(self, adapter: x.X, server: FakeX) -> None:
        first = adapter.publish(part("one"))
        assert isinstance(first, Receipt)
        reply = adapter.publish(part("two", parent=first))
        assert isinstance(reply, Receipt)
        assert self.look(adapter, part("One")) == Absent()
        assert self.look(adapter, part("two")) == Absent()
        assert self.look(adapter, part("one", parent=first)) == Absent()
        assert self.look(adapter, part("one", owned_ids=frozenset({first.id}))) == Absent()
        found = self.look(adapter, part("two", parent=first))
        assert isinstance(found, Receipt)
        assert found.id == reply.id

    def test_what_is_older_than_ten_minutes_before_the_attempt_is_not_it(
        self, adapter: x.X, clock: SteppingClock
    ) -> None:
        adapter.publish(part())
        clock.wait_until(NOW + timedelta(minutes=11))
        sent = part(attempted_at=NOW + timedelta(minutes=11))
        assert adapter.look(sent) == Absent()
        assert isinstance(adapter.look(replace(sent, attempted_at=NOW + timedelta(minutes=9))), Receipt)

    def test_goes_by_the_clock_of_the_server(self, server: FakeX) -> None:
        server.clock = SteppingClock(NOW - timedelta(hours=1))
        adapter = connect(server, SteppingClock(NOW))
        assert isinstance(adapter.publish(part()), Receipt)
        assert isinstance(self.look(adapter, part()), Receipt)
        adapter.close()

    def test_leafs_through_the_pages_and_takes_the_earliest(self, adapter: x.X, server: FakeX) -> None:
        for number in range(250):
            text = "Good morning!" if number in (3, 4) else f"post {number}"
            server.journal.append(PublishedPost(account="campaigner", id=str(number + 1), text=text, at=NOW))
        found = self.look(adapter, part())
        assert isinstance(found, Receipt)
        assert found.id == "4"
        assert server.requests["GET /2/users/1000/tweets"] == 3

    def test_does_not_leaf_for_ever(self, adapter: x.X, server: FakeX) -> None:
        for number in range(501):
            server.journal.append(
                PublishedPost(account="campaigner", id=str(number + 1), text=f"post {number}", at=NOW)
            )
        assert isinstance(self.look(adapter, part()), Unavailable)

    @pytest.mark.parametrize(
        "body", ["", "[]", '{"meta": 3}', '{"data": {"id": "1"}, "meta": {"result_count": 1}}', '{"data": []}']
    )
    def test_an_answer_that_is_no_page_is_not_an_absence(self, adapter: x.X, server: FakeX, body: str) -> None:
        adapter.identity()
        server.fault("status", status=200, body=body)
        assert isinstance(self.look(adapter, part()), Unavailable)

    @pytest.mark.parametrize(
        "post",
        [
            "7",
            '{"text": "Good morning!"}',
            '{"id": "1", "text": "Good morning!", "referenced_tweets": [{"type": "replied_to", "id": "9"}]}',
            '{"id": "1", "text": "Good morning!", "note_tweet": {"text": "Good morning and more"}}',
            '{"id": "1", "text": "Good morning!", "entities": {"urls": [{"url": "Good", "expanded_url": "Bad"}]}}',
        ],
    )
    def test_posts_that_only_look_like_it(self, adapter: x.X, server: FakeX, post: str) -> None:
        adapter.identity()
        server.fault("status", status=200, body=f'{{"data": [{post}], "meta": {{"result_count": 1}}}}')
        assert self.look(adapter, part()) == Absent()

    @pytest.mark.parametrize("stamp", ['"yesterday"', "null", "[]"])
    def test_a_time_that_cannot_be_read_proves_nothing(self, adapter: x.X, server: FakeX, stamp: str) -> None:
        adapter.identity()
        post = f'{{"id": "1", "text": "Good morning!", "created_at": {stamp}}}'
        server.fault("status", status=200, body=f'{{"data": [{post}], "meta": {{}}}}')
        assert self.look(adapter, part()) == Alike("https://x.com/campaigner/status/1")


class Listening(FakeX):
    """Remembers every request, headers and all."""

    def answer(self, request: Request) -> Answer:
        self.heard = [*getattr(self, "heard", []), request]
        return super().answer(request)


def test_every_call_is_signed_anew_for_the_host_that_is_called(clock: SteppingClock) -> None:
    with Listening(clock=clock) as server:
        adapter = connect(server, clock)
        adapter.publish(part("one"))
        adapter.publish(part("two"))
        adapter.close()
        assert {request.headers["host"] for request in server.heard} == {f"127.0.0.1:{server.port}"}
        assert len({request.headers["authorization"] for request in server.heard}) == 2


def test_a_signature_for_another_host_is_refused(clock: SteppingClock) -> None:
    with Listening(clock=clock) as server:
        adapter = connect(server, clock)
        adapter.identity()
        adapter.close()
        sent = server.heard[0]
        assert is_signed(sent, credentials_of("campaigner"))
        theirs = {**dict(sent.headers), "host": "api.twitter.com"}
        elsewhere = Request(method=sent.method, target=sent.target, headers=theirs)
        assert not is_signed(elsewhere, credentials_of("campaigner"))
        assert server.carry_out(sent).status == 401, "a nonce is good for one request"


def test_no_token_is_logged_not_even_at_debug(adapter: x.X, server: FakeX, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    adapter.publish(part())
    assert not [secret for name, secret in server.options().items() if name != "server" and secret in caplog.text]


def test_tweepy_is_loaded_by_the_first_call_only() -> None:
    code = "import sys, campaigner.platforms.x; sys.exit('tweepy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
