"""The pictures show what campaigner shows. `python -m tests.docs.pictures` draws them anew: look at them before a commit."""

from __future__ import annotations

import re
from html import unescape

import pytest

from .pictures import PICTURES, SHOWN, svg_of


def words(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_shows_what_is_seen_on_a_terminal(name: str) -> None:
    assert words(svg_of(name)) == words((PICTURES / f"{name}.svg").read_text("utf-8"))


def test_no_picture_asks_a_server_for_anything() -> None:
    for name in SHOWN:
        drawn = (PICTURES / f"{name}.svg").read_text("utf-8")
        assert set(re.findall(r"https?://[^\s\"<]+", drawn)) <= {
            "http://www.w3.org/2000/svg",
            "https://www.textualize.io",
        }
