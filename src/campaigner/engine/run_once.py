"""`run --once`: deliver what is due now, then end; and `rehearse`: the same again and again, on a clock that steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ..delivery.steps import Outcome, Report
from ..errors import CampaignerError, ExitCode, InvalidFilesError
from ..ledger.ledger import Ledger
from ..plan.expand import Slot
from .accepted_plan import BETWEEN_READS, Accepted, accept, needs_second_read
from .due import next_after
from .engine import Engine
from .world import Source

WORST_FIRST = (
    ExitCode.BUG,
    ExitCode.SURROUNDINGS,
    ExitCode.INVALID,
    ExitCode.REFUSED,
    ExitCode.ATTENTION,
    ExitCode.DONE,
)
BEFORE_THE_FIRST = timedelta(minutes=10)
MOST_LOOKS = 100_000


class Tally:
    """Passes reports and faults on, and remembers the worst of them as an exit code."""

    def __init__(self, report: Callable[[Report], None], warn: Callable[[Exception], None]) -> None:
        self._report = report
        self._warn = warn
        self._codes = {ExitCode.DONE}

    def report(self, report: Report) -> None:
        """Count one report and pass it on; what somebody has settled meanwhile is no concern of the exit code."""
        if report.outcome is not Outcome.ELSEWHERE:
            self._codes.add(_code(report))
        self._report(report)

    def fault(self, error: Exception) -> None:
        """Count a fault of an account and pass it on."""
        self._codes.add(error.exit_code if isinstance(error, CampaignerError) else ExitCode.BUG)
        self._warn(error)

    def files(self, accepted: Accepted) -> None:
        """Count faulty files and what the plan holds back for a fault."""
        faulty = any(file.has_errors for file in accepted.world.files)
        if faulty or accepted.planned.broken or accepted.planned.held_back:
            self._codes.add(ExitCode.INVALID)
        if accepted.new_alerts:
            self._codes.add(ExitCode.ATTENTION)
        for error in (*accepted.new_alerts, *untold(accepted)):
            self._warn(error)

    @property
    def worst(self) -> ExitCode:
        """The exit code of the run."""
        return next(code for code in WORST_FIRST if code in self._codes)


def untold(accepted: Accepted, said: Mapping[str, str] | None = None) -> list[InvalidFilesError]:
    """What the files hold back and neither the alerts of this reading tell nor was `said` before: no run is silent on it."""
    told = [str(error) for error in accepted.new_alerts]
    return [
        InvalidFilesError(f"{name} is not posted: {reason}", hint="`campaigner check` shows all faults")
        for name, reason in accepted.faults.items()
        if (said or {}).get(name) != reason and not any(reason in text for text in told)
    ]


class OneRun:
    """A run that delivers what is due now. `confirmed_by`: who says yes to the gates of what is due.

    `next_slot`: what comes after it, None when nothing does.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        report: Callable[[Report], None],
        warn: Callable[[Exception], None],
        *,
        confirmed_by: str | None = None,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._tally = Tally(report, warn)
        self.next_slot: Slot | None = None
        self._looked_at = ledger.clock.now()
        self._engine = Engine(source, ledger, self._tally.report, self._tally.fault, confirmed_by=confirmed_by)

    def run(self) -> ExitCode:
        """Work to the end. Returns the worst of what happened; raises RefusedError when the clock can't be trusted."""
        try:
            accepted = read_twice(self._source, self._ledger, self._engine.stopping)
            self._tally.files(accepted)
            accepted = self._engine.work_off(accepted, self._renewed)
            self._engine.tell_waits(accepted)
            self.next_slot = next_after(accepted, self._ledger.clock.now())
        finally:
            self._engine.close()
        return self._tally.worst

    def _renewed(self, before: Accepted) -> Accepted:
        """What the files say by now: slow servers, or an account's `spacing`, may keep a run for an hour."""
        now = self._ledger.clock.now()
        if now < self._looked_at + BETWEEN_READS:
            return before
        self._looked_at = now
        if not self._source.has_changed(before.world):
            return before
        accepted = read_twice(self._source, self._ledger, self._engine.stopping)
        self._tally.files(accepted)
        return accepted

    def stop(self) -> None:
        """Begin nothing more, and end once what is in flight is recorded; safe to call from a signal handler."""
        self._engine.stop()


def rehearse(
    source: Source, ledger: Ledger, report: Callable[[Report], None], warn: Callable[[Exception], None]
) -> ExitCode:
    """Deliver everything that the source plans, in order, until nothing is ahead. The ledger's clock must step."""
    tally = Tally(report, warn)
    # One call at a time: what is due at one instant goes out in the order of the plan, in every rehearsal.
    engine = Engine(source, ledger, tally.report, tally.fault, workers=1)
    try:
        accepted = read_twice(source, ledger, engine.stopping)
        for _ in range(MOST_LOOKS):
            engine.work_off(accepted)
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


def read_twice(source: Source, ledger: Ledger, stopping: threading.Event) -> Accepted:
    """Read the files, a second time two seconds later when something changed, and accept what is steady."""
    first = second = source.read()
    if needs_second_read(first, ledger):
        ledger.clock.wait_until(ledger.clock.now() + BETWEEN_READS, stopping)
        second = source.read()
    return accept(source, ledger, first, second)


def _code(report: Report) -> ExitCode:
    if report.outcome is Outcome.PUBLISHED:
        # With a reason it is out, and not as it was sent.
        return ExitCode.ATTENTION if report.reason else ExitCode.DONE
    return ExitCode.REFUSED if report.gate else ExitCode.ATTENTION
