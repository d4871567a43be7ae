"""Letters and signs that a screen reader stumbles over, in texts and in alt texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import FLAG, is_latin_1
from .broken_text import mathematical
from .graphemes import pattern, unicode_pattern
from .lint_leftovers import leftover_findings
from .measure import Finding

LONGEST_ALT = 1000
"""Characters; about a minute of listening."""
_MOST_EMOJI = 3
_FEWEST_CAPITALS = 3
_VOWELS = "AEIOUY"
_ODD_IN_LATIN_1 = "\u00a0\u00a9\u00ad\u00ae"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
_WITH_FULL_WIDTH = frozenset({"ja", "ko", "yue", "zh"})
_ACRONYMS = frozenset(
    """
    AIDS ASEAN COVID ECOSOC EU FAO FIFA HIV ICRC IFRC ILO IMF IOM ITU LGBTIQ LGBTQ NASA NATO NGO OCHA OECD OHCHR
    OSCE SDG SDGS UK UN UNAIDS UNCTAD UNDP UNDRR UNEP UNESCO UNFCCC UNFPA UNHCR UNICEF UNIDO UNODC UNOPS UNRIC
    UNRWA USA WFP WHO WIPO WMO WTO YK FN ONU ООН
    """.split()  # noqa: SIM905
)


def character_findings(text: str, language: str) -> Iterator[Finding]:
    """Find what is hard to read aloud; each kind is looked for only where its characters stand at all."""
    if _may_be_odd(text):
        yield from _emoji_findings(text)
        yield from _fancy_findings(text, language)
        yield from _invisible_findings(text, language)
    yield from _capital_findings(text)


def alt_findings(alt: str, language: str) -> Iterator[Finding]:
    """Find the faults of an alt text, which is empty for a decoration; no platform's limit is looked at."""
    alt = alt.strip()
    if match := _OPENING.match(alt):
        message = f'the alt text begins with "{match[0].rstrip(" :–-")}", which a screen reader says by itself'
        help_ = "Begin with what the image shows."
        yield Finding(code="alt-opening", message=message, help=help_, start=0)
    if len(alt) > LONGEST_ALT:
        message = f"the alt text is {len(alt)} characters long"
        help_ = f"Keep to {LONGEST_ALT:,}, better 200, and put what is longer into the text or on a page of its own."
        yield Finding(code="alt-long", message=message, help=help_, start=LONGEST_ALT)
    yield from leftover_findings(alt, language)
    if not alt.isascii():
        yield from mathematical(alt)
        yield from _fancy_findings(alt, language)


def _fancy_findings(text: str, language: str) -> Iterator[Finding]:
    """Find words made of circled, raised, small-capital or full-width letters."""
    for match in _FANCY.finditer(text) if _MAY_BE_FANCY.search(text) else ():
        if match["full"] and language.split("-", maxsplit=1)[0] in _WITH_FULL_WIDTH:
            continue
        message = f'"{match[0]}" is written in fancy letters, which screen readers skip or spell out'
        yield Finding(code="styled-letters", message=message, help="Use plain letters.", start=match.start())


def _emoji_findings(text: str) -> Iterator[Finding]:
    if not _MAY_BE_EMOJI.search(text):
        return
    help_ = "A screen reader reads out the name of each."
    found = list(_EMOJI.finditer(text))
    if len(found) > _MOST_EMOJI:
        message = f"there are {len(found)} emoji"
        start = found[_MOST_EMOJI].start()
        yield Finding(code="emoji-many", message=message, help=f"{help_} Keep to {_MOST_EMOJI}.", start=start)
    if row := _EMOJI_ROW.search(text):
        message = "emoji stand in a row"
        yield Finding(code="emoji-row", message=message, help=f"{help_} Keep one.", start=row.start())
    bullets = list(_EMOJI_BULLET.finditer(text))
    if len(bullets) > 1:
        message = "emoji serve as bullets"
        yield Finding(code="emoji-bullets", message=message, help=f"{help_} Use - instead.", start=bullets[0].start())


def _invisible_findings(text: str, language: str) -> Iterator[Finding]:
    if not _MAY_BE_INVISIBLE.search(text):
        return
    right_to_left = language.split("-", maxsplit=1)[0] in _RIGHT_TO_LEFT
    for match in _INVISIBLE.finditer(text):
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
_OPENINGS = (
    r"(?:(?:an?|the|this)\s+)?(?:image|picture|photo(?:graph)?|graphic|pic)\s*(?:of|shows|showing|depicts|depicting)",
    r"(?:in|on)\s+(?:the|this)\s+(?:image|picture|photo(?:graph)?)",
    r"(?:valo)?kuva(?:ssa)?|foto|pilt|pildil",
    r"(?:(?:en|ett|et)\s+)?(?:foto(?:grafi)?|bilde?|billede|bilete)\s+(?:av|af|på|som|med)",
    r"bild(?:en|et)\s+(?:visar|viser)|(?:billedet|bildet|biletet)\s+viser|(?:ljós)?mynd\s+af",
    r"(?:(?:ein|das)\s+)?(?:bild|foto)\s+(?:von|vom|zeigt|mit)|auf\s+dem\s+(?:bild|foto)",
    r"(?:une?\s+|l[’'])?(?:image|photo(?:graphie)?)\s+(?:de|des|du|montrant|montre)",
    r"(?:une?\s+|l[’'])?(?:image|photo(?:graphie)?)\s+d[’'](?=\w)",
    r"(?:(?:una|la)\s+)?(?:imagen|foto|fotografía)\s+(?:de|del|que)",
    r"(?:(?:uma|a)\s+)?(?:imagem|foto|fotografia)\s+(?:de|do|da)",
    r"(?:una\s+|un[’'])?(?:immagine|foto|fotografia)\s+(?:di|del|della|che)",
    r"(?:afbeelding|foto)\s+van|(?:zdjęcie|obraz|fotografia)\s+przedstawia\w*",
    r"(?:на\s+)?(?:фото|фотографи[ия]|изображени[ие]|картинк[аие])",
    r"(?:на\s+)?(?:зображенн[яі]|світлин[аи]|фотографі[яї])",
    r"صورة|تصویر|תמונה|图片|圖片|照片|图像|圖像|画像|写真|사진|이미지",
)
_LABELS = r"(?:image|picture|photo(?:graph)?|graphic|bilde?|foto|imagen|immagine|billede)(?:\s*:|\s+[–-])"
_OPENING = pattern(rf"(?:(?:{'|'.join(_OPENINGS)})(?:(?<=[’'])|(?!\w))|{_LABELS})\s*[:–-]?", re.IGNORECASE)


def _may_be_odd(text: str) -> bool:
    """True when there is any character that one of the three looks for; most texts have none."""
    if is_latin_1(text):
        return not text.isascii() and any(sign in text for sign in _ODD_IN_LATIN_1)
    return any(kind.search(text) for kind in (_MAY_BE_EMOJI, _MAY_BE_FANCY, _MAY_BE_INVISIBLE))


_EMOJI = unicode_pattern(_ONE_EMOJI)
_EMOJI_ROW = unicode_pattern(rf"{_ONE_EMOJI}(?:\s?{_ONE_EMOJI}){{2,}}")
_EMOJI_BULLET = unicode_pattern(rf"(?m)^[ \t]*{_ONE_EMOJI}[ \t]*(?=\S)")
_MAY_BE_EMOJI = pattern("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001ffff]")
"""Any character that can begin an emoji or makes one of a digit."""
_FANCY_RUNS = (f"[{kind}]{{3,}}" for kind in (_SMALL_CAPITALS, _RAISED, _ROUND))
_FANCY = unicode_pattern(f"{'|'.join(_FANCY_RUNS)}|(?P<full>[{_FULL_WIDTH}]{{3,}})")
_MAY_BE_FANCY = pattern(f"[{_SMALL_CAPITALS}{_RAISED}{_ROUND}{_FULL_WIDTH}]")
_JOINED = r"[\p{L}\p{M}--\p{Script=Latin}--\p{Script=Cyrillic}--\p{Script=Greek}]"
# After a virama a joiner says how the letter is drawn, also at the end of a word.
_DRAWN = r"(?<!\p{ccc=9}[\u200c\u200d])"
_JOINER = rf"(?<!{_JOINED})\u200c|(?:\u200c(?!{_JOINED})|\u200d(?!\p{{Extended_Pictographic}}|{_JOINED})){_DRAWN}"
# Scripts of South East Asia write no spaces: one of no width tells words apart.
_NO_WIDTH = r"(?<!\p{LB=SA})\u200b|\u200b(?!\p{LB=SA})"
_GLUED = r"(?<![^\s])\u00a0|\u00a0(?=\s|$|[#＃])"
_DIRECTION = r"(?P<direction>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
_TAGS = r"[\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]+"
_BLANK = r"[\u034f\u115f\u17b4\u17b5\u180e\u2061-\u2065\u206a-\u206f\u3164\uffa0\ufff9-\ufffb]"
_BLANK += r"|(?<![\u1100-\u115e\ua960-\ua97c])\u1160|(?<![\u2801-\u28ff])\u2800(?![\u2801-\u28ff])"
_BLANK += r"|[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
_PLAIN = r"[\s\ufe00-\ufe0f[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}--\p{Emoji}]]"
_SELECTOR = rf"(?:^|(?<={_PLAIN}))[\ufe00-\ufe0f]+|(?<!\p{{Script=Han}})[\U000e0100-\U000e01ef]+"
_INVISIBLE = unicode_pattern(
    rf"(?V1)[\u2060\ufeff\u00ad]|{_NO_WIDTH}|{_JOINER}|{_GLUED}|{_DIRECTION}|{_BLANK}|{_SELECTOR}|(?P<flag>{FLAG})|{_TAGS}"
)
"""Zero-width characters but joiners where a script needs them, marks of direction, NBSP beside white space or #."""
_MAY_BE_INVISIBLE = pattern(
    "[\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
