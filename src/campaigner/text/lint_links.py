"""Links that one platform cuts or lengthens, and links that nobody meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ..errors import Severity
from .entity import Entity
from .finding import Finding
from .patterns import unicode_pattern

LINKING_WITHOUT_SCHEME = frozenset({"x", "bluesky"})


def link_findings(text: str, links: Sequence[Entity]) -> Iterator[Finding]:
    """Find the faults of the links of a text; `links` are those that X sees."""
    if "://" in text:
        for match in _address().finditer(text):
            yield from _address_findings(match)
    for link in links:
        if not _has_scheme(link) and _accident().fullmatch(link.text):
            message = f'x makes a link of "{link.text}" and counts 23'
            help_ = "Put a space after the full stop."
            yield Finding(code="accidental-url", message=message, help=help_, start=link.start)


def scheme_findings(links: Sequence[Entity], platform: str) -> Iterator[Finding]:
    """Find the links without https:// that stay plain text on this platform."""
    for link in links:
        if not _has_scheme(link) and not _accident().fullmatch(link.text):
            message = f'"{link.text}" is no link on {platform} without https:// before it'
            help_ = f"Write https://{link.text}"
            yield Finding(code="url-scheme", message=message, help=help_, start=link.start)


def _has_scheme(link: Entity) -> bool:
    return link.text[:4].lower() == "http" and "://" in link.text


def _address_findings(match: re.Match[str]) -> Iterator[Finding]:
    address, start = match[0], match.start()
    if not address.isascii() and (tail := _tail().search(address)):
        yield _eaten(tail[0], start + tail.start(), Severity.ERROR)
        address = address[: tail.start()]
    elif closing := _closing(address):
        before = match.string[max(start - 1, 0) : start].strip()
        at = len(address) - len(closing)
        yield _hidden(before, start) if before.strip("(") else _eaten(closing[0], start + at, Severity.WARNING)
        address = address[:at]
    if not address.isascii() and (letter := _query_letter().search(address)):
        message = f'x ends this link before "{letter[1]}"'
        help_ = "Copy it from the browser's address bar, with % codes."
        at = start + letter.start(1)
        yield Finding(code="url-query", message=message, help=help_, start=at, severity=Severity.ERROR)


def _closing(address: str) -> str:
    """The straight quote or bracket that closes something around the link, and what follows; round ones do no harm."""
    end = address.rstrip(".,:;!?")
    core = end.rstrip("\"'`)]}›")
    marks = end[len(core) :].lstrip(")")
    if not marks or (marks[0] in "]}" and ("[" in core or "{" in core)):
        return ""
    return address[len(end) - len(marks) :]


def _eaten(mark: str, start: int, severity: Severity) -> Finding:
    message = f"{_quoted(mark)} stands right after a link and becomes part of it on some platforms"
    return Finding(code="url-tail", message=message, help="Put a space between.", start=start, severity=severity)


def _hidden(mark: str, start: int) -> Finding:
    message = f"{_quoted(mark)} stands right before a link: bluesky makes no link of it"
    return Finding(code="url-tail", message=message, help="Put spaces around the link.", start=start)


def _quoted(mark: str) -> str:
    return f"'{mark}'" if mark == '"' else f'"{mark}"'


@cache
def _address() -> re.Pattern[str]:
    return re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s<>]+")


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
