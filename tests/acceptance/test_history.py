"""`log` has what people decided: who, when and why, between the attempts; holds without a KEY."""

from __future__ import annotations

import getpass
import json
from collections.abc import Sequence
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
WHO = getpass.getuser()


@pytest.fixture
def due(place: Workplace, x: FakeX) -> Workplace:
    place.speed = 1.0
    place.write_config({"news": account(x, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:30"))
    return place


def decisions(place: Workplace, key: str = KEY) -> list[dict[str, Any]]:
    (found,) = json.loads(place.run("log", key, "--json").stdout)
    told: list[dict[str, Any]] = found["decisions"]
    return told


def done(place: Workplace, *line: str) -> None:
    ended = place.run(*line)
    assert ended.returncode in (0, 1), ended.stderr


def in_doubt(place: Workplace, x: FakeX) -> None:
    x.fault("drop_request", path_prefix="/2/tweets", method="POST")
    done(place, "run", "--once")


URL = "https://x.com/campaigner/status/17"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (["cancel", KEY], "cancel"),
        (["retry", KEY], "retry"),
        (["resolve", KEY, "--not-published"], "resolve --not-published"),
        (["resolve", KEY, "--published", URL, "--yes"], f"resolve --published {URL} --yes"),
        (["delete", KEY], "delete"),
    ],
)
@pytest.mark.parametrize("reason", ["a wrong date [fi]", ""])
def test_a_decision_about_a_post(due: Workplace, x: FakeX, line: Sequence[str], what: str, reason: str) -> None:
    if line[0] == "resolve":
        in_doubt(due, x)
    elif line[0] == "delete":
        done(due, "run", "--once")
    due.move_to(at("08:05:00"))
    done(due, *line, *(["--reason", reason] if reason else []))
    (found,) = decisions(due)
    assert found["at"].startswith("2020-12-18T06:05:0")
    assert {**found, "at": ""} == {"what": what, "scope": None, "by": WHO, "at": "", "reason": reason}
    shown = due.run("log", KEY).stdout
    assert f"  {what} by {WHO}\n" in shown
    assert reason in shown


def test_an_approval_is_there_before_any_attempt(due: Workplace, x: FakeX) -> None:
    due.write_config({"news": account(x, ["en"])}, approval="required")
    (post,) = json.loads(due.run("preview", "--json").stdout)
    done(due, "approve", KEY, "--by", "Aino", "--code", post["code"], "--reason", "both read it")
    (found,) = json.loads(due.run("log", KEY, "--json").stdout)
    assert (found["key"], found["state"], found["attempts"]) == (KEY, None, [])
    (decision,) = found["decisions"]
    assert (decision["what"], decision["by"], decision["reason"]) == (f"approve {post['code']}", "Aino", "both read it")


def test_holds_and_releases_stand_in_the_log_of_all(due: Workplace) -> None:
    done(due, "hold", "--account", "news", "--reason", "an earthquake")
    done(due, "release", "--account", "news", "--reason", "it was far away")
    found = json.loads(due.run("log", "--json").stdout)
    assert [one["key"] for one in found] == [KEY, None]
    assert [(one["what"], one["scope"], one["reason"]) for one in found[1]["decisions"]] == [
        ("hold", "account news", "an earthquake"),
        ("release", "account news", "it was far away"),
    ]
    shown = due.run("log").stdout
    assert f"hold of account news by {WHO}\n      an earthquake\n" in shown
    assert f"release of account news by {WHO}\n      it was far away\n" in shown
    assert "earthquake" not in due.run("log", KEY).stdout


def test_decisions_and_attempts_stand_in_the_order_of_time(due: Workplace, x: FakeX) -> None:
    in_doubt(due, x)
    due.move_to(at("08:10:00"))
    done(due, "resolve", KEY, "--not-published", "--reason", "the account is empty")
    due.move_to(at("08:20:00"))
    done(due, "run", "--once")
    due.move_to(at("08:30:00"))
    done(due, "delete", KEY)
    lines = [line.split("  ")[2] for line in due.run("log", KEY).stdout.splitlines() if line.startswith("  2020-")]
    assert [line.split(" (")[0].split(" by ")[0] for line in lines] == [
        "publish of part 1: in-doubt",
        "resolve --not-published",
        "publish of part 1: published",
        "delete of part 1: deleted",
        "delete",
    ]


def test_a_prefix_shows_those_below_it_alone(due: Workplace, mastodon: FakeMastodon) -> None:
    due.write_config({"news": account(mastodon)})
    done(due, "cancel", KEY, "--reason", "one")
    done(due, "cancel", KEY.replace("/en", "/fi"), "--reason", "two")
    assert [one["reason"] for one in decisions(due, "migrants-day/2020/morning/news/fi")] == ["two"]
    both = json.loads(due.run("log", "migrants-day/2020", "--json").stdout)
    assert [decision["reason"] for one in both for decision in one["decisions"]] == ["one", "two"]
