from __future__ import annotations

from typing import Any

import pytest

from campaigner.text import bluesky
from campaigner.text.graphemes import graphemes

from .vectors import expectations, in_code_points, written

OURS = {
    "colon-n": "X ends the tag at the colon, and so do we",
    "colon-na": "the same",
    "colon-acr": "the same",
    "hyphen": "X ends the tag at the hyphen",
    "underscore": "X keeps an underscore at the end",
    "apos-ascii": "X ends the tag at the apostrophe",
    "apos-curly": "the same",
    "amp": "X ends the tag at the ampersand",
    "emoji-in": "X takes no emoji into a tag",
    "emoji-glue": "the same",
    "zwnj": "X keeps ZWNJ, which Persian words need",
    "middot": "X keeps a middle dot at the end",
    "glued": "X links no tag that is glued to another",
    "dot-inside": "X ends the tag at the dot",
    "keycap-tag": "X takes a keycap for an emoji",
    "letter-like": "X takes no number that is no digit",
    "url-port": "a scheme in capitals is one",
    "url-glued": "a link begins after any mark, and after letters that no host has",
}
"""Where our facets differ from the official client's on purpose: nobody sees a link that is dead, or none."""

_TYPES = {"tag": "hashtag", "link": "url", "mention": "mention"}


def _facets(text: str, expected: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    facets = []
    for facet in expected["facets"]:
        kind = "cashtag" if facet["text"].startswith("$") else _TYPES[facet["type"]]
        start, end = (in_code_points(text, "utf-8", 1, facet[name]) for name in ("byteStart", "byteEnd"))
        facets.append((kind, facet["text"], start, end))
    return facets


@pytest.mark.parametrize(("text", "expected"), expectations("bluesky"))
def test_counts_as_the_official_client_does(text: str, expected: dict[str, Any]) -> None:
    assert bluesky.length(text) == expected["graphemes"]
    assert len(text.encode()) == expected["bytes"]


@pytest.mark.parametrize(("text", "expected"), expectations("bluesky"))
def test_links_what_the_official_client_links(
    text: str, expected: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    same = written(bluesky.entities(text)) == _facets(text, expected)
    assert same is (request.node.callspec.id not in OURS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#SiirtolaistenPäivä:n #YK-päivä #L’Avenir", ["#SiirtolaistenPäivä", "#YK", "#L"]),
        ("(#Tag) “#Tag” ,#Tag", []),
        ("#" + "ä" * 64 + " #" + "ä" * 65, ["#" + "ä" * 64]),
        ("#" + "x\u0301" * 64 + " #" + "x" + "\u0301" * 639, ["#" + "x\u0301" * 64]),
        ("@iom.test @iom", ["@iom.test"]),
        ("(https://yle.fi) https://yle.fi/a_(b)", ["https://yle.fi", "https://yle.fi/a_(b)"]),
        ("https://yle.fi/a; yle.fi: asia.notatld", ["https://yle.fi/a", "yle.fi"]),
        ("asia.Se klo 12.is info@iom.int info@sub.iom.int ääiom.int aiom.int", ["aiom.int"]),
        ("iom-finland.org/a_b?c=d#e", ["iom-finland.org/a_b?c=d#e"]),
        ("http://localhost:3000/a, http://192.168.1.1. https://intra.lan?", None),
    ],
)
def test_links(text: str, found: list[str] | None) -> None:
    expected = [word.rstrip(",.?") for word in text.split()] if found is None else found
    assert [entity.text for entity in bluesky.entities(text)] == expected


BEFORE = ".:,;!?…—–-/·'\"’”»“«(<[{*|~+= \n\u200b\u200f🎉👉🏽👨‍👩‍👧🇫🇮→✅€°،؛؟।॥。，、！「」：።፣፤។៖།༔་։՝׀؞၊။๏ฯ"


@pytest.mark.parametrize("mark", [*graphemes(BEFORE), "1\ufe0f\u20e3", "日本", "ไทย", "ខ្មែរ", "བོད"])
def test_a_link_begins_after_whatever_is_no_part_of_a_host(mark: str) -> None:
    assert [entity.text for entity in bluesky.entities(f"Lue{mark}https://iom.int/a nyt")][-1:] == ["https://iom.int/a"]


@pytest.mark.parametrize("mark", sorted({*graphemes(BEFORE), "1\ufe0f\u20e3"} - {*".-/ฯ"}))
def test_a_bare_host_begins_after_whatever_is_no_part_of_a_word(mark: str) -> None:
    assert [entity.text for entity in bluesky.entities(f"Lue{mark}iom.int/a nyt")] == ["iom.int/a"]


@pytest.mark.parametrize("address", ["iom.int", "https://iom.int", "https://www.iom.int", "xn--p1ai.xn--p1ai"])
@pytest.mark.parametrize(
    "tail",
    ["'s", "’s", "…", "—it", "–", ":n", ": se", ",", "”", "»", "،", "؟", "।", "。", "、そして", "።", "፣", "។", "།"]
    + [
        "་",
        "։",
        "׃",
        "ฯ",
        "🎉",
        "👨‍👩‍👧",
        "🇫🇮",
        "\u200b",
        "\u200f",
        "を見る",
        "!",
        ")",
        "]",
        "*",
        "~",
        "|",
        "·",
        "<br>",
    ],
)
def test_a_host_ends_where_its_name_ends(address: str, tail: str) -> None:
    assert [entity.text for entity in bluesky.entities(f"see {address}{tail}")] == [address]


def test_a_keycap_is_no_part_of_a_host() -> None:
    assert [entity.text for entity in bluesky.entities("https://iom.int1\ufe0f\u20e3")] == ["https://iom.int"]
