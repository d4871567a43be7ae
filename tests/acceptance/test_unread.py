"""Nobody reads what `run` prints any more (`| tee`, and tee died): posts go out all the same, and the daemon stays."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_kill import wait_for
from .workplace import COMMAND, Workplace, account, at, campaign, message

MESSAGES = {
    f"m-{number}": message(f"08:{number:02}", f"Number {number}", f"Numero {number}") for number in range(5, 55, 5)
}


def filled(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config(
        {"news": account(mastodon, ["en"]), "shown": {"platform": "console", "languages": ["en"]}}, late="12h"
    )
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))


def test_the_daemon_goes_on_when_its_reader_dies(place: Workplace, mastodon: FakeMastodon) -> None:
    filled(place, mastodon)
    place.speed = 600.0
    place.move_to(at("08:00:00"))
    process = place.start_process("run")
    assert process.stdout is not None
    while "published" not in process.stdout.readline():
        pass
    process.stdout.close()
    wait_for(lambda: len(mastodon.journal) == len(MESSAGES), 60)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    assert mastodon.texts == [f"Number {number}" for number in range(5, 55, 5)]
    published = [key for key, post in place.status().items() if post["state"] == "published"]
    assert len([key for key in published if "/shown/" in key]) > len(MESSAGES) - 3


def test_a_single_run_posts_all_of_it_and_ends_as_it_would(place: Workplace, mastodon: FakeMastodon) -> None:
    filled(place, mastodon)
    place.speed = 1.0
    place.accept()
    place.move_to(at("08:56:00"))
    process = subprocess.Popen(
        [COMMAND, "run", "--once"],
        cwd=place.folder,
        env=place.environment_now() | {"CAMPAIGNER_CLOCK": f"{place.now().isoformat()},60"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        process.stderr.read()
    assert process.wait(60) == 0
    assert len(mastodon.texts) == len(MESSAGES)


def test_a_full_disk_under_its_output_stops_nothing(place: Workplace, mastodon: FakeMastodon) -> None:
    filled(place, mastodon)
    place.speed = 60.0
    place.accept()
    place.move_to(at("08:56:00"))
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [COMMAND, "run", "--once"], cwd=place.folder, env=place.environment_now(), stdout=full, stderr=full
        )
        assert process.wait(60) == 0
    assert len(mastodon.texts) == len(MESSAGES)
    assert {post["state"] for post in place.status().values()} == {"published"}


CLOSED = (">&-", "2>&-", "<&- >&- 2>&-")


def shell(place: Workplace, command: str, closed: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", f"exec {shlex.quote(COMMAND)} {command} {closed}"],
        cwd=place.folder,
        env=place.environment_now(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("closed", CLOSED)
def test_closed_standard_streams_stop_no_post(place: Workplace, mastodon: FakeMastodon, closed: str) -> None:
    """No file of ours gets the number of one: what is printed would end up in the ledger."""
    filled(place, mastodon)
    place.speed = 60.0
    assert shell(place, "run --once", closed).wait(60) == 0
    place.move_to(at("08:56:00"))
    assert shell(place, "run --once", closed).wait(60) == 0
    assert len(mastodon.texts) == len(MESSAGES)
    assert {post["state"] for post in place.status().values()} == {"published"}
    place.write("campaigns/migrants-day.yaml", "no: [campaign")
    assert shell(place, "check", closed).wait(60) == 3


@pytest.mark.parametrize("closed", CLOSED)
def test_the_daemon_needs_no_standard_stream(place: Workplace, mastodon: FakeMastodon, closed: str) -> None:
    filled(place, mastodon)
    place.speed = 600.0
    place.move_to(at("08:00:00"))
    process = shell(place, "run", closed)
    wait_for(lambda: len(mastodon.journal) == len(MESSAGES), 60)
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    assert len(mastodon.texts) == len(MESSAGES)
