from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from babel import Locale
from babel.dates import format_skeleton
from babel.localedata import locale_identifiers

from campaigner.observance.date_format import written_out

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


def test_every_month_of_every_language_is_what_babel_writes() -> None:
    compared = 0
    for identifier in [*locale_identifiers(), "no", "iw", "zh_TW", "zh_HK", "sr_ME", "pa_PK", "uz_AF"]:
        language = identifier.replace("_", "-")
        locale = Locale.parse("en_GB" if identifier == "en" else identifier)
        if re.fullmatch(r"M\d+", locale.months["format"]["wide"][12]) or identifier in {"root", "en_US_POSIX"}:
            continue
        for month in range(1, 13):
            for number in (1, 9, 28):
                day = date(2026, month, number)
                expected = str(format_skeleton("MMMMd", day, locale=locale))
                assert written_out(day, language) == expected, language
                assert expected == unicodedata.normalize("NFC", expected), language
        compared += 1
    assert compared > 900
