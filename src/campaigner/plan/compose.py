"""A slot to the Post that goes out: braces filled, hashtags placed, languages joined, images found. Done once, here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..campaign.campaign import ANY, ByLanguage, CardSpec, FollowUp, ImageSpec, in_language
from ..errors import CampaignerError
from ..files.loaded import Path_
from ..files.media import ImageFacts
from ..post.post import Card, Image, Part, Post
from ..text.compose import join_languages, with_hashtags
from ..text.split import split
from .expand import Slot
from .words import ComposeError, fault, filled, hashtags, holds_tags, link, place_filled

__all__ = ["ComposeError", "FindImage", "compose", "place_note"]

TOO_LONG_BY = 20
LEAST_LIMIT = 500
"""Of accounts with less, a text may still have twenty times as much as Mastodon takes."""

FindImage = Callable[[str, Path], ImageFacts]
"""Finds an image by its name and the campaign's folder; raises MediaError when it can't be used."""


def compose(slot: Slot, find_image: FindImage) -> Post:
    """Compose one post. The same slot and files give the same post. Raises ComposeError."""
    composing = _Composing(slot, find_image)
    warning = composing.joined(slot.message.warning, ("warning",)) or None
    notes = list(slot.notes)
    if warning is not None and not slot.account.profile.takes_warning:
        notes.append(f'{slot.account.profile.platform} has no content warnings: "{warning}" is not shown')
        warning = None
    parts = composing.parts()
    _refuse_far_too_long(slot, [warning or "", *(part.text for part in parts)])
    notes += dict.fromkeys(place_note(image) for part in parts for image in part.all_images if image.has_place)
    if slot.account.config.long_text == "thread":
        parts = [piece for part in parts for piece in _split(slot, part, warning or "")]
    return Post(
        key=slot.key,
        platform=slot.account.config.behaves_as,
        languages=slot.languages,
        due_at=slot.due_at,
        local_at=slot.local_at,
        timezone=slot.timezone,
        parts=tuple(parts),
        warning=warning,
        draft=slot.draft,
        notes=tuple(notes),
    )


def place_note(image: Image) -> str:
    """People who flee are on these pictures: that a file gives their place away is said, though it is never sent."""
    return f"{image.file} says where it was taken; what is posted does not"


def _refuse_far_too_long(slot: Slot, texts: Iterable[str]) -> None:
    """Before anything reads the texts closely: no thread makes a post of one that is twenty times too long."""
    most = TOO_LONG_BY * max(slot.account.profile.limit, LEAST_LIMIT)
    longest = max(map(len, texts))
    if longest > most:
        message = f"text has {longest:,} characters, more than {most:,} are not even split"
        raise fault(slot, ("text",), "text-too-long", message, "Shorten it.", slot.key.language)


def _split(slot: Slot, part: Part, warning: str) -> list[Part]:
    """A text over the limit as several parts; images and card stay with the first."""
    first, *rest = split(part.text, slot.account.profile, warning)
    return [replace(part, text=first), *(Part(text=text) for text in rest)]


class _Composing(NamedTuple):
    """The way of one slot to its parts."""

    slot: Slot
    find_image: FindImage

    def parts(self) -> list[Part]:
        """The message, then the follow-ups of its thread."""
        message = self.slot.message
        thread = message.thread or ()
        texts = [message.text, *(follow_up.text for follow_up in thread)]
        # In a together post all hashtags end the first part; else they stand where one of the parts has them.
        placed = not self._together and any(holds_tags(text, self.slot.languages) for text in texts)
        tags = hashtags(self.slot, self.slot.languages)
        text = self._text(message.text, ("text",), tags)
        if not placed:
            text = with_hashtags(text, tags)
        images = self._images(message.images or (), ("images",))
        first = Part(text=text, images=images, card=self._card(message.card, images))
        return [first, *(self._follow_up(number, follow_up, tags) for number, follow_up in enumerate(thread))]

    def joined(self, texts: ByLanguage | None, path: Path_) -> str:
        """A text of every language of the post, joined; one written for all languages only once."""
        if texts is None:
            return ""
        if set(texts) == {ANY}:
            return self._filled(texts, self.slot.languages[0], path)
        return join_languages([self._filled(texts, language, path) for language in self.slot.languages])

    @property
    def _together(self) -> bool:
        return len(self.slot.languages) > 1

    def _follow_up(self, number: int, follow_up: FollowUp, tags: Sequence[str]) -> Part:
        path: Path_ = ("thread", number)
        return Part(
            text=self._text(follow_up.text, (*path, "text"), tags),
            images=self._images(follow_up.images, (*path, "images")),
        )

    def _text(self, texts: ByLanguage, path: Path_, tags: Sequence[str]) -> str:
        """The text of a part, hashtags where they are written."""
        if self._together:
            return self.joined(texts, path)
        return self._filled(texts, self.slot.languages[0], path, tags=tags)

    def _filled(self, texts: ByLanguage, language: str, path: Path_, *, tags: Sequence[str] = ()) -> str:
        text = in_language(texts, language)
        if text is None:
            message = f"there is no text in {language}"
            raise fault(self.slot, path, "missing-language", message, "Write one.", language)
        return filled(self.slot, text, language, path, tags=tags)

    def _images(self, specs: Sequence[ImageSpec], path: Path_) -> tuple[Image, ...]:
        return tuple([image for number, spec in enumerate(specs) for image in self._of_spec(spec, (*path, number))])

    def _of_spec(self, spec: ImageSpec, path: Path_) -> list[Image]:
        """The image, or in a `together` post one for each language where the file's name says the language."""
        slot = self.slot
        if spec.not_before is not None and slot.local_at.date() < spec.not_before:
            day = f"{slot.local_at:%Y-%m-%d}"
            message = f"{spec.file} may not be shown before {spec.not_before}, and this is posted on {day}"
            raise fault(slot, (*path, "not_before"), "embargo", message, "Move the message, or take another image.")
        files: Mapping[str, str] = {
            language: place_filled(slot, spec.file, language, (*path, "file")) for language in slot.languages
        }
        if len(set(files.values())) == 1:
            return [self._found(files[slot.languages[0]], self._alt(spec, path, slot.languages), (*path, "file"))]
        return [
            self._found(file, self._alt(spec, path, (language,)), (*path, "file")) for language, file in files.items()
        ]

    def _alt(self, spec: ImageSpec, path: Path_, languages: Sequence[str]) -> str:
        """The alt text in these languages; "" for a decoration."""
        if set(spec.alt) == {ANY}:
            languages = languages[:1]
        texts = {language: in_language(spec.alt, language) or "" for language in languages}
        return join_languages([filled(self.slot, text, language, (*path, "alt")) for language, text in texts.items()])

    def _found(self, file: str, alt: str, path: Path_) -> Image:
        try:
            facts = self.find_image(file, self.slot.file.path.parent)
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
        )

    def _card(self, spec: CardSpec | None, images: Sequence[Image]) -> Card | None:
        """The card, where the platform wants it written and has room for it: images take its place."""
        if spec is None or images or not self.slot.account.profile.takes_card:
            return None
        image = None
        if spec.image is not None:
            path: Path_ = ("card", "image")
            file = place_filled(self.slot, spec.image, self.slot.languages[0], path)
            image = self._found(file, "", path)
        return Card(
            url=link(self.slot, self.slot.languages[0], ("card",)),
            title=self.joined(spec.title, ("card", "title")),
            description=self.joined(spec.description, ("card", "description")),
            image=image,
        )
