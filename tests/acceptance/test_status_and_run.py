"""`status` and `run` say the same of a post: what the next run does with it is what `status` has just said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

MORNING, NOON = message("08:00", "Good morning", "Huomenta"), message("12:00", "Good day", "Päivää")
FILE = "campaigns/migrants-day.yaml"
EN = "migrants-day/2020/morning/news/en"
Prepare = Callable[[Workplace], object]
SITUATIONS: dict[str, tuple[str, Prepare]] = {}


def situation(clock: str) -> Callable[[Prepare], Prepare]:
    """It is looked at by this clock, after the preparation."""

    def register(prepare: Prepare) -> Prepare:
        SITUATIONS[prepare.__name__] = (clock, prepare)
        return prepare

    return register


def write(place: Workplace, messages: dict[str, Any], **keys: Any) -> None:
    place.write(FILE, campaign(messages, **keys))


def config(place: Workplace, **settings: Any) -> None:
    accounts = {"news": ["en", "fi"], "desk": ["en"]}
    place.write_config(
        {
            name: {"platform": "console", "like": "mastodon", "languages": of, "spacing": "0s"}
            for name, of in accounts.items()
        },
        **settings,
    )


def codes(place: Workplace) -> dict[str, str]:
    return {post["key"]: post["code"] for post in json.loads(place.run("preview", "--json").stdout)}


def approve(place: Workplace, *keys: str) -> None:
    for key in keys:
        assert place.run("approve", key, "--by", "Aino", "--code", codes(place)[key]).returncode == 0


def approval_required(place: Workplace) -> None:
    config(place, approval="required")
    place.accept()


@situation("08:00:10")
def nothing_special(place: Workplace) -> None: ...


@situation("07:30:00")
def before_their_time(place: Workplace) -> None: ...


@situation("10:30:00")
def too_late(place: Workplace) -> None: ...


@situation("12:30:00")
def too_late_and_due(place: Workplace) -> None: ...


@situation("08:00:10")
def a_hold_of_all(place: Workplace) -> None:
    place.run("hold", "--reason", "quiet")


@situation("08:00:10")
def a_hold_of_an_account(place: Workplace) -> None:
    place.run("hold", "--account", "desk", "--reason", "quiet")


@situation("08:00:10")
def a_hold_of_another_campaign(place: Workplace) -> None:
    place.write("campaigns/other.yaml", campaign({"one": message("08:00", "Another", "Toinen")}))
    place.accept()
    place.run("hold", "--campaign", "other", "--reason", "quiet")


@situation("10:30:00")
def too_late_under_a_hold(place: Workplace) -> None:
    place.run("hold", "--reason", "quiet")


@situation("08:00:10")
def a_hold_file(place: Workplace) -> None:
    place.write("hold.txt", "an earthquake")


@situation("08:00:10")
def nothing_is_approved(place: Workplace) -> None:
    approval_required(place)


@situation("08:00:10")
def one_is_approved(place: Workplace) -> None:
    approval_required(place)
    approve(place, EN)


@situation("08:00:10")
def approved_and_changed(place: Workplace) -> None:
    approval_required(place)
    approve(place, EN, EN.replace("/en", "/fi"))
    write(place, {"morning": message("08:00", "Good morning!", "Huomenta"), "noon": NOON})


@situation("07:50:00")
def approved_and_changed_ahead(place: Workplace) -> None:
    approved_and_changed(place)


@situation("10:30:00")
def too_late_and_not_approved(place: Workplace) -> None:
    approval_required(place)


@situation("08:00:10")
def one_is_cancelled(place: Workplace) -> None:
    place.run("cancel", EN)


@situation("08:00:10")
def cancelled_and_wanted_again(place: Workplace) -> None:
    place.run("cancel", EN)
    place.move_to(at("08:00:05"))
    assert place.run("retry", EN).returncode == 0


@situation("10:30:00")
def too_late_and_wanted(place: Workplace) -> None:
    place.move_to(at("10:29:00"))
    assert place.run("retry", EN, "--yes").returncode == 0


@situation("08:00:10")
def wanted_under_a_hold(place: Workplace) -> None:
    place.run("hold", "--reason", "quiet")
    place.move_to(at("08:00:05"))
    place.run("retry", EN)


@situation("08:20:00")
def a_time_that_was_over_when_it_came(place: Workplace) -> None:
    write(place, {"morning": MORNING, "noon": NOON, "new": message("08:10", "New", "Uusi")})


@situation("08:20:00")
def a_message_that_was_renamed(place: Workplace) -> None:
    write(place, {"renamed": MORNING, "noon": NOON})


@situation("08:00:10")
def a_message_that_was_removed(place: Workplace) -> None:
    write(place, {"noon": NOON})


@situation("08:00:10")
def a_message_that_is_a_draft_now(place: Workplace) -> None:
    write(place, {"morning": {**MORNING, "draft": True}, "noon": NOON})


@situation("08:20:00")
def a_message_that_moved_back(place: Workplace) -> None:
    write(place, {"morning": {**MORNING, "at": "07:50"}, "noon": NOON})


@situation("08:00:10")
def a_message_that_moved_on(place: Workplace) -> None:
    write(place, {"morning": {**MORNING, "at": "09:00"}, "noon": NOON})


@situation("08:00:10")
def a_broken_file(place: Workplace) -> None:
    place.write(FILE, "campaign: [\n")


@situation("10:30:00")
def too_late_in_a_broken_file(place: Workplace) -> None:
    place.write(FILE, "campaign: [\n")


@situation("08:00:10")
def a_file_that_is_gone(place: Workplace) -> None:
    (place.folder / FILE).unlink()


@situation("08:00:10")
def a_message_with_a_fault(place: Workplace) -> None:
    write(
        place, {"morning": {**MORNING, "images": [{"file": "none.png", "alt": {"en": "A", "fi": "A"}}]}, "noon": NOON}
    )


@situation("08:00:10")
def siblings_of_which_one_is_cancelled(place: Workplace) -> None:
    write(place, {"morning": MORNING, "noon": NOON}, parity="required")
    place.accept()
    place.run("cancel", EN)


@situation("08:00:10")
def siblings_of_which_one_is_held(place: Workplace) -> None:
    write(place, {"morning": MORNING, "noon": NOON}, parity="required")
    place.accept()
    place.run("hold", "--account", "desk", "--reason", "quiet")


@situation("08:00:10")
def siblings_of_which_one_is_approved(place: Workplace) -> None:
    write(place, {"morning": MORNING, "noon": NOON}, parity="required")
    approval_required(place)
    approve(place, EN)


@situation("08:00:10")
def siblings_of_which_one_is_wanted_alone(place: Workplace) -> None:
    siblings_of_which_one_is_cancelled(place)
    place.move_to(at("08:00:05"))
    place.run("retry", EN.replace("/en", "/fi"))


@situation("08:00:10")
def a_campaign_moved_so_that_all_comes_at_once(place: Workplace) -> None:
    one = campaign({f"m{number}": message("08:00", f"Text {number}", f"Teksti {number}") for number in range(4)})
    place.write("campaigns/many.yaml", one)


OUTCOMES = {"due": "published", "held": "held", "awaiting-approval": "held", "missed": "missed"}


def said_by_run(place: Workplace) -> dict[str, dict[str, str]]:
    done = place.run("run", "--once", "--json")
    return {(found := json.loads(line))["key"]: found for line in done.stdout.splitlines()}


def expected(post: dict[str, Any], now: str) -> str | None:
    """What a run does next; nothing of what is ahead, and of what a run has settled already."""
    return OUTCOMES.get(post["state"]) if post["due_at"] <= now else None


@pytest.fixture
def office(tmp_path: Path) -> Workplace:
    """Two messages on two accounts, accepted before they are due; the late ones are of use for two hours."""
    place = Workplace(tmp_path, at("07:00:00"), 1.0)
    config(place)
    write(place, {"morning": MORNING, "noon": NOON})
    place.accept()
    return place


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_run_does_what_status_has_said(office: Workplace, name: str) -> None:
    clock, prepare = SITUATIONS[name]
    prepare(office)
    # The run reads changed files twice, two seconds apart: nothing may come due in between.
    office.move_to(at(clock))
    before = json.loads(office.run("status", "--json").stdout)
    done = said_by_run(office)
    wanted = {post["key"]: outcome for post in before["posts"] if (outcome := expected(post, before["now"]))}
    assert {key: found["outcome"] for key, found in done.items()} == wanted
    for post in before["posts"]:
        if wanted.get(post["key"]) in ("held", "missed"):
            # Once a run has seen the file that holds all, it is a hold like others.
            assert post["reason"].replace("on hold by", "on hold: by") in done[post["key"]]["reason"], post["key"]
            assert post["command"], post["key"]
    after = {post["key"]: post["state"] for post in json.loads(office.run("status", "--json").stdout)["posts"]}
    names = {"held": ("held", "awaiting-approval")}
    assert all(after[key] in names.get(outcome, (outcome,)) for key, outcome in wanted.items()), after


@pytest.fixture
def news(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    write(place, {"morning": {"at": "08:00", "text": {"en": "Good morning"}}}, languages=["en"])
    place.accept()
    place.move_to(at("08:00:10"))
    return place


def test_what_is_tried_again_says_when_and_why(news: Workplace, mastodon: FakeMastodon) -> None:
    mastodon.fault("rate_limit", path_prefix="/api/v1/statuses", method="POST", form="seconds", seconds=900)
    assert said_by_run(news)[EN]["outcome"] == "waiting"
    post = news.status()[EN]
    assert (post["state"], post["needs_person"]) == ("due", False)
    assert post["reason"]
    assert post["next_try_at"] > "2020-12-18T06:00:10Z"
    shown = news.run("status").stdout
    assert "tried again today 08:" in shown
    assert "nothing needs a person" in shown


def test_what_is_overdue_needs_a_person_though_it_is_tried_again(news: Workplace, mastodon: FakeMastodon) -> None:
    mastodon.fault("rate_limit", path_prefix="/api/v1/statuses", method="POST", form="seconds", seconds=3000)
    said_by_run(news)
    news.move_to(at("08:30:00"))
    told = news.run("status", "--attention")
    assert told.returncode == 1
    assert f"campaigner retry {EN}" in told.stdout
    assert "tried again today 08:50" in told.stdout


def test_an_account_that_is_stopped_keeps_what_is_due(news: Workplace) -> None:
    news.environment["NEWS_ACCESS_TOKEN"] = "revoked"
    assert said_by_run(news)[EN]["outcome"] == "waiting"
    post = news.status()[EN]
    assert (post["state"], post["command"]) == ("due", "campaigner accounts check news")
    assert said_by_run(news)[EN]["reason"] == post["reason"]


def test_a_preview_says_of_what_is_out_that_it_is(office: Workplace) -> None:
    office.run("cancel", EN)
    office.move_to(at("08:00:10"))
    office.run("run", "--once")
    office.move_to(at("11:00:00"))
    notes = {post["key"]: post["notes"] for post in json.loads(office.run("preview", "--json").stdout)}
    assert notes[EN] == ["its time is over"]
    assert notes[EN.replace("/en", "/fi")] == ["it is out"]
    assert notes["migrants-day/2020/noon/news/en"] == []
