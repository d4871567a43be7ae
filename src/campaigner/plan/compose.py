"""A slot to the Post that goes out: braces filled, hashtags placed, languages joined, images found. Done once, here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..campaign.campaign import ANY, ByLanguage, Campaign, CardSpec, FollowUp, ImageSpec, Message, in_language
from ..campaign.campaign import Content as Variant
from ..errors import CampaignerError, Problem
from ..loading.campaign_file import Path_
from ..loading.images import ImageFacts
from ..post.post import Card, Image, Part, Post
from ..text.template import join_languages, with_hashtags
from .expand import Frame, Slot
from .placeholders import ComposeError, Filling, fault, hashtags, holds_tags

TOO_LONG_BY = 20
LEAST_LIMIT = 500
"""Of accounts with less, a text may still have twenty times as much as Mastodon takes."""

FindImage = Callable[[str, Path], ImageFacts]
"""Finds an image by its name and the campaign's folder; raises MediaError when it can't be used."""


class Content(NamedTuple):
    """What readers see of a post, and its hashtags without `#`.

    `longest` is its longest text, in code points. `is_general`: nothing of it depends on who posts it. `is_plain`: it is
    one text, and nothing else was written.
    """

    parts: tuple[Part, ...]
    warning: str | None
    notes: tuple[str, ...]
    tags: tuple[str, ...]
    longest: int
    is_general: bool
    is_plain: bool


class Composed(NamedTuple):
    """Posts of one message that are due at one instant and show readers the same."""

    content: Content
    slots: list[Slot]


Found = Iterator[tuple[Slot, Problem]]
"""What a check of composed posts yields: each problem with its post."""


class Composer:
    """Composes posts: the same slot and files give the same post.

    One composing of a message serves all accounts that get the same of it, as long as they follow one another.
    """

    def __init__(self, find_image: FindImage) -> None:
        self._find_image = find_image
        self._last: tuple[Message, Frame, datetime] | None = None
        self._known: dict[tuple[object, ...], Composed] = {}

    def post(self, slot: Slot) -> Post:
        """The post that goes out. Raises ComposeError."""
        content = self.content(slot)
        return Post(
            key=slot.key,
            platform=slot.account.config.behaves_as,
            languages=slot.languages,
            due_at=slot.due_at,
            local_at=slot.local_at,
            timezone=slot.timezone,
            parts=content.parts,
            warning=content.warning,
            draft=slot.draft,
            notes=(*slot.notes, *content.notes),
        )

    def content(self, slot: Slot) -> Content:
        """What readers see of the post. Raises ComposeError."""
        return self._composed(slot).content

    def all(self, slots: Iterable[Slot], faults: list[Problem]) -> list[Composed]:
        """All the posts that can be composed, in time order; the faults of the others are added to `faults`."""
        found: list[Composed] = []
        for slot in slots:
            try:
                composed = self._composed(slot)
            except ComposeError as error:
                faults.append(error.problem)
                continue
            if not composed.slots:
                found.append(composed)
            composed.slots.append(slot)
        return found

    def _composed(self, slot: Slot) -> Composed:
        last = self._last
        if last is None or slot.message is not last[0] or slot.frame is not last[1] or slot.due_at != last[2]:
            self._last = slot.message, slot.frame, slot.due_at
            self._known.clear()
        key = slot.languages, slot.local_at.date()
        found = self._known.get(key)
        if found is None:
            found = Composed(_Composing(slot, self._find_image).content(), [])
            if found.content.is_general:
                self._known[key] = found
        if found.content.longest > TOO_LONG_BY * LEAST_LIMIT:
            _refuse_far_too_long(slot, found.content)
        return Composed(_split(slot, found.content), []) if slot.account.config.long_text == "thread" else found


def parts_of(slot: Slot, parts: Sequence[Part]) -> Iterator[tuple[Path_, Part]]:
    """The parts of a post, each with where its values stand in the message.

    A text that was split has more parts than the message: what they hold stands in its text.
    """
    is_written = len(parts) == 1 + len(slot.message.thread or ())
    for number, part in enumerate(parts):
        yield ("thread", number - 1) if number and is_written else (), part


def images_of(content: Message | Variant) -> Iterator[tuple[ImageSpec, Path_]]:
    """The images of a message or a variant, those of its thread too, each with where it stands."""
    for number, spec in enumerate(content.images or ()):
        yield spec, ("images", number)
    for index, part in enumerate(content.thread or ()):
        for number, spec in enumerate(part.images):
            yield spec, ("thread", index, "images", number)


def texts_of_campaign(campaign: Campaign) -> Iterator[str]:
    """Texts, alt texts, warnings and cards of all messages and their variants, in all languages."""
    for message in campaign.messages:
        for content in (message, *(variant for _, variant in message.variants)):
            card = (content.card.title, content.card.description) if content.card is not None else ()
            thread = (part.text for part in content.thread or ())
            alts = (image.alt for image, _ in images_of(content))
            for texts in (content.text, content.warning, *card, *thread, *alts):
                yield from (texts or {}).values()


def place_note(image: Image) -> str:
    """People who flee are on these pictures: that a file gives their place away is said, though it is never sent."""
    return f"{image.file} says where it was taken; what is posted does not"


def _refuse_far_too_long(slot: Slot, content: Content) -> None:
    """Before anything reads the texts closely: no thread makes a post of one that is twenty times too long."""
    most = TOO_LONG_BY * max(slot.account.profile.limit, LEAST_LIMIT)
    if content.longest > most:
        message = f"text has {content.longest:,} characters, more than {most:,} are not even split"
        raise fault(slot, ("text",), "text-too-long", message, "Shorten it.", slot.key.language)


def _split(slot: Slot, content: Content) -> Content:
    """Each text over the limit as several parts; images and card stay with the first."""
    from ..text.thread_split import split

    parts: list[Part] = []
    for part in content.parts:
        first, *rest = split(part.text, slot.account.profile, content.warning or "")
        parts += [replace(part, text=first), *(Part(text=text) for text in rest)]
    return content._replace(parts=tuple(parts), is_plain=content.is_plain and len(parts) == 1)


class _Composing:
    """The way of one slot to what readers see."""

    def __init__(self, slot: Slot, find_image: FindImage) -> None:
        self.slot = slot
        self.find_image = find_image
        self.filling = Filling(slot)

    def content(self) -> Content:
        """Warning, message, then the follow-ups of its thread."""
        slot, message = self.slot, self.slot.message
        warning = self._joined(message.warning, ("warning",)) or None
        notes = []
        if warning is not None and not slot.account.profile.takes_warning:
            notes.append(f'{slot.account.profile.platform} has no content warnings: "{warning}" is not shown')
            warning = None
        tags = hashtags(slot)
        parts = tuple(self._parts(message, tags))
        notes += dict.fromkeys(place_note(image) for part in parts for image in part.all_images if image.has_place)
        longest = max(len(warning or ""), *[len(part.text) for part in parts])
        # A warning and a card are shown where the platform has them.
        is_general = message.warning is None and message.card is None and not self.filling.asks_account
        is_plain = is_general and len(parts) == 1 and not (message.images or message.video or not parts[0].text)
        return Content(parts, warning, tuple(notes), tags, longest, is_general, is_plain)

    def _parts(self, message: Message, tags: tuple[str, ...]) -> Iterator[Part]:
        thread = message.thread or ()
        text = self._text(message.text, ("text",), tags)
        if not self._places_tags(message.text, thread):
            text = with_hashtags(text, tags)
        images = self._images(message.images or (), ("images",))
        yield Part(text=text, images=images, card=self._card(message.card, images))
        for number, follow_up in enumerate(thread):
            path: Path_ = ("thread", number)
            text = self._text(follow_up.text, (*path, "text"), tags)
            yield Part(text=text, images=self._images(follow_up.images, (*path, "images")))

    def _places_tags(self, text: ByLanguage, thread: Sequence[FollowUp]) -> bool:
        """Whether the hashtags stand where a part has them; in a together post all end the first part."""
        first, *others = self.slot.languages
        if others:
            return False
        return holds_tags(text, first) or any(holds_tags(follow_up.text, first) for follow_up in thread)

    def _text(self, texts: ByLanguage, path: Path_, tags: Sequence[str]) -> str:
        """The text of a part, hashtags where they are written."""
        if len(self.slot.languages) > 1:
            return self._joined(texts, path)
        return self._filled(texts, self.slot.languages[0], path, tags=tags)

    def _joined(self, texts: ByLanguage | None, path: Path_) -> str:
        """A text of every language of the post, joined; one written for all languages only once."""
        if texts is None:
            return ""
        if set(texts) == {ANY}:
            return self._filled(texts, self.slot.languages[0], path)
        return join_languages([self._filled(texts, language, path) for language in self.slot.languages])

    def _filled(self, texts: ByLanguage, language: str, path: Path_, *, tags: Sequence[str] = ()) -> str:
        text = in_language(texts, language)
        if text is None:
            message = f"there is no text in {language}"
            raise fault(self.slot, path, "missing-language", message, "Write one.", language)
        return self.filling.text(text, language, path, tags=tags)

    def _images(self, specs: Sequence[ImageSpec], path: Path_) -> tuple[Image, ...]:
        return tuple([image for number, spec in enumerate(specs) for image in self._of_spec(spec, (*path, number))])

    def _of_spec(self, spec: ImageSpec, path: Path_) -> list[Image]:
        """The image, or in a `together` post one for each language where the file's name says the language."""
        slot = self.slot
        if spec.not_before is not None and slot.local_at.date() < spec.not_before:
            day = f"{slot.local_at:%Y-%m-%d}"
            message = f"{spec.file} may not be shown before {spec.not_before}, and this is posted on {day}"
            raise fault(slot, (*path, "not_before"), "embargo", message, "Move the message, or take another image.")
        at = (*path, "file")
        files = [self.filling.address(spec.file, language, at) for language in slot.languages]
        if len(set(files)) == 1:
            return [self._found(files[0], self._alt(spec, path, slot.languages), at)]
        pairs = zip(files, slot.languages, strict=True)
        return [self._found(file, self._alt(spec, path, (language,)), at) for file, language in pairs]

    def _alt(self, spec: ImageSpec, path: Path_, languages: Sequence[str]) -> str:
        """The alt text in these languages; "" for a decoration."""
        if set(spec.alt) == {ANY}:
            languages = languages[:1]
        texts = [(in_language(spec.alt, language) or "", language) for language in languages]
        return join_languages([self.filling.text(text, language, (*path, "alt")) for text, language in texts])

    def _found(self, file: str, alt: str, path: Path_) -> Image:
        try:
            facts = self.find_image(file, self.slot.file.folder)
        except CampaignerError as error:
            code = str(getattr(error, "code", "media"))
            raise fault(self.slot, path, code, str(error), error.hint) from error
        return Image(
            file=file,
            path=facts.path,
            alt=alt,
            digest=facts.digest,
            media_type=facts.media_type,
            size=facts.size,
            width=facts.width,
            height=facts.height,
            has_place=facts.has_place,
            is_animated=facts.is_animated,
        )

    def _card(self, spec: CardSpec | None, images: Sequence[Image]) -> Card | None:
        """The card, where the platform wants it written and has room for it: images take its place."""
        if spec is None or images or not self.slot.account.profile.takes_card:
            return None
        image = None
        if spec.image is not None:
            path: Path_ = ("card", "image")
            file = self.filling.address(spec.image, self.slot.languages[0], path)
            image = self._found(file, "", path)
        return Card(
            url=self.filling.link(self.slot.languages[0], ("card",)),
            title=self._joined(spec.title, ("card", "title")),
            description=self._joined(spec.description, ("card", "description")),
            image=image,
        )
