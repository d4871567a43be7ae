"""Faults that no limit catches: text that a screen reader stumbles over, hashtags and links that a platform breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from ..errors import Severity
from . import x
from .entity import Entity
from .finding import Finding
from .lint_letters import letter_findings
from .lint_links import LINKING_WITHOUT_SCHEME, link_findings, scheme_findings
from .lint_tags import platform_tag_findings, tag_findings
from .own_words import OwnWords
from .patterns import is_latin_1


def lint(text: str, tags: Sequence[str], language: str, words: OwnWords | None = None) -> tuple[Finding, ...]:
    """Find the faults of a text (NFC, LF) as it will be posted, those of the whole text first, then in text order.

    `tags` are the campaign's hashtags without #, `language` a BCP 47 tag, `words` are the campaign's own, which tell
    where the words of a hashtag begin.
    """
    links = _links(text)
    findings = [
        *tag_findings(text, tags, language, links, words or OwnWords()),
        *link_findings(text, links),
        *letter_findings(text, language),
    ]
    return _in_order(findings)


def minds(platform: str) -> bool:
    """Whether there is anything that this platform alone minds."""
    return platform not in LINKING_WITHOUT_SCHEME or platform == "x"


def lint_on(platform: str, text: str) -> tuple[Finding, ...]:
    """Find what only this platform minds, in the same order."""
    findings = [
        *platform_tag_findings(text, platform),
        *(() if platform in LINKING_WITHOUT_SCHEME else scheme_findings(_links(text), platform)),
        *(_weight_findings(text) if platform == "x" else ()),
    ]
    return _in_order(findings)


@lru_cache(maxsize=4)
def _links(text: str) -> tuple[Entity, ...]:
    """What X takes for a link, the widest net; () where the only links are plain ones that hold no hashtag.

    The text in hand is asked about once for each platform.
    """
    rest = _with_scheme().sub(" ", text) if "://" in text else text
    if text.count("#") == rest.count("#") and not _inner_dot().search(rest):
        return ()
    return tuple([entity for entity in x.entities(text) if entity.type == "url"])


@cache
def _with_scheme() -> re.Pattern[str]:
    return re.compile(r"[Hh][Tt][Tt][Pp][Ss]?://\S+")


@cache
def _inner_dot() -> re.Pattern[str]:
    return re.compile(r"\.(?<=\w\.)\w")


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: -1 if finding.start is None else finding.start))


def _weight_findings(text: str) -> Iterator[Finding]:
    if is_latin_1(text):
        return
    if match := re.search("[…•→€]", text):
        help_ = "Nothing to do, unless the room is needed."
        message = f'"{match[0]}" counts 2 on x'
        yield Finding(code="counts-two", message=message, help=help_, start=match.start(), severity=Severity.NOTE)
