"""Platforms whose texts are counted and linked here, though nothing can be posted to them yet."""

from __future__ import annotations

from collections.abc import Mapping

from ..post.profile import Profile

CAPTION_LIMIT: Mapping[str, int] = {"telegram": 1024}
"""The limit of a text under an image, where it is another one: https://core.telegram.org/bots/api#sendphoto."""

COUNTED: Mapping[str, Profile] = {
    # Bytes of UTF-8: developers.facebook.com/docs/threads/posts; 498 characters of 504 bytes are refused.
    "threads": Profile(platform="threads", measure="plain", limit=500, unit="bytes"),
    # UTF-16 units are never fewer than what the Bot API counts after parsing.
    "telegram": Profile(platform="telegram", measure="telegram", limit=4096, unit="utf16"),
    "discord": Profile(platform="discord", measure="plain", limit=2000, unit="characters"),
    # The unit is not documented; UTF-16 units are never fewer than any other.
    "linkedin": Profile(platform="linkedin", measure="plain", limit=3000, unit="utf16"),
    "facebook": Profile(platform="facebook", measure="plain", limit=63_206, unit="characters"),
    "instagram": Profile(platform="instagram", measure="plain", limit=2200, unit="characters"),
    # A message may be longer, but is shown whole up to here.
    "slack": Profile(platform="slack", measure="plain", limit=4000, unit="characters"),
}

NOT_LINKED: Mapping[str, frozenset[str]] = {
    "discord": frozenset({"hashtag"}),
    "instagram": frozenset({"url"}),
    "slack": frozenset({"hashtag"}),
}
"""What stays plain text there."""
