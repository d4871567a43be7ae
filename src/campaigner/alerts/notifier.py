"""Sends the alerts of a ledger to every channel of the config: each gets each once, and one that fails is tried later and later.

And beats: a URL of an outside service is fetched once a minute; its silence is what wakes people.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial
from itertools import chain

from ..clock import Clock
from ..errors import spelled
from ..ledger import alerts
from ..ledger.ledger import Ledger
from ..ledger.models import Alert
from ..platforms.http import Answer, HttpSession
from .apprise_process import AppriseProcess, Message

MOST_ALONE = 5
"""Alerts of one kind that wait together are told one by one up to so many; of more than that, one message names so many."""
MOST_FAILURES = 3
"""In a row, then a channel is left alone for a while: each may take as long as the deadline of its process."""
FIRST_REST_SECONDS = 30.0
LONGEST_REST_SECONDS = 900.0
BEAT_EVERY_SECONDS = 60.0
_QUOTED = re.compile(r'"[^"]*"')
_DOT_OF_HOST = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")


def id_of(url: str) -> str:
    """The name of a channel in the ledger, which tells nobody its URL."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


class Notifier:
    """Sends a ledger's alerts everywhere and beats. `channels` are URLs by the name that people know them by.

    `warn` gets a line for the terminal when somebody can't be told.
    """

    def __init__(
        self, ledger: Ledger, channels: Mapping[str, str], heartbeat: str | None, warn: Callable[[str], None]
    ) -> None:
        self._ledger = ledger
        self._heartbeat = Heartbeat(heartbeat, ledger.clock, warn) if heartbeat is not None else None
        # A URL that stands there twice is one place, by its first name.
        found = {id_of(url): (name, url) for name, url in reversed(list(channels.items()))}
        self._ids = frozenset(found)
        self.channels = [
            AlertChannel(ledger, id, name, AppriseProcess(url), everyone=self._ids, warn=warn)
            for id, (name, url) in found.items()
        ]

    def tell(self) -> None:
        """Send what is unsent everywhere at once, and beat. Raises SurroundingsError when the ledger fails."""
        self.settle()
        jobs = [self.beat, *(channel.tell for channel in self.channels)]
        with ThreadPoolExecutor(len(jobs), thread_name_prefix="notifier") as pool:
            try:
                begun = [pool.submit(job) for job in jobs]
                wait(begun)
            except BaseException:
                # Ctrl-C: nobody waits for a slow service then.
                self.close()
                raise
        for job in begun:
            job.result()

    def settle(self) -> None:
        """Forget the channels that have left the config since alerts were told there."""
        unsent = self._ledger.read(alerts.unsent) if self._ids else []
        if unsent:
            self._ledger.write(lambda c: alerts.follow_channels(c, self._ids, self._ledger.clock.now()))

    def beat(self) -> None:
        """Let the outside service know that all is well, once a minute."""
        if self._heartbeat is not None:
            self._heartbeat.beat()

    def stop(self) -> None:
        """Begin with nothing more; what is on its way may end."""
        for channel in self.channels:
            channel.stop()

    def close(self) -> None:
        """End what is on its way too."""
        for channel in self.channels:
            channel.close()


class AlertChannel:
    """Told on one thread, apart from all others: it may be slow. `name` is how people know it, `everyone` are all ids.

    What was sent and could not be written down, for the ledger was locked, is written down the next time; what a killed
    process has sent and not written down is sent again.
    """

    def __init__(
        self,
        ledger: Ledger,
        id: str,
        name: str,
        transport: AppriseProcess,
        *,
        everyone: Collection[str],
        warn: Callable[[str], None],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = id
        self.name = name
        self._ledger = ledger
        self._transport = transport
        self._everyone = everyone
        self._warn = warn
        self._steady = steady
        self._stopping = threading.Event()
        self._unrecorded: set[int] = set()
        self._newest = 0
        self._failures = 0
        self._rests = 0
        self._rests_until = 0.0

    def tell(self) -> None:
        """Send what waits, unless this channel rests. Raises SurroundingsError of the ledger."""
        found = self._waiting()
        if self._stopping.is_set() or not self._is_time(found):
            return
        try:
            while found and not self._stopping.is_set():
                self._send_all(found)
                # What was raised meanwhile is told as well.
                newest = self._newest
                found = [alert for alert in self._waiting() if alert.id > newest]
        finally:
            self._transport.rest()

    def stop(self) -> None:
        """Begin with nothing more."""
        self._stopping.set()

    def close(self) -> None:
        """End what is on its way too; safe from another thread."""
        self._stopping.set()
        self._transport.close()

    def _waiting(self) -> list[Alert]:
        if self._unrecorded:
            self._record()
        return self._ledger.read(partial(alerts.waiting, channel=self.id))

    def _is_time(self, found: list[Alert]) -> bool:
        """What is new is tried at once: it may be another alert that this channel does not take."""
        return bool(found) and (found[-1].id > self._newest or self._steady() >= self._rests_until)

    def _send_all(self, found: list[Alert]) -> None:
        """Oldest first. After a failure comes the youngest, which tells whether nothing is taken or that one message is not."""
        waiting, failed = deque(in_messages(found)), False
        self._newest = max([self._newest, *(alert.id for alert in found)])
        while waiting and not self._stopping.is_set():
            if self._has(waiting.pop() if self._failures else waiting.popleft()):
                self._failures = 0
                continue
            failed = True
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                break
        # What was on its way when we were told to end is no failure of the channel.
        if not self._stopping.is_set():
            self._note(failed=failed)

    def _has(self, told: Sequence[Alert]) -> bool:
        """Send one message that tells of these."""
        if not self._transport.accepts(message_of(told)):
            return False
        self._unrecorded |= {alert.id for alert in told}
        self._record()
        return True

    def _record(self) -> None:
        now = self._ledger.clock.now()
        self._ledger.write(lambda c: alerts.accept(c, self._unrecorded, self.id, self._everyone, now))
        self._unrecorded = set()

    def _note(self, *, failed: bool) -> None:
        now = self._ledger.clock.now()
        if not failed:
            self._rests = 0
            self._ledger.write(lambda c: alerts.channel_works(c, self.id, now))
            return
        if self._steady() >= self._rests_until:
            self._rests_until = self._steady() + min(FIRST_REST_SECONDS * 2**self._rests, LONGEST_REST_SECONDS)
            self._rests += 1
        if self._ledger.write(lambda c: alerts.channel_failed(c, self.id, self.name, self._everyone, now)):
            self._warn(f"an alert could not be sent to {self.name}; it is tried again. `campaigner status` shows it")


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
        with closing(HttpSession(self._clock, self._url, [self._url], takes_pages=True)) as session:
            answer = session.call("GET", self._url)
        arrived = isinstance(answer, Answer) and answer.is_success
        if not arrived and not self._has_warned:
            self._warn("the heartbeat could not be sent")
        self._has_warned = not arrived


def in_messages(found: Iterable[Alert]) -> list[list[Alert]]:
    """What is told together: each alert by itself, but for many of one kind, which an outage may leave by the hundred."""
    kinds: dict[str, list[Alert]] = {}
    for alert in found:
        kinds.setdefault(alert.kind, []).append(alert)
    messages = [[told] if len(told) > MOST_ALONE else [[alert] for alert in told] for told in kinds.values()]
    return sorted(chain.from_iterable(messages), key=lambda told: told[0].id)


def message_of(told: Sequence[Alert]) -> Message:
    """What happened, on one line; when; and the command to type, on a line of its own. Of many their number and the first.

    What others said in it is no chat's to act on: mentions are written out, and links in quotations can't be followed.
    """
    first = told[0]
    lines, command = [_line_of(alert) for alert in told[:MOST_ALONE]], first.command
    if len(told) > 1:
        lines = [f"{len(told)} alerts of one kind, {first.kind}. The first {MOST_ALONE}:", *lines]
        command = "campaigner status --attention"
    text = "\n".join([*lines, f"{first.raised_at:%Y-%m-%d %H:%M} UTC", *([command] if command else [])])
    return f"campaigner: {first.kind}", text


def _line_of(alert: Alert) -> str:
    told = _QUOTED.sub(lambda found: _without_links(found[0]), spelled(" ".join(alert.text.split())))
    return told.replace("@", "(at)").replace("<!", "‹!")


def _without_links(words: str) -> str:
    return _DOT_OF_HOST.sub("[.]", words.replace("://", "[:]//"))
