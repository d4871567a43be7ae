"""A server that asks for a wait longer than `late`: people are told at once, with what to type, not when the post is missed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
LONG = 31 * 86_400.0
UNTIL = "2021-01-18"
POSTS = {"path_prefix": "/api/v1/statuses", "method": "POST"}
IDENTITY = {"path_prefix": "/api/v1/accounts/verify_credentials"}


@pytest.fixture
def due(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """One post, accepted and due."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:10"))
    return place


def told(place: Workplace) -> list[dict[str, Any]]:
    """What is told of, but for what was changed at the last minute: most of it is, here."""
    found = json.loads(place.run("status", "--json").stdout)["alerts"]
    return [alert for alert in found if alert["kind"] != "edited"]


@pytest.mark.parametrize("asked", [POSTS, IDENTITY], ids=["the post", "who we are"])
@pytest.mark.parametrize("form", ["seconds", "date", "epoch"])
def test_it_is_told_at_once_and_what_is_named_sends_the_post(
    due: Workplace, mastodon: FakeMastodon, asked: dict[str, Any], form: str
) -> None:
    mastodon.fault("rate_limit", **asked, form=form, seconds=LONG)
    assert due.run("run", "--once").returncode == 1
    attention = due.run("status", "--attention")
    (alert,) = told(due)
    assert (attention.returncode, UNTIL in alert["text"]) == (1, True), attention.stdout
    assert {alert["text"], f"    {alert['command']}"} <= {
        line.removeprefix("told: ") for line in attention.stdout.splitlines()
    }
    due.move_to(at("08:02:00"))
    assert due.run("run", "--once").stdout.count("published") == 0, "the server's word holds meanwhile"
    assert len(told(due)) == 1
    assert due.run(*alert["command"].split()[1:]).returncode == 0
    due.run("run", "--once")
    assert (mastodon.texts, told(due), due.run("status", "--attention").returncode) == (["Good morning"], [], 0)


def test_the_daemon_tells_it_at_once(due: Workplace, mastodon: FakeMastodon) -> None:
    mastodon.fault("rate_limit", **POSTS, form="seconds", seconds=LONG)
    with daemon(due):
        wait_for(lambda: bool(told(due)))
    assert [UNTIL in alert["text"] for alert in told(due)] == [True]


@pytest.mark.parametrize("seconds", [30, 3600])
def test_a_wait_within_late_is_nobodys_business(due: Workplace, mastodon: FakeMastodon, seconds: float) -> None:
    mastodon.fault("rate_limit", **POSTS, form="seconds", seconds=seconds)
    due.run("run", "--once")
    assert (told(due), due.run("status", "--attention").returncode) == ([], 0)


def test_what_will_be_missed_for_a_shorter_wait_is_told_too(due: Workplace, mastodon: FakeMastodon) -> None:
    due.move_to(at("09:30:00"))
    mastodon.fault("rate_limit", **POSTS, form="seconds", seconds=3600)
    due.run("run", "--once")
    (alert,) = told(due)
    assert (alert["key"], alert["command"]) == (KEY, f"campaigner retry {KEY}")


def test_a_doubt_that_can_not_be_looked_at_for_so_long_is_told(due: Workplace, mastodon: FakeMastodon) -> None:
    mastodon.fault("lose_response", **POSTS)
    slow = {"form": "seconds", "seconds": LONG, "times": None}
    mastodon.fault("rate_limit", method="GET", path_prefix="/api/v1/accounts/", after=1, **slow)
    due.run("run", "--once")
    due.move_to(at("08:03:00"))
    due.run("run", "--once")
    (alert,) = told(due)
    assert (alert["kind"], UNTIL in alert["text"]) == ("in-doubt", True), due.run("log", KEY).stdout


def test_half_a_thread_is_told_at_once(due: Workplace, mastodon: FakeMastodon) -> None:
    thread = message("08:00", "First", "Ensimmäinen", thread=[{"text": {"en": "Second", "fi": "Toinen"}}])
    due.write("campaigns/migrants-day.yaml", campaign({"morning": thread}))
    due.move_to(at("07:00:00"))
    due.accept()
    mastodon.fault("rate_limit", **POSTS, after=1, form="seconds", seconds=timedelta(days=3).total_seconds())
    due.move_to(at("08:00:10"))
    due.run("run", "--once")
    (alert,) = told(due)
    assert "its beginning is out" in alert["text"]
    assert "2020-12-21" in alert["text"]
