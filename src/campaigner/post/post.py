"""Post, Part, Image: one message for one account, composed and ready, every word of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .key import PostKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image of a part. `file` is the path as written; `digest` is the SHA-256 of its bytes on the disk, in hex.

    An approval counts for those bytes. What is sent of them is upright and without metadata: `size`, `width` and
    `height` are of that. `has_place`: the file says where it was taken.
    """

    file: str
    path: Path
    alt: str
    digest: str
    media_type: str
    size: int
    width: int
    height: int
    has_place: bool = False
    is_animated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a link's preview shows, where the platform wants it written by us."""

    url: str
    title: str
    description: str = ""
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One element of a post that is a thread; most posts have just one."""

    text: str
    images: tuple[Image, ...] = ()
    card: Card | None = None

    @property
    def all_images(self) -> tuple[Image, ...]:
        """The images, and the card's after them."""
        return (*self.images, self.card.image) if self.card and self.card.image else self.images


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message, for one account, in one language (or several together), as it will be posted.

    `due_at` is UTC; `local_at` the same instant on the account's own clock, in the zone `timezone`.
    """

    key: PostKey
    platform: str
    languages: tuple[str, ...]
    due_at: datetime
    local_at: datetime
    timezone: str
    parts: tuple[Part, ...]
    warning: str | None = None
    draft: bool = False
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 in hex of all that readers will see, the account, and the local day; not of the time of day."""
        text = json.dumps(self._content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def code(self) -> str:
        """The short code a person approves, as in `7F3A-22C1`."""
        head = self.digest[:8].upper()
        return f"{head[:4]}-{head[4:]}"

    def _content(self) -> dict[str, Any]:
        return {
            "account": self.key.account,
            "platform": self.platform,
            "languages": self.languages,
            "day": self.local_at.date().isoformat(),
            "warning": self.warning,
            "parts": [_part_content(part) for part in self.parts],
        }


def _part_content(part: Part) -> dict[str, Any]:
    card = part.card
    return {
        "text": part.text,
        "images": [[image.digest, image.alt] for image in part.images],
        "card": card and [card.url, card.title, card.description, card.image and card.image.digest],
    }
