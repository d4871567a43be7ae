"""What Bluesky counts, and what we link there: facets are the client's choice, and the client is campaigner.

Lengths, mentions and links follow the official client (@atproto/api 0.21.0). Hashtags begin where it begins them
and end where X ends them, so that `#Päivä:n` links `#Päivä`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from . import graphemes, x
from .entities import Entity, Ruleset, found, without_overlaps
from .url_detection import PUNCTUATION, top_level_domains

_TAG_GRAPHEMES = 64
_TAG_BYTES = 640


def length(text: str) -> int:
    """Grapheme clusters; URLs count in full."""
    return graphemes.count(text)


def entities(text: str) -> tuple[Entity, ...]:
    """What we write facets for; offsets are code points, a facet wants UTF-8 bytes."""
    return without_overlaps([*_mentions(text), *_links(text), *_hashtags(text), *_cashtags(text)])


def _mentions(text: str) -> Iterator[Entity]:
    for match in _mention().finditer(text):
        if _has_known_domain(match[1]) or match[1].endswith(".test"):
            yield found("mention", text, match.start(1) - 1, match.end(1))


def _links(text: str) -> Iterator[Entity]:
    for match in _link().finditer(text):
        start, end = match.span(1)
        if not match[1].startswith("http") and not _has_known_domain(match["domain"] or ""):
            continue
        if text[end - 1] in ".,:;!?":
            end -= 1
        if text[end - 1] == ")" and "(" not in text[start:end]:
            end -= 1
        yield found("url", text, start, end)


def _hashtags(text: str) -> Iterator[Entity]:
    for tag in x.hashtags(text):
        begins = tag.start == 0 or text[tag.start - 1].isspace()
        name = tag.text[1:]
        if begins and graphemes.count(name) <= _TAG_GRAPHEMES and len(name.encode()) <= _TAG_BYTES:
            yield tag


def _cashtags(text: str) -> Iterator[Entity]:
    for match in _cashtag().finditer(text):
        yield found("cashtag", text, *match.span())


def _has_known_domain(host: str) -> bool:
    name, _, last = host.rpartition(".")
    return bool(name) and last in top_level_domains()


@cache
def _mention() -> re.Pattern[str]:
    return re.compile(r"(?:^|(?<=\s)|(?<=\())@([a-zA-Z0-9.-]*[a-zA-Z0-9])(?![a-zA-Z0-9_])")


@cache
def _link() -> re.Pattern[str]:
    host = r"(?P<domain>[a-z][a-z0-9]*(?:\.[a-z0-9]+)+)"
    return re.compile(rf"(?:^|(?<=\s)|(?<=\())(https?://\S+|{host}\S*)", re.IGNORECASE | re.MULTILINE)


@cache
def _cashtag() -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=\s))\$[A-Za-z][A-Za-z0-9]{{0,4}}(?=$|\s|[{PUNCTUATION}])")


RULES = Ruleset(
    length=lambda text, _profile, _warning: length(text),
    at_most=lambda text, _profile, _warning: len(text),
    entities=entities,
)
