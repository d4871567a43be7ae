"""Every fault of a server, through the real command: afterwards one copy is there, or a person is told. Never two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .workplace import Workplace, account, at, campaign, message

PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
KEY = "migrants-day/2020/morning/news/en"

# What happens to the publishing call, and whether the server has the post after it.
FAULTS: Mapping[str, tuple[dict[str, Any], bool]] = {
    "request dropped": ({"fault": "drop_request"}, False),
    "answer lost": ({"fault": "lose_response"}, True),
    "half an answer": ({"fault": "truncate"}, True),
    "500 before": ({"fault": "status", "status": 500}, False),
    "500 after": ({"fault": "status", "status": 500, "commit": True}, True),
    "502 page before": ({"fault": "html", "status": 502}, False),
    "502 page after": ({"fault": "html", "status": 502, "commit": True}, True),
    "200 page after": ({"fault": "html", "status": 200, "commit": True}, True),
    "garbage": ({"fault": "garbage", "commit": True}, True),
    "429 seconds": ({"fault": "rate_limit", "form": "seconds", "seconds": 3}, False),
    "429 date": ({"fault": "rate_limit", "form": "date", "seconds": 3}, False),
    "429 epoch": ({"fault": "rate_limit", "form": "epoch", "seconds": 3}, False),
    "429 iso": ({"fault": "rate_limit", "form": "iso", "seconds": 3}, False),
    "429 bare": ({"fault": "rate_limit", "form": "none"}, False),
}


@pytest.fixture(params=["mastodon ignoring keys", "bluesky", "x"])
def other(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    yield from served(request.param)


@pytest.fixture(params=["mastodon", "bluesky", "x"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    yield from served(request.param)


def served(name: str) -> Iterator[FakePlatform]:
    made: FakePlatform
    match name:
        case "mastodon":
            made = FakeMastodon()
        case "mastodon ignoring keys":
            made = FakeMastodon(key_mode="ignored")
        case "bluesky":
            made = FakeBluesky()
        case _:
            made = FakeX()
    with made:
        yield made


def accepted(place: Workplace, fake: FakePlatform) -> None:
    """One post, due at 08:00, accepted before."""
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:30"))


def runs_for(place: Workplace, minutes: int) -> list[str]:
    """Cron's runs of the next minutes, every third one; returns what they printed."""
    printed = []
    for _ in range(minutes // 3):
        place.move_to(place.now() + timedelta(minutes=3))
        printed.append(place.run("run", "--once").stdout)
    return printed


EVERYWHERE = ("request dropped", "answer lost", "500 after", "200 page after", "429 seconds")
"""The rest is tried on one server: how an answer is read does not depend on the platform."""


@pytest.mark.parametrize("fault", FAULTS)
def test_one_copy_or_told(place: Workplace, mastodon: FakeMastodon, fault: str) -> None:
    one_copy_or_told(place, mastodon, fault)


@pytest.mark.parametrize("fault", EVERYWHERE)
def test_one_copy_or_told_on_every_platform(place: Workplace, other: FakePlatform, fault: str) -> None:
    one_copy_or_told(place, other, fault)


def one_copy_or_told(place: Workplace, fake: FakePlatform, fault: str) -> None:
    details, committed = FAULTS[fault]
    accepted(place, fake)
    fake.fault(path_prefix=PUBLISH[fake.platform], method="POST", **details)
    first = place.run("run", "--once")
    assert len(fake.journal) == (1 if committed else len(fake.journal))
    runs_for(place, 12)
    state = place.status()[KEY]["state"]
    assert len(fake.journal) <= 1, (first.stdout, first.stderr)
    if fake.platform == "x" and not committed and not fault.startswith("429"):
        _settled_by_a_person(place, fake, state)
    else:
        assert (state, fake.texts) == ("published", ["Good morning"]), first.stdout


def _settled_by_a_person(place: Workplace, fake: FakePlatform, state: str) -> None:
    """On X a post that isn't found proves nothing: it stays in doubt, is told, and one command settles it."""
    assert state == "in-doubt"
    assert fake.journal == []
    told = place.run("status", "--attention")
    assert (told.returncode, KEY in told.stdout) == (1, True)
    assert place.run("resolve", KEY, "--not-published").returncode == 0
    assert f"published {KEY}" in place.run("run", "--once").stdout
    assert fake.texts == ["Good morning"]


def test_a_server_that_is_down_costs_nothing_but_time(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    with fake.refusing():
        down = place.run("run", "--once")
    assert (down.returncode, down.stdout.split()[0]) == (1, "waiting")
    runs_for(place, 12)
    assert fake.texts == ["Good morning"]


def test_a_refused_account_stops_says_so_once_and_goes_on_after_a_check(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    right = dict(place.environment)
    place.environment |= dict.fromkeys(place.environment, "a-wrong-secret-value")
    refused = place.run("run", "--once")
    assert refused.returncode == 1
    assert "a-wrong-secret-value" not in refused.stdout + refused.stderr
    place.environment |= right
    still = place.run("run", "--once")
    assert (still.stdout.split()[0], fake.journal) == ("waiting", [])
    assert place.run("accounts", "check").returncode == 0
    assert f"published {KEY}" in place.run("run", "--once").stdout


def test_a_doubt_that_a_person_saw_on_the_platform(place: Workplace, x_alone: FakeX) -> None:
    accepted(place, x_alone)
    x_alone.fault("lose_response", path_prefix="/2/tweets", method="POST")
    x_alone.fault("status", path_prefix="/2/users/1000", method="GET", status=503, times=None)
    place.run("run", "--once")
    x_alone.faults.clear()
    url = f"https://x.com/us/status/{x_alone.journal[0].id}"
    assert place.run("resolve", KEY, "--published", url).returncode == 0
    post = place.status()[KEY]
    assert (post["state"], post["url"]) == ("published", url)
    assert place.run("run", "--once").stdout == ""
    assert len(x_alone.journal) == 1


@pytest.fixture
def x_alone() -> Iterator[FakeX]:
    with FakeX() as made:
        yield made
