"""Who we are on an account's platform: asked before anything is sent, with what time it is there and what it shows already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..ledger import alerts, deliveries, lanes, receipts
from ..ledger.ledger import Connection, Ledger
from ..platforms.base import Absent, Adapter, Alike, Identity, Receipt, Unauthorized, Unavailable
from . import gates
from .job import Job
from .stored import first_part_of

LOOK_BACK = timedelta(hours=48)
"""How far back an account is looked at for what this ledger does not know of."""
BELIEVED = timedelta(hours=1)
"""For how long nobody asks again whether we are alone on an account: a burst pays for the look once."""
LONG_BEFORE = timedelta(minutes=10)
"""A post that was due so long before we began may be out by a hand that this ledger does not know of: it is looked for."""
COMPARE_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockApart:
    """Our clock and the platform's disagree: nothing is sent, until they agree."""

    reason: str


class WhoWeAre:
    """What one account's platform says of us; asked from the account's lane alone."""

    def __init__(self, ledger: Ledger, account: str, adapter: Adapter) -> None:
        self._ledger = ledger
        self._account = account
        self._adapter = adapter
        self._identity: Identity | None = None
        self._apart: tuple[ClockApart, datetime] | None = None
        self._alone_at: datetime | None = None
        self._asked_in_vain_at: datetime | None = None
        self._began_at = ledger.clock.now()

    def identity(self) -> Identity | Unauthorized | Unavailable | ClockApart:
        """Who the platform says we are; asked once, and again after `forget`."""
        # Read once: `forget` comes from another thread.
        known, apart_since = self._identity, self._apart
        if known is not None:
            return known
        if apart_since is not None and self._now() < apart_since[1] + COMPARE_AGAIN:
            return apart_since[0]
        answer = self._adapter.identity()
        if not isinstance(answer, Identity):
            return answer
        apart = gates.clocks_apart(answer.clock_offset) if self._ledger.clock.is_real else None
        if apart is not None:
            return self._clock_apart(apart)
        self._apart, self._identity = None, answer
        # Durable before the claim that follows it.
        self._ledger.begin_write(lambda connection: self._know(connection, answer))
        return answer

    @property
    def known(self) -> Identity | None:
        """Who we are, as far as it is known without asking."""
        return self._identity

    def forget(self) -> None:
        """Ask again, and compare the clocks again: this one has jumped, or the machine has slept."""
        self._identity = self._apart = None

    def is_alone(self, job: Job) -> bool:
        """True while it is believed that only this ledger can have posted this: the last look is not old.

        Nor is an account asked at each post whose platform has just not let us look.
        """
        if self._is_since(self._asked_in_vain_at, COMPARE_AGAIN):
            return True
        return job.due_at >= self._began_at - LONG_BEFORE and self._is_since(self._alone_at, BELIEVED)

    def already_shows(self, job: Job, claim: deliveries.Claim) -> str | None:
        """Why another ledger seems to post for this account: its platform shows the text, and ours knows nothing of it.

        Asked before a process's first post there, for the ledger may be an older copy, once an hour, and of each post that was
        due long before. Once found, the text stays held until a person's `retry` or `--yes`. What can't be looked at is no
        reason to wait.
        """
        now = self._now()
        if job.forced or job.answered or not claim.content["parts"][0]["text"]:
            return None
        before, told = self._ledger.read(
            lambda c: (deliveries.find(c, job.key), alerts.text_of(c, shown_subject(claim)))
        )
        if before is not None and before.forced:
            return None
        if told is not None:
            return told.removeprefix(f"{job.key} is held: ")
        if self.is_alone(job):
            return None
        owned = self._ledger.read(lambda c: receipts.owned_by(c, claim.identity))
        found = self._adapter.look(first_part_of(claim, now, now - LOOK_BACK, owned))
        if isinstance(found, Absent):
            self._alone_at = now
        elif not isinstance(found, Receipt | Alike):
            self._asked_in_vain_at = now
        if not isinstance(found, Receipt | Alike):
            return None
        return (
            f"the account shows this text already ({found.url}), and this ledger did not post it: is there another one?"
        )

    def _is_since(self, instant: datetime | None, span: timedelta) -> bool:
        return instant is not None and instant <= self._now() < instant + span

    def _know(self, connection: Connection, identity: Identity) -> None:
        lanes.know(connection, self._account, identity.id)
        lanes.is_reached(connection, self._account, self._now())
        lanes.tell_expiry(connection, self._account, identity.expires_at, self._now())
        tell_clock(connection, self._account, None, self._now())

    def _clock_apart(self, reason: str) -> ClockApart:
        now, apart = self._now(), ClockApart(reason)
        self._apart = apart, now
        self._ledger.write(lambda connection: tell_clock(connection, self._account, reason, now))
        return apart

    def _now(self) -> datetime:
        return self._ledger.clock.now()


def shown_subject(claim: deliveries.Claim) -> str:
    """What the alert on a text that is there already stands for: this text of this post, and no other."""
    return f"shown {claim.key} {claim.text_digest[:16]}"


def tell_clock(connection: Connection, account: str, apart: str | None, now: datetime) -> None:
    """Tell that our clock and the platform's are apart; None: they agree, so that it can be told again."""
    if apart is None:
        alerts.withdraw_subject(connection, f"clock {account}", now)
        return
    alerts.raise_alert(
        connection,
        kind="clock",
        text=f"account {account}: {apart}; nothing is sent there until the clocks agree",
        command="timedatectl status",
        subject=f"clock {account}",
        now=now,
    )
