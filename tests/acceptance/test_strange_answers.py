"""What answers in the API's place is named with its cure, on every platform and call; the post stays due, and people are told once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .test_alerts import Sink, addresses
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
PAGE = "<!DOCTYPE html><html><head><title>Back at 10 &amp; sorry</title></head><h1>x</h1></html>"
SERVER = "is `server` right?"

STRANGE: dict[str, tuple[dict[str, Any], list[str]]] = {
    **{
        f"redirect {status}": (
            {"status": status, "headers": {"Location": "https://new.example/home?a=b"}},
            ['sends us on to "https://new.example/home?a=b"', SERVER, f"(HTTP {status})"],
        )
        for status in (301, 302, 303, 307, 308)
    },
    "redirect nowhere": ({"status": 302, "headers": {"Location": "javascript:alert(1)"}}, ["does not say where", SERVER]),
    "web page": ({"status": 200, "body": PAGE}, ['a web page "Back at 10 & sorry", not the API', SERVER]),
    "blocked": ({"status": 403, "body": PAGE}, ["not the API", "a proxy or a firewall"]),
    "no such page": ({"status": 404, "body": PAGE}, ["not the API", SERVER, "(HTTP 404)"]),
    "nothing there": ({"status": 404}, ["no such address", SERVER]),
    "maintenance": (
        {"status": 503, "body": PAGE, "headers": {"Retry-After": "20"}},
        ['a web page "Back at 10 & sorry"', "maintained", "(HTTP 503)"],
    ),
}  # fmt: skip


@pytest.fixture(params=["mastodon", "bluesky", "x"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    made: dict[str, type[FakePlatform]] = {"mastodon": FakeMastodon, "bluesky": FakeBluesky, "x": FakeX}
    with made[request.param]() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as made:
        yield made


def due(place: Workplace, fake: FakePlatform, sink: Sink, **options: Any) -> None:
    """One post, accepted, and its time has come."""
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"], **options)}, alerts=addresses(place, sink))
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "-")}))
    place.move_to(at("07:30:00"))
    place.accept()
    place.move_to(at("08:00:30"))


@pytest.mark.parametrize("what", STRANGE)
def test_who_we_are_is_asked_of_what_is_no_api(place: Workplace, fake: FakePlatform, sink: Sink, what: str) -> None:
    details, wanted = STRANGE[what]
    due(place, fake, sink)
    fake.fault("status", times=None, **details)
    for _ in range(3):
        done = place.run("run", "--once")
        assert (done.returncode, done.stdout.split()[0]) == (1, "waiting"), done
        place.move_to(place.now() + timedelta(minutes=1))
    assert sink.kinds == ["unreachable"], "once, not once a minute"
    told = place.run("status", "--attention")
    assert told.returncode == 1
    checked = place.run("accounts", "check")
    for words in wanted:
        assert words in told.stdout.replace("\n", " "), told.stdout
        assert words in checked.stdout.replace("\n", " "), checked.stdout
    fake.faults.clear()
    place.move_to(place.now() + timedelta(minutes=20))
    assert f"published {KEY}" in place.run("run", "--once").stdout
    assert place.run("status", "--attention").returncode == 0
    assert len(fake.journal) == 1


def test_what_was_missed_is_missed_for_the_true_reason(place: Workplace, fake: FakePlatform, sink: Sink) -> None:
    due(place, fake, sink)
    fake.fault("status", times=None, status=301, headers={"Location": "https://new.example/"})
    place.run("run", "--once")
    place.move_to(at("10:00:30"))
    done = place.run("run", "--once")
    assert done.stdout.startswith(f"missed {KEY}"), done
    assert "https://new.example/" in done.stdout
    assert "first saw" not in done.stdout
    assert sink.kinds == ["unreachable", "missed"]


@pytest.mark.parametrize("status", [301, 308, 200])
def test_a_strange_answer_to_the_publishing_call_is_in_doubt(
    place: Workplace, fake: FakePlatform, sink: Sink, status: int
) -> None:
    """It may come from before the server or from behind it: it is looked up, and never sent again blindly."""
    due(place, fake, sink)
    headers = {"Location": "https://new.example/"} if status > 300 else {}
    body = "" if status > 300 else PAGE
    fake.fault("status", path_prefix=PUBLISH[fake.platform], method="POST", status=status, headers=headers, body=body)
    done = place.run("run", "--once")
    assert done.stdout.startswith(f"in-doubt {KEY}"), done
    assert SERVER in done.stdout
    for _ in range(4):
        place.move_to(place.now() + timedelta(minutes=3))
        place.run("run", "--once")
    assert len(fake.journal) == (0 if fake.platform == "x" else 1)


def test_what_is_too_large_is_said_with_its_size(place: Workplace, fake: FakePlatform, sink: Sink) -> None:
    due(place, fake, sink)
    fake.fault("status", path_prefix=PUBLISH[fake.platform], method="POST", status=413, body=PAGE)
    done = place.run("run", "--once")
    if fake.platform != "x":
        assert done.stdout.startswith(f"failed {KEY}"), done
    assert "too large: " in done.stdout
    assert " bytes were sent" in done.stdout


@pytest.mark.parametrize("rest", ["/@news", "/api/v1", "/xrpc", "/home"])
def test_an_address_of_a_page_is_no_server(place: Workplace, fake: FakePlatform, sink: Sink, rest: str) -> None:
    due(place, fake, sink)
    place.write_config({"news": account(fake, ["en"], server=f"{fake.url}{rest}")})
    done = place.run("accounts", "check")
    assert (done.returncode, f"Write {fake.url}\n" in done.stderr) == (3, True), done
    assert sum(fake.requests.values()) == 0


WORDS = (
    "no\nfailed other/2020/x/news/en\r\n::error::\x1b[31m red @everyone ＠here <!channel> <@U123> "
    '`campaigner delete` "quoted" [here](https://evil.example/a) \u202eabc\u200b\U000e0041\u2028 ' + "x" * 500_000
)


def test_a_servers_words_are_a_quotation(place: Workplace, fake: FakePlatform, sink: Sink) -> None:
    due(place, fake, sink)
    body = json.dumps(dict.fromkeys(("error", "message", "title", "detail"), WORDS))
    fake.fault("status", times=None, status=401, body=body)
    done = place.run("run", "--once")
    shown = [done.stdout, *(place.run(*command.split()).stdout for command in ("status", "accounts check", "log"))]
    (told,) = sink.told
    for text in [*shown, told.text]:
        for wrong in (
            "\x1b",
            "@everyone",
            "＠",
            "<!",
            "<@",
            "`campaigner delete`",
            "\u202e",
            "\u200b",
            "\U000e0041",
            "\u2028",
        ):
            assert wrong not in text, (wrong, text)
        assert "\nfailed other" not in text
        assert "\n::error" not in text
        assert len(text) < 2500, text
    words, when, command = told.text.splitlines()
    assert words.count('"') == 2
    assert len(words.split('"')[1]) < 290
    assert "https://" not in words
    assert "evil.example" not in words
    assert when.endswith("UTC")
    assert command == "campaigner accounts check news"
