"""Every post of a plan against what its platform allows, and the campaign against itself, before anything is posted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import time

from ..campaign.campaign import Campaign
from ..campaign.config import Config
from ..errors import Problem, Severity
from ..files.loaded import CampaignFile
from ..post.post import Part, Post
from ..post.profile import Profile
from ..text.compose import BraceError, words_in
from ..text.measure import fits_cheaply, measure
from .compose import ComposeError
from .expand import Plan, Slot


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with the posts of a plan."""

    problems: tuple[Problem, ...]


def check(plan: Plan, compose: Callable[[Slot], Post], config: Config) -> Checked:
    """Compose and check every post. The same fault in every year, account or language is said for each place once."""
    problems: dict[Problem, None] = {}
    texts: dict[tuple[str, str, str], tuple[Slot, Post]] = {}
    for file in plan.files:
        if file.campaign is not None:
            problems.update(dict.fromkeys(_of_campaign(file, file.campaign)))
    for slot in plan.slots:
        try:
            post = compose(slot)
        except ComposeError as error:
            problems[error.problem] = None
            continue
        problems.update(dict.fromkeys(_of_post(slot, post, config)))
        problems.update(dict.fromkeys(_same_text(slot, post, texts)))
    return Checked(tuple(problems))


def _of_post(slot: Slot, post: Post, config: Config) -> Iterator[Problem]:
    profile = slot.account.profile
    for number, part in enumerate(post.parts):
        yield from _text_fits(slot, part, number, profile, post.warning or "")
        yield from _images_fit(slot, part, number, profile)
    if len(post.parts) > 1 and not profile.takes_threads:
        yield _problem(
            slot, ("thread",), "no-threads", f"{profile.platform} has no threads", "Give a variant without one."
        )
    if slot.message.video is not None:
        yield _problem(
            slot, ("video",), "not-yet", "videos are not posted by this version", "Take the video out, or link to it."
        )
    if slot.message.card is not None and not profile.takes_card:
        yield _problem(
            slot, ("card",), "card-ignored", f"{profile.platform} makes its own card from the link's page",
            "The card is not used there.", Severity.NOTE,
        )  # fmt: skip
    if config.quiet_hours is not None and _is_quiet(slot.local_at.time(), *config.quiet_hours):
        yield _problem(
            slot, ("at",), "quiet-hours", f"it goes out at {slot.local_at:%H:%M}, in the quiet hours",
            f"In {slot.timezone}.", Severity.WARNING,
        )  # fmt: skip
    for note in slot.notes:
        if not note.startswith("not before"):
            yield _problem(slot, ("at",), "clock-change", note, "", Severity.NOTE)


def _text_fits(slot: Slot, part: Part, number: int, profile: Profile, warning: str) -> Iterator[Problem]:
    if not warning and fits_cheaply(part.text, profile):
        return
    found = measure(part.text, profile, warning)
    if found.fits:
        return
    where = ("text",) if number == 0 else ("thread", number - 1, "text")
    over = found.length - found.limit
    if over > 0:
        size = f"text is {found.length} long on {profile.platform}, the limit is {found.limit}"
    else:
        over = (found.bytes or 0) - (found.byte_limit or 0)
        size = f"text is {found.bytes} bytes long on {profile.platform}, the limit is {found.byte_limit}"
    help = f"Shorten by {over}, or give a variant for {profile.platform}."
    yield _problem(slot, where, "text-too-long", size, help, language=slot.languages[0])


def _images_fit(slot: Slot, part: Part, number: int, profile: Profile) -> Iterator[Problem]:
    where: tuple[str | int, ...] = ("images",) if number == 0 else ("thread", number - 1, "images")
    if len(part.images) > profile.max_images:
        yield _problem(
            slot, where, "too-many-images",
            f"{len(part.images)} images, {profile.platform} takes {profile.max_images}", "",
        )  # fmt: skip
    for image in part.images:
        if image.media_type not in profile.image_types:
            message = f"{image.file} is {image.media_type}, which {profile.platform} does not take"
            yield _problem(slot, where, "image-type", message, "Save it as PNG or JPEG.")
        if image.size > profile.image_bytes:
            message = f"{image.file} has {image.size:,} bytes, {profile.platform} takes {profile.image_bytes:,}"
            yield _problem(slot, where, "image-too-big", message, "Save it smaller.")
        if len(image.alt) > profile.alt_limit:
            message = (
                f"the alt text of {image.file} is {len(image.alt)} long, {profile.platform} takes {profile.alt_limit}"
            )
            yield _problem(slot, where, "alt-too-long", message, "Shorten it.")


def _same_text(slot: Slot, post: Post, seen: dict[tuple[str, str, str], tuple[Slot, Post]]) -> Iterator[Problem]:
    """The same words twice on one account in one edition: platforms refuse it, readers mute it."""
    key = (slot.account.name, slot.key.edition, post.parts[0].text.casefold())
    first = seen.setdefault(key, (slot, post))[0]
    if first.key == slot.key:
        return
    message = f'the same text as message "{first.key.message}" of {first.key.campaign} on account {slot.account.name}'
    yield _problem(slot, ("text",), "same-text", message, "Vary the words.", Severity.WARNING, slot.languages[0])


def _of_campaign(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
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
    if campaign.parity is not None:
        yield Problem(
            place=file.place("parity"),
            code="not-yet",
            message="`parity: required` is not built yet",
            help="Take it out; posts of all languages are then sent one after the other.",
            campaign=campaign.id,
        )


def _words_used(campaign: Campaign) -> Iterator[str]:
    for text in _all_texts(campaign):
        try:
            yield from (word.name for word in words_in(text))
        except BraceError:
            # It is reported where its post is composed.
            continue


def _all_texts(campaign: Campaign) -> Iterator[str]:
    for message in campaign.messages:
        for content in (message, *(variant for _, variant in message.variants)):
            maps = [content.text, content.warning, *(one.text for one in content.thread or ())]
            if content.card is not None:
                maps += [content.card.title, content.card.description]
            for texts in maps:
                yield from (texts or {}).values()


def _is_quiet(at: time, begins: time, ends: time) -> bool:
    return begins <= at < ends if begins < ends else at >= begins or at < ends


def _problem(
    slot: Slot,
    path: Iterable[str | int],
    code: str,
    message: str,
    help: str,
    severity: Severity = Severity.ERROR,
    language: str | None = None,
) -> Problem:
    place = slot.file.place("messages", slot.key.message, *path, *([language] if language else []))
    return Problem(
        place=place,
        code=code,
        message=message,
        help=help,
        severity=severity,
        campaign=slot.key.campaign,
        message_id=slot.key.message,
        account=slot.account.name,
        language=language,
    )
