"""A burst: posts that are all due at once, through the real daemon, against what people would write themselves.

    python benchmarks/burst.py [ROUNDS [POSTS]]

Whole processes, one after the other in every round (5), against one server in a process of its own: at 0 ms a call over 100
accounts and at 100 ms over 200. A time is that from the first publishing call to the last, as the server saw them. Prints a
Markdown table: the median ratio to the raw `requests` script of the same round, with its range.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("campaigner")
WORKERS = 64
CASES = ((100, 0.0), (200, 0.1))
"""Accounts, and how long the server takes for a call."""
DUE = "2026-12-18T08:00:00+02:00"


@contextmanager
def sink(latency: float) -> Iterator[str]:
    """A server's address."""
    process = subprocess.Popen([sys.executable, HERE / "sink.py", str(latency)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


def tally(url: str) -> Mapping[str, float]:
    with urllib.request.urlopen(f"{url}/tally") as answer:
        found: Mapping[str, float] = json.load(answer)
    return found


def peer(kind: str) -> Callable[[str, int, int], None]:
    def run(url: str, posts: int, accounts: int) -> None:
        command = [sys.executable, HERE / "peers.py", kind, url, str(posts), str(accounts), str(WORKERS)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(HERE.parent)})

    return run


def campaigner(url: str, posts: int, accounts: int) -> None:
    """The daemon, from an empty ledger that has accepted the files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, url, posts, accounts)
        once = subprocess.run(
            [COMMAND, "run", "--once"],
            cwd=folder,
            env=clock("2026-12-18T07:50:00+02:00", 20),
            capture_output=True,
            check=False,
        )
        assert once.returncode == 0, once.stderr
        daemon = subprocess.Popen(
            [COMMAND, "run"], cwd=folder, env=clock("2026-12-18T07:59:50+02:00", 1),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            ends_at = time.monotonic() + 120
            while tally(url)["posts"] < posts and time.monotonic() < ends_at:
                time.sleep(0.5)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(60)


def write(folder: Path, url: str, posts: int, accounts: int) -> None:
    """As many accounts on the one server, and a message for each post of an account."""
    account = {"platform": "mastodon", "server": url, "access_token": "env:TOKEN", "languages": ["en"], "spacing": "0s"}
    config = {"timezone": "Europe/Helsinki", "campaigns": "campaigns/", "ledger": "sqlite:///state/campaigner.db",
              "accounts": {f"a{number}": account for number in range(accounts)}}  # fmt: skip
    messages = {f"m{number}": {"at": "08:00", "text": {"en": f"Text {number}"}} for number in range(posts // accounts)}
    campaign = {"campaign": "A burst", "observance": "18 December", "editions": [2026], "languages": ["en"],
                "accounts": "all", "messages": messages}  # fmt: skip
    (folder / "campaigns").mkdir()
    (folder / "config.yaml").write_text(json.dumps(config), "utf-8")
    (folder / "campaigns" / "burst.yaml").write_text(json.dumps(campaign), "utf-8")


def clock(start: str, speed: int) -> dict[str, str]:
    return {**os.environ, "CAMPAIGNER_CLOCK": f"{start},{speed}", "TOKEN": "token"}


KINDS: Mapping[str, Callable[[str, int, int], None]] = {
    "raw": peer("raw"),
    "`campaigner run`": campaigner,
    "a cron script, YAML and SQLite": peer("cron"),
    "APScheduler 3, SQL store": peer("apscheduler"),
}


def measured(run: Callable[[str, int, int], None], url: str, posts: int, accounts: int) -> Mapping[str, float]:
    urllib.request.urlopen(urllib.request.Request(f"{url}/reset", data=b"", method="POST")).close()
    run(url, posts, accounts)
    return tally(url)


def main() -> int:
    rounds, posts = (int(value) for value in (sys.argv[1:] + ["5", "3000"][len(sys.argv) - 1 :]))
    kept = True
    print(
        "| burst | × raw `requests` (range) | seconds | connections | twice | lost |\n| --- | --- | --- | --- | --- | --- |"
    )
    for accounts, latency in CASES:
        with sink(latency) as url:
            found = [{name: measured(run, url, posts, accounts) for name, run in KINDS.items()} for _ in range(rounds)]
        for name in KINDS:
            ratios = [one[name]["seconds"] / one["raw"]["seconds"] for one in found]
            seconds = statistics.median(one[name]["seconds"] for one in found)
            twice, lost = (sum(one[name]["twice"] for one in found), sum(posts - one[name]["posts"] for one in found))
            kept = kept and not (name == "`campaigner run`" and (lost))
            print(
                f"| {name}: {posts} posts, {accounts} accounts, {latency * 1000:.0f} ms | {statistics.median(ratios):.2f} "
                f"({min(ratios):.2f}–{max(ratios):.2f}) | {seconds:.2f} | {max(one[name]['connections'] for one in found):.0f} "
                f"| {twice:.0f} | {lost:.0f} |",
                flush=True,
            )
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
