"""Links in a text: where platforms end one differently, what is none, and what becomes one unmeant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from ..errors import Severity, shown, spelled
from ..post.profile import Measure, Profile
from .graphemes import graphemes, pattern
from .measure import Entity, Finding, entities

_COMPARED: tuple[Measure, ...] = ("x", "mastodon", "bluesky")
"""Platforms that must make the same of a link; what one of them cuts is broken."""


@lru_cache(maxsize=4)
def has_odd_link(text: str) -> bool:
    """Whether a text has a link that is not written as browsers write them, or a full stop that may make one.

    The text in hand is asked about once for each platform.
    """
    rest = _PLAIN_LINK.sub(" ", text) if "://" in text else text
    return "://" in rest or bool(_INNER_DOT.search(rest))


@lru_cache(maxsize=4)
def links(text: str) -> tuple[Entity, ...]:
    """What X takes for a link, the widest net; () where the only links are plain ones that hold no hashtag.

    The text in hand is asked about once for each platform.
    """
    rest = _WITH_SCHEME.sub(" ", text) if "://" in text else text
    if text.count("#") == rest.count("#") and not _INNER_DOT.search(rest):
        return ()
    from . import x

    return tuple([entity for entity in x.entities(text) if entity.type == "url"])


def link_findings(text: str) -> Iterator[Finding]:
    """Find the links that platforms end at different places or do not make, and those that nobody meant."""
    for start, ends in _link_ends(text).items():
        end = min(ends.values(), default=0)
        if longer := [platform for platform in ends if ends[platform] > end]:
            shorter = [platform for platform in ends if ends[platform] == end]
            yield _cut_link(text[start:end], graphemes(text[end : ends[longer[0]]])[0], shorter, longer, end)
        without = [platform for platform in _COMPARED if platform not in ends]
        if without and _WEB_SCHEME.match(text, start):
            yield _unlinked(text, start, without)
        elif ends and (ending := _ENDING.search(text, start, max(ends.values()))):
            message = f'"{ending[0]}" stands right after a link and becomes part of it'
            yield Finding(code="url-tail", message=message, help="Put a space between.", start=ending.start())
    for match in _ODD_SCHEME.finditer(text):
        message, help_ = f'"{match[0]}" is no link', "Links begin with https://"
        yield Finding(code="url-unlinked", message=message, help=help_, start=match.start())
    for link in _bare(text):
        if _ACCIDENT.fullmatch(link.text):
            message = f'x makes a link of "{link.text}" and counts 23'
            help_ = "Put a space after the full stop."
            yield Finding(code="accidental-url", message=message, help=help_, start=link.start)


def scheme_findings(profile: Profile, text: str) -> Iterator[Finding]:
    """Find the links without https:// that stay plain text on this platform."""
    bare = [link for link in _bare(text) if not _ACCIDENT.fullmatch(link.text)]
    linked = {entity.start for entity in entities(text, profile.measure) if entity.type == "url"} if bare else ()
    for link in bare:
        if link.start not in linked:
            message = f'"{link.text}" is no link on {profile.platform} without https:// before it'
            help_ = f"Write https://{link.text}"
            yield Finding(code="url-scheme", message=message, help=help_, start=link.start)


def quoted(mark: str) -> str:
    """A mark in quotes that it is not itself."""
    return f"'{mark}'" if mark == '"' else f'"{spelled(mark)}"'


def _bare(text: str) -> list[Entity]:
    """The links without a scheme."""
    return [link for link in links(text) if not (link.text[:4].lower() == "http" and "://" in link.text)]


def _link_ends(text: str) -> Mapping[int, Mapping[str, int]]:
    """Where each platform that makes a link from a place ends it; every scheme of the web is such a place."""
    ends: dict[int, dict[str, int]] = {match.start(): {} for match in _WEB_SCHEME.finditer(text)}
    for platform in _COMPARED:
        for entity in entities(text, platform):
            if entity.type == "url":
                ends.setdefault(entity.start, {})[platform] = entity.end
    return ends


def _cut_link(link: str, mark: str, shorter: Sequence[str], longer: Sequence[str], end: int) -> Finding:
    finding = partial(Finding, start=end, severity=Severity.ERROR)
    if not mark[0].isalnum():
        message = f"{quoted(mark)} stands right after a link and becomes part of it on {' and '.join(longer)}"
        return finding(code="url-tail", message=message, help="Put a space between.")
    message, browser = f"{' and '.join(shorter)} ends this link before {quoted(mark)}", "from the browser's address bar"
    if "?" in link:
        return finding(code="url-query", message=message, help=f"Copy it {browser}, with % codes.")
    help_ = f"Put a space between or, where it belongs to the link, copy that {browser}, with % codes."
    return finding(code="url-tail", message=message, help=help_)


def _unlinked(text: str, start: int, without: Sequence[str]) -> Finding:
    address = text[start : start + 100].split(maxsplit=1)[0]
    before = text[max(start - 1, 0) : start]
    is_glued = before.isalnum() or before in tuple("@＠#＃$")
    message = f'"{spelled(shown(address))}" is no link on {", ".join(without)}'
    help_ = "Put a space before it." if is_glued else "Look at what comes after the ://, and how it ends."
    return Finding(code="url-unlinked", message=message, help=help_, start=start)


_WEB_SCHEME = pattern("https?://", re.IGNORECASE)
_WITH_SCHEME = pattern(r"[Hh][Tt][Tt][Pp][Ss]?://\S+")
_BROWSERS = r"http(?<![A-Za-z0-9@#$]http)s?://[A-Za-z0-9./_~%?=&+-]*[A-Za-z0-9/]"
_PLAIN_LINK = pattern(rf"{_BROWSERS}[.,;:!?)]*(?:\s|\Z)")
_INNER_DOT = pattern(r"\.(?<=\w\.)\w")
_ENDING = pattern(r"(?:'s|:[a-zäö]{1,4})\Z")
"""A genitive, or a case ending after a colon: `https://iom.int/day's`, `https://iom.int/day:n`."""
_ODD_SCHEME = pattern(r"(?<!\w)(?![a-z]*https?://)(?:[a-z]{2,10}://|h[tx]{1,2}ps?(?:[:;]/?|/)/)(?=\w)", re.IGNORECASE)
"""What looks like the beginning of an address and is none: `htps://`, `ftp://`, `http:/`, `https//`."""
_ACCIDENT = pattern(r".*[^\W_]\.[A-ZÅÄÖ][a-z]+|\d+\.[a-z]+|(?:\w\.){2,}\w+")
"""`Kyllä.No` and `12.is`: a sentence begins without a space; `e.g.so`: an abbreviation lost its own."""
