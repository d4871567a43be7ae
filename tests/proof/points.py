"""SIGKILL at every numbered point of a delivery's life: a thread of two parts with an image, on every class of platform.

Under both engines: cron's two runs, and the daemon, where what it does for the post is numbered.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ..acceptance.workplace import COMMAND, at
from .daemon import daemon, let_pass
from .stage import CRON, PUBLISH, Row, Stage, stage, wait_for

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
SENDS = list(RUNS)[-1]
DAEMON = "of the daemon"
SPEED = 20.0
"""Of the daemon's clock until it is killed: six seconds before the post is due, in which it begins, and asks ahead who we are."""
SPEED_AFTER = 120.0
AT_WORK_SECONDS = 0.5
NEVER = "0"
SENDING = "the upload was written, and “sending” for part 1"
SENDING_NEXT = "the receipt of part 1 was written, and “sending” for part 2"
ACTS: Mapping[str, Sequence[str]] = {
    "write files": ["the files were accepted"],
    "write run": ["the run was written down", "the end of the run was written down"],
    "write identity": ["it was written down who the account is"],
    "write claim": ["the post was claimed, its whole content stored"],
    "write upload+sending": [SENDING],
    "write receipt+sending": [SENDING_NEXT],
    "write receipt": ["the receipt of part 2 was written"],
    "save tokens": ["the tokens were saved"],
    "call POST /xrpc/com.atproto.server.createSession": ["the server was asked to sign us in"],
    "call GET /api/v1/accounts/verify_credentials": ["the server was asked who we are"],
    "call GET /xrpc/com.atproto.server.getSession": ["the server was asked who we are"],
    "call GET /2/users/me": ["the server was asked who we are"],
    "call GET /api/v1/accounts/ID/statuses": ["the account was looked at"],
    "call GET /xrpc/com.atproto.repo.getRecord": ["the account was looked at"],
    "call GET /xrpc/com.atproto.repo.listRecords": ["the posts of its moment were looked at"],
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
    """A moment right after `name`; the `number`th of its run. Number 0: `part` is still in the server's hands.

    `act` is what the process calls it: how many times it was done, and what. Some are done side by side, so their order
    may be another one the next time.
    """

    run: str
    number: int
    name: str
    act: str = ""
    part: int = 0

    def expected(self, platform: str) -> str:
        """How the post should end: a person is asked only where nothing else can know."""
        return "in doubt" if platform == "X" and "“sending”" in self.name else "published"


def points_of(platform: str) -> list[Point]:
    """The points that a post passes when nothing goes wrong, in order, and those at which the server is at work."""
    return [*points_of_cron(platform), *points_of_daemon(platform)]


def points_of_cron(platform: str) -> list[Point]:
    """Those of cron's two runs."""
    found = []
    with _stage(platform) as made:
        for run in RUNS:
            found += _numbered(run, _run(made, run, NEVER))
        _check_is_out(made)
    return found + [_at_work(SENDS, part) for part in range(len(TEXTS))]


def points_of_daemon(platform: str) -> list[Point]:
    """Those of the daemon."""
    with _stage(platform) as made:
        made.accept()
        found = _numbered(DAEMON, _run_daemon(made, NEVER))
        _check_is_out(made)
    return found + [_at_work(DAEMON, part) for part in range(len(TEXTS))]


def _check_is_out(made: Stage) -> None:
    assert made.strange == [], made.strange
    assert tuple(made.fake.texts) == TEXTS


def run_point(platform: str, point: Point) -> Row:
    """Kill at one point; then all goes on, as if nobody had noticed."""
    with _stage(platform) as made:
        if point.run == DAEMON:
            _kill_daemon(made, point)
        else:
            kill_cron(made, point)
            if point.run != SENDS:
                made.place.move_to(at("08:00:30"))
                made.run()
            made.cron(15)
        return made.row(point.name, point.run)


def kill_cron(made: Stage, point: Point) -> None:
    """Cron's runs up to the point at which one is killed."""
    if point.run == SENDS:
        _run(made, next(iter(RUNS)), NEVER)
    if point.number:
        _run(made, point.run, point.act)
    else:
        with _at_work_on(made, point.part):
            made.place.move_to(RUNS[point.run])
            process = made.place.start_process("run", "--once")
            made.fake.waiting.wait(60)
            process.kill()
            made.printed += process.communicate()[0].splitlines()


def _kill_daemon(made: Stage, point: Point) -> None:
    made.accept()
    if point.number:
        _run_daemon(made, point.act)
    else:
        with _at_work_on(made, point.part), _started(made, [COMMAND, "run"], is_killed=True) as process:
            made.fake.waiting.wait(60)
            process.kill()
    made.place.speed = SPEED_AFTER
    made.place.move_to(max(made.place.now(), at("08:00:05")))
    with daemon(made):
        let_pass(made, timedelta(minutes=15))
        # A twin would come now, if one did.
        let_pass(made, CRON, to_the_end=True)


@contextmanager
def _stage(platform: str) -> Iterator[Stage]:
    with stage(platform, TEXTS) as made:
        made.prepare(MESSAGE)
        (made.place.folder / "campaigns" / "dot.png").write_bytes(PNG)
        yield made


def _run(made: Stage, run: str, deadly: str) -> list[str]:
    """One run of cron, up to its deadly point; returns the points that it reached."""
    place = made.place
    place.speed = 20.0 if RUNS[run] < at("08:00:00") else 1.0
    place.move_to(RUNS[run])
    environment = {**place.environment_now(), "PYTHONPATH": str(ROOT)}
    command = [*_killed(made, deadly), "run", "--once"]
    done = subprocess.run(
        command, cwd=place.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    made.printed += done.stdout.splitlines()
    place.speed = 1.0
    place.move_to(RUNS[run])
    if done.returncode != (0 if deadly == NEVER else -signal.SIGKILL):
        made.strange.append(f"it ended with {done.returncode} and not as it should: {done.stderr}")
    return _log(made)


def _run_daemon(made: Stage, deadly: str) -> list[str]:
    """The daemon, up to its deadly point or until the post is out; returns the points that it reached."""
    with _started(made, [*_killed(made, deadly), "run"], is_killed=deadly != NEVER) as process:
        wait_for(lambda: made.is_over() if deadly == NEVER else process.poll() is not None, 60)
    return _log(made)


@contextmanager
def _started(made: Stage, command: Sequence[str], *, is_killed: bool) -> Iterator[subprocess.Popen[str]]:
    place = made.place
    place.speed = SPEED
    place.move_to(at("08:00:00") - timedelta(seconds=6 * SPEED))
    with daemon(made, command, is_killed=is_killed) as process:
        yield process


def _killed(made: Stage, deadly: str) -> list[str]:
    return [sys.executable, "-m", "tests.proof.killed", deadly, str(made.place.folder / "points")]


def _log(made: Stage) -> list[str]:
    return (made.place.folder / "points").read_text("utf-8").splitlines()


@contextmanager
def _at_work_on(made: Stage, part: int) -> Iterator[None]:
    """Kill meanwhile: the server is at work on a part, and carries out what nobody waits for any more."""
    fake = made.fake
    path = PUBLISH[fake.platform]
    fake.fault("late", path_prefix=path, method="POST", after=part, seconds=AT_WORK_SECONDS)
    yield
    if not wait_for(lambda: len(fake.journal) > part, 10):
        made.strange.append("the server did not carry out what it was at work on")


def _at_work(run: str, part: int) -> Point:
    name = f"the server got part {part + 1}, and publishes it a little later"
    return Point(run=run, number=0, name=name, part=part)


def _numbered(run: str, log: Sequence[str]) -> list[Point]:
    seen: Counter[str] = Counter()
    found = []
    for number, act in enumerate(log, 1):
        names = ACTS.get(act, [act])
        name = names[min(seen[act], len(names) - 1)]
        seen[act] += 1
        found.append(Point(run=run, number=number, name=name, act=f"{seen[act]} {act}"))
    return found
