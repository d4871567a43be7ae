"""What the words in braces stand for: the day, the link, handles, and the words of the edition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import normalize

from ..campaign.campaign import EVERY_YEAR, ByLanguage, in_language
from ..errors import CampaignerError, Problem, nearest
from ..loading.campaign_file import Path_
from ..observance.date_format import written_out
from ..text.template import BraceError, fill, words_in
from .expand import Slot

TAGS = "hashtags"
_WRITTEN_TAGS = "{hashtags}"
_CLOSING = ".,;:!?)»”"
BRACES_HELP = "{{ and }} are braces; words of the year stand under editions."
_MOST_LISTED = 20
_IN_OTHER_LANGUAGES = {
    "name": "nimi namn navn nafn nombre nom",
    "date": "päivä päivämäärä pvm datum dato dag dagsetning fecha",
    "today": "tänään idag i_dag i-dag hoy",
    "year": "vuosi år ár año année",
    "link": "linkki länk lenke hlekkur url osoite",
    "hashtags": "tags tag tagit aihetunnisteet hashtagit hashtaggar emneord",
}
"""What people write in braces who think of the word in their own language."""


class ComposeError(CampaignerError):
    """A post cannot be composed; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.place}: {problem.message}", hint=problem.help)
        self.problem = problem


class Filling:
    """Fills the braces of one slot's texts; `asks_account`: what stands in one of them depends on who posts it."""

    __slots__ = ("asks_account", "slot")

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.asks_account = False

    def text(self, text: str, language: str, path: Path_, *, tags: Sequence[str] = ()) -> str:
        """The stripped text in one language. `tags` stand for {hashtags}, which else vanishes."""
        text = text.strip()
        if "{" in text or "}" in text:
            try:
                if _WRITTEN_TAGS in text and not tags:
                    text = _without_tags(text)
                values = _Values(self, language, path)
                values[TAGS] = " ".join([f"#{tag}" for tag in tags])
                text = fill(text, values)
            except BraceError as error:
                words = text[error.position :].partition("\n")[0]
                raise fault(
                    self.slot, path, "brace", error.message, "{{ and }} are braces.", language, words=words
                ) from error
        return (_LOOSE_ENDS.sub("\n", text) if " \n" in text or "\t\n" in text else text).strip()

    def link(self, language: str, path: Path_) -> str:
        """The link of the message, else of the edition, else of the campaign, its own braces filled."""
        slot = self.slot
        found = in_language(slot.message.link, language)
        if found is not None:
            return self.address(found, language, ("link",))
        label = slot.key.edition if slot.key.edition in slot.campaign.editions else EVERY_YEAR
        outside: tuple[tuple[ByLanguage | None, Path_], ...] = (
            (slot.edition.link, ("editions", label, "link")),
            (slot.campaign.link, ("link",)),
        )
        for links, where in outside:
            found = in_language(links, language)
            if found is not None:
                return self.address(found, language, where, outside=True)
        message = f"{{link}} is written, but there is no link in {language}"
        help_ = "Write `link` in the message, the edition or the campaign."
        raise fault(slot, path, "no-link", message, help_, language, words="{link}")

    def address(self, text: str, language: str, path: Path_, *, outside: bool = False) -> str:
        """A link or a file name with {platform}, {language}, {message} and {account} filled.

        `outside`: it stands outside the messages, at `path` of the file.
        """
        if "{" not in text and "}" not in text:
            return text
        slot = self.slot
        self.asks_account = True
        values = {
            "platform": slot.account.config.behaves_as,
            "language": language,
            "message": slot.key.message,
            "account": slot.key.account,
        }
        try:
            return fill(text, values)
        except BraceError as error:
            help_ = "Here stand {platform}, {language}, {message} or {account}."
            if not outside:
                raise fault(slot, path, "unknown-word", error.message, help_) from error
            raise ComposeError(slot.file.problem((*path, language), "unknown-word", error.message, help_)) from error

    def handle(self, name: str, language: str, path: Path_) -> str:
        """The platform's handle, or the name where there is none."""
        slot = self.slot
        self.asks_account = True
        handle = slot.frame.handles.get(name)
        if handle is None:
            near = nearest(name, slot.frame.handles)
            written = f'Write under handles:, here or in the config, {name}: {{name: …, x: "@…"}}'
            help_ = f"Did you mean {{@{near}}}?" if near else written
            message = f"there is no handle {{@{name}}}"
            raise fault(slot, path, "unknown-handle", message, help_, language, words=f"{{@{name}}}")
        return handle.get(slot.account.config.behaves_as) or handle["name"]


class _Values(dict[str, str]):
    """What the words in braces of one text stand for, found when they are met; values are never expanded again."""

    __slots__ = ("filling", "language", "path")

    def __init__(self, filling: Filling, language: str, path: Path_) -> None:
        self.filling = filling
        self.language = language
        self.path = path

    def __missing__(self, name: str) -> str:
        slot, language = self.filling.slot, self.language
        if name in slot.edition.words:
            return _word(slot, name, language, self.path)
        match name:
            case "link":
                return self.filling.link(language, self.path)
            case "date":
                return written_out(slot.day, language)
            case "name":
                return _day_name(slot, language)
            case "today":
                return written_out(slot.local_at.date(), language)
            case "year":
                return str(slot.day.year)
        if name.startswith("@"):
            return self.filling.handle(name[1:], language, self.path)
        raise _unknown(slot, name, language, self.path)


_LOOSE_ENDS = re.compile(r"[ \t]+\n")


def holds_tags(texts: ByLanguage, language: str) -> bool:
    """True when {hashtags} stands in the text in that language; False also where its braces make no sense."""
    text = in_language(texts, language)
    try:
        return text is not None and _WRITTEN_TAGS in text and any(word.name == TAGS for word in words_in(text.strip()))
    except BraceError:
        # It is reported where the text is filled.
        return False


def hashtags(slot: Slot) -> tuple[str, ...]:
    """The post's hashtags without `#`: those for all first, then each language's; each once, as first written."""
    for chosen in (slot.message.hashtags, slot.edition.hashtags, slot.campaign.hashtags):
        if chosen is not None:
            return _each_once(tuple([chosen.get(group, ()) for group in ("all", *slot.languages)]))
    return ()


@lru_cache(maxsize=64)
def _each_once(groups: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for tag in (tag for group in groups for tag in group):
        found.setdefault(normalize("NFC", tag).casefold(), tag)
    return tuple(found.values())


def fault(
    slot: Slot, path: Path_, code: str, message: str, help_: str, language: str | None = None, *, words: str = ""
) -> ComposeError:
    """The error for a fault inside the slot's message, at these words of it."""
    return ComposeError(slot.problem(path, code, message, help_, language=language, words=words))


def _without_tags(text: str) -> str:
    """The text without {hashtags} and the space it took: its whole line, where nothing else stands in it."""
    for word in reversed([word for word in words_in(text) if word.name == TAGS]):
        before, after = text[: word.start].rstrip(" \t"), text[word.end :].lstrip(" \t")
        begins_line, ends_line = before[-1:] in ("", "\n"), after[:1] in ("", "\n")
        if begins_line and ends_line:
            above, below = before.rstrip("\n"), after.lstrip("\n")
            gap = "\n" * max(len(before) - len(above), len(after) - len(below))
            text = above + gap + below
        elif begins_line or ends_line or after[0] in _CLOSING:
            text = before + after
        else:
            text = text[: word.start] + (after if text[word.start - 1] in " \t" else text[word.end :])
    return text


def _unknown(slot: Slot, name: str, language: str, path: Path_) -> ComposeError:
    others = [label for label, edition in slot.campaign.editions.items() if name in edition.words]
    if others:
        message = f"{{{name}}} has no value in the edition {slot.key.edition}"
        help_ = f"It has one in {', '.join(others)}: write one under editions: {slot.key.edition}."
    else:
        message = f"{{{name}}} means nothing here"
        help_ = _what_there_is(
            name, [*_IN_OTHER_LANGUAGES, *slot.edition.words, *(f"@{one}" for one in slot.frame.handles)]
        )
    return fault(slot, path, "unknown-word", message, help_, language, words=f"{{{name}}}")


def _what_there_is(name: str, known: Sequence[str]) -> str:
    """The word that was most likely meant, then the others that can stand in braces."""
    meant = next((ours for ours, theirs in _IN_OTHER_LANGUAGES.items() if name.casefold() in theirs.split()), None)
    near = meant or nearest(name, known)
    others = ", ".join(f"{{{word}}}" for word in known[:_MOST_LISTED] if word != near)
    return f"Did you mean {{{near}}}? There are also {others}." if near else f"There are {others}. {BRACES_HELP}"


def _word(slot: Slot, name: str, language: str, path: Path_) -> str:
    value = in_language(slot.edition.words[name], language)
    if value is None:
        message = f"{{{name}}} has no value in {language} in the edition {slot.key.edition}"
        help_ = f"Write it under editions: {slot.key.edition}: {name}: {language}."
        raise fault(slot, path, "missing-language", message, help_, language, words=f"{{{name}}}")
    return value.strip()


def _day_name(slot: Slot, language: str) -> str:
    """The day's name in that language, else the campaign's title."""
    title = slot.campaign.title
    return slot.frame.observance.names.get(language) or in_language(title, language) or next(iter(title.values()))
