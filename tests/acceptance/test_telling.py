"""What people are told before it matters, and of the time when nothing ran, through the real command."""

from __future__ import annotations

import json

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

MORNING = {"morning": message("08:00", "Good morning", "Huomenta")}


def told(place: Workplace) -> list[str]:
    return [alert["text"] for alert in json.loads(place.run("status", "--json").stdout)["alerts"]]


def test_the_daemon_tells_of_a_dead_token_the_day_before(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon)})
    place.environment["NEWS_ACCESS_TOKEN"] = "revoked"
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("07:00:00").replace(day=17, hour=12))
    with daemon(place):
        wait_for(lambda: bool(told(place)))
    (text,) = told(place)
    assert text.startswith("account news is stopped, nothing is sent there: ")
    assert mastodon.journal == []


def test_the_daemon_tells_of_a_missing_secret_the_day_before(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon)})
    del place.environment["NEWS_ACCESS_TOKEN"]
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("12:00:00").replace(day=17))
    with daemon(place):
        wait_for(lambda: bool(told(place)))
    (text,) = told(place)
    assert "NEWS_ACCESS_TOKEN" in text
    assert "It has posts within a day" in text


def test_only_accounts_with_posts_within_a_day_are_asked(
    place: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky
) -> None:
    place.speed = 1.0
    place.write_config({"later": account(bluesky), "news": account(mastodon)})
    soon = message("-7d 08:00", "Soon", "Pian", accounts=["news"])
    place.write("campaigns/migrants-day.yaml", campaign({"soon": soon, **MORNING}))
    place.move_to(at("12:00:00").replace(day=10))
    with daemon(place):
        wait_for(lambda: bool(mastodon.requests))
    assert not bluesky.requests
    assert not mastodon.journal


def test_what_was_missed_while_nothing_ran_says_so(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.accept()
    place.move_to(at("12:00:00"))
    assert place.run("run", "--once").returncode == 1
    assert [text.partition(";")[2] for text in told(place)] == [" nothing ran here since 2020-12-18 05:00 UTC"] * 2
    assert mastodon.texts == []
