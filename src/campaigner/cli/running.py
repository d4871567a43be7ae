"""`campaigner run`: the daemon, one run for cron, and both as dry runs."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..clock import SteppingClock
from ..delivery import gates
from ..delivery.report import Outcome, Report
from ..errors import BrokenAccountError, CampaignerError, ExitCode, InvalidFilesError, RefusedError, UsageError
from ..ledger import owners
from .options import Json
from .post_keys import who

if TYPE_CHECKING:
    from ..alerts.notifier import Notifier
    from ..engine.world import Source
    from ..ledger.ledger import Ledger
    from .terminal import Terminal
    from .wiring import Runtime


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Post what is due now, then end (for cron).")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; send nothing.")] = False,
    as_json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --once: also what waits for a person's word.")] = False,
) -> ExitCode:
    """Post what is due: once, or until stopped. A dry run is the same with adapters that show and a copy of the ledger."""
    runtime: Runtime = context.obj
    if (as_json or yes) and not once:
        raise UsageError("--json and --yes belong to `run --once`")
    runtime.terminal.goes_on_unread = not dry_run
    show = _printer(runtime.terminal, as_json=as_json, verbose=runtime.verbose)
    with _stage(runtime, dry_run=dry_run, once=once) as (source, ledger):
        if once:
            from ..engine.once import run_once

            try:
                with _told_to_end():
                    code = run_once(
                        source, ledger, show, _fault_printer(runtime.terminal), answered_by=who() if yes else None
                    )
            except TerminatedError:
                return ExitCode.DONE
            except RefusedError:
                _tell(runtime, ledger, dry_run=dry_run)
                raise
            _tell(runtime, ledger, dry_run=dry_run)
            return code
        return _run_daemon(
            runtime, source, ledger, runtime.silent_teller(ledger) if dry_run else runtime.teller(ledger)
        )


def _tell(runtime: Runtime, ledger: Ledger, *, dry_run: bool) -> None:
    if not dry_run:
        runtime.teller(ledger).tell()


@contextmanager
def _stage(runtime: Runtime, *, dry_run: bool, once: bool) -> Iterator[tuple[Source, Ledger]]:
    """The files and the ledger that this run works with."""
    if dry_run:
        with tempfile.TemporaryDirectory(prefix="campaigner-dry-run-") as folder:
            # A single dry run waits for nothing: its clock steps over every pause.
            clock = SteppingClock(runtime.clock.now()) if once else runtime.clock
            runtime.shows_on_stderr, runtime.play_clock = False, clock
            ledger = runtime.copy_of_ledger(Path(folder), clock)
            try:
                yield runtime.played_source(clock), ledger
            finally:
                ledger.close()
        return
    gates.check_ledger_place(runtime.ledger_path, gates.mounted_file_systems())
    ledger = runtime.ledger()
    try:
        gates.check_machine(ledger.read(lambda connection: owners.elsewhere(connection, runtime.clock.now())))
        ledger.enter("run --once" if once else "run")
        yield runtime.source(), ledger
    finally:
        ledger.close()


def _run_daemon(runtime: Runtime, source: Source, ledger: Ledger, teller: Notifier) -> ExitCode:
    from ..engine.daemon import Daemon

    terminal = runtime.terminal
    daemon = Daemon(
        source,
        ledger,
        _printer(terminal, as_json=False, verbose=runtime.verbose),
        _fault_printer(terminal),
        teller=teller,
    )
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        daemon.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, *_ending())}
    terminal.err("campaigner is running; Ctrl-C ends it")
    if not runtime.config.alerts:
        terminal.err(
            "no `alerts` in the config: what goes wrong is told here and by `campaigner status` only", "warning"
        )
    try:
        daemon.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    terminal.err("campaigner has ended")
    return ExitCode.INTERRUPTED if signal.SIGINT in received else ExitCode.DONE


def _ending() -> tuple[signal.Signals, ...]:
    """Told to end: by the system, or because the terminal was closed, unless `nohup` has said that this is no end."""
    is_deaf = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM,) if is_deaf else (signal.SIGTERM, signal.SIGHUP)


class TerminatedError(KeyboardInterrupt):
    """One of them came: the run ends as at Ctrl-C, but well."""


@contextmanager
def _told_to_end() -> Iterator[None]:
    """These end a single run as Ctrl-C does: what is in flight is recorded first."""

    def interrupt(*_: object) -> None:
        raise TerminatedError

    before = {number: signal.signal(number, interrupt) for number in _ending()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _printer(terminal: Terminal, *, as_json: bool, verbose: bool) -> Callable[[Report], None]:
    def show(report: Report) -> None:
        if report.outcome is Outcome.ELSEWHERE:
            if verbose:
                terminal.err(f"left to another process: {report.key} ({report.reason})")
        elif as_json:
            terminal.json(_as_json(report), indent=None)
        else:
            terminal.spans([(line_of(report), None)], whole=True)

    return show


def line_of(report: Report) -> str:
    """The line that `run --once` prints for one post."""
    if report.outcome is Outcome.WAITING:
        until = f"{report.until:%Y-%m-%dT%H:%M:%SZ}" if report.until else "-"
        return f"waiting {report.key} {until} {report.reason}"
    return " ".join(filter(None, (str(report.outcome), str(report.key), report.url, report.reason)))


def _as_json(report: Report) -> dict[str, str]:
    return {"outcome": str(report.outcome), "key": str(report.key), "url": report.url, "reason": report.reason}


def _fault_printer(terminal: Terminal) -> Callable[[Exception], None]:
    said: set[str] = set()

    def show(error: Exception) -> None:
        # A ledger that fails does so on every lane.
        if str(error) in said and not isinstance(error, BrokenAccountError | InvalidFilesError):
            return
        said.add(str(error))
        if isinstance(error, CampaignerError):
            terminal.error(error)
        else:
            terminal.bug(error)

    return show
