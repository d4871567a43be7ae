"""What a screen reader stumbles over in texts and alt texts, and what another program or a draft has left in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import FLAG, is_latin_1, shown
from .broken_text import mathematical
from .graphemes import pattern, unicode_pattern, words_of
from .measure import Finding

LONGEST_ALT = 1000
"""Characters; about a minute of listening."""
_MOST_EMOJI = 3
_FEWEST_CAPITALS = 3
_VOWELS = "AEIOUY"
_ODD_IN_LATIN_1 = "\u00a0\u00a9\u00ad\u00ae"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
_WITH_FULL_WIDTH = frozenset({"ja", "ko", "yue", "zh"})


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
    if not is_latin_1(alt):
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
    return len(word) > 1 and can_be_read and word not in words_of("acronyms").split()


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
_LABELS = r"(?:image|picture|photo(?:graph)?|graphic|bilde?|foto|imagen|immagine|billede)(?:\s*:|\s+[–-])"
_OPENING = pattern(
    lambda: rf"(?:(?:{'|'.join(words_of('alt_openings'))})(?:(?<=[’'])|(?!\w))|{_LABELS})\s*[:–-]?", re.IGNORECASE
)


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


def leftover_findings(text: str, language: str) -> Iterator[Finding]:
    """Find what would be posted as it stands, though nobody means it; of what is garbled only the first."""
    for match in _UNFINISHED.finditer(text) if any(map(text.__contains__, _MARKS_OF_UNFINISHED)) else ():
        if match["all"] and language.split("-", maxsplit=1)[0] in _TODO_IS_A_WORD:
            continue
        message, help_ = f'"{shown(match[0])}" is still to be filled in', "Write what is to be posted."
        yield Finding(code="unfinished", message=message, help=help_, start=match.start())
    if not text.isascii():
        yield from _garbled_findings(text)
        yield from _lost_findings(text)
    if any(map(text.__contains__, _MARKS_OF_MARKUP)):
        yield from _markup_findings(text)


_MARKS_OF_MARKUP = ("<", "&", "**", "__", "](", "# ")
_MARKS_OF_UNFINISHED = ("[", "TODO", "TBD", "TBC", "FIXME", "XXX", "orem", "OREM")
_TODO_IS_A_WORD = frozenset({"es", "gl", "pt"})


def _garbled_findings(text: str) -> Iterator[Finding]:
    for match in () if _MAY_BE_GARBLED.search(text) is None else _GARBLED.finditer(text):
        if meant := _as_meant(match[0]):
            message = f'"{match[0]}" is garbled: it was "{meant}" before a program read it in the wrong encoding'
            help_ = "Copy the text anew from where it is right."
            yield Finding(code="garbled", message=message, help=help_, start=match.start())
            return


def _as_meant(garbled: str) -> str:
    """The letters whose bytes in UTF-8 were taken for those of Windows-1252; empty where they were not."""
    try:
        bytes_ = b"".join(one.encode("latin-1" if one <= "\xff" else "cp1252") for one in garbled)
        meant = bytes_.decode()
    except UnicodeError:
        return ""
    return meant if meant.isprintable() else f"U+{ord(meant[0]):04X}"


def _lost_findings(text: str) -> Iterator[Finding]:
    if is_latin_1(text):
        return
    for match in _LOST.finditer(text):
        what = "stands for a letter or an image that was lost" if match[0] >= "\ufffc" else "is drawn by few fonts"
        message, help_ = f"U+{ord(match[0]):04X} {what}", "Write what is meant."
        yield Finding(code="garbled", message=message, help=help_, start=match.start())


def _markup_findings(text: str) -> Iterator[Finding]:
    from html import unescape

    for match in _MARKUP.finditer(text):
        letter = unescape(match[0])
        if match[0].startswith("&") and letter == match[0]:
            continue
        help_ = f'Write "{letter}".' if letter != match[0] and letter.strip() else "Take it out: posts are plain text."
        message = f'"{shown(match[0])}" is markup, and is posted as it stands'
        yield Finding(code="markup", message=message, help=help_, start=match.start())


_LATER = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_MAY_BE_GARBLED = pattern(f"[\xc2-\xf4]{_LATER}")
"""What all that is garbled begins with: soon looked for in the many texts that have none."""
_ONE = f"(?:[\xc2-\xdf]{_LATER}|[\xe0-\xef]{_LATER}{{2}}|[\xf0-\xf4]{_LATER}{{3}})"
_GARBLED = pattern(f"{_ONE}{{2,20}}|[ÃÂ]{_LATER}|[âï]{_LATER}{{2}}|[\xf0]{_LATER}{{3}}")
"""Two letters or more for one: all that begin with Ã, Â or â, of the others two in a row (a lone `Ä…` may be meant)."""
_LOST = pattern("[\ufffc\ufffd\ue000-\uf8ff\U000f0000-\U0010fffd]")
_ENTITY = "&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[Xx][0-9A-Fa-f]{1,6});"
_MARKDOWN = r"\*\*[^\s*][^*\n]{0,200}\*\*|(?<!\w)__[^\W_][^_\n]{0,200}__(?!\w)"
_MARKDOWN += r"|\[[^\[\]\n]{1,200}\]\([^\s)]{1,200}\)|(?m:^)#{1,6} +(?=\S)"
_MARKUP = pattern(rf"</?[A-Za-z][A-Za-z0-9-]{{0,30}}(?:\s[^<>]*+)?/?>|{_ENTITY}|{_MARKDOWN}")
"""A tag or an entity of HTML (an address may stand between < and >); bold letters, links and headings of Markdown."""
_LATER_NAMES = r"\bTBD\b|\bTBC\b|\bFIXME\b|\bXXX+\b|"
_LATER_NAMES += r"(?i:\blorem ipsum\b|\[(?:insert [^\[\]\n]{1,60}|"
_UNFINISHED = pattern(lambda: rf"(?P<all>\bTODO\b(?!:))|\bTODO:|{_LATER_NAMES}{words_of('to_fill_in')})\](?!\())")
"""What people leave for later; words in brackets as templates have them in our languages."""
