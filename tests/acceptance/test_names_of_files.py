"""Names of files as a disk may hold them: not UTF-8, with line ends, escapes, and marks that turn the direction."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
NOT_UTF_8 = b"p\xe4iv\xe4.yaml"
HOSTILE = "a\n::error file=config.yaml::look here\r\x1b[31m\u202e%0A.yaml".encode()
SPELLED = {
    NOT_UTF_8: "p<U+DCE4>iv<U+DCE4>.yaml",
    HOSTILE: "a<U+000A>::error file=config.yaml::look here<U+000D><U+001B>[31m<U+202E>%0A.yaml",
}


@pytest.fixture
def office(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """A campaign that was accepted in time, on a clock that can wait for two equal reads."""
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:30"))
    return place


def spoil(place: Workplace, name: bytes, text: str = "") -> None:
    place.write(f"campaigns/{os.fsdecode(name)}", text or campaign({"noon": message("12:00", "Good day", "Päivää")}))


@pytest.mark.parametrize("name", SPELLED)
def test_a_file_of_such_a_name_is_told_and_the_others_go_on(
    office: Workplace, mastodon: FakeMastodon, name: bytes
) -> None:
    spoil(office, name)
    done = office.run("run", "--once")
    assert f"published {KEY}" in done.stdout, done
    assert mastodon.texts == ["Good morning"]
    assert office.status()[KEY]["state"] == "published"
    for command in (
        ("check",),
        ("preview",),
        ("preview", "--table"),
        ("status",),
        ("status", "--attention"),
        ("log",),
        ("rehearse",),
        ("run", "--once", "--dry-run"),
        ("hold", "--reason", "x"),
        ("release",),
        ("ledger", "backup"),
    ):
        done = office.run(*command)
        assert done.returncode != 70, (command, done)
        assert not {"\r", "\x1b", "\u202e", "\udce4"} & {*done.stdout, *done.stderr}, (command, done)
        assert "\n::error" not in done.stdout + done.stderr, (command, done)


@pytest.mark.parametrize("name", SPELLED)
@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_check_shows_the_name_spelled(office: Workplace, name: bytes, form: str) -> None:
    spoil(office, name)
    done = office.run("check", "--format", form)
    assert done.returncode == 3
    found = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    shown = SPELLED[name]
    if form == "github":
        assert len(found) == 1
        assert f"campaigns/{shown.replace('%', '%25').replace(':', '%3A')}," in found[0]
        return
    assert found == []
    files = {problem["file"] for problem in json.loads(done.stdout)} if form == "json" else set()
    assert f"campaigns/{shown}" in (files if form == "json" else done.stdout)


@pytest.mark.parametrize("text", ["a: [", "\x00", "[" * 500])
def test_a_broken_file_of_such_a_name(office: Workplace, text: str) -> None:
    for name in SPELLED:
        spoil(office, name, text)
    assert f"published {KEY}" in office.run("run", "--once").stdout
    assert office.run("check").returncode == 3


def test_a_folder_and_a_link_of_such_a_name(office: Workplace) -> None:
    campaigns = office.folder / "campaigns"
    (campaigns / os.fsdecode(b"\xff.yaml")).mkdir()
    (campaigns / os.fsdecode(b"\xfe\n.yaml")).symlink_to(os.fsdecode(b"nowhere\xff\n"))
    assert f"published {KEY}" in office.run("run", "--once").stdout
    told = office.run("check").stdout
    assert "<U+DCFF>.yaml" in told and "<U+DCFE><U+000A>.yaml" in told


def test_an_image_that_is_a_link_to_such_a_name(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])})
    image = [{"file": "a.png", "alt": {"en": "A cat on a wall", "fi": "Kissa muurilla"}}]
    messages = {
        "morning": message("08:00", "Good morning", "Huomenta"),
        "noon": message("12:00", "Good day", "Päivää", images=image),
    }
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    (place.folder / "campaigns/a.png").symlink_to(os.fsdecode(b"\xff\n::error::x.png"))
    place.write(os.fsdecode(b"campaigns/\xff\n::error::x.png"), "no image")
    for command in (("check",), ("check", "--format", "github"), ("run", "--once"), ("preview",), ("status",)):
        done = place.run(*command)
        assert done.returncode != 70, done
        assert "\n::error::x" not in done.stdout + done.stderr


def test_a_working_folder_whose_name_is_not_utf_8(tmp_path: Path, mastodon: FakeMastodon) -> None:
    folder = tmp_path / os.fsdecode(b"J\xe4rjest\xf6")
    folder.mkdir()
    place = Workplace(folder, at("07:00:00"), environment={"HOME": str(tmp_path)})
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    assert place.run("check").returncode == 0
    assert "Good morning" in place.run("preview").stdout
    for command in (("run", "--once"), ("status",), ("log",), ("ledger", "backup"), ("hold", "--reason", "x")):
        refused = place.run(*command)
        assert refused.returncode == 4, refused
        assert "is not UTF-8" in refused.stderr and "rename the folder" in refused.stderr
    assert not (folder / "state").exists()


def test_a_working_folder_with_a_line_end_in_its_name_works(tmp_path: Path, mastodon: FakeMastodon) -> None:
    folder = tmp_path / "a\n::error::b\u200f"
    folder.mkdir()
    place = Workplace(folder, at("07:00:00"), environment={"HOME": str(tmp_path)})
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:30"))
    assert f"published {KEY}" in place.run("run", "--once").stdout
    assert "\n::error" not in place.run("ledger", "backup").stdout
