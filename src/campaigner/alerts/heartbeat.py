"""The heartbeat: a URL of an outside service that is fetched once a minute; its silence is what wakes people."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..clock import Clock
from ..platforms.http import Answer, HttpSession

BEAT_EVERY_SECONDS = 60.0


class Heartbeat:
    """Beats once a minute, however often it is asked to; says once that it can't, until it can again."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        warn: Callable[[str], None],
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._clock = clock
        self._warn = warn
        self._steady = steady
        self._beat_at: float | None = None
        self._has_warned = False

    def beat(self) -> None:
        """Beat, if a minute has passed since the last time. Never raises for a network."""
        now = self._steady()
        if self._beat_at is not None and now < self._beat_at + BEAT_EVERY_SECONDS:
            return
        self._beat_at = now
        arrived = fetch(self._url, self._clock)
        if not arrived and not self._has_warned:
            self._warn("the heartbeat could not be sent")
        self._has_warned = not arrived


def fetch(url: str, clock: Clock) -> bool:
    """True when the service says that all is well."""
    session = HttpSession(clock, url, [url], takes_pages=True)
    try:
        answer = session.call("GET", url)
    finally:
        session.close()
    return isinstance(answer, Answer) and answer.is_success
