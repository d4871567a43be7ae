"""Links that one platform cuts or lengthens, and links that nobody meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..errors import Severity
from . import x
from .finding import Finding
from .patterns import unicode_pattern


def link_findings(text: str) -> Iterator[Finding]:
    """Find the faults of the links of a text, with and without scheme."""
    for match in _address().finditer(text):
        yield from _address_findings(match)
    for entity in x.entities(text):
        if entity.type == "url" and not entity.text.lower().startswith("http"):
            yield _without_scheme(entity.text, entity.start)


def _address_findings(match: re.Match[str]) -> Iterator[Finding]:
    address, start = match[0], match.start()
    if tail := _tail().search(address):
        message = f'"{tail[0]}" stands right after a link and becomes part of it on mastodon: put a space between'
        yield Finding(code="url-tail", message=message, start=start + tail.start(), severity=Severity.ERROR)
        address = address[: tail.start()]
    if letter := _query_letter().search(address):
        message = f'x ends this link before "{letter[1]}": copy it from the browser\'s address bar, with % codes'
        yield Finding(code="url-query", message=message, start=start + letter.start(1), severity=Severity.ERROR)


def _without_scheme(address: str, start: int) -> Finding:
    if _accident().fullmatch(address):
        message = f'x makes a link of "{address}" and counts 23: put a space after the full stop'
        return Finding(code="accidental-url", message=message, start=start)
    message = f'"{address}" is no link on mastodon without https:// before it'
    return Finding(code="url-scheme", message=message, start=start)


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


@cache
def _tail() -> re.Pattern[str]:
    return unicode_pattern(r"[”“„’‘»«…]|[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\u3000-\u303f\uff00-\uffef]")


@cache
def _query_letter() -> re.Pattern[str]:
    return re.compile(r"^[^?#]*\?[^#]*?([^\x00-\x7f])")


@cache
def _accident() -> re.Pattern[str]:
    """`Kyllä.No` and `12.is`: a sentence begins without a space; `e.g.so`: an abbreviation lost its own."""
    return re.compile(r".*[^\W_]\.[A-ZÅÄÖ][a-z]+|\d+\.[a-z]+|(?:\w\.){2,}\w+")
