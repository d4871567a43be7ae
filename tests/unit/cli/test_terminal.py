"""What a person reads on a narrow terminal: broken between words, commands and addresses whole."""

from __future__ import annotations

import io

import pytest

from campaigner.cli.terminal import Terminal, wrapped
from campaigner.preview.cards import cards

from ..preview.building import X, post


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("short enough", ["short enough"]),
        ("a line of more than twenty columns", ["a line of more than", "  twenty columns"]),
        ("    indented as it was before", ["    indented as it", "      was before"]),
        ("see https://example.org/a/long/address", ["see", "  https://example.org/a/long/address"]),
        ("then `campaigner status --attention` shows it", ["then", "  `campaigner status --attention`", "  shows it"]),
        (
            "approve with: campaigner approve a/2026 --by NAME",
            ["approve with:", "  campaigner approve a/2026 --by NAME"],
        ),
        ("国際移住者デー 国際移住者デー", ["国際移住者デー", "  国際移住者デー"]),
        ("", [""]),
    ],
)
def test_a_long_line_is_broken_at_spaces(text: str, rows: list[str]) -> None:
    found = wrapped([(text, "strong")], 20)
    assert ["".join(piece for piece, _ in row).rstrip() for row in found] == rows
    assert {style for row in found for piece, style in row if piece.strip()} <= {"strong"}


def test_words_keep_the_style_of_their_span() -> None:
    found = wrapped([("not running: ", "error"), ("five posts are due", None)], 20)
    assert found == [
        [("not", "error"), (" ", "error"), ("running:", "error"), (" ", "error"), ("five", None), (" ", None)],
        [("  ", None), ("posts", None), (" ", None), ("are", None), (" ", None), ("due", None)],
    ]


def test_what_is_drawn_is_drawn_in_ascii_where_nothing_else_can_be_shown() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Terminal(stream, stream).page(cards([(post("Hello “there” …"), X)], width=60), clears=False)
    stream.seek(0)
    assert stream.read().splitlines() == [
        "== Friday 18 December 2020 =================================",
        "",
        "morning  migrants-day/2020",
        "+- Fri 08:00 Helsinki (06:00 UTC) - iom-finland-x (x) - fi",
        '| Hello "there" ~',
        "|",
        "| [##..................] 16 of 280, 264 left",
        f"+- migrants-day/2020/morning/iom-finland-x/fi  {post('Hello “there” …').code}",
        "",
    ]
