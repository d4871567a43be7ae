from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from campaigner.text import mastodon

from .strategies import patient, texts
from .vectors import expectations, wanted, written


@pytest.mark.parametrize(("text", "expected"), expectations("mastodon"))
def test_counts_as_the_server_does(text: str, expected: dict[str, Any]) -> None:
    assert mastodon.length(text) == expected["length"]


@pytest.mark.parametrize(("text", "expected"), expectations("mastodon"))
def test_refuses_what_the_server_refuses(text: str, expected: dict[str, Any]) -> None:
    assert (mastodon.length(text) <= 500) is expected["valid"]


@pytest.mark.parametrize(("text", "expected"), expectations("mastodon"))
def test_links_what_the_server_links(text: str, expected: dict[str, Any]) -> None:
    assert written(mastodon.entities(text)) == wanted(expected)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        pytest.param("a" * 476 + " https://example.org/" + "x" * 200, 500, id="a URL counts 23"),
        pytest.param("a" * 475 + " @alice@" + "b" * 30 + ".com", 482, id="the host of a mention is free"),
        pytest.param("a" * 488 + " example.org", 500, id="a host without scheme counts in full"),
        pytest.param("aaahttp://x.com", 15, id="a glued URL counts in full"),
        pytest.param("https://" + "a." * 130 + "com", 271, id="a host over 253 counts in full"),
        pytest.param("क्षि", 2, id="a conjunct counts as on older servers"),
        pytest.param("https://ja.wikipedia.org/wiki/東京_(曖昧)", 23 + 4, id="CJK in parentheses ends a path"),
        pytest.param("https://yle.fi/sivu”", 23, id="a closing quote becomes part of the link"),
    ],
)
def test_counts(text: str, length: int) -> None:
    assert mastodon.length(text) == length


def test_counts_the_warning_and_the_servers_own_length_of_a_url() -> None:
    assert mastodon.length("a" * 251, "b" * 250) == 501
    assert mastodon.length("Katso https://yle.fi/", url_length=30) == 36


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#tagihttps://x.fi", ["#tagi"]),
        ("#tagihttp://x.fi", ["#tagi"]),
        ("#https://x.fi", []),
        ("#tagi://x", ["#tagi"]),
        ("(#FLL) #FLL", ["#FLL"]),
        ("#a·b #1·2 #1a·2· #1·a· #·a #a· #1·", ["#a·b", "#1·2", "#1a·2", "#1·a", "#a"]),
        ("a/@iom =@iom b@iom", []),
        ("@iom@x", ["@iom@x"]),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [entity.text for entity in mastodon.entities(text)] == found


@patient
@given(texts, texts)
def test_no_text_is_longer_than_its_bound(text: str, warning: str) -> None:
    assert mastodon.length(text, warning) <= mastodon.at_most(text, warning)
