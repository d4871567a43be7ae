"""A file that can't be read is told in one line by every run that meets it, and by the daemon as it breaks and is mended."""

from __future__ import annotations

import pytest

from .workplace import Workplace, at, campaign, message

GOOD = campaign({"m": message("20:00", "Good evening", "Iltaa")})


@pytest.fixture
def office(place: Workplace) -> Workplace:
    place.write_config({"desk": {"platform": "console", "languages": ["en", "fi"]}})
    place.write("campaigns/migrants-day.yaml", GOOD)
    place.accept()
    return place


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--json"]])
def test_every_single_run_says_which_file(office: Workplace, options: list[str]) -> None:
    office.write("campaigns/migrants-day.yaml", "campaign: [")
    for _ in range(3):
        done = office.run("run", "--once", *options)
        assert done.returncode == 3
        assert done.stderr.count("campaigns/migrants-day.yaml:2:") == 1, done.stderr
    office.write("campaigns/migrants-day.yaml", GOOD)
    assert office.run("run", "--once", *options).stderr == ""


def test_the_daemon_says_it_breaks_changes_and_is_mended(office: Workplace) -> None:
    office.move_to(at("07:10:00"))
    office.speed = 1.0
    process = office.start_process("run")
    stdout = process.stdout
    assert stdout is not None

    def told(words: str, text: str) -> None:
        office.write("campaigns/migrants-day.yaml", text)
        assert any(words in line for line in stdout)

    assert "is running" in stdout.readline()
    told("campaigns/migrants-day.yaml:2:", "campaign: [")
    told("campaigns/migrants-day.yaml:3:", "campaign: day\nmessages: [")
    told("is well again", GOOD)
    told("campaigns/migrants-day.yaml:2:", "campaign: [")
    process.terminate()
    process.communicate(timeout=40)
