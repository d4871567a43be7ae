"""What holds posts back: all that a run must know of its files, and nothing that is only advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from ..campaign.campaign import Campaign
from ..errors import Problem, Severity
from ..loading.campaign_file import CampaignFile
from ..text.template import BraceError, words_in
from .compose import Composer, FindImage, texts_of_campaign
from .expand import Plan, Slot, busiest
from .limit_checks import limit_problems
from .suppressions import unknown_codes
from .text_checks import broken_texts


class Planned(NamedTuple):
    """The slots of some files in time order, without those that a fault holds back.

    `broken` names campaigns with a fault outside their messages; `held_back` the messages (campaign, id) with one inside.
    """

    slots: Sequence[Slot]
    problems: Sequence[Problem]
    broken: Mapping[str, str]
    held_back: Mapping[tuple[str, str], str]
    busiest: int


def without_faults(plan: Plan, find_image: FindImage, late: timedelta) -> Planned:
    """What may go out of a plan. `late` is the config's."""
    problems = (*plan.problems, *faults(plan.files, plan.slots, find_image))
    held_back = {(file.id, message): "it has a fault" for file in plan.files for message in file.faulty}
    held_back |= _words([problem for file in plan.files for problem in file.problems])
    words = _words(problems)
    broken = {campaign: why for (campaign, message), why in words.items() if not message}
    held_back |= {where: why for where, why in words.items() if where[1]}
    slots = [
        slot
        for slot in plan.slots
        if slot.key.campaign not in broken and (slot.key.campaign, slot.key.message) not in held_back
    ]
    return Planned(slots, problems, broken, held_back, busiest(slots, late))


def _words(problems: Iterable[Problem]) -> dict[tuple[str, str], str]:
    """What is wrong with each campaign, and with each of its messages; the last of several."""
    return {
        (problem.campaign, problem.message_id or ""): f"{problem.place}: {problem.message}"
        for problem in problems
        if problem.severity is Severity.ERROR and problem.campaign is not None
    }


def faults(files: Sequence[CampaignFile], slots: Sequence[Slot], find_image: FindImage) -> list[Problem]:
    """The errors of campaigns, and of these posts of theirs: all of a plan, or only those that are near.

    Whether a language is posted by nobody, where all go out as one, can be told of all the posts of a message alone.
    """
    found = [*campaign_faults(files), *unposted_languages(files, slots)]
    posts = Composer(find_image).all(slots, found)
    for of in (broken_texts(posts), limit_problems(posts)):
        found += [one for slot, one in of if not slot.allows(one.severity, one.code)]
    return [problem for problem in each_once(found) if problem.severity is Severity.ERROR]


def each_once(problems: Iterable[Problem]) -> list[Problem]:
    """Without what is said already: a fault of many years, accounts or languages is said once a place, with its accounts."""
    once: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        one = (problem.place, problem.code, problem.message, problem.campaign, problem.message_id)
        once.setdefault(one, []).append(problem)
    accounts = [dict.fromkeys(name for problem in same for name in problem.accounts) for same in once.values()]
    return [first._replace(also_on=tuple(also)[1:]) for (first, *_), also in zip(once.values(), accounts, strict=True)]


def campaign_faults(files: Iterable[CampaignFile]) -> Iterator[Problem]:
    """Words of an edition that no text uses, and codes under `allow` that nothing has."""
    for file in files:
        if file.campaign is not None:
            # Messages with a fault of their own are not in the campaign: they may be the ones that use a word.
            yield from _unused_words(file, file.campaign) if not file.faulty else ()
            yield from unknown_codes(file, file.campaign)


def unposted_languages(files: Iterable[CampaignFile], slots: Iterable[Slot]) -> Iterator[Problem]:
    """Messages whose languages are one, and that nobody posts in one of them."""
    reached: dict[tuple[str, str], set[str]] = {}
    for slot in slots:
        if slot.campaign.parity is not None and not slot.draft:
            reached.setdefault((slot.key.campaign, slot.key.message), set()).update(slot.languages)
    for file in files:
        for message in file.campaign.messages if file.campaign is not None else ():
            found = reached.get((file.id, message.id))
            wanted = message.languages or file.campaign.languages if file.campaign else ()
            missing = [language for language in wanted if found is not None and language not in found]
            if missing:
                text = f"parity is required, and no account posts this message in {', '.join(missing)}"
                help_ = "Write the language under `languages` of an account that gets the message, in the config."
                yield file.problem(("messages", message.id), "parity", text, help_, message_id=message.id)


def _unused_words(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    if not any(edition.words for edition in campaign.editions.values()):
        return
    used = set(_words_used(campaign))
    for label, edition in campaign.editions.items():
        for word in edition.words:
            if word not in used:
                help_ = "Use it in a text, or check its spelling: words of an edition are what texts hold in braces."
                yield file.problem(("editions", label, word), "unused-word", f"no text uses {{{word}}}", help_)


def _words_used(campaign: Campaign) -> Iterator[str]:
    for text in texts_of_campaign(campaign):
        try:
            yield from (word.name for word in words_in(text))
        except BraceError:
            # It is reported where its post is composed.
            continue
