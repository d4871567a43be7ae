"""Servers that mean harm, and what they would leave behind: all that was printed, and every byte below the working folder."""

from __future__ import annotations

import base64
import html
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.proxy import FakeServer, FaultProxy

from .workplace import Workplace

AT_DEBUG = (
    "import logging; logging.basicConfig(level=1, format='%(name)s %(levelname)s %(message)s');"
    "from campaigner.cli.main import main; main()"
)
"""Every library writes down all that it ever would: more than any option of campaigner asks for."""


class Journal(FakeServer):
    """Writes down each whole request, and answers as it is told."""

    def __init__(self, reply: Callable[[Request], Answer] | None = None) -> None:
        super().__init__()
        self.seen: list[Request] = []
        self.reply = reply or (lambda request: Answer.json({}))

    def answer(self, request: Request) -> Answer:
        self.seen.append(request)
        return self.reply(request)


class Echo(FaultProxy):
    """Says back what it was sent to `path`, under one status after the other; everything else goes to the server behind."""

    def __init__(self, upstream: str, path: str, statuses: tuple[int, ...], location: str = "") -> None:
        super().__init__(upstream)
        self.path, self.location = path, location
        self.statuses = list(statuses)
        self.said = 0

    def answer(self, request: Request) -> Answer:
        if request.method != "POST" or not request.path.startswith(self.path) or not self.statuses:
            return super().answer(request)
        self.said += 1
        status = self.statuses.pop(0)
        headers = {"Location": self.location + quote(credentials_in(request))} if 300 <= status < 400 else {}
        return told(status, f"You sent {credentials_in(request)}", headers)


def credentials_in(request: Request) -> str:
    return f"{request.headers.get('authorization', '')} {request.body.decode('latin-1')}"


def told(status: int, words: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error whose words stand wherever a platform has them."""
    return said({"error": words, "message": words, "title": "Odd", "detail": words}, status, headers)


def said(fields: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """JSON in ASCII, which can say what no encoding can: half a character."""
    return Answer(
        status=status, headers={"Content-Type": "application/json", **(headers or {})}, body=json.dumps(fields).encode()
    )


def run_at_debug(place: Workplace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process where all logging goes to stderr."""
    return subprocess.run(
        [sys.executable, "-c", AT_DEBUG, *arguments],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def left_behind(place: Workplace, *outputs: subprocess.CompletedProcess[str]) -> bytes:
    """What these commands printed, and every file below the folder with its name: ledger, write-ahead log, locks, bugs."""
    printed = "".join(done.stdout + done.stderr for done in outputs).encode()
    return printed + b"".join(str(path).encode() + content_of(path) for path in files_below(place.folder))


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def content_of(path: Path) -> bytes:
    """SQLite's pages hold a text as it is, as long as it fits on one; all texts of these tests do."""
    return path.read_bytes()


def forms_of(secret: str) -> set[bytes]:
    """A secret as it is, and in the dresses that it wears on the wire, in JSON and on a page."""
    plain = secret.encode()
    sure = base64.b64encode(plain).decode().rstrip("=")[:-1]
    forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], html.escape(secret), sure, repr(secret)[1:-1]}
    return {form.encode() for form in forms}


def assert_nowhere(secret: str, traces: bytes) -> None:
    for form in forms_of(secret):
        at = traces.find(form)
        assert at < 0, traces[max(0, at - 200) : at + 200]


def install(folder: Path, module: str, code: str, *entry_points: str) -> Path:
    """A third party's package, with these platforms, as an installer leaves it in the folder."""
    (folder / f"{module}.py").write_text(code)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(["[campaigner.platforms]", *entry_points, ""]))
    return folder
