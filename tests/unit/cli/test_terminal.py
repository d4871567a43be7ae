"""What a person reads on a narrow terminal: broken between words, commands and addresses whole."""

from __future__ import annotations

import pytest

from campaigner.cli.terminal import wrapped


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
