"""What the ledger accepted: the hash of each campaign file, and each post's due time with its first acceptance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from . import tables
from .records import Acceptance, AcceptedFile

F = tables.accepted_files
A = tables.acceptances

REMEMBERED = timedelta(days=60)
"""Acceptances of posts that were due longer ago are dropped: their deliveries remember them."""


def accepted_files(connection: sa.Connection) -> dict[str, AcceptedFile]:
    """Every campaign file as it was accepted last, by the campaign's id."""
    return {
        row.campaign: AcceptedFile(
            campaign=row.campaign,
            path=row.path,
            sha256=row.sha256,
            signature=row.signature,
            accepted_at=row.accepted_at,
        )
        for row in connection.execute(sa.select(F))
    }


def accept_file(
    connection: sa.Connection, *, campaign: str, path: str, sha256: str, signature: str, now: datetime
) -> None:
    """Remember a good file. The time of acceptance stays when nothing has changed."""
    unchanged = sa.select(F.c.campaign).where(F.c.campaign == campaign, F.c.signature == signature)
    if connection.execute(unchanged).first() is not None:
        return
    connection.execute(sa.delete(F).where(F.c.campaign == campaign))
    connection.execute(
        sa.insert(F).values(campaign=campaign, path=path, sha256=sha256, signature=signature, accepted_at=now)
    )


def forget_file(connection: sa.Connection, campaign: str) -> None:
    """It is gone, and nothing of it lies ahead."""
    connection.execute(sa.delete(F).where(F.c.campaign == campaign))


def acceptances(connection: sa.Connection) -> dict[str, Acceptance]:
    """All remembered acceptances, by key."""
    return {
        row.key: Acceptance(
            key=row.key, campaign=row.campaign, due_at=row.due_at, late_at=row.late_at, accepted_at=row.accepted_at
        )
        for row in connection.execute(sa.select(A))
    }


def accept_posts(
    connection: sa.Connection, found: Iterable[Acceptance], before: Mapping[str, Acceptance], now: datetime
) -> None:
    """Remember these posts; only those are written that are not in `before` as they are. The long past is dropped."""
    changed = [post for post in found if before.get(post.key) != post]
    if changed:
        connection.execute(sa.delete(A).where(A.c.key == sa.bindparam("old")), [{"old": post.key} for post in changed])
        connection.execute(
            sa.insert(A),
            [
                {
                    "key": post.key,
                    "campaign": post.campaign,
                    "due_at": post.due_at,
                    "late_at": post.late_at,
                    "accepted_at": post.accepted_at,
                }
                for post in changed
            ],
        )
    connection.execute(sa.delete(A).where(A.c.due_at < now - REMEMBERED))


def forget_post(connection: sa.Connection, key: str) -> None:
    """It left the files: should it come back, that is a new acceptance."""
    connection.execute(sa.delete(A).where(A.c.key == key))
