"""The table of docs/explanation/performance.md: a row a figure; what was not measured this time stays as it was."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"
HEAD = "| figure | median (range) | to reach | beside it |\n| --- | --- | --- | --- |\n"
BEGINS, ENDS = "<!-- measured -->\n", "<!-- end -->\n"


@dataclass(frozen=True)
class Row:
    """One figure: its value in each round, and the format that shows one, as `{:.2f} × raw`."""

    figure: str
    values: Sequence[float]
    form: str
    aim: str = ""
    beside: str = ""

    def __str__(self) -> str:
        return f"| {self.figure} | {spread(self.values, self.form)} | {self.aim} | {self.beside} |"


def spread(values: Sequence[float], form: str) -> str:
    """A median with its range; that alone, where every round had the same."""
    number, brace, unit = form.partition("}")
    middle, least, most = (
        (number + brace).format(value) for value in (statistics.median(values), min(values), max(values))
    )
    return f"{middle}{unit}" if least == most else f"{middle}{unit} ({least}–{most})"


def write(row: Row, machine: str) -> None:
    """Put a row in the place of the one of the same figure, a new one last; above them stands where it was measured."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGINS)
    old, _, after = rest.partition(ENDS)
    found = {line.split("|")[1].strip(): line for line in old.splitlines() if line.startswith("| ")}
    found = {name: line for name, line in found.items() if name not in ("figure", "---")}
    found[row.figure] = str(row)
    body = "\n".join([*found.values(), ""])
    PAGE.write_text(f"{before}{BEGINS}{machine}\n\n{HEAD}{body}{ENDS}{after}", "utf-8")


def machine(rounds: int) -> str:
    names: Mapping[str, str] = {name: version(name) for name in ("campaigner", "requests", "PyYAML", "APScheduler")}
    versions = ", ".join(f"{name} {number}" for name, number in names.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} "
        f"from elsewhere at the start, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {versions}; {rounds} rounds."
    )
