"""Texts in rows: nothing lost, links whole, letters never cut in two."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.errors import spelled
from campaigner.preview.styled_text import columns
from campaigner.preview.text_wrap import text_lines
from campaigner.text.graphemes import graphemes
from campaigner.text.measure import entities

from .building import plain


def rows(text: str, width: int, after: str = " ") -> list[str]:
    return plain(text_lines(text, entities(text, "x"), width, after=after))


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("one two three", 13, ["one two three"]),
        ("one\n\ntwo", 10, ["one", "", "two"]),
        ("  two spaces", 12, ["  two spaces"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("難民の日です", 4, ["難民", "の日", "です"]),
        ("難民、日", 4, ["難", "民、", "日"]),
        ("日「難」", 4, ["日", "「難", "」"]),
        ("abc 難民", 6, ["abc 難", "民"]),
        ("see https://iom.int/long/path now", 10, ["see", "https://iom.int/long/path", "now"]),
        ("#Siirtolaisten", 5, ["#Siirtolaisten"]),
    ],
)
def test_rows_end_where_a_reader_pauses(text: str, width: int, expected: list[str]) -> None:
    assert rows(text, width) == expected


def test_a_key_is_broken_behind_its_slashes() -> None:
    assert rows("day/2020/morning/desk/en", 12, after=" /") == ["day/2020/", "morning/", "desk/en"]


def test_what_the_platform_links_has_its_style_and_the_rest_the_texts() -> None:
    text = "Join #MigrantsDay with @iom at https://iom.int/\nand #More"
    lines = text_lines(text, entities(text, "x"), 80, style="note")
    assert [(span.text, span.style) for line in lines for span in line] == [
        ("Join ", "note"), ("#MigrantsDay", "hashtag"), (" with ", "note"), ("@iom", "mention"), (" at ", "note"),
        ("https://iom.int/", "url"), ("and ", "note"), ("#More", "hashtag"),
    ]  # fmt: skip


def test_a_control_character_is_spelled_and_counted_as_such() -> None:
    assert rows("a\x1b b", 9) == ["a<U+001B>", "b"]


TEXTS = st.text(st.sampled_from("ab #é難、 \n👍\U0001f3fd\u200dक्ष\x1b/.:h"), max_size=60) | st.text(max_size=60)


@given(TEXTS, st.integers(1, 30))
def test_nothing_but_spaces_at_the_end_of_rows_is_lost(text: str, width: int) -> None:
    written = "".join(map(spelled, text.split("\n")))
    assert "".join(rows(text, width)).replace(" ", "") == written.replace(" ", "")


@given(TEXTS, st.integers(8, 30))
def test_only_links_and_single_characters_jut_out(text: str, width: int) -> None:
    found = entities(text, "x")
    for line in text_lines(text, found, width):
        row = "".join(span.text for span in line)
        # What is not seen is spelled with the character that it hangs on, or that it joins.
        written = re.sub("<U\\+([0-9A-F]+)>", lambda found: chr(int(found[1], 16)), row)
        if not any(span.style for span in line) and len(graphemes(written)) > 1:
            assert columns(row) <= width
