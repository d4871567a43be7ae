"""SIGKILL at every numbered point of a delivery's life: a thread of two parts with an image, on every class of platform."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..acceptance.workplace import at
from .stage import PUBLISH, Row, Stage, stage, wait_for

ROOT = Path(__file__).parents[2]
TEXTS = ("Good morning", "And more of it")
PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
MESSAGE = {
    "at": "08:00",
    "text": {"en": TEXTS[0]},
    "images": [{"file": "dot.png", "alt": {"en": "A dot"}}],
    "thread": [{"text": {"en": TEXTS[1]}}],
}
RUNS: Mapping[str, datetime] = {"before it is due": at("07:58:30"), "when it is due": at("08:00:30")}
"""The two runs of a post's life: one reads the files and accepts them, one sends."""
AT_WORK_SECONDS = 0.5
ACTS: Mapping[str, Sequence[str]] = {
    "write Ledger.enter": ["the process was written down"],
    "write accept": ["the files were written down", "it was written down when each post was accepted"],
    "write Turner._tidy": ["dead processes were buried"],
    "write Dispatcher._drain": ["the account's lane was taken", "the lane was given back"],
    "write WhoWeAre.identity": ["it was written down who the account is"],
    "write Deliverer._claim": ["the post was claimed, its whole content stored"],
    "write Deliverer._upload": ["the upload was written down"],
    "write Deliverer.publish": ["“sending” was written for part 1", "“sending” was written for part 2"],
    "write Deliverer.settle_receipt": ["the receipt of part 1 was written", "the receipt of part 2 was written"],
    "write Ledger.close": ["the end of the process was written down"],
    "save tokens": ["the tokens were saved"],
    "call POST /xrpc/com.atproto.server.createSession": ["the server was asked to sign us in"],
    "call GET /api/v1/accounts/verify_credentials": ["the server was asked who we are"],
    "call GET /xrpc/com.atproto.server.getSession": ["the server was asked who we are"],
    "call GET /2/users/me": ["the server was asked who we are"],
    "call GET /api/v1/accounts/ID/statuses": ["the account was looked at"],
    "call GET /xrpc/com.atproto.repo.getRecord": ["the account was looked at"],
    "call GET /2/users/ID/tweets": ["the account was looked at"],
    "call POST /api/v2/media": ["the image was uploaded"],
    "call POST /xrpc/com.atproto.repo.uploadBlob": ["the image was uploaded"],
    "call POST /2/media/upload": ["the image was uploaded"],
    "call POST /2/media/metadata": ["the image got its alt text"],
    **{
        f"call POST {path}": ["the server published part 1", "the server published part 2"] for path in PUBLISH.values()
    },
}
"""What the points are called; the same act a second time has the second name. What is not here is shown as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A moment right after `name`; the `number`th of its run. Number 0: `part` is still in the server's hands."""

    run: str
    number: int
    name: str
    part: int = 0


def points_of(platform: str) -> list[Point]:
    """The points that a post passes when nothing goes wrong, in order, and those at which the server is at work."""
    found = []
    with _stage(platform) as made:
        for run in RUNS:
            log = _run(made, run, 0)
            assert made.strange == [], made.strange
            found += [Point(run=run, number=n, name=name) for n, name in enumerate(_named(log), 1)]
        assert tuple(made.standin.texts) == TEXTS
    return found + [_at_work(part) for part in range(len(TEXTS))]


def run_point(platform: str, point: Point) -> Row:
    """Kill at one point; then cron goes on, as if nobody had noticed."""
    with _stage(platform) as made:
        for run in RUNS:
            if run != point.run:
                _run(made, run, 0)
            elif point.number:
                _run(made, run, point.number)
                break
            else:
                _run_while_at_work(made, run, point.part)
                break
        if point.run != list(RUNS)[-1]:
            made.place.move_to(at("08:00:30"))
            made.run()
        made.cron(15)
        return made.row(point.name, point.run)


@contextmanager
def _stage(platform: str) -> Iterator[Stage]:
    with stage(platform, TEXTS) as made:
        made.prepare(MESSAGE)
        (made.place.folder / "campaigns" / "dot.png").write_bytes(PNG)
        yield made


def _run(made: Stage, run: str, deadly: int) -> list[str]:
    """One run of cron, up to its deadly point; returns the points that it reached."""
    place = made.place
    place.speed = 20.0 if RUNS[run] < at("08:00:00") else 1.0
    place.move_to(RUNS[run])
    log = place.folder / "points"
    command = [sys.executable, "-m", "tests.proof.killed", str(deadly), str(log), "run", "--once"]
    environment = {**place.environment_now(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=place.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    made.printed += done.stdout.splitlines()
    place.speed = 1.0
    place.move_to(RUNS[run])
    if done.returncode != (-signal.SIGKILL if deadly else 0):
        made.strange.append(f"it ended with {done.returncode} and not as it should: {done.stderr}")
    return log.read_text("utf-8").splitlines()


def _run_while_at_work(made: Stage, run: str, part: int) -> None:
    """Kill while the server is at work on a part: it carries out what nobody waits for any more."""
    standin, place = made.standin, made.place
    path = PUBLISH[standin.platform]
    standin.fault("late", path_prefix=path, method="POST", after=part, seconds=AT_WORK_SECONDS)
    place.move_to(RUNS[run])
    process = place.start_process("run", "--once")
    standin.waiting.wait(60)
    os.kill(process.pid, signal.SIGKILL)
    made.printed += process.communicate()[0].splitlines()
    if not wait_for(lambda: len(standin.journal) > part, 10):
        made.strange.append("the server did not carry out what it was at work on")


def _at_work(part: int) -> Point:
    name = f"the server got part {part + 1}, and publishes it a little later"
    return Point(run=list(RUNS)[-1], number=0, name=name, part=part)


def _named(log: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for act in log:
        names = ACTS.get(act, [act])
        yield names[min(seen[act], len(names) - 1)]
        seen[act] += 1
