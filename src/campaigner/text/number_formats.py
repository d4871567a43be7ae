"""What numbers, dates and times look like in the languages that campaigns are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from ..observance.date_format import written_out
from .graphemes import pattern

_LONG_NAME = 6
_ANY_YEAR = 2024

_NAME = (
    # COVID-19, SDG16, G20, and what is said of a century, which one language counts and another names.
    r"[A-Za-zÀ-ɏͰ-ӿ][-‐‑]?\d[\d.,]*|24/7|\d{1,2}(?:st|nd|rd|th|er?|\.|:\w+|º|[-‐‑]\w+)?\s*"
    r"(?:centur|vuosisa|århund|öld|sajand|siècle|siglo|século|secolo|jahrhundert|eeuw|век|столі|столет|wiek|世纪|世紀|세기|قرن)\w*"
    r"|\d{2}00[-‐‑–]?(?:luvu|luku|luvun|tal)\w*"
)
_SCALES = (
    r"(?:mil(?!es\b|e\b|itar)|mln|mld|mrd|mio|mn\b|bn\b|bil|trill?i|thous|tuhan|tuhat|tusen|tusind|þúsund|tuhand|duizend|tausend|hundr|"
    r"tys|tis[ií]c|тыс|тис|мил|млн|млрд|мільй|хиляд|χιλι|εκατ|δισ|ألف|آلاف|مليون|ملايين|مليار|هزار|میلیون|میلیارد|אלף|מיליון|מיליארד|"
    r"हज़ार|हजार|लाख|करोड़|bin\b|elfu|kun\b|[kKM](?!\w)|[千百万萬億亿兆천백만억조])"
)
_CLOCK_WORDS = r"(?:kello|klo|kl\.?|klukkan|klockan|kell|um|às|a\s+las|à|at|alle|ore|godz\.?|saat|в|о|об|الساعة)"
_AFTER_HOUR = r"\s?(?:Uhr|o’clock|heures?|uur|час\w*|годин\w*)"
_AMOUNT = r"\d{1,3}(?:[ .,’]\d{3})+(?:[.,]\d+)?(?!\d)|\d{1,2}(?:,\d\d)+,\d{3}(?!\d)|\d+(?:[.,]\d+)?"


def without_entities(text: str) -> str:
    """The text without hashtags, mentions, links and words in braces."""
    return _ENTITIES.sub(" ", text)


@cache
def months_of(language: str) -> tuple[str, ...]:
    """How the months' names begin in a date, in lower case; () where months are numbers or nobody knows."""
    return tuple(name.casefold() for name in _months(language))


@cache
def number_pattern(language: str) -> re.Pattern[str]:
    """Every number with what belongs to it; the last group says what it is: plain where there is none."""
    dates = "|".join((*_named_dates(language), *_NUMERIC_DATES))
    clock = "|".join(_CLOCKS)
    half_day = r"\d{1,2}(?:[:.]\d\d)?\s?[AaPp]\.?\s?[Mm]\b\.?"
    return re.compile(
        rf"(?<![\d.,:]\b)(?:(?P<name>{_NAME})|(?P<dated>{dates})|(?P<half_day>{half_day})|(?P<clock>{clock})"
        rf"|(?P<scaled>(?:{_AMOUNT})[ -]?(?={_SCALES}))|{_AMOUNT})",
        re.IGNORECASE,
    )


_NUMERIC_DATES = (
    r"\d{4}-\d{1,2}-\d{1,2}(?!\d)",
    r"(?:\d{4}\s?[年년]\s?)?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일号號]?",
    r"\d{1,2}(?P<mark>[./])\s?\d{1,2}(?P=mark)\s?\d{4}(?!\d)",
    r"\d{1,2}\.\s?\d{1,2}\.(?!\d)",
    r"\d{1,2}/\d{1,2}(?![\d/])",
)
_CLOCKS = (
    r"\d{1,2}:\d\d(?!\d)",
    r"\d{1,2}\s?h(?:\s?\d\d)?(?!\w)",
    r"\d{1,2}\s?[時时點点시](?!间|間|间|간)(?:\s?\d{1,2}\s?[分분])?",
    rf"(?<!\w){_CLOCK_WORDS}\s*\d{{1,2}}(?:[.:h]\d\d)?(?!\d|[.,]\d|\s?[%0-9])(?!\s?{_SCALES})",
    rf"\d{{1,2}}(?:[.:]\d\d)?{_AFTER_HOUR}(?!\w)",
)


def _named_dates(language: str) -> Iterator[str]:
    """Day and month's name in either order, a span of days with them."""
    names = _months(language)
    if not names:
        return
    month = "|".join(re.escape(name) + (r"\w*" if len(name) >= _LONG_NAME else r"(?!\w)") for name in names)
    day = r"\d{1,2}(?!\d)(?:st\b|nd\b|rd\b|th\b|er\b|º|\.)?"
    between = r"\s*(?:(?:of|de|do|den|di|d’)\s*)?"
    yield rf"(?:{day}\s?[–-]\s?)?{day}{between}(?<!\w)(?:{month})"
    yield rf"(?<!\w)(?:{month})\s+(?:the\s+)?{day}(?:\s?[–-]\s?{day})?"


@cache
def _months(language: str) -> tuple[str, ...]:
    """The months as they stand in a date, long ones without their last two letters, where cases show."""
    names = []
    for number in range(1, 13):
        words = re.sub(r"[\d.,]", " ", written_out(date(_ANY_YEAR, number, 15), language)).split()
        name = max(words, key=len, default="")
        names.append(name[:-2] if len(name) >= _LONG_NAME + 2 else name)
    return tuple(names) if len(set(names)) == 12 and all(map(str.strip, names)) else ()


ZONE_PATTERN = pattern(r"\b(?:UTC|GMT|CES?T|EES?T|WES?T|E[SD]T|P[SD]T|BST|JST|Suomen aikaa|svensk tid)\b")
"""Names of time zones: where one stands, each language may give its readers' own time."""
# Any first sign of one: the engine then skips from one to the next.
_ENTITIES = pattern(r"[h{#＃@](?:(?<=h)ttps?://\S+|(?<=\{)[^{}]*\}|(?<=[#＃@])(?<![\w&].)[\w.@-]+)")
