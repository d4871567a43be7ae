"""`ledger backup` and `ledger upgrade`: while posts go out, from the first release, and when they are cut off."""

from __future__ import annotations

import base64
import json
import resource
import signal
import sqlite3
import stat
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_kill import PLENTY, POSTS, burst, kill, wait_for
from .test_surroundings import obey_permissions
from .workplace import COMMAND, Workplace, account, at, campaign, message

DUMPS = Path(__file__).parents[1] / "data"
KEY = "migrants-day/2020/"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OF_THE_FIRST_RELEASE = {
    **dict.fromkeys((f"{KEY}morning/news/en", f"{KEY}morning/news/fi"), "published"),
    **dict.fromkeys((f"{KEY}refused/news/en", f"{KEY}refused/news/fi"), "failed"),
    **dict.fromkeys((f"{KEY}picture/news/en", f"{KEY}picture/news/fi"), "published"),
    **dict.fromkeys((f"{KEY}short/news/en", f"{KEY}short/news/fi"), "missed"),
    **dict.fromkeys((f"{KEY}noon/news/en", f"{KEY}noon/news/fi"), "planned"),
}


def ledger_of(place: Workplace) -> Path:
    return place.folder / "state/campaigner.db"


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def backups(place: Workplace) -> list[Path]:
    return sorted((place.folder / "state/backups").glob("*.db"))


def states(place: Workplace) -> dict[str, str]:
    return {key: post["state"] for key, post in place.status().items()}


def run_as(place: Workplace, prepare: Callable[[], None], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=prepare,
    )


def assert_refused(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert done.stderr.count("campaigner: ") == 1, done.stderr


@pytest.fixture
def first_release(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """At half past ten, the working folder of somebody whose campaigner was of the first release until now."""
    return restored(place, mastodon, "0001")


def restored(place: Workplace, mastodon: FakeMastodon, version: str) -> Workplace:
    place.speed = 1.0
    ledger_of(place).parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(ledger_of(place))) as connection:
        connection.executescript((DUMPS / f"ledger-{version}.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    with closing(sqlite3.connect(":memory:")) as connection:
        # The last schema that held the files themselves.
        connection.executescript((DUMPS / "ledger-0003.sql").read_text("utf-8"))
        ((content,),) = connection.execute("SELECT content FROM accepted_files")
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", content.decode())
    (place.folder / "campaigns/dot.png").write_bytes(DOT)
    place.move_to(at("10:30:00"))
    return place


@pytest.mark.parametrize("command", ["status", "log", "run --once", "run", "hold --reason x", "run --once --dry-run"])
def test_an_earlier_ledger_is_refused_with_the_command_that_upgrades_it(first_release: Workplace, command: str) -> None:
    before = dump(ledger_of(first_release))
    done = first_release.run(*command.split())
    assert_refused(done, 4, "has schema 0001", "`campaigner ledger upgrade`")
    assert done.stdout == ""
    assert dump(ledger_of(first_release)) == before


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004", "0005"])
def test_an_upgraded_ledger_goes_on_where_it_was(place: Workplace, mastodon: FakeMastodon, version: str) -> None:
    restored(place, mastodon, version)
    before = dump(ledger_of(place))
    done = place.run("ledger", "upgrade")
    (backup,) = backups(place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"backed up: {backup}",
        f"upgraded: {ledger_of(place)} from schema {version} to 0006",
    ]
    assert backup.name.startswith(f"campaigner-{version}-20201218T0830")
    assert (stat.S_IMODE(backup.stat().st_mode), stat.S_IMODE(backup.parent.stat().st_mode)) == (0o600, 0o700)
    assert set(before) <= set(dump(backup))
    assert states(place) == OF_THE_FIRST_RELEASE
    told = json.loads(place.run("status", "--json").stdout)["alerts"]
    assert Counter(alert["kind"] for alert in told) == {"failed": 2, "missed": 2}
    assert place.run("run", "--once").stdout == ""
    # A hold of the old ledger ends by itself at eleven.
    place.move_to(at("11:00:10"))
    assert place.run("run", "--once").stdout == ""
    place.move_to(at("12:00:10"))
    assert place.run("run", "--once").stdout.count("published") == 2
    assert mastodon.texts == ["Good day", "Päivää"]


def test_an_upgrade_of_what_is_current_says_so_and_backs_nothing_up(first_release: Workplace) -> None:
    assert first_release.run("ledger", "upgrade").returncode == 0
    (only,) = backups(first_release)
    again = first_release.run("ledger", "upgrade")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == f"{ledger_of(first_release)} has schema 0006 already: nothing to upgrade\n"
    assert backups(first_release) == [only]


def test_without_a_ledger_there_is_nothing_to_upgrade_and_nothing_to_back_up(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "languages": ["en"]}})
    assert "nothing to upgrade" in place.run("ledger", "upgrade").stdout
    assert_refused(place.run("ledger", "backup"), 4, "there is no ledger")
    assert not (place.folder / "state").exists()


def test_upgrades_at_the_same_time_are_one(first_release: Workplace) -> None:
    processes = [first_release.start_process("ledger", "upgrade") for _ in range(4)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], outputs
    assert sum("upgraded: " in output for output in outputs) == 1
    assert sum("already" in output for output in outputs) == 3
    assert len(backups(first_release)) == 1
    assert states(first_release) == OF_THE_FIRST_RELEASE


@pytest.mark.parametrize("command", ["upgrade", "backup"])
def test_a_newer_ledger_is_neither_upgraded_nor_backed_up(first_release: Workplace, command: str) -> None:
    query(ledger_of(first_release), "UPDATE alembic_version SET version_num = '0007'")
    before = dump(ledger_of(first_release))
    done = first_release.run("ledger", command)
    assert_refused(
        done, 4, "has schema 0007, newer than the 0006", "run the campaigner that made this ledger, or a newer"
    )
    assert (dump(ledger_of(first_release)), backups(first_release)) == (before, [])


def with_many_alerts(path: Path) -> None:
    """What takes a moment to upgrade."""
    query(
        path,
        "WITH RECURSIVE number(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM number WHERE n < 60000)"
        " INSERT INTO alerts SELECT n, 'missed k' || n || ' ' || n, 'missed', 'k' || n, 'text', '', n, n FROM number",
    )


def test_an_upgrade_that_is_killed_leaves_the_one_schema_or_the_other(first_release: Workplace) -> None:
    with_many_alerts(ledger_of(first_release))
    found = []
    for number in range(1, 6):
        process = first_release.start_process("ledger", "upgrade")
        wait_for(lambda number=number, process=process: len(backups(first_release)) == number or process.poll() == 0)
        time.sleep((number - 1) * 0.08)  # a little later each time, from the backup on to the end
        kill(process)
        ((version,),) = query(ledger_of(first_release), "SELECT version_num FROM alembic_version")
        found.append(version)
        assert query(ledger_of(first_release), "PRAGMA integrity_check") == [("ok",)]
        columns = {row[1] for row in query(ledger_of(first_release), "PRAGMA table_info(alerts)")}
        assert ("withdrawn_at" in columns) == (version == "0006")
        assert query(ledger_of(first_release), "SELECT count(*) FROM alerts WHERE id >= 1000") == [(59001,)]
    assert found[0] == "0001", "every kill came too late"
    assert first_release.run("ledger", "upgrade").returncode == 0
    assert states(first_release) == OF_THE_FIRST_RELEASE


def test_an_upgrade_without_the_right_to_write(first_release: Workplace) -> None:
    before = dump(ledger_of(first_release))
    ledger_of(first_release).chmod(0o444)
    ledger_of(first_release).parent.chmod(0o555)
    done = run_as(first_release, obey_permissions, "ledger", "upgrade")
    backup = run_as(first_release, obey_permissions, "ledger", "backup")
    ledger_of(first_release).parent.chmod(0o700)
    assert_refused(done, 4, "ledger")
    assert_refused(backup, 4, "backups")
    assert (dump(ledger_of(first_release)), backups(first_release)) == (before, [])


def files_up_to(size: int) -> Callable[[], None]:
    """A limit on the size of files stands for the disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("command", ["upgrade", "backup"])
def test_a_full_disk(first_release: Workplace, command: str) -> None:
    before = dump(ledger_of(first_release))
    done = run_as(first_release, files_up_to(80_000), "ledger", command)
    assert_refused(done, 4, "no backup was made", "disk")
    assert dump(ledger_of(first_release)) == before
    assert list((first_release.folder / "state/backups").iterdir()) == []


def test_a_disk_that_is_full_after_the_backup(first_release: Workplace) -> None:
    with_many_alerts(ledger_of(first_release))
    before = dump(ledger_of(first_release))
    a_backup_fits = files_up_to(ledger_of(first_release).stat().st_size + 16_384)
    done = run_as(first_release, a_backup_fits, "ledger", "upgrade")
    assert_refused(done, 4, "the ledger")
    assert dump(ledger_of(first_release)) == before
    (backup,) = backups(first_release)
    assert set(before) <= set(dump(backup))
    assert first_release.run("ledger", "upgrade").returncode == 0


def test_a_damaged_ledger_is_neither_upgraded_nor_backed_up(first_release: Workplace) -> None:
    with_many_alerts(ledger_of(first_release))
    for command in ("upgrade", "backup"):
        content = bytearray(ledger_of(first_release).read_bytes())
        content[len(content) // 2 : len(content) // 2 + 4096] = b"\xa5" * 4096
        ledger_of(first_release).write_bytes(content)
        assert_refused(first_release.run("ledger", command), 4, "damaged")
        assert ledger_of(first_release).read_bytes() == content
        assert list((first_release.folder / "state/backups").iterdir()) == []


def upgrade_to_the_next_schema(place: Workplace) -> None:
    """What `ledger upgrade` of a later campaigner does, as far as a process of today can see it."""
    with closing(sqlite3.connect(ledger_of(place), isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ALTER TABLE deliveries ADD COLUMN colour TEXT")
        connection.execute("UPDATE alembic_version SET version_num = '0007'")
        connection.execute("COMMIT")


def back_to_ours(place: Workplace) -> None:
    query(ledger_of(place), "UPDATE alembic_version SET version_num = '0006'")


@pytest.mark.parametrize("command", ["run", "run --once"])
def test_a_process_on_the_old_schema_ends_at_its_next_claim(
    place: Workplace, mastodon: FakeMastodon, command: str
) -> None:
    messages = {
        "first": message("08:00", "First", "Eka"),
        "second": message("08:05", "Second", "Toka"),
    }
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"], spacing="90s"), "more": account(mastodon, ["fi"])})
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    assert place.run("run", "--once").returncode == 0
    place.speed = 10.0
    place.move_to(at("08:05:00") if command == "run --once" else at("07:59:58"))
    process = place.start_process(*command.split())
    wait_for(lambda: {"First", "Eka"} <= set(mastodon.texts))
    wait_for(lambda: Counter(states(place).values())["published"] >= 2)
    out_before = len(mastodon.journal)
    upgrade_to_the_next_schema(place)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 4, output
    assert output.count("campaigner: the ledger has schema 0007, newer than the 0006") == 1
    assert output.count("campaigner: ") == 1
    assert "Traceback" not in output
    assert len(mastodon.journal) == out_before
    assert "Second" not in mastodon.texts
    back_to_ours(place)
    place.move_to(at("08:30:00"))
    place.run("run", "--once")
    assert sorted(mastodon.texts) == ["Eka", "First", "Second", "Toka"]


def test_an_upgrade_in_the_middle_of_a_burst_ends_the_daemon_and_nothing_goes_out_twice(place: Workplace) -> None:
    with FakeMastodon(quotas=PLENTY) as mastodon:
        wanted = burst(place, mastodon)
        process = place.start_process("run")
        wait_for(lambda: len(mastodon.journal) >= 50)
        upgrade_to_the_next_schema(place)
        output = process.communicate(timeout=60)[0]
        assert process.returncode == 4, output
        assert output.count("campaigner: the ledger has schema 0007") == 1
        assert output.count("campaigner: ") == 1
        assert len(mastodon.journal) < POSTS
        back_to_ours(place)
        place.speed = 60.0
        place.move_to(place.now())
        process = place.start_process("run")
        wait_for(lambda: Counter(mastodon.texts) == wanted)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=40)
        assert Counter(mastodon.texts) == wanted


def published(place: Workplace) -> set[str]:
    return {key for key, state in states(place).items() if state == "published"}


def test_a_backup_in_a_burst_lacks_nothing_that_was_settled_before_it(place: Workplace) -> None:
    with FakeMastodon(quotas=PLENTY) as mastodon:
        burst(place, mastodon)
        mastodon.fault("delay", path_prefix="/api/v1/statuses", method="POST", times=None, seconds=0.05)
        process = place.start_process("run")
        made: list[tuple[set[str], Path]] = []
        for enough in (20, 60, 100):
            wait_for(lambda enough=enough: len(mastodon.journal) >= enough)
            settled = published(place)
            copy = place.folder / f"copy-{enough}.db"
            done = place.run("ledger", "backup", copy.name)
            assert (done.returncode, done.stdout) == (0, f"backed up: {copy.name}\n"), done.stderr
            made.append((settled, copy))
        assert process.poll() is None
        assert len(published(place)) < POSTS, "the burst was over: nothing was tried"
        mastodon.faults.clear()
        wait_for(lambda: len(mastodon.journal) == POSTS)
        process.send_signal(signal.SIGTERM)
        assert (process.communicate(timeout=40), process.returncode)[1] == 0
        assert len(published(place)) == POSTS
        for settled, copy in made:
            assert query(copy, "PRAGMA integrity_check") == [("ok",)]
            place.write_config({"news": account(mastodon)}, ledger=f"sqlite:///{copy.name}")
            found = published(place)
            assert settled <= found
            assert 0 < len(settled) <= len(found) < POSTS
            assert place.run("run", "--once").returncode in (0, 1)
        assert len(mastodon.journal) == POSTS


@pytest.fixture
def accepted(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """One account, two messages, both accepted before they are due."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    messages = {"morning": message("08:00", "Good morning", "Huomenta"), "noon": message("12:00", "Good day", "Päivää")}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.move_to(at("07:30:00"))
    assert place.run("run", "--once").returncode == 0
    return place


def test_a_backup_that_is_put_back_sends_nothing_until_a_person_has_looked(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    assert accepted.run("ledger", "backup", "copy.db").returncode == 0
    accepted.move_to(at("08:00:10"))
    assert accepted.run("run", "--once").stdout.startswith("published")
    for file in ledger_of(accepted).parent.glob("campaigner.db*"):
        file.unlink()
    (accepted.folder / "copy.db").rename(ledger_of(accepted))
    # The platform has forgotten the key by which it knew the post again.
    accepted.move_to(at("09:30:00"))
    held = accepted.run("run", "--once")
    words = "on hold: this ledger is a backup of 2020-12-18 05:30 UTC: what went out since is not recorded in it"
    assert held.stdout == f"held {KEY}morning/news/en {words}\n"
    assert words.partition(": ")[2] in accepted.run("status").stdout
    assert accepted.run("release").stdout.splitlines() == [
        "released: 1 hold",
        f"    everything, by ledger backup: {words.removeprefix('on hold: ')}",
        f"skipped {KEY}morning/news/en (due today 08:00)",
    ]
    accepted.move_to(at("12:00:10"))
    assert accepted.run("run", "--once").stdout.startswith(f"published {KEY}noon")
    assert mastodon.texts == ["Good morning", "Good day"]


def test_a_backup_overwrites_nothing_and_takes_a_file_or_a_folder(accepted: Workplace) -> None:
    done = accepted.run("ledger", "backup")
    (made,) = backups(accepted)
    assert done.stdout == f"backed up: {made}\n"
    assert (stat.S_IMODE(made.stat().st_mode), stat.S_IMODE(made.parent.stat().st_mode)) == (0o600, 0o700)
    taken = accepted.write("letter.db", "Dear all")
    assert_refused(accepted.run("ledger", "backup", "letter.db"), 5, "letter.db exists already", "another file")
    assert taken.read_text() == "Dear all"
    (accepted.folder / "shelf").mkdir()
    assert accepted.run("ledger", "backup", "shelf").returncode == 0
    (on_shelf,) = (accepted.folder / "shelf").iterdir()
    assert on_shelf.name.startswith("campaigner-0006-20201218T0530")
    assert stat.S_IMODE(on_shelf.stat().st_mode) == 0o600
    assert_refused(accepted.run("ledger", "backup", "nowhere/copy.db"), 4, "nowhere", "a folder that exists")


def test_a_backup_only_reads_the_ledger(accepted: Workplace) -> None:
    before = ledger_of(accepted).read_bytes()
    assert accepted.run("ledger", "backup").returncode == 0
    assert ledger_of(accepted).read_bytes() == before


def test_a_ledger_in_a_synced_folder_is_not_upgraded(place: Workplace) -> None:
    path = place.write("Dropbox/campaigner.db", "x")
    place.write_config({"desk": {"platform": "console", "languages": ["en"]}}, ledger="sqlite:///Dropbox/campaigner.db")
    assert_refused(place.run("ledger", "upgrade"), 5, "synced")
    assert path.read_text() == "x"
