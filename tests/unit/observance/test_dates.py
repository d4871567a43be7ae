from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest

from campaigner.observance.dates import written_out

DAY = date(2026, 12, 18)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "18 December"),
        ("en-GB", "18 December"),
        ("en-US", "December 18"),
        ("fi", "18. joulukuuta"),
        ("sv", "18 december"),
        ("is", "18. desember"),
        ("fr", "18 décembre"),
        ("es", "18 de diciembre"),
        ("pt-BR", "18 de dezembro"),
        ("uk", "18 грудня"),
        ("ar", "18 ديسمبر"),
        ("no", "18. desember"),
        ("zh-Hans", "12月18日"),
    ],
)
def test_a_day_is_written_as_its_readers_write_it(language: str, expected: str) -> None:
    assert written_out(DAY, language) == expected


@pytest.mark.parametrize("language", ["xx", "x-y", "not a language", "", "smj", "arn"])
def test_a_language_without_month_names_gets_the_iso_date(language: str) -> None:
    assert written_out(DAY, language) == "2026-12-18"


def test_no_language_that_babel_knows_gives_a_placeholder_or_loose_accents() -> None:
    from babel.localedata import locale_identifiers

    for identifier in locale_identifiers():
        for month in (2, 12):
            text = written_out(date(2026, month, 18), identifier.replace("_", "-"))
            assert text == unicodedata.normalize("NFC", text), identifier
            assert not re.search(r"M\d", text), identifier
