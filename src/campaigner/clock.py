"""What time it is, and how to wait: the system's clock, one that only moves when told, and a fast one.

All instants are aware datetimes in UTC. Nothing else in campaigner asks the operating system for the time.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


def rfc3339(instant: datetime, timespec: str = "auto") -> str:
    """An instant as RFC 3339 writes it, in UTC, with Z."""
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


class Clock(Protocol):
    """The three questions that engines and deliveries ask of time.

    `is_real`: it claims to be the world's time, and is compared with what servers say.
    """

    @property
    def is_real(self) -> bool: ...

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def wait_until(self, instant: datetime, wake: threading.Event | None = None) -> None:
        """Return at `instant`, or earlier when `wake` is set."""
        ...

    def real_instant(self, instant: datetime) -> datetime:
        """Return when the system's clock will stand as this clock does at `instant`."""
        ...


class SystemClock:
    """The machine's own clock. Waits in short steps, so that a jump of the clock is noticed within seconds.

    A jump forward ends a wait, a jump back does not lengthen it: nobody waits a day for two seconds to pass.
    """

    step = 5.0
    is_real = True

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait_until(self, instant: datetime, wake: threading.Event | None = None) -> None:
        wake = wake or threading.Event()
        ends = time.monotonic() + (instant - self.now()).total_seconds()
        while (left := min((instant - self.now()).total_seconds(), ends - time.monotonic())) > 0:
            if wake.wait(min(left, self.step)):
                return

    def real_instant(self, instant: datetime) -> datetime:
        return instant


class SteppingClock:
    """Stands still until somebody waits, then moves straight to the end of that wait; never backwards.

    Rehearsals and tests use it: a day passes as fast as its work is done, whatever the number of threads.
    """

    is_real = False

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def wait_until(self, instant: datetime, wake: threading.Event | None = None) -> None:
        if wake is not None and wake.is_set():
            return
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))

    def real_instant(self, instant: datetime) -> datetime:
        return instant


class FastClock:
    """Starts at `start` and runs `speed` times as fast as the machine's monotonic clock."""

    def __init__(self, start: datetime, speed: float = 1.0, *, is_real: bool = False) -> None:
        self.is_real = is_real
        self._start = start.astimezone(UTC)
        self._speed = speed
        self._origin = time.monotonic()
        self._real_origin = datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._origin) * self._speed)

    def wait_until(self, instant: datetime, wake: threading.Event | None = None) -> None:
        wake = wake or threading.Event()
        while (left := (instant - self.now()).total_seconds() / self._speed) > 0:
            if wake.wait(left):
                return

    def real_instant(self, instant: datetime) -> datetime:
        return self._real_origin + (instant - self._start) / self._speed


def parse_clock(value: str) -> FastClock:
    """Read `START[,SPEED[,compare]]` as CAMPAIGNER_CLOCK has it; raise ValueError saying what was wanted."""
    start, speed, compare = [*value.split(",", 2), "", ""][:3]
    if compare.strip() not in ("", "compare"):
        raise ValueError("after the speed stands the word compare, or nothing")
    try:
        instant = datetime.fromisoformat(start.strip())
    except ValueError:
        raise ValueError("it begins with a date and a time, as in 2020-12-18T07:59:00+02:00") from None
    if instant.tzinfo is None:
        example = instant.isoformat()
        raise ValueError(
            f"after the time stands how far it is from UTC: {example}+02:00 in Helsinki in winter, {example}Z in UTC"
        )
    try:
        factor = float(speed) if speed.strip() else 1.0
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 1_000_000:
        raise ValueError("after the comma stands how many times as fast it runs: a number above 0, at most 1000000")
    return FastClock(instant, factor, is_real=bool(compare.strip()))


class JumpWatch:
    """Notices that the wall clock jumped, or that the machine slept: wall and monotonic time part.

    Several small steps in one direction count as one jump.
    """

    tolerance = timedelta(minutes=1)

    def __init__(self) -> None:
        self._zero_at = _steady_zero()

    def has_jumped(self) -> bool:
        """True when more than a minute appeared or vanished since this was last true."""
        zero_at = _steady_zero()
        if abs(zero_at - self._zero_at) <= self.tolerance:
            return False
        self._zero_at = zero_at
        return True


def _steady_zero() -> datetime:
    """When the monotonic clock stood at zero, by the wall clock: the same for ever, unless one of them stops or jumps."""
    return datetime.now(UTC) - timedelta(seconds=time.monotonic())
