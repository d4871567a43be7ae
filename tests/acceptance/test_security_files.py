"""Files: images stay in the campaigns folder, nothing hangs or fills the memory, and what is written is its owner's alone."""

from __future__ import annotations

import json
import os
import resource
import stat
import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .hostile import install
from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import COMMAND, Workplace, account, at, campaign, message

MOST_MEMORY = 400_000_000
SECONDS = 20


def png(width: int, height: int) -> bytes:
    """A whole picture of one colour, as small as a picture of that size can be made, if it is not too large to make."""
    rows = zlib.compress(bytes((width + 1) * min(height, 1000)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*piece) for piece in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


GOOD = png(2, 2)
SECRET = GOOD + b"the secret of another folder"


def run_within_bounds(place: Workplace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that may have little memory and little time."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))

    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=bound,
    )
    assert done.returncode in (0, 1, 3, 5), done
    return done


def with_image(place: Workplace, file: str, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    images = [{"file": file, "alt": {"en": "a", "fi": "b"}}]
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "-", images=images)}))


def put(place: Workplace, name: str, content: bytes) -> Path:
    path = place.write(name, "")
    path.write_bytes(content)
    return path


def linked_file(place: Workplace) -> str:
    (place.folder / "campaigns/link.png").symlink_to(put(place, "private/secret.png", SECRET))
    return "link.png"


def linked_folder(place: Workplace) -> str:
    put(place, "private/secret.png", SECRET)
    (place.folder / "campaigns/images").symlink_to(place.folder / "private")
    return "images/secret.png"


def linked_twice(place: Workplace) -> str:
    (place.folder / "campaigns/one.png").symlink_to("two.png")
    (place.folder / "campaigns/two.png").symlink_to(put(place, "private/secret.png", SECRET))
    return "one.png"


def above(place: Workplace) -> str:
    put(place, "private/secret.png", SECRET)
    return "../private/secret.png"


def beside(place: Workplace) -> str:
    """A folder whose name begins as that of the campaigns does."""
    put(place, "campaigns-private/secret.png", SECRET)
    return "../campaigns-private/secret.png"


def absolute(place: Workplace) -> str:
    return str(put(place, "private/secret.png", SECRET))


def by_word(place: Workplace) -> str:
    """A word in braces becomes part of a path: this one leads out."""
    put(place, "private/secret-en.png", SECRET)
    return "images/{language}/../../../private/secret-{language}.png"


def pipe(place: Workplace) -> str:
    os.mkfifo(place.folder / "campaigns/pipe.png")
    return "pipe.png"


def device(place: Workplace) -> str:
    (place.folder / "campaigns/zero.png").symlink_to("/dev/zero")
    return "zero.png"


def folder(place: Workplace) -> str:
    (place.folder / "campaigns/folder.png").mkdir()
    return "folder.png"


def drawing(place: Workplace) -> str:
    put(
        place,
        "campaigns/drawing.png",
        b"\xef\xbb\xbf\n<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    )
    return "drawing.png"


def page(place: Workplace) -> str:
    put(place, "campaigns/page.jpg", b"<!DOCTYPE html><script>alert(1)</script>")
    return "page.jpg"


def huge(place: Workplace) -> str:
    with put(place, "campaigns/huge.png", GOOD).open("ab") as file:
        file.truncate(50_000_000_000)
    return "huge.png"


def null_byte(place: Workplace) -> str:
    return "a\u0000.png"


ATTACKS = {
    linked_file: "media-outside",
    linked_folder: "media-outside",
    linked_twice: "media-outside",
    above: "media-outside",
    beside: "media-outside",
    absolute: "path",
    by_word: "media-outside",
    pipe: "media-type",
    device: "media-outside",
    folder: "media-type",
    drawing: "media-type",
    page: "media-type",
    huge: "media-size",
    null_byte: "control-character",
}


@pytest.mark.parametrize(("attack", "code"), ATTACKS.items(), ids=[attack.__name__ for attack in ATTACKS])
def test_an_image_that_is_none_of_ours(
    place: Workplace, mastodon: FakeMastodon, attack: Callable[[Workplace], str], code: str
) -> None:
    place.write("campaigns/readme.txt", "-")
    with_image(place, attack(place), mastodon)
    checked = run_within_bounds(place, "check", "--format", "json")
    errors = [problem["code"] for problem in json.loads(checked.stdout) if problem["severity"] == "error"]
    assert (checked.returncode, errors) == (3, [code])


def test_an_image_that_becomes_a_link_after_it_was_checked(place: Workplace, mastodon: FakeMastodon) -> None:
    with_image(place, "a.png", mastodon)
    image = put(place, "campaigns/a.png", GOOD)
    assert place.run("check").returncode == 0
    place.accept()
    place.move_to(at("08:00:30"))
    image.unlink()
    image.symlink_to(put(place, "private/secret.png", SECRET))
    done = run_within_bounds(place, "run", "--once")
    assert done.returncode != 0
    assert mastodon.journal == []
    assert not mastodon.requests.get("POST /api/v2/media")


def test_a_picture_that_would_fill_the_memory_is_never_unpacked(place: Workplace, mastodon: FakeMastodon) -> None:
    """60,000 by 60,000 points in a small file: campaigner reads its header, says so, and sends nothing of it."""
    with_image(place, "a.png", mastodon)
    put(place, "campaigns/a.png", png(60_000, 60_000))
    checked = run_within_bounds(place, "check", "--format", "json")
    problems = json.loads(checked.stdout)
    assert [problem["code"] for problem in problems if problem["severity"] == "error"] == ["media-size"]
    run_within_bounds(place, "run", "--once")
    place.move_to(at("08:00:30"))
    run_within_bounds(place, "run", "--once")
    assert (mastodon.journal, mastodon.uploads) == ([], [])


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


def test_a_bomb_among_the_campaigns_stops_no_other(place: Workplace, mastodon: FakeMastodon) -> None:
    """A bomb of aliases, a pipe, a device and a deep file: told of, and the good campaign goes out."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "-")}))
    place.write("campaigns/bomb.yaml", BOMB)
    place.write("campaigns/deep.yaml", "[" * 20_000)
    os.mkfifo(place.folder / "campaigns/pipe.yaml")
    (place.folder / "campaigns/zero.yaml").symlink_to("/dev/zero")
    run_within_bounds(place, "run", "--once")
    place.move_to(at("08:00:30"))
    run_within_bounds(place, "run", "--once")
    assert mastodon.texts == ["Good morning"]
    told = run_within_bounds(place, "status").stdout
    assert all(name in told for name in ("bomb.yaml", "deep.yaml", "pipe.yaml", "zero.yaml"))


def test_a_file_named_hold_that_is_no_file_holds_and_never_hangs(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "-")}))
    place.accept()
    place.move_to(at("08:00:30"))
    hold = place.folder / "HOLD"
    for make in (
        os.mkfifo,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to(path),
        fill,
        os.mkdir,
    ):
        make(hold)
        assert run_within_bounds(place, "run", "--once").stdout.startswith("held ")
        hold.rmdir() if hold.is_dir() else hold.unlink()
    os.mkfifo(hold)
    assert "on hold" in run_within_bounds(place, "status").stdout
    assert mastodon.journal == []


def fill(path: Path) -> None:
    path.write_bytes(b"x" * 1000)
    os.truncate(path, 50_000_000_000)


@contextmanager
def everything_allowed() -> Iterator[None]:
    """The umask of a careless administrator, for the processes that are started meanwhile."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    return [
        f"{path} {stat.filemode(path.lstat().st_mode)}"
        for path in (folder, *folder.rglob("*"))
        if path.lstat().st_mode & 0o077
    ]


def test_what_campaigner_writes_is_its_users_alone(place: Workplace, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the umask: ledger, write-ahead log, locks, sessions, limits, journals, backups, reports of bugs."""
    installed = install(tmp_path_factory.mktemp("plug-in"), "smoke_signals", CRASHING, "smoke = smoke_signals:smoke")
    place.environment["PYTHONPATH"] = str(installed)
    temporary = place.folder / "temporary"
    temporary.mkdir()
    place.environment["TMPDIR"] = str(temporary)
    state = place.folder / "state"
    desk = {"platform": "console", "like": "x", "languages": ["en"]}
    with FakeBluesky() as sky, everything_allowed():
        place.write_config(
            {
                "sky": account(sky, ["en"]),
                "desk": desk,
                "odd": {"platform": "smoke", "server": "http://127.0.0.1:9", "languages": ["en"]},
            }
        )
        place.write(
            "campaigns/migrants-day.yaml",
            campaign({"m": message("07:05", "Good morning", "-", accounts=["sky", "desk"])}),
        )
        place.speed = 60.0
        with daemon(place):
            wait_for(
                lambda: (
                    len(sky.journal) == 1
                    and any(
                        (state / "console").glob("*.jsonl")
                        if (state / "console").is_dir()
                        else state.rglob("desk.jsonl")
                    )
                )
            )
            assert place.run("accounts", "check", "sky").returncode == 0
            assert place.run("ledger", "backup").returncode == 0
            assert place.run("accounts", "check", "odd").returncode == 70
            assert place.run("run", "--once", "--dry-run").returncode in (0, 1)
            names = {path.name for path in state.rglob("*") if path.is_file()}
            wrong = open_to_others(state) + open_to_others(temporary)[1:]
    for wanted in (
        "campaigner.db",
        "campaigner.db-wal",
        "campaigner.db-shm",
        "sky.json",
        "sky.lock",
        "limits.json",
        "desk.jsonl",
    ):
        assert wanted in names, names
    assert any(name.startswith("campaigner-bug-") for name in names)
    assert any(path.suffix == ".lock" for path in map(Path, names - {"sky.lock"}))
    assert any(name.startswith("campaigner-0") for name in names), "a backup"
    assert wrong == []


CRASHING = """
from campaigner.campaign.campaign import Model
from campaigner.platforms.base import Platform
from campaigner.post.profile import Profile

class Options(Model):
    server: str

class smoke(Platform):
    name = "smoke"
    Options = Options
    profile = Profile(platform="smoke", measure="plain", limit=500, unit="characters")

    def __init__(self, made):
        raise RuntimeError("odd")
"""
