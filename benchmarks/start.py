"""The start of each command, in an office with three posts that lie ahead, beside `python -c pass`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from statistics import median

from .office import at, office, sink, spent
from .table import Row, spread

COMMANDS: Mapping[str, str] = {
    "--version": "",
    "--help": "≤ 6",
    "check": "≤ 14",
    "preview": "≤ 18",
    "status": "≤ 15",
    "run --once": "≤ 20",
}
OFTEN = 4
"""Starts of each in a round: they are short."""


def rows(rounds: int) -> Iterator[Row]:
    with sink() as url, office(url, 1) as place:
        place.write("start", {"morning": "09:00", "noon": "12:00", "evening": "18:00"})
        place.accept()
        clock, bare = at("08:00:00"), [sys.executable, "-c", "pass"]
        found = [
            {"": spent(bare), **{name: place.run(clock, *name.split()) for name in COMMANDS}}
            for _ in range(rounds * OFTEN)
        ]
    for name, aim in COMMANDS.items():
        ratios = [one[name].seconds / one[""].seconds for one in found]
        cpu = [one[name].cpu / one[""].cpu for one in found]
        beside = f"{1000 * median(one[name].seconds for one in found):.0f} ms; processor {spread(cpu, '{:.1f} ×')}"
        yield Row(f"start of `campaigner {name}`", ratios, "{:.1f} × `python -c pass`", aim, beside)
