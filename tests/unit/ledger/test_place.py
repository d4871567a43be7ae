"""The ledger lies where the config says, whatever characters the way there holds."""

from __future__ import annotations

import os
import sqlite3
import string
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigner.clock import SteppingClock
from campaigner.errors import RefusedError
from campaigner.ledger import backup, deliveries, sqlite
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.migrations import upgrade

from .conftest import NOW, claim_of

ODD = [
    "%20",
    "50%25",
    "%00",
    "%2",
    "%zz",
    "#",
    "?",
    "&",
    ";",
    "a?b#c",
    "#?",
    "file:",
    ":memory:",
    "-rf",
    "a ",
    "ä",
    "a\u0308",
    "🦊",
]
NAMES = st.one_of(
    st.sampled_from([*(set(string.printable[:95]) - {"/", "."}), *ODD]),
    st.lists(st.sampled_from([*(set(string.printable[:95]) - {"/"}), *ODD]), min_size=2, max_size=12).map("".join),
).filter(lambda name: name not in (".", ".."))


# A disk that is busy is no fault.
@settings(max_examples=20, deadline=None)
@given(NAMES, NAMES)
def test_every_way_to_the_ledger_leads_to_the_same_file(folder: str, name: str) -> None:
    clock = SteppingClock(NOW)
    with tempfile.TemporaryDirectory() as made:
        top = Path(made)
        path, copies = top / folder / name, top / f"copies {folder}"
        copies.mkdir()
        ledger = Ledger.open(path, clock)
        ledger.write(lambda connection: deliveries.claim(connection, claim_of("m"), NOW))
        ledger.copy_to(copies / name)
        ledger.close()
        saved = backup.back_up(path, copies, clock)
        assert upgrade(path, clock) is None
        for file in (path, copies / name, saved):
            looking = Ledger.open_read_only(file, clock)
            assert looking is not None
            assert list(looking.read(deliveries.settled_keys)) == [str(claim_of("m").key)]
            looking.close()
        made_files = {file for file in top.rglob("*") if file.is_file() and not file.name.endswith(("-wal", "-shm"))}
        assert made_files == {path, copies / name, saved}


@pytest.mark.parametrize("character", sorted(set(string.printable[:95]) - {"/"}))
def test_each_character_stands_for_itself(character: str, tmp_path: Path, clock: SteppingClock) -> None:
    path = tmp_path / f"{character}a{character}" / f"b{character}"
    Ledger.open(path, clock).close()
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def as_it_was_opened(path: Path) -> None:
    """The whole of how the campaigner of 27 November 2026 opened the ledger, with one table so that a file is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # SQLAlchemy read the address as that of a server, and took one layer of its quoting away.
    address = f"file:{unquote(quote(str(path.absolute())))}?mode=rw"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("CREATE TABLE deliveries (key)")
        connection.commit()


@settings(max_examples=50, deadline=None)
@given(NAMES)
def test_where_an_earlier_campaigner_misplaced_it_is_known(folder: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made, folder, "state", "campaigner.db")
        try:
            as_it_was_opened(path)
        except sqlite3.Error:
            # It could not be opened there, and nothing was posted.
            return
        written = [file for file in Path(made).rglob("*") if file.is_file() and file.stat().st_size]
        expected = sqlite.where_it_was_misplaced(path) or path
        assert written == [expected]


@pytest.mark.parametrize(
    ("folder", "misplaced"),
    [
        ("Kampanja #1", "Kampanja "),
        ("a?b", "a"),
        ("a%20b", "a b/state/campaigner.db"),
        ("50%25", "50%/state/campaigner.db"),
        ("a%23b#c", "a#b"),
        ("x%00y", "x"),
    ],
)
def test_a_misplaced_ledger_is_named_and_no_other_is_made(folder: str, misplaced: str, tmp_path: Path) -> None:
    path = tmp_path / folder / "state" / "campaigner.db"
    (tmp_path / misplaced).parent.mkdir(parents=True, exist_ok=True)
    # Where nothing was cut off, the address still asked for a file that exists: another folder's ledger.
    (tmp_path / misplaced).touch()
    as_it_was_opened(path)
    for ask in (
        lambda: Ledger.open(path, SteppingClock(NOW)),
        lambda: Ledger.open_read_only(path, SteppingClock(NOW)),
        lambda: backup.back_up(path, None, SteppingClock(NOW)),
        lambda: upgrade(path, SteppingClock(NOW)),
    ):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert f"lies at {tmp_path / misplaced}," in str(refused.value)
    assert path.stat().st_size == 0


def test_what_lies_there_and_is_no_ledger_is_left_alone(tmp_path: Path, clock: SteppingClock) -> None:
    path = tmp_path / "Kampanja #1" / "campaigner.db"
    (tmp_path / "Kampanja ").write_text("notes")
    Ledger.open(path, clock).close()
    with closing(sqlite3.connect(tmp_path / "Kampanja #1" / "campaigner.db")) as connection:
        assert connection.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
    assert (tmp_path / "Kampanja ").read_text() == "notes"
