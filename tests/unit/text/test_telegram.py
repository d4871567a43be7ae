from __future__ import annotations

from typing import Any

import pytest

from campaigner.text import telegram

from .vectors import expectations, in_code_points, written

_KINDS = ("Hashtag", "Mention", "Url", "Cashtag")


def _entities(text: str, expected: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    found = []
    for entity in (entity for entity in expected["entities"] if entity["type"] in _KINDS):
        offsets = entity["offset"], entity["offset"] + entity["length"]
        start, end = (in_code_points(text, "utf-16-le", 2, offset) for offset in offsets)
        found.append((entity["type"].lower(), entity["text"], start, end))
    return found


@pytest.mark.parametrize(("text", "expected"), expectations("telegram"))
def test_counts_never_less_than_telegram(text: str, expected: dict[str, Any]) -> None:
    assert telegram.length(text) == expected["utf16"]
    assert telegram.length(text) >= expected["codepoints"]


@pytest.mark.parametrize(("text", "expected"), expectations("telegram"))
def test_links_what_telegram_links(text: str, expected: dict[str, Any]) -> None:
    assert written(telegram.entities(text)) == _entities(text, expected)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@gif @YLE @Yleis", ["@gif", "@Yleis"]),
        ("asia.Se asia.se ASIA.SE", ["asia.se", "ASIA.SE"]),
        ("http://192.168.1.1/a 300.1.1.1 1.2.3 12.is", ["http://192.168.1.1/a", "12.is"]),
        ("192.168.1.1", ["192.168.1.1"]),
        ("https://a.b- https://a_b.fi https://x.a_b.fi https://a.b_c https://a.1", []),
        ("https://intra.lan intra.lan", ["https://intra.lan"]),
        ("yle.fi. yle.fi: yle.fi:80/a", ["yle.fi", "yle.fi", "yle.fi:80/a"]),
        ("(yle.fi/a) yle.fi/a_(b)! yle.fi/a[b]{c}", ["yle.fi/a", "yle.fi/a_(b)", "yle.fi/a[b]{c}"]),
        ("#tagi#tagi a#tagi", []),
        ("yle..fi a@yle.fi yle.fi@b", []),
        ("$EUR $1INCH $eur x$EUR $EURÄ", ["$EUR", "$1INCH"]),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert [entity.text for entity in telegram.entities(text)] == found
