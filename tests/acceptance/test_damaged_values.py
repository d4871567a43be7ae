"""One damaged value in a ledger that SQLite finds sound, in any column of any table: named, and the others go on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from campaigner.cli.status_posts import remembered
from campaigner.clock import SteppingClock
from campaigner.engine.due import Facts
from campaigner.ledger import acceptance, alerts, damage, decisions, deliveries, parts, runs, tables
from campaigner.ledger.ledger import Connection, Ledger

from .workplace import Workplace, at, campaign, message

KEY = "migrants-day/2020/morning/desk/en"
NOON = "migrants-day/2020/noon/desk/en"
OTHER = "migrants-day/2020/noon/other/fi"
VALUES = ["x", "[]", b"\x00\xff", None, -1, 2**62, 1.5]


class Column(NamedTuple):
    table: str
    name: str
    type: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


def columns_of(table: str) -> list[Column]:
    with closing(sqlite3.connect(":memory:")) as connection:
        tables.run_script(connection, tables.SCHEMA)
        found = tables.columns(connection, table)
    return [Column(table, column.name, column.type) for column in found if not column.is_row_number]


COLUMNS = {table: columns_of(table) for table in tables.NAMES}
"""All but the numbers of rows, in which SQLite itself takes nothing else."""
FILLING = """
INSERT OR IGNORE INTO meta VALUES ('name', 'value');
INSERT INTO approvals VALUES ('migrants-day/2020/noon/desk/en', 'digest', 'Aino', 1608271200000000);
INSERT INTO alerts (subject, kind, key, text, command, raised_at) VALUES
  ('missed m', 'missed', 'migrants-day/2020/m/desk/en', 'it was missed', 'campaigner status', 1608271200000000);
INSERT INTO alert_receipts VALUES ((SELECT max(id) FROM alerts), 'mail', 1608271200000000);
INSERT INTO media (delivery_id, part, position, media_type, alt, width, height, data, upload, uploaded_at)
  SELECT id, 0, 0, 'image/png', 'A cat', 1, 1, NULL, '{}', 1608271200000000 FROM deliveries;
"""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ledger has a row in each table, and two posts that come due at noon."""
    place = Workplace(tmp_path_factory.mktemp("used"), at("07:00:00"))
    accounts = {name: {"platform": "console", "languages": [language]} for name, language in LANGUAGES.items()}
    place.write_config(accounts)
    texts = {
        "morning": message("08:00", "Good morning", "Huomenta", accounts=["desk"], languages=["en"]),
        "noon": message("12:00", "Good day", "Päivää"),
    }
    place.write("campaigns/migrants-day.yaml", campaign(texts))
    place.accept()
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY}")
    assert place.run("hold", "--reason", "quiet").returncode == 0
    assert place.run("release").returncode == 0
    with closing(sqlite3.connect(place.folder / "state/campaigner.db")) as connection:
        connection.executescript(FILLING)
        assert all(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COLUMNS)
    return place.folder


LANGUAGES = {"desk": "en", "other": "fi"}


def damage_in(used: Path, tmp_path: Path, column: Column, value: object) -> Workplace | None:
    """A copy of the folder with the value in the rows of the column that are the desk's; None where SQLite refuses it."""
    folder = tmp_path / "office"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(used, folder)
    with closing(sqlite3.connect(folder / "state/campaigner.db")) as connection:
        table = column.table
        try:
            connection.execute(f"UPDATE {table} SET {column.name} = ? WHERE {ROWS.get(table, '1')}", (value,))
            connection.commit()
        except sqlite3.IntegrityError:
            # Several rows would have one name.
            connection.execute(
                f"UPDATE OR IGNORE {table} SET {column.name} = ? WHERE rowid = (SELECT max(rowid) FROM {table})",
                (value,),
            )
            connection.commit()
        if not connection.execute(f"SELECT 1 FROM {table} WHERE {column.name} IS ?", (value,)).fetchone():
            return None
    return Workplace(folder, at("12:00:30"))


ROWS = {"lanes": "account = 'desk'", "acceptances": f"key = '{NOON}'"}


@pytest.mark.parametrize("table", COLUMNS)
def test_what_a_column_can_not_hold_is_set_right_whatever_it_is(used: Path, tmp_path: Path, table: str) -> None:
    clock = SteppingClock(at("12:00:30"))
    for column in COLUMNS[table]:
        for value in VALUES:
            place = damage_in(used, tmp_path, column, value)
            if place is None:
                continue
            path = place.folder / "state/campaigner.db"
            looking = Ledger.open_read_only(path, clock)
            assert looking is not None
            ledger = Ledger.open(path, clock)
            for opened in (looking, ledger):
                assert opened.read(damage.find) == []
                for question in QUESTIONS:
                    opened.read(question)
            ledger.enter("test")
            ledger.write(lambda connection: deliveries.recover(connection, clock.now()))
            looking.close()
            ledger.close()


QUESTIONS: Sequence[Callable[[Connection], object]] = (
    lambda connection: remembered(connection, at("12:00:30"), is_at_work=False),
    lambda connection: Facts.load(connection, at("07:00:00")),
    lambda connection: [parts.receipts_of(connection, one) for one in deliveries.select(connection)],
    lambda connection: [parts.media_of(connection, one) for one in deliveries.select(connection)],
    lambda connection: [parts.attempts_of(connection, one) for one in deliveries.select(connection)],
    acceptance.accepted_files,
    alerts.unsent,
    deliveries.newest_entry_at,
    decisions.made,
    runs.last,
)


BLOBS = [column for columns in COLUMNS.values() for column in columns if column.type != "BLOB"]


@pytest.mark.parametrize("column", BLOBS, ids=str)
def test_it_is_named_and_the_others_go_on(used: Path, tmp_path: Path, column: Column) -> None:
    place = damage_in(used, tmp_path, column, b"\x00\xff")
    assert place is not None
    done = place.run("run", "--once")
    assert (done.returncode, f"published {OTHER}" in done.stdout) == (4, True), done
    assert f"is damaged ({column.table}: " in done.stderr and column.name in done.stderr
    is_of_a_post = column.table in ("deliveries", "parts", "media", "delivery_attempts")
    assert KEY in done.stderr or not is_of_a_post or column.name == "delivery_id"
    assert place.run("status", "--attention").returncode == 1


@pytest.mark.parametrize("column", COLUMNS["deliveries"][:3], ids=str)
def test_every_command_names_it_and_goes_on(used: Path, tmp_path: Path, column: Column) -> None:
    place = damage_in(used, tmp_path, column, b"\x00\xff")
    assert place is not None
    before = (place.folder / "state/campaigner.db").read_bytes()
    for command in (("status",), ("status", "--json"), ("log",), ("run", "--once", "--dry-run"), ("ledger", "backup")):
        done = place.run(*command)
        assert (done.returncode, "is damaged (" in done.stderr) == (4, True), (command, done)
    assert (place.folder / "state/campaigner.db").read_bytes() == before, "looking changes nothing"
    done = place.run("hold", "--reason", "x")
    assert (done.returncode, "is damaged (" in done.stderr) == (4, True), done
    kept = list((place.folder / "state/backups").glob("*-damaged-*"))
    assert len(kept) == 1, "the ledger is kept as it was"
    for command in (("release",), ("status",), ("delete", KEY), ("log", KEY)):
        assert place.run(*command).returncode in (0, 1, 2, 5), command


def test_a_post_whose_state_is_damaged_waits_for_a_person(used: Path, tmp_path: Path) -> None:
    place = damage_in(used, tmp_path, Column("deliveries", "state", "TEXT"), "sent")
    assert place is not None
    assert place.run("run", "--once").returncode == 4
    assert place.status()[KEY]["state"] == "in-doubt"
    assert f"campaigner resolve {KEY}" in place.run("status", "--attention").stdout
    assert place.run("resolve", KEY, "--not-published").returncode == 0


@pytest.mark.parametrize("table", ["parts", "delivery_attempts"])
def test_where_the_owner_of_a_receipt_is_damaged_nothing_that_was_begun_goes_on(
    used: Path, tmp_path: Path, table: str
) -> None:
    place = damage_in(used, tmp_path, Column(table, "delivery_id", "INTEGER"), b"\x00")
    assert place is not None
    with closing(sqlite3.connect(place.folder / "state/campaigner.db")) as connection:
        connection.execute("UPDATE deliveries SET state = 'sending'")
        connection.commit()
    done = place.run("run", "--once")
    assert (done.returncode, f"published {OTHER}" in done.stdout, KEY in done.stdout) == (4, True, False), done
    assert place.status()[KEY]["state"] == "in-doubt"
