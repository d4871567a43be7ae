"""The faults that a text has for its readers: what the lint finds, each at the text it stands in."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Problem
from ..files.loaded import Path_
from ..post.post import Post
from ..text.lint import lint
from .expand import Slot
from .places import problem_in
from .words import hashtags

Seen = set[tuple[str, ...]]
"""Campaign, message, text, language and platform of what was read before: other years and accounts have the same."""


def reading_problems(slot: Slot, post: Post, seen: Seen) -> Iterator[Problem]:
    """Every finding in the parts of a post that was not read before."""
    written = 1 + len(slot.message.thread or ())
    language, platform, silenced = slot.languages[0], slot.account.profile.platform, allowed(slot)
    for number, part in enumerate(post.parts):
        key = (slot.key.campaign, slot.key.message, part.text, language, platform)
        if key in seen:
            continue
        seen.add(key)
        is_follow_up = number and len(post.parts) == written
        path: Path_ = ("thread", number - 1, "text") if is_follow_up else ("text",)
        tags = hashtags(slot, slot.languages)
        for finding in lint(part.text, tags, language, platform=platform, texts=_own_words(slot)):
            if finding.code not in silenced:
                yield problem_in(
                    slot, path, finding.code, finding.message, severity=finding.severity, language=language
                )


def allowed(slot: Slot) -> frozenset[str]:
    """The codes that the officer has silenced, each with a reason."""
    return frozenset({**slot.campaign.allow, **(slot.message.allow or {})})


def _own_words(slot: Slot) -> list[str]:
    """The names of the day and the campaign: they tell where the words of a hashtag begin."""
    return [*slot.observance.names.values(), *slot.campaign.title.values()]
