"""`parity: required`: the languages of a message go out together or not at all, through the real command."""

from __future__ import annotations

import json
from typing import Any

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

EN, FI = "migrants-day/2020/morning/english/en", "migrants-day/2020/morning/finnish/fi"
MORNING = {"morning": message("08:00", "Good morning", "Huomenta")}
STATUSES = "/api/v1/statuses"


@pytest.fixture
def pair(mastodon: FakeMastodon, bluesky: FakeBluesky, place: Workplace) -> Workplace:
    """The lead language on a Mastodon account, Finnish on a Bluesky one; accepted before they are due."""
    place.speed = 1.0
    place.write_config({"english": account(mastodon, ["en"]), "finnish": account(bluesky, ["fi"])})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING, parity="required"))
    place.accept()
    return place


def alerts(place: Workplace) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(place.run("status", "--json").stdout)["alerts"]
    return found


def test_both_go_out_when_both_can(pair: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky) -> None:
    pair.move_to(at("08:00:10"))
    assert pair.run("run", "--once").returncode == 0
    assert (mastodon.texts, bluesky.texts) == (["Good morning"], ["Huomenta"])


def test_on_one_account_no_spacing_parts_them(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, spacing="1h")})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING, parity="required"))
    place.accept()
    place.move_to(at("08:00:10"))
    assert place.run("run", "--once", timeout=30).returncode == 0
    assert mastodon.texts == ["Good morning", "Huomenta"]


def test_none_goes_out_while_one_account_is_refused_and_both_once_it_is_mended(
    pair: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky
) -> None:
    pair.move_to(at("08:00:10"))
    right = pair.environment["FINNISH_APP_PASSWORD"]
    pair.environment["FINNISH_APP_PASSWORD"] = "aaaa-bbbb-cccc-dddd"
    done = pair.run("run", "--once")
    assert (done.returncode, mastodon.texts, bluesky.texts) == (1, [], [])
    assert f"held {EN} parity is required" in done.stdout
    assert [alert["command"] for alert in alerts(pair)] == ["campaigner accounts check finnish"]
    pair.environment["FINNISH_APP_PASSWORD"] = right
    assert pair.run("accounts", "check").returncode == 0
    assert pair.run("run", "--once").returncode == 0
    assert (mastodon.texts, bluesky.texts) == (["Good morning"], ["Huomenta"])


def test_none_goes_out_while_one_platform_cannot_be_reached(
    pair: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky
) -> None:
    pair.move_to(at("08:00:10"))
    with bluesky.refusing():
        assert pair.run("run", "--once").returncode == 1
        assert mastodon.texts == []
    pair.move_to(at("08:20:00"))
    assert pair.run("run", "--once").returncode == 0
    assert (mastodon.texts, bluesky.texts) == (["Good morning"], ["Huomenta"])


def test_a_secret_that_is_missing_holds_the_other_language(pair: Workplace, mastodon: FakeMastodon) -> None:
    pair.move_to(at("08:00:10"))
    del pair.environment["FINNISH_APP_PASSWORD"]
    assert pair.run("run", "--once").returncode == 4
    assert mastodon.texts == []


@pytest.mark.parametrize("decided", [("hold", "--account", "finnish", "--reason", "Ask"), ("cancel", FI)])
def test_what_a_person_stops_in_one_language_stops_in_all(
    pair: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky, decided: tuple[str, ...]
) -> None:
    assert pair.run(*decided).returncode == 0
    pair.move_to(at("08:00:10"))
    done = pair.run("run", "--once")
    assert (done.returncode, mastodon.texts, bluesky.texts) == (1, [], [])
    assert f"held {EN} parity is required, and one of the message's posts can't go out: {FI}" in done.stdout


def test_a_person_sends_one_language_alone_by_name(pair: Workplace, mastodon: FakeMastodon) -> None:
    pair.run("cancel", FI)
    pair.move_to(at("08:00:10"))
    pair.run("run", "--once")
    assert pair.run("retry", EN).returncode == 0
    assert pair.run("run", "--once").returncode == 0
    assert mastodon.texts == ["Good morning"]


def test_the_languages_are_approved_as_one(pair: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky) -> None:
    options = {"english": account(mastodon, ["en"]), "finnish": account(bluesky, ["fi"])}
    pair.write_config(options, approval="required")
    pair.accept()
    codes = {post["key"]: post["code"] for post in json.loads(pair.run("preview", "--json").stdout)}
    assert pair.run("approve", EN, "--by", "Aino", "--code", codes[EN]).returncode == 0
    pair.move_to(at("08:00:10"))
    assert f"{EN} parity is required" in pair.run("run", "--once").stdout
    assert mastodon.texts == []
    assert pair.run("approve", FI, "--by", "Aino", "--code", codes[FI]).returncode == 0
    assert pair.run("run", "--once").returncode == 0
    assert (mastodon.texts, bluesky.texts) == (["Good morning"], ["Huomenta"])


@pytest.fixture
def desk(mastodon: FakeMastodon, place: Workplace) -> Workplace:
    """Both languages on one account, which sends them in order."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING, parity="required"))
    place.accept()
    return place


def refuse(fake: FakeMastodon, after: int) -> None:
    body = json.dumps({"error": "Validation failed: Text is too rude"})
    fake.fault("status", path_prefix=STATUSES, method="POST", status=422, body=body, after=after)


def test_what_is_out_alone_is_told_with_the_command_that_takes_it_down(desk: Workplace, mastodon: FakeMastodon) -> None:
    refuse(mastodon, after=1)
    desk.move_to(at("08:00:10"))
    assert desk.run("run", "--once").returncode == 1
    assert mastodon.texts == ["Good morning"]
    (alert,) = alerts(desk)
    assert "Text is too rude" in alert["text"]
    assert "the same message is out as migrants-day/2020/morning/news/en" in alert["text"]
    assert alert["command"] == "campaigner delete migrants-day/2020/morning --yes"
    assert desk.run(*alert["command"].split()[1:]).returncode == 0
    assert mastodon.texts == []
    assert desk.run("retry", "migrants-day/2020/morning", "--yes").returncode == 0
    assert desk.run("run", "--once").returncode == 0
    assert mastodon.texts == ["Good morning", "Huomenta"]


def test_after_a_first_refusal_nothing_follows_until_a_person_has_mended_it(
    desk: Workplace, mastodon: FakeMastodon
) -> None:
    refuse(mastodon, after=0)
    desk.move_to(at("08:00:10"))
    done = desk.run("run", "--once")
    assert (done.returncode, mastodon.texts) == (1, [])
    assert "held migrants-day/2020/morning/news/fi parity is required" in done.stdout
    assert [alert["command"] for alert in alerts(desk)] == ["campaigner retry migrants-day/2020/morning/news/en"]
    assert desk.run("retry", "migrants-day/2020/morning/news/en").returncode == 0
    assert desk.run("run", "--once").returncode == 0
    assert mastodon.texts == ["Good morning", "Huomenta"]


def test_what_is_too_late_beside_what_is_out_says_how_to_take_that_down(
    desk: Workplace, mastodon: FakeMastodon
) -> None:
    mastodon.fault("rate_limit", path_prefix=STATUSES, method="POST", after=1, form="seconds", seconds=3600)
    desk.move_to(at("08:00:10"))
    desk.run("run", "--once")
    desk.move_to(at("11:00:00"))
    assert desk.run("run", "--once").stdout.startswith("missed migrants-day/2020/morning/news/fi")
    assert "`campaigner delete migrants-day/2020/morning --yes` takes it down" in alerts(desk)[-1]["text"]


def test_a_language_that_no_account_gets_is_an_error(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"english": account(mastodon, ["en"])})
    path = place.write("campaigns/migrants-day.yaml", campaign(MORNING, parity="required"))
    done = place.run("check", str(path))
    assert done.returncode == 3
    assert "parity is required, and no account posts this message in fi [parity]" in done.stdout


def test_the_daemon_keeps_them_together_too(pair: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky) -> None:
    pair.run("hold", "--account", "finnish", "--reason", "Ask the minister")
    pair.move_to(at("08:00:10"))
    with daemon(pair):
        wait_for(lambda: pair.status()[EN]["state"] == "held")
        assert mastodon.journal == []
        pair.run("release", "--account", "finnish", "--late", "post")
        wait_for(lambda: bool(mastodon.texts and bluesky.texts))
    assert (mastodon.texts, bluesky.texts) == (["Good morning"], ["Huomenta"])
