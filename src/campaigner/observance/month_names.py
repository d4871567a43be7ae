"""The months of three calendars by name, in the spellings that officers use."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from ..errors import nearest

CIVIL = (
    ("January",), ("February",), ("March",), ("April",), ("May",), ("June",),
    ("July",), ("August",), ("September",), ("October",), ("November",), ("December",),
)  # fmt: skip

ISLAMIC = (
    ("Muharram",), ("Safar",), ("Rabi al-Awwal",), ("Rabi al-Thani", "Rabi al-Akhir"),
    ("Jumada al-Ula", "Jumada al-Awwal"), ("Jumada al-Akhira", "Jumada al-Thani"), ("Rajab",), ("Shaban", "Sha'aban"),
    ("Ramadan", "Ramadhan"), ("Shawwal",), ("Dhu al-Qidah", "Dhul Qadah"), ("Dhu al-Hijjah", "Dhul Hijjah"),
)  # fmt: skip

HEBREW = (
    ("Nisan",), ("Iyar", "Iyyar"), ("Sivan",), ("Tammuz",), ("Av",), ("Elul",), ("Tishri", "Tishrei"),
    ("Heshvan", "Cheshvan"), ("Kislev",), ("Tevet",), ("Shevat", "Shvat"), ("Adar",), ("Adar II",),
)  # fmt: skip
"""From Nisan; Adar is the one of Purim, Adar II in a leap year."""

Months = tuple[tuple[str, ...], ...]


def month_number(name: str, months: Months) -> int | None:
    """The month's number in its calendar, None when the name is no month there."""
    return _by_spelling(months).get(_folded(name))


def nearest_month(name: str, *calendars: Months) -> str | None:
    """The month that a mistyped or shortened name most likely means."""
    spellings = {_folded(spelling): names[0] for months in calendars for names in months for spelling in names}
    folded = _folded(name)
    near = nearest(folded, spellings)
    begun = [spelling for spelling in spellings if len(folded) > 2 and spelling.startswith(folded)]
    found = near or next(iter(begun), None)
    return spellings[found] if found else None


def _by_spelling(months: Months) -> Mapping[str, int]:
    return {_folded(name): number for number, names in enumerate(months, 1) for name in names}


def _folded(name: str) -> str:
    """Letters alone, so that Sha'ban, Shaʿbān and shaban are one."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha())
