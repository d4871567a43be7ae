"""What people would write themselves, each a whole process: `python benchmarks/peers.py KIND URL POSTS ACCOUNTS WORKERS`.

`raw` posts with `requests` and records nothing; `cron` reads what is due from a YAML file and writes two rows a post into
SQLite; `apscheduler` has a job a post in its SQL store.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests

LOCAL = threading.local()
DONE = threading.Semaphore(0)


def post(url: str, account: int, number: int) -> None:
    """One post, on the connection that this thread keeps."""
    if not hasattr(LOCAL, "session"):
        LOCAL.session = requests.Session()
    LOCAL.session.post(
        f"{url}/api/v1/statuses",
        json={"status": f"text {number}", "language": "en"},
        headers={"Authorization": f"Bearer token-{account}", "Idempotency-Key": str(number)},
        timeout=30,
    ).raise_for_status()


def raw(url: str, posts: int, accounts: int, workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda number: post(url, number % accounts, number), range(posts)))


def cron(url: str, posts: int, accounts: int, workers: int) -> None:
    import yaml

    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.yaml"
        lines = (f"- {{id: {number}, account: {number % accounts}, at: 08:00}}\n" for number in range(posts))
        plan.write_text("".join(lines), "utf-8")
        database = sqlite3.connect(Path(folder) / "sent.db", check_same_thread=False, isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE sent (id INTEGER PRIMARY KEY, state TEXT)")
        lock = threading.Lock()

        def send(row: dict[str, int]) -> None:
            with lock:
                database.execute("INSERT INTO sent VALUES (?, 'sending')", (row["id"],))
            post(url, row["account"], row["id"])
            with lock:
                database.execute("UPDATE sent SET state = 'sent' WHERE id = ?", (row["id"],))

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(send, yaml.load(plan.read_text("utf-8"), Loader=yaml.CSafeLoader)))
        database.close()


def job(url: str, account: int, number: int) -> None:
    post(url, account, number)
    DONE.release()


def apscheduler(url: str, posts: int, accounts: int, workers: int) -> None:
    from apscheduler.executors.pool import ThreadPoolExecutor as Pool
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    with tempfile.TemporaryDirectory() as folder:
        scheduler = BackgroundScheduler(
            jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")},
            executors={"default": Pool(workers)},
            job_defaults={"misfire_grace_time": None, "max_instances": 1},
            timezone=UTC,
        )
        due_at = datetime.now(UTC) + timedelta(seconds=1)
        for number in range(posts):
            scheduler.add_job(
                "benchmarks.peers:job", "date", run_date=due_at, args=[url, number % accounts, number], id=str(number)
            )
        scheduler.start()
        for _ in range(posts):
            DONE.acquire()
        scheduler.shutdown()


PEERS = {"raw": raw, "cron": cron, "apscheduler": apscheduler}

if __name__ == "__main__":
    # The jobs name their function by its module: this one, and not a second copy of it.
    sys.modules["benchmarks.peers"] = sys.modules[__name__]
    PEERS[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:6]))
