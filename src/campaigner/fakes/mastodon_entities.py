"""What a Mastodon server writes: statuses as HTML, and what its instance tells of itself."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..text import mastodon as rules
from ..text.entities import Entity
from .base import PublishedPost


def status(posted: PublishedPost, account: Mapping[str, str], server: str) -> dict[str, Any]:
    """A Status entity: `content` is HTML, `text` is not told."""
    return {
        "id": posted.id,
        "created_at": stamp(posted.at),
        "in_reply_to_id": posted.reply_to,
        "sensitive": bool(posted.extra["warning"]),
        "spoiler_text": posted.extra["warning"],
        "visibility": posted.extra["visibility"],
        "language": posted.languages[0] if posted.languages else None,
        "uri": f"{server}/users/{account['username']}/statuses/{posted.id}",
        "url": f"{server}/@{account['username']}/{posted.id}",
        "content": content(posted.text, server),
        "reblog": None,
        "account": dict(account),
        "application": {"name": "campaigner", "website": None},
        "media_attachments": [
            {"id": f"{posted.id}{index}", "type": "image", "description": image.alt or None}
            for index, image in enumerate(posted.images)
        ],
    }


def content(text: str, server: str) -> str:
    """The HTML of a text: paragraphs, breaks, and the markup around links, hashtags and mentions."""
    pieces, at = [], 0
    for entity in rules.entities(text):
        pieces += [html.escape(text[at : entity.start], quote=False), _linked(entity, server)]
        at = entity.end
    whole = "".join([*pieces, html.escape(text[at:], quote=False)])
    paragraphs = re.split(r"\n{2,}", whole.strip("\n"))
    return "".join("<p>" + paragraph.replace("\n", "<br />") + "</p>" for paragraph in paragraphs)


def _linked(entity: Entity, server: str) -> str:
    shown = html.escape(entity.text, quote=False)
    match entity.type:
        case "url":
            return _link(entity.text)
        case "hashtag":
            name = html.escape(entity.text[1:], quote=False)
            address = html.escape(f"{server}/tags/{entity.text[1:].lower()}")
            return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'
        case _:
            return shown


def _link(url: str) -> str:
    """A link as readers see it, shortened; the whole of it is there, part of it invisible."""
    scheme, _, rest = url.partition("://")
    short, hidden = rest[:30], rest[30:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{kind}">{html.escape(short, quote=False)}</span>'
        f'<span class="invisible">{html.escape(hidden, quote=False)}</span></a>'
    )


def instance_v2(limits: Mapping[str, int], version: str) -> dict[str, Any]:
    """GET /api/v2/instance, as far as a publisher reads it."""
    return {
        "domain": "127.0.0.1",
        "title": "A Mastodon in a box",
        "version": version,
        "api_versions": {"mastodon": 7},
        "languages": ["en"],
        "configuration": {
            "statuses": {
                "max_characters": limits["characters"],
                "max_media_attachments": limits["images"],
                "characters_reserved_per_url": limits["url"],
            },
            "media_attachments": {
                "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
                "description_limit": limits["alt"],
                "image_size_limit": limits["image_bytes"],
                "image_matrix_limit": 33_177_600,
            },
        },
    }


def instance_v1(limits: Mapping[str, int], version: str) -> dict[str, Any]:
    """GET /api/v1/instance, which every compatible server has; older ones name the limit `max_toot_chars`."""
    newest = instance_v2(limits, version)
    return {
        "uri": "127.0.0.1",
        "title": newest["title"],
        "version": version,
        "languages": newest["languages"],
        "max_toot_chars": limits["characters"],
        "configuration": newest["configuration"],
    }


def stamp(instant: datetime) -> str:
    """ISO 8601 with milliseconds, as Mastodon writes every time, the reset of a rate limit too."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
