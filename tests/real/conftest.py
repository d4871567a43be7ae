"""Servers that nobody here wrote: a Bluesky PDS from npm (`make real` installs it), and mastodon-mock from PyPI."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".real" / "pds"


@dataclass(frozen=True)
class Pds:
    """A running PDS with one account on it."""

    url: str
    did: str
    handle: str
    app_password: str

    def records(self) -> list[dict[str, Any]]:
        """The account's posts, newest key first."""
        params = {"repo": self.did, "collection": "app.bsky.feed.post", "limit": 100}
        answer = requests.get(f"{self.url}/xrpc/com.atproto.repo.listRecords", params=params, timeout=10)
        answer.raise_for_status()
        return list(answer.json()["records"])


@pytest.fixture(scope="session")
def pds_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    node = shutil.which("node")
    if node is None or not (INSTALLED / "node_modules" / "@atproto" / "pds").is_dir():
        pytest.skip("needs node and the Bluesky PDS: `make real`")
    data = tmp_path_factory.mktemp("pds")
    (data / "blobs").mkdir()
    ports = [str(free_port()) for _ in range(2)]
    log = (data / "log").open("w")
    process = subprocess.Popen(
        [node, HERE / "pds.mjs", INSTALLED, data, *ports], stdout=subprocess.PIPE, stderr=log, text=True
    )
    assert process.stdout is not None
    try:
        yield _first_line(process.stdout, data / "log")
    finally:
        process.kill()
        process.communicate()
        log.close()


def _first_line(output: Any, log: Path) -> str:
    """Its own log lines come on stdout too; ours is the one with only a URL."""
    for line in output:
        if line.startswith('{"url":'):
            return str(json.loads(line)["url"])
    raise AssertionError(log.read_text())


@pytest.fixture
def pds(pds_url: str, request: pytest.FixtureRequest) -> Pds:
    """An account of its own for every test."""
    name = f"u{abs(hash(request.node.nodeid)) % 10**9}"
    made = _xrpc(
        pds_url,
        "com.atproto.server.createAccount",
        {"handle": f"{name}.test", "email": f"{name}@example.org", "password": "password-1"},
    )
    password = _xrpc(pds_url, "com.atproto.server.createAppPassword", {"name": "campaigner"}, made["accessJwt"])
    return Pds(pds_url, made["did"], made["handle"], password["password"])


def _xrpc(url: str, method: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.post(f"{url}/xrpc/{method}", json=body, headers=headers, timeout=20)
    assert answer.ok, answer.text
    return dict(answer.json())


@pytest.fixture
def mastodon_mock_url() -> Iterator[str]:
    from mastodon_mock.testing.server import MockServer

    server = MockServer()
    server.start()
    yield server.base_url
    server.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
