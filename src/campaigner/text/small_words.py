"""The small words of languages: where they stand, a text says by itself what it is written in."""

from __future__ import annotations

from functools import cache

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


@cache
def small_words(language: str) -> frozenset[str]:
    """The small words of a language (its primary subtag); empty for one that has none here."""
    return frozenset(_SMALL_WORDS.get(language, "").split())
