"""The faults that a text has for its readers: what the lint finds, each at the text it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..campaign.campaign import ByLanguage, Campaign, ImageSpec, Message, in_language
from ..errors import Problem
from ..files.loaded import Path_
from ..post.post import Part, Post
from ..text.finding import Finding
from ..text.lint import lint, lint_on, minds
from ..text.lint_alt import alt_findings
from ..text.own_words import OwnWords
from .expand import Slot
from .places import problem_in
from .silencing import allowed
from .texts import texts_of_campaign
from .words import filled, hashtags


@dataclass(slots=True)
class Reading:
    """One reading of a plan. Other years and accounts have the same texts: each is read once."""

    seen: dict[tuple[object, ...], set[str]] = field(default_factory=dict)
    """What was read, and for which platforms."""
    words: dict[str, OwnWords] = field(default_factory=dict)
    _message: Message | None = None
    _posts: dict[int, tuple[Post, set[str]]] = field(default_factory=dict)
    """The posts of the message in hand by their identity, and the platforms each was read for."""

    def problems(self, slot: Slot, post: Post) -> Iterable[Problem]:
        """Every finding in a post's parts and alt texts that was not read before, but for what is silenced."""
        platform = slot.account.profile.platform
        if slot.message is not self._message:
            self._message = slot.message
            self._posts.clear()
        # Accounts that get the same of a message share one post: it is read once, and then for each platform.
        if (known := self._posts.get(id(post))) is None:
            self._posts[id(post)] = (post, {platform})
            return self._said(slot, [*self._in_parts(slot, post), *self._in_alts(slot)])
        if platform in known[1]:
            return ()
        known[1].add(platform)
        found = list(self._in_parts(slot, post)) if minds(platform) else []
        return self._said(slot, found) if found else ()

    def _said(self, slot: Slot, found: Sequence[tuple[Path_, str, Finding]]) -> Iterator[Problem]:
        silenced = allowed(slot) if found else frozenset()
        for path, language, finding in found:
            if finding.code not in silenced:
                yield problem_in(
                    slot,
                    path,
                    finding.code,
                    finding.message,
                    finding.help,
                    severity=finding.severity,
                    language=language,
                )

    def _in_parts(self, slot: Slot, post: Post) -> Iterator[tuple[Path_, str, Finding]]:
        written = 1 + len(slot.message.thread or ())
        for number, part in enumerate(post.parts):
            # A text that was split has more parts than the message: what they hold stands in its text.
            is_follow_up = number > 0 and len(post.parts) == written
            path: Path_ = ("thread", number - 1, "text") if is_follow_up else ("text",)
            for finding in self._in_part(slot, part) if part.text else ():
                yield path, _language_of(slot, part, path, finding.start), finding

    def _in_part(self, slot: Slot, part: Part) -> Iterator[Finding]:
        key = (slot.key.campaign, slot.key.message, part.text, slot.languages[0])
        platforms = self.seen.get(key)
        if platforms is None:
            platforms = self.seen[key] = set()
            tags = hashtags(slot, slot.languages)
            yield from lint(part.text, tags, slot.languages[0], self._own_words(slot))
        platform = slot.account.profile.platform
        if platform not in platforms:
            platforms.add(platform)
            yield from lint_on(platform, part.text)

    def _in_alts(self, slot: Slot) -> Iterator[tuple[Path_, str, Finding]]:
        for spec, path in _images(slot):
            for language in slot.languages:
                alt = in_language(spec.alt, language)
                key = (slot.key.campaign, slot.key.message, alt, language, path)
                if alt and key not in self.seen:
                    self.seen[key] = set()
                    for finding in alt_findings(alt, language):
                        yield (*path, "alt"), language, finding

    def _own_words(self, slot: Slot) -> OwnWords:
        """All that the campaign says: it tells where the words of a hashtag begin."""
        campaign = slot.campaign
        if campaign.id not in self.words:
            self.words[campaign.id] = OwnWords(_own_texts(slot, campaign))
        return self.words[campaign.id]


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
        at = part.text.find(filled(slot, text, language, path), at) if text is not None else -1
        if at < 0 or at > start:
            break
        found = language
    return found


def _texts_at(slot: Slot, path: Path_) -> ByLanguage:
    if path[0] == "thread" and slot.message.thread is not None:
        return slot.message.thread[int(path[1])].text
    return slot.message.text
