"""A day written out in a language, as its readers write it."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path


@cache
def written_out(day: date, language: str) -> str:
    """Day and month in words; the ISO date for a language whose months are not known.

    The words are CLDR's (release 47, by way of Babel 2.18, which the tests compare with), written down as one line a
    language: Babel itself takes longer to begin than all the rest of a short command. Plain "en" is British here, for
    the UN writes the day first.
    """
    words = _words(language)
    return words[day.month - 1].format(d=day.day) if words else day.isoformat()


def _words(language: str) -> list[str] | None:
    """The twelve months, `{d}` being the day, of the language or of the nearest one that it is a kind of."""
    parts = language.replace("_", "-").split("-")
    for size in range(len(parts), 0, -1):
        sign = f'["{_canonical(parts[:size])}",'
        at = _lines().find("\n" + sign)
        if parts[0] and at >= 0:
            found: list[str] = json.loads(_lines()[at + 1 : _lines().index("\n", at + 1)])[1]
            return found
    return None


def _canonical(parts: list[str]) -> str:
    """BCP 47 case: `pt-BR`, `sr-Latn`."""
    rest = [part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part for part in parts[1:]]
    return "-".join([parts[0].lower(), *rest])


@cache
def _lines() -> str:
    return "\n" + Path(__file__).with_name("written_dates.jsonl").read_text("utf-8")
