"""Every post of a plan, and every campaign against itself, before anything is posted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import NamedTuple

from ..campaign.campaign import Campaign
from ..campaign.config import Config
from ..errors import Place, Problem, Severity
from ..files.loaded import CampaignFile
from ..post.post import Post
from ..text.compose import BraceError, words_in
from .crowding import Crowding, Owner
from .expand import Plan, Slot, over_lately
from .limits import limit_problems
from .places import problem_in
from .reading import Reading
from .sharing import Sharing
from .siblings import UNTRANSLATED, sibling_problems
from .silencing import allowed, unknown_codes
from .texts import texts_of_campaign
from .words import ComposeError

SAME_TEXT_WITHIN = timedelta(days=30)
"""A text that comes again on an account within this time is a repetition, as the gate before posting has it."""


class Checked(NamedTuple):
    """What is wrong with the posts of a plan, by file, line and column; and `texts`, every (who posts, folded text)."""

    problems: tuple[Problem, ...]
    texts: Collection[tuple[Owner, str]] = ()

    @property
    def held_back(self) -> frozenset[tuple[str, str]]:
        """The messages (campaign, id) that have an error: none of their posts may go out."""
        return frozenset(
            (problem.campaign, problem.message_id)
            for problem in self.problems
            if problem.severity is Severity.ERROR and problem.campaign and problem.message_id
        )


def check(plan: Plan, compose: Callable[[Slot], Post], config: Config) -> Checked:
    """Compose and check every post, drafts too. A fault of many years, accounts or languages is said once a place."""
    problems: dict[tuple[object, ...], Problem] = {}
    checking = _Checking(config, compose)
    for problem in checking.problems(plan):
        one = (problem.place, problem.code, problem.message, problem.campaign, problem.message_id)
        problems.setdefault(one, problem)
    in_order = sorted(problems.values(), key=lambda problem: (problem.place, problem.code, problem.message))
    return Checked(tuple(in_order), checking.texts.keys())


OVER_WITHIN = timedelta(days=31)
"""A day or a month back is where a slip leads; what is over for longer is the past."""


def over(plan: Plan, now: datetime) -> Iterator[Problem]:
    """Campaigns whose every post is too late by now: nobody would notice that nothing of them goes out.

    Of the others, which messages are over in an edition that is not, or not for long.
    """
    last: dict[str, Slot] = {}
    for slot in plan.slots:
        last[slot.key.campaign] = slot
    for campaign, slot in last.items():
        if slot.due_at + slot.late <= now and "all-past" not in slot.campaign.allow:
            yield Problem(
                place=Place(slot.file.shown_as),
                code="all-past",
                message=f"nothing of this will ever be posted: its last post was due on {slot.local_at:%-d %B %Y}",
                help="Add the year to come to `editions`, or look at the date.",
                severity=Severity.WARNING,
                campaign=campaign,
            )
    ahead = {campaign for campaign, slot in last.items() if slot.due_at + slot.late > now}
    yield from _over_in_part([slot for slot in plan.slots if slot.key.campaign in ahead], now)


def _over_in_part(slots: Sequence[Slot], now: datetime) -> Iterator[Problem]:
    """Once for each message of an edition; once in all where none of them is ahead."""
    still = {(slot.key.campaign, slot.key.edition) for slot in slots if slot.due_at + slot.late > now}
    found: dict[tuple[str, ...], Slot] = {}
    for slot in over_lately(slots, now, OVER_WITHIN):
        edition = slot.key.campaign, slot.key.edition
        found[(*edition, slot.key.message) if edition in still else edition] = slot
    for name, slot in found.items():
        if "time-over" in allowed(slot):
            continue
        is_whole = len(name) == 2
        path = ("observance",) if is_whole else ("messages", slot.key.message, "at")
        due = f"due {slot.local_at:%Y-%m-%d %H:%M}"
        what = f"every message of {slot.key.edition} is over: the last was {due}"
        yield Problem(
            place=slot.file.place(*path),
            code="time-over",
            message=what if is_whole else f'message "{slot.key.message}" of {slot.key.edition} is over: it was {due}',
            help="Nothing, if that is meant. What is not out by now is not posted by itself.",
            severity=Severity.NOTE,
            campaign=slot.key.campaign,
            message_id=None if is_whole else slot.key.message,
        )


@dataclass(frozen=True, slots=True)
class _Checking:
    """One check of one plan, and what it has seen so far."""

    config: Config
    compose: Callable[[Slot], Post]
    texts: dict[tuple[Owner, str], Slot] = field(default_factory=dict)
    untranslated: set[tuple[str, str]] = field(default_factory=set)
    reading: Reading = field(default_factory=Reading)
    crowding: Crowding = field(default_factory=Crowding)
    posts: Sharing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "posts", Sharing(self.compose))

    def problems(self, plan: Plan) -> Iterator[Problem]:
        for file in plan.files:
            if file.campaign is not None:
                yield from _of_campaign(file, file.campaign)
                yield from self._of_siblings(file, file.campaign)
        yield from _without_parity(plan)
        for slot in plan.slots:
            yield from self._of_slot(slot)

    def _of_siblings(self, file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
        for problem in sibling_problems(file, campaign):
            if problem.code == UNTRANSLATED and problem.message_id is not None:
                self.untranslated.add((campaign.id, problem.message_id))
            yield problem

    def _of_slot(self, slot: Slot) -> Iterator[Problem]:
        try:
            post = self.posts.post_for(slot)
        except ComposeError as error:
            yield error.problem
            return
        yield from self.reading.problems(slot, post)
        owner = self.posts.owner_of(slot.account)
        found = [
            *limit_problems(slot, post),
            *self._time_problems(slot),
            *self._same_text(slot, post, owner),
            *self.crowding.problems(slot, post, owner),
        ]
        if found:
            silenced = allowed(slot)
            # What a platform refuses, or campaigner can't do, nobody can allow.
            yield from (one for one in found if one.severity is Severity.ERROR or one.code not in silenced)

    def _time_problems(self, slot: Slot) -> Iterable[Problem]:
        hours = self.config.quiet_hours
        return self._at_a_bad_time(slot, hours) if slot.clock_note or hours is not None else ()

    def _at_a_bad_time(self, slot: Slot, hours: tuple[time, time] | None) -> Iterator[Problem]:
        if hours is not None and _is_quiet(slot.local_at.time(), *hours):
            message = f"it goes out at {slot.local_at:%H:%M}, in the quiet hours"
            help_ = f"By the account's clock ({slot.timezone})."
            yield problem_in(slot, ("at",), "quiet-hours", message, help_, severity=Severity.WARNING)
        if slot.clock_note:
            yield problem_in(slot, ("at",), "clock-change", slot.clock_note, severity=Severity.NOTE)

    def _same_text(self, slot: Slot, post: Post, owner: Owner) -> Iterable[Problem]:
        """The same words again on one account: platforms refuse them, readers mute them."""
        known = (owner, self.posts.folded(post.parts[0].text))
        first = self.texts.get(known)
        self.texts[known] = slot
        return () if first is None else self._repeated(first, slot)

    def _repeated(self, first: Slot, slot: Slot) -> Iterator[Problem]:
        if not _is_near(first.due_at, slot.due_at):
            return
        is_one_message = (first.key.message, first.key.campaign) == (slot.key.message, slot.key.campaign)
        if is_one_message and (slot.key.campaign, slot.key.message) in self.untranslated:
            return
        where = "" if first.key.campaign == slot.key.campaign else f" of {first.key.campaign}"
        account = f"account {slot.account.name}"
        if first.account.name != slot.account.name:
            account = f"{account}, which is {first.account.name} by another name"
        what = f'message "{first.key.message}"{where}'
        if is_one_message:
            what = f"its own in {first.key.language}, edition {first.key.edition},"
        message = f"the same text as {what} on {account}"
        help_, language = "Vary the words.", slot.key.language
        yield problem_in(slot, ("text",), "same-text", message, help_, severity=Severity.WARNING, language=language)


def _is_near(first: datetime, second: datetime) -> bool:
    return abs(second - first) <= SAME_TEXT_WITHIN


def _of_campaign(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    # Messages with a fault of their own are not in the campaign: they may be the ones that use a word.
    if not file.faulty:
        yield from _unused_words(file, campaign)
    yield from unknown_codes(file, campaign)


def _without_parity(plan: Plan) -> Iterator[Problem]:
    """Messages whose languages are one, and that nobody posts in one of them."""
    reached: dict[tuple[str, str], set[str]] = {}
    for slot in plan.slots:
        if slot.campaign.parity is not None and not slot.draft:
            reached.setdefault((slot.key.campaign, slot.key.message), set()).update(slot.languages)
    for file in plan.files:
        for message in file.campaign.messages if file.campaign is not None else ():
            found = reached.get((file.id, message.id))
            wanted = message.languages or file.campaign.languages if file.campaign else ()
            missing = [language for language in wanted if found is not None and language not in found]
            if missing:
                yield Problem(
                    place=file.place("messages", message.id),
                    code="parity",
                    message=f"parity is required, and no account posts this message in {', '.join(missing)}",
                    help="Write the language under `languages` of an account that gets the message, in the config.",
                    campaign=file.id,
                    message_id=message.id,
                )


def _unused_words(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    if not any(edition.words for edition in campaign.editions.values()):
        return
    used = set(_words_used(campaign))
    for label, edition in campaign.editions.items():
        for word in edition.words:
            if word not in used:
                yield Problem(
                    place=file.place("editions", label, word),
                    code="unused-word",
                    message=f"no text uses {{{word}}}",
                    help="Use it in a text, or check its spelling: words of an edition are what texts hold in braces.",
                    campaign=campaign.id,
                )


def _words_used(campaign: Campaign) -> Iterator[str]:
    for text in texts_of_campaign(campaign):
        try:
            yield from (word.name for word in words_in(text))
        except BraceError:
            # It is reported where its post is composed.
            continue


def _is_quiet(at: time, begins: time, ends: time) -> bool:
    return begins <= at < ends if begins < ends else at >= begins or at < ends
