"""Nothing ends in silence: a closed terminal ends a run as SIGTERM does, and that nothing runs is told while posts are due."""

from __future__ import annotations

import signal
import subprocess

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.proxy import Fault

from .test_kill import wait_for
from .workplace import COMMAND, Workplace, account, at, campaign, message

KEY = "migrants-day/2020/m/news/en"


@pytest.fixture
def office(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    return place


@pytest.mark.parametrize("command", ["run", "run --once"])
def test_a_closed_terminal_ends_it_well(office: Workplace, mastodon: FakeMastodon, command: str) -> None:
    """What is on its way is waited for and recorded."""
    office.speed = 1.0
    office.move_to(at("08:00:10"))
    mastodon.faults.add(Fault(fault="delay", seconds=2.0, path_prefix="/api/v1/statuses", method="POST"))
    process = office.start_process(*command.split())
    wait_for(lambda: mastodon.texts == ["Good morning"], 40)
    process.send_signal(signal.SIGHUP)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 0, said
    assert office.status()[KEY]["state"] == "published"


def test_under_nohup_it_goes_on(office: Workplace, mastodon: FakeMastodon) -> None:
    office.move_to(at("07:59:00"))
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"trap '' HUP; exec {COMMAND} run"],
        cwd=office.folder,
        env=office.environment_now(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert "is running" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: mastodon.texts == ["Good morning"], 40)
    process.terminate()
    process.communicate(timeout=40)
    assert process.returncode == 0


def test_that_nothing_runs_is_told_while_posts_are_due(office: Workplace, mastodon: FakeMastodon) -> None:
    office.move_to(at("07:59:00"))
    assert office.run("status", "--attention").returncode == 0
    office.speed = 1.0
    office.move_to(at("08:03:00"))
    told = office.run("status", "--attention")
    assert told.returncode == 1
    assert "not running, and 1 post is due" in told.stdout
    assert KEY in told.stdout
    assert "campaigner run" in told.stdout
    assert office.run("run", "--once").returncode == 0
    assert office.run("status", "--attention").returncode == 0


def test_a_daemon_that_was_killed_is_missed_at_once(office: Workplace, mastodon: FakeMastodon) -> None:
    office.speed = 1.0
    office.move_to(at("07:59:30"))
    process = office.start_process("run")
    wait_for(lambda: "running since" in office.run("status").stdout, 40)
    process.kill()
    process.communicate()
    office.move_to(at("08:00:10"))
    told = office.run("status")
    assert told.returncode == 1
    assert "not running, and 1 post is due" in told.stdout


def test_between_two_runs_of_cron_nobody_is_alarmed(office: Workplace, mastodon: FakeMastodon) -> None:
    office.speed = 1.0
    office.move_to(at("07:59:30"))
    assert office.run("run", "--once").returncode == 0
    office.move_to(at("08:00:10"))
    assert office.run("status", "--attention").returncode == 0
