"""Posts that repeat one another on one account, or come too close: in the same words, at one minute, more than it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from unicodedata import normalize

from ..campaign.config import AccountConfig
from ..errors import Problem, Severity, listed
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
            message = f'message "{before.key.message}" is due at the same minute'
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
        self.is_empty = not self._by_text

    def problems(self, slot: Slot, parts: Sequence[Part]) -> Iterator[Problem]:
        """The parts of a post that its platform may refuse for their words."""
        profile = slot.account.profile
        is_ahead = slot.due_at + slot.late > self._now and str(slot.key) not in self._keys
        if not (profile.refuses_repeats and is_ahead):
            return
        for path, part in parts_of(slot, parts):
            if (before := self._by_text.get((slot.key.account, folded(part.text)))) is not None:
                message = f"the same text went out on account {slot.account.name} on {before.at:%-d %B %Y}, "
                message += f"as {before.key}: {profile.platform} may refuse it, however long ago that was"
                at, language = (*path, "text"), slot.key.language
                yield slot.problem(at, "same-text", message, VARY, severity=Severity.WARNING, language=language)


NOTHING_SENT = SentTexts((), datetime.min.replace(tzinfo=UTC))
VARY = "Vary the words."
MOST_NAMED = 3


def same_text(
    posts: Iterable[Composed], owners: Mapping[str, Owner], untranslated: Collection[tuple[str, str]], sent: SentTexts
) -> Found:
    """The same words again on one account: platforms refuse them, readers mute them.

    Of a message (campaign, id) that was not translated that is said already, and of what is `sent` once.
    """
    last: dict[str, dict[Owner, Slot]] = {}
    repeated: dict[tuple[str, str], list[tuple[Slot, Slot]]] = {}
    for content, slots in posts:
        text = folded(content.parts[0].text)
        if text not in last and sent.is_empty:
            new = {owners[slot.key.account]: slot for slot in slots}
            if len(new) == len(slots):
                last[text] = new
                continue
        before = last.setdefault(text, {})
        for slot in slots:
            owner = owners[slot.key.account]
            first = before.get(owner)
            before[owner] = slot
            if first is None or slot.due_at - first.due_at > SAME_TEXT_WITHIN:
                if not sent.is_empty:
                    yield from ((slot, problem) for problem in sent.problems(slot, content.parts))
            elif not (_is_one_message(first, slot) and (slot.key.campaign, slot.key.message) in untranslated):
                repeated.setdefault((first.key.campaign, slot.key.campaign), []).append((first, slot))
    for pairs in repeated.values():
        yield from _repetitions([pair for pair in pairs if not pair[1].allows(Severity.WARNING, "same-text")])


def _repetitions(pairs: Sequence[tuple[Slot, Slot]]) -> Found:
    """What repeats one campaign in another, or in itself; of a file that was copied that is said once."""
    messages = dict.fromkeys(slot.key.message for _, slot in pairs)
    if len(messages) > 1 and (keys := [slot.key for slot in pairs[0]])[0].campaign != keys[1].campaign:
        slot, other = pairs[0][1], keys[0].campaign
        message = (
            f"{len(messages)} messages have the same texts as those of {other}: {listed(list(messages)[:MOST_NAMED])}"
        )
        message += " …" if len(messages) > MOST_NAMED else ""
        help_ = f"If this is a copy of {other}, put one of the two away or give it another day; else vary the words."
        yield slot, slot.file.problem(("messages",), "same-text", message, help_, Severity.WARNING)
        return
    languages: dict[tuple[str, str], dict[str, None]] = {}
    for first, slot in pairs:
        languages.setdefault((slot.key.message, _as_what(first, slot)), {})[slot.key.language] = None
    for first, slot in pairs:
        what = _as_what(first, slot)
        also = list(languages[slot.key.message, what])
        where, language = (f" in {listed(also)}", also[0]) if len(also) > 1 else ("", slot.key.language)
        message = f"the same text as {what}{where}"
        yield slot, slot.problem(("text",), "same-text", message, VARY, severity=Severity.WARNING, language=language)


def _as_what(first: Slot, slot: Slot) -> str:
    """What a post repeats: another message, or its own in another language or edition."""
    where = "" if first.key.campaign == slot.key.campaign else f" of {first.key.campaign}"
    same = f", for {slot.account.name} is {first.account.name} by another name"
    name = same if first.account.name != slot.account.name else ""
    if _is_one_message(first, slot):
        return f"its own in {first.key.language}, edition {first.key.edition}{name}"
    return f'message "{first.key.message}"{where}{name}'


def _is_one_message(first: Slot, slot: Slot) -> bool:
    return (first.key.message, first.key.campaign) == (slot.key.message, slot.key.campaign)


def folded(text: str) -> str:
    """The words alone: case, white space and Unicode form make no other text."""
    return " ".join(normalize("NFC", text).casefold().split())
