"""The daemon over hours and days: files that change under it, nights, and the end that SIGTERM asks for."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

HOUR_A_SECOND = 3600.0


@contextmanager
def daemon(place: Workplace) -> Iterator[subprocess.Popen[str]]:
    """A running daemon; at the end it is told to stop, and must end well."""
    process = place.start_process("run")
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=40)[0]
    assert process.returncode == 0, output
    assert "Traceback" not in output


def test_posts_days_ahead_go_out_without_any_change_of_the_files(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon)})
    days = {f"day-{n}": message(f"+{n}d 12:00", f"Day {n}", f"Päivä {n}") for n in range(5)}
    place.write("campaigns/migrants-day.yaml", campaign(days, late="47h"))
    place.speed = 8 * HOUR_A_SECOND
    place.move_to(at("07:00:00"))
    with daemon(place):
        wait_for(lambda: len(mastodon.journal) == 10)
    assert mastodon.texts == [text for n in range(5) for text in (f"Day {n}", f"Päivä {n}")]


def test_an_edit_counts_and_a_broken_edit_does_not(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign({"a": message("07:15", "First", "Eka")}))
    place.speed = 60.0
    place.move_to(at("07:00:00"))
    with daemon(place) as process:
        wait_for(lambda: _has_accepted(place))
        place.write("campaigns/migrants-day.yaml", campaign({"a": message("07:15", "Mended", "Korjattu")}))
        wait_for(lambda: _has_accepted(place))
        wait_for(lambda: len(mastodon.journal) == 2, 120)
        place.write("campaigns/migrants-day.yaml", "campaign: [")
        wait_for(lambda: "is held until its file is mended" in place.run("status", "--attention").stdout)
        assert process.poll() is None
    assert mastodon.texts == ["Mended", "Korjattu"]


def test_an_account_added_to_the_config_is_used_without_a_restart(place: Workplace) -> None:
    with FakeMastodon(accounts=("one", "two")) as mastodon:
        one = {**account(mastodon), **mastodon.options("one")}
        two = {**account(mastodon), **mastodon.options("two")}
        place.write_config({"one": dict(one), "two": dict(two)})
        place.write_config({"one": dict(one)})
        place.write("campaigns/migrants-day.yaml", campaign({"a": message("07:12", "First", "Eka")}))
        place.speed = 60.0
        place.move_to(at("07:00:00"))
        with daemon(place):
            wait_for(lambda: _has_accepted(place))
            place.write_config({"one": dict(one), "two": dict(two)})
            wait_for(lambda: len(mastodon.journal) == 4, 120)
    assert {posted.account for posted in mastodon.journal} == {"one", "two"}


def test_a_broken_config_keeps_the_last_good_one(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign({"a": message("07:12", "First", "Eka")}))
    place.speed = 60.0
    place.move_to(at("07:00:00"))
    with daemon(place):
        wait_for(lambda: _has_accepted(place))
        place.write("config.yaml", "accounts: {")
        wait_for(lambda: len(mastodon.journal) == 2, 120)
    assert mastodon.texts == ["First", "Eka"]


def test_it_says_once_that_a_secret_is_missing_and_the_others_go_on(place: Workplace) -> None:
    with FakeMastodon(accounts=("one", "two")) as mastodon:
        accounts = {name: {**account(mastodon), **mastodon.options(name)} for name in ("one", "two")}
        place.write_config(accounts)
        del place.environment["ONE_ACCESS_TOKEN"]
        place.write("campaigns/migrants-day.yaml", campaign({"a": message("08:00", "First", "Eka")}))
        place.speed = 600.0
        place.move_to(at("07:00:00"))
        process = place.start_process("run")
        wait_for(lambda: len(mastodon.journal) == 2, 120)
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=40)[0]
        assert process.returncode == 0
        assert output.count("ONE_ACCESS_TOKEN") <= 2
        assert {posted.account for posted in mastodon.journal} == {"two"}


def _has_accepted(place: Workplace) -> bool:
    """True when the ledger has accepted the campaign as it is now."""
    path = place.folder / "state" / "campaigner.db"
    if not path.exists():
        return False
    wanted = hashlib.sha256((place.folder / "campaigns/migrants-day.yaml").read_bytes()).hexdigest()
    ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return (wanted,) in ledger.execute("SELECT sha256 FROM accepted_files").fetchall()
    except sqlite3.OperationalError:
        return False  # the daemon is just making it
    finally:
        ledger.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
@pytest.mark.parametrize("once", [False, True])
def test_how_it_ends(place: Workplace, mastodon: FakeMastodon, number: int, code: int, once: bool) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, spacing="1h")})
    place.write("campaigns/migrants-day.yaml", campaign({"a": message("08:00", "First", "Eka")}))
    assert place.run("run", "--once").returncode == 0
    place.move_to(at("08:00:30"))
    process = place.start_process("run", "--once") if once else place.start_process("run")
    wait_for(lambda: len(mastodon.journal) == 1)
    process.send_signal(number)
    output = process.communicate(timeout=40)[0]
    assert process.returncode == code, output
    assert mastodon.texts == ["First"]
    assert place.status()["migrants-day/2020/a/news/fi"]["state"] == "due"
