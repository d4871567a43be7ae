"""A post in the shape of `preview --json`: keys that scripts rely on."""

from __future__ import annotations

from typing import Any

from ..clock import rfc3339
from ..post.post import Part, Post
from ..post.profile import Profile
from ..text.measure import measure


def as_json(post: Post, profile: Profile) -> dict[str, Any]:
    """One post; instants are RFC 3339, `due_at` in UTC, `local_time` with the account's offset."""
    return {
        "key": str(post.key),
        "campaign": post.key.campaign,
        "edition": post.key.edition,
        "message": post.key.message,
        "account": post.key.account,
        "platform": post.platform,
        "language": post.key.language,
        "due_at": rfc3339(post.due_at),
        "local_time": post.local_at.isoformat(),
        "timezone": post.timezone,
        "parts": [_part(part, profile, post.warning or "") for part in post.parts],
        "warning": post.warning,
        "draft": post.draft,
        "digest": post.digest,
        "code": post.code,
        "notes": list(post.notes),
    }


def _part(part: Part, profile: Profile, warning: str) -> dict[str, Any]:
    found = measure(part.text, profile, warning)
    return {
        "text": part.text,
        "length": found.length,
        "limit": found.limit,
        "images": [{"file": image.file, "alt": image.alt} for image in part.images],
    }
