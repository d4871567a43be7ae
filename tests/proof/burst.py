"""`kill -9` at random moments of bursts of 500 posts, with two processes on one ledger: nothing twice, nothing lost unsaid."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil
from pathlib import Path

from campaigner.engine.worker_pool import WORKERS
from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import QUOTAS, FakeMastodon
from campaigner.fakes.x import FakeX

from ..acceptance.workplace import COMMAND, Workplace, account, at, campaign
from .stage import PUBLISH, ServerClock, wait_for

ACCOUNTS = 100
MESSAGES = 5
POSTS = ACCOUNTS * MESSAGES
MOST_IN_DOUBT = WORKERS + WORKERS // 4
"""What one death may leave in doubt, by design."""
LONGEST_PAUSE = 1.2
AT_WORK_SECONDS = 0.5
PLENTY = {name: replace(quota, calls=100_000) for name, quota in QUOTAS.items()}
SERVERS: Sequence[tuple[Callable[..., FakePlatform], str]] = (
    (partial(FakeMastodon, key_mode="ignored", quotas=PLENTY), "late"),
    (FakeX, "delay"),
    (FakeBluesky, "late"),
    (partial(FakeMastodon, quotas=PLENTY), "delay"),
)
"""A burst each: which server, and whether it carries a call out after the time that it is at work on it, or before."""
TWIN_SECONDS = 4.0
"""How long the clock, a minute a second, goes on when all is settled: a twin would come now, if one did."""
DIED = "the process ended while it was being sent"
STILL_OPEN = frozenset({"due", "claimed", "sending", "in-doubt"})


@dataclass(slots=True)
class Tally:
    """What became of all bursts. `most_in_doubt` is what one kill left in doubt, at the most."""

    bursts: int = 0
    posts: int = 0
    kills: int = 0
    twice: int = 0
    not_there: int = 0
    unsaid: int = 0
    in_doubt: int = 0
    most_in_doubt: int = 0
    strange: list[str] = field(default_factory=list)

    @property
    def broken(self) -> str:
        """In what way the promise was not kept; empty where it was."""
        reasons = list(self.strange)
        if self.twice:
            reasons.append(f"{self.twice} posts TWICE")
        if self.unsaid:
            reasons.append(f"{self.unsaid} posts NOT THERE, AND NOBODY WAS TOLD")
        if self.most_in_doubt > MOST_IN_DOUBT:
            reasons.append(f"one kill left {self.most_in_doubt} posts in doubt")
        return "; ".join(reasons)


def run_bursts(
    kills: int,
    chance: random.Random,
    say: Callable[[str], None],
    servers: Sequence[tuple[Callable[..., FakePlatform], str]] = SERVERS,
) -> Tally:
    """Burst after burst, until so many processes were killed; every server gets its share."""
    tally = Tally()
    share = ceil(kills / len(servers))
    while tally.kills < kills and not tally.broken:
        make, slowness = servers[tally.bursts % len(servers)]
        with _burst(make, slowness) as burst:
            burst.kill_and_start(min(share, kills - tally.kills), chance, tally)
            burst.finish(tally)
        say(f"burst {tally.bursts}: {tally.kills} kills, {tally.twice} twice, {tally.unsaid} lost unsaid")
    return tally


@contextmanager
def _burst(make: Callable[..., FakePlatform], slowness: str) -> Iterator[_Burst]:
    with tempfile.TemporaryDirectory(prefix="campaigner-proof-") as folder:
        place = Workplace(Path(folder), at("07:00:00"), speed=20.0)
        names = tuple(f"a{number}" for number in range(ACCOUNTS))
        with make(accounts=names, clock=ServerClock(place)) as server:
            made = _Burst(place, server)
            made.accept()
            path = PUBLISH[server.platform]
            server.fault(slowness, path_prefix=path, method="POST", times=None, seconds=AT_WORK_SECONDS)
            try:
                yield made
            finally:
                made.end()


class _Burst:
    """One working folder with many accounts of five posts each, all due at 08:00."""

    def __init__(self, place: Workplace, server: FakePlatform) -> None:
        self.place = place
        self.server = server
        self.messages = {f"m{n}": {"at": "08:00", "text": {"en": f"Message {n}"}} for n in range(MESSAGES)}
        self._running: list[subprocess.Popen[str]] = []

    def accept(self) -> None:
        accounts = {
            name: {**account(self.server, ["en"]), **self.server.options(name)} for name in self.server.accounts
        }
        self.place.write_config(accounts)
        self.place.write("campaigns/migrants-day.yaml", campaign(self.messages, languages=["en"]))
        done = self.place.run("run", "--once")
        assert done.returncode == 0, done.stderr
        self.place.speed = 1.0
        self.place.move_to(at("07:59:57"))

    def kill_and_start(self, kills: int, chance: random.Random, tally: Tally) -> None:
        """Two processes; one of them is killed at any moment and started again, until all is out or it is enough."""
        self._running = [self._start(), self._start()]
        wait_for(lambda: bool(self.server.requests), 60)
        for _ in range(kills):
            time.sleep(chance.random() * LONGEST_PAUSE)
            if len(self.server.journal) >= POSTS:
                break
            victim = chance.randrange(len(self._running))
            self._running[victim].kill()
            self._running[victim].wait()
            self._running[victim] = self._start()
            tally.kills += 1

    def finish(self, tally: Tally) -> None:
        """Both go on, unkilled and at a minute a second, till nothing moves by itself any more; then count."""
        self.server.faults.clear()
        self.end()
        self.place.speed = 60.0
        self.place.move_to(self.place.now())
        self._running = [self._start(), self._start()]
        if not wait_for(self._is_settled, 240):
            tally.strange.append("a burst did not settle")
        time.sleep(TWIN_SECONDS)
        self.end()
        self._count(tally)

    def end(self) -> None:
        """Tell the processes to end, and wait for it. One that has only just begun ends at once."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(60) for process in self._running]
        self._running = []
        said = (self.place.folder / "printed").read_text("utf-8", "replace")
        assert set(ended) <= {0, -signal.SIGTERM}, (ended, said[-2000:])
        assert "Traceback" not in said, said[-2000:]

    def _start(self) -> subprocess.Popen[str]:
        with (self.place.folder / "printed").open("a") as printed:
            return subprocess.Popen(
                [COMMAND, "run"],
                cwd=self.place.folder,
                env=self.place.environment_now(),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def _count(self, tally: Tally) -> None:
        there = Counter((posted.account, posted.text) for posted in self.server.journal)
        missing = [key for key, pair in self._wanted().items() if not there[pair]]
        told = self.place.run("status", "--attention").stdout
        left = [count for (count,) in self._ask(LEFT_IN_DOUBT)]
        tally.bursts += 1
        tally.posts += POSTS
        tally.twice += sum(count - 1 for count in there.values())
        tally.not_there += len(missing)
        tally.unsaid += sum(key not in told for key in missing)
        tally.in_doubt += sum(left)
        tally.most_in_doubt = max([tally.most_in_doubt, *left])

    def _wanted(self) -> Mapping[str, tuple[str, str]]:
        """Which text each KEY puts on which account."""
        return {
            f"migrants-day/2020/{name}/{account}/en": (account, message["text"]["en"])
            for name, message in self.messages.items()
            for account in self.server.accounts
        }

    def _is_settled(self) -> bool:
        """Nothing moves by itself any more; a doubt about X is a person's."""
        states = [state for (state,) in self._ask(STATES)]
        is_open = STILL_OPEN - {"in-doubt"} if self.server.platform == "x" else STILL_OPEN
        return len(states) == POSTS and not is_open.intersection(states)

    def _ask(self, question: str) -> list[tuple[object, ...]]:
        path = self.place.folder / "state" / "campaigner.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as ledger:
            return ledger.execute(question).fetchall()


STATES = "SELECT state FROM deliveries"
LEFT_IN_DOUBT = f"SELECT count(*) FROM delivery_attempts WHERE kind = 'publish' AND reason = '{DIED}' GROUP BY run_id"
