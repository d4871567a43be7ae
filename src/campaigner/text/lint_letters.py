"""Letters and signs that a screen reader stumbles over: emoji, capitals, fancy letters, characters that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..errors import FLAG, Severity
from .finding import Finding
from .patterns import unicode_pattern

_MOST_EMOJI = 3
_FEWEST_CAPITALS = 3
_VOWELS = "AEIOUY"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
_WITH_FULL_WIDTH = frozenset({"ja", "ko", "yue", "zh"})
_ACRONYMS = frozenset(
    """
    AIDS ASEAN COVID ECOSOC EU FAO FIFA HIV ICRC IFRC ILO IMF IOM ITU LGBTIQ LGBTQ NASA NATO NGO OCHA OECD OHCHR
    OSCE SDG SDGS UK UN UNAIDS UNCTAD UNDP UNDRR UNEP UNESCO UNFCCC UNFPA UNHCR UNICEF UNIDO UNODC UNOPS UNRIC
    UNRWA USA WFP WHO WIPO WMO WTO YK FN ONU ООН
    """.split()  # noqa: SIM905
)


def letter_findings(text: str, language: str) -> Iterator[Finding]:
    """Find what is hard to read aloud; each kind is looked for only where its characters stand at all."""
    if not text.isascii() and _may_be_odd().search(text):
        yield from _emoji_findings(text)
        yield from styled_findings(text, language)
        yield from _invisible_findings(text, language)
    yield from _capital_findings(text)


def styled_findings(text: str, language: str) -> Iterator[Finding]:
    """Find words made of mathematical, circled, small-capital or full-width letters."""
    if not _may_be_styled().search(text):
        return
    for match in _styled().finditer(text):
        message = f'"{match[0]}" is written in mathematical letters, which screen readers skip'
        help_, start = "Use plain letters.", match.start()
        yield Finding(code="styled-letters", message=message, help=help_, start=start, severity=Severity.ERROR)
    for match in _fancy().finditer(text):
        if match["full"] and language.split("-", maxsplit=1)[0] in _WITH_FULL_WIDTH:
            continue
        message = f'"{match[0]}" is written in fancy letters, which screen readers skip or spell out'
        yield Finding(code="styled-letters", message=message, help="Use plain letters.", start=match.start())


def _emoji_findings(text: str) -> Iterator[Finding]:
    if not _may_be_emoji().search(text):
        return
    help_ = "A screen reader reads out the name of each."
    found = list(_emoji().finditer(text))
    if len(found) > _MOST_EMOJI:
        message = f"there are {len(found)} emoji"
        start = found[_MOST_EMOJI].start()
        yield Finding(code="emoji-many", message=message, help=f"{help_} Keep to {_MOST_EMOJI}.", start=start)
    if row := _emoji_row().search(text):
        message = "emoji stand in a row"
        yield Finding(code="emoji-row", message=message, help=f"{help_} Keep one.", start=row.start())
    bullets = list(_emoji_bullet().finditer(text))
    if len(bullets) > 1:
        message = "emoji serve as bullets"
        yield Finding(code="emoji-bullets", message=message, help=f"{help_} Use - instead.", start=bullets[0].start())


def _invisible_findings(text: str, language: str) -> Iterator[Finding]:
    if not _may_be_invisible().search(text):
        return
    right_to_left = language.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT
    for match in _invisible().finditer(text):
        if match["flag"]:
            continue
        if right_to_left and match["direction"] and not text.startswith(("#", "＃"), match.end()):
            continue
        message = f"an invisible character (U+{ord(match[0][0]):04X}) stands here"
        help_ = "It was perhaps pasted: delete it."
        yield Finding(code="invisible", message=message, help=help_, start=match.start())


def _capital_findings(text: str) -> Iterator[Finding]:
    """Find three words or more in capitals, acronyms not counted; a comma ends a row, for lists of acronyms have them."""
    if sum(map(str.isupper, text.split())) < _FEWEST_CAPITALS:
        return
    row: list[re.Match[str]] = []
    for match in (*re.finditer(r"\S+", text), None):
        if match is not None and _is_in_capitals(match[0]):
            row.append(match)
        if match is None or row[-1:] != [match] or match[0].endswith((",", ";")):
            if sum(map(_is_loud, row)) >= _FEWEST_CAPITALS:
                yield _shouted(row)
            row = []


def _shouted(row: list[re.Match[str]]) -> Finding:
    words = " ".join(match[0] for match in row[:4]) + (" …" if len(row) > 4 else "")
    help_ = "It reads as a shout, and some screen readers spell it out. Write it in small letters."
    return Finding(code="all-caps", message=f'"{words}" stands in capitals', help=help_, start=row[0].start())


def _is_in_capitals(word: str) -> bool:
    return word.isupper() and _letters(word).isalpha()


def _is_loud(match: re.Match[str]) -> bool:
    """Whether a word in capitals is a word: no acronym, and no single letter."""
    word = _letters(match[0])
    can_be_read = not word.isascii() or any(letter in word for letter in _VOWELS)
    return len(word) > 1 and can_be_read and word not in _ACRONYMS


def _letters(word: str) -> str:
    return word.strip("\"'“”„«»‘’()[]!?.,:;…–—-").replace("’", "").replace("'", "").replace("-", "")


_ONE_EMOJI = (
    r"(?>\p{RI}\p{RI}|[0-9#*]\ufe0f?\u20e3"
    r"|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=[\ufe0f\p{Emoji_Modifier}]))\ufe0f?\p{Emoji_Modifier}?"
    r"(?:\u200d\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?){0,10}[\U000e0020-\U000e007f]{0,32})"
)
_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"
_RAISED = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
_ROUND = (
    "\u249c-\u24b5\u24b6-\u24e9\U0001f110-\U0001f12b\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"
)
_FULL_WIDTH = "\uff21-\uff3a\uff41-\uff5a"
_LETTERLIKE = "ℂℊℋℌℍℎℐℑℒℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ"
"""Letters that the block of mathematical ones leaves out, for they stood elsewhere before it came."""


@cache
def _may_be_odd() -> re.Pattern[str]:
    """Any character that one of the three looks for; most texts have none."""
    kinds = (_may_be_emoji(), _may_be_styled(), _may_be_invisible())
    return re.compile(f"[{''.join(kind.pattern[1:-1] for kind in kinds)}]")


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
def _may_be_emoji() -> re.Pattern[str]:
    """Any character that can begin an emoji or makes one of a digit."""
    return re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001ffff]")


@cache
def _styled() -> re.Pattern[str]:
    letter = f"[\U0001d400-\U0001d7ff{_LETTERLIKE}]"
    return unicode_pattern(f"(?={_LETTERLIKE_RUN})(?:{letter}+(?:[ '’-]*{letter}+)*)")


_LETTERLIKE_RUN = f"[{_LETTERLIKE}]*[\U0001d400-\U0001d7ff]"
"""A run has at least one letter of the mathematical block: ℝ and ℎ alone are signs of their trade."""


@cache
def _fancy() -> re.Pattern[str]:
    runs = (f"[{kind}]{{3,}}" for kind in (_SMALL_CAPITALS, _RAISED, _ROUND))
    return unicode_pattern(f"{'|'.join(runs)}|(?P<full>[{_FULL_WIDTH}]{{3,}})")


@cache
def _may_be_styled() -> re.Pattern[str]:
    return re.compile(f"[\U0001d400-\U0001d7ff{_SMALL_CAPITALS}{_RAISED}{_ROUND}{_FULL_WIDTH}]")


@cache
def _invisible() -> re.Pattern[str]:
    """Zero-width characters but joiners where a script needs them, marks of direction, NBSP beside white space or #."""
    letter = r"[\p{L}\p{M}--\p{Script=Latin}--\p{Script=Cyrillic}--\p{Script=Greek}]"
    joiner = rf"(?<!{letter})\u200c|\u200c(?!{letter})|\u200d(?!\p{{Extended_Pictographic}}|{letter})"
    glued = r"(?<![^\s])\u00a0|\u00a0(?=\s|$|[#＃])"
    direction = r"(?P<direction>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    tags = r"[\U000e0000-\U000e0fff]+"
    drawn_blank = r"[\u034f\u115f\u1160\u17b4\u17b5\u180e\u2061-\u2065\u206a-\u206f\u3164\uffa0\ufff9-\ufffb]"
    return unicode_pattern(
        rf"(?V1)[\u200b\u2060\ufeff\u00ad]|{joiner}|{glued}|{direction}|{drawn_blank}|(?P<flag>{FLAG})|{tags}"
    )


@cache
def _may_be_invisible() -> re.Pattern[str]:
    return re.compile(
        "[\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
        "\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    )
