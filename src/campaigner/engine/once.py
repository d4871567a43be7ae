"""`run --once`: deliver what is due now, then end. Safe to overlap with itself and with a daemon."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..delivery.report import Outcome, Report
from ..errors import CampaignerError, ExitCode, InvalidFilesError
from ..ledger.ledger import Ledger
from .accept import BETWEEN_READS, Accepted, accept, needs_second_read
from .dispatch import WORKERS
from .turn import Turner
from .world import Source

WORST_FIRST = (
    ExitCode.BUG,
    ExitCode.SURROUNDINGS,
    ExitCode.INVALID,
    ExitCode.REFUSED,
    ExitCode.ATTENTION,
    ExitCode.DONE,
)


class Tally:
    """Passes reports and faults on, and remembers the worst of them as an exit code."""

    def __init__(self, tell: Callable[[Report], None], tell_fault: Callable[[Exception], None]) -> None:
        self._tell = tell
        self._tell_fault = tell_fault
        self._codes = {ExitCode.DONE}

    def report(self, report: Report) -> None:
        """Count one report and pass it on; what another process has in hand is no concern of the exit code."""
        if report.outcome is not Outcome.ELSEWHERE:
            self._codes.add(_code(report))
        self._tell(report)

    def fault(self, error: Exception) -> None:
        """Count a fault of a lane and pass it on."""
        self._codes.add(error.exit_code if isinstance(error, CampaignerError) else ExitCode.BUG)
        self._tell_fault(error)

    def files(self, accepted: Accepted) -> None:
        """Count faulty files and what the plan holds back for a fault."""
        faulty = any(file.has_errors for file in accepted.world.files)
        if faulty or accepted.planned.broken or accepted.planned.held_back:
            self._codes.add(ExitCode.INVALID)
        if accepted.told:
            self._codes.add(ExitCode.ATTENTION)
        for error in (*accepted.told, *untold(accepted)):
            self._tell_fault(error)

    @property
    def worst(self) -> ExitCode:
        """The exit code of the run."""
        return next(code for code in WORST_FIRST if code in self._codes)


def untold(accepted: Accepted, said: Mapping[str, str] | None = None) -> list[InvalidFilesError]:
    """What the files hold back and neither the alerts of this reading tell nor was `said` before: no run is silent on it."""
    told = [str(error) for error in accepted.told]
    return [
        InvalidFilesError(f"{name} is not posted: {reason}", hint="`campaigner check` shows all faults")
        for name, reason in accepted.faults.items()
        if (said or {}).get(name) != reason and not any(reason in text for text in told)
    ]


def run_once(
    source: Source,
    ledger: Ledger,
    tell: Callable[[Report], None],
    tell_fault: Callable[[Exception], None],
    *,
    answered_by: str | None = None,
    workers: int = WORKERS,
) -> ExitCode:
    """One turn, to its end. Returns the worst of what happened. `answered_by`: who says yes to the gates of what is due."""
    tally = Tally(tell, tell_fault)
    turner = Turner(source, ledger, tally.report, tally.fault, workers=workers, answered_by=answered_by)
    try:
        accepted = read_twice(source, ledger)
        tally.files(accepted)
        turner.turn(accepted)
        try:
            turner.dispatcher.wait_idle()
            turner.tell_waits(accepted)
        except KeyboardInterrupt:
            turner.dispatcher.stop()
            turner.dispatcher.wait_idle(GRACE_SECONDS)
            raise
    finally:
        turner.close()
    return tally.worst


GRACE_SECONDS = 30.0
"""How long calls in flight may take once the run was told to end."""


def read_twice(source: Source, ledger: Ledger) -> Accepted:
    """Read the files, a second time two seconds later when something changed, and accept what is steady."""
    first = second = source.read()
    if needs_second_read(first, ledger):
        ledger.clock.wait_until(ledger.clock.now() + BETWEEN_READS)
        second = source.read()
    return accept(source, ledger, first, second)


def _code(report: Report) -> ExitCode:
    if report.outcome is Outcome.PUBLISHED:
        # With a reason it is out, and not as it was sent.
        return ExitCode.ATTENTION if report.reason else ExitCode.DONE
    return ExitCode.REFUSED if report.gate else ExitCode.ATTENTION
