"""How wide a text is in a terminal, and that nothing in it can steer the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.errors import spelled
from campaigner.preview.styled_text import columns


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("Hello", 5),
        ("pa\u0308iva\u0308", 5),
        ("päivä", 5),
        ("難民の日", 8),
        ("ｆｕｌｌ", 8),
        ("한국", 4),
        ("\u1112\u1161\u11ab", 2),
        ("سلام", 4),
        ("हिन्दी", 5),
        ("🕊", 1),
        ("🕊\ufe0f", 2),
        ("😀", 2),
        ("👩🏽‍💻", 2),
        ("👍🏽", 2),
        ("🇫🇮", 2),
        ("1\ufe0f\u20e3", 2),
        ("❤\ufe0f", 2),
        ("©\ufe0f", 1),
        ("\u200b", 8),
        ("\x1b", 8),
        ("a\tb", 10),
        ("\u202e", 8),
        ("\x1b🏽🏽", 12),
        ("\u200d🏽", 10),
    ],
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "<U+001B>[31mred<U+0007>"),
        ("a\u202eb\u2066c", "a<U+202E>b<U+2066>c"),
        ("a\u2028b\x85", "a<U+2028>b<U+0085>"),
        ("\ud800", "<U+D800>"),
        ("päivä 難民 👩🏽‍💻 می‌خواهم", "päivä 難民 👩🏽‍💻 می‌خواهم"),
    ],
)
def test_controls_are_spelled_and_letters_are_not(text: str, shown: str) -> None:
    assert spelled(text) == shown


@given(st.text())
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = spelled(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert spelled(shown) == shown


@given(st.text())
def test_a_text_is_as_wide_as_what_is_shown_of_it_at_most(text: str) -> None:
    assert 0 <= columns(text) <= 8 * len(text)
