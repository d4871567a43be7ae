"""A day written out in a language, as its readers write it."""

from __future__ import annotations

import re
from datetime import date


def written_out(day: date, language: str) -> str:
    """Day and month in words, by the CLDR data of Babel; the ISO date for a language that it does not know."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_skeleton

    # Plain "en" is American in CLDR; the UN writes the day first.
    wanted = "en-GB" if language == "en" else language
    try:
        locale = Locale.parse(wanted, sep="-")
    except (UnknownLocaleError, ValueError):
        return day.isoformat()
    # CLDR knows some languages by name only and calls the month "M12".
    if re.fullmatch(r"M\d+", locale.months["format"]["wide"][day.month]):
        return day.isoformat()
    return str(format_skeleton("MMMMd", day, locale=locale))
