"""Every post of a plan, and every campaign against itself, before anything is posted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from itertools import islice

from ..campaign.campaign import ANY, EVERY_YEAR, Campaign, Content
from ..campaign.config import PLATFORMS, Config, platform_meant
from ..errors import Place, Problem, Severity, shown
from ..loading.campaign_file import CampaignFile, Path_
from ..post.profile import Profile
from ..text.lint_translations import translation_findings
from ..text.measure import entities
from .compose import Composed, Composer, FindImage, Found
from .expand import OVER_WITHIN, Plan, Slot, over_lately
from .faults import campaign_faults, each_once, unposted_languages
from .limit_checks import limit_problems
from .quota_checks import NOTHING_SENT, SentTexts, owners_of, same_minute, same_text, too_many_posts
from .suppressions import is_allowed
from .text_checks import lint_problems


def check(plan: Plan, find_image: FindImage, config: Config, sent: SentTexts = NOTHING_SENT) -> tuple[Problem, ...]:
    """Compose and check every post, drafts too. A fault of many years, accounts or languages is said once a place.

    They stand by file, line and column. `sent` is what is out.
    """
    found = [*campaign_faults(plan.files), *unposted_languages(plan.files, plan.slots)]
    found += [one for file in plan.files if file.campaign for one in _translation_problems(file, file.campaign)]
    untranslated = {(str(one.campaign), str(one.message_id)) for one in found if one.code == "untranslated"}
    posts = Composer(find_image).all(plan.slots, found)
    owners = owners_of(config.accounts.values())
    checks = (
        lint_problems(posts),
        limit_problems(posts),
        _at_a_bad_time(posts, config.quiet_hours),
        same_text(posts, owners, untranslated, sent),
        same_minute(posts, owners),
        too_many_posts(posts, owners),
    )
    found += [problem for of in checks for slot, problem in of if not slot.allows(problem.severity, problem.code)]
    return tuple(sorted(each_once(found), key=lambda problem: (problem.place, problem.code, problem.message)))


def _translation_problems(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    """Every difference between the languages of a message that is no matter of language; once, whoever gets it."""
    for message in campaign.messages if len(campaign.languages) > 1 else ():
        languages = message.languages or campaign.languages
        for names, content in ((None, message), *message.variants):
            for texts, path in _texts_of(content):
                written = {language: texts[language] for language in languages if language in texts}
                for language, one in translation_findings(written, campaign.languages) if ANY not in texts else ():
                    if not is_allowed(one.severity, one.code, campaign.allow, message.allow, content.allow):
                        variant = () if names is None else ("variants", file.variant_as_written(message.id, names))
                        here: Path_ = ("messages", message.id, *variant, *path, language)
                        words = "" if one.start is None else written[language][one.start :].partition("\n")[0]
                        who = {"message_id": message.id, "language": language, "words": words}
                        yield file.problem(here, one.code, one.message, one.help, one.severity, **who)


def _texts_of(content: Content) -> Iterator[tuple[Mapping[str, str], Path_]]:
    """The texts of a message or of a variant, which is compared with itself: it may say less than the message."""
    if content.text is not None:
        yield content.text, ("text",)
    for number, part in enumerate(content.thread or ()):
        yield part.text, ("thread", number, "text")


MOST_HANDLES = 1000
"""Of which it is found out whether they mention anybody: a hostile file may have 50,000."""


def mentions_nobody(
    handles: Mapping[str, Mapping[str, str]],
    profiles: Mapping[str, Profile],
    place: Callable[[tuple[str | int, ...]], Place],
    campaign: str | None = None,
) -> Iterator[Problem]:
    """Warnings of what stands under `handles`; `profiles` are those of the platforms that the config's accounts are on."""
    written = (
        (name, *pair) for name, by_platform in handles.items() for pair in by_platform.items() if pair[0] != "name"
    )
    for name, platform, handle in islice(written, MOST_HANDLES):
        found = _handle_fault(platform, handle, profiles)
        if found is not None:
            where = place(("handles", name, platform))
            yield Problem(where, "mentions-nobody", *found, severity=Severity.WARNING, campaign=campaign)


def _handle_fault(platform: str, handle: str, profiles: Mapping[str, Profile]) -> tuple[str, str] | None:
    if platform not in PLATFORMS and platform not in profiles:
        near = platform_meant(platform, sorted({*PLATFORMS, *profiles}))
        help_ = f"Did you mean {near}?" if near else f"Here stand name and platforms: {', '.join(sorted(profiles))}."
        return f'"{shown(platform)}" is no platform: this handle is never used', help_
    profile = profiles.get(platform)
    if profile is None or profile.measure == "plain" or _is_mention(handle, profile):
        return None
    way, _, last = handle.rstrip("/").rpartition("/")
    host = way.removeprefix("https://").partition("/")[0]
    bare = last.strip().lstrip("@")
    meant = next((one for one in (f"@{bare}@{host}", f"@{bare}") if _is_mention(one, profile)), None)
    help_ = f'Write {platform}: "{meant}"' if meant else f"Write it as {platform} shows it, with its @, in quotes."
    return f'"{shown(handle)}" mentions nobody on {platform}', help_


def _is_mention(handle: str, profile: Profile) -> bool:
    return any(one.type == "mention" and one.text == handle for one in entities(handle, profile.measure))


def over(plan: Plan, now: datetime) -> Iterator[Problem]:
    """Campaigns whose every post is too late by now: nobody would notice that nothing of them goes out.

    Of the others, which messages are over in an edition that is not, or not for long.
    """
    last: dict[str, Slot] = {}
    for slot in plan.slots:
        last[slot.key.campaign] = slot
    for slot in last.values():
        if slot.due_at + slot.late <= now and "all-past" not in slot.campaign.allow:
            message = f"nothing of this will ever be posted: its last post was due on {slot.local_at:%-d %B %Y}"
            help_ = "Add the year to come to `editions`, or look at the date."
            yield slot.file.problem((), "all-past", message, help_, Severity.WARNING)
    ahead = {campaign for campaign, slot in last.items() if slot.due_at + slot.late > now}
    yield from _over_in_part([slot for slot in plan.slots if slot.key.campaign in ahead], now)


FAR_AHEAD = 12
"""Years; nobody plans an observance so long before."""


def far_years(files: Iterable[CampaignFile], now: datetime) -> Iterator[Problem]:
    """Editions so far ahead that their year was most likely mistyped."""
    near = range(now.year, now.year + FAR_AHEAD)
    for file in files:
        if file.campaign is None or "far-year" in file.campaign.allow:
            continue
        for index, label in enumerate(file.campaign.editions):
            year = 0 if label == EVERY_YEAR else int(label[:4])
            if year >= near.stop:
                meant = [one for one in near if sorted(str(one)) == sorted(label[:4])]
                meant += [one for one in near if sum(map(str.__ne__, str(one), label[:4])) == 1]
                is_by_label = file.place("editions", label) != file.place("editions")
                message, help_ = f"{label} is {year - now.year} years ahead", "Look at the year."
                help_ = f"Did you mean {meant[0]}?" if meant else help_
                path = ("editions", label if is_by_label else index)
                yield file.problem(path, "far-year", message, help_, Severity.WARNING)


def _over_in_part(slots: Sequence[Slot], now: datetime) -> Iterator[Problem]:
    """Once for each message of an edition; once in all where none of them is ahead."""
    still = {(slot.key.campaign, slot.key.edition) for slot in slots if slot.due_at + slot.late > now}
    found: dict[tuple[str, ...], Slot] = {}
    for slot in over_lately(slots, now, OVER_WITHIN):
        edition = slot.key.campaign, slot.key.edition
        found[(*edition, slot.key.message) if edition in still else edition] = slot
    for which, slot in found.items():
        if slot.allows(Severity.NOTE, "time-over"):
            continue
        due, label, id_ = f"due {slot.local_at:%Y-%m-%d %H:%M}", slot.key.edition, slot.key.message
        help_ = "Nothing, if that is meant. What is not out by now is not posted by itself."
        if len(which) == 2:
            what = f"every message of {label} is over: the last was {due}"
            yield slot.file.problem(("observance",), "time-over", what, help_, Severity.NOTE)
        else:
            what = f'message "{id_}" of {label} is over: it was {due}'
            yield slot.file.problem(("messages", id_, "at"), "time-over", what, help_, Severity.NOTE, id_)


def _at_a_bad_time(posts: Iterable[Composed], hours: tuple[time, time] | None) -> Found:
    for slot in (slot for _, slots in posts for slot in slots):
        if hours is not None and _is_quiet(slot.local_at.time(), *hours):
            message = f"it goes out at {slot.local_at:%H:%M}, in the quiet hours"
            help_ = f"By the account's clock ({slot.timezone})."
            yield slot, slot.problem(("at",), "quiet-hours", message, help_, severity=Severity.WARNING)
        if slot.clock_note:
            yield slot, slot.problem(("at",), "clock-change", slot.clock_note, severity=Severity.NOTE)


def _is_quiet(at: time, begins: time, ends: time) -> bool:
    return begins <= at < ends if begins < ends else at >= begins or at < ends
