"""Profile: what a platform allows an account to post. No secrets, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

Measure = Literal["x", "mastodon", "bluesky", "telegram", "plain"]


class Quota(NamedTuple):
    """How many posts a platform takes from one account within a time; each part of a thread is a post."""

    posts: int
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of one account's platform; `accounts check` reads the ones that belong to a server.

    `measure` names the rules that count and link a text, `unit` is what people call what is counted
    ("weighted", "characters", "graphemes"). Sizes are bytes, `alt_limit` is in characters.
    `image_pixels` is width times height, None where the platform names no limit. `caption_limit` is that of a text under
    an image, where it is another one; what is `not_linked` stays plain text, though the rules of `measure` link it.
    `most_hashtags` are taken, `linked_hashtags` become links; None: all. Where `shows_animations` is not so, an image that
    moves stands still. One that `refuses_repeats` takes no part in words that it has had from the account before.
    """

    platform: str
    measure: Measure
    limit: int
    unit: str
    byte_limit: int | None = None
    caption_limit: int | None = None
    url_length: int = 23
    max_images: int = 4
    image_types: frozenset[str] = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
    image_bytes: int = 5_000_000
    image_pixels: int | None = None
    alt_limit: int = 1000
    not_linked: frozenset[str] = frozenset()
    most_hashtags: int | None = None
    linked_hashtags: int | None = None
    ends_hashtags_at_marks: bool = False
    takes_language: bool = False
    takes_warning: bool = False
    takes_threads: bool = True
    may_refuse_threads: bool = False
    refuses_repeats: bool = False
    shows_animations: bool = True
    takes_card: bool = False
    quotas: tuple[Quota, ...] = ()
