"""Posts that repeat one another on one account, or come too close: in the same words, at one minute, more than it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from unicodedata import normalize

from ..campaign.config import AccountConfig
from ..errors import Problem, Severity
from ..post.post import Part
from ..post.profile import Quota
from .compose import Composed, Found, parts_of
from .expand import Slot

Owner = object

SAME_TEXT_WITHIN = timedelta(days=30)
"""A text that comes again on an account within this time is a repetition, as the gate before posting has it."""


def owners_of(accounts: Iterable[AccountConfig]) -> dict[str, Owner]:
    """Who posts under each name: two accounts of the config with the same options are one account of the platform."""
    return {
        account.name: account.name if account.platform == "console" else (account.platform, repr(account.options))
        for account in accounts
    }


def same_minute(posts: Iterable[Composed], owners: Mapping[str, Owner]) -> Found:
    """Two messages of a campaign that are due at one minute; posts come in time order."""
    last: dict[tuple[Owner, str], Slot] = {}
    for _, slots in posts:
        for slot in slots:
            key = (owners[slot.key.account], slot.key.campaign)
            before = last.get(key)
            last[key] = slot
            if before is None or before.message is slot.message or not _is_one_minute(before, slot):
                continue
            message = f'message "{before.key.message}" is due at the same minute on account {slot.account.name}'
            help_ = "Give one of them another time, or make them one thread."
            yield slot, slot.problem(("at",), "same-minute", message, help_, severity=Severity.WARNING)


def _is_one_minute(before: Slot, slot: Slot) -> bool:
    if before.key.message == slot.key.message or slot.due_at - before.due_at >= timedelta(minutes=1):
        return False
    return before.due_at.minute == slot.due_at.minute


def too_many_posts(posts: Iterable[Composed], owners: Mapping[str, Owner]) -> Found:
    """More posts than a platform takes from an account within a time; said once for each rush, drafts left out."""
    times: dict[Owner, list[datetime]] = {}
    over: dict[Owner, list[Quota]] = {}
    for content, slots in posts:
        for slot in slots:
            quotas = slot.account.profile.quotas
            if slot.draft or not quotas:
                continue
            owner, at = owners[slot.key.account], slot.due_at
            sent = times.setdefault(owner, [])
            sent += [at] * len(content.parts)
            count = len(sent)
            now = [quota for quota in quotas if count > quota.posts and at - sent[-quota.posts - 1] < quota.within]
            if now:
                for quota in now:
                    if quota not in over.get(owner, ()):
                        yield slot, _too_many(slot, quota)
            if now or owner in over:
                over[owner] = now


def _too_many(slot: Slot, quota: Quota) -> Problem:
    message = f"this is more than {quota.posts:,} posts within {_duration(quota.within)}, "
    message += f"which is what {slot.account.profile.platform} takes from an account"
    help_ = "Spread them over more time, or over fewer languages; each part of a thread counts."
    return slot.problem(("at",), "too-many-posts", message, help_, severity=Severity.WARNING)


def _duration(within: timedelta) -> str:
    minutes = round(within.total_seconds() / 60)
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} hour{'s' if minutes > 60 else ''}"


class Sent(NamedTuple):
    """A text that is, or may be, out: on which account, under which KEY, and since when."""

    account: str
    key: str
    at: datetime
    text: str


class SentTexts:
    """What is out on the accounts whose platforms refuse the same words again, however old they are; oldest first.

    Only posts that are ahead, seen from `now`, can repeat them.
    """

    def __init__(self, sent: Iterable[Sent], now: datetime) -> None:
        self._by_text = {(one.account, folded(one.text)): one for one in sent}
        self._keys = {one.key for one in self._by_text.values()}
        self._now = now

    def problems(self, slot: Slot, parts: Sequence[Part]) -> Iterator[Problem]:
        """The parts of a post that its platform may refuse for their words."""
        profile = slot.account.profile
        is_ahead = slot.due_at + slot.late > self._now and str(slot.key) not in self._keys
        if not (self._by_text and profile.refuses_repeats and is_ahead):
            return
        for path, part in parts_of(slot, parts):
            if (before := self._by_text.get((slot.key.account, folded(part.text)))) is not None:
                message = (
                    f"the same text went out on account {slot.account.name} on {before.at:%-d %B %Y}, as {before.key}: "
                )
                message += f"{profile.platform} may refuse it, however long ago that was"
                at, language = (*path, "text"), slot.key.language
                yield slot.problem(at, "same-text", message, VARY, severity=Severity.WARNING, language=language)


NOTHING_SENT = SentTexts((), datetime.min.replace(tzinfo=UTC))
VARY = "Vary the words."


def same_text(
    posts: Iterable[Composed], owners: Mapping[str, Owner], untranslated: Collection[tuple[str, str]], sent: SentTexts
) -> Found:
    """The same words again on one account: platforms refuse them, readers mute them.

    Of a message (campaign, id) that was not translated that is said already, and of what is `sent` once.
    """
    last: dict[str, dict[Owner, Slot]] = {}
    for content, slots in posts:
        before = last.setdefault(folded(content.parts[0].text), {})
        for slot in slots:
            owner = owners[slot.key.account]
            first = before.get(owner)
            before[owner] = slot
            if first is None or slot.due_at - first.due_at > SAME_TEXT_WITHIN:
                yield from ((slot, problem) for problem in sent.problems(slot, content.parts))
                continue
            is_one_message = (first.key.message, first.key.campaign) == (slot.key.message, slot.key.campaign)
            if not (is_one_message and (slot.key.campaign, slot.key.message) in untranslated):
                yield slot, _repeated(first, slot, is_one_message)


def _repeated(first: Slot, slot: Slot, is_one_message: bool) -> Problem:
    where = "" if first.key.campaign == slot.key.campaign else f" of {first.key.campaign}"
    account = f"account {slot.account.name}"
    if first.account.name != slot.account.name:
        account = f"{account}, which is {first.account.name} by another name"
    what = f'message "{first.key.message}"{where}'
    if is_one_message:
        what = f"its own in {first.key.language}, edition {first.key.edition},"
    message = f"the same text as {what} on {account}"
    language = slot.key.language
    return slot.problem(("text",), "same-text", message, VARY, severity=Severity.WARNING, language=language)


def folded(text: str) -> str:
    """The words alone: case, white space and Unicode form make no other text."""
    return " ".join(normalize("NFC", text).casefold().split())
