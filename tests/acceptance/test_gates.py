"""Every safety gate, alone: with it a post goes out once and a person is told; without it, twice, or wrongly.

The platform keeps no key and so makes twins. Every other net that might catch the post is cut (see without.py): what
is shown is that this one holds, and that nothing else does it in its place.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .nets import run_once
from .workplace import Workplace, account, at, campaign, message

FILE = "campaigns/migrants-day.yaml"
MORNING = {"morning": message("08:00", "Good morning", "Huomenta")}
DAY = {**MORNING, "noon": message("12:00", "Good day", "Päivää")}


@pytest.fixture
def office(place: Workplace, twins: FakeMastodon) -> Workplace:
    """One account, two messages, accepted at seven; nothing is out."""
    place.speed = 1.0
    place.write_config({"news": account(twins, ["en"])})
    place.write(FILE, campaign(DAY))
    place.accept()
    return place


def post_the_morning(place: Workplace, twins: FakeMastodon) -> None:
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").returncode == 0
    assert twins.texts == ["Good morning"]


def told(place: Workplace) -> str:
    return place.run("status", "--attention").stdout


def ledger_files(place: Workplace) -> list[Path]:
    return list((place.folder / "state").glob("campaigner.db*"))


# A ledger that knows too little.


def lose_the_ledger(place: Workplace, twins: FakeMastodon) -> None:
    post_the_morning(place, twins)
    for file in ledger_files(place):
        file.unlink()


def put_an_older_ledger_back(place: Workplace, twins: FakeMastodon) -> None:
    """A plain copy, of before eight, by somebody who knows nothing of `ledger backup`."""
    kept = place.folder / "kept"
    shutil.copytree(place.folder / "state", kept)
    post_the_morning(place, twins)
    shutil.rmtree(place.folder / "state")
    kept.rename(place.folder / "state")


def post_on_another_machine(place: Workplace, twins: FakeMastodon) -> None:
    there = Workplace(place.folder / "there", at("07:00:00"))
    there.folder.mkdir()
    there.write_config({"news": account(twins, ["en"])})
    there.write(FILE, campaign(DAY))
    there.accept()
    post_the_morning(there, twins)


# Files that say the same under another name.


def rename_the_message(place: Workplace, twins: FakeMastodon) -> None:
    post_the_morning(place, twins)
    place.write(FILE, campaign({"dawn": MORNING["morning"], "noon": DAY["noon"]}))


def rename_the_message_and_move_it(place: Workplace, twins: FakeMastodon) -> None:
    """Its new time is still ahead when the file is read."""
    post_the_morning(place, twins)
    place.write(FILE, campaign({"dawn": message("08:09", "Good morning", "Huomenta")}))
    place.run("run", "--once")


def rename_the_file(place: Workplace, twins: FakeMastodon) -> None:
    post_the_morning(place, twins)
    (place.folder / FILE).rename(place.folder / "campaigns/migrants.yaml")


def rename_the_account(place: Workplace, twins: FakeMastodon) -> None:
    post_the_morning(place, twins)
    place.write_config({"press": account(twins, ["en"])})


def copy_the_message(place: Workplace, twins: FakeMastodon) -> None:
    """The same text stands under another KEY, at a later time, from the beginning."""
    place.write(FILE, campaign({**MORNING, "again": message("08:09", "Good morning", "Huomenta")}))
    place.move_to(at("07:30:00"))
    place.run("run", "--once")
    post_the_morning(place, twins)


def name_the_account_twice(place: Workplace, twins: FakeMastodon) -> None:
    """Two names in the config for one real account."""
    one = account(twins, ["en"])
    place.write_config({"news": dict(one), "press": dict(one)})
    place.write(FILE, campaign(MORNING))
    place.move_to(at("07:30:00"))
    place.run("run", "--once")


Change = Callable[[Workplace, FakeMastodon], None]
TWICE: list[tuple[str, Change]] = [
    ("past time", lose_the_ledger),
    ("look", lose_the_ledger),
    ("look", put_an_older_ledger_back),
    ("look", post_on_another_machine),
    ("past time", rename_the_message),
    ("same text", rename_the_message),
    ("same text", rename_the_message_and_move_it),
    ("past time", rename_the_file),
    ("same text", rename_the_file),
    ("past time", rename_the_account),
    ("same text", rename_the_account),
    ("same text", copy_the_message),
    ("same text", name_the_account_twice),
]
"""Which net catches what, alone. A look at the account finds a text whatever its KEY; it is not the gate of a rename."""


@pytest.mark.parametrize(("net", "change"), TWICE, ids=[f"{change.__name__}, {net}" for net, change in TWICE])
def test_one_net_alone_keeps_the_text_from_going_out_twice(
    office: Workplace, twins: FakeMastodon, net: str, change: Change
) -> None:
    change(office, twins)
    office.move_to(at("08:10:00"))
    said = run_once(office, net, code=5)
    assert twins.texts == ["Good morning"]
    held = next(line.split()[1] for line in said.splitlines() if line.startswith("held "))
    assert f"campaigner retry {held}" in told(office)


@pytest.mark.parametrize("change", dict.fromkeys(change for _, change in TWICE))
def test_without_a_net_it_goes_out_twice(office: Workplace, twins: FakeMastodon, change: Change) -> None:
    change(office, twins)
    office.move_to(at("08:10:00"))
    run_once(office)
    assert twins.texts == ["Good morning"] * 2


def test_an_older_ledger_whose_account_has_posted_lately_is_no_exception(
    office: Workplace, twins: FakeMastodon
) -> None:
    post_the_morning(office, twins)
    shutil.copytree(office.folder / "state", office.folder / "kept")
    office.move_to(at("12:00:30"))
    assert office.run("run", "--once").returncode == 0
    shutil.rmtree(office.folder / "state")
    (office.folder / "kept").rename(office.folder / "state")
    office.move_to(at("12:10:00"))
    run_once(office, "look")
    assert twins.texts == ["Good morning", "Good day"]
    assert "migrants-day/2020/noon/news/en" in told(office)
