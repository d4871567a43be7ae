"""A text against the same text in other languages: numbers, links, and whether it was translated at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from ..errors import is_latin_1
from .graphemes import pattern, unicode_pattern
from .language_detection import other_language, serves_for
from .measure import Finding
from .number_comparison import Written, differing, numbers_in, plainly_agree
from .number_formats import without_entities

_LONG_ENOUGH = 40
"""Characters of a text that can be called untranslated, or too short beside another."""
_FEWEST_WORDS = 5
_MOST_TIMES_LONGER = 3


def translation_findings(texts: Mapping[str, str], languages: Sequence[str]) -> Iterator[tuple[str, Finding]]:
    """What each language's text has against the first, and those that are written in another of the campaign's languages."""
    said = set()
    for language, finding in sibling_findings(texts) if len(texts) > 1 else ():
        said.add((language, finding.code))
        yield language, finding
    for language, text in texts.items():
        if (language, "untranslated") not in said and (other := other_language(text, language, languages)):
            message = f"the text in {language} reads like {other}"
            help_ = "If two texts were mixed up, swap them; else translate it."
            yield language, Finding(code="wrong-language", message=message, help=help_)


def sibling_findings(texts: Mapping[str, str]) -> Iterator[tuple[str, Finding]]:
    """Compare each text with the first, and yield the language at fault with each finding.

    `texts` are one text by language, as written: words in braces are the same in all and are left out, and so are hashtags.
    """
    (lead, first), *others = texts.items()
    first_plain, numbers = _plain(first), None
    for language, text in others:
        plain = _plain(text)
        if _is_same(first_plain, plain, lead, language):
            message = f"the text in {language} is the same as the one in {lead}"
            yield language, Finding(code="untranslated", message=message, help=f"Translate it into {language}.")
            continue
        yield from _length_findings(first_plain, plain, lead, language)
        yield from _link_findings(first, text, lead, language)
        if not plainly_agree(first_plain, plain, (lead, language)):
            numbers = numbers_in(first, lead) if numbers is None else numbers
            yield from _number_findings(numbers, text, lead, language)


def _plain(text: str) -> str:
    return " ".join(without_entities(text).split())


def _is_same(first: str, second: str, lead: str, language: str) -> bool:
    if len(first) < _LONG_ENOUGH or first.casefold() != second.casefold():
        return False
    if serves_for(lead, language):
        return False
    # Names, lists of places and the like are the same everywhere.
    small = [word for word in first.split() if not (word[0].isupper() or word[0].isdigit())]
    return len(small) >= _FEWEST_WORDS or _weight(first) > len(first)


def _length_findings(first: str, second: str, lead: str, language: str) -> Iterator[tuple[str, Finding]]:
    here, there = max(_weight(first), _LONG_ENOUGH), max(_weight(second), _LONG_ENOUGH)
    if there > here * _MOST_TIMES_LONGER:
        longer, shorter, times = language, lead, there / here
    elif here > there * _MOST_TIMES_LONGER:
        longer, shorter, times = lead, language, here / there
    else:
        return
    message = f"the text in {longer} is {times:.0f} times as long as the one in {shorter}"
    help_ = f"Check whether a part is missing in {shorter}, or stands twice in {longer}."
    yield language, Finding(code="length-differs", message=message, help=help_)


def _weight(text: str) -> int:
    """How long a text would be in letters of an alphabet: a Chinese character says what three of them say.

    A sign for a syllable says what two do, and a vowel sign stands with its letter.
    """
    if is_latin_1(text):
        return len(text)
    weights = {r"\p{Han}": 2, r"[\p{Hiragana}\p{Katakana}\p{Hangul}\p{Ethiopic}]": 1, r"\p{M}": -1}
    return len(text) + sum(weight * len(unicode_pattern(kind).findall(text)) for kind, weight in weights.items())


def _link_findings(first: str, second: str, lead: str, language: str) -> Iterator[tuple[str, Finding]]:
    """Find links to another site; one site may have a page, or a host, for each language."""
    if "://" not in first or "://" not in second:
        return
    here, there = _sites(first), _sites(second)
    alone_here = [link for site, link in here.items() if site not in there]
    alone_there = [link for site, link in there.items() if site not in here]
    if alone_here and alone_there:
        message = f"the links differ: {alone_here[0]} in {lead}, {alone_there[0]} in {language}"
        help_ = "Check them. Links that are meant to differ stand best under link:, by language."
        yield language, Finding(code="links-differ", message=message, help=help_)


def _sites(text: str) -> dict[str, str]:
    """The links of a text by their site: the host without what stands before its last two names, or three (gov.uk)."""
    found: dict[str, str] = {}
    for match in _LINK.finditer(text):
        link = match[0].rstrip(".,:;!?)]}'’”»…")
        try:
            labels = (urlsplit(link).hostname or "").split(".")
        except ValueError:
            continue
        kept = 3 if len(labels[-1]) == 2 and len(labels) > 2 and len(labels[-2]) <= 3 else 2
        found.setdefault(".".join(labels[-kept:]), link)
    return found


def _number_findings(here: tuple[Written, ...], text: str, lead: str, language: str) -> Iterator[tuple[str, Finding]]:
    if pair := differing(here, numbers_in(text, language)):
        message = f"the numbers differ: {pair[0].text} in {lead}, {pair[1].text} in {language}"
        at = re.search(rf"(?<!\d){re.escape(pair[1].text)}(?!\d)", text)
        help_ = "Check which of them is right."
        yield language, Finding(code="numbers-differ", message=message, help=help_, start=at and at.start())


_LINK = pattern(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s<>\"{}]+")
