"""What is Bluesky's own, beside the contract of all platforms: records, facets, sessions that run out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigner.campaign.config import Secret
from campaigner.clock import SteppingClock
from campaigner.fakes.base import Quota
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.proxy import FaultProxy
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
from campaigner.platforms.bluesky import Bluesky, BlueskyOptions, tid_of
from campaigner.platforms.tokens import TokenStore
from tests.unit.platforms.parts import FINNISH, NOW, TOKEN, account_of, media_of, part_of
from tests.unit.platforms.raw_server import RawServer, answering, http

XRPC = "/xrpc/com.atproto."
PUT = f"{XRPC}repo.putRecord"
RKEY = tid_of(TOKEN, NOW)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def server(clock: SteppingClock) -> Iterator[FakeBluesky]:
    with FakeBluesky(clock=clock) as fake:
        yield fake


@pytest.fixture
def adapter(server: FakeBluesky, clock: SteppingClock, tmp_path: Path) -> Iterator[Bluesky]:
    made = connect(server.url, clock, tmp_path)
    yield made
    made.close()


def connect(
    url: str, clock: SteppingClock, folder: Path | None = None, password: str = "campaigner-password"
) -> Bluesky:
    options = BlueskyOptions(server=url, handle="@Campaigner.test", app_password=Secret(kind="env", name="PASSWORD"))
    return account_of(Bluesky, options, {"app_password": password}, clock, folder)


def uploaded(adapter: Bluesky, **changed: Any) -> Any:
    media = media_of(**changed)
    outcome = adapter.prepare(media)
    assert isinstance(outcome, Uploaded), outcome
    return replace(media, upload=outcome.upload)


def again(part: PartToSend) -> PartToSend:
    return replace(part, attempted_at=NOW)


def record_of(server: FakeBluesky, key: str = RKEY) -> dict[str, Any]:
    found = server._records[f"at://{server.did()}/app.bsky.feed.post/{key}"].extra["record"]
    assert isinstance(found, dict)
    return found


def test_who_we_are(adapter: Bluesky, server: FakeBluesky) -> None:
    wanted = Identity(id=server.did(), name="@campaigner.test", url="https://bsky.app/profile/campaigner.test")
    assert adapter.identity() == wanted
    assert adapter.reconciliation is Reconciliation.CHOSEN_ID
    assert adapter.limits() == AccountLimits(profile=Bluesky.profile)


def test_a_post_with_images(adapter: Bluesky, server: FakeBluesky) -> None:
    media = (uploaded(adapter), uploaded(adapter, alt="", data=b"\x89PNG\r\n\x1a\nanother"))
    receipt = adapter.publish(part_of(media=media, languages=("fi", "en", "sv", "ar")))
    assert isinstance(receipt, Receipt)
    assert receipt.id == f"at://{server.did()}/app.bsky.feed.post/{RKEY}"
    assert receipt.url == f"https://bsky.app/profile/{server.did()}/post/{RKEY}"
    (posted,) = server.journal
    assert (posted.text, posted.languages) == (FINNISH, ("fi", "en", "sv"))
    assert [image.alt for image in posted.images] == ["Kuva", ""]
    links = [feature for facet in record_of(server)["facets"] for feature in facet["features"]]
    assert [link.get("uri") or link.get("tag") for link in links] == ["https://finland.iom.int/", "SiirtolaistenPäivä"]


def test_a_card_with_its_picture(adapter: Bluesky, server: FakeBluesky) -> None:
    card = {"url": "https://finland.iom.int/", "title": "Otsikko", "description": "Kuvaus", "image": 0}
    assert isinstance(adapter.publish(part_of(media=(uploaded(adapter),), card=card)), Receipt)
    assert record_of(server)["embed"]["external"]["thumb"]["mimeType"] == "image/png"


def test_mentions_are_of_those_who_exist(adapter: Bluesky, server: FakeBluesky) -> None:
    server.handles["iom.test"] = "did:plc:iom"
    text = "Ä @iom.test ja @nobody.test"
    assert isinstance(adapter.publish(part_of(text)), Receipt)
    (facet,) = record_of(server)["facets"]
    index = facet["index"]
    assert text.encode()[index["byteStart"] : index["byteEnd"]] == b"@iom.test"
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:iom"}]


@pytest.mark.parametrize("fault", ["rate_limit", "html", "lose_response"])
def test_a_mention_that_can_not_be_looked_up_now_makes_the_post_wait(
    adapter: Bluesky, server: FakeBluesky, fault: str
) -> None:
    adapter.identity()
    server.fault(fault, path_prefix=f"{XRPC}identity", times=2)
    assert isinstance(adapter.publish(part_of("@iom.test")), Unavailable)
    assert server.requests[f"POST {PUT}"] == 0


def test_a_thread(adapter: Bluesky, server: FakeBluesky) -> None:
    first = adapter.publish(part_of("one", token="1" * 64))
    assert isinstance(first, Receipt)
    second = adapter.publish(part_of("two", token="2" * 64, root=first, parent=first))
    assert isinstance(second, Receipt)
    by_hand = Receipt(id=second.url, url=second.url, at=NOW)
    third = part_of("three", token="3" * 64, root=first, parent=by_hand)
    assert isinstance(adapter.publish(third), Receipt)
    assert isinstance(adapter.look(again(third)), Receipt)
    reply = record_of(server, tid_of("3" * 64, NOW))["reply"]
    assert reply == {"root": dict(first.extra), "parent": dict(second.extra)}


def test_a_thread_whose_beginning_is_gone_or_somewhere_else(adapter: Bluesky) -> None:
    first = adapter.publish(part_of("one", token="1" * 64))
    assert isinstance(first, Receipt)
    adapter.delete(first)
    for parent in (Receipt(id=first.url, url="", at=NOW), Receipt(id="https://x.com/a/1", url="", at=NOW)):
        assert isinstance(adapter.publish(part_of("two", token="2" * 64, root=parent, parent=parent)), Rejected)


LOST: list[tuple[str, dict[str, Any]]] = [
    ("lose_response", {}),
    ("html", {"commit": True, "status": 200}),
    ("html", {"commit": True, "status": 403}),
    ("status", {"commit": True, "status": 307, "headers": {"Location": "http://127.0.0.1:1/"}}),
    ("status", {"commit": True, "status": 200, "body": '{"uri": "at://x", "cid": 7}'}),
]


@pytest.mark.parametrize(("fault", "details"), LOST)
def test_an_answer_that_is_lost_leaves_a_doubt_and_a_repeat_makes_no_twin(
    adapter: Bluesky, server: FakeBluesky, fault: str, details: dict[str, Any]
) -> None:
    server.fault(fault, path_prefix=PUT, **details)
    assert isinstance(adapter.publish(part_of()), InDoubt)
    assert len(server.journal) == 1
    found = adapter.look(again(part_of()))
    repeated = adapter.publish(again(part_of()))
    assert isinstance(found, Receipt)
    assert isinstance(repeated, Receipt)
    assert found.id == repeated.id == server.journal[0].id
    assert found.extra == repeated.extra
    assert len(server.journal) == 1


def test_another_record_under_the_key_is_not_ours(adapter: Bluesky, server: FakeBluesky) -> None:
    assert isinstance(adapter.publish(part_of("Other words")), Receipt)
    assert isinstance(adapter.publish(part_of()), InDoubt)
    assert isinstance(adapter.look(again(part_of())), Unavailable)
    assert server.texts == ["Other words"]


def test_our_own_record_with_other_facets_is_ours(adapter: Bluesky, server: FakeBluesky) -> None:
    """The handle could not be resolved the first time, now it can: another record, the same post."""
    server.fault("lose_response", path_prefix=PUT)
    assert isinstance(adapter.publish(part_of("@iom.test")), InDoubt)
    server.handles["iom.test"] = "did:plc:iom"
    assert isinstance(adapter.publish(again(part_of("@iom.test"))), Receipt)
    assert len(server.journal) == 1


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, "InvalidRequest", InDoubt),
        (400, "InvalidMimeType", Rejected),
        (400, "Locked", InDoubt),
        (409, "RepoLocked", InDoubt),
        (403, "Blocked", InDoubt),
        (400, "ExpiredToken", Unauthorized),
        (401, "AccountTakedown", Unauthorized),
        (403, "AccountNotFound", Unauthorized),
        (413, "PayloadTooLarge", Rejected),
        (502, "UpstreamFailure", InDoubt),
    ],
)
def test_refusals(adapter: Bluesky, server: FakeBluesky, status: int, error: str, kind: type) -> None:
    body = json.dumps({"error": error, "message": "says the PDS"})
    server.fault("status", path_prefix=PUT, status=status, body=body, times=3)
    outcome = adapter.publish(part_of())
    assert isinstance(outcome, kind)
    assert f'"{error}: says the PDS" (HTTP {status})' in outcome.reason


@pytest.mark.parametrize("text", ["a" * 301, "👩‍👩‍👧‍👦" * 121])
def test_what_is_too_long_is_refused(adapter: Bluesky, text: str) -> None:
    outcome = adapter.publish(part_of(text))
    assert isinstance(outcome, Rejected)
    assert "too big" in outcome.reason


def test_a_blob_that_was_collected_is_uploaded_again(adapter: Bluesky, server: FakeBluesky) -> None:
    media = uploaded(adapter)
    server._blobs.clear()
    assert isinstance(adapter.publish(part_of(media=(media,))), Receipt)
    assert [image.alt for image in server.journal[0].images] == ["Kuva"]


def test_a_medium_that_was_not_uploaded_is_uploaded_first(adapter: Bluesky, server: FakeBluesky) -> None:
    assert isinstance(adapter.publish(part_of(media=(media_of(),))), Receipt)
    server.fault("rate_limit", path_prefix=f"{XRPC}repo.uploadBlob")
    assert isinstance(adapter.publish(part_of(media=(media_of(),), token="1" * 64)), Unavailable)


def test_images_that_are_refused(adapter: Bluesky, server: FakeBluesky) -> None:
    assert isinstance(adapter.prepare(media_of(data=b"x" * 5_300_000)), Rejected)
    for fault in ("lose_response", "truncate", "html"):
        server.fault(fault, path_prefix=f"{XRPC}repo.uploadBlob")
        assert isinstance(adapter.prepare(media_of()), Unavailable)


def test_one_session_serves_every_process(server: FakeBluesky, clock: SteppingClock, tmp_path: Path) -> None:
    for number in range(5):
        adapter = connect(server.url, clock, tmp_path)
        assert isinstance(adapter.publish(part_of(token=f"{number:064}")), Receipt)
        adapter.close()
    assert server.requests[f"POST {XRPC}server.createSession"] == 1
    kept = (tmp_path / "tokens" / "desk.json").read_text()
    assert "campaigner-password" not in kept


def test_a_session_is_kept_for_its_handle_and_server_only(clock: SteppingClock, tmp_path: Path) -> None:
    for _ in range(2):
        with FakeBluesky(clock=clock) as server:
            adapter = connect(server.url, clock, tmp_path)
            assert isinstance(adapter.identity(), Identity)
            adapter.close()
            assert server.requests[f"POST {XRPC}server.createSession"] == 1


@pytest.mark.parametrize("path", [PUT, f"{XRPC}server.getSession", f"{XRPC}repo.uploadBlob", f"{XRPC}repo.getRecord"])
def test_a_token_that_ran_out_is_refreshed_once(adapter: Bluesky, server: FakeBluesky, path: str) -> None:
    adapter.identity()
    server.fault("expire_token", path_prefix=path)
    assert isinstance(adapter.prepare(media_of()), Uploaded)
    assert isinstance(adapter.publish(part_of()), Receipt)
    assert isinstance(adapter.look(again(part_of())), Receipt)
    assert isinstance(adapter.identity(), Identity)
    assert len(server.journal) == 1
    assert server.requests[f"POST {XRPC}server.refreshSession"] == 1
    assert server.requests[f"POST {XRPC}server.createSession"] == 1


def test_a_refresh_token_that_ran_out_means_signing_in(
    adapter: Bluesky, server: FakeBluesky, clock: SteppingClock
) -> None:
    adapter.identity()
    clock.wait_until(NOW + timedelta(days=100))
    assert isinstance(adapter.publish(part_of()), Receipt)
    assert server.requests[f"POST {XRPC}server.createSession"] == 2


def test_whoever_refreshed_meanwhile_is_followed(server: FakeBluesky, clock: SteppingClock, tmp_path: Path) -> None:
    one, other = connect(server.url, clock, tmp_path), connect(server.url, clock, tmp_path)
    one.identity()
    server.sessions.expire()
    assert isinstance(one.identity(), Identity)
    assert isinstance(other.identity(), Identity)
    assert server.requests[f"POST {XRPC}server.refreshSession"] == 1
    one.close()
    other.close()


@pytest.mark.parametrize("fault", ["html", "lose_response", "truncate", "rate_limit"])
@pytest.mark.parametrize("path", ["server.createSession", "server.refreshSession"])
def test_signing_in_that_fails_makes_the_post_wait(
    adapter: Bluesky, server: FakeBluesky, fault: str, path: str
) -> None:
    if path.endswith("refreshSession"):
        adapter.identity()
        server.sessions.expire()
    server.fault(fault, path_prefix=XRPC + path, form="seconds") if fault == "rate_limit" else server.fault(
        fault, path_prefix=XRPC + path
    )
    assert isinstance(adapter.publish(part_of()), Unavailable)
    assert isinstance(adapter.publish(part_of()), Receipt)
    assert len(server.journal) == 1


def test_too_many_sign_ins(clock: SteppingClock) -> None:
    with FakeBluesky(clock=clock, login=Quota("createSession", 1, timedelta(minutes=5))) as server:
        outcomes = [connect(server.url, clock).identity() for _ in range(2)]
    assert isinstance(outcomes[1], Unavailable)
    assert outcomes[1].retry_at == NOW + timedelta(minutes=5)


def test_a_wrong_password(server: FakeBluesky, clock: SteppingClock) -> None:
    adapter = connect(server.url, clock, password="wrong-password")
    for outcome in (
        adapter.identity(),
        adapter.publish(part_of()),
        adapter.look(part_of()),
        adapter.prepare(media_of()),
    ):
        assert isinstance(outcome, Unauthorized)
        assert "Invalid identifier or password" in outcome.reason
    assert isinstance(adapter.delete(Receipt(id=f"at://a/app.bsky.feed.post/{RKEY}", url="", at=NOW)), Unauthorized)
    adapter.close()


def test_deleting_twice_is_as_good(adapter: Bluesky, server: FakeBluesky) -> None:
    receipt = adapter.publish(part_of())
    assert isinstance(receipt, Receipt)
    assert (adapter.delete(replace(receipt, id=receipt.url)), adapter.delete(receipt)) == (None, None)
    assert server.visible == []
    assert adapter.look(again(part_of())) == Absent()
    assert isinstance(adapter.delete(replace(receipt, id="https://x.com/a/1")), Rejected)
    server.fault("html", path_prefix=f"{XRPC}repo.deleteRecord", status=502)
    assert isinstance(adapter.delete(receipt), Unavailable)


def test_credentials_stay_with_a_server_on_this_machine(
    server: FakeBluesky, clock: SteppingClock, tmp_path: Path
) -> None:
    """The fake names its own address as the PDS; what the proxy before it sees must not shrink for that."""
    with FaultProxy(server.url, clock=clock) as proxy:
        adapter = connect(proxy.url, clock, tmp_path)
        proxy.fault("lose_response", path_prefix=PUT)
        assert isinstance(adapter.publish(part_of()), InDoubt)
        assert isinstance(adapter.publish(again(part_of())), Receipt)
        assert proxy.requests[f"POST {PUT}"] == 2
        adapter.close()
    assert len(server.journal) == 1


@pytest.mark.parametrize(
    "did_doc", [None, [], {"service": {}}, {"service": [None, 7, {"type": "AtprotoPersonalDataServer"}]}]
)
def test_whatever_the_did_document_says(clock: SteppingClock, did_doc: Any) -> None:
    class Odd(FakeBluesky):
        def answer(self, request: Request) -> Answer:
            answer = super().answer(request)
            if not request.path.endswith("createSession"):
                return answer
            return Answer.json({**json.loads(answer.body), "didDoc": did_doc})

    with Odd(clock=clock) as server:
        adapter = connect(server.url, clock)
        assert isinstance(adapter.identity(), Identity)
        adapter.close()


@pytest.mark.parametrize("body", [b"[]", b"null", b"", b'{"error": {"deep": 1}}', b'{"did": 7}', b'"x"', b"<html>"])
@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_whatever_a_server_answers_is_an_outcome(clock: SteppingClock, body: bytes, status: int) -> None:
    with RawServer(answering(http(status, body))) as server:
        adapter = connect(server.url, clock)
        for outcome in (
            adapter.identity(),
            adapter.publish(part_of()),
            adapter.look(part_of()),
            adapter.prepare(media_of()),
        ):
            assert isinstance(outcome, Unavailable)
        adapter.close()


@pytest.mark.parametrize("path", ["server.createSession", "repo.putRecord", "repo.getRecord", "repo.uploadBlob"])
def test_no_secret_is_in_any_reason(server: FakeBluesky, clock: SteppingClock, path: str, tmp_path: Path) -> None:
    class Echo(FaultProxy):
        """Says back whatever credentials it was sent, in every error."""

        def answer(self, request: Request) -> Answer:
            if request.path != XRPC + path:
                return super().answer(request)
            said = request.headers.get("authorization", "") + request.body.decode("latin-1")
            return Answer.json({"error": "Odd", "message": said}, status)

    for status in (400, 401, 403, 404, 429, 500):
        with Echo(server.url, clock=clock) as echo:
            adapter = connect(echo.url, clock, tmp_path / str(status))
            outcomes = repr(
                [adapter.publish(part_of()), adapter.look(part_of()), adapter.prepare(media_of()), adapter.identity()]
            )
            adapter.close()
        kept = tmp_path / str(status) / "tokens" / "desk.json"
        tokens = json.loads(kept.read_text()) if kept.exists() else {}
        assert "Odd" in outcomes
        assert "campaigner-password" not in outcomes
        assert tokens or path == "server.createSession"
        for name in ("access", "refresh"):
            assert name not in tokens or tokens[name] not in outcomes


@pytest.mark.parametrize("stale", [False, True])
def test_a_process_that_keeps_the_lock_makes_the_post_wait(
    server: FakeBluesky, clock: SteppingClock, tmp_path: Path, stale: bool
) -> None:
    adapter = connect(server.url, clock, tmp_path)
    adapter.store = TokenStore(tmp_path, "desk", lock_tries=1)
    if stale:
        adapter.identity()
        server.sessions.expire()
    with TokenStore(tmp_path, "desk").locked():
        assert adapter.publish(part_of()) == Unavailable("another process of campaigner is signing in")
    assert isinstance(adapter.publish(part_of()), Receipt)
    adapter.close()


@pytest.mark.parametrize(
    ("server", "named", "wanted"),
    [
        (
            "https://bsky.social",
            "https://puffball.us-east.host.bsky.network/",
            "https://puffball.us-east.host.bsky.network",
        ),
        ("https://bsky.social", "http://puffball.us-east.host.bsky.network", None),
        ("https://bsky.social", "https://127.0.0.1:8443", None),
        ("https://bsky.social", "http://localhost:2583", None),
        ("http://127.0.0.1:2583", "https://evil.example", None),
        ("http://127.0.0.1:2583", "http://localhost:2583", None),
    ],
)
def test_the_pds_that_credentials_may_go_to(clock: SteppingClock, server: str, named: str, wanted: str | None) -> None:
    adapter = connect(server, clock)
    services = [
        {"type": "Other", "serviceEndpoint": "https://other.example"},
        {"type": "AtprotoPersonalDataServer", "serviceEndpoint": named},
    ]
    assert adapter._pds_of({"didDoc": {"service": services}}) == wanted


def test_cashtags_are_no_facets(adapter: Bluesky, server: FakeBluesky) -> None:
    assert isinstance(adapter.publish(part_of("Buy $IOM")), Receipt)
    assert "facets" not in record_of(server)


def test_who_we_are_may_be_untold(adapter: Bluesky, server: FakeBluesky) -> None:
    adapter.identity()
    server.fault("html", path_prefix=f"{XRPC}server.getSession", status=502)
    assert isinstance(adapter.identity(), Unavailable)


@pytest.mark.parametrize("fault", ["html", "lose_response"])
def test_a_part_before_this_one_that_can_not_be_read_now_makes_it_wait(
    adapter: Bluesky, server: FakeBluesky, fault: str
) -> None:
    first = adapter.publish(part_of("one", token="1" * 64))
    assert isinstance(first, Receipt)
    by_hand = Receipt(id=first.url, url=first.url, at=NOW)
    server.fault(fault, path_prefix=f"{XRPC}repo.getRecord")
    outcome = adapter.publish(part_of("two", token="2" * 64, root=by_hand, parent=by_hand))
    assert isinstance(outcome, Unavailable)
    assert len(server.journal) == 1


def test_a_session_that_can_not_be_refreshed_now_is_tried_again(adapter: Bluesky, server: FakeBluesky) -> None:
    adapter.identity()
    server.sessions.expire()
    server.fault("status", path_prefix=f"{XRPC}server.refreshSession", status=500)
    assert isinstance(adapter.identity(), Unavailable)
    assert server.requests[f"POST {XRPC}server.createSession"] == 1
    assert isinstance(adapter.identity(), Identity)


def test_tokens_that_can_not_be_saved_stop_the_account_and_nothing_else(
    server: FakeBluesky, clock: SteppingClock, tmp_path: Path
) -> None:
    (tmp_path / "tokens").write_text("no folder")
    adapter = connect(server.url, clock, tmp_path)
    answer = adapter.identity()
    adapter.close()
    assert isinstance(answer, Unavailable)
    assert "the tokens of account desk can't be saved" in answer.reason
    assert "may one write to" in answer.reason
