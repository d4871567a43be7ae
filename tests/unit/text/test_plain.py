from __future__ import annotations

from typing import Any

import pytest

from campaigner.text import plain

from .vectors import expectations


@pytest.mark.parametrize(("text", "expected"), expectations("threads"))
def test_threads_counts_bytes(text: str, expected: dict[str, Any]) -> None:
    assert plain.length(text, "bytes") == expected["bytes"]
    assert (plain.length(text, "bytes") <= 500) is expected["valid"]


@pytest.mark.parametrize(("text", "expected"), expectations("discord"))
def test_discord_counts_code_points(text: str, expected: dict[str, Any]) -> None:
    assert plain.length(text, "characters") == expected["codepoints"]
    assert (plain.length(text, "characters") <= 2000) is expected["valid"]


@pytest.mark.parametrize(("text", "expected"), expectations("linkedin"))
def test_linkedin_counts_utf16(text: str, expected: dict[str, Any]) -> None:
    assert plain.length(text, "utf16") == expected["utf16"]
    assert (plain.length(text, "utf16") <= 3000) is expected["valid"]


@pytest.mark.parametrize(("text", "expected"), expectations("instagram"))
def test_instagram_counts_code_points_and_hashtags(text: str, expected: dict[str, Any]) -> None:
    assert plain.length(text, "characters") == expected["codepoints"]
    assert len([entity for entity in plain.entities(text) if entity.type == "hashtag"]) == expected["hashtags"]


def test_refuses_an_unknown_unit() -> None:
    with pytest.raises(ValueError, match="'weighted' is no unit"):
        plain.length("Hei", "weighted")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Katso (https://yle.fi/a) ja https://yle.fi/a_(b).", ["https://yle.fi/a", "https://yle.fi/a_(b)"]),
        ("“https://yle.fi/sivu” yle.fi xhttps://yle.fi", ["https://yle.fi/sivu"]),
        ("#Päivä:n #2025 #a#b x#y (#Yö) https://yle.fi/#osio", ["#Päivä", "#Yö", "https://yle.fi/#osio"]),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [entity.text for entity in plain.entities(text)] == found
