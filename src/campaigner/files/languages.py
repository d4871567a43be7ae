"""Whether every text stands in every language it is wanted in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..campaign.campaign import ANY, Campaign, CardSpec, Content, Edition, FollowUp, ImageSpec, Message
from .loaded import Path_
from .tree import Found

Values = Mapping[str, Any]
_ALT_HELP = 'Describe the image in each language for people who cannot see it; "" in all of them only for decoration.'


def spread(raw: Values, languages: Sequence[str]) -> Values:
    """Return a message as written, its texts written without a language put under the only language there is."""
    if len(languages) != 1:
        return raw
    result = dict(raw)
    if isinstance(raw.get("text"), str):
        result["text"] = {languages[0]: raw["text"]}
    if isinstance(raw.get("thread"), list):
        result["thread"] = [spread(part, languages) if isinstance(part, dict) else part for part in raw["thread"]]
    if isinstance(raw.get("variants"), dict):
        variants = raw["variants"].items()
        result["variants"] = {
            name: spread(change, languages) if isinstance(change, dict) else change for name, change in variants
        }
    return result


def check_campaign(campaign: Campaign) -> Iterator[Found]:
    """Faults outside the messages."""
    languages = campaign.languages
    yield from _complete(campaign.title, languages, ("campaign",))
    yield from _tags(campaign.hashtags, languages, ("hashtags",))
    yield from _unknown(campaign.link, languages, ("link",))
    for label, edition in campaign.editions.items():
        yield from _edition(edition, languages, ("editions", label))


def check_message(message: Message, campaign_languages: Sequence[str], raw: Values) -> Iterator[Found]:
    """Faults inside one message; `raw` is the message as written."""
    here: Path_ = ("messages", message.id)
    for language in message.languages or ():
        if language not in campaign_languages:
            help_ = f"The campaign has {', '.join(campaign_languages)}."
            yield Found((*here, "languages"), "unknown-language", f'"{language}" is no language of the campaign', help_)
    languages = message.languages or campaign_languages
    yield from _text(message.text, languages, campaign_languages, (*here, "text"))
    yield from _content(message, languages, campaign_languages, here)
    for names, (_, change) in zip(raw.get("variants", {}), message.variants, strict=True):
        yield from _variant(change, languages, campaign_languages, (*here, "variants", names))


def _variant(change: Content, languages: Sequence[str], all_: Sequence[str], path: Path_) -> Iterator[Found]:
    """The texts of a variant merge into the message's: none needs to be there, none may be foreign."""
    if change.text is not None:
        yield from _once_for_all(change.text, languages, (*path, "text"))
        yield from _unknown(change.text, all_, (*path, "text"), error=True)
    yield from _content(change, languages, all_, path)


def _content(content: Content, languages: Sequence[str], all_: Sequence[str], path: Path_) -> Iterator[Found]:
    yield from _tags(content.hashtags, all_, (*path, "hashtags"))
    yield from _unknown(content.link, all_, (*path, "link"))
    yield from _complete(content.warning, languages, (*path, "warning"))
    yield from _images(content.images or (), languages, (*path, "images"))
    for index, part in enumerate(content.thread or ()):
        yield from _follow_up(part, languages, all_, (*path, "thread", index))
    yield from _card(content.card, languages, (*path, "card"))
    if content.video is not None:
        yield from _alt(content.video.alt, languages, (*path, "video", "alt"))


def _follow_up(part: FollowUp, languages: Sequence[str], all_: Sequence[str], path: Path_) -> Iterator[Found]:
    yield from _text(part.text, languages, all_, (*path, "text"))
    yield from _images(part.images, languages, (*path, "images"))


def _card(card: CardSpec | None, languages: Sequence[str], path: Path_) -> Iterator[Found]:
    if card is not None:
        yield from _complete(card.title, languages, (*path, "title"))
        yield from _complete(card.description, languages, (*path, "description"))


def _images(images: Iterable[ImageSpec], languages: Sequence[str], path: Path_) -> Iterator[Found]:
    for index, image in enumerate(images):
        yield from _alt(image.alt, languages, (*path, index, "alt"))


def _edition(edition: Edition, languages: Sequence[str], path: Path_) -> Iterator[Found]:
    yield from _tags(edition.hashtags, languages, (*path, "hashtags"))
    yield from _unknown(edition.link, languages, (*path, "link"))
    for word, values in edition.words.items():
        yield from _unknown(values, languages, (*path, word))


def _text(values: Mapping[str, str], languages: Sequence[str], all_: Sequence[str], path: Path_) -> Iterator[Found]:
    yield from _once_for_all(values, languages, path)
    yield from _complete(values, languages, path)
    yield from _unknown(values, all_, path, error=True)


def _once_for_all(values: Mapping[str, str], languages: Sequence[str], path: Path_) -> Iterator[Found]:
    if ANY in values and len(languages) > 1:
        help_ = f"Write the text under each of them: {languages[0]}: and so on."
        message = f"one text stands here for {len(languages)} languages ({', '.join(languages)})"
        yield Found(path, "missing-language", message, help_)


def _complete(values: Mapping[str, str] | None, languages: Sequence[str], path: Path_) -> Iterator[Found]:
    if values is None or ANY in values:
        return
    lacking = [language for language in languages if language not in values]
    if lacking:
        name = next(step for step in reversed(path) if isinstance(step, str))
        fewer = f", or say with languages: [{', '.join(values)}] that the message has fewer" if name == "text" else ""
        help_ = f"Write it in {', '.join(lacking)} too{fewer}."
        yield Found(path, "missing-language", f'"{name}" is missing in {", ".join(lacking)}', help_, key=True)


def _alt(values: Mapping[str, str], languages: Sequence[str], path: Path_) -> Iterator[Found]:
    if not any(text.strip() for text in values.values()):
        return
    if ANY in values and len(languages) == 1:
        return
    lacking = [language for language in languages if not values.get(language, "").strip()]
    if lacking:
        yield Found(path, "missing-alt", f"the alt text is missing in {', '.join(lacking)}", _ALT_HELP, key=True)


def _tags(tags: Mapping[str, Any] | None, languages: Collection[str], path: Path_) -> Iterator[Found]:
    yield from _unknown(tags, [*languages, "all"], path)


def _unknown(
    values: Mapping[str, Any] | None, languages: Collection[str], path: Path_, *, error: bool = False
) -> Iterator[Found]:
    """A value in a language that the campaign does not have is never used."""
    for language in values or ():
        if language not in languages and language != ANY:
            message = f'"{language}" is no language of the campaign: this is never posted'
            help_ = f"The campaign has {', '.join(languages)}."
            yield Found((*path, language), "unknown-language", message, help_, key=True, warning=not error)
