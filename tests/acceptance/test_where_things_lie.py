"""The ledger lies where the config says, whatever the folder is called, and one in the wrong place is named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.ledger import sqlite

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
EVERY_CHARACTER = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "/")
FOLDERS = [
    "Kampanja #1",
    "a?b",
    "a%20b",
    "50%25",
    "-rf",
    "file:x",
    ":memory:",
    "ends with a space ",
    "Pa\u0308iva\u0308",
    "Päivä",
    "🦊&co;",
    EVERY_CHARACTER,
]


TEXT = "Good morning from the office {}"


def letters(folder: Path) -> str:
    """A word of its own for each folder: its name would be read as a hashtag, or as a placeholder."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in folder.name.encode()[:40].hex())


def office(folder: Path, mastodon: FakeMastodon, **settings: str) -> Workplace:
    """A folder that accepted the campaign before its day began."""
    folder.mkdir(parents=True)
    place = Workplace(folder, at("07:00:00"))
    place.write_config({"news": account(mastodon, ["en"])}, **settings)
    place.write(
        "campaigns/migrants-day.yaml", campaign({"morning": message("08:00", TEXT.format(letters(folder)), "Huomenta")})
    )
    place.accept()
    place.move_to(at("08:00:30"))
    return place


@pytest.mark.parametrize("name", FOLDERS)
def test_every_command_finds_the_ledger_in_its_own_folder(tmp_path: Path, mastodon: FakeMastodon, name: str) -> None:
    place = office(tmp_path / name, mastodon)
    assert place.run("run", "--once").stdout.startswith(f"published {KEY}")
    assert place.status()[KEY]["state"] == "published"
    assert "published" in place.run("log", KEY).stdout
    assert place.run("ledger", "upgrade").returncode == 0
    backed_up = place.run("ledger", "backup")
    assert (backed_up.returncode, len(list((place.folder / "state/backups").iterdir()))) == (0, 1)
    assert place.run("run", "--once", "--dry-run").returncode == 0
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("names", [("Kampanja #1", "Kampanja #2"), ("a?b", "a?c"), ("a%20b", "a b"), ("50%25", "50%")])
def test_two_folders_of_like_names_have_a_ledger_each(
    tmp_path: Path, twins: FakeMastodon, names: tuple[str, str]
) -> None:
    """The server keeps no key: for it the same post of two ledgers would be one, whatever the text."""
    for name in names:
        place = office(tmp_path / name, twins)
        assert place.run("run", "--once").stdout.startswith(f"published {KEY}")
    assert twins.texts == [TEXT.format(letters(tmp_path / name)) for name in names]


@pytest.mark.parametrize("written", ["state/a%23b.db", "state/a#b.db", "state/a?mode=ro", "kept here/50%25"])
def test_the_address_of_a_ledger_means_each_character(tmp_path: Path, mastodon: FakeMastodon, written: str) -> None:
    place = office(tmp_path / "office", mastodon, ledger=f"sqlite:///{written}")
    assert place.run("run", "--once").stdout.startswith(f"published {KEY}")
    assert (place.folder / written).read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("sqlite:///state/", "names a folder"),
        ("sqlite:///state/..", "names a folder"),
        ("sqlite:///", "in memory"),
        ("sqlite:///state/:memory:", "in memory"),
        ("sqlite:///~/campaigner.db", "~ means nothing here"),
    ],
)
def test_an_address_that_leads_to_no_file_is_refused(
    tmp_path: Path, mastodon: FakeMastodon, written: str, words: str
) -> None:
    place = Workplace(tmp_path, at("07:00:00"))
    place.write_config({"news": account(mastodon, ["en"])}, ledger=written)
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    for command in (("check",), ("run", "--once"), ("status",)):
        refused = place.run(*command)
        assert (refused.returncode, words in refused.stdout + refused.stderr) == (3, True), refused


def test_a_folder_in_the_place_of_the_ledger_is_said(tmp_path: Path, mastodon: FakeMastodon) -> None:
    place = Workplace(tmp_path, at("07:00:00"))
    place.write_config({"news": account(mastodon, ["en"])})
    (tmp_path / "state/campaigner.db").mkdir(parents=True)
    for command in (("run", "--once"), ("status",), ("ledger", "backup"), ("ledger", "upgrade")):
        refused = place.run(*command)
        assert (refused.returncode, "campaigner.db is a folder" in refused.stderr) == (4, True), refused


@pytest.mark.parametrize("name", ["Kampanja #1", "a?b", "a%20b"])
def test_a_ledger_that_an_earlier_campaigner_misplaced_is_named_until_it_is_in_its_place(
    tmp_path: Path, mastodon: FakeMastodon, name: str
) -> None:
    place = office(tmp_path / name, mastodon)
    assert place.run("run", "--once").stdout.startswith("published ")
    ledger = place.folder / "state/campaigner.db"
    misplaced = sqlite.where_it_was_misplaced(ledger)
    assert misplaced is not None
    misplaced.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(ledger, misplaced)
    ledger.touch()
    for command in (
        ("run", "--once"),
        ("run",),
        ("status",),
        ("log",),
        ("hold", "--reason", "x"),
        ("ledger", "backup"),
    ):
        refused = place.run(*command)
        assert (refused.returncode, f"lies at {misplaced}," in refused.stderr) == (5, True), refused
    assert len(mastodon.journal) == 1
    command = refused.stderr.partition("copy it to its place: ")[2].partition("; or,")[0]
    subprocess.run(["sh", "-c", command], check=True)
    assert place.run("run", "--once").returncode == 0
    assert place.status()[KEY]["state"] == "published"
    assert mastodon.texts == [TEXT.format(letters(place.folder))]
