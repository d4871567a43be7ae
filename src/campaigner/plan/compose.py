"""A slot to the Post that goes out: braces filled, hashtags placed, languages joined, images found. Done once, here."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..campaign.campaign import ANY, ByLanguage, FollowUp, ImageSpec, in_language
from ..errors import CampaignerError, Problem, Severity
from ..files.media import ImageFacts
from ..observance.dates import written_out
from ..post.post import Card, Image, Part, Post
from ..text.compose import BraceError, fill, join_languages, with_hashtags, words_in
from ..text.split import split
from .expand import Slot

TAGS = "hashtags"


class ComposeError(CampaignerError):
    """A post cannot be composed; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.place}: {problem.message}", hint=problem.help)
        self.problem = problem


FindImage = Callable[[str, Path], ImageFacts]
"""Finds an image by its name and the campaign's folder; raises MediaError when it can't be used."""


def compose(slot: Slot, find_image: FindImage) -> Post:
    """Compose one post. The same slot and files give the same post. Raises ComposeError."""
    parts = _parts(slot, find_image)
    if slot.account.config.long_text == "thread":
        parts = [piece for part in parts for piece in _split(slot, part)]
    message = slot.message
    return Post(
        key=slot.key,
        platform=slot.account.config.behaves_as,
        languages=slot.languages,
        due_at=slot.due_at,
        local_at=slot.local_at,
        timezone=slot.timezone,
        parts=tuple(parts),
        warning=_joined(slot, message.warning, ("warning",)) if message.warning else None,
        draft=slot.draft,
        notes=slot.notes,
    )


def _parts(slot: Slot, find_image: FindImage) -> list[Part]:
    message = slot.message
    first = Part(
        text=_text(slot, message.text, ("text",), tags=True),
        images=_images(slot, message.images or (), ("images",), find_image),
        card=_card(slot, find_image),
    )
    return [first, *(_follow_up(slot, number, one, find_image) for number, one in enumerate(message.thread or ()))]


def _follow_up(slot: Slot, number: int, follow_up: FollowUp, find_image: FindImage) -> Part:
    path: tuple[str | int, ...] = ("thread", number)
    return Part(
        text=_text(slot, follow_up.text, (*path, "text"), tags=False),
        images=_images(slot, follow_up.images, (*path, "images"), find_image),
    )


def _text(slot: Slot, texts: ByLanguage, path: tuple[str | int, ...], *, tags: bool) -> str:
    """The text of a part in all the post's languages. Hashtags stand where they are written, else at the end."""
    together = len(slot.languages) > 1
    filled = [_filled(slot, texts, language, path, together=together) for language in slot.languages]
    joined = join_languages([text for text, _ in filled])
    placed = any(has_tags for _, has_tags in filled) and not together
    if placed or not tags:
        return joined
    return with_hashtags(joined, hashtags(slot, slot.languages))


def _filled(
    slot: Slot, texts: ByLanguage, language: str, path: tuple[str | int, ...], *, together: bool
) -> tuple[str, bool]:
    """One language's text with its braces filled, and whether hashtags stood in it. In a `together` post they vanish."""
    text = in_language(texts, language)
    if text is None:
        raise _error(slot, path, language, "missing-language", f"there is no text in {language}", "Write one.")
    text = text.strip()
    names = _names(slot, text, path, language)
    values = {name: _value(slot, name, language, path) for name in names}
    if TAGS in names:
        tags = "" if together else " ".join(f"#{tag}" for tag in hashtags(slot, (language,)))
        values[TAGS] = tags
    return _tidy(fill(text, values)), TAGS in names


def _tidy(text: str) -> str:
    """Strip line ends that a vanished word has left over."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _names(slot: Slot, text: str, path: tuple[str | int, ...], language: str) -> list[str]:
    try:
        return [word.name for word in words_in(text)]
    except BraceError as error:
        raise _error(slot, path, language, "brace", str(error), "{{ and }} are braces.") from error


def hashtags(slot: Slot, languages: Sequence[str]) -> list[str]:
    """The post's hashtags without `#`: those for all first, then each language's; each once."""
    chosen = _first(slot.message.hashtags, slot.edition.hashtags, slot.campaign.hashtags)
    tags = [*chosen.get("all", ()), *(tag for language in languages for tag in chosen.get(language, ()))]
    return list({tag.casefold(): tag for tag in reversed(tags)}.values())[::-1]


def _first(*choices: Mapping[str, tuple[str, ...]] | None) -> Mapping[str, tuple[str, ...]]:
    return next((choice for choice in choices if choice is not None), {})


def _value(slot: Slot, name: str, language: str, path: tuple[str | int, ...]) -> str:
    """What a word in braces stands for; values are never expanded again."""
    if name.startswith("@"):
        return _handle(slot, name[1:], language, path)
    if name in slot.edition.words:
        return _word(slot, name, language, path)
    known: dict[str, Callable[[], str]] = {
        TAGS: lambda: "",
        "link": lambda: link(slot, language, path),
        "name": lambda: day_name(slot, language),
        "date": lambda: written_out(slot.day, language),
        "today": lambda: written_out(slot.local_at.date(), language),
        "year": lambda: str(slot.day.year),
    }
    if name not in known:
        near = difflib.get_close_matches(name, [*known, *slot.edition.words, *(f"@{h}" for h in slot.handles)], 1)
        hint = (
            f"Did you mean {{{near[0]}}}?" if near else "{{ and }} are braces; words of the year stand under editions."
        )
        raise _error(slot, path, language, "unknown-word", f"{{{name}}} means nothing here", hint)
    return known[name]()


def _word(slot: Slot, name: str, language: str, path: tuple[str | int, ...]) -> str:
    value = in_language(slot.edition.words[name], language)
    if value is None:
        message = f"{{{name}}} has no value in {language} in the edition {slot.key.edition}"
        raise _error(slot, path, language, "missing-language", message, f"Write it under editions: {name}: {language}.")
    return value.strip()


def day_name(slot: Slot, language: str) -> str:
    """The day's name in that language, else the campaign's title."""
    for names in (slot.observance.names, slot.campaign.title):
        if (name := names.get(language)) is not None:
            return name
    return in_language(slot.campaign.title, language) or next(iter(slot.campaign.title.values()))


def link(slot: Slot, language: str, path: tuple[str | int, ...]) -> str:
    """The link of the message, else of the edition, else of the campaign, its own braces filled."""
    for links in (slot.message.link, slot.edition.link, slot.campaign.link):
        found = in_language(links, language)
        if found is not None:
            return _with_place_words(slot, found, language, ("link",))
    message = f"{{link}} is written, but there is no link in {language}"
    raise _error(slot, path, language, "no-link", message, "Write `link` in the message, the edition or the campaign.")


def _with_place_words(slot: Slot, text: str, language: str, path: tuple[str | int, ...]) -> str:
    values = {
        "platform": slot.account.config.behaves_as,
        "language": language,
        "message": slot.key.message,
        "account": slot.key.account,
    }
    try:
        return fill(text, values)
    except BraceError as error:
        hint = "Here stand {platform}, {language}, {message} or {account}."
        raise _error(slot, path, language, "unknown-word", str(error), hint) from error


def _handle(slot: Slot, name: str, language: str, path: tuple[str | int, ...]) -> str:
    """The platform's handle, or the name where there is none."""
    handle = slot.handles.get(name)
    if handle is None:
        near = difflib.get_close_matches(name, slot.handles, 1)
        hint = (
            f"Did you mean {{@{near[0]}}}?" if near else "Handles stand under `handles` in the campaign or the config."
        )
        raise _error(slot, path, language, "unknown-handle", f"there is no handle {{@{name}}}", hint)
    return handle.get(slot.account.config.behaves_as) or handle["name"]


def _joined(slot: Slot, texts: ByLanguage, path: tuple[str | int, ...]) -> str:
    """A text of every language of the post, joined; one written for all languages only once."""
    if set(texts) == {ANY}:
        return _filled(slot, texts, slot.languages[0], path, together=True)[0]
    return join_languages([_filled(slot, texts, one, path, together=True)[0] for one in slot.languages])


def _images(
    slot: Slot, specs: Sequence[ImageSpec], path: tuple[str | int, ...], find_image: FindImage
) -> tuple[Image, ...]:
    return tuple(
        image for number, spec in enumerate(specs) for image in _image(slot, spec, (*path, number), find_image)
    )


def _image(slot: Slot, spec: ImageSpec, path: tuple[str | int, ...], find_image: FindImage) -> list[Image]:
    """The image, or in a `together` post one for each language where the file's name says the language."""
    if spec.not_before is not None and slot.local_at.date() < spec.not_before:
        message = f"the image {spec.file} may not be shown before {spec.not_before}, and this is posted on {slot.local_at:%Y-%m-%d}"
        raise _error(slot, (*path, "not_before"), None, "embargo", message, "Move the message, or take another image.")
    files = {_with_place_words(slot, spec.file, language, (*path, "file")): language for language in slot.languages}
    if len(files) == 1:
        file = next(iter(files))
        return [_found(slot, file, _alt(slot, spec, slot.languages), path, find_image)]
    return [_found(slot, file, _alt(slot, spec, (one,)), path, find_image) for file, one in files.items()]


def _alt(slot: Slot, spec: ImageSpec, languages: Sequence[str]) -> str:
    if set(spec.alt) == {ANY}:
        return spec.alt[ANY].strip()
    return join_languages([text.strip() for one in languages if (text := in_language(spec.alt, one))])


def _found(slot: Slot, file: str, alt: str, path: tuple[str | int, ...], find_image: FindImage) -> Image:
    try:
        facts = find_image(file, slot.file.path.parent)
    except CampaignerError as error:
        code = str(getattr(error, "code", "image"))
        raise _error(slot, (*path, "file"), None, code, str(error), error.hint) from error
    return Image(
        file=file,
        path=facts.path,
        alt=alt,
        digest=facts.digest,
        media_type=facts.media_type,
        size=facts.size,
        width=facts.width,
        height=facts.height,
    )


def _card(slot: Slot, find_image: FindImage) -> Card | None:
    spec = slot.message.card
    if spec is None or not slot.account.profile.takes_card:
        return None
    image = spec.image and _found(
        slot, _with_place_words(slot, spec.image, slot.languages[0], ("card", "image")), "", ("card",), find_image
    )
    return Card(
        url=link(slot, slot.languages[0], ("card",)),
        title=_joined(slot, spec.title, ("card", "title")),
        description=_joined(slot, spec.description, ("card", "description")) if spec.description else "",
        image=image or None,
    )


def _split(slot: Slot, part: Part) -> list[Part]:
    """A text over the limit as several parts; images and card stay with the first."""
    first, *rest = split(part.text, slot.account.profile)
    return [replace(part, text=first), *(Part(text=text) for text in rest)]


def _error(
    slot: Slot, path: tuple[str | int, ...], language: str | None, code: str, message: str, help: str
) -> ComposeError:
    places = ("messages", slot.key.message, *path)
    place = slot.file.place(*places, language) if language is not None else slot.file.place(*places)
    problem = Problem(
        place=place,
        code=code,
        message=message,
        help=help,
        severity=Severity.ERROR,
        campaign=slot.key.campaign,
        message_id=slot.key.message,
        account=slot.key.account,
        language=language,
    )
    return ComposeError(problem)
