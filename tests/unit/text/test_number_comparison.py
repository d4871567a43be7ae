"""Numbers, dates and times that are written differently in each language, and those that are different."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigner.text.number_comparison import differing, numbers_in, plainly_agree

from .strategies import patient, texts


def _pair(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str] | None:
    """The texts of the two numbers that differ; the quick look may not contradict."""
    languages, words = (first[0], second[0]), (first[1], second[1])
    found = differing(numbers_in(words[0], languages[0]), numbers_in(words[1], languages[1]))
    assert not (found and plainly_agree(words[0], words[1], languages))
    return found and (found[0].text, found[1].text)


SAME = [
    ("Over 1,000 people", "fi", "Yli 1 000 ihmistä"),
    ("Over 1,000 people", "fi", "Yli 1\u00a0000 ihmistä"),
    ("Over 1,000 people", "sv", "Över 1\u202f000 människor"),
    ("Over 1,000 people", "de", "Über 1.000 Menschen"),
    ("Over 10,000 people", "de", "Über 10'000 Menschen"),
    ("Over 1,000 people", "ar", "أكثر من ١٠٠٠ شخص"),
    ("Over 1,000 people", "ar", "أكثر من ١٬٠٠٠ شخص"),
    ("100,000 people", "hi", "१,००,००० लोग"),
    ("1,234,567.8 tonnes", "de", "1.234.567,8 Tonnen"),
    ("1,234,567 tonnes", "de", "1.234.567 Tonnen"),
    ("281 million people", "fi", "281 miljoonaa ihmistä"),
    ("281 million people", "zh", "2.81亿人"),
    ("1.2 billion people", "es", "1200 millones de personas"),
    ("1.3 million", "sv", "1,3 miljoner"),
    ("3.5 % of all", "fi", "3,5 % kaikista"),
    ("It costs 3.50", "fi", "Se maksaa 3,50"),
    ("Then it rose by 2.5. Then 40 came", "fi", "Sitten kasvua oli 2,5. Sitten tuli 40"),
    # Dates.
    ("18 December", "fi", "18.12."),
    ("18 December 2026", "fi", "18.12.2026"),
    ("December 18, 2026", "fi", "18. joulukuuta 2026"),
    ("December 18 and 19", "fi", "18. ja 19. joulukuuta"),
    ("18–20 December 2026", "fi", "18.–20. joulukuuta 2026"),
    ("on 18/12/2026", "fi", "18.12.2026"),
    ("on 12/18/2026", "fi", "18.12.2026"),
    ("2026-12-18", "fi", "18.12.2026"),
    ("18 December 2026", "zh", "2026年12月18日"),
    ("18 December", "ru", "18 декабря"),
    ("18 December", "es", "18 de diciembre"),
    ("18 December", "ar", "١٨ ديسمبر"),
    ("18 Dec", "fi", "18. joulukuuta"),
    ("1st of May", "fi", "1.5."),
    ("on 99/99", "fi", "99"),
    ("since 2026", "th", "ตั้งแต่ 2569"),
    # Times.
    ("at 10 a.m.", "fi", "klo 10"),
    ("at 5:30 pm", "fi", "klo 17.30"),
    ("at 5:30 pm", "sv", "kl. 17.30"),
    ("at 5:30 pm", "fr", "à 17h30"),
    ("at 17:30", "fi", "17.30"),
    ("10 a.m.", "fr", "à 10 h"),
    ("10 a.m.", "de", "um 10 Uhr"),
    ("12 p.m.", "fi", "klo 12"),
    ("5–7 p.m.", "fi", "klo 17–19"),
    ("10 a.m. UTC", "fi", "klo 12"),
    ("24 hours", "fr", "24 heures"),
    ("at 16 schools", "fi", "16 koulussa"),
    ("10:99 and 30 more", "fi", "10 ja 30"),
    # What one language writes in words, or counts otherwise.
    ("COVID-19 since 2020", "fi", "korona vuodesta 2020"),
    ("SDG16 and G20", "fi", "tavoite 16"),
    ("in the 21st century", "fi", "2000-luvulla"),
    ("in the 1990s", "fi", "1990-luvulla"),
    ("24/7 help for 30", "fi", "apua ympäri vuorokauden 30:lle"),
    ("175 states, over 100 countries", "fi", "175 valtiota, yli sadassa maassa"),
    ("3 ways in 16 days", "fi", "kolme tapaa 16 päivässä"),
    ("281 people", "fi", "monta ihmistä"),
    ("no number", "fi", "ei lukua 15"),
    ("#Day2026 @un2026 https://un.org/2026 {year2026} and 15", "fi", "15"),
]


@pytest.mark.parametrize(("english", "language", "other"), SAME)
def test_one_number_in_two_ways_of_writing_is_no_difference(english: str, language: str, other: str) -> None:
    assert _pair(("en", english), (language, other)) is None
    assert _pair((language, other), ("en", english)) is None


@pytest.mark.parametrize(
    ("english", "language", "other", "pair"),
    [
        ("281 million", "fi", "218 miljoonaa", ("281", "218")),
        ("175 states", "fi", "157 valtiota", ("175", "157")),
        ("175 states", "ar", "١٧٦ دولة", ("175", "176")),
        ("10,000 people", "fi", "100 000 ihmistä", ("10,000", "100 000")),
        ("1.5 °C", "fi", "1,6 astetta", ("1.5", "1,6")),
        ("3.5 %", "fi", "5,3 %", ("3.5", "5,3")),
        ("in 2026", "fi", "vuonna 2025", ("2026", "2025")),
        ("18 December", "fi", "19.12.", ("18 December", "19.12.")),
        ("8 December", "fi", "9. joulukuuta", ("8 December", "9. joulukuuta")),
        ("18 December", "fi", "18. marraskuuta", ("18 December", "18. marraskuuta")),
        ("18 December 2026", "zh", "2026年12月19日", ("18 December", "2026年12月19日")),
        ("18 December 2026", "fi", "18.12.2025", ("2026", "2025")),
        ("at 10 a.m.", "fi", "klo 11", ("at 10", "klo 11")),
        ("from 10 a.m.", "fi", "klo 11", ("10 a.m.", "klo 11")),
        ("5:30 pm", "fi", "klo 18.30", ("5:30 pm", "klo 18.30")),
        ("Doors 17:30", "fi", "Ovet 17.45", ("17:30", "17.45")),
    ],
)
def test_numbers_that_differ_are_found(english: str, language: str, other: str, pair: tuple[str, str]) -> None:
    assert _pair(("en", english), (language, other)) == pair
    assert _pair((language, other), ("en", english)) == pair[::-1]


def test_the_quick_look_lets_dates_be_looked_at_closely() -> None:
    assert plainly_agree("In 1951", "Vuonna 1951", ("en", "fi"))
    assert plainly_agree("1,951 of 18", "1 951/18", ("en", "fi"))
    assert not plainly_agree("18 December", "18. marraskuuta", ("en", "fi"))
    assert not plainly_agree("18", "19", ("en", "fi"))


@patient
@given(texts, st.sampled_from(["en", "fi", "zh", "ar", "th", "tlh"]))
def test_every_text_agrees_with_itself(text: str, language: str) -> None:
    numbers = numbers_in(text, language)
    assert differing(numbers, numbers) is None


@settings(deadline=None)
@given(st.integers(13, 10**9))
def test_grouping_never_makes_another_number(number: int) -> None:
    written = [f"{number:,}".replace(",", mark) for mark in (",", " ", ".", "’", "\u00a0", "\u202f", "")]
    for one in written:
        assert _pair(("en", f"{number} x"), ("fi", f"{one} x")) is None


@pytest.mark.parametrize(
    "piece", ["1,", "1 ", "12.", "1:", "18 December ", "1h", "a1", "1/1/", "١", "1,000", "klo 1", "1-"]
)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    numbers = numbers_in(piece * 4_000, "en")
    differing(numbers, numbers_in("7" + piece * 4_000, "fi"))
