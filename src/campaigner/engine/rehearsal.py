"""`rehearse`: a whole day through the real engine and delivery code, on a clock that steps from one instant to the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ..delivery.result import Report
from ..errors import ExitCode
from ..ledger.ledger import Ledger
from .engine import Engine
from .run_once import Tally, read_twice, work_off
from .world import Source

BEFORE_THE_FIRST = timedelta(minutes=10)
MOST_LOOKS = 100_000


def rehearse(
    source: Source,
    ledger: Ledger,
    tell: Callable[[Report], None],
    tell_fault: Callable[[Exception], None],
) -> ExitCode:
    """Deliver everything that the source plans, in order, until nothing is ahead. The ledger's clock must step."""
    tally = Tally(tell, tell_fault)
    # One call at a time: what is due at one instant goes out in the order of the plan, in every rehearsal.
    engine = Engine(source, ledger, tally.report, tally.fault, workers=1)
    try:
        accepted = read_twice(source, ledger, engine.stopping)
        for _ in range(MOST_LOOKS):
            work_off(engine, ledger, accepted)
            # Once more: what was put off by then says when it is due again.
            engine.tick(accepted, look=True)
            if engine.is_done and engine.next_at is None:
                break
            if engine.next_at is not None:
                ledger.clock.wait_until(engine.next_at)
    finally:
        engine.close()
    return tally.worst


def start_of(first_due_at: datetime) -> datetime:
    """Where a rehearsal's clock begins, so that the first post is accepted before its time."""
    return first_due_at - BEFORE_THE_FIRST
