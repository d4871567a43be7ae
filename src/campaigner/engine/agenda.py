"""The agenda: what waits for each account, in order. An account has one post on its way, so it needs no lock of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..delivery.due_post import DuePost
from ..ledger.models import Delivery
from ..post.key import PostKey


@dataclass(frozen=True, slots=True)
class ReconcileItem:
    """A delivery in doubt, to be looked for on its platform."""

    delivery: Delivery
    late_until: datetime | None

    @property
    def key(self) -> PostKey:
        return self.delivery.key


@dataclass(frozen=True, slots=True)
class ThreadRemainder:
    """A thread whose first parts are out: the rest of it."""

    delivery: Delivery
    spacing: timedelta

    @property
    def key(self) -> PostKey:
        return self.delivery.key


WorkItem = DuePost | ReconcileItem | ThreadRemainder


@dataclass(slots=True)
class Agenda:
    """Accounts take turns. One whose next post may go out only later is left alone until then."""

    _waiting: dict[str, deque[WorkItem]] = field(default_factory=dict)
    _ready: dict[str, None] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _not_before: dict[str, datetime] = field(default_factory=dict)
    _in_hand: set[str] = field(default_factory=set)
    _held_up: set[str] = field(default_factory=set)

    @property
    def in_hand(self) -> frozenset[str]:
        """The KEYs of posts that wait here or are on their way."""
        return frozenset(self._in_hand)

    @property
    def next_at(self) -> datetime | None:
        """When the first account that has to wait may go on; None when none has to."""
        return min((at for account, at in self._not_before.items() if self._waiting.get(account)), default=None)

    def add(self, work: WorkItem) -> None:
        """At the end of its account's; what is in hand already is not taken twice."""
        account, key = work.key.account, str(work.key)
        if key in self._in_hand:
            return
        self._in_hand.add(key)
        self._waiting.setdefault(account, deque()).append(work)
        if account not in self._busy:
            self._ready.setdefault(account)

    def ready(self, now: datetime) -> Iterator[str]:
        """The accounts that something may be begun for, who has waited longest first."""
        self._held_up.clear()
        for account in list(self._ready):
            if account not in self._not_before or self._not_before[account] <= now:
                self._not_before.pop(account, None)
                yield account

    def may_begin(self, account: str) -> bool:
        """True when something waits for it, none of its posts is on its way, and none has to wait."""
        return bool(self._waiting.get(account)) and account not in self._busy and not self.is_put_off(account)

    def is_put_off(self, account: str) -> bool:
        """True when its next one has to wait, for its time or for a post of another account."""
        return account in self._not_before or account in self._held_up

    def take(self, account: str) -> WorkItem:
        """What comes next for an account; it stays in hand."""
        return self._waiting[account].popleft()

    def put_back(self, work: WorkItem, not_before: datetime) -> None:
        """It is still the next one, from that instant on."""
        self._waiting[work.key.account].appendleft(work)
        self._not_before[work.key.account] = not_before

    def hold_up(self, work: WorkItem) -> None:
        """It is still the next one, once another post that is on its way has ended."""
        self._waiting[work.key.account].appendleft(work)
        self._held_up.add(work.key.account)

    def begin(self, account: str) -> None:
        """One of its posts is on its way: nothing else is begun for it."""
        self._busy.add(account)
        self._ready.pop(account, None)

    def end(self, work: WorkItem) -> None:
        """A work is over; the account is free for its next."""
        account = work.key.account
        self._in_hand.discard(str(work.key))
        self._busy.discard(account)
        if self._waiting.get(account):
            self._ready.setdefault(account)
        else:
            self._ready.pop(account, None)

    def drop(self, account: str) -> list[WorkItem]:
        """All that waits for an account; the next look finds again what still counts."""
        dropped = list(self._waiting.pop(account, ()))
        self._in_hand.difference_update(str(work.key) for work in dropped)
        self._not_before.pop(account, None)
        self._ready.pop(account, None)
        return dropped

    def clear(self) -> None:
        """Drop everything that is not on its way."""
        for account in list(self._waiting):
            self.drop(account)

    @property
    def is_empty(self) -> bool:
        """True when nothing waits; posts may be on their way."""
        return not any(self._waiting.values())
