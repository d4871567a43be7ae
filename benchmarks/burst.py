"""How much the ledger costs: a burst through lanes and ledger against the same HTTP calls without either.

usage: python benchmarks/burst.py [POSTS] [ACCOUNTS] [PAIRS]; prints the median of the paired ratios. A third line tells
how much slower the burst is on a disk that takes 5 ms more for each commit: ends with 1 above 1.1 times.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from campaigner.clock import SystemClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.job import Job
from campaigner.delivery.report import Outcome, Report
from campaigner.engine.dispatch import Dispatcher
from campaigner.ledger.ledger import Ledger
from campaigner.platforms.base import PartToSend
from campaigner.platforms.mastodon import MastodonAdapter, MastodonOptions, connect
from campaigner.post.key import PostKey
from campaigner.post.post import Part, Post

SLOW_DISK_SECONDS = 0.005
MOST_ON_A_SLOW_DISK = 1.1
DUE = datetime.now(UTC)
LATE = timedelta(hours=1)
WORKERS = 64


def adapter(url: str) -> MastodonAdapter:
    options = MastodonOptions.model_validate({"server": url, "access_token": {"kind": "env", "name": "T"}})
    return connect(options, {"access_token": "token"}, SystemClock())


def floor(url: str, posts: int, accounts: int) -> float:
    """The same publishing calls, side by side by account, with nothing written down."""

    def lane(account: int) -> None:
        made = adapter(url)
        made.identity()
        for number in range(account, posts, accounts):
            made.publish(
                PartToSend(text=f"text {number}", languages=("en",), token=str(number), due_at=DUE, created_at=DUE)
            )

    started = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lane, range(accounts)))
    return time.perf_counter() - started


def ours(url: str, posts: int, accounts: int) -> float:
    """Through dispatcher, delivery and a ledger on disk."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.open(Path(folder) / "ledger.db", SystemClock())
        ledger.enter("benchmark")
        reports: list[Report] = []
        lock = threading.Lock()

        def tell(report: Report) -> None:
            with lock:
                reports.append(report)

        def fail(error: Exception) -> None:
            raise error

        made = {f"a{number}": Deliverer(ledger, f"a{number}", adapter(url)) for number in range(accounts)}
        dispatcher = Dispatcher(ledger, made.__getitem__, tell, fail, workers=WORKERS)
        started = time.perf_counter()
        for number in range(posts):
            dispatcher.submit(job(number, f"a{number % accounts}"))
        dispatcher.wait_idle()
        took = time.perf_counter() - started
        dispatcher.close()
        ledger.close()
        assert sum(report.outcome is Outcome.PUBLISHED for report in reports) == posts
        return took


def job(number: int, account: str) -> Job:
    key = PostKey("burst", "2026", f"m{number}", account, "en")
    post = Post(
        key=key,
        platform="mastodon",
        languages=("en",),
        due_at=DUE,
        local_at=DUE,
        timezone="UTC",
        parts=(Part(text=f"text {number}"),),
    )
    return Job(key=key, due_at=DUE, late_until=DUE + LATE, spacing=timedelta(0), compose=lambda: post)


@contextmanager
def slow_disk() -> Iterator[None]:
    """Every commit takes 5 ms longer, of a ledger that is opened meanwhile."""

    def wait(statement: str) -> None:
        if statement == "COMMIT":
            time.sleep(SLOW_DISK_SECONDS)

    def slow_down(connection: Any, _record: object) -> None:
        connection.set_trace_callback(wait)

    sa.event.listen(sa.pool.Pool, "connect", slow_down)
    try:
        yield
    finally:
        sa.event.remove(sa.pool.Pool, "connect", slow_down)


def on_a_slow_disk(url: str, posts: int, accounts: int) -> float:
    with slow_disk():
        return ours(url, posts, accounts)


def main() -> int:
    slower = 0.0
    posts, accounts, pairs = (int(value) for value in (sys.argv[1:] + ["2000", "100", "3"][len(sys.argv) - 1 :]))
    for latency in (0.0, 0.1):
        sink = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("sink.py"), str(latency)], stdout=subprocess.PIPE, text=True
        )
        assert sink.stdout is not None
        url = f"http://127.0.0.1:{sink.stdout.readline().strip()}"
        try:
            found = [(floor(url, posts, accounts), ours(url, posts, accounts)) for _ in range(pairs)]
            # Pairs again, for the machine's own speed changes from one minute to the next.
            slow = [
                on_a_slow_disk(url, posts, accounts) / ours(url, posts, accounts)
                for _ in range(pairs if latency else 0)
            ]
        finally:
            sink.kill()
            sink.communicate()
        ratios = [mine / theirs for theirs, mine in found]
        seconds = statistics.median(mine for _, mine in found)
        print(
            f"latency {latency * 1000:.0f} ms: {posts} posts, {accounts} accounts in {seconds:.2f} s, "
            f"{statistics.median(ratios):.2f} times the bare calls ({min(ratios):.2f} to {max(ratios):.2f})"
        )
        if slow:
            slower = statistics.median(slow)
            print(
                f"on a disk that takes {SLOW_DISK_SECONDS * 1000:.0f} ms more for a commit: "
                f"{slower:.2f} times as long ({min(slow):.2f} to {max(slow):.2f})"
            )
    return int(slower > MOST_ON_A_SLOW_DISK)


if __name__ == "__main__":
    sys.exit(main())
