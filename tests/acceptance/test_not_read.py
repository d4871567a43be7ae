"""`check` says what a person would take for posted and is not: a wrong ending, a subfolder, a day that is over."""

from __future__ import annotations

import pytest

from .workplace import Workplace, at, campaign, message

GOOD = campaign({"m": message("08:00", "Good morning", "Huomenta")})


@pytest.fixture
def office(place: Workplace) -> Workplace:
    place.write_config({"desk": {"platform": "console", "languages": ["en", "fi"]}})
    place.write("campaigns/migrants-day.yaml", GOOD)
    return place


@pytest.mark.parametrize("name", ["day.yaml.txt", "day.YAML", "day.yml.docx", "day.yaml (1)"])
def test_a_wrong_ending_is_warned_of(office: Workplace, name: str) -> None:
    office.write(f"campaigns/{name}", GOOD)
    done = office.run("check")
    assert done.returncode == 0
    assert f"campaigns/{name}:1:1: warning: this file is not read: its name ends in" in done.stdout
    assert office.run("check", "--strict").returncode == 3


def test_a_subfolder_is_warned_of(office: Workplace) -> None:
    office.write("campaigns/2021/day.yaml", GOOD)
    done = office.run("check", "campaigns")
    assert "campaigns/2021/day.yaml:1:1: warning: this file is not read: it lies in a subfolder" in done.stdout


@pytest.mark.parametrize(
    "name", [".day.yaml", "~$day.yaml", "day.yaml~", "day.yaml.tmp", "day.yaml.bak", ".git/x.yaml", "images/a.jpg"]
)
def test_what_nobody_means_to_post_is_no_noise(office: Workplace, name: str) -> None:
    office.write(f"campaigns/{name}", GOOD)
    done = office.run("check")
    assert "not read" not in done.stdout
    assert done.returncode == 0


def test_a_folder_with_nothing_but_wrong_endings(office: Workplace) -> None:
    (office.folder / "campaigns/migrants-day.yaml").rename(office.folder / "campaigns/migrants-day.yaml.txt")
    done = office.run("check")
    assert done.returncode == 3
    assert "campaigns/migrants-day.yaml.txt: this file is not read: its name ends in .txt" in done.stderr


def test_of_a_folder_without_campaigns_the_first_three_files_are_named(office: Workplace) -> None:
    for number in range(5):
        office.write(f"elsewhere/below/day-{number}.yaml", GOOD)
    done = office.run("check", "elsewhere")
    told = [f"elsewhere/below/day-{number}.yaml: this file is not read: it lies in a subfolder" for number in range(3)]
    assert done.returncode == 3
    assert "; ".join(["no campaign was found in elsewhere", *told, "and 2 more\n"]) in done.stderr


def test_a_campaign_that_is_over_is_warned_of(office: Workplace) -> None:
    office.move_to(at("07:00:00"))
    assert "nothing of this" not in office.run("check").stdout
    office.move_to(at("23:00:00"))
    done = office.run("check")
    assert done.returncode == 0
    assert "warning: nothing of this will ever be posted: its last post was due on 18 December 2020" in done.stdout
    office.write(
        "campaigns/migrants-day.yaml",
        campaign({"m": message("08:00", "Good morning", "Huomenta")}, allow={"all-past": "kept for the record"}),
    )
    assert "nothing of this" not in office.run("check").stdout


def test_an_address_for_alerts_that_is_not_set_is_warned_of(place: Workplace) -> None:
    place.write_config({"desk": {"platform": "console", "languages": ["en", "fi"]}}, alerts=["env:NOBODY_THERE"])
    place.write("campaigns/migrants-day.yaml", GOOD)
    done = place.run("check")
    assert done.returncode == 0
    assert "warning: env:NOBODY_THERE is not set: nothing is sent there [unset-reference]" in done.stdout
    assert done.stdout.startswith("config.yaml:")
