"""The faults that a text has for its readers: what the lint finds, each at the text it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..campaign.campaign import ByLanguage, Campaign, ImageSpec, in_language
from ..files.loaded import Path_
from ..post.post import Part
from ..text.finding import Finding
from ..text.lint import lint, lint_on, minds
from ..text.lint_alt import alt_findings
from ..text.own_words import OwnWords
from .compose import Content, Found, Row
from .expand import Slot
from .placeholders import Filling
from .texts import texts_of_campaign

Findings = Iterator[tuple[Path_, str, Finding]]


def lint_problems(rows: Iterable[Row]) -> Found:
    """Every finding in the posts' parts and alt texts. Accounts and years that have the same text are read once."""
    read: set[object] = set()
    words: dict[str, OwnWords] = {}
    for slot, content in rows:
        platform = slot.account.profile.platform
        if (id(content), platform) in read:
            continue
        read.add((id(content), platform))
        found = list(_on_platform(platform, slot, content, read)) if minds(platform) else []
        if id(content) not in read:
            read.add(id(content))
            found += [*_in_parts(slot, content, words, read), *_in_alts(slot, read)]
        for path, language, finding in found:
            severity = finding.severity
            yield (
                slot,
                slot.problem(path, finding.code, finding.message, finding.help, severity=severity, language=language),
            )


def _in_parts(slot: Slot, content: Content, words: dict[str, OwnWords], read: set[object]) -> Findings:
    campaign, language = slot.campaign, slot.languages[0]
    if (own := words.get(campaign.id)) is None:
        own = words[campaign.id] = OwnWords(_own_texts(slot, campaign))
    for path, part in _parts(slot, content):
        once = (campaign.id, slot.key.message, part.text, language)
        if part.text and once not in read:
            read.add(once)
            for finding in lint(part.text, content.tags, language, own):
                yield path, _language_of(slot, part, path, finding.start), finding


def _on_platform(platform: str, slot: Slot, content: Content, read: set[object]) -> Findings:
    for path, part in _parts(slot, content):
        once = (slot.key.campaign, slot.key.message, part.text, platform)
        if part.text and once not in read:
            read.add(once)
            for finding in lint_on(platform, part.text):
                yield path, _language_of(slot, part, path, finding.start), finding


def _in_alts(slot: Slot, read: set[object]) -> Findings:
    for spec, path in _images(slot):
        for language in slot.languages:
            alt = in_language(spec.alt, language)
            once = (slot.key.campaign, slot.key.message, alt, language, path)
            if alt and once not in read:
                read.add(once)
                for finding in alt_findings(alt, language):
                    yield (*path, "alt"), language, finding


def _parts(slot: Slot, content: Content) -> Iterator[tuple[Path_, Part]]:
    """The parts, each with where it is written."""
    written = 1 + len(slot.message.thread or ())
    for number, part in enumerate(content.parts):
        # A text that was split has more parts than the message: what they hold stands in its text.
        is_follow_up = number > 0 and len(content.parts) == written
        yield (("thread", number - 1, "text") if is_follow_up else ("text",)), part


def _own_texts(slot: Slot, campaign: Campaign) -> Iterator[str]:
    yield from slot.observance.names.values()
    yield from campaign.title.values()
    for edition in campaign.editions.values():
        for words in edition.words.values():
            yield from words.values()
    yield from texts_of_campaign(campaign)


def _images(slot: Slot) -> Iterator[tuple[ImageSpec, Path_]]:
    for number, spec in enumerate(slot.message.images or ()):
        yield spec, ("images", number)
    for index, part in enumerate(slot.message.thread or ()):
        for number, spec in enumerate(part.images):
            yield spec, ("thread", index, "images", number)


def _language_of(slot: Slot, part: Part, path: Path_, start: int | None) -> str:
    """The language in whose text a finding stands: a `together` post joins them in order."""
    if len(slot.languages) == 1 or start is None:
        return slot.languages[0]
    at, found = 0, slot.languages[0]
    for language in slot.languages:
        text = in_language(_texts_at(slot, path), language)
        at = part.text.find(Filling(slot).text(text, language, path), at) if text is not None else -1
        if at < 0 or at > start:
            break
        found = language
    return found


def _texts_at(slot: Slot, path: Path_) -> ByLanguage:
    if path[0] == "thread" and slot.message.thread is not None:
        return slot.message.thread[int(path[1])].text
    return slot.message.text
