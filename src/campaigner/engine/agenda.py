"""The agenda: what waits for each account, in order. An account has one post on its way, so it needs no lock of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ..post.key import PostKey
from .due import PostStatus


@dataclass(slots=True)
class Agenda:
    """Accounts take turns. One whose next post may go out only later is left alone until then."""

    _waiting: dict[str, deque[PostStatus]] = field(default_factory=dict)
    _ready: dict[str, None] = field(default_factory=dict)
    _under_way: dict[str, PostKey] = field(default_factory=dict)
    _not_before: dict[str, datetime] = field(default_factory=dict)
    _in_progress: set[str] = field(default_factory=set)
    _held_up: set[str] = field(default_factory=set)

    @property
    def in_progress(self) -> frozenset[str]:
        """The KEYs of posts that wait here or are on their way."""
        return frozenset(self._in_progress)

    @property
    def next_at(self) -> datetime | None:
        """When the first account that has to wait may go on; None when none has to."""
        return min((at for account, at in self._not_before.items() if self._waiting.get(account)), default=None)

    @property
    def is_empty(self) -> bool:
        """True when nothing waits; posts may be on their way."""
        return not any(self._waiting.values())

    def add(self, post: PostStatus) -> None:
        """At the end of its account's; what is in progress already is not taken twice."""
        account, key = post.key.account, str(post.key)
        if key in self._in_progress:
            return
        self._in_progress.add(key)
        self._waiting.setdefault(account, deque()).append(post)
        if account not in self._under_way:
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
        return bool(self._waiting.get(account)) and account not in self._under_way and not self.is_put_off(account)

    def is_put_off(self, account: str) -> bool:
        """True when its next one has to wait, for its time or for a post of another account."""
        return account in self._not_before or account in self._held_up

    def take(self, account: str) -> PostStatus:
        """What comes next for an account; it stays in progress."""
        return self._waiting[account].popleft()

    def requeue(self, post: PostStatus, not_before: datetime | None = None) -> None:
        """It is still the next one, from that instant on; None: once another post that is on its way has ended."""
        account = post.key.account
        self._waiting[account].appendleft(post)
        if not_before is None:
            self._held_up.add(account)
        else:
            self._not_before[account] = not_before

    def begin(self, post: PostStatus) -> None:
        """It is on its way: nothing else is begun for its account."""
        self._under_way[post.key.account] = post.key
        self._ready.pop(post.key.account, None)

    def is_any_under_way(self, keys: Collection[PostKey]) -> bool:
        """True when one of these posts is on its way."""
        return any(key in keys for key in self._under_way.values())

    def end(self, post: PostStatus) -> None:
        """A post is over; the account is free for its next."""
        account = post.key.account
        self._in_progress.discard(str(post.key))
        self._under_way.pop(account, None)
        if self._waiting.get(account):
            self._ready.setdefault(account)
        else:
            self._ready.pop(account, None)

    def drop(self, account: str) -> list[PostStatus]:
        """All that waits for an account; the next look finds again what still counts."""
        dropped = list(self._waiting.pop(account, ()))
        self._in_progress.difference_update(str(post.key) for post in dropped)
        self._not_before.pop(account, None)
        self._ready.pop(account, None)
        return dropped

    def clear(self) -> None:
        """Drop everything that is not on its way."""
        for account in list(self._waiting):
            self.drop(account)
