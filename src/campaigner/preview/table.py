"""A plan as a table: one line a post."""

from __future__ import annotations

from collections.abc import Sequence

from ..post.post import Post
from ..post.profile import Profile
from ..text.measure import measure
from .spans import Line, Span, columns


def table(posts: Sequence[tuple[Post, Profile]], *, width: int = 80, ascii_only: bool = False) -> list[Line]:
    """Local time, account, language, length, and as much of the text as there is room for."""
    accounts = max((len(post.key.account) for post, _ in posts), default=0)
    languages = max((len(post.key.language) for post, _ in posts), default=0)
    return [_row(post, profile, accounts, languages, width, "..." if ascii_only else "…") for post, profile in posts]


def _row(post: Post, profile: Profile, accounts: int, languages: int, width: int, ellipsis: str) -> Line:
    found = measure(post.parts[0].text, profile, post.warning or "")
    when = f"{post.local_at:%Y-%m-%d %H:%M} "
    head = f"{post.key.account:<{accounts}} {post.key.language:<{languages}} "
    length = f"{found.length:>4}/{found.limit} "
    more = f"[{len(post.parts)}] " if len(post.parts) > 1 else ""
    room = max(10, width - len(when + head + length + more))
    text = _cut(more + " ".join(post.parts[0].text.split()), room, ellipsis)
    return (Span(when, "strong"), Span(head), Span(length, "dim" if found.fits else "error"), Span(text))


def _cut(text: str, room: int, ellipsis: str) -> str:
    if columns(text) <= room:
        return text
    while text and columns(text) + len(ellipsis) > room:
        text = text[:-1]
    return text + ellipsis
