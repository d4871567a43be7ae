"""Posts to show, from as few words as a test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaigner.post.key import PostKey
from campaigner.post.post import Image, Part, Post
from campaigner.post.profile import Profile
from campaigner.preview.styled_text import Line

X = Profile(platform="x", measure="x", limit=280, unit="weighted")
MASTODON = Profile(platform="mastodon", measure="mastodon", limit=500, unit="characters", takes_warning=True)
BLUESKY = Profile(platform="bluesky", measure="bluesky", limit=300, unit="graphemes", byte_limit=3000)
DUE = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)


def image(file: str = "images/speech.png", alt: str = "A man at a lectern") -> Image:
    return Image(
        file=file, path=Path("/nowhere"), alt=alt, digest="d", media_type="image/png", size=9, width=1200, height=675
    )


def post(
    *texts: str, parts: tuple[Part, ...] = (), due_at: datetime = DUE, zone: str = "Europe/Helsinki", **keys: Any
) -> Post:
    return Post(
        **{
            "key": PostKey("migrants-day", "2020", "morning", "iom-finland-x", "fi"),
            "platform": "x",
            "languages": ("fi",),
            "due_at": due_at,
            "local_at": due_at.astimezone(ZoneInfo(zone)),
            "timezone": zone,
            "parts": parts or tuple(Part(text=text) for text in texts),
            **keys,
        }
    )


def plain(lines: list[Line]) -> list[str]:
    return ["".join(span.text for span in line).rstrip(" ") for line in lines]


def styled(lines: list[Line], style: str) -> list[str]:
    return [span.text for line in lines for span in line if span.style == style]
