"""The platform of the documentation, built and installed as a package of its own, and posted with by the real command."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.proxy import FakeServer

from .workplace import Workplace, at, campaign, message

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-an-adapter.md"
KEY = "migrants-day/2020/morning/news/en"


class ExampleServer(FakeServer):
    """The server that the page speaks of."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []

    def answer(self, request: Request) -> Answer:
        if request.bearer != "a-token-of-example":
            return Answer.json({"error": "who are you?"}, 401)
        match request.method, request.path:
            case "GET", "/me":
                return Answer.json({"id": 7, "name": "IOM"})
            case "GET", "/posts":
                return Answer.json(self.posts[::-1])
            case "POST", "/media":
                return Answer.json({"id": request.form["alt"]})
            case "POST", "/posts":
                return self._post(request.json())
            case "DELETE", path:
                self.posts = [post for post in self.posts if path != f"/posts/{post['id']}"]
                return Answer.json({})
        return Answer.json({"error": "no such call"}, 404)

    def _post(self, asked: dict[str, Any]) -> Answer:
        if "banned" in asked["text"]:
            return Answer.json({"error": "a word is banned"}, 422)
        post = {"id": len(self.posts) + 1, "at": self.clock.now().isoformat(), "alts": asked["media"], "reply_to": None}
        self.posts.append({**asked, **post})
        return Answer.json(self.posts[-1])


def blocks() -> list[str]:
    """The files of the page."""
    return re.findall(r"```(?:toml|python)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package is, as pip leaves it there."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for text in blocks():
        name = re.match(r"# (\S+)\n", text)
        (source / (name[1] if name else "test_example.py")).write_text(text)
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


@pytest.fixture
def server() -> Iterator[ExampleServer]:
    with ExampleServer() as made:
        yield made


@pytest.fixture
def office(place: Workplace, server: ExampleServer, installed: Path) -> Workplace:
    server.clock = place  # type: ignore[assignment] - it tells the time of the workplace
    place.environment |= {"PYTHONPATH": str(installed), "EXAMPLE_TOKEN": "a-token-of-example"}
    place.speed = 1.0
    account = {"platform": "example", "server": server.url, "token": "env:EXAMPLE_TOKEN", "languages": ["en"]}
    place.write_config({"news": {**account, "spacing": "0s"}})
    messages = {"morning": message("08:00", "Good morning", "-"), "odd": message("08:00", "A banned word", "-")}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    return place


def test_it_is_under_a_hundred_lines() -> None:
    assert [len(block.splitlines()) < 100 for block in blocks() if block.startswith("# campaigner_example.py")] == [
        True
    ]


def test_it_posts_once_looks_and_takes_down(office: Workplace, server: ExampleServer) -> None:
    checked = office.run("accounts", "check")
    assert (checked.returncode, "IOM" in checked.stdout) == (0, True), checked.stderr
    office.accept()
    office.move_to(at("08:00:10"))
    server.fault("lose_response", path_prefix="/posts", method="POST")
    done = office.run("run", "--once")
    assert f"published {KEY}" in done.stdout, "its answer was lost, and it was found by looking"
    assert "failed migrants-day/2020/odd/news/en" in done.stdout
    assert [post["text"] for post in server.posts] == ["Good morning"]
    assert office.run("delete", KEY, "--yes").returncode == 0
    assert server.posts == []
