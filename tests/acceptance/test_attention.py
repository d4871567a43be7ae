"""`status --attention` hides nothing: standing alerts, accounts that are stopped, posts that a dead process left."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"


@pytest.fixture
def accepted(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    return place


def alerts(place: Workplace) -> list[str]:
    return [alert["kind"] for alert in json.loads(place.run("status", "--json").stdout)["alerts"]]


def test_a_missing_secret_is_shown_with_its_command_until_the_account_is_well(accepted: Workplace) -> None:
    secret = accepted.environment.pop("NEWS_ACCESS_TOKEN")
    with daemon(accepted):
        wait_for(lambda: alerts(accepted) == ["account"])
    shown = accepted.run("status", "--attention")
    assert shown.returncode == 1
    assert "NEWS_ACCESS_TOKEN" in shown.stdout
    assert "campaigner accounts check news" in shown.stdout
    assert "nothing needs a person" not in shown.stdout
    accepted.move_to(accepted.now() + timedelta(days=5))
    assert "NEWS_ACCESS_TOKEN" in accepted.run("status", "--attention").stdout
    accepted.environment["NEWS_ACCESS_TOKEN"] = secret
    assert accepted.run("accounts", "check", "news").returncode == 0
    assert "NEWS_ACCESS_TOKEN" not in accepted.run("status", "--attention").stdout


def test_a_stopped_account_is_shown_once_with_its_command(accepted: Workplace) -> None:
    accepted.environment["NEWS_ACCESS_TOKEN"] = "revoked"
    accepted.move_to(at("08:00:30"))
    accepted.run("run", "--once")
    shown = accepted.run("status", "--attention")
    lines = shown.stdout.splitlines()
    (stopped,) = (line for line in lines if line.startswith("stopped: account news: "))
    assert lines[lines.index(stopped) + 1].strip() == "campaigner accounts check news"
    assert (shown.returncode, "told:" in shown.stdout) == (1, False)
    (found,) = json.loads(accepted.run("status", "--json").stdout)["accounts"]
    assert found["command"] == "campaigner accounts check news"
    checked = accepted.run("accounts", "check", "news")
    assert "The config has `access_token: env:NEWS_ACCESS_TOKEN` for it: put a working one there" in checked.stdout
    assert (checked.returncode, "revoked" in checked.stdout) == (1, False)


def test_an_account_that_is_not_reached_is_said_with_the_server_of_the_config(accepted: Workplace) -> None:
    accepted.write_config({"news": {**account_at("http://127.0.0.1:9"), "languages": ["en"]}})
    checked = accepted.run("accounts", "check", "news")
    assert "The config has `server: http://127.0.0.1:9` for it: see that this is right" in checked.stdout
    assert checked.returncode == 1


def account_at(server: str) -> dict[str, str]:
    return {"platform": "mastodon", "server": server, "access_token": "env:NEWS_ACCESS_TOKEN"}


def ended(place: Workplace, state: str) -> None:
    """As a process leaves it that ended in the wrong moment: it is in hand, and nobody's."""
    with sqlite3.connect(place.folder / "state/campaigner.db") as ledger:
        ledger.execute("UPDATE deliveries SET state = ?, reason = ''", (state,))
    ledger.close()


def test_a_post_that_was_being_sent_when_its_process_ended_is_shown(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    accepted.move_to(at("08:00:30"))
    mastodon.fault("rate_limit", path_prefix="/api/v1/statuses", method="POST", form="seconds", seconds=600)
    accepted.run("run", "--once")
    ended(accepted, "sending")
    shown = accepted.run("status", "--attention")
    assert shown.returncode == 1
    assert "it may be out" in shown.stdout
    assert f"campaigner resolve {KEY} --published URL" in shown.stdout
    assert accepted.run("retry", KEY).returncode == 5
    assert accepted.run("resolve", KEY, "--not-published").returncode == 0
    # The platform has asked for ten minutes.
    accepted.move_to(at("08:11:00"))
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning"]
    assert accepted.run("status", "--attention").returncode == 0


def test_a_post_that_was_claimed_when_its_process_ended_is_shown(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.move_to(at("08:00:30"))
    mastodon.fault("rate_limit", path_prefix="/api/v1/statuses", method="POST", form="seconds", seconds=600)
    accepted.run("run", "--once")
    ended(accepted, "claimed")
    shown = accepted.run("status", "--attention")
    assert (shown.returncode, "nothing was sent" in shown.stdout) == (1, True)
    assert f"campaigner retry {KEY}" in shown.stdout
    assert accepted.run("retry", KEY).returncode == 0
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning"]


def test_a_post_that_is_being_sent_asks_for_nobody(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.move_to(at("08:00:30"))
    mastodon.fault("late", path_prefix="/api/v1/statuses", method="POST", seconds=8)
    with daemon(accepted):
        wait_for(lambda: accepted.status()[KEY]["state"] == "sending")
        assert accepted.run("status", "--attention").returncode == 0
        assert accepted.run("resolve", KEY, "--not-published").returncode == 5
    assert mastodon.texts == ["Good morning"]


def test_an_edit_at_the_last_minute_is_shown_while_its_post_is_ahead(accepted: Workplace) -> None:
    accepted.move_to(at("07:30:00"))
    accepted.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good day", "Huomenta")}))
    accepted.accept()
    shown = accepted.run("status", "--attention")
    assert (shown.returncode, f"campaigner preview {KEY}" in shown.stdout) == (1, True)
    assert accepted.run("preview", KEY).returncode == 0
    accepted.run("hold", "--until", "2020-12-18 12:00", "--reason", "Ask")
    accepted.move_to(at("12:30:00"))
    accepted.run("run", "--once")
    shown = accepted.run("status", "--attention").stdout
    assert ("was skipped" in shown, "was changed" in shown) == (True, False)
    assert f"    campaigner retry {KEY} --yes\n" in shown
    assert accepted.run("retry", KEY, "--yes").returncode == 0


def test_an_edit_at_the_last_minute_of_what_left_the_files_is_over(accepted: Workplace) -> None:
    for text in ("Good day", None):
        accepted.move_to(at("07:30:00"))
        name = "morning" if text else "evening"
        edited = message("08:00" if text else "20:00", text or "Good evening", "Iltaa")
        accepted.write("campaigns/migrants-day.yaml", campaign({name: edited}))
        accepted.accept(0 if text else 1)
    shown = accepted.run("status", "--attention").stdout
    assert ("is no longer in the files" in shown, "was changed shortly" in shown) == (True, False)
