"""Telling people: alerts go to Apprise URLs until one is accepted, and a heartbeat to an outside service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from ..clock import Clock
from ..ledger import alerts
from ..ledger.ledger import Ledger
from ..ledger.records import Alert
from ..platforms.session import Answer, HttpSession

Send = Callable[[str, str], bool]
"""Sends (title, text); True when it was accepted."""

BEAT_EVERY = timedelta(minutes=1)


class Teller:
    """Sends the alerts of a ledger, and beats while all is well. `say` gets a line for the terminal when it can't."""

    def __init__(self, ledger: Ledger, send: Send | None, heartbeat: str | None, say: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._send = send
        self._heartbeat = heartbeat
        self._say = say
        self._beat_at: datetime | None = None
        self._said = False

    def tell(self) -> None:
        """Send what is unsent, then beat, if a minute has passed since the last time. Never raises for a network."""
        if self._send is not None and not send_alerts(self._ledger, self._send) and not self._said:
            self._said = True
            self._say("an alert could not be sent; it is tried again. `campaigner status` shows it")
        now = self._ledger.clock.now()
        if self._heartbeat is not None and (self._beat_at is None or now >= self._beat_at + BEAT_EVERY):
            self._beat_at = now
            if not beat(self._heartbeat, self._ledger.clock):
                self._say("the heartbeat could not be sent")


def send_alerts(ledger: Ledger, send: Send) -> bool:
    """Send what nobody was told of yet, oldest first. False when one was not accepted: it stays for the next time."""
    for alert in ledger.read(alerts.unsent):
        if not send(f"campaigner: {alert.kind}", text_of(alert)):
            return False
        ledger.write(partial(alerts.mark_sent, alert=alert, now=ledger.clock.now()))
    return True


def text_of(alert: Alert) -> str:
    """What happened, when, and the command to type."""
    return f"{alert.text}\n{alert.raised_at:%Y-%m-%d %H:%M} UTC" + (f"\n{alert.command}" if alert.command else "")


def through_apprise(urls: Sequence[str]) -> Send:
    """A sender over Apprise (https://github.com/caronc/apprise): mail, chat and push services behind one URL form."""
    from apprise import Apprise

    # It writes URLs, and with them secrets, into its log.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    service = Apprise()
    known = [url for url in urls if service.add(url)]

    def send(title: str, text: str) -> bool:
        return bool(known) and bool(service.notify(body=text, title=title))

    return send


def beat(url: str, clock: Clock) -> bool:
    """Tell an outside service that campaigner is alive; its silence is what wakes people."""
    session = HttpSession(clock, url, [url])
    try:
        answer = session.call("GET", url)
    finally:
        session.close()
    return isinstance(answer, Answer) and answer.is_success
