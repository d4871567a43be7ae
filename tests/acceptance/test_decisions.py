"""What people decide about posts, through the real command: approve, cancel, retry, resolve, delete."""

from __future__ import annotations

import json

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
MESSAGES = {"morning": message("08:00", "Good morning", "Huomenta")}


@pytest.fixture
def accepted(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """One message in two languages on one account, accepted before it is due."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    place.accept()
    return place


def with_approval(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon)}, approval="required")


def code_of(place: Workplace, key: str) -> str:
    posts = json.loads(place.run("preview", "--json").stdout)
    found: str = next(post["code"] for post in posts if post["key"] == key)
    return found


def test_four_eyes_see_exactly_what_goes_out(accepted: Workplace, mastodon: FakeMastodon) -> None:
    with_approval(accepted, mastodon)
    accepted.run("run", "--once")
    wrong = accepted.run("approve", KEY, "--by", "Aino", "--code", "0000-0000")
    assert (wrong.returncode, "changed since" in wrong.stderr) == (5, True)
    code = code_of(accepted, KEY)
    assert accepted.run("approve", KEY, "--by", "Aino", "--code", code).stdout == f"approved {KEY}\n"
    accepted.move_to(at("08:00:10"))
    done = accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning"]
    assert "migrants-day/2020/morning/news/fi it is not approved" in done.stdout
    assert done.returncode == 1


def test_a_changed_text_voids_the_approval_and_is_told_a_later_time_does_not(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    with_approval(accepted, mastodon)
    accepted.run("run", "--once")
    accepted.run("approve", KEY, "--by", "Aino", "--code", code_of(accepted, KEY))
    later = {"morning": message("08:30", "Good morning", "Huomenta")}
    accepted.write("campaigns/migrants-day.yaml", campaign(later))
    accepted.run("run", "--once")
    assert accepted.status()[KEY]["state"] == "planned"
    changed = {"morning": message("08:30", "Good evening", "Huomenta")}
    accepted.write("campaigns/migrants-day.yaml", campaign(changed))
    accepted.run("run", "--once")
    told = accepted.run("status", "--attention")
    assert f"{KEY} was changed after its approval" in told.stdout
    accepted.move_to(at("08:30:10"))
    accepted.run("run", "--once")
    assert mastodon.texts == []
    accepted.run("approve", KEY, "--by", "Aino", "--code", code_of(accepted, KEY))
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good evening"]


def test_a_prefix_lists_and_asks_for_yes(accepted: Workplace, mastodon: FakeMastodon) -> None:
    asked = accepted.run("cancel", "migrants-day/2020/morning")
    assert asked.returncode == 5
    assert asked.stdout.splitlines() == [KEY, "migrants-day/2020/morning/news/fi"]
    assert accepted.run("cancel", "migrants-day/2020/mor", "--yes").returncode == 2
    assert accepted.run("cancel", "migrants-day/2020/morning", "--yes").returncode == 0
    accepted.move_to(at("08:00:10"))
    assert accepted.run("run", "--once").stdout == ""
    assert mastodon.texts == []


def test_a_missed_post_needs_yes_and_a_published_one_is_never_sent_again(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    accepted.move_to(at("11:00:00"))
    assert accepted.run("run", "--once").stdout.startswith("missed ")
    refused = accepted.run("retry", KEY)
    assert (refused.returncode, "--yes" in refused.stderr) == (5, True)
    assert accepted.run("retry", KEY, "--yes").returncode == 0
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning"]
    again = accepted.run("retry", KEY, "--yes")
    assert (again.returncode, "published" in again.stderr) == (5, True)
    assert accepted.run("run", "--once").stdout == ""


def test_a_cancellation_names_undo_only_where_that_is_taken(accepted: Workplace) -> None:
    ahead = accepted.run("cancel", KEY)
    assert f"`campaigner cancel --undo {KEY}`" in ahead.stderr
    assert accepted.run("cancel", "--undo", KEY).returncode == 0
    accepted.move_to(at("11:00:00"))
    accepted.run("run", "--once")
    missed = accepted.run("cancel", KEY)
    assert (missed.returncode, missed.stderr) == (0, "")
    assert accepted.run("cancel", "--undo", KEY).returncode == 5


def test_delete_takes_it_down_and_retry_posts_the_corrected_text(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.move_to(at("08:00:10"))
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning", "Huomenta"]
    assert accepted.run("delete", KEY).stdout.startswith(f"deleted {KEY}")
    assert mastodon.texts == ["Huomenta"]
    accepted.write(
        "campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning, all", "Huomenta")})
    )
    assert accepted.run("run", "--once").stdout == ""
    accepted.run("retry", KEY)
    accepted.run("run", "--once")
    assert mastodon.texts == ["Huomenta", "Good morning, all"]
    assert [entry["outcome"] for entry in json.loads(accepted.run("log", KEY, "--json").stdout)[0]["attempts"]] == [
        "published",
        "deleted",
        "published",
    ]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["retry", "nothing/2020/like/this/en"], 2, "no post is called"),
        (["resolve", KEY], 2, "--published"),
        (["resolve", KEY, "--published", "javascript:alert(1)"], 2, "not a URL"),
        (["resolve", KEY, "--not-published"], 2, "is planned, not in doubt"),
        (["resolve", "morning", "--not-published"], 2, "campaign/edition/message/account/language"),
        (["delete", KEY], 2, "is planned, not out"),
        (["hold", "--campaign", "migrantsday", "--reason", "x"], 2, "there is no campaign migrantsday"),
        (["hold", "--account", "nwes", "--reason", "x"], 2, "there is no account nwes"),
        (["hold", "--until", "2019-01-01", "--reason", "x"], 2, "past"),
        (["release"], 2, "no such hold"),
        (["retry", KEY], 2, "change `at`"),
        (["log", "nothing"], 2, "knows no post"),
    ],
)
def test_a_decision_without_ground_is_refused_with_words(
    accepted: Workplace, line: list[str], code: int, words: str
) -> None:
    done = accepted.run(*line)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
