"""Which of a campaign's languages a text is written in: a text under the wrong key goes out to the wrong people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from functools import cache
from importlib.util import find_spec
from typing import Any

from .number_formats import without_entities

_ALIKE = (frozenset({"da", "nb", "nn", "no"}), frozenset({"bs", "cnr", "hr", "sh", "sr"}), frozenset({"id", "ms"}))
_FEWEST_LETTERS = 12
"""In words that are no names."""
_FEWEST_WORDS = 3
"""Different small words of another language, and none of its own: that is no coincidence."""
_SURE = 0.98
"""Of 1: below it, names of places are taken for a language."""

_SMALL_WORDS = {
    "ar": "في من على إلى عن أن التي الذي هذا هذه مع كل لا ما هو هي كان بين أو قد حول أجل نحن",
    "da": "og at det er en af til på som med de for den ikke har vi fra alle vores bliver også eller efter mere kan",
    "de": "und der die das ist nicht mit von zu den des für auf ein eine im sich wir sie auch als dem haben werden heute alle",
    "en": "the and of to in is for that with on are we our by from this their have it you who be an at as was they us all not",
    "es": "el la los las de y que en un una por con para del se es son su sus al lo más nos hoy este esta todos como",
    "et": "ja on ei et see oma kes mis kui ka aga või meie nende need selle koos kõik rohkem täna olla ning nad me",
    "fa": "در از به که با این را است برای آن های بر هر ما خود تا یک شود می‌شود همه",
    "fi": "ja on ei että se joka jotka ovat me he hän oli kun myös sekä tai mutta kuin niin tämä tänään kanssa meidän heidän ole",
    "fr": "le la les de des du et en un une que qui dans pour par sur avec est sont au aux nous ce cette ces leur plus pas tous",
    "is": "og að er á í um sem við það með fyrir ekki til af eru þau þeir þetta dag allir okkar hafa ef eða var",
    "it": "il la i gli le di e che in un una per con del della dei delle si è sono non al alla anche oggi questo più ci come",
    "nb": "og i det er en av til på som med de for den ikke har vi fra alle våre blir også eller etter mer kan å",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om ook als door wij we ons onze naar bij vandaag",
    "pl": "i w na z się nie jest to że do dla o od jak są ich przez oraz co który które dziś my nas po wszyscy",
    "pt": "o a os as de e que em um uma por com para do da dos das se é são não ao mais nos hoje este esta todos como",
    "ru": "и в на с что не по для это как из от мы их к за он они все о которые который сегодня быть или",
    "so": "iyo waa ka ku in uu oo ah la ay waxaa ayaa soo waxay aan kale",
    "sv": "och i att det är en av till på som med de för den inte har vi från alla våra blir också eller efter mer kan om",
    "uk": "і в на з що не до для це як та від ми їх за він вони все про які який сьогодні бути або людей є у",
}
"""A few of the most frequent words of each, none with a capital. What is the same in two languages counts for neither."""


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
    """The small words of a language (its primary subtag); empty for one that has none here."""
    return frozenset(_SMALL_WORDS.get(language, "").split())
