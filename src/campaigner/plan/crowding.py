"""Posts that come too close to one another on one account: two at one minute, or more than its platform takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ..errors import Problem, Severity
from ..post.post import Post
from ..post.profile import Quota
from .expand import Slot
from .places import problem_in

Owner = object


@dataclass(slots=True)
class _Window:
    """When one account posts, each part of a thread by itself."""

    sent: list[datetime] = field(default_factory=list)
    is_said: bool = False

    def is_over(self, at: datetime, parts: int, quota: Quota) -> bool:
        """Add a post; True when more than the quota lie within its time now."""
        self.sent.extend([at] * parts)
        return len(self.sent) > quota.posts and at - self.sent[-quota.posts - 1] < quota.within


@dataclass(frozen=True, slots=True)
class Crowding:
    """What has been planned so far, by account; slots are shown to it in time order."""

    last: dict[tuple[Owner, str], Slot] = field(default_factory=dict)
    windows: dict[tuple[Owner, Quota], _Window] = field(default_factory=dict)

    def problems(self, slot: Slot, post: Post, owner: Owner) -> Iterable[Problem]:
        """What is wrong with a post beside those before it; `owner` is who posts it, under whatever name."""
        key = (owner, slot.key.campaign)
        before = self.last.get(key)
        self.last[key] = slot
        crowded = before is not None and before.key.message != slot.key.message and _minute(before) == _minute(slot)
        found = self._same_minute(slot, before) if before is not None and crowded else ()
        return (
            found
            if slot.draft or not slot.account.profile.quotas
            else (*found, *self._too_many(slot, len(post.parts), owner))
        )

    def _same_minute(self, slot: Slot, before: Slot) -> Iterator[Problem]:
        message = f'message "{before.key.message}" is due at the same minute on account {slot.account.name}'
        help_ = "Give one of them another time, or make them one thread."
        yield problem_in(slot, ("at",), "same-minute", message, help_, severity=Severity.WARNING)

    def _too_many(self, slot: Slot, parts: int, owner: Owner) -> Iterator[Problem]:
        """Say once for each rush what a platform would put off or refuse."""
        profile = slot.account.profile
        for quota in profile.quotas:
            window = self.windows.setdefault((owner, quota), _Window())
            was_said, window.is_said = window.is_said, window.is_over(slot.due_at, parts, quota)
            if window.is_said and not was_said:
                message = f"this is more than {quota.posts:,} posts within {_duration(quota.within)}, "
                message += f"which is what {profile.platform} takes from an account"
                help_ = "Spread them over more time, or over fewer languages; each part of a thread counts."
                yield problem_in(slot, ("at",), "too-many-posts", message, help_, severity=Severity.WARNING)


def _minute(slot: Slot) -> tuple[date, int, int]:
    at = slot.due_at
    return at.date(), at.hour, at.minute


def _duration(within: timedelta) -> str:
    minutes = round(within.total_seconds() / 60)
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} hour{'s' if minutes > 60 else ''}"
