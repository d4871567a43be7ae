"""What a text brought along from another program: letters that were read in the wrong encoding, and markup."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import is_latin_1, shown
from .graphemes import pattern
from .measure import Finding


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
_TO_FILL = (
    "linkk?i?|link here|länk|lenke|hlekkur|url|name|nimi|namn|navn|nafn|date|pvm|päivämäärä|datum|dato|time|aika|tid"
)
_TO_FILL += "|place|paikka|plats|sted|image|kuva|bild|bilde|mynd|text|teksti|tekst|texti|quote|sitaatti|citat"
_LATER_NAMES = r"\bTBD\b|\bTBC\b|\bFIXME\b|\bXXX+\b|"
_LATER_NAMES += rf"(?i:\blorem ipsum\b|\[(?:insert [^\[\]\n]{{1,60}}|{_TO_FILL})\](?!\())"
_UNFINISHED = pattern(rf"(?P<all>\bTODO\b(?!:))|\bTODO:|{_LATER_NAMES}")
"""What people leave for later; words in brackets as templates have them in our languages."""
