"""`campaigner rehearse`: the whole day in a few seconds, through the real engine, with nothing leaving the machine."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..clock import SteppingClock
from ..delivery.result import Outcome, Report
from ..errors import CampaignerError, ExitCode, UsageError
from .options import CampaignArgument, YearOption
from .preview import Choice, check_names, choose

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from .wiring import Runtime
    from .workspace import Workspace


def rehearse(context: typer.Context, campaign: CampaignArgument = None, year: YearOption = None) -> ExitCode:
    """Deliver the chosen editions to console accounts, with a ledger of their own, on a clock that steps."""
    from ..engine import rehearsal

    runtime: Runtime = context.obj
    slots = _slots(runtime, campaign, year)
    clock = SteppingClock(rehearsal.start_of(slots[0].due_at))
    runtime.play_clock, runtime.shows_on_stderr = clock, False
    reports: list[Report] = []
    with tempfile.TemporaryDirectory(prefix="campaigner-rehearsal-") as folder:
        ledger = runtime.play_ledger(Path(folder), clock)
        source = runtime.played_source(clock, Path(folder), {str(slot.key) for slot in slots})
        try:
            code = rehearsal.rehearse(source, ledger, reports.append, lambda error: _fault(runtime, error))
        finally:
            ledger.close()
    _summary(runtime, slots, reports)
    return code


def _slots(runtime: Runtime, campaign: str | None, year: str | None) -> Sequence[Slot]:
    """What is rehearsed: the posts that a preview with the same words shows."""
    source: Workspace = runtime.source()
    world = source.read()
    choice = Choice(campaign=campaign, year=year)
    check_names(runtime, choice, [file.id for file in world.files])
    planned = source.plan(world, [file for file in world.files if file.campaign is not None])
    today = runtime.clock.now().astimezone(runtime.zone()).date()
    slots = [slot for slot in choose(planned.slots, choice, today) if not slot.draft]
    if not slots:
        raise UsageError("there is nothing to rehearse", hint="`campaigner check` and `campaigner preview` say why")
    return slots


def _fault(runtime: Runtime, error: Exception) -> None:
    if not isinstance(error, CampaignerError):
        raise error
    runtime.terminal.error(error)


def _summary(runtime: Runtime, slots: Sequence[Slot], reports: Sequence[Report]) -> None:
    """What went out where, and what did not."""
    terminal = runtime.terminal
    out = [report for report in reports if report.outcome is Outcome.PUBLISHED]
    accounts = Counter(report.key.account for report in out)
    languages = Counter(report.key.language for report in out)
    by_account = ", ".join(f"{name} {count}" for name, count in sorted(accounts.items()))
    by_language = ", ".join(f"{name} {count}" for name, count in sorted(languages.items()))
    style = "good" if len(out) == len(slots) else "error"
    terminal.spans([("rehearsed: ", "strong"), (f"{len(out)} of {len(slots)} posts went out once each", style)])
    terminal.out(f"  by account: {by_account or 'none'}")
    terminal.out(f"  by language: {by_language or 'none'}")
    others = {
        (report.outcome, report.key): report.reason
        for report in reports
        if report.outcome not in {Outcome.PUBLISHED, Outcome.ELSEWHERE}
    }
    for (outcome, key), reason in others.items():
        terminal.out(f"  {outcome} {key} {reason}")
    terminal.out("  nothing left this machine; your ledger was not touched")
