"""`campaigner run`: the daemon, one run for cron, and both as dry runs."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..clock import SteppingClock
from ..delivery import safety_gates
from ..delivery.steps import Outcome, Report
from ..errors import BrokenAccountError, CampaignerError, ExitCode, InvalidFilesError, RefusedError, UsageError
from .options import Json
from .post_keys import who

if TYPE_CHECKING:
    from ..ledger.ledger import Ledger
    from .terminal import Terminal
    from .wiring import Workspace


STAND_BY_SECONDS = 1.0


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Post what is due now, then end (for cron).")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; send nothing.")] = False,
    as_json: Json = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --once: also what waits for a person's word.")] = False,
) -> ExitCode:
    """Post what is due: once, or until stopped. A dry run is the same with adapters that show and a copy of the ledger."""
    workspace: Workspace = context.obj
    if (as_json or yes) and not once:
        raise UsageError("--json and --yes belong to `run --once`")
    workspace.terminal.goes_on_unread = not dry_run
    show = _Printer(workspace.terminal, as_json=as_json, verbose=workspace.verbose)
    with _stage(workspace, dry_run=dry_run, once=once) as (source, ledger):
        if ledger is None:
            return ExitCode.DONE
        if once:
            return _run_once(source, ledger, show, confirmed_by=who() if yes else None)
        return _run_daemon(source, ledger, show)


def _run_once(source: Workspace, ledger: Ledger, show: _Printer, *, confirmed_by: str | None) -> ExitCode:
    from ..engine.run_once import OneRun

    one = OneRun(source, ledger, show, _fault_printer(source.terminal), confirmed_by=confirmed_by)
    try:
        with _told_to_end(one.stop) as received:
            code = one.run()
    except RefusedError:
        _tell(source, ledger)
        raise
    if received:
        return ExitCode.INTERRUPTED if signal.SIGINT in received else ExitCode.DONE
    _tell(source, ledger)
    if show.is_silent and (source.verbose or source.terminal.is_terminal):
        # A person wonders whether it did anything; cron mails every line.
        slot = one.next_slot
        ahead = "nothing is ahead" if slot is None else f"next: {source.when(slot.due_at)} {slot.key.message}"
        source.terminal.err(f"nothing is due; {ahead}")
    return code


def _tell(source: Workspace, ledger: Ledger) -> None:
    if source.config.alerts or source.config.heartbeat:
        source.notifier(ledger).tell()


@contextmanager
def _stage(workspace: Workspace, *, dry_run: bool, once: bool) -> Iterator[tuple[Workspace, Ledger | None]]:
    """The files and the ledger that this run works with."""
    if dry_run:
        from .wiring import DryRun

        with tempfile.TemporaryDirectory(prefix="campaigner-dry-run-") as folder:
            # A single dry run waits for nothing: its clock steps over every pause.
            clock = SteppingClock(workspace.clock.now()) if once else workspace.clock
            source = DryRun(workspace, clock, Path(folder))
            with closing(source.ledger()) as ledger:
                yield source, ledger
        return
    safety_gates.check_ledger_place(workspace.ledger_path, safety_gates.mounted_file_systems())
    with closing(workspace.ledger()) as ledger:
        with _told_to_end() as received:
            is_ours = _entered(workspace.terminal, ledger, once=once, received=received)
        yield workspace, ledger if is_ours and not received else None


def _entered(terminal: Terminal, ledger: Ledger, *, once: bool, received: Sequence[int]) -> bool:
    """Whether this process alone sends now. A single run leaves it to the one at work; a daemon waits for its end."""
    if ledger.enter("run --once" if once else "run"):
        return True
    if once:
        if terminal.is_terminal:
            terminal.err("campaigner is at work on this ledger already: what is due is sent by it")
        return False
    terminal.err("campaigner is at work on this ledger already: this one stands by until that ends; Ctrl-C ends it")
    pause = threading.Event()
    while not received:
        if ledger.enter("run"):
            return True
        pause.wait(STAND_BY_SECONDS)
    return False


def _run_daemon(source: Workspace, ledger: Ledger, show: _Printer) -> ExitCode:
    from ..engine.daemon import Daemon

    terminal = source.terminal
    daemon = Daemon(source, ledger, show, _fault_printer(terminal), teller=source.notifier(ledger))
    with _told_to_end(daemon.stop) as received:
        terminal.err("campaigner is running; Ctrl-C ends it")
        if not source.config.alerts:
            terminal.err(
                "no `alerts` in the config: what goes wrong is told here and by `campaigner status` only", "warning"
            )
        daemon.run()
    terminal.err("campaigner has ended")
    return ExitCode.INTERRUPTED if signal.SIGINT in received else ExitCode.DONE


def _ending() -> tuple[signal.Signals, ...]:
    """Told to end: by the system, or because the terminal was closed, unless `nohup` has said that this is no end."""
    is_deaf = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM,) if is_deaf else (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _told_to_end(stop: Callable[[], None] = lambda: None) -> Iterator[list[int]]:
    """What tells it to end lets it end well: `stop` is called, and what is in flight is recorded first. Gives the signals."""
    received: list[int] = []

    def end(number: int, _frame: object) -> None:
        received.append(number)
        stop()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, *_ending())}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Printer:
    """Prints what becomes of each post; what a safety gate holds is followed by the command that opens it."""

    def __init__(self, terminal: Terminal, *, as_json: bool, verbose: bool) -> None:
        self._terminal = terminal
        self._as_json = as_json
        self._verbose = verbose
        self._is_used = False

    @property
    def is_silent(self) -> bool:
        """True while a person has read nothing, and no program reads."""
        return not self._is_used and not self._as_json

    def __call__(self, report: Report) -> None:
        if report.outcome is Outcome.ELSEWHERE:
            if self._verbose:
                self._terminal.err(f"left to another process: {report.key} ({report.reason})")
            return
        self._is_used = True
        if self._as_json:
            self._terminal.json(_as_json(report), indent=None)
            return
        self._terminal.spans([(line_of(report), None)], whole=True)
        if report.command:
            self._terminal.err(f"  `{report.command}`")


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
        # A ledger that fails does so for every account.
        if str(error) in said and not isinstance(error, BrokenAccountError | InvalidFilesError):
            return
        said.add(str(error))
        if isinstance(error, CampaignerError):
            terminal.error(error)
        else:
            terminal.bug(error)

    return show
