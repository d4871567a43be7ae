"""Put a text together: words in braces, hashtags at the end, languages one after the other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from .graphemes import pattern

_JOINERS = "_\u200c\u200d·・"
MOST_FILLED = 500_000
"""Characters of a filled text: one word may stand in it thousands of times."""


class Word(NamedTuple):
    """A word in braces: `name` is "theme" for {theme}, "@iom" for {@iom}; the offsets take in the braces."""

    name: str
    start: int
    end: int


class BraceError(ValueError):
    """A brace that is stray or unclosed, or a word that cannot be filled; `position` counts code points from 0."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.message = message


def words_in(text: str) -> tuple[Word, ...]:
    """The words in braces, in order; raise BraceError at the first brace that makes no sense."""
    return tuple([piece for piece in _scan(text) if isinstance(piece, Word)])


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in, in one pass: a brace inside a value is just a brace. Raise BraceError for an unknown word."""
    pieces: list[str] = _WORDS.split(text)
    names = pieces[1::2]
    # Every brace belongs to a plain word: most texts are like that, and need no closer look.
    if text.count("{") == text.count("}") == len(names) and all(map(str.isidentifier, names)):
        pieces[1::2] = [_value(values, name, text) for name in names]
    else:
        pieces = [_value(values, piece.name, text) if isinstance(piece, Word) else piece for piece in _scan(text)]
    if sum(map(len, pieces)) > MOST_FILLED:
        raise BraceError(0, f"with its words filled in, the text has more than {MOST_FILLED:,} characters")
    return "".join(pieces)


def with_hashtags(text: str, tags: Sequence[str]) -> str:
    """The stripped text, then after a blank line those tags (given without #) that it does not hold as whole hashtags.

    Case and Unicode form are ignored; a tag that is given twice is added once.
    """
    text = text.strip()
    if "#" in text or "＃" in text:
        folded = _folded(text)
        tags = [tag for tag in tags if not _holds(folded, _folded(tag))]
    row = hashtag_row(tuple(tags))
    return f"{text}\n\n{row}" if text and row else text or row


@lru_cache(maxsize=64)
def hashtag_row(tags: tuple[str, ...]) -> str:
    """The tags (given without #) as one line, each once."""
    added: dict[str, str] = {}
    for tag in tags:
        added.setdefault(_folded(tag), f"#{tag}")
    return " ".join(added.values())


def join_languages(texts: Sequence[str]) -> str:
    """The stripped texts, a blank line between; empty ones are left out."""
    return "\n\n".join(stripped for text in texts if (stripped := text.strip()))


def _scan(text: str) -> Iterator[Word | str]:
    at = 0
    for match in _BRACES.finditer(text):
        yield text[at : match.start()]
        yield match[0][0] if match[0] in ("{{", "}}") else _word(match)
        at = match.end()
    yield text[at:]


def _word(match: re.Match[str]) -> Word:
    name, start = match["name"], match.start()
    if name is None and match[0] == "{":
        raise BraceError(start, 'this "{" is never closed: write {word}, or {{ for a brace')
    if name is None:
        raise BraceError(start, 'this "}" closes nothing: write }} for a brace')
    if not _NAME.fullmatch(name):
        raise BraceError(start, f"{match[0]} holds no word: {_advice(name)}")
    return Word(name=name, start=start, end=match.end())


def _advice(name: str) -> str:
    stripped = name.strip()
    if _NAME.fullmatch(stripped):
        return f"write {{{stripped}}}, without spaces"
    return "a word is made of letters, digits, _ and -; write {{ and }} for braces"


def _value(values: Mapping[str, str], name: str, text: str) -> str:
    try:
        return values[name]
    except KeyError:
        written = f"{{{name}}}"
        raise BraceError(text.find(written), f"{written} is no word that campaigner knows here") from None


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).replace("＃", "#")


def _holds(folded: str, tag: str) -> bool:
    """Whether the tag stands in the text as a whole hashtag, neither glued to a word nor in a URL."""
    at = -1
    while (at := folded.find(f"#{tag}", at + 1)) >= 0:
        before, after = folded[max(at - 1, 0) : at], folded[at + 1 + len(tag) :][:1]
        if not _continues(before) and before not in ("&", "/") and not _continues(after):
            return True
    return False


def _continues(character: str) -> bool:
    """Whether a hashtag goes on with this character; not for none."""
    return bool(character) and (character in _JOINERS or unicodedata.category(character)[0] in "LMN")


_WORDS = pattern(r"\{([^{}]*)\}")
# Any brace first: the engine then skips from one to the next.
_BRACES = pattern(r"[{}](?:(?<=\{)\{|(?<=\})\}|(?<=\{)(?P<name>[^{}]*)\})?")
_NAME = pattern(r"@?\w[\w-]*")
