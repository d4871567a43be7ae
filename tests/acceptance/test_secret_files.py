"""Secrets in files and in the environment: each fault in words, with what to do; all of all accounts at once; nobody waits unknown."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.proxy import FaultProxy

from .test_telling import told
from .workplace import COMMAND, Workplace, account, at, campaign, message

GOOD = {
    "plain": b"%s",
    "line-end": b"%s\n",
    "crlf": b"%s\r\n",
    "blank-lines": b"%s\n\r\n",
    "bom": b"\xef\xbb\xbf%s\r\n",
}
"""What an editor leaves around a token."""
BAD = {
    "missing": (None, "cannot be read: no such file or directory"),
    "empty": (b"", "is empty"),
    "blank": (b"\xef\xbb\xbf \r\n", "is empty"),
    "folder": ("a folder", "cannot be read: is a directory"),
    "comment": (b"# the token\nabc\n", "holds a line break"),
    "crlf-inside": (b"abc\r\ndef", "holds a line break"),
    "latin-1": (b"p\xe4iv\xe4", "is no text in UTF-8"),
    "utf-16": ("päivä".encode("utf-16"), "is written in UTF-16"),
    "zero": (b"a\0b", "holds a character that no header can carry (U+0000)"),
    "quoted": (b'"abc"', "stands in quotation marks"),
    "curly": ("“abc”".encode(), "holds a character that no header can carry (U+201C)"),
    "large": (b"x" * 200_000, "is no text of a usable length"),
}


@pytest.fixture
def server() -> Iterator[FakeMastodon]:
    with FakeMastodon(accounts=tuple(GOOD)) as made:
        yield made


def write_secret(path: Path, content: bytes | str | None) -> None:
    if isinstance(content, str):
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)


def set_up(place: Workplace, server: FakeMastodon, accounts: dict[str, str]) -> None:
    """Accounts by name, each with the reference to its secret."""
    place.speed = 1.0
    options: dict[str, Any] = {
        name: {
            "platform": "mastodon",
            "server": server.url,
            "access_token": secret,
            "languages": ["en"],
            "spacing": "0s",
        }
        for name, secret in accounts.items()
    }
    config = place.write_config({})
    settings = json.loads(config.read_text("utf-8"))
    config.write_text(json.dumps({**settings, "accounts": options}), "utf-8")
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "-")}))


def test_what_an_editor_leaves_around_a_token_is_no_part_of_it(place: Workplace, server: FakeMastodon) -> None:
    for name, around in GOOD.items():
        write_secret(place.folder / name, around % server.options(name)["access_token"].encode())
    set_up(place, server, {name: f"file:{name}" for name in GOOD})
    done = place.run("accounts", "check")
    assert (done.returncode, done.stdout.count(" on mastodon ")) == (0, len(GOOD)), done.stdout


def test_every_missing_secret_of_every_account_is_named_at_once(place: Workplace, server: FakeMastodon) -> None:
    for name, (content, _) in BAD.items():
        write_secret(place.folder / name, content)
    set_up(place, server, {**{name: f"file:{name}" for name in BAD}, "unset": "env:NO_SUCH_VARIABLE"})
    config = place.folder / "config.yaml"
    settings = json.loads(config.read_text("utf-8"))
    names = ("api_key", "api_secret", "access_token", "access_token_secret")
    settings["accounts"]["four"] = {
        "platform": "x",
        "server": server.url,
        "languages": ["en"],
        **{n: f"env:NO_{n.upper()}" for n in names},
    }
    config.write_text(json.dumps(settings), "utf-8")
    done = place.run("accounts", "check")
    assert done.returncode == 4
    lines = done.stdout.splitlines()
    for name, (_, fault) in BAD.items():
        at = lines.index(f"{name}: the secret file:{name} {fault}")
        assert lines[at + 1].startswith("    "), "what to do stands under it"
    assert "Set the environment variable NO_SUCH_VARIABLE for the user that runs campaigner." in done.stdout
    (four,) = [line for line in lines if line.startswith("four: ")]
    assert [f"env:NO_{n.upper()} is not set" in four for n in names] == [True] * 4
    reasons = {row["account"]: row for row in json.loads(place.run("accounts", "check", "--json").stdout)}
    assert {row["exit_code"] for row in reasons.values()} == {4}
    assert all(row["help"] for row in reasons.values())
    assert "abc" not in done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="needs setpriv to drop root's powers")
def test_a_secret_that_its_user_may_not_read(place: Workplace, server: FakeMastodon) -> None:
    write_secret(place.folder / "token", b"abc")
    (place.folder / "token").chmod(0)
    set_up(place, server, {"news": "file:token"})
    # Another user could not read a checkout in a private folder: root stays root, without its power over modes.
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, COMMAND, "accounts", "check"],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (4, "")
    assert "news: the secret file:token cannot be read: permission denied" in done.stdout


def test_a_run_without_a_secret_tells_and_sends_when_it_is_there(place: Workplace, server: FakeMastodon) -> None:
    """Cron's run is all that many have: what waits for a secret needs a person, and the others go out."""
    token = server.options("plain")["access_token"]
    place.environment["TOKEN"] = token
    set_up(place, server, {"bad": "file:token", "good": "env:TOKEN"})
    place.accept()
    place.move_to(at("08:00:10"))
    for _ in range(2):
        done = place.run("run", "--once")
        assert done.returncode == 4, done
        assert "waiting migrants-day/2020/morning/bad/en" in done.stdout
        assert told(place) == ["account bad: the secret file:token cannot be read: no such file or directory"]
    assert server.texts == ["Good morning"]
    attention = place.run("status", "--attention")
    assert (attention.returncode, "campaigner accounts check bad" in attention.stdout) == (1, True)
    write_secret(place.folder / "token", server.options("bom")["access_token"].encode())
    place.move_to(at("08:05:00"))
    assert place.run("run", "--once").stdout.startswith("published migrants-day/2020/morning/bad/en")
    assert (told(place), place.run("status", "--attention").returncode) == ([], 0)


class Replaced(FaultProxy):
    """Goes on to the server, and takes a file away before it answers who somebody is: just then it is being replaced."""

    def __init__(self, upstream: str, secret: Path) -> None:
        super().__init__(upstream)
        self.secret = secret

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/api/v1/accounts/verify_credentials"):
            self.secret.unlink(missing_ok=True)
        return super().answer(request)


def test_a_secret_that_is_gone_while_its_platform_is_asked_ends_nothing(place: Workplace, server: FakeMastodon) -> None:
    """Parity asks apart from the posts: what it read once is what its answer is remembered for."""
    token = place.folder / "token"
    with Replaced(server.url, token) as proxy:
        write_secret(token, server.options("plain")["access_token"].encode())
        place.speed = 1.0
        config = place.write_config({"news": {**account(server), "server": proxy.url}})
        config.write_text(config.read_text("utf-8").replace("env:NEWS_ACCESS_TOKEN", "file:token"), "utf-8")
        place.write("campaigns/migrants-day.yaml", campaign({"a": message("08:00", "First", "Eka")}, parity="required"))
        place.accept()
        place.move_to(at("08:00:10"))
        done = place.run("run", "--once")
    assert not token.exists()
    assert (done.returncode, server.texts) == (0, ["First", "Eka"]), (done.stdout, done.stderr)
