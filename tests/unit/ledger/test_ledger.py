"""The ledger as a file: made for its owner alone, refused clearly when it can't be used, copied while it is written."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.errors import SurroundingsError
from campaigner.ledger import alerts, backup, damage, decisions, deliveries, sqlite
from campaigner.ledger.deliveries import Refusal
from campaigner.ledger.ledger import Connection, Ledger
from campaigner.ledger.models import State
from campaigner.post.key import PostKey

from .conftest import NOW, claim_of


def test_the_file_and_its_folder_are_the_owners_alone(path: Path, clock: SteppingClock) -> None:
    before = os.umask(0)
    try:
        with_ledger = Ledger.open(path, clock)
        assert with_ledger.enter("test")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.rglob("*")}
        with_ledger.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}


def test_a_claim_is_durable_and_read_back_with_its_text(ledger: Ledger) -> None:
    claimed = ledger.write(lambda c: deliveries.claim(c, claim_of("m", "Tänään 🎉"), NOW))
    assert not isinstance(claimed, Refusal)
    found = ledger.read(lambda c: deliveries.find(c, claimed.key))
    assert found == claimed
    assert found.content is not None
    assert found.content["parts"][0]["text"] == "Tänään 🎉"
    assert found.updated_at == NOW


def test_only_one_of_many_claims_wins(ledger: Ledger) -> None:
    outcomes: list[object] = []

    def claim() -> None:
        outcomes.append(ledger.write(lambda c: deliveries.claim(c, claim_of("m"), NOW)))

    threads = [threading.Thread(target=claim) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not isinstance(outcome, Refusal) for outcome in outcomes) == 1


def test_one_change_that_fails_does_not_undo_the_others(ledger: Ledger) -> None:
    barrier = threading.Barrier(2)
    errors: list[Exception] = []

    def fail() -> None:
        barrier.wait()
        try:
            ledger.write(lambda c: deliveries.claim(c, claim_of("bad"), NOW) and 1 / 0)
        except ZeroDivisionError as error:
            errors.append(error)

    thread = threading.Thread(target=fail)
    thread.start()
    barrier.wait()
    ledger.write(lambda c: deliveries.claim(c, claim_of("good"), NOW))
    thread.join()
    assert len(errors) == 1
    assert ledger.read(deliveries.settled_keys) == {"c/2026/good/desk/en": State.CLAIMED}


def test_a_transaction_is_all_or_nothing_and_a_write_in_it_fails_alone(path: Path, ledger: Ledger) -> None:
    def keys() -> set[str]:
        with closing(sqlite3.connect(path)) as other:
            return {key for (key,) in other.execute("SELECT key FROM deliveries")}

    def claim(name: str) -> None:
        ledger.write(lambda c: deliveries.claim(c, claim_of(name), NOW))

    with ledger.transaction() as connection:
        claim("one")
        with pytest.raises(ZeroDivisionError):
            ledger.write(lambda c: deliveries.claim(c, claim_of("bad"), NOW) and 1 / 0)
        deliveries.claim(connection, claim_of("two"), NOW)
        assert len(ledger.read(deliveries.settled_keys)) == 2
        assert keys() == set()
    assert keys() == {"c/2026/one/desk/en", "c/2026/two/desk/en"}

    def interrupt(_: object) -> None:
        claim("three")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.write(interrupt)
    assert len(keys()) == 2
    with pytest.raises(RuntimeError, match="changes nothing"):
        ledger.read(lambda _: claim("three"))


def test_what_was_answered_counts_until_somebody_writes(path: Path, ledger: Ledger) -> None:
    """Here, elsewhere, or not at all in the end."""
    asked: list[str] = []

    def holds() -> int:
        return len(ledger.read(decisions.open_holds))

    def give(connection: Connection) -> None:
        where: dict[str, None] = {"campaign": None, "account": None, "until": None}
        decisions.give_hold(connection, **where, reason="quiet", given_by="Aino", now=NOW)

    assert holds() == 0
    ledger.connection.set_trace_callback(asked.append)
    assert holds() == 0
    assert not [one for one in asked if "holds" in one]
    ledger.write(give)
    assert holds() == 1
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO holds (reason, given_by, given_at) SELECT reason, given_by, given_at FROM holds")
    assert holds() == 2

    def give_in_vain(connection: Connection) -> None:
        give(connection)
        assert len(decisions.open_holds(connection)) == 3
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.write(give_in_vain)
    assert holds() == 2


@pytest.fixture
def long_past(path: Path, clock: SteppingClock) -> Path:
    """A ledger with more of a past than is looked at when it is opened, whose first entry is damaged."""
    past = Ledger.open(path, clock)
    with past.transaction() as connection:
        for number in range(damage.NEWEST + 2):
            key = PostKey("c", "2026", f"m{number}", "desk", "en")
            deliveries.create_settled(connection, key, NOW, State.MISSED, NOW, "late")
        connection.execute("UPDATE deliveries SET due_at = 'noon' WHERE id = 1")
    past.close()
    return path


FIRST = PostKey("c", "2026", "m0", "desk", "en")


def test_an_old_entry_that_is_damaged_is_set_right_when_it_is_read(long_past: Path, clock: SteppingClock) -> None:
    for open_it in (Ledger.open_read_only, Ledger.open):
        told: list[str] = []
        opened = open_it(long_past, clock, told.append)
        assert opened is not None
        assert told == []
        assert len(opened.read(deliveries.select)) == damage.NEWEST + 2
        assert told == [f"{FIRST}: its entry in the ledger is damaged (deliveries: due_at)"]
        assert [alert.kind for alert in opened.read(alerts.unsent)] == ["damaged"]
        opened.close()
    assert len(list(backup.default_folder(long_past).iterdir())) == 1


def test_nothing_is_written_from_a_damaged_entry(long_past: Path, clock: SteppingClock) -> None:
    ledger = Ledger.open(long_past, clock)
    with pytest.raises(SurroundingsError, match="is damaged") as refused:
        ledger.write(lambda c: deliveries.find(c, FIRST))
    assert refused.value.hint == "start campaigner again: the other posts go on"
    assert ledger.write(lambda c: deliveries.find(c, FIRST)) is not None
    ledger.close()


def test_reading_never_writes(path: Path, ledger: Ledger, clock: SteppingClock) -> None:
    looking = Ledger.open_read_only(path, clock)
    assert looking is not None
    with pytest.raises(SurroundingsError, match="for reading only"):
        looking.write(lambda c: None)
    with pytest.raises(SurroundingsError, match="cannot be written"):
        looking.read(lambda c: deliveries.claim(c, claim_of("m"), NOW))
    looking.close()


def test_looking_at_an_absent_ledger_makes_none(path: Path, clock: SteppingClock) -> None:
    assert Ledger.open_read_only(path, clock) is None
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"this is not a database, it is a letter to a friend" * 30, "damaged or not a ledger"),
        (b"SQLite format 3\0" + b"\xff" * 4000, "damaged|not a ledger"),
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(
    path: Path, clock: SteppingClock, content: bytes, said: str
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(SurroundingsError, match=said):
        Ledger.open(path, clock)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(path: Path, clock: SteppingClock) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE cookies (id)")
    other.close()
    with pytest.raises(SurroundingsError, match="another program"):
        Ledger.open(path, clock)


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_another_schema_is_refused(path: Path, ledger: Ledger, clock: SteppingClock, version: str) -> None:
    ledger.close()
    with sqlite3.connect(path) as other:
        other.execute("UPDATE alembic_version SET version_num = ?", (version,))
    other.close()
    for open_it in (Ledger.open, Ledger.open_read_only):
        with pytest.raises(SurroundingsError, match=f"has schema {version}"):
            open_it(path, clock)


def test_a_locked_ledger_is_said_to_be_locked(path: Path, ledger: Ledger, clock: SteppingClock) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    impatient = Ledger(path, sqlite.connect(path, busy_seconds=0.05), clock, read_only=False)
    with pytest.raises(SurroundingsError, match="locked by another program"):
        impatient.write(lambda c: deliveries.claim(c, claim_of("m"), NOW))
    other.execute("ROLLBACK")
    assert not isinstance(impatient.write(lambda c: deliveries.claim(c, claim_of("m"), NOW)), Refusal)
    impatient.close()
    other.close()


def test_a_full_disk_is_said_and_nothing_is_half_written(path: Path, ledger: Ledger, clock: SteppingClock) -> None:
    ledger.close()
    program = textwrap.dedent(f"""
        import resource, signal
        from datetime import UTC, datetime
        from pathlib import Path
        from campaigner.clock import SteppingClock
        from campaigner.errors import SurroundingsError
        from campaigner.ledger import deliveries
        from campaigner.ledger.ledger import Ledger
        from tests.unit.ledger.conftest import NOW, claim_of
        ledger = Ledger.open(Path("{path}"), SteppingClock(NOW))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        try:
            for number in range(100):
                ledger.write(lambda c: deliveries.claim(c, claim_of(f"m{{number}}", "x" * 20_000), NOW))
                print("durable", number)
        except SurroundingsError as error:
            print("said", error)
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    durable = sum(line.startswith("durable") for line in done.stdout.splitlines())
    assert "disk" in done.stdout.splitlines()[-1], done.stdout + done.stderr
    assert 0 < durable < 100
    again = Ledger.open_read_only(path, clock)
    assert again is not None
    assert len(again.read(deliveries.settled_keys)) == durable
    again.close()


def test_a_copy_lacks_nothing_that_was_settled_before_it(tmp_path: Path, ledger: Ledger, clock: SteppingClock) -> None:
    for number in range(30):
        ledger.write(lambda c, number=number: deliveries.claim(c, claim_of(f"m{number}"), NOW))
    ledger.copy_to(tmp_path / "copy.db")
    copy = Ledger.open_read_only(tmp_path / "copy.db", clock)
    assert copy is not None
    assert len(copy.read(deliveries.settled_keys)) == 30
    copy.close()


@pytest.mark.skipif(
    os.getuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="needs setpriv to drop root's powers"
)
def test_a_read_only_ledger_is_said_to_be_read_only(path: Path, ledger: Ledger) -> None:
    ledger.close()
    path.parent.chmod(0o555)
    path.chmod(0o444)
    program = (
        "from campaigner.ledger.ledger import Ledger; from campaigner.clock import SystemClock\n"
        "from pathlib import Path\n"
        "from campaigner.errors import SurroundingsError\n"
        f"try: Ledger.open(Path('{path}'), SystemClock())\n"
        "except SurroundingsError as error: print(error)\n"
    )
    # Another user could not read a checkout in a private folder: root stays root, without its power over modes.
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    source = Path(deliveries.__file__).parents[2]
    done = subprocess.run(
        [*drop, sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
    )
    path.parent.chmod(0o700)
    assert "cannot be" in done.stdout, done.stdout + done.stderr


LONG_SCANS = ("SCAN deliveries", "SCAN delivery_attempts", "SCAN alerts")


def test_the_questions_around_every_look_and_claim_are_answered_by_an_index(ledger: Ledger) -> None:
    asked: list[str] = []

    def claim(connection: Connection) -> None:
        alerts.raise_alert(connection, kind="held", text="t", key="another", now=NOW)
        connection.set_trace_callback(asked.append)
        deliveries.select_since(connection, NOW)
        deliveries.same_text(connection, claim_of("morning"), NOW)
        deliveries.siblings(connection, claim_of("morning").key)
        deliveries.recover(connection, NOW)
        deliveries.newest_entry_at(connection)
        alerts.withdraw(connection, str(claim_of("morning").key), NOW)
        alerts.unsent(connection)
        connection.set_trace_callback(None)
        for question in [one for one in asked if one.lstrip().startswith(("SELECT", "UPDATE"))]:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
            scans = [step for step in plan if step.startswith(LONG_SCANS) and "alerts USING INDEX" not in step]
            assert not scans, (question, plan)
            if "text_digest =" in question:
                assert any("deliveries_by_text" in step for step in plan), plan

    ledger.write(claim)
    assert len(asked) >= 8
