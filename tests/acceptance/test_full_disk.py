"""A disk that is full or read-only: what only reads goes on, what writes says why it can't, and nothing is sent."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import COMMAND, Workplace, account, at, campaign, message

OWN_DISK = ["unshare", "--mount", "--map-root-user", "sh", "-ec"]
"""Mounts of its own for one command, without any right on the machine's."""
MADE = 'mount -t tmpfs -o size=2m none "$1" && cp -a "$2/." "$1" && rm -f "$1"/state/*-shm && cd "$1"'
THEN = {
    "full": "dd if=/dev/zero of=fill bs=4096 2>/dev/null || true",
    "read-only": 'mount -o remount,ro "$1"',
}


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a disk can be mounted."""
    made = tmp_path_factory.mktemp("disk")
    mount = [*OWN_DISK, 'mount -t tmpfs none "$1"', "sh", made]
    if shutil.which("unshare") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs `unshare`, and the right to mount in a namespace of its own")
    return made


@pytest.fixture
def due(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """A post is out, and another one is due."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    messages = {"morning": message("08:00", "Good morning", "Huomenta"), "noon": message("12:00", "Good day", "Päivää")}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.move_to(at("07:30:00"))
    place.accept()
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").returncode == 0
    place.move_to(at("12:00:30"))
    return place


def run_on(disk: Path, state: str, place: Workplace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command in a copy of the folder on a disk of that state."""
    script = f'{MADE} && {THEN[state]} && shift 2 && exec "$@"'
    done = subprocess.run(
        [*OWN_DISK, script, "sh", disk, place.folder, COMMAND, *arguments],
        env=place.environment_now(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("state", THEN)
def test_what_only_reads_goes_on(due: Workplace, disk: Path, state: str) -> None:
    for command, words in (
        (("status",), "08:00  morning  “Good morning”  news en"),
        (("status", "--json"), '"published"'),
        (("log",), "publish of part 1: published"),
        (("preview",), "Good day"),
    ):
        done = run_on(disk, state, due, *command)
        assert (words in done.stdout, "campaigner: " in done.stderr) == (True, False), (command, done)


@pytest.mark.parametrize("state", THEN)
@pytest.mark.parametrize("command", ["run --once", "run", "hold --reason x"])
def test_what_writes_says_what_keeps_it_and_nothing_is_sent(
    due: Workplace, mastodon: FakeMastodon, disk: Path, state: str, command: str
) -> None:
    asked = len(mastodon.requests)
    done = run_on(disk, state, due, *command.split())
    assert (done.returncode, done.stdout) == (4, ""), done
    assert f"cannot be written: the disk of {disk}/state is {state}" in done.stderr
    assert len(mastodon.requests) == asked


def test_what_was_not_yet_in_the_file_itself_is_read_too(due: Workplace, disk: Path) -> None:
    """A process that was killed leaves its last changes in a second file, which SQLite can't take up on such a disk."""
    with closing(sqlite3.connect(due.folder / "state/campaigner.db")) as other:
        other.execute("SELECT count(*) FROM deliveries").fetchone()
        assert due.run("hold", "--reason", "a quiet day").returncode == 0
        assert (due.folder / "state/campaigner.db-wal").stat().st_size > 0
        done = run_on(disk, "read-only", due, "status")
    assert (done.stderr, "a quiet day" in done.stdout) == ("", True), done
