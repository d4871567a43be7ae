"""`run`: the daemon. APScheduler is its clock and nothing more; the plan minus the ledger says what is due.

APScheduler's own stores lose jobs at a kill, its CronTrigger fires twice in autumn, and its default grace time drops
jobs: so only UTC date jobs in memory are used, for the distinct instants of the next hour, and each only wakes our loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from ..alerts.notifier import Notifier
from ..clock import Clock, JumpWatch
from ..delivery.report import Outcome, Report
from ..errors import AccountError, BrokenAccountError, InvalidFilesError, RefusedError
from ..ledger import alerts
from ..ledger.ledger import Ledger
from .accept import BETWEEN_READS, Accepted, accept, needs_second_read
from .asking import AskingAhead
from .beside import Beside, Pulse
from .dispatch import WORKERS
from .due import Survey
from .once import GRACE_SECONDS, untold
from .turn import Turner
from .world import Source, World

LOOK_SECONDS = 2.0
"""How often, in real seconds, files and holds are looked at, and jumps of the clock are noticed."""
TELLING_SECONDS = 10.0
HORIZON = timedelta(hours=1)
MOST_ALARMS = 1000


class Alarms:
    """Wakes the loop at given instants, to the millisecond, through APScheduler's date jobs."""

    def __init__(self, clock: Clock, wake: threading.Event) -> None:
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        # APScheduler 3 has no type hints.
        scheduler_type: Any = BackgroundScheduler
        executor_type: Any = ThreadPoolExecutor

        self._clock = clock
        self._wake = wake
        self._set: set[datetime] = set()
        self._scheduler: Any = scheduler_type(
            timezone="UTC",
            executors={"default": executor_type(1)},
            job_defaults={"misfire_grace_time": None, "coalesce": True},
        )
        self._scheduler.start()

    def at(self, instants: Sequence[datetime]) -> None:
        """Wake at each of these, those already set stay."""
        for instant in instants:
            if instant not in self._set and len(self._set) < MOST_ALARMS:
                self._set.add(instant)
                real = self._clock.real_instant(instant)
                self._scheduler.add_job(self._ring, "date", run_date=real, args=[instant])

    def nudge(self) -> None:
        """Let the scheduler look at the wall clock again: it sleeps on the monotonic one and misses jumps."""
        self._scheduler.wakeup()

    def close(self) -> None:
        """Never with wait=True: a job that touches the scheduler would deadlock it."""
        self._scheduler.shutdown(wait=False)

    def _ring(self, instant: datetime) -> None:
        self._set.discard(instant)
        self._wake.set()


class Daemon:
    """Turns until it is told to stop. `tell` and `tell_fault` as for `run --once`."""

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        tell: Callable[[Report], None],
        tell_fault: Callable[[Exception], None],
        *,
        teller: Notifier,
        workers: int = WORKERS,
    ) -> None:
        self._source = source
        self._teller = teller
        self._ledger = ledger
        self._said: dict[str, tuple[str, str]] = {}
        self._tell = tell
        self._tell_fault = tell_fault
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._fault: Exception | None = None
        self._alarms: Alarms | None = None
        self._faults_said: set[str] = set()
        self._held_back: dict[str, str] = {}
        self._accepted: Accepted | None = None
        self._asking = AskingAhead(source, ledger, self._lane_fault)
        self._is_refused = False
        self._ledger_doubted = threading.Event()
        self._pulse = Pulse()
        self._turner = Turner(source, ledger, self._report, self._lane_fault, workers=workers, stopping=self._stopping)

    def stop(self) -> None:
        """End soon; safe to call from a signal handler."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Work until stopped. Raises SurroundingsError when the ledger fails for good."""
        self._teller.settle()
        alarms = self._alarms = Alarms(self._ledger.clock, self._wake)
        beside = self._begin_beside()
        jumps = JumpWatch()
        try:
            accepted = self._say_told(self._first())
            while not self._stopping.is_set():
                accepted = self._accepted = self._reread(accepted)
                if self._ledger.clock.is_real and jumps.has_jumped():
                    self._turner.compare_clocks()
                    self._asking.forget()
                found = self._turn(accepted)
                alarms.at(self._instants(accepted, found.next_at))
                alarms.nudge()
                self._wake.wait(LOOK_SECONDS)
                self._wake.clear()
                if self._fault is not None:
                    raise self._fault
                self._try_ledger()
        finally:
            alarms.close()
            self._teller.stop()
            self._end()
            beside.join(TELLING_SECONDS)
            self._teller.close()

    def _begin_beside(self) -> Beside:
        """A slow mail server holds up no post, no other place that is told, and no heartbeat; nor does a slow platform."""
        beside = Beside(self._stopping, say=self._tell_fault, doubt=self._doubt_ledger, fail=self._lane_fault)
        for recipient in self._teller.channels:
            beside.start(recipient.name, recipient.tell)
        beside.start("heartbeat", self._beat)
        beside.start("asking", self._ask_ahead)
        return beside

    def _doubt_ledger(self) -> None:
        self._ledger_doubted.set()
        self._wake.set()

    def _try_ledger(self) -> None:
        """A ledger that something beside us could not use: one that has failed for good, or was upgraded, ends us too."""
        if self._ledger_doubted.is_set():
            self._ledger_doubted.clear()
            self._ledger.write(lambda _: None)

    def _beat(self) -> None:
        """Only while posts would go out: not when the loop hangs, and not while the clock is refused."""
        if self._pulse.is_there:
            self._teller.beat()

    def _ask_ahead(self) -> None:
        if self._accepted is not None:
            self._asking.ask(self._accepted)

    def _first(self) -> Accepted:
        first = second = self._source.read()
        if needs_second_read(first, self._ledger):
            self._ledger.clock.wait_until(self._ledger.clock.now() + BETWEEN_READS, self._stopping)
            second = self._source.read()
        return accept(self._source, self._ledger, first, second)

    def _reread(self, accepted: Accepted) -> Accepted:
        """What counts now: the same, or a changed reading that has stood still for two seconds."""
        if not accepted.unsteady and not self._source.has_changed(accepted.world):
            return accepted
        first = self._read(accepted.world)
        self._ledger.clock.wait_until(self._ledger.clock.now() + BETWEEN_READS, self._stopping)
        return self._say_told(accept(self._source, self._ledger, first, self._read(accepted.world)))

    def _read(self, before: World) -> World:
        """The files now. Beside a config that can't be used its last good version goes on, but no older campaign does."""
        try:
            found = self._source.read()
        except InvalidFilesError as error:
            self._config_broken(error, before)
        else:
            self._ledger.write(lambda c: alerts.withdraw_subject(c, "config", self._ledger.clock.now()))
            return found
        with suppress(InvalidFilesError):
            return self._source.read(config=before.config)
        return before

    def _say_told(self, accepted: Accepted) -> Accepted:
        said, self._held_back = self._held_back, accepted.faults
        for error in (*accepted.told, *untold(accepted, said)):
            self._tell_fault(error)
        for name in said.keys() - accepted.faults.keys() - {f"campaign {id}" for id in accepted.unsteady}:
            self._tell_fault(InvalidFilesError(f"{name} is well again"))
        return accepted

    def _config_broken(self, error: InvalidFilesError, world: World) -> None:
        now = self._ledger.clock.now()
        new = self._ledger.write(
            lambda connection: alerts.raise_alert(
                connection,
                kind="file",
                text=f"the config {world.config.path} can't be used: {error}; the last good version goes on",
                command="campaigner check",
                subject="config",
                now=now,
            )
        )
        if new:
            self._tell_fault(error)

    def _turn(self, accepted: Accepted) -> Survey:
        """One turn; none while the clock stands before what the ledger has written."""
        try:
            found = self._turner.turn(accepted)
        except RefusedError as error:
            if not self._is_refused:
                self._tell_fault(error)
            self._is_refused = True
            return Survey()
        self._is_refused = False
        self._pulse.turned()
        return found

    def _instants(self, accepted: Accepted, next_at: datetime | None) -> list[datetime]:
        now = self._ledger.clock.now()
        ahead = {slot.due_at for slot in accepted.planned.slots if now < slot.due_at <= now + HORIZON}
        if next_at is not None and next_at <= now + HORIZON:
            ahead.add(next_at)
        return sorted(ahead)[:MOST_ALARMS]

    def _report(self, report: Report) -> None:
        """Say each thing once, not at every look."""
        said = (str(report.outcome), report.reason)
        if self._said.get(str(report.key)) != said or report.outcome is Outcome.PUBLISHED:
            self._said[str(report.key)] = said
            self._tell(report)
        if report.until is not None and self._alarms is not None:
            self._alarms.at([report.until])

    def _lane_fault(self, error: Exception) -> None:
        """A missing secret stops its account only, and is said once, as does an adapter that fails; else the daemon ends."""
        if isinstance(error, BrokenAccountError):
            self._tell_fault(error)
            return
        if isinstance(error, AccountError):
            if str(error) not in self._faults_said:
                self._faults_said.add(str(error))
                self._tell_fault(error)
            return
        self._fault = error
        self._wake.set()

    def _end(self) -> None:
        """Drop what has not begun, wait for the calls in flight, record them, and go."""
        dispatcher = self._turner.dispatcher
        dispatcher.stop()
        dispatcher.wait_idle(GRACE_SECONDS)
        self._turner.close()
