"""Who we are on an account's platform, with what time it is there and what it shows already: asked before anything is sent.

What was learned stays in the ledger: cron's runs of every minute ask neither again, for some platforms bill each answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..clock import Clock, JumpWatch
from ..ledger import account_states, alerts, deliveries, parts
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import AccountState
from ..platforms.base import Platform
from ..platforms.outcomes import Absent, Alike, Identity, Receipt, Unauthorized, Unavailable
from . import safety_gates
from .claimed_post import first_part_of
from .steps import DuePost, Step, Steps

LOOK_BACK = timedelta(hours=48)
"""How far back an account is looked at for what this ledger does not know of."""
BELIEVED = timedelta(hours=1)
"""For how long a platform's word on who we are counts."""
LONG_BEFORE = timedelta(minutes=10)
"""A post that was due so long before we began may be out by a hand that this ledger does not know of: it is looked for."""
COMPARE_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """Our clock and the platform's disagree: nothing is sent, until they agree."""

    reason: str


class AccountIdentity:
    """What one account's platform says of us. `access` stands for the options and secrets that it was asked with."""

    def __init__(self, ledger: Ledger, account: str, adapter: Platform, access: str) -> None:
        self._ledger = ledger
        self._account = account
        self._adapter = adapter
        self._access = access
        self._skew: tuple[ClockSkew, datetime] | None = None
        self._asked_in_vain_at: datetime | None = None

    def ask(self) -> Steps[str | Unauthorized | Unavailable | ClockSkew]:
        """The id that the platform knows us by: of the ledger, or asked anew when that is old."""
        if known := self._known():
            return known
        if self._skew is not None and self._is_within(self._skew[1], COMPARE_AGAIN):
            return self._skew[0]
        answer = yield from asked(self._ledger.clock, Step(self._account, self._adapter.identity))
        if not isinstance(answer, Identity):
            assert isinstance(answer, Unauthorized | Unavailable)
            return answer
        skew = note_identity(self._ledger, self._account, answer, self._access)
        self._skew = None if skew is None else (ClockSkew(skew), self._now())
        return answer.id if self._skew is None else self._skew[0]

    def forget(self) -> None:
        """Compare the clocks again: this one has jumped, or the machine has slept."""
        self._skew = None

    def already_shows(self, due: DuePost, claim: deliveries.Claim) -> Steps[str | None]:
        """Why another ledger seems to post for this account: its platform shows the text, and ours knows nothing of it.

        Asked before a ledger's first post there, after a gap in which nothing ran, and of each post that was due before: the
        ledger may be an older copy. Once found, the text stays held until a person's `retry` or `--yes`. What can't be looked
        at is no reason to wait.
        """
        connection, now = self._ledger.connection, self._now()
        told = alerts.text_of(connection, shown_subject(claim))
        if told is None and self._is_sole_publisher(due):
            return None
        if not claim.content["parts"][0]["text"] or deliveries.is_let_past_gates(connection, due.key):
            return None
        if told is not None:
            return told.removeprefix(f"{due.key} is held: ")
        owned = parts.owned_by(connection, claim.identity)
        wanted = first_part_of(claim, now, now - LOOK_BACK, owned)
        found = yield Step(self._account, partial(self._adapter.look, wanted))
        if isinstance(found, Absent):
            account_states.looked(connection, self._account, now)
        elif not isinstance(found, Receipt | Alike):
            self._asked_in_vain_at = now
            rest_as_asked(self._ledger, self._account, found)
        if not isinstance(found, Receipt | Alike):
            return None
        if isinstance(found, Receipt) and found.id in parts.owned_by(connection, claim.identity):
            # Another name of this account has posted it meanwhile.
            return None
        return (
            f"the account shows this text already ({found.url}), and this ledger did not post it: is there another one?"
        )

    def _known(self) -> str | None:
        account_state = self._account_state()
        is_old = account_state.access != self._access or not self._is_within(account_state.identified_at, BELIEVED)
        return None if is_old else account_state.identity

    def _is_sole_publisher(self, due: DuePost) -> bool:
        """True while it is believed that only this ledger can have posted this.

        Nor is an account asked at each post whose platform has just not let us look.
        """
        if self._is_within(self._asked_in_vain_at, COMPARE_AGAIN):
            return True
        at_work_since = self._ledger.at_work_since
        looked_at = self._account_state().looked_at
        return looked_at is not None and looked_at >= at_work_since and due.due_at >= at_work_since - LONG_BEFORE

    def _is_within(self, instant: datetime | None, span: timedelta) -> bool:
        return instant is not None and instant <= self._now() < instant + span

    def _account_state(self) -> AccountState:
        return account_states.of(self._ledger.connection, self._account)

    def _now(self) -> datetime:
        return self._ledger.clock.now()


def asked(clock: Clock, question: Step) -> Steps[Any]:
    """What a platform says of us; asked again when our clock has jumped meanwhile, for nobody knows by which one it counts."""
    while True:
        jumps = JumpWatch()
        answer = yield question
        if not (clock.is_real and jumps.has_jumped()):
            return answer


def shown_subject(claim: deliveries.Claim) -> str:
    """What the alert on a text that is there already stands for: this text of this post, and no other."""
    return f"shown {claim.key} {claim.text_digest[:16]}"


def note_identity(ledger: Ledger, account: str, answer: Identity, access: str) -> str | None:
    """Keep who the platform says we are, unless our clock can't be right by its own: then that is told, and returned.

    Another one than before is told: its posts go out there from now on, which a mistyped secret would not have meant.
    `access` stands for what it was asked with.
    """
    connection, now, skew = ledger.connection, ledger.clock.now(), clock_skew(ledger.clock, answer)
    account_states.is_reached(connection, account, now)
    account_states.tell_expiry(connection, account, answer.expires_at, now)
    tell_clock(connection, account, skew, now)
    if skew is not None:
        return skew
    before = account_states.of(connection, account).identity
    if before is not None and before != answer.id:
        text = f"account {account} is {answer.name} ({answer.id}) now, and was {before} before: its posts go out there"
        subject = f"identity {account} {answer.id}"
        account_states.tell(connection, account, text, now, kind="identity", subject=subject)
    account_states.know(connection, account, answer.id, access, now)
    return None


def rest_as_asked(ledger: Ledger, account: str, answer: object) -> datetime | None:
    """Until when a platform asks to be left alone; None: it does not. A limit is the account's, whatever it was met in."""
    if not isinstance(answer, Unavailable) or answer.retry_at is None:
        return None
    return account_states.rest(ledger.connection, account, answer.retry_at, answer.reason)


def clock_skew(clock: Clock, answer: Identity) -> str | None:
    """Why our clock can't be right by what a platform says; a clock of a rehearsal claims nothing."""
    return safety_gates.clocks_apart(answer.clock_offset) if clock.is_real else None


def tell_clock(connection: Connection, account: str, skew: str | None, now: datetime) -> None:
    """Tell that our clock and the platform's are apart; None: they agree, so that it can be told again."""
    subject, command = f"clock {account}", safety_gates.LOOK_AT_CLOCK
    if skew is None:
        alerts.withdraw_subject(connection, subject, now)
    else:
        text = f"account {account}: {skew}; nothing is sent there until the clocks agree"
        alerts.raise_alert(connection, kind="clock", text=text, command=command, subject=subject, now=now)
