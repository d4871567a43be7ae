"""The faults that texts have for their readers: what the lint finds, each at the text it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..campaign.campaign import Campaign, ImageSpec, in_language
from ..loading.campaign_file import Path_
from ..text.hashtags import Vocabulary
from ..text.lint import lint, lint_on
from ..text.lint_characters import alt_findings
from ..text.measure import Finding
from .compose import Composed, Content, Found
from .expand import Slot
from .faults import texts_of_campaign
from .text_checks import problem_of, read_texts


def lint_problems(posts: Sequence[Composed]) -> Found:
    """Every finding in the posts' parts and alt texts, what holds them back among them."""
    vocabularies: dict[str, Vocabulary] = {}

    def read(slot: Slot, content: Content, text: str) -> Iterable[Finding]:
        if (words := vocabularies.get(slot.key.campaign)) is None:
            words = vocabularies[slot.key.campaign] = Vocabulary(_own_texts(slot, slot.campaign))
        return lint(text, content.tags, slot.languages[0], words)

    yield from read_texts(posts, read, lambda slot, _, text: lint_on(slot.account.profile, text))
    yield from _alt_problems(posts)


def _alt_problems(posts: Iterable[Composed]) -> Found:
    seen: set[tuple[object, ...]] = set()
    for _, (slot, *_) in posts:
        if not (slot.message.images or slot.message.thread) or (id(slot.message), slot.languages) in seen:
            continue
        seen.add((id(slot.message), slot.languages))
        for spec, path in _images(slot):
            for language in slot.languages:
                for finding in alt_findings(in_language(spec.alt, language) or "", language):
                    yield slot, problem_of(finding, slot, (*path, "alt"), language)


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
