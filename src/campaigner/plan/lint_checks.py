"""The faults that texts have for their readers: what the lint finds, each at the text it stands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..campaign.campaign import Campaign, ImageSpec, in_language
from ..loading.campaign_file import Path_
from ..text.entities import Finding
from ..text.lint import lint, lint_on, minds
from ..text.lint_characters import alt_findings
from ..text.vocabulary import Vocabulary
from .compose import Found, Row
from .expand import Slot
from .faults import texts_of_campaign
from .text_checks import Text, problem_of, read_texts


def lint_problems(rows: Sequence[Row]) -> Found:
    """Every finding in the posts' parts and alt texts, what holds them back among them."""
    vocabularies: dict[str, Vocabulary] = {}

    def read(text: Text) -> Iterable[Finding]:
        slot, content, _, part = text
        if (words := vocabularies.get(slot.key.campaign)) is None:
            words = vocabularies[slot.key.campaign] = Vocabulary(_own_texts(slot, slot.campaign))
        return lint(part.text, content.tags, slot.languages[0], words)

    def read_on_platform(text: Text) -> Iterable[Finding]:
        return lint_on(text.slot.account.profile.platform, text.part.text)

    yield from read_texts(rows, read, read_on_platform, minds)
    yield from _alt_problems(rows)


def _alt_problems(rows: Iterable[Row]) -> Found:
    seen: set[tuple[object, ...]] = set()
    for slot, _ in rows:
        for spec, path in _images(slot) if slot.message.images or slot.message.thread else ():
            for language in slot.languages:
                alt = in_language(spec.alt, language)
                once = (slot.key.campaign, slot.key.message, alt, language, path)
                if alt and once not in seen:
                    seen.add(once)
                    for finding in alt_findings(alt, language):
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
