"""The config file: paths, accounts with the options of their platform, secrets only as references."""

from __future__ import annotations

import os
import re
import sys
import types
from pathlib import Path
from typing import Annotated

import pytest

from campaigner.campaign.campaign import Model
from campaigner.campaign.config import Secret
from campaigner.campaign.kinds import FieldError, One
from campaigner.errors import InvalidFilesError, Severity, SurroundingsError, render
from campaigner.loading.config_loader import ConfigReader, load_config, unset_references
from campaigner.loading.secrets import is_set, resolve_secret
from tests.unit.written import value_of

SECRET = "hunter2-aaaabbbbcccc"


class ConsoleOptions(Model):
    width: Annotated[int, One(_positive)] = 80


def _positive(width: str) -> int:
    if not width.isdigit():
        raise FieldError("wrong-kind", "a whole number was wanted")
    if int(width) < 1:
        raise ValueError("the width is above 0")
    return int(width)


class MastodonOptions(Model):
    server: str
    access_token: Secret
    long_posts: bool = False


MODELS: dict[str, type[Model]] = {"console": ConsoleOptions, "mastodon": MastodonOptions, "x": ConsoleOptions}
CONFIG = """\
timezone: Europe/Helsinki
campaigns: campaigns/
ledger: sqlite:///state/campaigner.db
late: 90m
quiet_hours: 22:00-07:00
approval: required
alerts: [env:ALERT]
heartbeat: env:HEARTBEAT
handles:
  iom: {name: IOM, x: "@UNmigration"}
accounts:
  desk:
    platform: console
    like: x
    languages: [en, fi]
  news:
    platform: mastodon
    server: https://mastodon.example
    access_token: env:TOKEN
    languages: fi
    timezone: Europe/Stockholm
    spacing: 0s
    long_text: thread
    long_posts: true
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path / "config.yaml"


def problems_of(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(InvalidFilesError) as caught:
        ConfigReader(path, MODELS).read()
    assert not any(SECRET in render(problem) for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def test_a_whole_config(path: Path) -> None:
    config = ConfigReader(path, MODELS).read()
    assert config.path == path and config.campaigns == (path.parent / "campaigns",)
    assert config.ledger_path == path.parent / "state/campaigner.db"
    desk, news = config.accounts["desk"], config.accounts["news"]
    assert (desk.name, desk.timezone, desk.spacing.total_seconds(), desk.behaves_as) == (
        "desk",
        "Europe/Helsinki",
        60,
        "x",
    )
    assert (news.timezone, news.spacing.total_seconds(), news.languages) == ("Europe/Stockholm", 0, ("fi",))
    assert news.options == MastodonOptions(
        server="https://mastodon.example", access_token=Secret(kind="env", name="TOKEN"), long_posts=True
    )


def test_folders_and_ledger_have_their_usual_places(path: Path) -> None:
    path.write_text("timezone: UTC\naccounts:\n  desk: {platform: console, languages: en}\n")
    config = ConfigReader(path, MODELS).read()
    assert config.campaigns == (path.parent / "campaigns",)
    assert config.ledger_path == path.parent / "state/campaigner.db"


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("env:TOKEN", SECRET, ["plain-secret"]),
        ("env:TOKEN", f"&{SECRET}", ["quote-needed", "empty-value"]),
        ("env:ALERT", f"https://hooks.example/{SECRET}", ["plain-secret"]),
        ("env:HEARTBEAT", SECRET, ["plain-secret"]),
        ("sqlite:///state/campaigner.db", f"postgresql://me:{SECRET}@host/x", ["plain-secret"]),
        ("server:", "servre:", ["unknown-key"]),
        ("platform: mastodon", "platform: mastodno", ["platform"]),
        ("platform: mastodon", "platfrom: mastodon", ["unknown-key"]),
        ("like: x", "like: y", ["platform"]),
        ("  desk:", "  mastodon:", ["name"]),
        ("  desk:", "  x:", []),
        ("  desk:", "  all:", ["name"]),
        ("Europe/Helsinki", "Helsinki", ["timezone"]),
        ("Europe/Stockholm", "Stockholm", ["timezone"]),
        ("long_posts: true", "long_posts: perhaps", ["wrong-kind"]),
        ("languages: fi", "languages: finnish", ["language"]),
        ("    like: x\n", "    like: x\n    width: 0\n", ["value"]),
        ("    like: x\n", "    like: x\n    width: wide\n", ["wrong-kind"]),
        ("    like: x\n", "    like: x\n    languages: [en]\n", ["duplicate-key"]),
        ("approval: required", "approval: yes", ["choice"]),
        ("late: 90m", "late: 90", ["duration"]),
        ("timezone: Europe/Helsinki\n", "path: x\ntimezone: Europe/Helsinki\n", ["unknown-key"]),
    ],
)
def test_faults_of_a_config(path: Path, old: str, new: str, codes: list[str]) -> None:
    text = CONFIG.replace(old, new, 1)
    if codes:
        assert sorted(problems_of(path, text))[: len(codes)] == sorted(codes)
    else:
        path.write_text(text)
        assert ConfigReader(path, MODELS).read().accounts["x"].behaves_as == "x"


def test_every_fault_is_found_in_one_reading(path: Path) -> None:
    text = CONFIG.replace("90m", "x").replace("env:TOKEN", SECRET).replace("like: x", "like: z")
    assert problems_of(path, text) == ["duration", "platform", "plain-secret"]


@pytest.mark.parametrize("text", ["", "[", "- a\n", "accounts: 5\ntimezone: UTC\n", "accounts:\n  a: b\n", "a: \x00"])
def test_what_is_no_config(path: Path, text: str) -> None:
    assert problems_of(path, text)


def test_no_config_at_all_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(InvalidFilesError) as caught:
        ConfigReader(tmp_path / "config.yaml", MODELS).read()
    assert "campaigner init" in caught.value.hint and caught.value.problems == ()


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(path)], ids=["folder", "loop"])
def test_a_config_that_cannot_be_read(tmp_path: Path, make: object) -> None:
    make(tmp_path / "config.yaml")  # type: ignore[operator]
    with pytest.raises(InvalidFilesError) as caught:
        ConfigReader(tmp_path / "config.yaml", MODELS).read()
    assert len(caught.value.problems) == 1


def test_optional_references_that_lead_nowhere_are_warnings(path: Path) -> None:
    file = load_config(path, MODELS, folder=path.parent)
    problems = unset_references(file, {"ALERT": "x"})
    assert [(render(problem).splitlines()[0], problem.severity) for problem in problems] == [
        (
            "config.yaml:8:12: warning: env:HEARTBEAT is not set: nothing is sent there [unset-reference]",
            Severity.WARNING,
        )
    ]
    assert len(unset_references(file, {})) == 2
    path.write_text("[")
    assert unset_references(load_config(path, MODELS), {}) == ()


def resolved(reference: str, folder: Path, **environment: str) -> str:
    return resolve_secret(value_of(Secret, reference), folder=folder, environment=environment)


def test_secrets_from_the_environment(tmp_path: Path) -> None:
    assert resolved("env:TOKEN", tmp_path, TOKEN=SECRET) == SECRET
    with pytest.raises(SurroundingsError, match="env:TOKEN is not set"):
        resolved("env:TOKEN", tmp_path)
    with pytest.raises(SurroundingsError, match="env:TOKEN is empty"):
        resolved("env:TOKEN", tmp_path, TOKEN="")
    assert not is_set(Secret(kind="env", name="TOKEN"), folder=tmp_path, environment={})


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"abc\n", "abc"),
        (b"abc", "abc"),
        (b"abc\r\n", "abc"),
        (b"abc\n\n", "abc"),
        (b"\xef\xbb\xbfabc\r\n", "abc"),
        (" ä ".encode(), " ä "),
    ],
)
def test_secrets_from_files_lose_the_marks_of_an_editor(tmp_path: Path, content: bytes, secret: str) -> None:
    (tmp_path / "token").write_bytes(content)
    assert resolved("file:token", tmp_path) == secret
    assert resolved(f"file:{tmp_path}/token", Path("/")) == secret


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 200_000])
def test_files_that_hold_no_secret(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(SurroundingsError, match="file:token"):
        resolved("file:token", tmp_path)


ODD = {
    "abc\ndef": "holds a line break",
    "# the token\nabc\n": "holds a line break",
    "a\0b": "U+0000",
    "a\u200bb": "U+200B",
    "\u201cabc\u201d": "U+201C",
    '"abc"': "quotation marks",
    "\n\n": "is empty",
    "  \n": "is empty",
}


@pytest.mark.parametrize("kind", ["env", "file"])
@pytest.mark.parametrize("content", ODD)
def test_what_no_secret_holds_is_said_at_once_and_not_shown(tmp_path: Path, content: str, kind: str) -> None:
    (tmp_path / "token").write_text(content, "utf-8")
    with pytest.raises(SurroundingsError, match=re.escape(ODD[content])) as caught:
        resolved(f"{kind}:token", tmp_path, token=content)
    assert "abc" not in str(caught.value) + str(caught.value.hint)


def test_a_pipe_is_no_secret_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "token")
    with pytest.raises(SurroundingsError, match="not a file"):
        resolved("file:token", tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(SurroundingsError, match="cannot be read"):
        resolved(f"file:{name}", tmp_path)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring of the process, in place of the machine's."""
    kept: dict[tuple[str, str], str] = {}

    def get_password(service: str, name: str) -> str | None:
        if service == "locked":
            raise RuntimeError(SECRET)
        return kept.get((service, name))

    module = types.ModuleType("keyring")
    module.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return kept


def test_secrets_from_the_keyring(tmp_path: Path, keyring: dict[tuple[str, str], str]) -> None:
    keyring["campaigner", "iom/x"] = SECRET
    assert resolved("keyring:campaigner/iom/x", tmp_path) == SECRET
    with pytest.raises(SurroundingsError, match="not in the keyring"):
        resolved("keyring:campaigner/other", tmp_path)
    with pytest.raises(SurroundingsError, match="RuntimeError") as caught:
        resolved("keyring:locked/a", tmp_path)
    assert SECRET not in str(caught.value)


def test_a_keyring_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SurroundingsError, match="not installed") as caught:
        resolved("keyring:a/b", tmp_path)
    assert "campaigner[keyring]" in caught.value.hint
