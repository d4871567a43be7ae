"""Safety gates that stand before what would go out wrongly: at a wrong time, in half, or after somebody said stop."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .nets import run_once, start
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

FILE = "campaigns/migrants-day.yaml"
KEY = "migrants-day/2020/morning/news/en"
DAY = {
    "morning": message("08:00", "Good morning", "Huomenta"),
    "noon": message("12:00", "Good day", "Päivää"),
    "evening": message("16:00", "Good evening", "Iltaa"),
    "tomorrow": message("+1d 12:00", "The day after", "Seuraava päivä"),
    "later": message("+3d 12:00", "Three days after", "Kolme päivää"),
}
IS_HELD = pytest.mark.parametrize("is_held", [True, False], ids=["with it", "without it"])


@pytest.fixture
def office(place: Workplace, twins: FakeMastodon) -> Workplace:
    """One account, a few messages, accepted at seven; nothing is out."""
    place.speed = 1.0
    place.write_config({"news": account(twins, ["en"])})
    place.write(FILE, campaign(DAY))
    place.accept()
    return place


def told(place: Workplace) -> str:
    return place.run("status", "--attention").stdout


@IS_HELD
def test_a_mistyped_time_that_has_passed(office: Workplace, twins: FakeMastodon, is_held: bool) -> None:
    office.write(FILE, campaign({**DAY, "noon": {**DAY["noon"], "at": "07:12"}}))
    office.move_to(at("07:30:00"))
    run_once(office, *(["past time"] * is_held), code=5 if is_held else 0)
    assert twins.texts == ([] if is_held else ["Good day"])
    assert ("campaigner retry migrants-day/2020/noon/news/en" in told(office)) is is_held


HALF = """\
campaign: Migrants Day
observance: 18 December
editions: [2020]
languages: [en]
accounts: all
messages:
  morning:
    at: 08:00
    text: |
      Good morning.
      Read what they"""


@contextmanager
def growing(path: Path) -> Iterator[None]:
    """A folder that is being synced: the file grows by a word every 50 ms."""
    enough = threading.Event()

    def grow() -> None:
        while not enough.wait(0.05):
            with path.open("a", encoding="utf-8") as file:
                file.write(" on")

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        yield
    finally:
        enough.set()
        writer.join()


@IS_HELD
def test_a_file_that_is_being_written_while_it_is_read(place: Workplace, twins: FakeMastodon, is_held: bool) -> None:
    place.speed = 1.0
    place.write_config({"news": account(twins, ["en"])})
    path = place.write(FILE, HALF)
    place.move_to(at("08:00:30"))
    with growing(path):
        run_once(place, *(["second read"] * is_held), code=0)
    assert [text[:28] for text in twins.texts] == ([] if is_held else ["Good morning.\nRead what they"])


def test_a_folder_that_has_vanished_holds_its_posts_and_cancel_says_which_are_not_meant(
    office: Workplace, twins: FakeMastodon
) -> None:
    (office.folder / "campaigns").rename(office.folder / "elsewhere")
    office.move_to(at("07:30:00"))
    run_once(office)
    assert "its file campaigns/migrants-day.yaml is gone" in told(office)
    assert office.run("cancel", KEY).returncode == 0
    office.move_to(at("08:00:30"))
    run_once(office)
    (office.folder / "elsewhere").rename(office.folder / "campaigns")
    office.move_to(at("12:00:30"))
    run_once(office)
    assert twins.texts == ["Good day"]


@IS_HELD
def test_a_file_named_hold(office: Workplace, twins: FakeMastodon, is_held: bool) -> None:
    office.write("HOLD", "an earthquake")
    office.move_to(at("08:00:30"))
    said = run_once(office, *(["hold file"] * is_held), code=1 if is_held else 0)
    assert twins.texts == ([] if is_held else ["Good morning"])
    assert ("an earthquake" in said) is is_held


@IS_HELD
def test_a_file_named_hold_beside_a_daemon_that_runs(office: Workplace, twins: FakeMastodon, is_held: bool) -> None:
    office.speed = 10.0
    office.move_to(at("07:58:00"))
    process = start(office, {"hold file"} if is_held else set(), "run")
    wait_for(lambda: bool(twins.requests))
    office.write("HOLD", "an earthquake")
    assert office.now() < at("07:59:30"), "the daemon took too long to begin: nothing was tried"
    wait_for(lambda: office.now() > at("08:00:50"))
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=40)[0]
    assert (process.returncode, twins.texts) == (0, [] if is_held else ["Good morning"]), said
    assert (f"held {KEY} on hold: by the file HOLD: an earthquake" in said) is is_held


@IS_HELD
def test_a_clock_that_stands_before_what_the_ledger_has_written(
    office: Workplace, twins: FakeMastodon, is_held: bool
) -> None:
    """It is past noon; by the clock that was set back, what is written for a time that is over is still ahead."""
    old = {"old": message("07:45", "Old", "Vanha")}
    office.write(FILE, campaign(old))
    office.move_to(at("07:30:00"))
    office.accept(code=1)
    office.move_to(at("12:00:30"))
    assert office.run("run", "--once").stdout.startswith("missed ")
    office.write(FILE, campaign({**old, "over": message("08:20", "Over", "Ohi")}))
    for time in ("08:18:00", "08:20:30"):
        office.move_to(at(time))
        said = run_once(office, *(["clock"] * is_held), code=5 if is_held else 0)
        assert ("the clock says 2020-12-18 06:" in said) is is_held
    assert twins.texts == ([] if is_held else ["Over"])


@IS_HELD
def test_a_copy_of_a_ledger_that_another_machine_works_with(
    office: Workplace, twins: FakeMastodon, is_held: bool
) -> None:
    kept = office.folder / "kept"
    shutil.copytree(office.folder / "state", kept)
    with closing(sqlite3.connect(kept / "campaigner.db")) as copied, copied:
        copied.execute(
            "UPDATE meta SET value = json_set(value, '$.place', 'old', '$.ended_at', NULL) WHERE name = 'run'"
        )
    office.move_to(at("07:08:00"))
    office.write(FILE, campaign({"morning": {**DAY["morning"], "at": "07:09"}}))
    office.accept(code=1)
    office.move_to(at("07:09:05"))
    assert office.run("run", "--once").returncode == 0
    shutil.rmtree(office.folder / "state")
    kept.rename(office.folder / "state")
    said = run_once(office, *(["machine"] * is_held), code=5 if is_held else 1)
    assert ("it is a copy, and both would post" in said) is is_held
    assert twins.texts == ["Good morning"] * (1 if is_held else 2)


@IS_HELD
def test_a_ledger_in_a_synced_folder(place: Workplace, twins: FakeMastodon, is_held: bool) -> None:
    place.speed = 50.0
    place.write_config({"news": account(twins, ["en"])}, ledger="sqlite:///Dropbox/campaigner.db")
    (place.folder / "Dropbox").mkdir()
    place.write(FILE, campaign(DAY))
    place.move_to(at("08:00:30"))
    said = run_once(place, *(["place"] * is_held), code=5 if is_held else 0)
    assert ("in a folder that is synced (Dropbox)" in said) is is_held
    assert twins.texts == ([] if is_held else ["Good morning"])
