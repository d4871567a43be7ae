from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.observance.catalogue import Catalogue
from campaigner.observance.observance import ObservanceError, resolve

CATALOGUE = Catalogue.load()


def days(value: Any, year: int = 2026) -> list[str]:
    return [str(found.on) for found in resolve(value, CATALOGUE).rule.occurrences(year)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("international-migrants-day", ["2026-12-18"]),
        ("  international-migrants-day ", ["2026-12-18"]),
        ("18 December", ["2026-12-18"]),
        ("18. december", ["2026-12-18"]),
        ("December 18", ["2026-12-18"]),
        ("12-18", ["2026-12-18"]),
        ("2026-12-18", ["2026-12-18"]),
        ("2027-12-18", []),
        ("29 February", []),
        ("first Monday of October", ["2026-10-05"]),
        ("Last thursday in September", ["2026-09-24"]),
        ("fourth Thursday of April", ["2026-04-23"]),
        ("fifth Monday of February", []),
        ("Easter", ["2026-04-05"]),
        ("easter - 2 days", ["2026-04-03"]),
        ("Easter \u2212 2 days", ["2026-04-03"]),
        ("Easter +1 day", ["2026-04-06"]),
        ("Easter + 49 days", ["2026-05-24"]),
        ("Orthodox Easter", ["2026-04-12"]),
        ("Orthodox Easter + 49 days", ["2026-05-31"]),
        ("1 Ramadan", ["2026-02-18"]),
        ("1 Ramadhān", ["2026-02-18"]),
        ("1 Shawwal", ["2026-03-20"]),
        ("10 Dhu al-Hijjah", ["2026-05-27"]),
        ("15 Sha'ban", ["2026-02-03"]),
        ("1 Tishri", ["2026-09-12"]),
        ("1 Tishrei", ["2026-09-12"]),
        ("14 Adar", ["2026-03-03"]),
        ("14 Adar II", []),
        ({"type": "week_containing", "month": "11", "day": "11", "week_start": "mon"}, ["2026-11-09"]),
    ],
)
def test_every_form_names_its_day(written: Any, expected: list[str]) -> None:
    assert days(written) == expected


def test_a_day_of_the_catalogue_brings_its_names_and_a_rule_has_none() -> None:
    known = resolve("international-migrants-day", CATALOGUE)
    assert known.names["fi"] == "Kansainvälinen siirtolaisten päivä"
    assert known.entry is not None
    written = resolve("18 December", CATALOGUE)
    assert (dict(written.names), written.entry) == ({}, None)


def test_forms_need_no_catalogue() -> None:
    assert resolve("18 December", None).rule.occurrences(2026)
    with pytest.raises(ObservanceError, match="there is no observance 'international-migrants-day'"):
        resolve("international-migrants-day", None)


FORMS = "Write an id of the catalogue, 18 December, first Monday of October, Easter - 2 days, 1 Ramadan, or a rule."


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        (
            "international-migrant-day",
            "there is no observance 'international-migrant-day'",
            "Did you mean international-migrants-day?",
        ),
        ("Good Friday", "there is no observance 'Good Friday'", "Did you mean good-friday?"),
        ("qqqq", "there is no observance 'qqqq'", FORMS),
        ("", "there is no observance ''", FORMS),
        ("18 Decembre", "there is no month Decembre", "Did you mean December?"),
        ("Decembre 18", "there is no month Decembre", "Did you mean December?"),
        ("18 Dec", "18 Dec is not how a day is written", "Write 18 December."),
        ("1 Ramadam", "there is no month Ramadam", "Did you mean Ramadan?"),
        ("1 Tishry", "there is no month Tishry", "Did you mean Tishri?"),
        ("1 qqqq", "there is no month qqqq", FORMS),
        ("31 June", "June has no day 31", "Write a day from 1 to 30."),
        ("June 31", "June has no day 31", "Write a day from 1 to 30."),
        ("30 February", "February has no day 30", "Write a day from 1 to 29."),
        ("0 June", "June has no day 0", "Write a day from 1 to 30."),
        ("06-31", "June has no day 31", "Write a day from 1 to 30."),
        ("18-12", "there is no month 18", "Month first: did you mean 12-18?"),
        (
            "13-13",
            "`month` is 13, a number from 1 to 12 was wanted",
            "docs/reference/observances.md lists the rules and their keys",
        ),
        ("2026-06-31", "there is no day 2026-06-31", "Write year-month-day, as 2026-12-18."),
        ("18.12.", "18.12. is not how a day is written", "Write 18 December."),
        (
            "18.12.2026",
            "18.12.2026 is not how a day is written",
            "Write 18 December for every year, or 2026-12-18 for that one year.",
        ),
        ("18/12", "18/12 is not how a day is written", "Write 18 December."),
        (
            "12/18/2026",
            "12/18/2026 is not how a day is written",
            "Write 18 December for every year, or 2026-12-18 for that one year.",
        ),
        ("4/3", "4/3 can be read in two ways", "Write 4 March or 3 April."),
        (
            "18 December 2026",
            "18 December 2026 is not how a day is written",
            "Write 18 December for every year, or 2026-12-18 for that one year.",
        ),
        (
            "December 18, 2026",
            "December 18, 2026 is not how a day is written",
            "Write 18 December for every year, or 2026-12-18 for that one year.",
        ),
        ("18. joulukuuta", "18. joulukuuta is not how a day is written", "Write 18 December."),
        ("joulukuun 18.", "joulukuun 18. is not how a day is written", "Write 18 December."),
        (
            "fredag den 18 december 2026",
            "fredag den 18 december 2026 is not how a day is written",
            "Write 18 December for every year, or 2026-12-18 for that one year.",
        ),
        ("17. mai", "17. mai is not how a day is written", "Write 17 May."),
        ("6. juni", "6. juni is not how a day is written", "Write 6 June."),
        ("Dec 18th", "Dec 18th is not how a day is written", "Write 18 December."),
        (
            "2026/12/18",
            "2026/12/18 is not how a day is written",
            "Write 18 December for every year, or 2026-12-18 for that one year.",
        ),
        ("frist Monday of October", "there is no ordinal frist", "Did you mean first?"),
        ("first Mondya of October", "there is no weekday Mondya", "Did you mean Monday?"),
        ("first qqqq of October", "there is no weekday qqqq", FORMS),
        ("first Monday of Octobre", "there is no month Octobre", "Did you mean October?"),
        (
            "Easter - 400 days",
            "`offset` is -400, a number from -366 to 366 was wanted",
            "docs/reference/observances.md lists the rules and their keys",
        ),
        (
            "31 Ramadan",
            "`day` is 31, a number from 1 to 30 was wanted",
            "docs/reference/observances.md lists the rules and their keys",
        ),
    ],
)
def test_what_names_no_day_is_refused_with_what_to_write(written: str, message: str, hint: str) -> None:
    with pytest.raises(ObservanceError) as raised:
        resolve(written, CATALOGUE)
    assert (str(raised.value), raised.value.hint) == (message, hint)


def test_a_mapping_that_is_no_rule_is_refused() -> None:
    with pytest.raises(ObservanceError, match="the rule fixed lacks `day`"):
        resolve({"type": "fixed", "month": "5"}, CATALOGUE)


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_a_refusal_with_a_hint(written: str) -> None:
    assert _hint_of(written) != ""


def _hint_of(written: str) -> str | None:
    """None when the text names a day."""
    try:
        resolve(written, CATALOGUE).rule.occurrences(2026)
    except ObservanceError as error:
        return error.hint
    return None
