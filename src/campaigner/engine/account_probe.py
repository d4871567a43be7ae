"""Asking a platform who we are and what time it is, apart from the account's posts: for a group, a day ahead, after a jump."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from ..delivery import safety_gates
from ..delivery.account_identity import COMPARE_AGAIN, asked, note_identity, tell_clock
from ..delivery.step import Step, Steps
from ..errors import AccountError, BrokenAccountError, SurroundingsError
from ..ledger import account_states
from ..ledger.ledger import Ledger
from ..platforms.outcomes import Identity, Unauthorized, Unavailable
from .accepted_plan import Accepted
from .world import Source, World, connect

AHEAD = timedelta(hours=24)
ASK_EVERY = timedelta(hours=6)
AT_ONCE = 8
"""Accounts that are asked side by side: with many, the last is asked before its post is due, and not beside it."""


class AccountProbe:
    """Asks one account at a time, each with a connection of its own: its posts have the other in use."""

    def __init__(self, source: Source, ledger: Ledger, tell_fault: Callable[[Exception], None]) -> None:
        self._source = source
        self._ledger = ledger
        self._tell_fault = tell_fault

    def ask(self, world: World, account: str) -> Steps[Identity | Unauthorized | Unavailable | AccountError]:
        """What the platform says of us now; its refusal stops the account, and is told, as does an adapter that fails."""
        connection = self._ledger.connection
        try:
            question = Step(account, partial(_identity, self._source, world, account))
            answer = yield from asked(self._ledger.clock, question)
        except BrokenAccountError as error:
            account_states.stop(connection, account, error.reason, self._ledger.clock.now())
            self._tell_fault(error)
            return error
        except AccountError as error:
            return error
        assert isinstance(answer, Identity | Unauthorized | Unavailable)
        self._note(world, account, answer)
        return answer

    def why_refused(self, world: World, account: str) -> Steps[str | None]:
        """Why an account can't be used now, None when it can."""
        answer = yield from self.ask(world, account)
        if isinstance(answer, AccountError):
            return str(answer)
        return None if isinstance(answer, Identity) else answer.reason

    def identified_at(self, world: World, account: str) -> datetime | None:
        """When its platform last said who we are, of the ledger; None when that was with other options or secrets."""
        known = account_states.of(self._ledger.connection, account)
        try:
            return known.identified_at if known.access == self._source.access(world, account) else None
        except SurroundingsError:
            return None

    def why_apart(self, answer: Identity) -> str | None:
        """Why our clock can't be right by what a platform says; a clock of a rehearsal claims nothing."""
        return safety_gates.clocks_apart(answer.clock_offset) if self._ledger.clock.is_real else None

    def _note(self, world: World, account: str, answer: Identity | Unauthorized | Unavailable) -> None:
        connection, now = self._ledger.connection, self._ledger.clock.now()
        if isinstance(answer, Unauthorized):
            account_states.stop(connection, account, answer.reason, now)
        if not isinstance(answer, Identity):
            return
        account_states.is_reached(connection, account, now)
        if apart := self.why_apart(answer):
            account_states.tell_expiry(connection, account, answer.expires_at, now)
            tell_clock(connection, account, apart, now)
        else:
            note_identity(connection, account, answer, self._source.access(world, account), now)


def _identity(source: Source, world: World, account: str) -> Identity | Unauthorized | Unavailable:
    adapter = connect(source, world, account)
    try:
        return adapter.identity()
    finally:
        adapter.close()


class ClockVerdict(NamedTuple):
    """What a platform has said of our clock: `apart` None, they agree, or nobody could say."""

    apart: str | None
    asked_at: datetime
    is_sure: bool


class ClockCheck:
    """Whether our clock may settle anything by itself: a post that was missed, a hold that is over.

    Asked of a platform when that is first wanted after a start and after each jump: a clock that was set wrong, and right
    again, has lost nothing then.
    """

    def __init__(self, ledger: Ledger, probe: AccountProbe) -> None:
        self._ledger = ledger
        self._probe = probe
        self._trust: ClockVerdict | None = None

    def forget(self) -> None:
        """Ask again: the clock has jumped."""
        self._trust = None

    def known(self) -> ClockVerdict | None:
        """What is known of our clock, None: it has to be asked."""
        now = self._ledger.clock.now()
        if not self._ledger.clock.is_real:
            return ClockVerdict(None, now, is_sure=True)
        found = self._trust
        if found is None or (found.is_sure and found.apart is None):
            return found
        return found if found.asked_at <= now < found.asked_at + COMPARE_AGAIN else None

    def ask(self, world: World, accounts: Iterable[str]) -> Steps[None]:
        """Ask the first of these accounts that can be asked."""
        for account in dict.fromkeys(accounts):
            if account not in world.accounts:
                continue
            answer = yield from self._probe.ask(world, account)
            if isinstance(answer, Identity) and answer.clock_offset is not None:
                self._trust = ClockVerdict(self._probe.why_apart(answer), self._ledger.clock.now(), is_sure=True)
                return
        self._trust = ClockVerdict(None, self._ledger.clock.now(), is_sure=False)


class TokenProbe:
    """Asks each account that has posts in the next 24 hours, four times a day: a dead token is told before it matters.

    One that was asked lately, by an earlier run too, is left out.

    After a start or a jump of the clock it asks at least one, for the time.
    """

    def __init__(self, ledger: Ledger, probe: AccountProbe) -> None:
        self._ledger = ledger
        self._probe = probe
        self._asked_at: dict[str, datetime] = {}
        self._has_compared = False

    def forget(self) -> None:
        """Ask again, and compare the clocks again: this one has jumped."""
        self._asked_at, self._has_compared = {}, False

    def ask(self, accepted: Accepted) -> list[Steps[None]]:
        """Ask whose turn it is, each of these beside the others; none when it is nobody's."""
        now = self._ledger.clock.now()
        wanted = [account for account in _busy(accepted, now) if not self._is_known(accepted.world, account, now)]
        must_compare, self._has_compared = not self._has_compared and not wanted, True
        if must_compare:
            return [self._ask_any(accepted)]
        self._asked_at |= dict.fromkeys(wanted, now)
        shares = (wanted[first::AT_ONCE] for first in range(AT_ONCE))
        return [self._ask_all(accepted.world, share) for share in shares if share]

    def _is_known(self, world: World, account: str, now: datetime) -> bool:
        if account not in self._asked_at and (identified_at := self._probe.identified_at(world, account)) is not None:
            self._asked_at[account] = identified_at
        asked_at = self._asked_at.get(account)
        return asked_at is not None and asked_at <= now < asked_at + ASK_EVERY

    def _ask_all(self, world: World, accounts: Iterable[str]) -> Steps[None]:
        for account in accounts:
            answer = yield from self._probe.ask(world, account)
            if isinstance(answer, AccountError) and not isinstance(answer, BrokenAccountError):
                reason = f"{answer}. It has posts within a day"
                account_states.tell_no_access(self._ledger.connection, account, reason, self._ledger.clock.now())

    def _ask_any(self, accepted: Accepted) -> Steps[None]:
        """What time it is, of the first account that can be asked: by a wrong clock the day of its posts is far away."""
        for account in dict.fromkeys(slot.key.account for slot in accepted.planned.slots):
            answer = yield from self._probe.ask(accepted.world, account)
            if not isinstance(answer, AccountError):
                return


def _busy(accepted: Accepted, now: datetime) -> dict[str, None]:
    """The accounts with something to post in the next 24 hours, in time order."""
    found: dict[str, None] = {}
    for slot in accepted.planned.slots:
        if slot.due_at > now + AHEAD:
            break
        if slot.due_at >= now and not slot.draft:
            found.setdefault(slot.key.account)
    return found
