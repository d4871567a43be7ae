"""The campaign's own words: they tell where the words of a hashtag begin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from .graphemes import pattern

_MOST_WORDS = 6


class Vocabulary:
    """Texts of a campaign, read once and only when a hashtag asks.

    All letters stand in one string, so that most hashtags are answered by a single search of it.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = texts
        self._words: list[str] = []
        self._starts: list[int] = []
        self._letters: str | None = None
        self._known: dict[str, tuple[str, ...]] = {}

    def words_of(self, tag: str) -> Sequence[str]:
        """The words in a row, as they are written, whose letters are those of the tag; one word, or none.

        Up to six words; several go before one.
        """
        folded = tag.casefold()
        if folded not in self._known:
            self._known[folded] = self._find(folded)
        return self._known[folded]

    def _find(self, folded: str) -> tuple[str, ...]:
        letters = self._read()
        alone: tuple[str, ...] = ()
        at = letters.find(folded)
        while at >= 0:
            found = self._between(at, at + len(folded))
            if len(found) > 1:
                return found
            alone = alone or found
            at = letters.find(folded, at + 1)
        return alone

    def _between(self, start: int, end: int) -> tuple[str, ...]:
        """The words from `start` to `end`, when words begin and end there."""
        first = bisect_right(self._starts, start) - 1
        after = bisect_right(self._starts, end - 1)
        if self._starts[first] != start or after - first > _MOST_WORDS:
            return ()
        last = self._words[after - 1]
        return tuple(self._words[first:after]) if self._starts[after - 1] + len(last.casefold()) == end else ()

    def _read(self) -> str:
        if self._letters is None:
            pieces, at = [], 0
            for text in self._texts:
                for word in _WORDS.findall(_NO_WORDS.sub("\n", text)):
                    folded = word.casefold()
                    self._words.append(word)
                    self._starts.append(at)
                    pieces.append(folded)
                    at += len(folded)
                # No hashtag begins in one text and ends in the next.
                pieces.append("\n")
                at += 1
            self._letters, self._texts = "".join(pieces), ()
        return self._letters


_WORDS = pattern(r"[^\W\d_]+")
_NO_WORDS = pattern(r"[#＃@]\w+|https?://\S+|\{[^{}]*\}")
"""Hashtags, mentions, links and words in braces: how they are written says nothing."""
