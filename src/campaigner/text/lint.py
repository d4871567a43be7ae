"""Faults that no limit catches: text that a screen reader stumbles over, hashtags and links that a platform breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ..errors import Severity
from .finding import Finding
from .lint_links import link_findings
from .lint_tags import tag_findings
from .patterns import unicode_pattern

_MOST_EMOJI = 3
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})


def lint(
    text: str, tags: Sequence[str], language: str, *, platform: str = "", texts: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Find the faults of a text (NFC, LF) as it will be posted, those of the whole text first, then in text order.

    `tags` are the campaign's hashtags without #, `language` a BCP 47 tag, `platform` adds what only that one minds,
    `texts` are the campaign's own words, which tell where the words of a hashtag begin.
    """
    findings = [
        *tag_findings(text, tags, language, platform, texts),
        *link_findings(text),
        *_emoji_findings(text),
        *_letter_findings(text),
        *_invisible_findings(text, language),
        *(_weight_findings(text) if platform == "x" else ()),
    ]
    return tuple(sorted(findings, key=lambda finding: -1 if finding.start is None else finding.start))


def _emoji_findings(text: str) -> Iterator[Finding]:
    found = list(_emoji().finditer(text))
    if len(found) > _MOST_EMOJI:
        message = f"{len(found)} emoji: a screen reader reads out the name of each; keep to {_MOST_EMOJI}"
        yield Finding(code="emoji-many", message=message, start=found[_MOST_EMOJI].start())
    if row := _emoji_row().search(text):
        message = "emoji stand in a row: a screen reader reads out the name of each; keep one"
        yield Finding(code="emoji-row", message=message, start=row.start())
    bullets = list(_emoji_bullet().finditer(text))
    if len(bullets) > 1:
        message = "emoji serve as bullets: a screen reader reads out their names; use - instead"
        yield Finding(code="emoji-bullets", message=message, start=bullets[0].start())


def _letter_findings(text: str) -> Iterator[Finding]:
    for match in _styled().finditer(text):
        message = f'"{match[0]}" is written in mathematical letters, which screen readers skip: use plain letters'
        yield Finding(code="styled-letters", message=message, start=match.start(), severity=Severity.ERROR)


def _invisible_findings(text: str, language: str) -> Iterator[Finding]:
    right_to_left = language.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT
    for match in _invisible().finditer(text):
        if right_to_left and match["direction"] and not text.startswith(("#", "＃"), match.end()):
            continue
        name = f"U+{ord(match[0]):04X}"
        message = f"an invisible character ({name}) stands here, perhaps pasted: delete it"
        yield Finding(code="invisible", message=message, start=match.start())


def _weight_findings(text: str) -> Iterator[Finding]:
    if match := re.search("[…•→€]", text):
        message = f'"{match[0]}" counts 2 on x'
        yield Finding(code="counts-two", message=message, start=match.start(), severity=Severity.NOTE)


_ONE_EMOJI = (
    r"(?>\p{RI}\p{RI}|[0-9#*]\ufe0f?\u20e3"
    r"|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=[\ufe0f\p{Emoji_Modifier}]))\ufe0f?\p{Emoji_Modifier}?"
    r"(?:\u200d\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?)*[\U000e0020-\U000e007f]*)"
)


@cache
def _emoji() -> re.Pattern[str]:
    return unicode_pattern(_ONE_EMOJI)


@cache
def _emoji_row() -> re.Pattern[str]:
    return unicode_pattern(rf"{_ONE_EMOJI}(?:\s?{_ONE_EMOJI}){{2,}}")


@cache
def _emoji_bullet() -> re.Pattern[str]:
    return unicode_pattern(rf"(?m)^[ \t]*{_ONE_EMOJI}[ \t]*(?=\S)")


@cache
def _styled() -> re.Pattern[str]:
    return unicode_pattern("[\U0001d400-\U0001d7ff]+(?:[ '’-]*[\U0001d400-\U0001d7ff]+)*")


@cache
def _invisible() -> re.Pattern[str]:
    """Zero-width characters but joiners where a script needs them, marks of direction, NBSP beside white space or #."""
    letter = r"[\p{L}\p{M}--\p{Script=Latin}--\p{Script=Cyrillic}--\p{Script=Greek}]"
    joiner = rf"(?<!{letter})\u200c|\u200c(?!{letter})|\u200d(?!\p{{Extended_Pictographic}}|{letter})"
    glued = r"(?<![^\s])\u00a0|\u00a0(?=\s|$|[#＃])"
    direction = r"(?P<direction>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    return unicode_pattern(rf"(?V1)[\u200b\u2060\ufeff\u00ad]|{joiner}|{glued}|{direction}")
