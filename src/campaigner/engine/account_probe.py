"""Asking a platform who we are and what time it is, apart from the account's posts: for parity, a day ahead, after a jump."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from ..delivery import parity
from ..delivery.account_identity import COMPARE_AGAIN, asked, clock_skew, note_identity, rest_as_asked
from ..delivery.steps import Step, Steps
from ..errors import AccountError, BrokenAccountError, CampaignerError, SurroundingsError
from ..ledger import account_states
from ..ledger.ledger import Ledger
from ..plan.expand import Slot
from ..platforms.outcomes import Identity, Unauthorized, Unavailable
from .accepted_plan import Accepted, Message, message_of
from .world import Source, World, connect

AHEAD = timedelta(hours=24)
ASK_EVERY = timedelta(hours=6)
AT_ONCE = 8
"""Accounts that are asked side by side: with many, the last is asked before its post is due, and not beside it."""


class AccountProbe:
    """Asks one account at a time, each with a connection of its own: its posts have the other in use.

    `clock_skew`: how a platform's clock differs from ours; None: they agree, or nobody could say.
    """

    def __init__(self, source: Source, ledger: Ledger, warn: Callable[[Exception], None]) -> None:
        self._source = source
        self._ledger = ledger
        self._warn = warn
        self._tested: dict[Message, tuple[datetime, World, str | None]] = {}
        self._asked_at: dict[str, datetime] = {}
        self._has_compared = False
        self._clock_asked_at: datetime | None = None
        self._is_clock_known = False
        self.clock_skew: str | None = None

    def forget(self) -> None:
        """Ask everybody again, and compare the clocks again: this one has jumped."""
        self._asked_at, self._has_compared, self._clock_asked_at = {}, False, None

    def ask(self, world: World, account: str) -> Steps[Identity | Unauthorized | Unavailable | AccountError]:
        """What the platform says of us now; its refusal stops the account, and is told, as does an adapter that fails."""
        connection, clock = self._ledger.connection, self._ledger.clock
        try:
            answer, access = yield from asked(clock, Step(account, partial(_identity, self._source, world, account)))
        except BrokenAccountError as error:
            account_states.stop(connection, account, error.reason, clock.now())
            self._warn(error)
            return error
        except AccountError as error:
            return error
        assert isinstance(answer, Identity | Unauthorized | Unavailable)
        if isinstance(answer, Unauthorized):
            account_states.stop(connection, account, answer.reason, clock.now())
        elif isinstance(answer, Identity):
            note_identity(self._ledger, account, answer, access)
        else:
            rest_as_asked(self._ledger, account, answer)
        return answer

    # Parity: whether all posts of a message can go out

    def sibling_block(self, world: World, siblings: Sequence[Slot]) -> Steps[str | None]:
        """Why one of them can't go out, None when all can: each is composed, and its platform asked, once a minute."""
        name, now = message_of(siblings[0].key), self._ledger.clock.now()
        if (tested := self._tested.get(name)) is not None:
            tested_at, tested_world, reason = tested
            if tested_world is world and tested_at <= now < tested_at + COMPARE_AGAIN:
                return reason
        fault = yield from self._sibling_fault(world, siblings)
        reason = None if fault is None else parity.in_words(fault)
        self._tested[name] = now, world, reason
        return reason

    def _sibling_fault(self, world: World, siblings: Sequence[Slot]) -> Steps[str | None]:
        for slot in siblings:
            try:
                self._source.compose(slot)
            except CampaignerError as error:
                return f"{slot.key}: {error}"
        for account in dict.fromkeys(slot.key.account for slot in siblings):
            answer = yield from self.ask(world, account)
            if not isinstance(answer, Identity):
                return f"account {account}: {answer if isinstance(answer, AccountError) else answer.reason}"
        return None

    # Whether our clock may settle anything by itself: a post that was missed, a hold that is over

    @property
    def must_ask_time(self) -> bool:
        """True while nothing is known of our clock, after a start and after each jump: one that was set wrong, and right
        again, has lost nothing then.
        """
        if not self._ledger.clock.is_real:
            return False
        asked_at, now = self._clock_asked_at, self._ledger.clock.now()
        if asked_at is None:
            return True
        is_right = self._is_clock_known and self.clock_skew is None
        return not (is_right or asked_at <= now < asked_at + COMPARE_AGAIN)

    def ask_time(self, world: World, accounts: Iterable[str]) -> Steps[None]:
        """Ask the first of these accounts that can be asked."""
        self._is_clock_known, self.clock_skew = False, None
        for account in dict.fromkeys(accounts):
            if account not in world.accounts:
                continue
            answer = yield from self.ask(world, account)
            if isinstance(answer, Identity) and answer.clock_offset is not None:
                self._is_clock_known, self.clock_skew = True, clock_skew(self._ledger.clock, answer)
                break
        self._clock_asked_at = self._ledger.clock.now()

    # Ahead: a dead token is told before it matters

    def ask_ahead(self, accepted: Accepted) -> list[Steps[None]]:
        """Ask each account that has posts in the next 24 hours, four times a day, side by side; none when it is nobody's turn.

        One that was asked lately, by an earlier run too, is left out. After a start or a jump of the clock one is asked at
        least, for the time.
        """
        now = self._ledger.clock.now()
        wanted = [account for account in _busy(accepted, now) if not self._is_known(accepted.world, account, now)]
        must_compare, self._has_compared = not self._has_compared and not wanted, True
        if must_compare:
            return [self._ask_any(accepted)]
        self._asked_at |= dict.fromkeys(wanted, now)
        shares = (wanted[first::AT_ONCE] for first in range(AT_ONCE))
        return [self._ask_all(accepted.world, share) for share in shares if share]

    def _is_known(self, world: World, account: str, now: datetime) -> bool:
        """True when its platform has said lately who we are, with the options and secrets of today."""
        if account not in self._asked_at:
            known = account_states.of(self._ledger.connection, account)
            with suppress(SurroundingsError):
                if known.identified_at is not None and known.access == self._source.access(world, account):
                    self._asked_at[account] = known.identified_at
        asked_at = self._asked_at.get(account)
        return asked_at is not None and asked_at <= now < asked_at + ASK_EVERY

    def _ask_all(self, world: World, accounts: Iterable[str]) -> Steps[None]:
        for account in accounts:
            answer = yield from self.ask(world, account)
            if isinstance(answer, AccountError) and not isinstance(answer, BrokenAccountError):
                reason = f"{answer}. It has posts within a day"
                account_states.tell_no_access(self._ledger.connection, account, reason, self._ledger.clock.now())

    def _ask_any(self, accepted: Accepted) -> Steps[None]:
        """What time it is, of the first account that can be asked: by a wrong clock the day of its posts is far away."""
        for account in dict.fromkeys(slot.key.account for slot in accepted.planned.slots):
            answer = yield from self.ask(accepted.world, account)
            if not isinstance(answer, AccountError):
                return


def _identity(source: Source, world: World, account: str) -> tuple[Identity | Unauthorized | Unavailable, str]:
    """The answer, and the access that it is an answer to: its secrets may be others by the time that it comes."""
    adapter, access = connect(source, world, account)
    try:
        return adapter.identity(), access
    finally:
        adapter.close()


def _busy(accepted: Accepted, now: datetime) -> dict[str, None]:
    """The accounts with something to post in the next 24 hours, in time order."""
    found: dict[str, None] = {}
    for slot in accepted.planned.slots:
        if slot.due_at > now + AHEAD:
            break
        if slot.due_at >= now and not slot.draft:
            found.setdefault(slot.key.account)
    return found
