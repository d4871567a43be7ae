"""Hashtags that a platform cuts, does not link, or that a screen reader cannot read out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from ..errors import Severity
from . import x
from .finding import Finding
from .patterns import unicode_pattern

_INFLECTING = frozenset(
    {"be", "cs", "el", "et", "eu", "fi", "hr", "hu", "is", "kk", "lt", "lv", "pl", "ru", "se", "sk", "sl", "smn", "sr"}
    | {"tr", "uk", "uz"}
)
_LONGEST_ENDING = 5
_LONG_LOWER_CASE = 12
_SHORTEST_OF_WORDS = 5
_MOST_WORDS = 6
_MOST_ON_INSTAGRAM = 5


def tag_findings(
    text: str, tags: Sequence[str], language: str, platform: str, texts: Sequence[str]
) -> Iterator[Finding]:
    """Find the faults of the hashtags of a text, then of those among `tags` that it does not hold."""
    found, own = list(_written(text)), [_words().findall(own) for own in texts]
    for match in found:
        yield from _place_findings(text, match)
        yield from _name_findings(match["name"], match["rest"], match.start(), platform, own)
        yield from _ending_findings(match["name"], match.start(), tags, language)
    written = {match["name"] + match["rest"] for match in found} | {match["name"] for match in found}
    for tag in tags:
        if tag not in written and (parts := _name().fullmatch(tag)):
            yield from _name_findings(parts["name"], parts["rest"], None, platform, own)
    yield from _number_findings([match.start() for match in found], platform)


def _written(text: str) -> Iterator[re.Match[str]]:
    """Hashtags as a reader sees them, up to the next white space or #; none inside a link."""
    links = [(link.start, link.end) for link in x.entities(text) if link.type == "url"]
    for match in _tag().finditer(text):
        if not any(start < match.start() < end for start, end in links):
            yield match


def _place_findings(text: str, match: re.Match[str]) -> Iterator[Finding]:
    before = text[: match.start()][-1:]
    if before and not before.isspace():
        message = (
            f'"{before}" stands right before #{match["name"]}: mastodon and bluesky make no link; put a space there'
        )
        yield Finding(code="tag-before", message=message, start=match.start(), severity=Severity.ERROR)


def _name_findings(
    name: str, rest: str, start: int | None, platform: str, own: Sequence[Sequence[str]]
) -> Iterator[Finding]:
    rest = rest.rstrip(".,!?:;)]}\"'”’»…*")
    if not any(character.isalpha() for character in name):
        message = f"#{name} has no letter: no platform makes a link of it"
        yield Finding(code="tag-digits", message=message, start=start, severity=Severity.ERROR)
    elif rest.startswith(":") and rest[1:].isalpha():
        message = f"only #{name} of #{name}{rest} becomes a link, as it should"
        yield Finding(code="tag-colon", message=message, start=start, severity=Severity.NOTE)
    elif rest:
        yield Finding(code="tag-broken", message=_broken(name, rest), start=start, severity=Severity.ERROR)
    elif camel := _camel_case(name, own):
        yield Finding(code="camel-case", message=camel, start=start)
    if platform == "telegram" and any(unicodedata.category(character)[0] == "M" for character in name):
        message = f"telegram ends #{name} at its first accent or vowel sign: it links only a part"
        yield Finding(code="tag-script", message=message, start=start)


def _broken(name: str, rest: str) -> str:
    pieces = [piece for piece in re.split(r"[\W_]+", rest) if piece]
    advice = f"write #{name}{''.join(map(_capitalised, pieces))}" if pieces else "put a space after it"
    return f"only #{name} of #{name}{rest} becomes a link on some platforms: {advice}"


def _ending_findings(name: str, start: int, tags: Sequence[str], language: str) -> Iterator[Finding]:
    if language.split("-", maxsplit=1)[0] not in _INFLECTING or name.casefold() in map(str.casefold, tags):
        return
    for tag in tags:
        ending = name[len(tag) :]
        if name.casefold().startswith(tag.casefold()) and len(ending) <= _LONGEST_ENDING and ending.islower():
            message = f"#{name} is another hashtag than #{tag}: write #{tag}:{ending}, or move #{tag} to the end"
            yield Finding(code="tag-inflected", message=message, start=start)
            return


def _number_findings(starts: list[int], platform: str) -> Iterator[Finding]:
    if platform == "instagram" and len(starts) > _MOST_ON_INSTAGRAM:
        message = f"{len(starts)} hashtags: instagram takes {_MOST_ON_INSTAGRAM}"
        start = starts[_MOST_ON_INSTAGRAM]
        yield Finding(code="tags-many", message=message, start=start, severity=Severity.ERROR)
    if platform == "threads" and len(starts) > 1:
        message = "threads makes a link of the first hashtag only"
        yield Finding(code="tags-many", message=message, start=starts[1], severity=Severity.NOTE)


def _camel_case(name: str, own: Sequence[Sequence[str]]) -> str:
    """Advice when the words of a tag run together; empty when all is well or cannot be known."""
    if len(name) < _SHORTEST_OF_WORDS or any(map(str.isupper, name[1:])) or not name.isalpha():
        return ""
    for words in own:
        if found := _words_of(name.casefold(), words):
            return f"a screen reader cannot tell the words of #{name} apart: write #{''.join(map(_capitalised, found))}"
    if name.islower() and len(name) > _LONG_LOWER_CASE:
        return f"a screen reader cannot tell the words of #{name} apart: begin each with a capital letter"
    return ""


def _words_of(folded: str, words: Sequence[str]) -> Sequence[str]:
    """Two to six words in a row of a text whose letters are those of the tag."""
    for start in range(len(words)):
        joined = ""
        for size, word in enumerate(words[start : start + _MOST_WORDS], start=1):
            joined += word.casefold()
            if joined == folded and size > 1:
                return words[start : start + size]
            if not folded.startswith(joined):
                break
    return ()


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]


@cache
def _words() -> re.Pattern[str]:
    return re.compile(r"[^\W\d_]+")


_NAME = r"(?P<name>[\p{L}\p{M}\p{Nd}_\u200c·・]+)(?P<rest>[^\s#＃]*)"


@cache
def _name() -> re.Pattern[str]:
    return unicode_pattern(_NAME)


@cache
def _tag() -> re.Pattern[str]:
    return unicode_pattern(rf"(?<!&)[#＃](?!\ufe0f|\u20e3){_NAME}")
