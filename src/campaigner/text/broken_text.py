"""What platforms break in a text: hashtags and links that do not arrive whole, letters that nobody can read.

Each of these holds the post back. All that is only advice stands in the lint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ..errors import Severity, is_latin_1, spelled
from ..post.profile import Measure, Profile
from . import x
from .entities import Entity, Finding
from .graphemes import graphemes, pattern, unicode_pattern
from .measure import entities
from .template import hashtag_row

COMPARED: tuple[Measure, ...] = ("x", "mastodon", "bluesky")
"""Platforms that must make the same of a hashtag and a link; what one of them cuts is broken."""


def broken(text: str, tags: Sequence[str]) -> Iterator[Finding]:
    """Find what holds a text (NFC, LF) back as it will be posted; `tags` are the campaign's hashtags without #."""
    if is_sound(text, tuple(tags)):
        yield from _of_unwritten(tuple(tags))
        return
    found = written_tags(without_row(text, tags))
    for match in found:
        yield from _place_findings(text, match)
        yield from _name_findings(match["name"] + match["rest"], match.start())
    yield from _of_unwritten(tuple(unwritten(tags, found)))
    if has_odd_link(text):
        yield from _link_findings(text)
    yield from mathematical(text)


@lru_cache(maxsize=4)
def is_sound(text: str, tags: tuple[str, ...]) -> bool:
    """True for the many texts in which a glance shows that no hashtag, link or letter can be broken.

    They have no hashtags but those at their end, no letters like mathematical ones, and links as browsers write them.
    """
    body = without_row(text, tags)
    if "#" in body or "＃" in body:
        return False
    return not has_odd_link(text) and (is_latin_1(text) or not _MAY_BE_MATHEMATICAL.search(text))


@lru_cache(maxsize=4)
def has_odd_link(text: str) -> bool:
    """Whether a text has a link that is not written as browsers write them, or a full stop that may make one.

    The text in hand is asked about once for each platform.
    """
    rest = _PLAIN_LINK.sub(" ", text) if "://" in text else text
    return "://" in rest or bool(_INNER_DOT.search(rest))


@lru_cache(maxsize=64)
def _of_unwritten(tags: tuple[str, ...]) -> tuple[Finding, ...]:
    return tuple(finding for tag in tags for finding in _name_findings(tag, None))


def broken_on(profile: Profile, text: str) -> Iterator[Finding]:
    """Find what only this platform refuses."""
    most, name = profile.most_hashtags, profile.platform
    if most is not None and len(found := written_tags(text)) > most:
        message, help_ = f"{len(found)} hashtags: {name} takes {most}", f"Take some out, or give a variant for {name}."
        yield Finding(code="tags-many", message=message, help=help_, start=found[most].start(), severity=Severity.ERROR)


def without_row(text: str, tags: Sequence[str]) -> str:
    """The text without the row of hashtags that was put at its end."""
    row = hashtag_row(tuple(tags))
    return text.removesuffix(f"\n\n{row}") if row else text


def unwritten(tags: Sequence[str], found: Sequence[re.Match[str]]) -> list[str]:
    """The hashtags that the text does not hold itself."""
    parts = [name_and_rest(match["name"] + match["rest"]) for match in found]
    written = {name for name, _ in parts} | {name + rest for name, rest in parts}
    return [tag for tag in tags if tag not in written]


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
    ends = {platform: _linked(f"#{tag}", platform) for platform in ("x", "mastodon")}
    shortest, longest = min(ends.values()), max(ends.values())
    readers = _WORD.match(tag)
    whole = max((_core_end(tag[:end]) for end in (longest, readers.end() if readers else 0)), default=0)
    who = tuple(platform for platform, end in ends.items() if end < whole)
    return tag[: min(shortest, whole)], tag[shortest:whole], who


def _linked(written: str, platform: Measure) -> int:
    """How many characters after the # a platform links of a hashtag."""
    return next((one.end - 1 for one in entities(written, platform) if one.type == "hashtag" and not one.start), 0)


def _core_end(word: str) -> int:
    """Where the last letter or digit of a word ends, with its marks."""
    return max((match.end() for match in _LETTER.finditer(word)), default=0)


def is_inflected(rest: str) -> bool:
    """Whether a hashtag ends as it should, at a colon or before a genitive: `#Päivä:n`, `#IOM’s`."""
    return rest in ("'s", "’s") or (rest.startswith(":") and rest[1:].isalpha())


@lru_cache(maxsize=4)
def links(text: str) -> tuple[Entity, ...]:
    """What X takes for a link, the widest net; () where the only links are plain ones that hold no hashtag.

    The text in hand is asked about once for each platform.
    """
    rest = _WITH_SCHEME.sub(" ", text) if "://" in text else text
    if text.count("#") == rest.count("#") and not _INNER_DOT.search(rest):
        return ()
    return tuple([entity for entity in x.entities(text) if entity.type == "url"])


def quoted(mark: str) -> str:
    """A mark in quotes that it is not itself."""
    return f"'{mark}'" if mark == '"' else f'"{spelled(mark)}"'


def mathematical(text: str) -> Iterator[Finding]:
    """Find words made of mathematical letters."""
    if not _MAY_BE_MATHEMATICAL.search(text):
        return
    for match in _MATHEMATICAL.finditer(text):
        message = f'"{match[0]}" is written in mathematical letters, which screen readers skip'
        help_, start = "Use plain letters.", match.start()
        yield Finding(code="styled-letters", message=message, help=help_, start=start, severity=Severity.ERROR)


def capitalised(word: str) -> str:
    """The word with its first letter as a capital, the others as they are."""
    return word[:1].upper() + word[1:]


def _place_findings(text: str, match: re.Match[str]) -> Iterator[Finding]:
    before = text[: match.start()][-1:]
    if before and not before.isspace():
        message = f"{quoted(before)} stands right before #{match['name']}: mastodon and bluesky make no link"
        start, help_ = match.start(), "Put a space before the #."
        yield Finding(code="tag-before", message=message, help=help_, start=start, severity=Severity.ERROR)


def _name_findings(tag: str, start: int | None) -> Iterator[Finding]:
    name, rest = name_and_rest(tag)
    if rest and name and not is_inflected(rest):
        yield _broken(tag, start)
    elif not any(map(str.isalpha, name)) and (written := name + rest):
        message, help_ = f"#{written} has no letter: no platform makes a link of it", "Add a letter."
        yield Finding(code="tag-digits", message=message, help=help_, start=start, severity=Severity.ERROR)


def _broken(tag: str, start: int | None) -> Finding:
    name, rest, who = _compared(tag)
    pieces = _PIECE.findall(rest)
    if not rest[0].isprintable() and spelled(name + rest[0]) != name + rest[0]:
        message = f"an invisible character (U+{ord(rest[0]):04X}) cuts #{name}{''.join(pieces)} after #{name}"
        help_ = f"It was perhaps pasted: type #{name}{''.join(pieces)} anew."
    else:
        where = who[0] if len(who) == 1 else "some platforms"
        message = f"only #{name} of #{spelled(name + rest)} becomes a link on {where}"
        help_ = f"Write #{name}{''.join(map(capitalised, pieces))}."
    return Finding(code="tag-broken", message=message, help=help_, start=start, severity=Severity.ERROR)


@lru_cache(maxsize=4)
def link_ends(text: str) -> Mapping[int, Mapping[str, int]]:
    """Where each platform that makes a link from a place ends it; every scheme of the web is such a place."""
    ends: dict[int, dict[str, int]] = {match.start(): {} for match in WEB_SCHEME.finditer(text)}
    for platform in COMPARED:
        for entity in entities(text, platform):
            if entity.type == "url":
                ends.setdefault(entity.start, {})[platform] = entity.end
    return ends


def _link_findings(text: str) -> Iterator[Finding]:
    """Find the links that platforms end at different places."""
    for start, ends in link_ends(text).items():
        end = min(ends.values(), default=0)
        if longer := [platform for platform in ends if ends[platform] > end]:
            shorter = [platform for platform in ends if ends[platform] == end]
            yield _cut_link(text[start:end], graphemes(text[end : ends[longer[0]]])[0], shorter, longer, end)


def _cut_link(link: str, mark: str, shorter: Sequence[str], longer: Sequence[str], end: int) -> Finding:
    if not mark[0].isalnum():
        message = f"{quoted(mark)} stands right after a link and becomes part of it on {' and '.join(longer)}"
        help_ = "Put a space between."
        return Finding(code="url-tail", message=message, help=help_, start=end, severity=Severity.ERROR)
    message, browser = f"{' and '.join(shorter)} ends this link before {quoted(mark)}", "from the browser's address bar"
    if "?" in link:
        help_ = f"Copy it {browser}, with % codes."
        return Finding(code="url-query", message=message, help=help_, start=end, severity=Severity.ERROR)
    help_ = f"Put a space between or, where it belongs to the link, copy that {browser}, with % codes."
    return Finding(code="url-tail", message=message, help=help_, start=end, severity=Severity.ERROR)


_LETTERLIKE = "ℂℊℋℌℍℎℐℑℒℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ"
"""Letters that the block of mathematical ones leaves out, for they stood elsewhere before it came."""
_LETTERLIKE_RUN = f"[{_LETTERLIKE}]*[\U0001d400-\U0001d7ff]"
"""A run has at least one letter of the mathematical block: ℝ and ℎ alone are signs of their trade."""
_MAY_BE_MATHEMATICAL = pattern("[\U0001d400-\U0001d7ff]")
_MATHEMATICAL_LETTER = f"[\U0001d400-\U0001d7ff{_LETTERLIKE}]"
_MATHEMATICAL = unicode_pattern(f"(?={_LETTERLIKE_RUN})(?:{_MATHEMATICAL_LETTER}+(?:[ '’-]*{_MATHEMATICAL_LETTER}+)*)")
_TAG = unicode_pattern(r"(?<!&)[#＃](?!\ufe0f|\u20e3)(?P<name>[\p{L}\p{M}\p{Nd}_\u200c·・]+)(?P<rest>[^\s#＃]*)")
_WORD_GERSHAYIM = r"(?<=[\p{Hebrew}\p{M}])\x22(?=\p{Hebrew})"
_WORD = unicode_pattern(
    rf"(?V1)(?:[^\s#＃/—―\p{{P}}]|[\p{{ASCII}}\p{{Pd}}\p{{Pc}}’--[#/—―\s\x22<>]--[\p{{Ps}}\p{{Pe}}]]|{_WORD_GERSHAYIM})+"
)
"""A reader's word: a hyphen, an apostrophe, a sign or an emoji may stand in it; other marks of print end it.

In Hebrew quotation marks make an abbreviation of one.
"""
_LETTER = unicode_pattern(r"[\p{L}\p{Nd}_]\p{M}*")
_PIECE = unicode_pattern(r"(?V1)[\p{L}\p{M}\p{Nd}--[\ufe00-\ufe0f\u20d0-\u20ff]]+")
"""Letters with their marks, which in scripts of India may follow a joiner; what makes an emoji of a sign is none."""
WEB_SCHEME = pattern("https?://", re.IGNORECASE)
"""What every address of the web begins with."""
_PLAIN_LINK_LINK = r"http(?<![A-Za-z0-9@#$]http)s?://[A-Za-z0-9./_~%?=&+-]*[A-Za-z0-9/]"
_PLAIN_LINK = pattern(rf"{_PLAIN_LINK_LINK}[.,;:!?)]*(?:\s|\Z)")
_WITH_SCHEME = pattern(r"[Hh][Tt][Tt][Pp][Ss]?://\S+")
_INNER_DOT = pattern(r"\.(?<=\w\.)\w")
