"""A plan as a table: one line a post, in columns, within the terminal."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from campaigner.post.key import PostKey
from campaigner.preview.styled_text import columns
from campaigner.preview.table import table

from .building import MASTODON, X, plain, post, styled

OTHER = PostKey("migrants-day", "2020", "morning", "desk", "en+fi")


def test_one_line_a_post_in_columns() -> None:
    posts = [(post("Hello\n\nthere"), X), (post("Moi " * 30, "More", key=OTHER), MASTODON), (post("Hi", draft=True), X)]
    assert plain(table(posts, width=70)) == [
        "2020-12-18 08:00 iom-finland-x fi     12/280 Hello there",
        "2020-12-18 08:00 desk          en+fi 120/500 [2] Moi Moi Moi Moi Moi…",
        "2020-12-18 08:00 iom-finland-x fi      2/280 DRAFT Hi",
    ]


def test_no_posts_no_lines() -> None:
    assert table([]) == []


def test_the_length_is_that_of_the_part_that_does_not_fit() -> None:
    lines = table([(post("short", "x" * 281), X)])
    assert styled(lines, "error") == ["281/280 "]
    assert plain(lines)[0].endswith("[2] short")


def test_a_length_that_is_nearly_the_limit_warns_as_on_a_card() -> None:
    lines = table([(post("x" * 251), X), (post("x" * 252), X)])
    assert styled(lines, "warning") == ["252/280 "]


@example("\U0001f3fd\U0001f3fd\x1b\x1b\x1b\u202e", 70)
@given(st.text(st.sampled_from("ab é難 \n👍\U0001f3fdक्ष\x1b\u202e"), max_size=200), st.integers(70, 120))
def test_no_line_is_wider_than_the_terminal_nor_steers_it(text: str, width: int) -> None:
    (line,) = plain(table([(post(text), replace(X, limit=280))], width=width))
    assert columns(line) <= width
    assert "\x1b" not in line
    assert "\n" not in line
