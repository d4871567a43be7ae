"""What a Mastodon server counts and links: the rules of Mastodon 4.6."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .entities import Entity, Ruleset, found, without_overlaps
from .graphemes import count_legacy, unicode_pattern
from .url_detection import AFTER_MENTION, find_links
from .x import PARENTHESES

_LONGEST_URL = 4096
LONGEST_HOST = 253
_PLACEHOLDER = "x"
_WHITE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode's White_Space."""


def length(text: str, warning: str = "", *, url_length: int = 23) -> int:
    """Count as the server does: grapheme clusters of warning and text, a URL as `url_length`, no host of a mention.

    `url_length` is `characters_reserved_per_url` of /api/v2/instance. Where Ruby versions differ (Indic
    conjuncts) the larger count is given.
    """
    pieces, at = [warning], 0
    for entity in without_overlaps([*_urls(text), *_mentions(text)]):
        short = _PLACEHOLDER * url_length if entity.type == "url" else "@" + entity.text[1:].split("@")[0]
        pieces += [text[at : entity.start], short]
        at = entity.end
    return count_legacy("".join([*pieces, text[at:]]))


def at_most(text: str, warning: str = "", *, url_length: int = 23) -> int:
    """A length that the text certainly does not exceed, quickly."""
    return len(warning) + len(text) + url_length * text.count("://")


def entities(text: str) -> tuple[Entity, ...]:
    """What the server links: URLs with a scheme, mentions, hashtags."""
    return without_overlaps([*_urls(text), *_mentions(text), *_hashtags(text)])


def _urls(text: str) -> Iterator[Entity]:
    for link in find_links(text, tail(), longest=_LONGEST_URL, longest_host=LONGEST_HOST):
        if link.has_scheme:
            yield found("url", text, link.start, link.end)


def _mentions(text: str) -> Iterator[Entity]:
    for match in _mention().finditer(text) if "@" in text else ():
        yield found("mention", text, *match.span())


def _hashtags(text: str) -> Iterator[Entity]:
    for match in _hashtag().finditer(text) if "#" in text or "＃" in text else ():
        start, end = match.span()
        if text.startswith("://", end) and text[start:end].endswith(("http", "https")):
            end -= len("https") if text[start:end].endswith("https") else len("http")
        if end - start > 1:
            yield found("hashtag", text, start, end)


@cache
def _hashtag() -> re.Pattern[str]:
    """`#` at the start of a line or after white space; a name may hold, not begin or end with, · ・ and ZWNJ."""
    word = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}"
    separator = "_·・\u200c"
    joined = rf"[{word}][{word}{separator}]*[\p{{Alphabetic}}{separator}][{word}{separator}]*[{word}]"
    simple = rf"[{word}]*\p{{Alphabetic}}[{word}]*"
    return unicode_pattern(rf"(?m)(?:(?<=\p{{White_Space}})|^)[#＃](?:{joined}|{simple})")


@cache
def _mention() -> re.Pattern[str]:
    word = r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]"
    user = "[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
    host = f"{word}+(?:[.-]+{word}+)*"
    return unicode_pattern(f"(?<![=/]|{word})@(?>{user}(?:@{host})?){AFTER_MENTION}")


@cache
def tail() -> re.Pattern[str]:
    """Port, path and query: any letters, unlike on X."""
    path = f"[^{_WHITE}<>()?]"
    parentheses = rf"\((?:{path}*\({path}+\){path}*|{path}+)\)"
    end = rf"[^{_WHITE}()?!*\"'「」<>;:=,.$%\[\]~&|@]"
    letters = "\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U000dfffd\U000e1000-\U0010fffd"
    query = rf"[A-Za-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{letters}]"
    query_end = rf"[A-Za-z0-9_&=#/\-{letters}]"
    return re.compile(
        f"(?::[0-9]+)?(?:/(?:(?:{path}|{parentheses})*(?:{end}|{PARENTHESES}))?)?(?:\\?{query}*{query_end})?"
    )


RULES = Ruleset(
    length=lambda text, profile, warning: length(text, warning, url_length=profile.url_length),
    at_most=lambda text, profile, warning: at_most(text, warning, url_length=profile.url_length),
    entities=entities,
)
