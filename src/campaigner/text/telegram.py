"""What Telegram counts and links: the rules of TDLib 1.8.69, for text sent without markup."""

from __future__ import annotations

from collections.abc import Iterator

from .graphemes import unicode_pattern
from .measure import Entity, Ruleset, found, without_overlaps
from .url_detection import top_level_domains

_SHORTEST_USER = 4
_SHORT_USERS = ("gif", "pic", "vid")
_BAD_PATH_ENDS = ".:;,('?!`"
_OPENING, _CLOSING = "([{", ")]}"


def length(text: str) -> int:
    """UTF-16 units: Telegram's limit counts code points, this is never less."""
    return len(text.encode("utf-16-le")) // 2


def entities(text: str) -> tuple[Entity, ...]:
    """What Telegram links by itself; offsets are code points, its API wants UTF-16 units."""
    return without_overlaps([*_urls(text), *_mentions(text), *_tags(text)])


def _tags(text: str) -> Iterator[Entity]:
    for match in _HASHTAG.finditer(text):
        yield found("hashtag", text, *match.span())
    for match in _CASHTAG.finditer(text):
        yield found("cashtag", text, *match.span())


def _mentions(text: str) -> Iterator[Entity]:
    for match in _MENTION.finditer(text):
        name = match[0][1:]
        if len(name) >= _SHORTEST_USER or name.lower() in _SHORT_USERS:
            yield found("mention", text, *match.span())


def _urls(text: str) -> Iterator[Entity]:
    if "." not in text:
        return
    for match in _URL.finditer(text):
        host = match["host"].rstrip(".")
        if not _is_host(host, with_scheme=match["scheme"] is not None):
            continue
        cut = host != match["host"]
        end = match.start("host") + len(host) if cut else match.end("port") + len(_path(match["path"] or ""))
        yield found("url", text, match.start(), end)


def _path(path: str) -> str:
    """A path up to a bracket that closes nothing, without punctuation at its end."""
    depth = dict.fromkeys(_OPENING, 0)
    for at, character in enumerate(path):
        if character in _OPENING:
            depth[character] += 1
        elif character in _CLOSING:
            opening = _OPENING[_CLOSING.index(character)]
            depth[opening] -= 1
            if depth[opening] < 0:
                path = path[:at]
                break
    return path.rstrip(_BAD_PATH_ENDS)


def _is_host(host: str, *, with_scheme: bool) -> bool:
    labels = host.split(".")
    if len(labels) < 2 or any(not label or len(label) >= 64 or label.endswith("-") for label in labels):
        return False
    if all(label.isdecimal() for label in labels):
        return len(labels) == 4 and all(len(label) <= 3 and int(label) <= 255 for label in labels)
    last = labels[-1]
    if "_" in labels[-2] or "_" in last:
        return False
    return _is_common(last) or (with_scheme and len(last) > 1 and not last.isdecimal())


def _is_common(last: str) -> bool:
    """A known top-level domain; not one written like the first word of a sentence (`Se`)."""
    lower = last.lower()
    return lower in top_level_domains() and not (lower != last and lower[1:] == last[1:])


_HASHTAG_LETTERS = r"[\p{L}\p{Nd}_·\u200c]"
_HASHTAG_NAME = rf"(?>(?:(?!\p{{L}}){_HASHTAG_LETTERS}){{0,255}}\p{{L}}{_HASHTAG_LETTERS}*)"
_HASHTAG = unicode_pattern(rf"(?<!{_HASHTAG_LETTERS})#{_HASHTAG_NAME}(?!#)")
_CASHTAG_LETTERS = r"[\p{L}\p{Nd}_·\u200c$]"
_CASHTAG = unicode_pattern(rf"(?<!{_CASHTAG_LETTERS})\$(?:1INCH|[A-Z]{{1,8}})(?!{_CASHTAG_LETTERS})")
_MENTION_WORD = r"[\p{L}\p{N}_]"
_MENTION = unicode_pattern(rf"(?<!{_MENTION_WORD})@[A-Za-z0-9_]{{2,32}}(?!{_MENTION_WORD})")
_URL_LETTERS = r"[A-Za-z0-9_~-]|[^\x00-\xbf\u2000-\u200b\u200e-\u206f\p{Z}]"
_URL_HOST = rf"(?:{_URL_LETTERS})*+\.(?:{_URL_LETTERS}|\.)*+"
_URL_PATH = r"[^\p{Z}\s<>\"«»\u2000-\u200b\u200e-\u206f]"
_URL_SCHEME = r"(?P<scheme>(?i:https?|s?ftp)://)"
_URL_START = rf"(?:{_URL_SCHEME}|(?<!{_URL_LETTERS}|[./#@]))"
_URL_PORT = "(?::[1-9][0-9]{0,4}(?![0-9]))?"
_URL = unicode_pattern(rf"{_URL_START}(?P<host>{_URL_HOST})(?!@)(?P<port>{_URL_PORT})(?P<path>(?:[/?#]{_URL_PATH}*)?)")
"""A host with a dot, perhaps after a scheme, then perhaps port and path; e-mail addresses are left out."""
RULES = Ruleset(
    length=lambda text, _profile, _warning: length(text),
    at_most=lambda text, _profile, _warning: length(text),
    entities=entities,
)
