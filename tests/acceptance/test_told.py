"""Never silently not at all: each thing that keeps a post from going out is told when it matters, with the command to type."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from ..proof.stage import wait_for
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
MORNING = {"morning": message("08:00", "Good morning", "Huomenta")}
THREAD = {"morning": message("08:00", "First", "Ensimmäinen", thread=[{"text": {"en": "Second", "fi": "Toinen"}}])}
POST = {"path_prefix": "/api/v1/statuses", "method": "POST"}


def accept(place: Workplace, mastodon: FakeMastodon, messages: dict[str, Any], **keys: Any) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign(messages, **keys))
    place.move_to(at("07:00:00"))
    place.accept()


def kinds(place: Workplace) -> list[str]:
    """What is told of, but for what was changed at the last minute: most of it is, here."""
    found = [alert["kind"] for alert in json.loads(place.run("status", "--json").stdout)["alerts"]]
    return [kind for kind in found if kind != "edited"]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_pause_longer_than_late_is_told_when_late_is_over(
    place: Workplace, mastodon: FakeMastodon, form: str
) -> None:
    accept(place, mastodon, MORNING)
    mastodon.fault("rate_limit", **POST, form=form, seconds=86_400)
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").stdout.startswith(f"waiting {KEY} ")
    place.move_to(at("09:59:00"))
    assert place.run("run", "--once").stdout == ""
    place.move_to(at("10:00:30"))
    missed = place.run("run", "--once")
    assert (missed.returncode, missed.stdout[: len(KEY) + 7]) == (1, f"missed {KEY}")
    attention = place.run("status", "--attention")
    assert (attention.returncode, f"campaigner retry {KEY} --yes" in attention.stdout) == (1, True)


def test_half_a_thread_that_waits_for_long_is_told_once_and_no_more_when_it_is_whole(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    accept(place, mastodon, THREAD)
    mastodon.fault("rate_limit", **POST, after=1, form="seconds", seconds=50_000)
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    assert kinds(place) == ["overdue"]
    for hour in (11, 15):
        place.move_to(at(f"{hour}:00:00"))
        place.run("run", "--once")
        assert kinds(place) == ["overdue"]
    attention = place.run("status", "--attention")
    assert attention.returncode == 1
    assert f"campaigner delete {KEY}" in attention.stdout
    place.move_to(at("22:30:00"))
    place.run("run", "--once")
    assert mastodon.texts == ["First", "Second"]
    assert kinds(place) == []


def test_what_a_person_wants_sent_and_is_not_is_told(place: Workplace, mastodon: FakeMastodon) -> None:
    accept(place, mastodon, MORNING)
    place.move_to(at("10:30:00"))
    place.run("run", "--once")
    assert place.run("retry", KEY, "--yes").returncode == 0
    mastodon.fault("rate_limit", **POST, form="seconds", seconds=7200)
    place.run("run", "--once")
    place.run("run", "--once")
    assert kinds(place) == ["overdue"]
    place.move_to(at("13:00:00"))
    place.run("run", "--once")
    assert (mastodon.texts, kinds(place)) == (["Good morning"], [])


def test_a_fault_inside_a_message_is_told_while_it_stands_and_forgotten_when_it_is_mended(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    evening = {"evening": message("18:00", "Good evening", "Iltaa")}
    accept(place, mastodon, {**MORNING, **evening})
    place.write(
        "campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "x" * 600, "Huomenta"), **evening})
    )
    place.move_to(at("07:30:00"))
    first = place.run("run", "--once")
    assert first.returncode == 3
    assert 'message "morning" of campaign migrants-day is not posted' in first.stderr
    again = place.run("run", "--once")
    assert again.returncode == 3
    assert "migrants-day/morning is not posted: campaigns/migrants-day.yaml:" in again.stderr
    assert kinds(place) == ["message"]
    place.write("campaigns/migrants-day.yaml", campaign({**MORNING, **evening}))
    place.run("run", "--once")
    assert kinds(place) == []
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    assert mastodon.texts == ["Good morning"]


def test_a_message_that_is_removed_a_second_time_is_told_a_second_time(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    evening = {"evening": message("18:00", "Good evening", "Iltaa")}
    accept(place, mastodon, {**MORNING, **evening})
    told = []
    for minute, messages in enumerate([MORNING, {**MORNING, **evening}, MORNING]):
        place.write("campaigns/migrants-day.yaml", campaign(messages) + "\n# end\n")
        place.move_to(at(f"07:1{minute}:00"))
        place.run("run", "--once")
        told.append(kinds(place))
    assert told == [["removed"], [], ["removed"]]


def test_a_post_that_was_known_is_missed_though_its_file_was_edited_while_nothing_ran(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    evening = {"evening": message("18:00", "Good evening", "Iltaa")}
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({**MORNING, **evening}))
    place.move_to(at("07:00:00") - timedelta(days=4))
    place.accept()
    place.write("campaigns/migrants-day.yaml", campaign({**MORNING, "evening": message("18:00", "Hello", "Terve")}))
    place.move_to(at("12:00:00"))
    assert place.run("run", "--once").stdout.startswith(f"missed {KEY}")
    assert kinds(place) == ["missed"]


def test_what_a_process_could_not_write_down_is_in_doubt_for_the_next(place: Workplace, mastodon: FakeMastodon) -> None:
    accept(place, mastodon, MORNING)
    mastodon.fault("delay", **POST, seconds=1.0)
    place.move_to(at("08:00:30"))
    running = place.start_process("run", "--once")
    with locked_once_sent(place, mastodon):
        assert running.wait(60) == 4, running.stdout and running.stdout.read()
    if running.stdout is not None:
        running.stdout.close()
    mastodon.faults.clear()
    # The process has ended well, and its post is in nobody's hands: it is looked for, found, and posted no second time.
    place.move_to(at("08:05:00"))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY}")
    assert mastodon.texts == ["Good morning"]


@contextmanager
def locked_once_sent(place: Workplace, mastodon: FakeMastodon) -> Iterator[None]:
    """Another program keeps the ledger, from the moment the post is on its way until the process has given up waiting."""
    assert wait_for(lambda: any(name.startswith("POST") for name in list(mastodon.requests)), 30)
    path = place.folder / "state" / "campaigner.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_post_that_becomes_a_draft_is_told_until_it_is_none(place: Workplace, mastodon: FakeMastodon) -> None:
    accept(place, mastodon, MORNING)
    told = []
    for minute, draft in enumerate([True, True, False]):
        place.write("campaigns/migrants-day.yaml", campaign(MORNING, draft=draft))
        place.move_to(at(f"07:1{minute}:00"))
        done = place.run("run", "--once")
        told.append((done.returncode, kinds(place)))
    assert told == [(1, ["removed"]), (0, ["removed"]), (0, [])]
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    assert mastodon.texts == ["Good morning"]
