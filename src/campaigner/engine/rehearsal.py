"""`rehearse`: a whole day through the real engine and delivery code, on a clock that steps from one instant to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..delivery.report import Report
from ..errors import ExitCode
from ..ledger.ledger import Ledger
from .accept import Accepted
from .dispatch import WORKERS
from .once import Tally, read_twice
from .turn import Turner
from .world import Source

BEFORE_THE_FIRST = timedelta(minutes=10)
MOST_TURNS = 100_000


def rehearse(
    source: Source,
    ledger: Ledger,
    tell: Callable[[Report], None],
    tell_fault: Callable[[Exception], None],
) -> ExitCode:
    """Deliver everything that the source plans, in order, until nothing is ahead. The ledger's clock must step."""
    tally = Tally(tell, tell_fault)
    turner = Turner(source, ledger, tally.report, tally.fault, workers=WORKERS)
    try:
        accepted = read_twice(source, ledger)
        for _ in range(MOST_TURNS):
            next_at = _turn(turner, accepted)
            if next_at is None:
                break
            ledger.clock.wait_until(next_at)
    finally:
        turner.close()
    return tally.worst


def start_of(first_due_at: datetime) -> datetime:
    """Where a rehearsal's clock begins, so that the first post is accepted before its time."""
    return first_due_at - BEFORE_THE_FIRST


def _turn(turner: Turner, accepted: Accepted) -> datetime | None:
    """One turn to its end; returns when the next one is due, counting what this one has put off."""
    turner.turn(accepted)
    turner.dispatcher.wait_idle()
    return turner.turn(accepted).next_at
