"""What X counts and links: the rules of twitter-text 3.1.0 with its configuration v3."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from ..errors import is_latin_1
from .graphemes import pattern, unicode_pattern
from .measure import Entity, Ruleset, found, without_overlaps
from .url_detection import (
    AFTER_MENTION,
    DIRECTIONAL,
    INVALID,
    LATIN,
    PARENTHESES,
    PATH,
    PUNCTUATION,
    SPACES,
    Link,
    domain_end,
    find_links,
)

URL_LENGTH = 23
_LONGEST_URL = 4096
_LONGEST_SLUG = 40
_NEWEST_EMOJI = 11
_UNCERTAIN_EMOJI = frozenset({"👁️‍🗨️", "♾️"})

_PATH_END = rf"+\-A-Za-z\u0400-\u04ff0-9{LATIN}=_#/"
_QUERY = r"A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|"
_QUERY_END = r"A-Za-z0-9\-_&=#/"

_HASHTAG_EXTRAS = "_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"


def length(text: str) -> int:
    """Count as X does: NFC, 1 or 2 a code point, 23 a URL, 2 an emoji.

    An emoji newer than Emoji 11 counts by its code points, as in twitter-text; X's own page says 2, so this
    is never too low.
    """
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for start, end in _urls(text):
        total += URL_LENGTH + _weight(text[at:start])
        at = end
    return total + _weight(text[at:])


def at_most(text: str) -> int | None:
    """A length that the text certainly does not exceed, quickly; None when none is known (a text that is not NFC)."""
    if not unicodedata.is_normalized("NFC", text):
        return None
    # A full stop before white space, or at the end, stands in no host.
    dots = text.count(".") - text.count(". ") - text.count(".\n")
    heavy = 0 if is_latin_1(text) else len(_HEAVY.findall(text))
    return len(text) + heavy + URL_LENGTH * dots


def forbidden(text: str) -> int | None:
    """Where the first character stands that makes X refuse the text."""
    matched = re.search(f"[{INVALID}]", text)
    return matched.start() if matched else None


@lru_cache(maxsize=64)
def entities(text: str) -> tuple[Entity, ...]:
    """What X links: URLs with and without scheme, mentions, hashtags, cashtags.

    A few texts are remembered: those who look for faults ask again and again for the one in hand.
    """
    urls = [found("url", text, start, end) for start, end in _urls(text)]
    return without_overlaps([*urls, *_mentions(text), *hashtags(text), *cashtags(text)])


def _mentions(text: str) -> list[Entity]:
    if "@" not in text and "＠" not in text:
        return []
    return [found("mention", text, *match.span()) for match in _MENTION.finditer(text)]


def hashtags(text: str) -> list[Entity]:
    """The hashtags of a text, also those inside URLs."""
    if "#" not in text and "＃" not in text:
        return []
    return [found("hashtag", text, *match.span()) for match in _HASHTAG.finditer(text)]


def cashtags(text: str) -> list[Entity]:
    """The cashtags of a text."""
    return [found("cashtag", text, *match.span()) for match in _CASHTAG.finditer(text)]


def _urls(text: str) -> Iterator[tuple[int, int]]:
    for link in find_links(text, _TAIL, longest=_LONGEST_URL, longest_host=_LONGEST_URL):
        if not link.has_scheme:
            yield from _without_scheme(text, link)
        elif (end := _short_link_end(text, link)) is not None:
            yield link.start, end


def _without_scheme(text: str, link: Link) -> list[tuple[int, int]]:
    """The Latin hosts inside a host without scheme; a path, and a query after one, belong to the last of them."""
    if text[max(link.start - 1, 0) : link.start] in tuple("-_./"):
        return []
    runs = _LATIN_RUN.finditer(text, link.host_start, link.host_end)
    hosts = [(run.start(), end) for run in runs if (end := _latin_end(text, *run.span())) is not None]
    if hosts and _PATH_FOLLOWS.match(text, link.host_end, link.end):
        hosts[-1] = hosts[-1][0], link.end
    return hosts


def _latin_end(text: str, start: int, end: int) -> int | None:
    """The end of the last top-level domain of a run of Latin labels."""
    while (dot := text.rfind(".", start, end)) > 0:
        if (host_end := domain_end(text, dot + 1)) is not None:
            return host_end
        end = dot
    return None


def _short_link_end(text: str, link: Link) -> int | None:
    """The end of a link, a t.co one without what follows its slug; None when that slug is too long."""
    short = _SHORT_LINK.match(text, link.host_start, link.end)
    if short is None:
        return link.end
    return short.end() if len(short[1]) <= _LONGEST_SLUG else None


def _weight(text: str) -> int:
    """The weight of a text without URLs."""
    total = len(text) + len(_HEAVY.findall(text))
    if not _MAY_BE_EMOJI.search(text):
        return total
    known, longest = _emoji()
    at = 0
    for match in _MAY_BEGIN_EMOJI.finditer(text):
        start = match.start()
        if start < at:
            continue
        for size in range(longest.get(match[0], 0), 0, -1):
            if (sequence := text[start : start + size]) in known:
                total -= len(sequence) + len(_HEAVY.findall(sequence)) - 2
                at = start + len(sequence)
                break
    return total


_MAY_BE_EMOJI = pattern("[\u20e3\u231a-\U0010ffff]")
"""What every fully qualified emoji has: a code point from U+231A on (U+FE0F is one), a keycap its U+20E3."""


@cache
def _emoji() -> tuple[frozenset[str], dict[str, int]]:
    """Emoji that count 2, and by the first character of some how long they can be.

    They are fully qualified and not newer than Emoji 11, the newest that twitter-text 3.1.0 knows.
    """
    from emoji import EMOJI_DATA, STATUS

    wanted = STATUS["fully_qualified"]
    known = {text for text, data in EMOJI_DATA.items() if data["status"] == wanted and data["E"] <= _NEWEST_EMOJI}
    known = known - _UNCERTAIN_EMOJI | {f"{key}\u20e3" for key in "#*0123456789"}
    longest: dict[str, int] = {}
    for text in known:
        longest[text[0]] = max(len(text), longest.get(text[0], 0))
    return frozenset(known), longest


# A class of exactly those that do is ten times slower: it holds hundreds of pieces.
_MAY_BEGIN_EMOJI = pattern("[#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001ffff]")
_HEAVY = pattern("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
"""Code points that weigh 2: all outside the light ranges of configuration v3."""
_TAIL = pattern(
    "(?::[0-9]+)?"
    f"(?:/(?:(?:[{PATH}]|{PARENTHESES})*(?:[{_PATH_END}]|{PARENTHESES}))?)?"
    f"(?:\\?[{_QUERY}]*[{_QUERY_END}])?"
)
_PATH_FOLLOWS = pattern("(?::[0-9]+)?/")
_SHORT_LINK = pattern(f"t\\.co/([a-z0-9]+)(?:\\?[{_QUERY}]*[{_QUERY_END}])?", re.IGNORECASE)
_LATIN_RUN = pattern(f"[-a-z0-9{LATIN}]+(?:\\.[-a-z0-9{LATIN}]+)*\\.?", re.IGNORECASE)


_HASHTAG_LETTER, _HASHTAG_DIGIT = r"\p{L}\p{M}", rf"\p{{Nd}}{_HASHTAG_EXTRAS}"
_HASHTAG_BEFORE = rf"(?<![{_HASHTAG_LETTER}{_HASHTAG_DIGIT}&--[\ufe0e\ufe0f]])"
_HASHTAG_NAME = f"(?>[{_HASHTAG_DIGIT}]*[{_HASHTAG_LETTER}][{_HASHTAG_LETTER}{_HASHTAG_DIGIT}]*)"
_HASHTAG = unicode_pattern(rf"(?V1){_HASHTAG_BEFORE}[#＃](?![\ufe0f\u20e3]){_HASHTAG_NAME}(?![#＃]|://)")
_MENTION_BEFORE = r"(?:(?<![A-Za-z0-9_!#$%&*@＠])|(?<=(?:^|[^A-Za-z0-9_+~.-])[Rr][Tt]))"
_MENTION_USER = r"(?>[A-Za-z0-9_]{1,20}(?:/[A-Za-z][A-Za-z0-9_-]{0,24})?)"
_MENTION = unicode_pattern(f"{_MENTION_BEFORE}[@＠]{_MENTION_USER}{AFTER_MENTION}")
_CASHTAG_NAME = "[a-z]{1,6}(?:[._][a-z]{1,2})?"
_CASHTAG_BEFORE = f"(?:(?<=[{SPACES}{DIRECTIONAL}])|^)"
_CASHTAG = pattern(f"{_CASHTAG_BEFORE}\\${_CASHTAG_NAME}(?=$|\\s|[{PUNCTUATION}])", re.IGNORECASE)
RULES = Ruleset(
    length=lambda text, _profile, _warning: length(text),
    at_most=lambda text, _profile, _warning: at_most(text),
    entities=entities,
)
