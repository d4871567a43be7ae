from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import assume, given

from campaigner.text import x

from .strategies import patient, texts
from .vectors import expectations, wanted, written


@pytest.mark.parametrize(("text", "expected"), expectations("x"))
def test_counts_as_the_reference_does(text: str, expected: dict[str, Any]) -> None:
    assert x.length(text) == expected["length"]


@pytest.mark.parametrize(("text", "expected"), expectations("x"))
def test_counts_line_feeds_once(text: str, expected: dict[str, Any]) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    assert x.length(text) == expected.get("length_lf", expected["length"])


@pytest.mark.parametrize(("text", "expected"), expectations("x"))
def test_links_what_the_reference_links(text: str, expected: dict[str, Any]) -> None:
    assert written(x.entities(text)) == wanted(expected)


@pytest.mark.parametrize(("text", "expected"), expectations("x"))
def test_refuses_what_the_reference_refuses(text: str, expected: dict[str, Any]) -> None:
    valid = text != "" and x.forbidden(text) is None and x.length(text) <= 280
    assert valid is expected["valid"]


def test_says_where_the_forbidden_character_stands() -> None:
    assert x.forbidden("Hei\ufffe maailma") == 3


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("…•€→✓‹›†‰№™−ẞ", 26, id="weigh 2"),
        pytest.param("\u202f\u2060\u200e\ufe0e", 8, id="invisible and weigh 2"),
        pytest.param("“”‘’–—«»°½\u00a0\u200b\u200d", 13, id="weigh 1"),
        pytest.param("🧑‍🤝‍🧑", 8, id="newer than Emoji 11: by code points"),
        pytest.param("🫱🏻‍🫲🏿", 9, id="newer with skin tones"),
        pytest.param("👁️‍🗨️", 5, id="not known as one: two emoji and a joiner"),
        pytest.param("asia.Se", 23, id="a missing space makes a link"),
        pytest.param("https://yle.fi/a?q=päivä", 23 + 4, id="a query ends at the first letter that is not ASCII"),
        pytest.param("https://t.co/abcde12345/more", 23 + 5, id="t.co has no path after its slug"),
        pytest.param("https://t.co/" + "a" * 41, 54, id="a t.co slug that is too long is no link"),
        pytest.param("https://" + "ä" * 60 + ".fi", 71, id="a label is too long in punycode"),
        pytest.param("https://" + "a" * 64 + ".fi", 75, id="a label of 64"),
        pytest.param("https://" + "ä" * 64 + ".fi", 75, id="a label of 64 before punycode"),
        pytest.param("https://yle.fi/" + "a" * 5000, 5015, id="too long for a URL"),
        pytest.param("a_b.fi https://cc.a_b.fi", 7 + 17, id="no underscore in a domain's own name"),
        pytest.param("https://a_b.yle.fi", 23, id="but in a subdomain"),
        pytest.param("-yle.fi", 7, id="no link after a hyphen"),
        pytest.param("日本yle.fi/a", 4 + 23, id="only the Latin host of a glued one"),
        pytest.param("yle.fi”thl.fi", 23 + 1 + 23, id="two hosts in one run"),
        pytest.param("日本.中国", 9, id="no Latin host at all"),
        pytest.param("https://例え.中国", 23, id="an international domain with its scheme"),
        pytest.param("https://a.xn--fiqs8s/b", 23, id="the same in punycode"),
        pytest.param("yle.fi-x yle.fi@x", 8 + 1 + 8, id="what may not follow a domain"),
        pytest.param('https://yle.fi"thl.fi', 23, id="a straight quote does not end a host"),
        pytest.param('https://a.fi/x"b.fi', 23 + 1 + 23, id="a run that begins inside a URL"),
        pytest.param("https://a.fi/b.https://c.fi", 23, id="a scheme in a path"),
        pytest.param("https://a.fi/(b(c)d)e", 23, id="nested parentheses"),
    ],
)  # fmt: skip
def test_counts(text: str, length: int) -> None:
    assert x.length(text) == length


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RT@iom ja rt@iom, ART@iom", ["@iom", "@iom"]),
        ("@iom/team", ["@iom/team"]),
        ("#tag://x #a.com", ["#a"]),
        ("https://yle.fi/#tag @a", ["https://yle.fi/#tag", "@a"]),
        ("日本.fi日本.中国 日本.日本.fi yle.fi.日本.中国", ["yle.fi"]),
        ("\u200f$EUR", ["$EUR"]),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [entity.text for entity in x.entities(text)] == found


@patient
@given(texts)
def test_no_text_is_longer_than_its_bound(text: str) -> None:
    bound = x.at_most(text)
    assert bound is None or x.length(text) <= bound


@patient
@given(texts)
def test_the_bound_is_known_for_every_text_in_nfc(text: str) -> None:
    assert x.at_most(unicodedata.normalize("NFC", text)) is not None


@patient
@given(texts, texts)
def test_adding_a_line_adds_its_length(first: str, second: str) -> None:
    # X's own counter takes a first letter outside ASCII for what stands before a link, and behind a line's end for its first.
    assume(
        not any(found.type == "url" and found.start == 1 for found in x.entities(unicodedata.normalize("NFC", second)))
    )
    joined = f"{unicodedata.normalize('NFC', first)}\n{unicodedata.normalize('NFC', second)}"
    assert x.length(joined) == x.length(first) + 1 + x.length(second)
