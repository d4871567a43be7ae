"""Looks into a process of campaigner from outside: Python imports this first where PYTHONPATH names its folder.

`CAMPAIGNER_PROBE=WHAT:FILE` says what is written to FILE. `clock`: when, by the machine's clock, campaigner's clock began.
`path`: what the process went through, of our own source, and what it asked of SQLite.
"""

from __future__ import annotations

import atexit
import inspect
import json
import os
import sqlite3
import sys
import threading
import time
from pathlib import Path
from typing import Any

OURS = f"{os.sep}src{os.sep}campaigner{os.sep}"


def watch_clock(file: Path) -> None:
    """Write the wall time at which a clock that CAMPAIGNER_CLOCK sets stood at its start."""
    from campaigner import clock

    parse = clock.parse_clock

    def parse_and_tell(value: str) -> Any:
        found = parse(value)
        file.write_text(str(time.time()), "utf-8")
        return found

    clock.parse_clock = parse_and_tell


def watch_path(file: Path) -> None:
    """Count calls of our functions by source file, and the statements that SQLite runs."""
    calls: dict[str, int] = {}
    imported: set[str] = set()
    statements: list[str] = []

    def called(frame: Any, event: str, _: object) -> None:
        source = frame.f_code.co_filename
        if event != "call" or OURS not in source:
            return
        if frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            calls[source] = calls.get(source, 0) + 1
        else:  # the body of a module or a class
            imported.add(source)

    connect = sqlite3.connect

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(statements.append)
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = traced  # type: ignore[assignment]
    threading.setprofile(called)
    sys.setprofile(called)

    def write() -> None:
        sys.setprofile(None)
        found = {"calls": dict(sorted(calls.items())), "imported": sorted(imported), "statements": statements}
        file.write_text(json.dumps(found, indent=1), "utf-8")

    atexit.register(write)


if probe := os.environ.pop("CAMPAIGNER_PROBE", ""):
    what, _, name = probe.partition(":")
    {"clock": watch_clock, "path": watch_path}[what](Path(name))
