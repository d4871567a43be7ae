"""From every earlier schema to ours: the same tables as a fresh ledger, the same past, and all of it or nothing."""

from __future__ import annotations

import fcntl
import platform
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.errors import SurroundingsError
from campaigner.ledger import account_states, alerts, backup, deliveries, migrations, tables
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.lock import LedgerLock
from campaigner.ledger.models import State
from campaigner.ledger.tables import EPOCH

from .conftest import NOW, claim_of

DUMPS = Path(__file__).parents[2] / "data"


@pytest.fixture
def old(path: Path) -> Path:
    """A ledger of the first release."""
    return restored(path, "0001")


@pytest.fixture(params=tables.EARLIER)
def earlier(request: pytest.FixtureRequest, path: Path) -> Path:
    """A ledger of each earlier schema, as a morning of posting left it."""
    return restored(path, request.param)


def restored(path: Path, version: str) -> Path:
    path.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((DUMPS / f"ledger-{version}.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    return path


def version_of(path: Path) -> str:
    return str(rows(path, "SELECT version_num FROM alembic_version")[0][0])


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def columns_of(path: Path, table: str) -> str:
    return ", ".join(str(name) for _, name, *_ in rows(path, f"PRAGMA table_info({table})"))


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def schema(path: Path) -> set[str]:
    """Every table and index as it was written, without quotes, spaces and brackets that mean nothing."""
    found = rows(path, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {re.sub(r"DEFAULT\(('[^']*')\)", r"DEFAULT\1", re.sub(r'["\s]+', "", str(sql))) for (sql,) in found}


def test_an_upgraded_ledger_and_a_fresh_one_have_the_same_schema(
    tmp_path: Path, earlier: Path, clock: SteppingClock
) -> None:
    assert migrations.upgrade(earlier, clock) is not None
    fresh = tmp_path / "fresh" / "campaigner.db"
    Ledger.open(fresh, clock).close()
    assert schema(earlier) == schema(fresh)


def test_a_change_of_a_record_is_a_change_of_the_schema(tmp_path: Path, clock: SteppingClock) -> None:
    """Columns come of the records' fields: whoever changes one needs a new schema, and a way to it."""
    first, fresh = tmp_path / "first.db", tmp_path / "fresh" / "campaigner.db"
    with closing(sqlite3.connect(first)) as connection:
        connection.executescript((DUMPS / f"schema-{tables.SCHEMA_VERSION}.sql").read_text("utf-8"))
    Ledger.open(fresh, clock).close()
    for table in tables.NAMES:
        for of in ('name, type, "notnull", pk FROM pragma_table_info', '"unique", partial FROM pragma_index_list'):
            query = f"SELECT {of}('{table}') ORDER BY 1, 2"
            assert rows(fresh, query) == rows(first, query), table


def test_nothing_that_happened_is_lost(earlier: Path, clock: SteppingClock) -> None:
    renamed = {"attempts": "delivery_attempts"} if version_of(earlier) == "0001" else {}
    new = {"alert_receipts", *renamed.values()} if version_of(earlier) < "0003" else set()
    still = "id, key, state, forced, due_at, retry_at, failures, digest, content, reason, url, published_at, updated_at"
    kept = {"deliveries": still, "accepted_files": "campaign, path, sha256, signature, accepted_at",
            "acceptances": "key, campaign, due_at, accepted_at",
            "lanes": "account, identity, last_sent_at, failures, rested_until, stopped_at, stopped_reason",
            }  # fmt: skip
    queries = [
        f"SELECT {kept.get(name) or columns_of(earlier, name)} FROM {name} ORDER BY 1"
        for name in tables.NAMES
        if name not in {*new, "meta", "delivery_attempts"}
    ]
    before = {query: rows(earlier, query) for query in queries if "alerts" not in query}
    columns = "id, delivery_id, part, generation, kind, started_at, ended_at, outcome, reason"
    attempts = rows(earlier, f"SELECT {columns} FROM {next(iter(renamed), 'delivery_attempts')}")
    told = rows(earlier, "SELECT id, kind, key, text, command, raised_at, sent_at FROM alerts")
    assert len(attempts) > 5
    migrations.upgrade(earlier, clock)
    assert {query: rows(earlier, query) for query in before} == before
    assert rows(earlier, f"SELECT {columns} FROM delivery_attempts") == attempts
    assert rows(earlier, "SELECT id, kind, key, text, command, raised_at, sent_at FROM alerts") == told
    assert rows(earlier, "PRAGMA integrity_check") == [("ok",)]


def test_what_was_sent_before_stays_sent_and_the_rest_is_sent_everywhere(path: Path, clock: SteppingClock) -> None:
    migrations.upgrade(restored(path, "0002"), clock)
    ledger = Ledger.open(path, clock)
    sent = [number for number, at in rows(path, "SELECT id, sent_at FROM alerts") if at is not None]
    assert len(sent) == 2
    for channel in ("one", "two"):
        waiting = ledger.read(lambda c, channel=channel: alerts.waiting(c, channel))
        assert [alert.id for alert in waiting] == [3, 4, 5, 6, 7, 8]
    ledger.close()


def test_of_what_lies_ahead_the_ledger_goes_on_to_know_until_when_it_is_of_use(
    earlier: Path, clock: SteppingClock
) -> None:
    """Two hours, unless a run writes the campaign's own."""
    migrations.upgrade(earlier, clock)
    found = rows(earlier, "SELECT late_at - due_at FROM acceptances")
    assert len(found) == 10
    assert set(found) == {(2 * 3600 * 1_000_000,)}


def test_a_suffix_becomes_the_time_of_withdrawal(old: Path, clock: SteppingClock) -> None:
    migrations.upgrade(old, clock)
    key = "migrants-day/2020/refused/news/"
    found = rows(old, "SELECT subject, withdrawn_at IS raised_at, withdrawn_at IS NULL FROM alerts ORDER BY id LIMIT 6")
    assert found == [
        (f"failed {key}en", 1, 0),
        (f"failed {key}fi", 0, 1),
        (f"failed {key}en", 1, 0),
        (f"failed {key}en", 0, 1),
        ("account news", 1, 0),
        ("file migrants-day", 1, 0),
    ]


@pytest.mark.parametrize(
    ("subject", "kind", "wanted", "withdrawn"),
    [
        ("account 99", "account", "account 99", False),
        ("account 99 99", "account", "account 99", True),
        ("file 9", "file", "file 9", False),
        ("config 99", "file", "config", True),
        ("config 99 99 99", "file", "config", True),
        ("missed c/2026/99/desk/en", "missed", "missed c/2026/99/desk/en", False),
    ],
)
def test_a_name_that_ends_like_a_suffix_is_none(
    old: Path, clock: SteppingClock, subject: str, kind: str, wanted: str, withdrawn: bool
) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(
            "INSERT INTO alerts (id, subject, kind, text, raised_at) VALUES (99, ?, ?, 't', 5)", (subject, kind)
        )
    migrations.upgrade(old, clock)
    found = rows(old, "SELECT subject, withdrawn_at FROM alerts WHERE id = 99")
    assert found == [(wanted, 5 if withdrawn else None)]


def test_an_upgraded_ledger_tells_again_what_was_withdrawn(old: Path, clock: SteppingClock) -> None:
    migrations.upgrade(old, clock)
    ledger = Ledger.open(old, clock)
    key = "migrants-day/2020/refused/news/fi"

    def tell(connection: sqlite3.Connection) -> bool:
        return alerts.raise_alert(connection, kind="failed", key=key, text="t", now=NOW)

    assert not ledger.write(tell)
    ledger.write(lambda connection: alerts.withdraw(connection, key, NOW))
    assert ledger.write(tell)
    assert not ledger.write(tell)
    standing = [alert for alert in ledger.read(lambda c: alerts.standing(c, EPOCH)) if alert.key == key]
    assert [alert.raised_at for alert in standing] == [NOW]
    ledger.close()


def test_the_backup_is_the_ledger_as_it_was_with_a_hold(earlier: Path, clock: SteppingClock) -> None:
    before, before_version = dump(earlier), version_of(earlier)
    done = migrations.upgrade(earlier, clock)
    assert done is not None
    name = f"campaigner-{before_version}-20261218T060000Z.db"
    assert (done.before, done.backup) == (before_version, earlier.parent / "backups" / name)
    added = set(dump(done.backup)) - set(before)
    assert set(before) <= set(dump(done.backup))
    assert sorted(line.split('"')[1] for line in added) == ["decisions", "holds"]


def test_a_ledger_of_ours_and_an_absent_one_need_no_upgrade(
    tmp_path: Path, path: Path, ledger: Ledger, clock: SteppingClock
) -> None:
    assert migrations.upgrade(path, clock) is None
    assert migrations.upgrade(tmp_path / "absent.db", clock) is None
    assert not backup.default_folder(path).exists()
    assert not (tmp_path / "absent.db").exists()


@pytest.mark.parametrize("version", ["0000", "0007", "9999"])
def test_a_schema_that_no_way_leads_from_is_left_alone(old: Path, clock: SteppingClock, version: str) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    before = dump(old)
    for act in (migrations.upgrade, lambda path, clock: backup.back_up(path, None, clock)):
        with pytest.raises(SurroundingsError, match=f"has schema {version}") as refused:
            act(old, clock)
        assert refused.value.hint == "run the campaigner that made this ledger, or a newer one"
    assert dump(old) == before
    assert list(old.parent.rglob("*.db")) == [old]


MIGRATES_AND_WAITS = """
    import sys
    from pathlib import Path
    from campaigner.ledger import sqlite, migrations
    connection = sqlite.connect(Path("{path}"))
    connection.execute("PRAGMA foreign_keys=0")
    connection.execute("BEGIN EXCLUSIVE")
    migrations.migrate(connection)
    assert sqlite.schema_version(connection) == "0006"
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_kill_before_the_commit_leaves_the_ledger_as_it_was(earlier: Path, clock: SteppingClock) -> None:
    before = dump(earlier)
    program = textwrap.dedent(MIGRATES_AND_WAITS.format(path=earlier))
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert dump(earlier) == before
    assert migrations.upgrade(earlier, clock) is not None
    assert version_of(earlier) == tables.SCHEMA_VERSION


def test_an_upgrade_waits_for_the_run_that_is_at_work(path: Path, clock: SteppingClock) -> None:
    """Since 0005 it is the one that has the lock of the ledger, whoever was the owner of a post before."""
    restored(path, "0005")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE deliveries SET state = 'sending' WHERE id = 1")
    lock = LedgerLock(path)
    assert lock.take()
    with pytest.raises(SurroundingsError, match="posts are being sent"):
        migrations.upgrade(path, clock)
    lock.release()
    assert migrations.upgrade(path, clock) is not None


@pytest.fixture
def sending(old: Path) -> Iterator[Path]:
    """A living process of this machine has a publishing call in flight; yields its lock."""
    lock = old.parent / "owners" / "living.lock"
    lock.parent.mkdir()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(
            "INSERT INTO owners VALUES ('living', ?, 1, 'run', ?, 0, 0, NULL)",
            (platform.node() or "localhost", str(lock)),
        )
        connection.execute("UPDATE deliveries SET state = 'sending', owner_id = 'living' WHERE id = 1")
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield lock


def test_an_upgrade_waits_for_calls_in_flight_and_gives_up(sending: Path, old: Path, clock: SteppingClock) -> None:
    before = dump(old)
    with pytest.raises(SurroundingsError, match="posts are being sent"):
        migrations.upgrade(old, clock)
    assert clock.now() - NOW >= timedelta(seconds=30)
    assert dump(old) == before
    assert not backup.default_folder(old).exists()


def test_an_upgrade_does_not_wait_for_the_dead(sending: Path, old: Path, clock: SteppingClock) -> None:
    sending.unlink()
    assert migrations.upgrade(old, clock) is not None
    assert clock.now() == NOW


def test_rows_that_refer_to_nothing_stop_an_upgrade(old: Path, clock: SteppingClock) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("DELETE FROM deliveries WHERE id = 1")
    before = dump(old)
    with pytest.raises(SurroundingsError, match=r"damaged: rows of .* refer to nothing"):
        migrations.upgrade(old, clock)
    assert dump(old) == before


def test_a_process_finds_at_its_next_write_that_the_ledger_was_upgraded(path: Path, ledger: Ledger) -> None:
    ledger.write(lambda connection: account_states.looked(connection, "desk", NOW))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0007'")
    ran = []
    with pytest.raises(SurroundingsError, match="has schema 0007, newer than the 0006"):
        ledger.write(ran.append)
    assert ran == []
    assert ledger.read(lambda connection: account_states.of(connection, "desk")).looked_at == NOW
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE lanes RENAME TO tracks")
    with pytest.raises(SurroundingsError, match="has schema 0007, newer than the 0006"):
        ledger.read(lambda connection: account_states.of(connection, "desk"))


def test_in_a_backup_nobody_is_at_work_and_what_was_being_sent_is_in_doubt(
    path: Path, ledger: Ledger, clock: SteppingClock
) -> None:
    """As if the copy came to another machine, where nothing can prove that the run of the original is over."""
    ledger.write(lambda _: ledger.note_at_work())
    ledger.write(lambda c: deliveries.claim(c, claim_of("claimed"), NOW))
    sent = ledger.write(lambda c: deliveries.claim(c, claim_of("sent"), NOW))
    assert isinstance(sent, deliveries.Delivery)
    ledger.write(lambda c: deliveries.start_part(c, sent, 0, ledger.run_id, NOW, blocked=None))
    made = backup.back_up(path, None, clock)
    assert ledger.read(deliveries.settled_keys)["c/2026/sent/desk/en"] is State.SENDING
    copy = Ledger.open(made, clock)
    assert copy.enter("test")
    assert copy.read(deliveries.settled_keys) == {
        "c/2026/claimed/desk/en": State.DUE,
        "c/2026/sent/desk/en": State.IN_DOUBT,
    }
    copy.close()


def test_backups_of_one_second_are_numbered(path: Path, ledger: Ledger, clock: SteppingClock) -> None:
    made = [backup.back_up(path, None, clock).name for _ in range(3)]
    name = "campaigner-0006-20261218T060000Z"
    assert made == [f"{name}.db", f"{name}-2.db", f"{name}-3.db"]
    assert sorted(made) == sorted(file.name for file in backup.default_folder(path).iterdir())
