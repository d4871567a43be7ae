"""Asking a platform who we are and what time it is, apart from the account's lane: for a group, a day ahead, after a jump."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from ..delivery import gates
from ..delivery.who import COMPARE_AGAIN, tell_clock
from ..errors import AccountError, BrokenAccountError
from ..ledger import lanes
from ..ledger.ledger import Connection, Ledger
from ..platforms.base import Identity, Unauthorized, Unavailable
from .accept import Accepted
from .world import Source, World, connect

AHEAD = timedelta(hours=24)
ASK_EVERY = timedelta(hours=6)


def ask(source: Source, ledger: Ledger, world: World, account: str) -> Identity | Unauthorized | Unavailable:
    """What the platform says of us now; its refusal stops the account, and is told. Raises AccountError without a secret,
    and for an adapter that fails, which stops the account too.
    """
    try:
        answer = _identity(source, world, account)
    except BrokenAccountError as error:
        reason, now = error.reason, ledger.clock.now()
        ledger.write(lambda connection: lanes.stop(connection, account, reason, now))
        raise
    apart = _why_apart(ledger, answer)
    ledger.write(lambda connection: _note(connection, account, answer, apart, ledger.clock.now()))
    return answer


def _identity(source: Source, world: World, account: str) -> Identity | Unauthorized | Unavailable:
    # An adapter of its own: the account's lane has the other in use.
    adapter = connect(source, world, account)
    try:
        return adapter.identity()
    finally:
        adapter.close()


def why_refused(
    source: Source, ledger: Ledger, tell_fault: Callable[[Exception], None], world: World, account: str
) -> str | None:
    """Why an account can't be used now, None when it can."""
    try:
        answer = ask(source, ledger, world, account)
    except AccountError as error:
        if isinstance(error, BrokenAccountError):
            tell_fault(error)
        return str(error)
    return None if isinstance(answer, Identity) else answer.reason


def _why_apart(ledger: Ledger, answer: Identity | Unauthorized | Unavailable) -> str | None:
    """Why our clock can't be right by what a platform says; a clock of a rehearsal claims nothing."""
    return gates.clocks_apart(answer.clock_offset) if isinstance(answer, Identity) and ledger.clock.is_real else None


def _note(
    connection: Connection,
    account: str,
    answer: Identity | Unauthorized | Unavailable,
    apart: str | None,
    now: datetime,
) -> None:
    if isinstance(answer, Identity):
        lanes.is_reached(connection, account, now)
        lanes.tell_expiry(connection, account, answer.expires_at, now)
        tell_clock(connection, account, apart, now)
    elif isinstance(answer, Unauthorized):
        lanes.stop(connection, account, answer.reason, now)


class ClockTrust:
    """Whether our clock may settle anything by itself: a post that was missed, a hold that is over.

    Asked of a platform when that is first wanted after a start and after each jump: a clock that was set wrong, and right
    again, has lost nothing then.
    """

    def __init__(self, source: Source, ledger: Ledger, tell_fault: Callable[[Exception], None]) -> None:
        self._source = source
        self._ledger = ledger
        self._tell_fault = tell_fault
        self._answer: tuple[str | None, datetime] | None = None

    def forget(self) -> None:
        """Ask again: the clock has jumped."""
        self._answer = None

    def why_not(self, world: World, accounts: Iterable[str]) -> str | None:
        """Why our clock can't be trusted; None when the first of these accounts that can be asked agrees, or none can."""
        now = self._ledger.clock.now()
        if self._answer is not None:
            reason, asked_at = self._answer
            if reason is None or asked_at <= now < asked_at + COMPARE_AGAIN:
                return reason
        self._answer = self._ask(world, accounts) if self._ledger.clock.is_real else None
        return self._answer and self._answer[0]

    def _ask(self, world: World, accounts: Iterable[str]) -> tuple[str | None, datetime] | None:
        for account in dict.fromkeys(accounts):
            try:
                answer = ask(self._source, self._ledger, world, account) if account in world.accounts else None
            except BrokenAccountError as error:
                self._tell_fault(error)
                continue
            except AccountError:
                continue
            if isinstance(answer, Identity) and answer.clock_offset is not None:
                return _why_apart(self._ledger, answer), self._ledger.clock.now()
        return None


class AskingAhead:
    """Asks each account that has posts in the next 24 hours, four times a day: a dead token is told before it matters.

    After a start or a jump of the clock it asks at least one, for the time.
    """

    def __init__(self, source: Source, ledger: Ledger, tell_fault: Callable[[Exception], None]) -> None:
        self._source = source
        self._ledger = ledger
        self._tell_fault = tell_fault
        self._asked_at: dict[str, datetime] = {}
        self._has_compared = False

    def forget(self) -> None:
        """Ask again, and compare the clocks again: this one has jumped."""
        self._asked_at, self._has_compared = {}, False

    def ask(self, accepted: Accepted) -> None:
        """Ask whose turn it is. Raises SurroundingsError only when the ledger fails."""
        now = self._ledger.clock.now()
        asked_at, accounts = self._asked_at, _busy(accepted, now)
        for account in accounts:
            if account not in asked_at or not asked_at[account] <= now < asked_at[account] + ASK_EVERY:
                asked_at[account] = now
                self._ask_one(accepted.world, account)
        if not self._has_compared:
            self._has_compared = True
            if not accounts:
                self._ask_any(accepted)

    def _ask_any(self, accepted: Accepted) -> None:
        """What time it is, of the first account that can be asked: by a wrong clock the day of its posts is far away."""
        for account in dict.fromkeys(slot.key.account for slot in accepted.planned.slots):
            with suppress(AccountError):
                ask(self._source, self._ledger, accepted.world, account)
                return

    def _ask_one(self, world: World, account: str) -> None:
        try:
            ask(self._source, self._ledger, world, account)
        except BrokenAccountError as error:
            self._tell_fault(error)
        except AccountError as error:
            reason, now = f"{error}. It has posts within a day", self._ledger.clock.now()
            self._ledger.write(lambda connection: lanes.tell_no_access(connection, account, reason, now))


def _busy(accepted: Accepted, now: datetime) -> dict[str, None]:
    """The accounts with something to post in the next 24 hours, in time order."""
    found: dict[str, None] = {}
    for slot in accepted.planned.slots:
        if slot.due_at > now + AHEAD:
            break
        if slot.due_at >= now and not slot.draft:
            found.setdefault(slot.key.account)
    return found
