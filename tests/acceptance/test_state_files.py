"""The folder `state/`: closed to others, written through no link, and damaged files in it named and got over."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
CONSOLE = "migrants-day/2020/morning/desk/fi"


@pytest.fixture
def office(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    place.write_config({"news": account(mastodon, ["en"]), "desk": {"platform": "console", "languages": ["fi"]}})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:30"))
    return place


def modes(folder: Path) -> set[int]:
    """Of the folder, and of all that lies in it."""
    return {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (folder, *folder.rglob("*"))}


def test_a_folder_that_is_open_to_others_is_closed(office: Workplace) -> None:
    state = office.folder / "state"
    state.chmod(0o777)
    (state / "campaigner.db").chmod(0o666)
    assert f"published {KEY}" in office.run("run", "--once").stdout
    assert modes(state) == {0}


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o777])
def test_nobody_else_can_read_it_whatever_the_umask(office: Workplace, bluesky: FakeBluesky, mask: int) -> None:
    place = Workplace(office.folder / "new", at("07:00:00"), speed=20.0)
    place.write_config({"sky": account(bluesky, ["en"]), "desk": {"platform": "console", "languages": ["fi"]}})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    before = os.umask(mask)
    try:
        place.accept()
        place.move_to(at("08:00:30"))
        done = place.run("run", "--once")
        place.run("accounts", "check")
    finally:
        os.umask(before)
    assert done.stdout.count("published ") == 2, done
    assert modes(place.folder / "state") == {0}


def test_links_that_somebody_left_there_are_not_followed(office: Workplace, bluesky: FakeBluesky) -> None:
    victim = office.write("victim", "not yours")
    state = office.folder / "state"
    for name in ("limits.new", "limits.json", "console/desk.jsonl", "tokens/news.new", "tokens/news.lock"):
        (state / name).parent.mkdir(exist_ok=True)
        (state / name).unlink(missing_ok=True)
        (state / name).symlink_to(victim)
    done = office.run("run", "--once")
    assert f"published {KEY}" in done.stdout, done
    assert office.run("accounts", "check").returncode in (0, 4)
    assert victim.read_text() == "not yours"
    assert not (state / "limits.json").is_symlink()


@pytest.mark.parametrize("folder", ["console"])
def test_a_folder_there_that_is_a_link_is_not_followed(office: Workplace, folder: str) -> None:
    elsewhere = office.folder / "elsewhere"
    elsewhere.mkdir()
    for file in (office.folder / "state").glob(f"{folder}/*"):
        file.unlink()
    if (office.folder / "state" / folder).exists():
        (office.folder / "state" / folder).rmdir()
    (office.folder / "state" / folder).symlink_to(elsewhere)
    done = office.run("run", "--once")
    assert done.returncode in (1, 4), done
    assert list(elsewhere.iterdir()) == []


DAMAGED = [
    "",
    "{",
    "[]",
    "\0\xff",
    '{"news": 5}',
    '{"news": {"limit": "many"}}',
    '{"news": {"limit": -1}}',
    "[" * 100_000,
]


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[:20].encode("unicode_escape").decode())
def test_damaged_limits_are_named_and_the_posts_go_out(office: Workplace, text: str) -> None:
    (office.folder / "state/limits.json").write_bytes(text.encode("latin-1"))
    done = office.run("run", "--once")
    assert (done.returncode, f"published {KEY}" in done.stdout) == (4, True), done
    assert done.stderr.count("limits.json is damaged") == 1
    for command in (("check",), ("preview",), ("status",)):
        done = office.run(*command)
        assert (done.returncode, "limits.json is damaged" in done.stderr) == (4, True), (command, done)
    office.run("accounts", "check")
    assert office.run("check").returncode == 0


@pytest.mark.parametrize(
    "name", ["limits.json", "console/desk.jsonl", "tokens/news.json", "campaigner.db.lock", "console"]
)
@pytest.mark.parametrize("kind", ["folder", "pipe", "empty", "garbage"])
def test_anything_in_the_place_of_a_file(office: Workplace, name: str, kind: str) -> None:
    path = office.folder / "state" / name
    path.parent.mkdir(exist_ok=True)
    if path.is_dir() and kind != "folder":
        path.rename(path.with_name("moved"))
    path.unlink(missing_ok=True) if not path.is_dir() else None
    match kind:
        case "folder":
            path.mkdir(exist_ok=True)
        case "pipe":
            os.mkfifo(path)
        case _:
            path.write_bytes(b"" if kind == "empty" else b"\x00\xffgarbage\n" * 100)
    for command in (("run", "--once"), ("status",), ("check",), ("log",), ("accounts", "check"), ("ledger", "backup")):
        done = office.run(*command)
        assert done.returncode in (0, 1, 4), (command, done)
    if name != "campaigner.db.lock":
        assert office.status()[KEY]["state"] == "published"


def test_a_state_folder_that_is_a_file(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.write("state", "a letter")
    refused = place.run("run", "--once")
    assert (refused.returncode, "state" in refused.stderr) == (4, True), refused
