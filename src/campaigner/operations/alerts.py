"""Telling people: alerts go to Apprise URLs until one is accepted, and a heartbeat to an outside service."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

from ..clock import Clock
from ..ledger import alerts
from ..ledger.ledger import Ledger
from ..ledger.records import Alert
from ..platforms.session import Answer, HttpSession
from .messenger import Message, send_all

Send = Callable[[Sequence[Message]], Generator[bool]]
"""Sends messages one after the other; yields True for each that was accepted, and ends after one that was not."""

BEAT_EVERY = timedelta(minutes=1)
TELL_AGAIN = timedelta(seconds=30)


class Teller:
    """Sends the alerts of a ledger, and beats while all is well. `say` gets a line for the terminal when it can't."""

    def __init__(self, ledger: Ledger, send: Send | None, heartbeat: str | None, say: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._send = send
        self._heartbeat = heartbeat
        self._say = say
        self._beat_at: datetime | None = None
        self._not_before: datetime | None = None
        self._said = False

    def tell(self) -> None:
        """Send what is unsent, then beat, if a minute has passed since the last time. Never raises for a network."""
        now = self._ledger.clock.now()
        if self._send is not None and (self._not_before is None or now >= self._not_before):
            self._send_alerts(self._send)
        if self._heartbeat is not None and (self._beat_at is None or now >= self._beat_at + BEAT_EVERY):
            self._beat_at = now
            if not beat(self._heartbeat, self._ledger.clock):
                self._say("the heartbeat could not be sent")

    def _send_alerts(self, send: Send) -> None:
        if send_alerts(self._ledger, send):
            return
        self._not_before = self._ledger.clock.now() + TELL_AGAIN
        if not self._said:
            self._said = True
            self._say("an alert could not be sent; it is tried again. `campaigner status` shows it")


def send_alerts(ledger: Ledger, send: Send) -> bool:
    """Send what nobody was told of yet, oldest first. False when one was not accepted: it stays for the next time."""
    unsent = ledger.read(alerts.unsent)
    if not unsent:
        return True
    with closing(send([(f"campaigner: {alert.kind}", text_of(alert)) for alert in unsent])) as answers:
        for alert in unsent:
            if not next(answers, False):
                return False
            ledger.write(partial(alerts.mark_sent, alert=alert, now=ledger.clock.now()))
    return True


def text_of(alert: Alert) -> str:
    """What happened, when, and the command to type."""
    return f"{alert.text}\n{alert.raised_at:%Y-%m-%d %H:%M} UTC" + (f"\n{alert.command}" if alert.command else "")


def through_apprise(urls: Sequence[str]) -> Send:
    """A sender over Apprise (https://github.com/caronc/apprise): mail, chat and push services behind one URL form."""
    return partial(send_all, urls)


def beat(url: str, clock: Clock) -> bool:
    """Tell an outside service that campaigner is alive; its silence is what wakes people."""
    session = HttpSession(clock, url, [url])
    try:
        answer = session.call("GET", url)
    finally:
        session.close()
    return isinstance(answer, Answer) and answer.is_success
