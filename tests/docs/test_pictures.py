"""The pictures show what campaigner shows. `python -m tests.docs.pictures` draws them anew: look at them before a commit."""

from __future__ import annotations

import re
from html import unescape

import pytest

from campaigner.preview.styled_text import columns

from .. import big_day
from .pictures import PICTURES, SHOWN, Picture, seen, svg_of

SCREEN = 50


def words(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_shows_what_is_seen_on_a_terminal(name: str) -> None:
    assert words(svg_of(name)) == words((PICTURES / f"{name}.svg").read_text("utf-8"))


@pytest.mark.parametrize("command", ["preview", "status"])
@pytest.mark.parametrize("width", [80, 100, 160])
def test_thirty_messages_in_three_languages_on_four_accounts_fit_two_screens(command: str, width: int) -> None:
    shown = re.sub(r"\x1b\[[0-9;]*m", "", seen(Picture(f"campaigner {command}", "06:30:00", width=width, is_big=True)))
    lines, messages = shown.splitlines(), big_day.messages()
    assert len(lines) <= 2 * SCREEN
    assert max(map(columns, lines)) <= width
    for name, message in messages.items():
        (line,) = (line for line in lines if line.startswith(f"  {message['at']}  {name} "))
        assert line.count("… ") + line.endswith("…") == 3 * len(message.get("accounts", big_day.ACCOUNTS))
    whole = {word.strip(",;:.?!") for message in messages.values() for word in message["text"]["fi"].split()}
    cut_after = [words.split()[-1].strip(",;:.?!") for words in re.findall(r"“(.+)…”", shown)]
    assert set(cut_after) - {"18", "Kansainvälinen"} <= whole


def test_no_picture_asks_a_server_for_anything() -> None:
    for name in SHOWN:
        drawn = (PICTURES / f"{name}.svg").read_text("utf-8")
        assert set(re.findall(r"https?://[^\s\"<]+", drawn)) <= {
            "http://www.w3.org/2000/svg",
            "https://www.textualize.io",
        }
