"""Posts that come too close to one another on one account: two at one minute, or more than its platform takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..errors import Problem, Severity
from ..post.post import Post
from ..post.profile import Quota
from .expand import Slot
from .places import problem_in

Owner = object


@dataclass(slots=True)
class _Sent:
    """When one account posts, each part of a thread by itself; and the quotas that its last post was over."""

    times: list[datetime] = field(default_factory=list)
    over: frozenset[Quota] = frozenset()

    def newly_over(self, at: datetime, parts: int, quotas: tuple[Quota, ...]) -> Iterable[Quota]:
        """Add a post; the quotas of which more lie within their time now, but for those that the post before broke."""
        times, before = self.times, self.over
        times.extend([at] * parts)
        now = [quota for quota in quotas if len(times) > quota.posts and at - times[-quota.posts - 1] < quota.within]
        if now or before:
            self.over = frozenset(now)
        return [quota for quota in now if quota not in before]


@dataclass(frozen=True, slots=True)
class Crowding:
    """What has been planned so far, by account; slots are shown to it in time order."""

    last: dict[tuple[Owner, str], Slot] = field(default_factory=dict)
    sent: dict[Owner, _Sent] = field(default_factory=dict)

    def problems(self, slot: Slot, post: Post, owner: Owner) -> Iterable[Problem]:
        """What is wrong with a post beside those before it; `owner` is who posts it, under whatever name."""
        key = (owner, slot.key.campaign)
        before = self.last.get(key)
        self.last[key] = slot
        crowded = before is not None and before.message is not slot.message and _is_one_minute(before, slot)
        found = self._same_minute(slot, before) if before is not None and crowded else ()
        quotas = slot.account.profile.quotas
        if slot.draft or not quotas:
            return found
        if (sent := self.sent.get(owner)) is None:
            sent = self.sent[owner] = _Sent()
        newly_over = sent.newly_over(slot.due_at, len(post.parts), quotas)
        return (*found, *self._too_many(slot, newly_over)) if newly_over else found

    def _same_minute(self, slot: Slot, before: Slot) -> Iterator[Problem]:
        message = f'message "{before.key.message}" is due at the same minute on account {slot.account.name}'
        help_ = "Give one of them another time, or make them one thread."
        yield problem_in(slot, ("at",), "same-minute", message, help_, severity=Severity.WARNING)

    def _too_many(self, slot: Slot, quotas: Iterable[Quota]) -> Iterator[Problem]:
        """Say once for each rush what a platform would put off or refuse."""
        for quota in quotas:
            message = f"this is more than {quota.posts:,} posts within {_duration(quota.within)}, "
            message += f"which is what {slot.account.profile.platform} takes from an account"
            help_ = "Spread them over more time, or over fewer languages; each part of a thread counts."
            yield problem_in(slot, ("at",), "too-many-posts", message, help_, severity=Severity.WARNING)


def _is_one_minute(before: Slot, slot: Slot) -> bool:
    """Slots come in time order: most are seen to be further apart at once."""
    if before.key.message == slot.key.message or slot.due_at - before.due_at >= timedelta(minutes=1):
        return False
    return before.due_at.minute == slot.due_at.minute


def _duration(within: timedelta) -> str:
    minutes = round(within.total_seconds() / 60)
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} hour{'s' if minutes > 60 else ''}"
