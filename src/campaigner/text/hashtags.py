"""Hashtags as a reader sees them: where a platform cuts one, and what is no good for those who follow or hear it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice

from ..errors import Severity, spelled
from .graphemes import pattern, unicode_pattern
from .links import links, quoted
from .measure import Finding, entities
from .template import hashtag_row

_INFLECTING = frozenset(
    "be cs el et eu fi hr hu is kk lt lv pl ru se sk sl smn sr tr uk uz".split()  # noqa: SIM905
)
_LONGEST_ENDING = 5
_LONG_LOWER_CASE = 12
_SHORTEST_OF_WORDS = 5
_SHORTEST_STEM = 5
_MOST_WORDS = 6
_LONGEST_OF_WORDS = 100
_MOST_WORDS_READ = 40_000
"""More than a campaign of fifty messages has in fifteen languages: a hostile file may have a million."""


class Vocabulary:
    """A campaign's own words, which tell where those of a hashtag begin: read once, and only when one asks."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = texts

    @cached_property
    def _rows(self) -> Mapping[str, Sequence[str]]:
        """Words that stand in a row, by their letters in small: several before one, then the first."""
        alone: dict[str, Sequence[str]] = {}
        several: dict[str, Sequence[str]] = {}
        rows = (_WORDS.findall(_NO_WORDS.sub(" ", text)) for text in self._texts)
        for words, first in islice(((row, first) for row in rows for first in range(len(row))), _MOST_WORDS_READ):
            letters = ""
            for count, word in enumerate(words[first : first + _MOST_WORDS], start=1):
                letters += word.casefold()
                if len(letters) > _LONGEST_OF_WORDS:
                    break
                (alone if count == 1 else several).setdefault(letters, words[first : first + count])
        return alone | several

    def words_of(self, tag: str) -> Sequence[str]:
        """The words in a row, as they are written, whose letters are those of the tag; one word, or none.

        Up to six words; several go before one.
        """
        return self._rows.get(tag.casefold(), ())


def tag_findings(text: str, tags: Sequence[str], language: str, words: Vocabulary | None) -> Iterator[Finding]:
    """Find the faults of the hashtags in a text and of `tags`, which are the campaign's, without #."""
    found = written_tags(without_row(text, tuple(tags)))
    for match in found:
        yield from _place_findings(text, match)
        yield from _name_findings(match["name"] + match["rest"], match.start(), words)
        yield from _ending_findings(match["name"], match.start(), tags, language)
    yield from _of_unwritten(_unwritten(tags, found) if found else tuple(tags), words)


@lru_cache(maxsize=64)
def _of_unwritten(tags: tuple[str, ...], words: Vocabulary | None) -> tuple[Finding, ...]:
    return tuple(finding for tag in tags for finding in _name_findings(tag, None, words))


def without_row(text: str, tags: tuple[str, ...]) -> str:
    """The text without the row of hashtags that was put at its end."""
    row = hashtag_row(tags)
    return text.removesuffix(f"\n\n{row}") if row else text


def _unwritten(tags: Sequence[str], found: Sequence[re.Match[str]]) -> tuple[str, ...]:
    """The hashtags that the text does not hold itself."""
    parts = [name_and_rest(match["name"] + match["rest"]) for match in found]
    written = {name for name, _ in parts} | {name + rest for name, rest in parts}
    return tuple(tag for tag in tags if tag not in written)


def written_tags(text: str) -> list[re.Match[str]]:
    """Hashtags as a reader sees them, up to the next white space or #; none inside a link."""
    if "#" not in text and "＃" not in text:
        return []
    found, ahead = [], iter(links(text))
    link = next(ahead, None)
    for match in _TAG.finditer(text):
        while link is not None and link.end <= match.start():
            link = next(ahead, None)
        if link is None or match.start() <= link.start:
            found.append(match)
    return found


def name_and_rest(tag: str) -> tuple[str, str]:
    """The part of a hashtag that every platform links, and what one of them cuts from the word; no # at its beginning."""
    # Letters alone are a name: most campaigns need no more, and start sooner without the library of patterns.
    if (letters := tag.rstrip(".,!?:;)")).isalpha():
        return letters, ""
    name, rest, _ = _compared(tag)
    return name, rest


@lru_cache(maxsize=64)
def _compared(tag: str) -> tuple[str, str, tuple[str, ...]]:
    """What every platform links of a hashtag that stands alone, what is cut from the word, and who cuts it.

    The word ends where a reader's does, or where the longest link does: marks at its end may follow any word.
    """
    found = {platform: entities(f"#{tag}", platform) for platform in ("x", "mastodon")}
    ends = {platform: one[0].end - 1 if one and not one[0].start else 0 for platform, one in found.items()}
    shortest, longest = min(ends.values()), max(ends.values())
    readers = _WORD.match(tag)
    whole = max((_core_end(tag[:end]) for end in (longest, readers.end() if readers else 0)), default=0)
    who = tuple(platform for platform, end in ends.items() if end < whole)
    return tag[: min(shortest, whole)], tag[shortest:whole], who


def _core_end(word: str) -> int:
    """Where the last letter or digit of a word ends, with its marks."""
    return max((match.end() for match in _LETTER.finditer(word)), default=0)


def _place_findings(text: str, match: re.Match[str]) -> Iterator[Finding]:
    before = text[: match.start()][-1:]
    if before and not before.isspace():
        message = f"{quoted(before)} stands right before #{match['name']}: mastodon and bluesky make no link"
        start, help_ = match.start(), "Put a space before the #."
        yield Finding(code="tag-before", message=message, help=help_, start=start, severity=Severity.ERROR)


def _name_findings(tag: str, start: int | None, words: Vocabulary | None) -> Iterator[Finding]:
    name, rest = name_and_rest(tag)
    # It ends as it should at a colon or before a genitive: `#Päivä:n`, `#IOM’s`.
    is_inflected = rest in ("'s", "’s") or (rest.startswith(":") and rest[1:].isalpha())
    if rest and name and not is_inflected:
        yield _broken(tag, start)
    elif not any(map(str.isalpha, name)) and (written := name + rest):
        message, help_ = f"#{written} has no letter: no platform makes a link of it", "Add a letter."
        yield Finding(code="tag-digits", message=message, help=help_, start=start, severity=Severity.ERROR)
    if is_inflected:
        message, help_ = f"only #{name} of #{name}{rest} becomes a link, as it should", "Nothing to do."
        yield Finding(code="tag-colon", message=message, help=help_, start=start, severity=Severity.NOTE)
    elif not rest and words is not None and (better := _camel_case(name, words)):
        message = f"a screen reader cannot tell the words of #{name} apart"
        yield Finding(code="camel-case", message=message, help=better, start=start)


def _broken(tag: str, start: int | None) -> Finding:
    name, rest, who = _compared(tag)
    pieces = _PIECE.findall(rest)
    if not rest[0].isprintable() and spelled(name + rest[0]) != name + rest[0]:
        message = f"an invisible character (U+{ord(rest[0]):04X}) cuts #{name}{''.join(pieces)} after #{name}"
        help_ = f"It was perhaps pasted: type #{name}{''.join(pieces)} anew."
    else:
        where = who[0] if len(who) == 1 else "some platforms"
        message = f"only #{name} of #{spelled(name + rest)} becomes a link on {where}"
        help_ = f"Write #{name}{_in_capitals(pieces)}."
    return Finding(code="tag-broken", message=message, help=help_, start=start, severity=Severity.ERROR)


def _in_capitals(words: Iterable[str]) -> str:
    """The words as one, each with its first letter as a capital, the others as they are."""
    return "".join(word[:1].upper() + word[1:] for word in words)


def _camel_case(name: str, words: Vocabulary) -> str:
    """Advice when the words of a tag run together; empty when all is well or cannot be known."""
    if len(name) < _SHORTEST_OF_WORDS or any(map(str.isupper, name[1:])) or not name.isalpha():
        return ""
    found = words.words_of(name)
    if len(found) > 1:
        return f"Write #{_in_capitals(found)}."
    # The campaign's texts may have it as one word: a Finnish or German compound is easily this long.
    if name.islower() and len(name) > _LONG_LOWER_CASE and not found:
        return "Begin each of its words with a capital letter."
    return ""


def _ending_findings(name: str, start: int, tags: Sequence[str], language: str) -> Iterator[Finding]:
    """Find a hashtag that is the campaign's with a case ending: people who follow the one do not see the other."""
    primary = language.split("-", maxsplit=1)[0]
    if primary not in _INFLECTING or name.casefold() in map(str.casefold, tags):
        return
    for tag in tags:
        if ending := _ending(name, tag):
            help_ = f"Write #{tag}:{ending}, or move #{tag} to the end."
        elif primary == "fi" and _is_plural(name, tag[:-1]):
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


def _is_plural(name: str, stem: str) -> bool:
    """Whether a Finnish plural took the place of the tag's last vowel: Päivä, päivien."""
    starts = len(stem) >= _SHORTEST_STEM and name.casefold().startswith(stem.casefold())
    return starts and _FINNISH_PLURAL.fullmatch(name[len(stem) :]) is not None


_FINNISH_PLURAL = pattern(r"i(?:en|[aä]|in|n[aä]|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|ksi)")
_TAG = unicode_pattern(r"(?<!&)[#＃](?!\ufe0f|\u20e3)(?P<name>[\p{L}\p{M}\p{Nd}_\u200c·・]+)(?P<rest>[^\s#＃]*)")
_GERSHAYIM = r"(?<=[\p{Hebrew}\p{M}])\x22(?=\p{Hebrew})"
_WORD = unicode_pattern(
    rf"(?V1)(?:[^\s#＃/—―\p{{P}}]|[\p{{ASCII}}\p{{Pd}}\p{{Pc}}’--[#/—―\s\x22<>]--[\p{{Ps}}\p{{Pe}}]]|{_GERSHAYIM})+"
)
"""A reader's word: a hyphen, an apostrophe, a sign or an emoji may stand in it; other marks of print end it.

In Hebrew quotation marks make an abbreviation of one.
"""
_LETTER = unicode_pattern(r"[\p{L}\p{Nd}_]\p{M}*")
_PIECE = unicode_pattern(r"(?V1)[\p{L}\p{M}\p{Nd}--[\ufe00-\ufe0f\u20d0-\u20ff]]+")
"""Letters with their marks, which in scripts of India may follow a joiner; what makes an emoji of a sign is none."""
_WORDS = pattern(r"[^\W\d_]+")
_NO_WORDS = pattern(r"[#＃@]\w+|https?://\S+|\{[^{}]*\}")
"""Hashtags, mentions, links and words in braces: how they are written says nothing."""
