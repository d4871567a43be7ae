"""Hashtags that a platform cuts, does not link, or that a screen reader cannot read out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from ..errors import Severity
from .compose import hashtag_row
from .entity import Entity
from .finding import Finding
from .own_words import OwnWords
from .patterns import unicode_pattern

_INFLECTING = frozenset(
    {"be", "cs", "el", "et", "eu", "fi", "hr", "hu", "is", "kk", "lt", "lv", "pl", "ru", "se", "sk", "sl", "smn", "sr"}
    | {"tr", "uk", "uz"}
)
_LONGEST_ENDING = 5
_LONG_LOWER_CASE = 12
_SHORTEST_OF_WORDS = 5
_SHORTEST_STEM = 5
_MOST_ON_INSTAGRAM = 5


def tag_findings(
    text: str, tags: Sequence[str], language: str, links: Iterable[Entity], words: OwnWords
) -> Iterator[Finding]:
    """Find the faults of the hashtags of a text, then of those among `tags` that it does not hold itself."""
    if row := hashtag_row(tuple(tags)):
        text = text.removesuffix(f"\n\n{row}")
    found = list(_written(text, links)) if "#" in text or "＃" in text else []
    for match in found:
        yield from _place_findings(text, match)
        yield from _name_findings(match["name"], match["rest"], match.start(), words)
        yield from _ending_findings(match["name"], match.start(), tags, language)
    written = {match["name"] + match["rest"] for match in found} | {match["name"] for match in found}
    for tag in tags:
        if tag not in written:
            yield from _unwritten(tag, words)


@lru_cache(maxsize=16)
def _unwritten(tag: str, words: OwnWords) -> tuple[Finding, ...]:
    """The faults of a hashtag that is put at the end."""
    # Letters alone are a name: most campaigns need no more, and start sooner without the library of patterns.
    name, rest = (tag, "") if tag.isalpha() else ("", "")
    if not name and (parts := _name().fullmatch(tag)):
        name, rest = parts["name"], parts["rest"]
    return tuple(_name_findings(name, rest, None, words)) if name else ()


def platform_tag_findings(text: str, platform: str) -> Iterator[Finding]:
    """Find what only one platform minds."""
    if platform not in ("telegram", "instagram", "threads"):
        return
    found = list(_written(text, ()))
    if platform == "telegram":
        for match in found:
            yield from _script_findings(match["name"], match.start())
    yield from _number_findings([match.start() for match in found], platform)


def _written(text: str, links: Iterable[Entity]) -> Iterator[re.Match[str]]:
    """Hashtags as a reader sees them, up to the next white space or #; none inside a link."""
    ahead = iter(links)
    link = next(ahead, None)
    for match in _tag().finditer(text):
        while link is not None and link.end <= match.start():
            link = next(ahead, None)
        if link is None or match.start() <= link.start:
            yield match


def _place_findings(text: str, match: re.Match[str]) -> Iterator[Finding]:
    before = text[: match.start()][-1:]
    if before and not before.isspace():
        message = f'"{before}" stands right before #{match["name"]}: mastodon and bluesky make no link'
        start, help_ = match.start(), "Put a space before the #."
        yield Finding(code="tag-before", message=message, help=help_, start=start, severity=Severity.ERROR)


def _name_findings(name: str, rest: str, start: int | None, words: OwnWords) -> Iterator[Finding]:
    rest = rest.rstrip(".,!?:;)]}\"'”’»…*")
    if not any(character.isalpha() for character in name):
        message, help_ = f"#{name} has no letter: no platform makes a link of it", "Add a letter."
        yield Finding(code="tag-digits", message=message, help=help_, start=start, severity=Severity.ERROR)
    elif rest.startswith(":") and rest[1:].isalpha():
        message, help_ = f"only #{name} of #{name}{rest} becomes a link, as it should", "Nothing to do."
        yield Finding(code="tag-colon", message=message, help=help_, start=start, severity=Severity.NOTE)
    elif rest:
        yield _broken(name, rest, start)
    elif better := _camel_case(name, words):
        message = f"a screen reader cannot tell the words of #{name} apart"
        yield Finding(code="camel-case", message=message, help=better, start=start)


def _broken(name: str, rest: str, start: int | None) -> Finding:
    pieces = [piece for piece in re.split(r"[\W_]+", rest) if piece]
    if not rest[0].isprintable():
        message = f"an invisible character (U+{ord(rest[0]):04X}) cuts #{name}{''.join(pieces)} after #{name}"
        help_ = f"It was perhaps pasted: type #{name}{''.join(pieces)} anew."
    else:
        message = f"only #{name} of #{name}{rest} becomes a link on some platforms"
        help_ = f"Write #{name}{''.join(map(_capitalised, pieces))}." if pieces else "Put a space after it."
    return Finding(code="tag-broken", message=message, help=help_, start=start, severity=Severity.ERROR)


def _ending_findings(name: str, start: int, tags: Sequence[str], language: str) -> Iterator[Finding]:
    """Find a hashtag that is the campaign's with a case ending: people who follow the one do not see the other."""
    if language.split("-", maxsplit=1)[0] not in _INFLECTING or name.casefold() in map(str.casefold, tags):
        return
    for tag in tags:
        if ending := _ending(name, tag):
            help_ = f"Write #{tag}:{ending}, or move #{tag} to the end."
        elif _is_plural(name, tag, language):
            help_ = f"Write #{tag}, or move it to the end."
        else:
            continue
        message = f"#{name} is another hashtag than #{tag}"
        yield Finding(code="tag-inflected", message=message, help=help_, start=start)
        return


def _ending(name: str, tag: str) -> str:
    """What `name` has after the tag, when that can be an ending."""
    ending = name[len(tag) :]
    starts = name.casefold().startswith(tag.casefold())
    return ending if starts and len(ending) <= _LONGEST_ENDING and ending.islower() else ""


def _is_plural(name: str, tag: str, language: str) -> bool:
    """Whether a Finnish plural took the place of the tag's last vowel: Päivä, päivien."""
    stem = tag[:-1]
    if len(stem) < _SHORTEST_STEM or language.split("-", maxsplit=1)[0] != "fi":
        return False
    return name.casefold().startswith(stem.casefold()) and bool(_finnish_plural().fullmatch(name[len(stem) :]))


def _script_findings(name: str, start: int) -> Iterator[Finding]:
    if any(unicodedata.category(character)[0] == "M" for character in name):
        message = f"telegram ends #{name} at its first accent or vowel sign: it links only a part"
        help_ = "Give a variant for telegram with another hashtag."
        yield Finding(code="tag-script", message=message, help=help_, start=start)


def _number_findings(starts: list[int], platform: str) -> Iterator[Finding]:
    if platform == "instagram" and len(starts) > _MOST_ON_INSTAGRAM:
        message, start = f"{len(starts)} hashtags: instagram takes {_MOST_ON_INSTAGRAM}", starts[_MOST_ON_INSTAGRAM]
        help_ = "Take some out, or give a variant for instagram."
        yield Finding(code="tags-many", message=message, help=help_, start=start, severity=Severity.ERROR)
    if platform == "threads" and len(starts) > 1:
        message, help_ = "threads makes a link of the first hashtag only", "Write the most important one first."
        yield Finding(code="tags-many", message=message, help=help_, start=starts[1], severity=Severity.NOTE)


def _camel_case(name: str, words: OwnWords) -> str:
    """Advice when the words of a tag run together; empty when all is well or cannot be known."""
    if len(name) < _SHORTEST_OF_WORDS or any(map(str.isupper, name[1:])) or not name.isalpha():
        return ""
    found = words.words_of(name)
    if len(found) > 1:
        return f"Write #{''.join(map(_capitalised, found))}."
    # The campaign's texts may have it as one word: a Finnish or German compound is easily this long.
    if name.islower() and len(name) > _LONG_LOWER_CASE and not found:
        return "Begin each of its words with a capital letter."
    return ""


def _capitalised(word: str) -> str:
    return word[:1].upper() + word[1:]


@cache
def _finnish_plural() -> re.Pattern[str]:
    return re.compile(r"i(?:en|[aä]|in|n[aä]|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|ksi)")


_NAME = r"(?P<name>[\p{L}\p{M}\p{Nd}_\u200c·・]+)(?P<rest>[^\s#＃]*)"


@cache
def _name() -> re.Pattern[str]:
    return unicode_pattern(_NAME)


@cache
def _tag() -> re.Pattern[str]:
    return unicode_pattern(rf"(?<!&)[#＃](?!\ufe0f|\u20e3){_NAME}")
