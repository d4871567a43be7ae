"""A plan as a table: one line a post."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import spelled
from ..post.post import Post
from ..post.profile import Profile
from .cards import fullest
from .styled_text import Line, Span, cut

LEAST_TEXT = 10


def table(posts: Sequence[tuple[Post, Profile]], *, width: int = 80) -> list[Line]:
    """Local time, account, language, length, and as much of the text as there is room for."""
    lengths = [_length(post, profile) for post, profile in posts]
    accounts = max((len(post.key.account) for post, _ in posts), default=0)
    languages = max((len(post.key.language) for post, _ in posts), default=0)
    size = max((len(length.text) for length in lengths), default=0)
    lines: list[Line] = []
    for (post, _), length in zip(posts, lengths, strict=True):
        when = Span(f"{post.local_at:%Y-%m-%d %H:%M} ", "strong")
        whose = Span(f"{post.key.account:<{accounts}} {post.key.language:<{languages}} ")
        count = Span(f"{length.text:>{size}} ", length.style)
        room = width - len(when.text + whose.text + count.text)
        lines.append((when, whose, count, Span(cut(_words(post), max(LEAST_TEXT, room)))))
    return lines


def _length(post: Post, profile: Profile) -> Span:
    used, limit, count = fullest(post, profile)
    return Span(f"{used}/{limit}", "dim" if count.style == "good" else count.style)


def _words(post: Post) -> str:
    """The text in one line, with what is particular about the post before it."""
    marks = ["DRAFT"] if post.draft else []
    marks += [f"[{len(post.parts)}]"] if len(post.parts) > 1 else []
    return spelled(" ".join([*marks, *post.parts[0].text.split()]))
