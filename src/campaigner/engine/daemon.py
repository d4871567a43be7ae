"""`run`: the daemon. APScheduler is its clock and nothing more; the plan minus the ledger says what is due.

APScheduler's own stores lose jobs at a kill, its CronTrigger fires twice in autumn, and its default grace time drops
jobs: so there is one UTC date job in memory, for the instant at which something may be done next, and it only wakes our loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from ..alerts.notifier import Notifier
from ..clock import Clock, JumpWatch
from ..delivery import safety_gates
from ..delivery.steps import Outcome, Report
from ..errors import InvalidFilesError, RefusedError
from ..ledger import alerts
from ..ledger.ledger import Ledger
from .accepted_plan import BETWEEN_READS, Accepted, accept
from .background_tasks import BackgroundTasks, LoopWatchdog
from .engine import Engine
from .run_once import read_twice, untold
from .worker_pool import WORKERS, Finished
from .world import Source, World

CHECK_SECONDS = 2.0
"""How often, in real seconds, files, holds and the ledger are looked at, and jumps of the clock are noticed."""
LOOK_SECONDS = 30.0
"""How often the whole plan is, though nothing calls for it."""
TELLING_SECONDS = 10.0


class Alarm:
    """Wakes the loop at an instant, to the millisecond, through one date job of APScheduler."""

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        from apscheduler.executors.debug import DebugExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        # APScheduler 3 has no type hints. The job runs on the scheduler's own thread: it takes no time.
        scheduler_type: Any = BackgroundScheduler
        executor_type: Any = DebugExecutor
        self._clock = clock
        self._wake = wake
        self._at: datetime | None = None
        self._scheduler: Any = scheduler_type(
            timezone="UTC",
            executors={"default": executor_type()},
            job_defaults={"misfire_grace_time": None, "coalesce": True},
        )
        self._scheduler.start()

    def set(self, instant: datetime | None) -> None:
        """Wake at this instant and at no other; None: not at all."""
        if instant == self._at:
            return
        self._at = instant
        if instant is None:
            self._scheduler.remove_all_jobs()
        else:
            real = self._clock.real_instant(instant)
            self._scheduler.add_job(self._ring, "date", run_date=real, id="next", replace_existing=True)

    def _ring(self) -> None:
        # A clock that runs fast may not be there yet by a hair: then it is set again.
        self._at = None
        self._wake()

    def nudge(self) -> None:
        """Let the scheduler look at the wall clock again: it sleeps on the monotonic one and misses jumps."""
        self._scheduler.wakeup()

    def close(self) -> None:
        """Never with wait=True: a job that touches the scheduler would deadlock it."""
        self._scheduler.shutdown(wait=False)


class Daemon:
    """Works until it is told to stop. `report` and `warn` as for `run --once`."""

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        report: Callable[[Report], None],
        warn: Callable[[Exception], None],
        *,
        teller: Notifier,
        workers: int = WORKERS,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._report = report
        self._warn = warn
        self._teller = teller
        self._engine = Engine(source, ledger, self._report_once, warn, workers=workers, asks_ahead=True)
        self._changes = Changes(source, ledger, warn)
        self._said: dict[str, tuple[str, str]] = {}
        self._held_back: dict[str, str] = {}
        self._hold_file: str | None = None
        self._fault: Exception | None = None
        self._refused: RefusedError | None = None
        self._is_ledger_doubted = False
        self._checked_at = self._looked_at = 0.0
        self._pulse = LoopWatchdog()

    def stop(self) -> None:
        """End soon; safe to call from a signal handler."""
        self._engine.stop()

    def run(self) -> None:
        """Work until stopped. Raises SurroundingsError when the ledger fails for good."""
        self._teller.settle()
        alarm = Alarm(self._ledger.clock, self._engine.wake)
        background = self._begin_background()
        jumps = JumpWatch()
        try:
            accepted = self._say_told(read_twice(self._source, self._ledger, self._engine.stopping))
            finished: list[Finished] = []
            while not self._engine.stopping.is_set():
                accepted = self._work(accepted, finished, jumps, alarm)
                alarm.set(min(filter(None, (self._engine.next_at, self._changes.ready_at)), default=None))
                finished = self._engine.take(CHECK_SECONDS)
                if self._fault is not None:
                    raise self._fault
            self._engine.tick(accepted, finished)
            self._engine.end(accepted)
        finally:
            alarm.close()
            self._teller.stop()
            self._engine.close()
            background.join(TELLING_SECONDS)
            self._teller.close()

    def _work(self, accepted: Accepted, finished: list[Finished], jumps: JumpWatch, alarm: Alarm) -> Accepted:
        """Record what has come back, and look at what has changed or is due."""
        is_time_to_check = time.monotonic() >= self._checked_at + CHECK_SECONDS
        # Before anything is looked at: what is due by a clock that has jumped may be hours away.
        has_jumped = self._ledger.clock.is_real and jumps.has_jumped()
        if has_jumped:
            self._engine.compare_clocks()
        must_look = has_jumped or self._engine.must_look or self._is_due()
        if is_time_to_check:
            self._checked_at = time.monotonic()
            alarm.nudge()
            self._try_ledger()
            must_look |= self._has_something_changed(accepted)
        if (is_time_to_check or must_look or self._changes.ready_at) and (
            changed := self._changes.accepted(accepted)
        ) is not None:
            accepted, must_look = self._say_told(changed), True
        # While files are being read twice nothing is looked at or begun: what is due may be what they change.
        is_steady = self._changes.ready_at is None
        if look := must_look and is_steady:
            self._looked_at = time.monotonic()
        self._engine.tick(accepted, finished, look=look, begin=is_steady)
        self._say_refusal()
        return accepted

    def _is_due(self) -> bool:
        look_at = self._engine.look_at
        return look_at is not None and look_at <= self._ledger.clock.now()

    def _has_something_changed(self, accepted: Accepted) -> bool:
        """True when people, other processes or time may have changed what is due."""
        hold_file = safety_gates.hold_file_text(accepted.world.config)
        before, self._hold_file = self._hold_file, hold_file
        is_old = time.monotonic() >= self._looked_at + LOOK_SECONDS
        return self._engine.wants_look or is_old or hold_file != before or self._ledger.has_changed()

    def _begin_background(self) -> BackgroundTasks:
        """A slow mail server holds up no post, no other place that is told, and no heartbeat."""
        background = BackgroundTasks(self._engine.stopping, say=self._warn, doubt=self._doubt_ledger, fail=self._fail)
        for recipient in self._teller.channels:
            background.start(recipient.name, recipient.tell)
        background.start("heartbeat", self._beat)
        return background

    def _doubt_ledger(self) -> None:
        self._is_ledger_doubted = True
        self._engine.wake()

    def _try_ledger(self) -> None:
        """A ledger that something beside us could not use: one that has failed for good, or was upgraded, ends us too."""
        if self._is_ledger_doubted:
            self._is_ledger_doubted = False
            self._ledger.write(lambda _: None)

    def _fail(self, error: Exception) -> None:
        self._fault = error
        self._engine.wake()

    def _beat(self) -> None:
        """Only while posts would go out: not when the loop hangs, and not while the clock is refused."""
        if self._pulse.is_there:
            self._teller.beat()

    def _say_told(self, accepted: Accepted) -> Accepted:
        said, self._held_back = self._held_back, accepted.faults
        for error in (*accepted.new_alerts, *untold(accepted, said)):
            self._warn(error)
        for name in said.keys() - accepted.faults.keys() - {f"campaign {id}" for id in accepted.unsteady}:
            self._warn(InvalidFilesError(f"{name} is well again"))
        return accepted

    def _say_refusal(self) -> None:
        """That nothing is sent by this clock is said once; the heartbeat tells the rest of the world."""
        refused, self._refused = self._refused, self._engine.refusal
        if self._refused is None:
            self._pulse.turned()
        elif refused is None:
            self._warn(self._refused)

    def _report_once(self, report: Report) -> None:
        """Say each thing once, not at every look."""
        said = (str(report.outcome), report.reason)
        if self._said.get(str(report.key)) != said or report.outcome is Outcome.PUBLISHED:
            self._said[str(report.key)] = said
            self._report(report)


class Changes:
    """What the files say now: a change counts once it has stood still for two seconds, and nothing waits for that."""

    def __init__(self, source: Source, ledger: Ledger, warn: Callable[[Exception], None]) -> None:
        self._source = source
        self._ledger = ledger
        self._warn = warn
        self._first: World | None = None
        self._began_at = 0.0
        self.ready_at: datetime | None = None
        """When a change that was seen is read a second time; None: there is none."""

    def accepted(self, before: Accepted) -> Accepted | None:
        """What counts instead of `before`, None while that still counts."""
        if self._first is None:
            if before.unsteady or self._source.has_changed(before.world):
                self._first = self._read(before.world)
                self._began_at = time.monotonic()
                self.ready_at = self._ledger.clock.now() + BETWEEN_READS
            return None
        # By the monotonic clock too: a clock that is set back keeps nobody waiting for a day.
        is_over = time.monotonic() >= self._began_at + BETWEEN_READS / timedelta(seconds=1)
        if self.ready_at is not None and self._ledger.clock.now() < self.ready_at and not is_over:
            return None
        first, self._first, self.ready_at = self._first, None, None
        return accept(self._source, self._ledger, first, self._read(before.world))

    def _read(self, before: World) -> World:
        """The files now. Beside a config that can't be used its last good version goes on, but no older campaign does."""
        now = self._ledger.clock.now()
        try:
            found = self._source.read()
        except InvalidFilesError as error:
            text = f"the config {before.config.path} can't be used: {error}; the last good version goes on"
            alert = {"kind": "file", "text": text, "command": "campaigner check", "subject": "config"}
            if self._ledger.write(lambda connection: alerts.raise_alert(connection, now=now, **alert)):
                self._warn(error)
        else:
            self._ledger.write(lambda connection: alerts.withdraw_subject(connection, "config", now))
            return found
        with suppress(InvalidFilesError):
            return self._source.read(config=before.config)
        return before
