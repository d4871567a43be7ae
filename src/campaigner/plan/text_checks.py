"""The texts of composed posts, each read once, and what a reading finds at the place where it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ..campaign.campaign import ByLanguage, in_language
from ..errors import Problem
from ..loading.campaign_file import Path_
from ..post.post import Part
from ..text.broken_text import broken, broken_on
from ..text.entities import Finding
from .compose import Content, Found, Row
from .expand import Slot
from .placeholders import Filling


class Text(NamedTuple):
    """One part of a post, and where it is written."""

    slot: Slot
    content: Content
    path: Path_
    part: Part


Reading = Callable[[Text], Iterable[Finding]]


def broken_texts(rows: Iterable[Row]) -> Found:
    """What a platform would break of the posts: no advice, only what holds them back."""
    return read_texts(
        rows,
        lambda text: broken(text.part.text, text.content.tags),
        lambda text: broken_on(text.slot.account.profile.platform, text.part.text),
        minds=lambda platform: platform == "instagram",
    )


def read_texts(rows: Iterable[Row], read: Reading, read_on_platform: Reading, minds: Callable[[str], bool]) -> Found:
    """What two readings find in the parts of posts: a text is read once, and once for each platform that minds.

    Accounts that get the same share their content, other years may have the same words.
    """
    platforms: dict[int, set[str]] = {}
    seen: set[tuple[object, ...]] = set()
    for slot, content in rows:
        platform = slot.account.profile.platform
        known = platforms.get(id(content))
        if known is None:
            platforms[id(content)] = {platform}
            yield from _unread(slot, content, read, (slot.languages,), seen)
        elif platform in known:
            continue
        else:
            known.add(platform)
        if minds(platform):
            yield from _unread(slot, content, read_on_platform, (platform, ""), seen)


def _unread(
    slot: Slot, content: Content, read: Reading, whose: tuple[object, ...], seen: set[tuple[object, ...]]
) -> Found:
    written = 1 + len(slot.message.thread or ())
    for number, part in enumerate(content.parts):
        once = (*whose, part.text, slot.key.message, slot.key.campaign)
        if once in seen or not part.text:
            continue
        seen.add(once)
        # A text that was split has more parts than the message: what they hold stands in its text.
        is_follow_up = number > 0 and len(content.parts) == written
        text = Text(slot, content, ("thread", number - 1, "text") if is_follow_up else ("text",), part)
        for finding in read(text):
            yield slot, problem_of(finding, slot, text.path, _language_of(text, finding.start))


def problem_of(finding: Finding, slot: Slot, path: Path_, language: str) -> Problem:
    """The finding at the text of that language."""
    severity = finding.severity
    return slot.problem(path, finding.code, finding.message, finding.help, severity=severity, language=language)


def _language_of(text: Text, start: int | None) -> str:
    """The language in whose text a finding stands: a `together` post joins them in order."""
    slot = text.slot
    if len(slot.languages) == 1 or start is None:
        return slot.languages[0]
    at, found = 0, slot.languages[0]
    for language in slot.languages:
        written = in_language(_written_at(slot, text.path), language)
        at = text.part.text.find(Filling(slot).text(written, language, text.path), at) if written is not None else -1
        if at < 0 or at > start:
            break
        found = language
    return found


def _written_at(slot: Slot, path: Path_) -> ByLanguage:
    if path[0] == "thread" and slot.message.thread is not None:
        return slot.message.thread[int(path[1])].text
    return slot.message.text
