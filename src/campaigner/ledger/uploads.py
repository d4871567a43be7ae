"""Uploads inside a transaction: the images of a claimed post, and what the platform called them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .models import Delivery, StoredMedia
from .rows import Connection, execute, instant, select, update

KEPT_FOR = timedelta(hours=1)
"""Platforms throw away after hours what no post uses."""


def of(connection: Connection, delivery: Delivery) -> list[StoredMedia]:
    """The images of a claimed post."""
    return select(connection, StoredMedia, "FROM media WHERE delivery_id = :id ORDER BY part, position", id=delivery.id)


def save(connection: Connection, media_id: int, upload: Mapping[str, Any], now: datetime) -> None:
    """Keep what the platform called an uploaded image."""
    update(connection, "media", media_id, upload=upload, uploaded_at=now)


def forget(connection: Connection, delivery: Delivery) -> None:
    """Upload again before the next attempt: unattached media expire."""
    execute(connection, "UPDATE media SET upload = NULL, uploaded_at = NULL WHERE delivery_id = :id", id=delivery.id)


def made(connection: Connection, delivery: Delivery, now: datetime) -> dict[tuple[int, int], dict[str, Any]]:
    """What was uploaded for a post not long ago, by part and position: a server may still be at work on it."""
    query = "SELECT part, position, upload, uploaded_at FROM media WHERE delivery_id = :id AND uploaded_at > :since"
    return {
        (part, position): {"upload": json.loads(upload), "uploaded_at": instant(uploaded_at)}
        for part, position, upload, uploaded_at in execute(connection, query, id=delivery.id, since=now - KEPT_FOR)
    }
