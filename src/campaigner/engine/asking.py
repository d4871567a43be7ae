"""Asking a platform who we are, apart from the account's lane: before a group goes out, and a day ahead."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..errors import AccountError
from ..ledger import alerts, lanes
from ..ledger.ledger import Connection, Ledger
from ..platforms.base import Identity, Unauthorized, Unavailable
from .accept import Accepted
from .world import Source, World, connect

AHEAD = timedelta(hours=24)
ASK_EVERY = timedelta(hours=6)


def ask(source: Source, ledger: Ledger, world: World, account: str) -> Identity | Unauthorized | Unavailable:
    """What the platform says of us now; its refusal stops the account, and is told. Raises AccountError without a secret."""
    # An adapter of its own: the account's lane has the other in use.
    adapter = connect(source, world, account)
    try:
        answer = adapter.identity()
    finally:
        adapter.close()
    ledger.write(lambda connection: _note(connection, account, answer, ledger.clock.now()))
    return answer


def why_refused(source: Source, ledger: Ledger, world: World, account: str) -> str | None:
    """Why an account can't be used now, None when it can."""
    try:
        answer = ask(source, ledger, world, account)
    except AccountError as error:
        return str(error)
    return None if isinstance(answer, Identity) else answer.reason


def _note(connection: Connection, account: str, answer: Identity | Unauthorized | Unavailable, now: datetime) -> None:
    if isinstance(answer, Identity):
        lanes.tell_expiry(connection, account, answer.expires_at, now)
    elif isinstance(answer, Unauthorized):
        lanes.stop(connection, account, answer.reason, now)


class AskingAhead:
    """Asks each account that has posts in the next 24 hours, four times a day: a dead token is told before it matters."""

    def __init__(self, source: Source, ledger: Ledger) -> None:
        self._source = source
        self._ledger = ledger
        self._asked_at: dict[str, datetime] = {}

    def ask(self, accepted: Accepted) -> None:
        """Ask whose turn it is. Raises SurroundingsError only when the ledger fails."""
        now = self._ledger.clock.now()
        for account in _busy(accepted, now):
            if (
                account not in self._asked_at
                or not self._asked_at[account] <= now < self._asked_at[account] + ASK_EVERY
            ):
                self._asked_at[account] = now
                self._ask_one(accepted.world, account)

    def _ask_one(self, world: World, account: str) -> None:
        subject = f"access {account}"
        try:
            ask(self._source, self._ledger, world, account)
        except AccountError as error:
            reason = str(error)
            self._ledger.write(lambda connection: _tell(connection, reason, account, subject, self._ledger.clock.now()))
        else:
            self._ledger.write(
                lambda connection: alerts.withdraw_subject(connection, subject, self._ledger.clock.now())
            )


def _busy(accepted: Accepted, now: datetime) -> dict[str, None]:
    """The accounts with something to post in the next 24 hours, in time order."""
    found: dict[str, None] = {}
    for slot in accepted.planned.slots:
        if slot.due_at > now + AHEAD:
            break
        if slot.due_at >= now and not slot.draft:
            found.setdefault(slot.key.account)
    return found


def _tell(connection: Connection, reason: str, account: str, subject: str, now: datetime) -> None:
    alerts.raise_alert(
        connection,
        kind="account",
        text=f"{reason}. It has posts within a day",
        command=f"campaigner accounts check {account}",
        subject=subject,
        now=now,
    )
