"""The texts of composed posts, each read once, and what a reading finds at the place where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..campaign.campaign import ByLanguage, in_language
from ..errors import Problem
from ..loading.campaign_file import Path_
from ..text.broken_text import broken, broken_on
from ..text.measure import Finding
from .compose import Composed, Content, Found, parts_of
from .expand import Slot
from .placeholders import Filling

Reading = Callable[[Slot, Content, str], Iterable[Finding]]
"""What is found in one of the texts of a post."""


def broken_texts(posts: Iterable[Composed]) -> Found:
    """What a platform would break of the posts: no advice, only what holds them back."""
    return read_texts(
        posts,
        lambda _, content, text: broken(text, content.tags),
        lambda slot, _, text: broken_on(slot.account.profile, text),
    )


def read_texts(posts: Iterable[Composed], read: Reading, read_on_platform: Reading) -> Found:
    """What two readings find in the parts of posts: a text is read once, in all years, and once for each platform."""
    read_for: dict[tuple[object, ...], set[str]] = {}
    for content, slots in posts:
        first = slots[0]
        texts = (first.key.campaign, first.key.message, first.languages, *[part.text for part in content.parts])
        platforms = read_for.setdefault(texts, set())
        if not platforms:
            yield from _findings(first, content, read)
        for slot in slots:
            platform = slot.account.profile.platform
            if platform not in platforms:
                platforms.add(platform)
                yield from _findings(slot, content, read_on_platform)


def _findings(slot: Slot, content: Content, read: Reading) -> Found:
    for base, part in parts_of(slot, content.parts):
        path: Path_ = (*base, "text")
        for finding in read(slot, content, part.text) if part.text else ():
            yield slot, problem_of(finding, slot, path, _language_of(slot, part.text, path, finding.start))


def problem_of(finding: Finding, slot: Slot, path: Path_, language: str) -> Problem:
    """The finding at the text of that language."""
    severity = finding.severity
    return slot.problem(path, finding.code, finding.message, finding.help, severity=severity, language=language)


def _language_of(slot: Slot, text: str, path: Path_, start: int | None) -> str:
    """The language in whose text a finding stands: a `together` post joins them in order."""
    if len(slot.languages) == 1 or start is None:
        return slot.languages[0]
    at, found = 0, slot.languages[0]
    for language in slot.languages:
        written = in_language(_written_at(slot, path), language)
        at = text.find(Filling(slot).text(written, language, path), at) if written is not None else -1
        if at < 0 or at > start:
            break
        found = language
    return found


def _written_at(slot: Slot, path: Path_) -> ByLanguage:
    if path[0] == "thread" and slot.message.thread is not None:
        return slot.message.thread[int(path[1])].text
    return slot.message.text
