"""The crisis switch while an edit of the config is broken: by what the ledger knows, or by the file HOLD."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/{}/news/en"
MESSAGES = {"morning": message("08:00", "Good morning", "Huomenta"), "noon": message("12:00", "Good day", "Päivää")}


@pytest.fixture
def broken(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """Accepted while it was well; then one account was edited badly. The clock of a test asks the config, so it is the true one."""
    place.speed = 1.0
    mend(place, mastodon)
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    place.move_to(at("07:30:00"))
    place.accept()
    spoil(place, '"languages"', '"langauges"')
    return place


def mend(place: Workplace, mastodon: FakeMastodon) -> None:
    place.environment.pop("CAMPAIGNER_CLOCK", None)
    place.write_config({"news": account(mastodon, ["en"])}, ledger="sqlite:///kept/ledger.db")


def spoil(place: Workplace, old: str, new: str) -> None:
    path = place.folder / "config.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    place.environment["CAMPAIGNER_CLOCK"] = ""
    assert place.run("run", "--once").returncode == 3


def holds(place: Workplace) -> list[str]:
    return [hold["reason"] for hold in json.loads(place.run("status", "--json").stdout)["holds"]]


def test_hold_and_release_work(broken: Workplace, mastodon: FakeMastodon) -> None:
    held = broken.run("hold", "--reason", "an earthquake")
    assert (held.returncode, held.stdout) == (0, "on hold: everything. `campaigner release` lets it go on\n")
    assert "goes by what the ledger" in held.stderr
    mend(broken, mastodon)
    assert holds(broken) == ["an earthquake"]
    broken.move_to(at("08:00:30"))
    assert "on hold: an earthquake" in broken.run("run", "--once").stdout
    spoil(broken, '"languages"', '"langauges"')
    assert broken.run("release", "--late", "post").returncode == 2
    released = broken.run("release")
    assert (released.returncode, released.stdout.splitlines()[0]) == (0, "released: 1 hold")
    mend(broken, mastodon)
    assert holds(broken) == []


def test_release_skips_what_came_due_meanwhile_by_the_ledger(broken: Workplace, mastodon: FakeMastodon) -> None:
    mend(broken, mastodon)
    broken.run("hold", "--reason", "an earthquake")
    spoil(broken, '"languages"', '"langauges"')
    # By the machine's own clock 2020 is long over: both posts came due under the hold.
    said = broken.run("release").stdout.splitlines()
    assert said[1].endswith(": an earthquake")
    assert said[2:] == [f"skipped {KEY.format(m)}" for m in ("morning", "noon")]
    mend(broken, mastodon)
    broken.move_to(at("08:00:30"))
    broken.run("run", "--once")
    assert mastodon.journal == []


def test_a_hold_of_less_than_everything_needs_a_name_that_the_ledger_knows(broken: Workplace) -> None:
    for scope in (["--account", "nwes"], ["--campaign", "migrantsday"]):
        refused = broken.run("hold", *scope, "--reason", "x")
        assert (refused.returncode, "everything is held" in refused.stderr) == (2, True)
    assert broken.run("hold", "--account", "news", "--campaign", "migrants-day", "--reason", "x").returncode == 0
    assert broken.run("hold", "--until", "2099-01-01T00:00", "--reason", "x").returncode == 2
    assert broken.run("hold", "--until", "2099-01-01T00:00+02:00", "--reason", "x").returncode == 0


def test_cancel_works_with_a_whole_key(broken: Workplace, mastodon: FakeMastodon) -> None:
    assert broken.run("cancel", "migrants-day/2020", "--yes").returncode == 2
    assert broken.run("cancel", KEY.format("evening")).returncode == 2
    assert broken.run("cancel", KEY.format("morning")).stdout == f"cancelled {KEY.format('morning')}\n"
    mend(broken, mastodon)
    broken.move_to(at("08:00:30"))
    assert broken.run("run", "--once").stdout == ""
    assert mastodon.journal == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"accounts": {', '"accounts": {{'),  # nothing can be read
        ('"ledger"', '"legder"'),  # which ledger is meant can't be known
        ("kept/ledger.db", "elsewhere/ledger.db"),  # it would be another ledger: of no use
    ],
)
def test_where_the_ledger_is_not_certain_the_file_hold_is_named(
    broken: Workplace, mastodon: FakeMastodon, old: str, new: str
) -> None:
    stand_in_the_way(broken)
    mend(broken, mastodon)
    spoil(broken, '"languages"', '"langauges"')
    spoil(broken, old, new)
    for line in (["hold", "--reason", "x"], ["release"], ["cancel", KEY.format("morning")]):
        done = broken.run(*line)
        assert (done.returncode, done.stdout) == (3, "")
        assert f"a file named HOLD beside it holds everything at once: {broken.folder / 'HOLD'}" in done.stderr
    assert not (broken.folder / "elsewhere").exists()


def test_in_a_folder_below_it_is_said_where_the_config_is(broken: Workplace) -> None:
    below = broken.folder / "campaigns"
    for line in (["hold", "--reason", "x"], ["release"], ["status"]):
        done = broken.run("--config", str(below / "config.yaml"), *line)
        assert (done.returncode, f"there is one in {broken.folder}" in done.stderr) == (3, True)
        assert f"{below / 'HOLD'}" not in done.stderr
    held = broken.run("--config", str(broken.folder), "hold", "--reason", "an earthquake")
    assert (held.returncode, held.stdout.startswith("on hold: everything")) == (0, True)


def stand_in_the_way(place: Workplace) -> Path:
    """A ledger where one is by default: it is not the one that is worked with."""
    return place.write("state/campaigner.db", "an old one")
