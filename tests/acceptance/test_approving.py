"""Four eyes: the line that the preview prints does it, and every change that readers would see undoes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_security_files import png
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"


def written(place: Workplace, *, editions: Sequence[int] | str = (2020,), **keys: Any) -> None:
    place.write(
        "campaigns/migrants-day.yaml",
        campaign(
            {
                "morning": message(keys.pop("at", "08:00"), "Good morning", "Huomenta", **keys),
                "noon": message("12:00", "Hi", "Hei"),
            },
            editions=editions,
        ),
    )


@pytest.fixture
def asked(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """One account where every post waits for a second pair of eyes."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon)}, approval="required")
    written(place)
    return place


def printed(place: Workplace, *options: str) -> list[list[str]]:
    """The words of each command that the preview says to approve with."""
    shown = place.run("preview", *options)
    lines = re.findall(r"^approve .*with: campaigner (.*)$", shown.stdout, re.MULTILINE)
    return [shlex.split(line.replace("NAME", "Aino")) for line in lines]


def approved(place: Workplace, line: Sequence[str]) -> list[str]:
    done = place.run(*line)
    assert done.returncode == 0, done.stderr
    return [row.removeprefix("approved ") for row in done.stdout.splitlines()]


@pytest.mark.parametrize("editions", [[2020], [2020, 2021], "every year"])
def test_the_line_that_is_printed_approves_what_was_shown(asked: Workplace, editions: Sequence[int] | str) -> None:
    written(asked, editions=editions)
    (line,) = printed(asked)
    assert line[:2] == ["approve", "migrants-day/2020"]
    keys = [f"migrants-day/2020/{name}/news/{language}" for name in ("morning", "noon") for language in ("en", "fi")]
    assert approved(asked, line) == keys


@pytest.mark.parametrize(
    ("options", "count"),
    [(["--language", "fi"], 2), (["--year", "2021"], 4), (["--date", "2020-12-18"], 4), (["--account", "news"], 4)],
)
def test_so_does_the_line_of_a_preview_of_some(asked: Workplace, options: list[str], count: int) -> None:
    written(asked, editions=[2020, 2021])
    (line,) = printed(asked, *options)
    assert len(approved(asked, line)) == count


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')} "]
)
def test_a_code_is_taken_as_people_type_it(asked: Workplace, typed: Callable[[str], str]) -> None:
    (line,) = printed(asked)
    assert len(approved(asked, [*line[:-1], typed(line[-1])])) == 4


@pytest.mark.parametrize("name", ["NAME", "", " "])
def test_nobody_approves_nothing(asked: Workplace, name: str) -> None:
    shown = asked.run("preview")
    line = shlex.split(re.findall(r"with: campaigner (.*)$", shown.stdout, re.MULTILINE)[0].replace("NAME", "''"))
    done = asked.run(*[name if word == "" else word for word in line])
    assert (done.returncode, "--by says nobody" in done.stderr, done.stdout) == (2, True, "")


def test_without_a_name_it_is_all_that_preview_shows(asked: Workplace) -> None:
    written(asked, editions=[2020, 2021])
    (line,) = printed(asked)
    assert len(approved(asked, ["approve", *line[2:]])) == 4
    asked.write("campaigns/other.yaml", campaign({"m": message("09:00", "Other", "Muu")}))
    of_all = printed(asked)[-1]
    assert of_all[1] == "--by"
    assert len(approved(asked, of_all)) == 6


def test_several_keys_have_the_code_of_all_of_them_together(asked: Workplace) -> None:
    (line,) = printed(asked, "--language", "en")
    refused = asked.run(*line, "migrants-day/2020/noon/news/fi")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert approved(asked, line) == [KEY, KEY.replace("morning", "noon")]


def with_picture(place: Workplace, size: int, alt: str) -> None:
    (place.folder / "campaigns/picture.png").write_bytes(png(size, size))
    written(place, images=[{"file": "picture.png", "alt": {"en": alt, "fi": "Kuva"}}])


def another_picture(place: Workplace, _: FakeMastodon) -> None:
    with_picture(place, 3, "A lectern")


def another_alt(place: Workplace, _: FakeMastodon) -> None:
    with_picture(place, 2, "A lectern, empty")


def another_account(place: Workplace, _: FakeMastodon) -> None:
    console = {"platform": "console", "like": "x", "languages": ["en", "fi"], "spacing": "0s"}
    place.write_config({"news": console}, approval="required")


@pytest.mark.parametrize("change", [another_picture, another_alt, another_account])
def test_a_change_that_readers_would_see_voids_it_and_is_told(
    asked: Workplace, mastodon: FakeMastodon, change: Callable[[Workplace, FakeMastodon], None]
) -> None:
    with_picture(asked, 2, "A lectern")
    asked.run("run", "--once")
    approved(asked, printed(asked)[0])
    asked.run("run", "--once")
    assert asked.run("status", "--attention").returncode == 0
    change(asked, mastodon)
    asked.run("run", "--once")
    shown = asked.run("status", "--attention")
    assert (shown.returncode, f"{KEY} was changed after its approval" in shown.stdout) == (1, True)
    asked.move_to(at("08:00:30"))
    held = asked.run("run", "--once")
    assert f"held {KEY} it was changed after its approval" in held.stdout
    assert "Good morning" not in mastodon.texts
    approved(asked, printed(asked)[0])
    assert f"published {KEY}" in asked.run("run", "--once").stdout


def test_a_later_time_on_the_same_day_does_not(asked: Workplace, mastodon: FakeMastodon) -> None:
    with_picture(asked, 2, "A lectern")
    asked.run("run", "--once")
    approved(asked, printed(asked)[0])
    written(asked, at="08:30", images=[{"file": "picture.png", "alt": {"en": "A lectern", "fi": "Kuva"}}])
    asked.run("run", "--once")
    assert asked.run("status", "--attention").returncode == 0
    asked.move_to(at("08:30:30"))
    assert f"published {KEY}" in asked.run("run", "--once").stdout
    assert mastodon.journal[0].images[0].alt == "A lectern"
