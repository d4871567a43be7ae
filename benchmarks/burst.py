"""A burst: posts that are all due at once, through the real daemon, beside what people would write themselves.

Every round runs each of them once, one after the other, against a new server. A time is that from the first publishing
call to the last, as the server saw them; seconds of a processor are the whole process's, its start too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from statistics import median

from .office import HERE, at, cpu_of_children, office, sink, spent, tally, wait_until
from .table import Row, spread

POSTS = 3000
WORKERS = 64
CASES = ((100, 0.0, "≤ 0.8"), (200, 0.1, "≤ 0.82"))
"""Accounts, how long the server takes for a call, and what is to be reached."""


def peer(kind: str) -> Callable[[str, int], tuple[float, float]]:
    def run(url: str, accounts: int) -> tuple[float, float]:
        command = [sys.executable, str(HERE / "peers.py"), kind, url, str(POSTS), str(accounts), str(WORKERS)]
        return spent(command, environment={**os.environ, "PYTHONPATH": str(HERE.parent)}).cpu, 0.0

    return run


def campaigner(url: str, accounts: int, posts: int = POSTS) -> tuple[float, float]:
    """The daemon, from a ledger that has accepted the file, started ten seconds before the posts are due.

    Seconds of a processor, and when they were due.
    """
    with office(url, accounts) as place:
        place.write("burst", {f"m{number}": "08:00" for number in range(posts // accounts)})
        place.accept()
        cpu = cpu_of_children()
        with place.daemon(at("07:59:50")):
            wait_until(lambda: tally(url)["posts"] >= posts, 0.5)
        return cpu_of_children() - cpu, place.due("07:59:50", "08:00:00")


KINDS: Mapping[str, Callable[[str, int], tuple[float, float]]] = {
    "raw `requests`": peer("raw"),
    "`campaigner run`": campaigner,
    "a cron script, YAML and SQLite": peer("cron"),
    "APScheduler 3, SQL store": peer("apscheduler"),
}


def rows(rounds: int) -> Iterator[Row]:
    for accounts, latency, aim in CASES:
        found = [{name: measured(run, latency, accounts) for name, run in KINDS.items()} for _ in range(rounds)]
        raw = [one["raw `requests`"] for one in found]
        for name, run in KINDS.items():
            mine = [one[name] for one in found]
            ratios = [one["seconds"] / other["seconds"] for one, other in zip(mine, raw, strict=True)]
            cpu = [one["cpu"] / other["cpu"] for one, other in zip(mine, raw, strict=True)]
            beside = (
                f"{median(one['seconds'] for one in mine):.1f} s, {max(one['connections'] for one in mine):.0f} connections, "
                f"{sum(one['twice'] for one in mine):.0f} twice, {sum(one['lost'] for one in mine):.0f} lost; "
                f"processor {spread(cpu, '{:.2f} ×')}"
            )
            if run is campaigner:
                beside += f"; the first {spread([1000 * one['late'] for one in mine], '{:.0f} ms')} after its time"
            figure = f"burst of {POSTS:,} posts, {accounts} accounts, {latency * 1000:.0f} ms a call: {name}"
            yield Row(figure, ratios, "{:.2f} × raw", aim if run is campaigner else "", beside)


def measured(run: Callable[[str, int], tuple[float, float]], latency: float, accounts: int) -> dict[str, float]:
    with sink(latency) as url:
        (cpu, due), found = run(url, accounts), tally(url)
    first, last = found["arrivals"][0], found["arrivals"][-1]
    late = first - due if due else 0.0
    return {**found, "seconds": last - first, "late": late, "cpu": cpu, "lost": POSTS - found["posts"]}


def connections(rounds: int) -> Iterator[Row]:
    counted = []
    for _ in range(rounds):
        with sink() as url:
            campaigner(url, 100, 1000)
            counted.append(tally(url)["connections"])
    yield Row("connections for 1,000 posts to one server", counted, "{:.0f}", f"≤ {WORKERS}")
