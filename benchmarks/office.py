"""An office for a benchmark: a folder with config and campaigns, a server that takes its posts, and the real command on both."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
COMMAND = str(Path(sys.executable).with_name("campaigner"))
PATIENCE = 120
"""Seconds after which something will not happen any more."""


@dataclass(frozen=True)
class Spent:
    """What one process took to its end: seconds, seconds of a processor (its children's too), and what it printed."""

    seconds: float
    cpu: float
    output: str


def spent(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Spent:
    """Run a command to its end; one that ends with another code than these is no measurement."""
    begun, cpu = time.perf_counter(), cpu_of_children()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode not in codes:
        raise SystemExit(
            f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return Spent(seconds, cpu_of_children() - cpu, done.stdout)


def cpu_of_children() -> float:
    """Seconds of a processor of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def sink(latency: float = 0.0) -> Iterator[str]:
    """The address of a server that takes `latency` seconds for an answer."""
    process = subprocess.Popen([sys.executable, HERE / "sink.py", str(latency)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


def tally(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/tally") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def wait_until(is_so: Callable[[], bool], step: float = 0.2) -> None:
    """Return when it is so, or when it will not be any more: the figures tell which."""
    ends_at = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < ends_at:
        time.sleep(step)


@dataclass(frozen=True)
class Office:
    """One folder with so many accounts, and the campaigns that are written into it."""

    folder: Path
    accounts: int

    def write(self, name: str, messages: Mapping[str, str], day: str = "2026-12-18") -> None:
        """A campaign with a message for each name, and when: for all accounts, in English."""
        texts = {key: {"at": at, "text": {"en": f"Text {key} of {name}"}} for key, at in messages.items()}
        campaign = {"campaign": name, "observance": day, "editions": [int(day[:4])], "languages": ["en"],
                    "accounts": "all", "messages": texts}  # fmt: skip
        (self.folder / "campaigns" / f"{name}.yaml").write_text(json.dumps(campaign, indent=1), "utf-8")

    def environment(self, clock: str, probe: str = "") -> dict[str, str]:
        """`probe`: what is looked at inside, as probe/sitecustomize.py has it."""
        tokens = {f"TOKEN_{number}": f"token-{number}" for number in range(self.accounts)}
        probing = {"PYTHONPATH": str(HERE / "probe"), "CAMPAIGNER_PROBE": probe} if probe else {}
        return {**os.environ, **tokens, **probing, "CAMPAIGNER_CLOCK": clock}

    def run(self, clock: str, *arguments: str, probe: str = "") -> Spent:
        return spent([COMMAND, *arguments], self.folder, self.environment(clock, probe))

    def accept(self) -> Spent:
        """Take the campaigns into the ledger: it looks twice, two seconds of its clock apart."""
        return self.run(at("07:30:00", 20), "run", "--once")

    @contextmanager
    def daemon(self, clock: str) -> Iterator[subprocess.Popen[bytes]]:
        environment, nowhere = self.environment(clock, f"clock:{self.folder / 'begun'}"), subprocess.DEVNULL
        process = subprocess.Popen([COMMAND, "run"], cwd=self.folder, env=environment, stdout=nowhere, stderr=nowhere)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def due(self, started: str, time_of_day: str, speed: int = 1) -> float:
        """When, by the machine's clock, it was that time for the daemon whose clock was started at `started`."""
        begun = float((self.folder / "begun").read_text("utf-8"))
        return begun + (instant(time_of_day) - instant(started)).total_seconds() / speed

    def states(self, clock: str) -> dict[str, str]:
        """What `status` says of each post, by key."""
        asked = spent([COMMAND, "status", "--json"], self.folder, self.environment(clock), range(6))
        return {post["key"]: post["state"] for post in json.loads(asked.output)["posts"]}


@contextmanager
def office(url: str, accounts: int) -> Iterator[Office]:
    """An empty office; nothing is posted before somebody writes a campaign."""
    with TemporaryDirectory(prefix="campaigner-bench-") as name:
        folder = Path(name)
        (folder / "campaigns").mkdir()
        options = {"platform": "mastodon", "server": url, "languages": ["en"], "spacing": "0s"}
        config = {
            "timezone": "Europe/Helsinki",
            "campaigns": "campaigns/",
            "ledger": "sqlite:///state/campaigner.db",
            "accounts": {f"a{n}": {**options, "access_token": f"env:TOKEN_{n}"} for n in range(accounts)},
        }
        (folder / "config.yaml").write_text(json.dumps(config), "utf-8")
        yield Office(folder, accounts)


def at(time_of_day: str, speed: int = 1) -> str:
    """A clock for the command: the day of the posts, that many seconds in a second."""
    return f"{instant(time_of_day).isoformat()},{speed}"


def instant(time_of_day: str) -> datetime:
    return datetime.fromisoformat(f"2026-12-18T{time_of_day}+02:00")
