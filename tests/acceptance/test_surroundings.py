"""Faults of the surroundings: a ledger that can't be used, a secret that is missing. Exit 4, one message, nothing lost."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.ledger.lock import is_free

from .test_kill import wait_for
from .workplace import COMMAND, Workplace, account, at, campaign, message

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_FOWNER = 1, 3


@pytest.fixture
def due(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """One post, accepted, and now due."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:30"))
    return place


def ledger_of(place: Workplace) -> Path:
    return place.folder / "state/campaigner.db"


def run_as(place: Workplace, prepare: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "run", "--once"],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=prepare,
    )


def assert_told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert done.stderr.count("campaigner: ") == 1, done.stderr


def goes_out_afterwards(place: Workplace, mastodon: FakeMastodon) -> None:
    assert mastodon.texts == []
    assert "published" in place.run("run", "--once").stdout
    assert mastodon.texts == ["Good morning"]


def test_a_ledger_that_another_program_locks(due: Workplace, mastodon: FakeMastodon) -> None:
    other = sqlite3.connect(ledger_of(due), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert_told(due.run("run", "--once"), 4, "is locked by another program")
    assert due.run("status").returncode in (0, 1)
    other.execute("ROLLBACK")
    other.close()
    goes_out_afterwards(due, mastodon)


def test_a_ledger_that_we_may_not_write(due: Workplace, mastodon: FakeMastodon) -> None:
    ledger_of(due).chmod(0o444)
    ledger_of(due).parent.chmod(0o555)
    done = run_as(due, obey_permissions)
    ledger_of(due).parent.chmod(0o700)
    ledger_of(due).chmod(0o600)
    assert_told(done, 4, "ledger")
    goes_out_afterwards(due, mastodon)


def test_a_damaged_ledger(due: Workplace, mastodon: FakeMastodon) -> None:
    good = ledger_of(due).read_bytes()
    for leftover in ledger_of(due).parent.glob("campaigner.db-*"):
        leftover.unlink()
    ledger_of(due).write_bytes(good[:100] + b"\0damaged" * 1000 + good[8100:])
    done = due.run("run", "--once")
    assert_told(done, 4, "damaged")
    ledger_of(due).write_bytes(b"this is a letter, not a ledger\n" * 200)
    assert_told(due.run("run", "--once"), 4, "not a ledger")
    ledger_of(due).write_bytes(good)
    goes_out_afterwards(due, mastodon)


def test_a_full_disk(due: Workplace, mastodon: FakeMastodon) -> None:
    """A limit on the size of files stands for the disk: the write-ahead log can't grow."""
    done = run_as(due, files_stay_small)
    assert_told(done, 4, "ledger")
    goes_out_afterwards(due, mastodon)


def test_a_missing_secret(due: Workplace, mastodon: FakeMastodon) -> None:
    kept = due.environment.pop("NEWS_ACCESS_TOKEN")
    assert_told(due.run("run", "--once"), 4, "NEWS_ACCESS_TOKEN", "news")
    due.environment["NEWS_ACCESS_TOKEN"] = kept
    goes_out_afterwards(due, mastodon)


def test_a_ledger_in_a_synced_folder_is_refused(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    (place.folder / "Dropbox (Personal)").mkdir()
    (place.folder / "near").symlink_to(place.folder / "Dropbox (Personal)")
    place.write("shared/.stfolder/marker", "")
    for folder in ("Dropbox/state", "near/state", "shared/state", "Library/CloudStorage/OneDrive-Office"):
        place.write_config({"news": account(mastodon, ["en"])}, ledger=f"sqlite:///{folder}/campaigner.db")
        assert_told(place.run("run", "--once"), 5, "synced")
        assert not (place.folder / folder / "campaigner.db").exists()


@pytest.mark.parametrize("how", ["deleted", "replaced", "moved with its folder"])
def test_a_ledger_that_is_deleted_or_replaced_under_a_daemon_ends_it(
    due: Workplace, mastodon: FakeMastodon, how: str
) -> None:
    """Its posts would go into a file that nobody ever finds again."""
    due.move_to(at("07:59:00"))
    due.speed = 20.0
    process = due.start_process("run")
    wait_for(lambda: _is_running(due))
    ledger = ledger_of(due)
    if how == "deleted":
        ledger.unlink()
    elif how == "replaced":
        copy = ledger.with_name("copy")
        shutil.copyfile(ledger, copy)
        copy.replace(ledger)
    else:
        ledger.parent.rename(due.folder / "elsewhere")
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 4, output
    assert f"{'replaced by another file' if how == 'replaced' else 'deleted or moved away'} while" in output
    assert mastodon.texts == []


def _is_running(place: Workplace) -> bool:
    with closing(sqlite3.connect(ledger_of(place))) as connection:
        question = "SELECT count(*) FROM meta WHERE name = 'run' AND json_extract(value, '$.ended_at') IS NULL"
        (count,) = connection.execute(question).fetchone()
    return bool(count)


def test_a_newer_ledger_is_refused(due: Workplace, mastodon: FakeMastodon) -> None:
    with sqlite3.connect(ledger_of(due)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert_told(due.run("run", "--once"), 4, "9999")
    assert mastodon.texts == []


def test_a_ledger_that_is_upgraded_under_a_run_is_not_written(due: Workplace, mastodon: FakeMastodon) -> None:
    """Also where the run has only read in between."""
    due.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good day", "Huomenta")}))
    process = due.start_process("run", "--once")
    # It reads the files twice, two seconds apart.
    wait_for(lambda: not is_free(ledger_of(due)))
    with sqlite3.connect(ledger_of(due)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    output = process.communicate(timeout=60)[0]
    assert (process.returncode, mastodon.texts) == (4, []), output
    assert "9999" in output


def obey_permissions() -> None:
    """Root writes everything: give that up for the child, as a lesser user would have it (prctl(2), capabilities(7))."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_FOWNER):
            assert libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0


def files_stay_small() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, 16_384))


@pytest.mark.parametrize(("command", "code"), [("status", 4), ("run", 4), ("days", 0)])
def test_a_system_without_locks_is_told_so(place: Workplace, command: str, code: int) -> None:
    place.write_config({"news": {"platform": "console", "languages": ["en", "fi"]}})
    place.write("campaigns/migrants-day.yaml", campaign({"a": message("08:00", "Hello", "Hei")}))
    without = "import sys; sys.modules['fcntl'] = None; from campaigner.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", without, command],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "WSL 2" in done.stderr) == (code, code == 4), done.stderr
