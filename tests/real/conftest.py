"""Servers that nobody here wrote: a Bluesky PDS from npm (`make real` installs it), and mastodon-mock from PyPI."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import requests

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".real" / "pds"
START_SECONDS = 60


@dataclass(frozen=True)
class Pds:
    """A running PDS, and one account on it."""

    url: str
    did: str
    handle: str
    app_password: str

    def records(self) -> list[dict[str, Any]]:
        """The account's posts, newest key first."""
        records: list[dict[str, Any]] = []
        params: dict[str, Any] = {"repo": self.did, "collection": "app.bsky.feed.post", "limit": 100}
        while True:
            page = _json(requests.get(f"{self.url}/xrpc/com.atproto.repo.listRecords", params=params, timeout=10))
            records.extend(page["records"])
            if "cursor" not in page:
                return records
            params["cursor"] = page["cursor"]


@dataclass(frozen=True)
class MastodonMock:
    """A running mastodon-mock, and one account on it."""

    url: str
    access_token: str

    def statuses(self) -> list[dict[str, Any]]:
        """The account's posts, newest first."""
        statuses: list[dict[str, Any]] = []
        account_id = self._get("verify_credentials")["id"]
        while page := self._get(
            f"{account_id}/statuses", limit="40", **({"max_id": statuses[-1]["id"]} if statuses else {})
        ):
            statuses.extend(page)
        return statuses

    def _get(self, path: str, **params: str) -> Any:
        headers = {"Authorization": f"Bearer {self.access_token}"}
        return _json(requests.get(f"{self.url}/api/v1/accounts/{path}", params=params, headers=headers, timeout=10))


@pytest.fixture(scope="session")
def pds_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    node = shutil.which("node")
    if node is None or not (INSTALLED / "node_modules" / "@atproto" / "pds").is_dir():
        pytest.skip("needs node and the Bluesky PDS: `make real`")
    data = tmp_path_factory.mktemp("pds")
    (data / "blobs").mkdir()
    command = [node, HERE / "pds.mjs", INSTALLED, data, *free_ports(2)]
    environment = {
        "PATH": os.environ["PATH"]
    }  # LOG_ENABLED and its like stay outside: nobody reads a log from this pipe
    with (data / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            yield _announced(process, data / "log")
        finally:
            process.kill()
            process.communicate()


def _announced(process: subprocess.Popen[str], log: Path) -> str:
    """The URL in its first line; a server that says nothing in time is ended, which ends the reading too."""
    assert process.stdout is not None
    timer = Timer(START_SECONDS, process.kill)
    timer.start()
    line = process.stdout.readline()
    timer.cancel()
    assert line.startswith('{"url":'), line + log.read_text()
    return str(json.loads(line)["url"])


@pytest.fixture
def pds(pds_url: str) -> Pds:
    """An account of its own for every test."""
    name = f"u{uuid.uuid4().hex[:12]}"
    account = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": "password-1"}
    made = _xrpc(pds_url, "com.atproto.server.createAccount", account)
    password = _xrpc(pds_url, "com.atproto.server.createAppPassword", {"name": "campaigner"}, made["accessJwt"])
    return Pds(pds_url, made["did"], made["handle"], password["password"])


def _xrpc(url: str, method: str, body: dict[str, Any], token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return _json(requests.post(f"{url}/xrpc/{method}", json=body, headers=headers, timeout=20))


def _json(answer: requests.Response) -> Any:
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture
def mastodon_mock() -> Iterator[MastodonMock]:
    """A server of its own for every test: it starts in less than a second, with nothing posted."""
    server = pytest.importorskip("mastodon_mock.testing.server", reason="needs mastodon-mock").MockServer()
    server.start()
    yield MastodonMock(server.base_url, "alice_token")  # an account that every mastodon-mock has
    server.stop()


def free_ports(count: int) -> list[str]:
    """Different ones: all are held until the last is found."""
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in found]
