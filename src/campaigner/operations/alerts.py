"""Telling people: alerts go to Apprise URLs until one is accepted, and a heartbeat to an outside service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ..ledger import alerts
from ..ledger.ledger import Ledger
from ..ledger.records import Alert

Send = Callable[[str, str], bool]
"""Sends (title, text); True when it was accepted."""


def send_alerts(ledger: Ledger, send: Send) -> int:
    """Send what nobody was told of yet, oldest first; what is not accepted stays for the next time. Returns how many went."""
    sent = 0
    for alert in ledger.read(alerts.unsent):
        if not send(f"campaigner: {alert.kind}", text_of(alert)):
            break
        ledger.write(partial(alerts.mark_sent, alert=alert, now=ledger.clock.now()))
        sent += 1
    return sent


def text_of(alert: Alert) -> str:
    """What happened, when, and the command to type."""
    return f"{alert.text}\n{alert.raised_at:%Y-%m-%d %H:%M} UTC" + (f"\n{alert.command}" if alert.command else "")


def through_apprise(urls: Sequence[str]) -> Send:
    """A sender over Apprise (https://github.com/caronc/apprise): mail, chat and push services behind one URL form."""
    from apprise import Apprise

    service = Apprise()
    for url in urls:
        service.add(url)

    def send(title: str, text: str) -> bool:
        return bool(service.notify(body=text, title=title))

    return send
