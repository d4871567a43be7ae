"""The daemon on the proof's stage: what it says is read as it comes, and it has to end well."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

from ..acceptance.workplace import COMMAND, at
from .stage import Stage, wait_for

ROOT = Path(__file__).parents[2]


@contextmanager
def daemon(
    made: Stage, command: Sequence[str] = (COMMAND, "run"), *, is_killed: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """A daemon that is told to end, afterwards; or that `is_killed`, by somebody else."""
    process = subprocess.Popen(
        command,
        cwd=made.place.folder,
        env={**made.place.environment_now(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    reader = threading.Thread(target=_read, args=(process.stdout, said, made.printed))
    reader.start()
    try:
        yield process
    finally:
        if not is_killed:
            process.send_signal(signal.SIGTERM)
        ended = _ended(process)
        reader.join()
        process.stdout.close()
    if ended != (-signal.SIGKILL if is_killed else 0) or "Traceback" in "".join(said):
        made.strange.append(f"`run` ended with {ended}: {' / '.join(said[-3:])}")


def let_pass(made: Stage, duration: timedelta, *, to_the_end: bool = False) -> None:
    """Time goes by on the daemon's clock, until the post is settled."""
    ends_at = max(made.place.now(), at("08:00:00")) + duration
    wait_for(lambda: made.place.now() >= ends_at or (made.is_over() and not to_the_end), 300)


def _ended(process: subprocess.Popen[str]) -> int | None:
    """How it ended; None when it did not, and had to be killed."""
    try:
        return process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _read(stream: IO[str], *lists: list[str]) -> None:
    for line in iter(stream.readline, ""):
        for printed in lists:
            printed.append(line)
