"""The names and codes of languages are those of CLDR, by way of Babel."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path

from babel import Locale, UnknownLocaleError, core

import campaigner.campaign
from campaigner.errors import folded

FILE = Path(campaigner.campaign.__file__).with_name("languages.jsonl")
NAMED_IN = ("en", "fi", "sv", "nb", "da")
KINDS_OF = frozenset(
    [
        "aka",
        "arb",
        "ayr",
        "azj",
        "cmn",
        "cwd",
        "ekk",
        "esk",
        "fat",
        "fuc",
        "gaz",
        "gug",
        "ike",
        "khk",
        "kmr",
        "knc",
        "kng",
        "kpv",
        "lvs",
        "npi",
        "ojg",
        "ory",
        "pbu",
        "pes",
        "plt",
        "quz",
        "spy",
        "src",
        "swh",
        "twi",
        "uzn",
        "ydd",
        "zsm",
        "zyb",
        "als",
        "drh",
        "cls",
        "prp",
        "adp",
        "mol",
    ]
)
"""Codes of one kind of a language that has a shorter code: a tag of its own, not another way to write that one."""


def _rows() -> list[list[object]]:
    english = Locale("en").languages
    core.get_global("language_aliases")
    aliases, likely = core._global_data["language_aliases"], core._global_data["likely_subtags"]  # type: ignore[attr-defined]
    countries = {key[4:]: tag.split("_")[0] for key, tag in likely.items() if re.fullmatch("und_[A-Z]{2}", key)}
    countries |= {"GB": "en", "UK": "en", "US": "en", "CA": "en", "AU": "en", "NZ": "en", "IE": "en"}
    rows: list[list[object]] = []
    for code in sorted(code for code in english if "_" not in code and code != "und"):
        names = {Locale(language).languages.get(code) for language in NAMED_IN} | {_own_name(code)}
        plain = {folded(unicodedata.normalize("NFC", name)) for name in names if name}
        longer = [alias for alias, short in aliases.items() if short == code and alias not in english]
        spoken_in = [country.lower() for country, language in countries.items() if language == code]
        kept = sorted(alias for alias in longer if len(code) == 2 and alias not in KINDS_OF)
        rows.append([code, english[code], sorted(plain), kept, sorted(spoken_in)])
    return rows


def _own_name(code: str) -> str | None:
    try:
        return str(Locale.parse(code).languages.get(code) or "")
    except (UnknownLocaleError, ValueError):
        return None


def test_the_file_has_what_babel_has() -> None:
    written = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in _rows())
    if os.environ.get("CAMPAIGNER_WRITE_EXPECTED"):
        FILE.write_text(written, "utf-8")
    assert FILE.read_text("utf-8") == written
