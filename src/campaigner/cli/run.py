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
from ..delivery.result import Outcome, Report
from ..errors import BrokenAccountError, CampaignerError, ExitCode, InvalidFilesError, RefusedError, UsageError
from .options import Json
from .post_keys import who

if TYPE_CHECKING:
    from ..alerts.notifier import Notifier
    from ..engine.world import Source
    from ..ledger.ledger import Ledger
    from ..plan.expand import Slot
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
    runtime: Workspace = context.obj
    if (as_json or yes) and not once:
        raise UsageError("--json and --yes belong to `run --once`")
    runtime.terminal.goes_on_unread = not dry_run
    show = _Printer(runtime.terminal, as_json=as_json, verbose=runtime.verbose)
    with _stage(runtime, dry_run=dry_run, once=once) as (source, ledger):
        if ledger is None:
            return ExitCode.DONE
        if once:
            from ..engine.run_once import OneRun

            one = OneRun(source, ledger, show, _fault_printer(runtime.terminal), answered_by=who() if yes else None)
            try:
                with _told_to_end(one.stop) as received:
                    code = one.run()
            except RefusedError:
                _tell(runtime, ledger, dry_run=dry_run)
                raise
            if received:
                return ExitCode.INTERRUPTED if signal.SIGINT in received else ExitCode.DONE
            _tell(runtime, ledger, dry_run=dry_run)
            if not show.is_used and not as_json and (runtime.verbose or runtime.terminal.is_terminal):
                _say_what_is_next(runtime, one.next_slot)
            return code
        return _run_daemon(runtime, source, ledger, runtime.notifier(ledger, is_silent=dry_run))


def _say_what_is_next(runtime: Workspace, slot: Slot | None) -> None:
    """A person wonders whether it did anything; cron mails every line."""
    ahead = "nothing is ahead" if slot is None else f"next: {runtime.when(slot.due_at)} {slot.key.message}"
    runtime.terminal.err(f"nothing is due; {ahead}")


def _tell(runtime: Workspace, ledger: Ledger, *, dry_run: bool) -> None:
    if not dry_run and (runtime.config.alerts or runtime.config.heartbeat):
        runtime.notifier(ledger).tell()


@contextmanager
def _stage(runtime: Workspace, *, dry_run: bool, once: bool) -> Iterator[tuple[Source, Ledger | None]]:
    """The files and the ledger that this run works with."""
    if dry_run:
        from .wiring import DryRun

        with tempfile.TemporaryDirectory(prefix="campaigner-dry-run-") as folder:
            # A single dry run waits for nothing: its clock steps over every pause.
            clock = SteppingClock(runtime.clock.now()) if once else runtime.clock
            source = DryRun(runtime, clock, Path(folder))
            with closing(source.ledger()) as ledger:
                yield source, ledger
        return
    safety_gates.check_ledger_place(runtime.ledger_path, safety_gates.mounted_file_systems())
    with closing(runtime.ledger()) as ledger:
        with _told_to_end() as received:
            is_ours = _entered(runtime.terminal, ledger, once=once, received=received)
        yield runtime, ledger if is_ours and not received else None


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


def _run_daemon(runtime: Workspace, source: Source, ledger: Ledger, teller: Notifier) -> ExitCode:
    from ..engine.daemon import Daemon

    terminal = runtime.terminal
    daemon = Daemon(
        source,
        ledger,
        _Printer(terminal, as_json=False, verbose=runtime.verbose),
        _fault_printer(terminal),
        teller=teller,
    )
    with _told_to_end(daemon.stop) as received:
        terminal.err("campaigner is running; Ctrl-C ends it")
        if not runtime.config.alerts:
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
        self.is_used = False

    def __call__(self, report: Report) -> None:
        if report.outcome is Outcome.ELSEWHERE:
            if self._verbose:
                self._terminal.err(f"left to another process: {report.key} ({report.reason})")
            return
        self.is_used = True
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
