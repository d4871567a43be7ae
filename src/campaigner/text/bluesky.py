"""What Bluesky counts, and what we link there: facets are the client's choice, and the client is campaigner.

Lengths and mentions follow the official client (@atproto/api 0.21.0). Hashtags begin where it begins them and end where
X ends them, so that `#Päivä:n` links `#Päivä`. Links stand where Mastodon finds them, so that `Lue:https://…` is one and
`iom.int’s` ends where the host does; unlike Mastodon, and like the official client, we take bare and unlisted hosts too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import graphemes, mastodon, x
from .graphemes import pattern
from .measure import Entity, Ruleset, found, without_overlaps
from .url_detection import PUNCTUATION, Link, find_links, is_known_domain

_LONGEST_URL = 3000
"""A post has no more bytes."""
_TAG_GRAPHEMES = 64
_TAG_BYTES = 640


def length(text: str) -> int:
    """Grapheme clusters; URLs count in full."""
    return graphemes.count(text)


def entities(text: str) -> tuple[Entity, ...]:
    """What we write facets for; offsets are code points, a facet wants UTF-8 bytes."""
    return without_overlaps([*_mentions(text), *_links(text), *_hashtags(text), *_cashtags(text)])


def _mentions(text: str) -> Iterator[Entity]:
    for match in _MENTION.finditer(text):
        if is_known_domain(match[1]) or match[1].endswith(".test"):
            yield found("mention", text, match.start(1) - 1, match.end(1))


def _links(text: str) -> Iterator[Entity]:
    for link in find_links(text, mastodon.TAIL, longest=_LONGEST_URL, longest_host=mastodon.LONGEST_HOST):
        start = link.start if link.has_scheme else _plain_host(text, link)
        if start is not None:
            yield found("url", text, start, link.end)
    for match in _ANY_HOST.finditer(text) if "://" in text else ():
        if tail := mastodon.TAIL.match(text, match.end()):
            yield found("url", text, match.start(), tail.end())


def _plain_host(text: str, link: Link) -> int | None:
    """Where a host without scheme begins that is meant as one: `12.is` and `asia.Se` are sentences without a space."""
    match = _ASCII_HOST.search(text, link.start, link.host_end)
    return match.start() if match and is_known_domain(match[0]) else None


def _hashtags(text: str) -> Iterator[Entity]:
    for tag in x.hashtags(text):
        if (tag.start == 0 or text[tag.start - 1].isspace()) and takes_tag(tag.text[1:]):
            yield tag


def takes_tag(name: str) -> bool:
    """Whether a hashtag, without its #, is short enough."""
    return graphemes.count(name) <= _TAG_GRAPHEMES and len(name.encode()) <= _TAG_BYTES


def _cashtags(text: str) -> Iterator[Entity]:
    for match in _CASHTAG.finditer(text):
        yield found("cashtag", text, *match.span())


_MENTION = pattern(r"(?:^|(?<=\s)|(?<=\())@([a-zA-Z0-9.-]*[a-zA-Z0-9])(?![a-zA-Z0-9_])")
_ASCII_HOST = pattern(r"(?<![\w@＠$#＃./-])[a-z][a-z0-9.-]*\Z", re.IGNORECASE)
_ANY_HOST = pattern(r"(?<![A-Za-z0-9@＠$#＃])https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?!\ufe0f|\u20e3)", re.IGNORECASE)
"""A scheme and a host that no list knows: `localhost`, a number, a domain that is too new. A keycap is no part of it."""
_CASHTAG = pattern(rf"(?:^|(?<=\s))\$[A-Za-z][A-Za-z0-9]{{0,4}}(?=$|\s|[{PUNCTUATION}])")
RULES = Ruleset(
    length=lambda text, _profile, _warning: length(text),
    at_most=lambda text, _profile, _warning: len(text),
    entities=entities,
)
