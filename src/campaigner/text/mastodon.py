"""What a Mastodon server counts and links: the rules of Mastodon 4.6."""

from __future__ import annotations

from collections.abc import Iterator

from .graphemes import count_legacy, pattern, unicode_pattern
from .measure import Entity, Ruleset, found, replaced, without_overlaps
from .url_detection import AFTER_MENTION, PARENTHESES, find_links

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

    def short(entity: Entity) -> str:
        return _PLACEHOLDER * url_length if entity.type == "url" else "@" + entity.text[1:].split("@")[0]

    return count_legacy(warning + replaced(text, without_overlaps([*_urls(text), *_mentions(text)]), short))


def at_most(text: str, warning: str = "", *, url_length: int = 23) -> int:
    """A length that the text certainly does not exceed, quickly."""
    return len(warning) + len(text) + url_length * text.count("://")


def entities(text: str) -> tuple[Entity, ...]:
    """What the server links: URLs with a scheme, mentions, hashtags."""
    return without_overlaps([*_urls(text), *_mentions(text), *_hashtags(text)])


def _urls(text: str) -> Iterator[Entity]:
    for link in find_links(text, TAIL, longest=_LONGEST_URL, longest_host=LONGEST_HOST):
        if link.has_scheme:
            yield found("url", text, link.start, link.end)


def _mentions(text: str) -> Iterator[Entity]:
    for match in _MENTION.finditer(text) if "@" in text else ():
        yield found("mention", text, *match.span())


def _hashtags(text: str) -> Iterator[Entity]:
    for match in _HASHTAG.finditer(text) if "#" in text or "＃" in text else ():
        start = match.start()
        end = match.start("run") + len(_hashtag_name(match["run"]))
        if text.startswith("://", end) and text[start:end].endswith(("http", "https")):
            end -= len("https") if text[start:end].endswith("https") else len("http")
        if end - start > 1:
            yield found("hashtag", text, start, end)


def _hashtag_name(run: str) -> str:
    """What of a run of letters, digits and separators is a hashtag's name: all to the last letter, or up to a separator.

    Whole where a letter or a separator stands inside of it, up to a separator where a letter stands before that.
    """
    whole = run.rstrip(_INSIDE)
    if whole[:1] not in _INSIDE and _JOINT.search(whole[1:-1]):
        return whole
    before = _SEPARATED.split(whole, maxsplit=1)[0]
    return before if _LETTER.search(before) else ""


_WORD = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}"
_INSIDE = "·・\u200c"
_LETTER = unicode_pattern(r"\p{Alphabetic}")
_JOINT = unicode_pattern(rf"[\p{{Alphabetic}}_{_INSIDE}]")
_SEPARATED = pattern(f"[{_INSIDE}]")
_HASHTAG = unicode_pattern(rf"(?m)(?:(?<=\p{{White_Space}})|^)[#＃](?P<run>[{_WORD}{_INSIDE}]++)")
"""`#` at the start of a line or after white space; a name may hold, not begin or end with, · ・ and ZWNJ.

The server's own pattern goes back over a long run again and again; what it finds in one is told by `_hashtag_name`.
"""
_USER = "[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
_HOST = f"[{_WORD}]+(?:[.-]+[{_WORD}]+)*"
_MENTION = unicode_pattern(f"(?<![=/]|[{_WORD}])@(?>{_USER}(?:@{_HOST})?){AFTER_MENTION}")
_PATH = f"[^{_WHITE}<>()?]"
_NESTED = rf"\((?:{_PATH}*\({_PATH}+\){_PATH}*|{_PATH}+)\)"
_END = rf"[^{_WHITE}()?!*\"'「」<>;:=,.$%\[\]~&|@]"
_LETTERS = "\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef\U00010000-\U000dfffd\U000e1000-\U0010fffd"
_QUERY = rf"[A-Za-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{_LETTERS}]"
_QUERY_END = rf"[A-Za-z0-9_&=#/\-{_LETTERS}]"
TAIL = pattern(f"(?::[0-9]+)?(?:/(?:(?:{_PATH}|{_NESTED})*(?:{_END}|{PARENTHESES}))?)?(?:\\?{_QUERY}*{_QUERY_END})?")
"""Port, path and query: any letters, unlike on X."""
RULES = Ruleset(
    length=lambda text, profile, warning: length(text, warning, url_length=profile.url_length),
    at_most=lambda text, profile, warning: at_most(text, warning, url_length=profile.url_length),
    entities=entities,
)
