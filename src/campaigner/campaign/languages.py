"""The languages of the world, by code, by name in five languages and their own, and by the countries that speak them.

The data are CLDR's (release 47, by way of Babel 2.18, which the tests compare with): one language a line, with its code,
English name, other names without accents, longer codes of older standards, and countries.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..errors import folded, nearest

LONGEST_NAME = 60


class Language(NamedTuple):
    """One language; the codes and names are small letters."""

    code: str
    name: str
    names: list[str]
    longer_codes: list[str]
    countries: list[str]


def is_language(tag: str) -> bool:
    """False for a tag whose first part is no code, and for one in another standard than the tag's: `swe`.

    Of the thousands of codes of three letters not all are known here: any may stand.
    """
    code = tag.lower().partition("-")[0]
    return f'\n["{code}",' in _lines() or (len(code) == 3 and f'"{code}"' not in _longer_codes())


def canonical(tag: str) -> str:
    """The tag in the case that BCP 47 recommends: `pt-BR`, `zh-Hant`."""
    parts = tag.lower().split("-")
    result = parts[:1]
    for part in parts[1:]:
        if len(result[-1]) == 1 or "x" in result:
            result.append(part)
        elif len(part) == 4 and part.isalpha():
            result.append(part.title())
        else:
            result.append(part.upper() if len(part) == 2 and part.isalpha() else part)
    return "-".join(result)


def language_meant(text: str) -> str | None:
    """The tag, or the list of them, that was meant by a name, a code of another standard, or that of a country."""
    if len(text) > LONGEST_NAME:
        return None
    if found := _of(text):
        return found
    parts = [part for part in re.split(r"[\s,;/&+|()]+", text) if part.casefold() not in ("and", "ja", "och", "og", "")]
    tags = [part.lower() if is_language(part) else (_of(part) or "").partition(" ")[0] for part in parts]
    return f"[{', '.join(tags)}], a list in brackets" if len(tags) > 1 and all(tags) else None


def is_country_of(code: str, tag: str) -> bool:
    """True where a code is that of a country that speaks this language, and of no other country's language, as `sv` is."""
    if any(one.code == code and one.countries for one in _languages()):
        return False
    return any(one.code == tag.partition("-")[0] and code in one.countries for one in _languages())


def language_name(tag: str) -> str:
    """The English name of a language; the tag itself where none is known."""
    return next((one.name for one in _languages() if one.code == tag.partition("-")[0]), tag)


def _of(text: str) -> str | None:
    """The tag for one name or code, with its name."""
    first, *rest = re.split("[-_]", folded(text.strip()).partition(".")[0])
    whole = folded(text.strip())
    for one in _languages():
        if first == one.code or first in one.longer_codes or whole in one.names:
            return _shown(one, rest)
    if found := next((one for one in _languages() if first in one.countries), None):
        return _shown(found, rest)
    names = {name: one for one in _languages() for name in one.names if name[:1] == whole[:1]}
    near = nearest(whole, names, 0.85) if len(whole) > 4 else None
    return _shown(names[near], []) if near else None


def _shown(language: Language, rest: list[str]) -> str:
    tag = canonical("-".join([language.code, *(part for part in rest if len(part) in (2, 4))]))
    return f"{tag} ({language.name})"


@cache
def _lines() -> str:
    return "\n" + Path(__file__).with_name("languages.jsonl").read_text("utf-8")


@cache
def _languages() -> tuple[Language, ...]:
    return tuple(Language(*json.loads(line)) for line in _lines().splitlines()[1:])


@cache
def _longer_codes() -> str:
    return json.dumps([code for one in _languages() for code in one.longer_codes])
