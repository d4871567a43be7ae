"""Two ledgers for one account, and two clocks: what the platform itself says stops what would go out twice or at a wrong time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.clock import FastClock
from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
NOON = "migrants-day/2020/noon/news/en"
MESSAGES = {
    "morning": message("08:00", "Good morning", "Huomenta"),
    "noon": message("12:00", "Good day", "Päivää"),
}


@pytest.fixture(params=[FakeMastodon, FakeBluesky, FakeX])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    with request.param(clock=FastClock(at("08:00:00"))) as made:
        yield made


def office(folder: Path, fake: FakePlatform) -> Workplace:
    """A machine with a ledger of its own, that accepted the campaign before its day began."""
    folder.mkdir()
    place = Workplace(folder, at("07:00:00"))
    place.write_config({"news": account(fake, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    place.accept()
    place.move_to(at("08:00:30"))
    return place


def test_what_another_ledger_has_posted_waits_for_a_person(tmp_path: Path, fake: FakePlatform) -> None:
    here, there = office(tmp_path / "here", fake), office(tmp_path / "there", fake)
    assert here.run("run", "--once").stdout.startswith("published ")
    # Records of one millisecond would be the same in every byte, on Bluesky.
    there.move_to(at("08:00:40"))
    told = there.run("run", "--once")
    if fake.platform == "bluesky":
        # The id that both ledgers choose is the same: the server itself refuses the second record.
        assert (told.returncode, told.stdout.split()[:2]) == (1, ["in-doubt", KEY])
    else:
        assert (told.returncode, told.stdout.split()[:2]) == (5, ["held", KEY])
        assert "this ledger did not post it" in told.stdout
    assert fake.texts == ["Good morning"]
    assert KEY in there.run("status", "--attention").stdout


def test_an_account_that_shows_nothing_of_it_is_posted_to(tmp_path: Path, fake: FakePlatform) -> None:
    place = office(tmp_path / "here", fake)
    assert place.run("run", "--once").stdout.startswith("published ")
    place.move_to(at("12:00:30"))
    assert place.run("run", "--once").stdout.startswith("published ")
    assert fake.texts == ["Good morning", "Good day"]


@pytest.mark.parametrize("minutes", [-10, 10])
def test_nothing_is_sent_while_the_clocks_disagree(tmp_path: Path, minutes: int) -> None:
    with FakeMastodon(clock=FastClock(at("08:00:30") + timedelta(minutes=minutes))) as mastodon:
        place = office(tmp_path / "here", mastodon)
        place.comparing = True
        held = place.run("run", "--once")
        assert (held.returncode, held.stdout.split()[:2]) == (5, ["held", KEY])
        assert f"{'behind' if minutes > 0 else 'ahead of'} the platform's" in held.stdout
        assert mastodon.journal == []
        told = place.run("status", "--attention")
        assert "nothing is sent there until the clocks agree" in told.stdout
        mastodon.clock = FastClock(place.now())
        assert place.run("run", "--once").stdout.startswith("published ")
        assert "clocks" not in place.run("status", "--attention").stdout


def test_a_copy_of_a_ledger_that_is_at_work_elsewhere_waits_till_that_was_not_seen_for_ten_minutes(
    tmp_path: Path,
) -> None:
    with FakeMastodon(clock=FastClock(at("08:00:00"))) as mastodon:
        place = office(tmp_path / "here", mastodon)
        with sqlite3.connect(place.folder / "state/campaigner.db") as connection:
            connection.execute(
                "UPDATE meta SET value = json_set(value, '$.place', 'of the old laptop', '$.ended_at', NULL, '$.seen_at', ?)"
                " WHERE name = 'run'",
                (seen("07:55"),),
            )
        connection.close()
        refused = place.run("run", "--once")
        assert (refused.returncode, "it is a copy, and both would post" in refused.stderr) == (5, True)
        assert mastodon.journal == []
        place.move_to(at("08:06:00"))
        assert place.run("run", "--once").stdout.startswith("published ")


def seen(clock_time: str) -> int:
    """As the ledger writes instants: microseconds since 1970."""
    return int(at(f"{clock_time}:00").timestamp()) * 1_000_000
