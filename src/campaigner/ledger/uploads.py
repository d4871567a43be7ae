"""Uploads inside a transaction: the images of a claimed post, and what the platform called them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from . import tables
from .records import Delivery, StoredMedia

M = tables.media
KEPT_FOR = timedelta(hours=1)
"""Platforms throw away after hours what no post uses."""


def of(connection: sa.Connection, delivery: Delivery) -> list[StoredMedia]:
    """The images of a claimed post."""
    query = sa.select(M).where(M.c.delivery_id == delivery.id).order_by(M.c.part, M.c.position)
    return [
        StoredMedia(
            id=row.id,
            part=row.part,
            position=row.position,
            media_type=row.media_type,
            alt=row.alt,
            width=row.width,
            height=row.height,
            data=row.data,
            upload=row.upload,
        )
        for row in connection.execute(query)
    ]


def save(connection: sa.Connection, media_id: int, upload: Mapping[str, Any], now: datetime) -> None:
    """Keep what the platform called an uploaded image."""
    connection.execute(sa.update(M).where(M.c.id == media_id).values(upload=dict(upload), uploaded_at=now))


def forget(connection: sa.Connection, delivery: Delivery) -> None:
    """Upload again before the next attempt: unattached media expire."""
    connection.execute(sa.update(M).where(M.c.delivery_id == delivery.id).values(upload=None, uploaded_at=None))


def made(connection: sa.Connection, delivery: Delivery, now: datetime) -> dict[tuple[int, int], dict[str, Any]]:
    """What was uploaded for a post not long ago, by part and position: a server may still be at work on it."""
    query = sa.select(M).where(M.c.delivery_id == delivery.id, M.c.uploaded_at > now - KEPT_FOR)
    return {
        (row.part, row.position): {"upload": row.upload, "uploaded_at": row.uploaded_at}
        for row in connection.execute(query)
    }
