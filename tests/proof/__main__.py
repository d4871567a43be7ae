"""`make proof`: runs the whole matrix, all kill points and the bursts, and writes docs/explanation/proof.md."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .burst import run_bursts
from .edits import EDITED_ON, edits_of, run_edit
from .matrix import ROWS, run_row
from .page import Findings, page
from .points import points_of, run_point
from .stage import PLATFORMS, Row

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "proof.md"
WORKERS = 4
SLEEPY = 6
"""Rows that mostly wait, at a time."""
KILLS = 200


def main(arguments: Sequence[str]) -> int:
    """Run it all; 1 when the promise was broken anywhere, which the page then says, or a fault ended otherwise than it should."""
    given = _parser().parse_args(arguments)
    begun_at, started = datetime.now(UTC), time.monotonic()
    with ThreadPoolExecutor(given.workers) as pool, ThreadPoolExecutor(SLEEPY) as sleepy:
        points = dict(zip(PLATFORMS, pool.map(points_of, PLATFORMS), strict=True))
        faults = [
            (sleepy if fault.is_slow else pool).submit(run_row, name, fault, engine) for name, fault, engine in ROWS
        ]
        kills = [pool.submit(run_point, name, point) for name, found in points.items() for point in found]
        edits = {name: edits_of(name) for name in EDITED_ON}
        edited = [pool.submit(run_edit, name, edit) for name, found in edits.items() for edit in found]
        _follow([*faults, *kills, *edited], _say)
    burst = run_bursts(given.kills, random.Random(given.seed), _say)
    found = Findings(
        begun_at=begun_at,
        took=timedelta(seconds=time.monotonic() - started),
        command="make proof",
        faults=[future.result() for future in faults],
        points=points,
        kills=[future.result() for future in kills],
        edits=edits,
        edited=[future.result() for future in edited],
        burst=burst,
    )
    given.page.write_text(page(found), "utf-8")
    for reason in found.broken:
        _say(f"BROKEN: {reason}")
    for row in found.unexpected:
        _say(f"kept, but not as it should be: {row.platform}, {row.what}, {row.engine}: {row.outcome}")
    _say(f"{given.page} is written" + ("" if found.broken else ": the promise was kept everywhere"))
    return 1 if found.broken or found.unexpected else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="how many random kills (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=WORKERS, help="rows at a time (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default: %(default)s)")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page is written (default: %(default)s)")
    return parser


def _follow(rows: Iterable[Future[Row]], say: Callable[[str], None]) -> None:
    rows = list(rows)
    for number, done in enumerate(as_completed(rows), 1):
        row = done.result()
        ended = f"BROKEN: {row.broken}" if row.broken else f"{row.outcome}, {row.copies}"
        say(f"{number}/{len(rows)} {row.platform}: {row.what} ({row.engine}): {ended}")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
