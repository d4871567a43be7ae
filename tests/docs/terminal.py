"""What a person sees of a command: it runs on a terminal of its own, of a given width."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Timer

PATIENCE = 120.0
"""Seconds after which a command is ended."""


def on_terminal(
    words: Sequence[str | Path],
    *,
    folder: Path,
    environment: Mapping[str, str],
    columns: int,
    interrupted_after: int | None = None,
) -> tuple[str, int]:
    """All that is written, and the exit code. After so many lines Ctrl-C is pressed, where a number is given."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    command = subprocess.Popen(
        words, cwd=folder, env={"TERM": "xterm", "LANG": "C.UTF-8", **environment},
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    ending = Timer(PATIENCE, command.kill)
    ending.start()
    written = bytearray()
    try:
        while block := os.read(ours, 65536):
            written += block
            if interrupted_after is not None and written.count(b"\n") >= interrupted_after:
                written += b"^C\n"
                os.killpg(command.pid, signal.SIGINT)
                interrupted_after = None
    except OSError:  # Linux says so when the last writer has gone.
        pass
    code = command.wait()
    ending.cancel()
    os.close(ours)
    return written.decode().replace("\r\n", "\n"), code
