"""Which of a campaign's languages a text is written in: a text under the wrong key goes out to the wrong people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from functools import cache
from importlib.util import find_spec
from typing import Any

from .graphemes import words_of
from .number_formats import without_entities

_ALIKE = (frozenset({"da", "nb", "nn", "no"}), frozenset({"bs", "cnr", "hr", "sh", "sr"}), frozenset({"id", "ms"}))
_FEWEST_LETTERS = 12
"""In words that are no names."""
_FEWEST_WORDS = 3
"""Different small words of another language, and none of its own: that is no coincidence."""
_SURE = 0.98
"""Of 1: below it, names of places are taken for a language."""


def other_language(text: str, language: str, languages: Sequence[str]) -> str | None:
    """The one of `languages` that a text under `language` is written in instead; None when it is right, or nobody knows.

    A small word of its own language settles it. Without any, py3langid is asked where it is installed (the extra `lang`;
    it takes half a second and 120 MB once, so it is not asked for nothing), else the small words of the others are counted.
    """
    own, others = _own_and_others(language, tuple(languages))
    if not others or not own.isdisjoint(text.split()):
        return None
    plain = without_entities(text)
    if sum(len(word) for word in plain.split() if not word[0].isupper()) < _FEWEST_LETTERS:
        return None
    words = set(re.findall(r"\w+", plain.casefold()))
    if not own.isdisjoint(words):
        return None
    return _by_model(plain, language, others) if _is_known((language, *others)) else _by_words(words, language, others)


def _by_words(words: set[str], language: str, others: Sequence[str]) -> str | None:
    if not _small_words(_primary(language)):
        return None
    counts = {other: len(words & _own_words(_primary(other), frozenset({_primary(language)}))) for other in others}
    best = max(counts, key=lambda other: counts[other])
    return best if counts[best] >= _FEWEST_WORDS else None


def _by_model(plain: str, language: str, others: Sequence[str]) -> str | None:
    known = {_label(each): each for each in (*others, language)}
    found, probability = _model_of(tuple(sorted(known))).classify(plain)
    return known[found] if known[found] != language and probability >= _SURE else None


def _is_known(languages: Sequence[str]) -> bool:
    """True when there is a model, and it knows all of these."""
    return find_spec("py3langid") is not None and set(map(_label, languages)) <= set(_model().labels)


@cache
def _model_of(labels: tuple[str, ...]) -> Any:
    """The model, to choose between some languages only: it errs far less often then."""
    model = copy(_model())
    model.set_languages(labels)
    return model


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    untyped: Any = LanguageIdentifier
    return untyped.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _own_and_others(language: str, languages: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The small words that tell a language from those that it could be mistaken for, and these."""
    others = tuple(other for other in languages if not serves_for(other, language))
    return _own_words(_primary(language), frozenset(map(_primary, others))), others


@cache
def _own_words(primary: str, others: frozenset[str]) -> frozenset[str]:
    return _small_words(primary).difference(*map(_small_words, others))


def serves_for(one: str, another: str) -> bool:
    """True when a text in one language can stand for one in another: they are one language, or close."""
    pair = {_primary(one), _primary(another)}
    return len(pair) == 1 or any(pair <= group for group in _ALIKE)


def _primary(language: str) -> str:
    return language.split("-", maxsplit=1)[0]


def _label(language: str) -> str:
    """What the model calls a language: Norwegian in Bokmål is simply Norwegian."""
    primary = _primary(language)
    return "no" if primary == "nb" else primary


@cache
def _small_words(language: str) -> frozenset[str]:
    """A few of the most frequent words of a language (its primary subtag), none with a capital; empty for many a language.

    What is the same in two languages counts for neither.
    """
    return frozenset(words_of("small_words").get(language, "").split())
