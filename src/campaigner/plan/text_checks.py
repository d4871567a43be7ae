"""The texts of composed posts, each read once, and what a reading finds at the place where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..campaign.campaign import Campaign, in_language
from ..errors import Problem
from ..loading.campaign_file import Path_
from ..text.broken_text import broken, broken_on
from ..text.measure import Finding
from .compose import Composed, Content, Found, images_of, parts_of, texts_of_campaign
from .expand import Slot
from .placeholders import Filling

Reading = Callable[[Slot, Content, str], Iterable[Finding]]
"""What is found in one of the texts of a post."""


def broken_texts(posts: Iterable[Composed]) -> Found:
    """What a platform would break of the posts: no advice, only what holds them back."""
    return _read(
        posts,
        lambda _, content, text: broken(text, content.tags),
        lambda slot, _, text: broken_on(slot.account.profile, text),
    )


def lint_problems(posts: Iterable[Composed]) -> Found:
    """Every finding in the posts' parts and alt texts, what holds them back among them."""
    # A run has no need of them.
    from ..text.hashtags import Vocabulary
    from ..text.lint import lint, lint_on

    vocabularies: dict[str, Vocabulary] = {}

    def read(slot: Slot, content: Content, text: str) -> Iterable[Finding]:
        if (words := vocabularies.get(slot.key.campaign)) is None:
            words = vocabularies[slot.key.campaign] = Vocabulary(_own_texts(slot, slot.campaign))
        return lint(text, content.tags, slot.languages[0], words)

    yield from _read(posts, read, lambda slot, _, text: lint_on(slot.account.profile, text))
    yield from _alt_problems(posts)


def _read(posts: Iterable[Composed], read: Reading, read_on_platform: Reading) -> Found:
    """What two readings find in the parts of posts: a text is read once, in all years, and once for each platform."""
    read_for: dict[tuple[object, ...], set[str]] = {}
    for content, slots in posts:
        key, languages = slots[0].key, slots[0].languages
        parts = [(base, part.text) for base, part in parts_of(slots[0], content.parts) if part.text]
        platforms = read_for.setdefault((key.campaign, key.message, languages, *[text for _, text in parts]), set())
        for slot in slots:
            platform = slot.account.profile.platform
            if platform in platforms:
                continue
            readings = (read_on_platform,) if platforms else (read, read_on_platform)
            platforms.add(platform)
            for base, text in parts:
                for reading in readings:
                    for finding in reading(slot, content, text):
                        path = (*base, "text")
                        yield slot, _problem_of(finding, slot, path, _language_of(slot, text, path, finding.start))


def _problem_of(finding: Finding, slot: Slot, path: Path_, language: str) -> Problem:
    """The finding at the text of that language."""
    severity = finding.severity
    return slot.problem(path, finding.code, finding.message, finding.help, severity=severity, language=language)


def _language_of(slot: Slot, text: str, path: Path_, start: int | None) -> str:
    """The language in whose text a finding stands: a `together` post joins them in order."""
    at, found = 0, slot.languages[0]
    for language in slot.languages if len(slot.languages) > 1 and start is not None else ():
        part = slot.message.thread[int(path[1])] if slot.message.thread and path[0] == "thread" else slot.message
        written = in_language(part.text, language)
        at = text.find(Filling(slot).text(written, language, path), at) if written is not None else -1
        if at < 0 or at > (start or 0):
            break
        found = language
    return found


def _alt_problems(posts: Iterable[Composed]) -> Found:
    from ..text.lint_characters import alt_findings

    seen: set[tuple[object, ...]] = set()
    for _, (slot, *_) in posts:
        if not (slot.message.images or slot.message.thread) or (id(slot.message), slot.languages) in seen:
            continue
        seen.add((id(slot.message), slot.languages))
        for spec, path in images_of(slot.message):
            for language in slot.languages:
                for finding in alt_findings(in_language(spec.alt, language) or "", language):
                    yield slot, _problem_of(finding, slot, (*path, "alt"), language)


def _own_texts(slot: Slot, campaign: Campaign) -> Iterator[str]:
    yield from slot.frame.observance.names.values()
    yield from campaign.title.values()
    for edition in campaign.editions.values():
        for words in edition.words.values():
            yield from words.values()
    yield from texts_of_campaign(campaign)
