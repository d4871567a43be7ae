"""What platforms count that weigh nothing: code points, UTF-8 bytes or UTF-16 units of the text.

Threads counts bytes; Discord, Slack, Facebook and Instagram code points; LinkedIn documents no unit, UTF-16 is
never less. None of them has a public parser: hashtags are letters, digits and `_`, as their help pages agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .graphemes import pattern
from .measure import Entity, Ruleset, found, without_overlaps


def length(text: str, unit: str) -> int:
    """Count in `unit`: characters (code points), bytes (UTF-8) or utf16; raise ValueError for another."""
    match unit:
        case "characters":
            return len(text)
        case "bytes":
            return len(text.encode())
        case "utf16":
            return len(text.encode("utf-16-le")) // 2
    raise ValueError(f"{unit!r} is no unit of a plain text: use characters, bytes or utf16")


def entities(text: str) -> tuple[Entity, ...]:
    """Hashtags and URLs with a scheme, which most of them link; mentions differ everywhere and are left out."""
    return without_overlaps([*_urls(text), *_hashtags(text)])


def _urls(text: str) -> Iterator[Entity]:
    for match in _URL.finditer(text):
        address = match[0].rstrip(".,:;!?'\"”’»…")
        if address.endswith(")") and "(" not in address:
            address = address[:-1]
        yield found("url", text, match.start(), match.start() + len(address))


def _hashtags(text: str) -> Iterator[Entity]:
    for match in _HASHTAG.finditer(text):
        yield found("hashtag", text, *match.span())


_URL = pattern(r"(?<![A-Za-z0-9])https?://[^\W_][^\s<>]*", re.IGNORECASE)
_HASHTAG = pattern(r"(?<![\w&#])#(?=\w*[^\W\d_])\w+(?!#)")
RULES = Ruleset(
    length=lambda text, profile, _warning: length(text, profile.unit),
    at_most=lambda text, profile, _warning: length(text, profile.unit),
    entities=entities,
)
