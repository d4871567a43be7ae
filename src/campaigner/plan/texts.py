"""Every text of a campaign as it is written, words in braces and all."""

from __future__ import annotations

from collections.abc import Iterator

from ..campaign.campaign import Campaign, Content, ImageSpec


def texts_of_campaign(campaign: Campaign) -> Iterator[str]:
    """Texts, alt texts, warnings and cards of all messages and their variants, in all languages."""
    for message in campaign.messages:
        for content in (message, *(variant for _, variant in message.variants)):
            yield from _texts_of(content)


def _texts_of(content: Content) -> Iterator[str]:
    thread = content.thread or ()
    maps = [content.text, content.warning, *(part.text for part in thread)]
    if content.card is not None:
        maps += [content.card.title, content.card.description]
    images: list[ImageSpec] = [*(content.images or ()), *(image for part in thread for image in part.images)]
    maps += [image.alt for image in images]
    for texts in maps:
        yield from (texts or {}).values()
