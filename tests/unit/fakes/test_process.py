"""Fakes as processes of their own: `python -m campaigner.fakes`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from campaigner.fakes import PLATFORMS, fake

from .asking import ask


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """One as a process; ends with SIGTERM and must end well."""
    command = [sys.executable, "-m", "campaigner.fakes", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()
        assert process.wait(10) == 0


def test_prints_its_url_and_keeps_a_journal_that_others_can_read() -> None:
    with running("mastodon", "--account", "desk") as url, running("proxy", "--upstream", url) as front:
        ask(front, "POST", "/_faults", data={"fault": "status", "status": 500, "commit": True})
        assert ask(front, "POST", "/api/v1/statuses", data={"status": "hello"}, token="desk-token").status == 500
        assert [entry["text"] for entry in ask(front, "GET", "/_journal").data] == ["hello"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_there_is_one_for_every_platform(platform: str) -> None:
    with fake(platform, accounts=["a", "b"]) as server:
        assert ask(server.url, "GET", "/_journal").data == []


def test_a_port_can_be_chosen() -> None:
    with fake("x", accounts=["a"]) as first:
        port = first.port
    with fake("x", accounts=["a"], port=port) as second:
        assert second.url == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("arguments", [["proxy"], ["x", "--upstream", "http://127.0.0.1:1"], ["myspace"]])
def test_a_wrong_command_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "campaigner.fakes", *arguments]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
