"""What the ledger accepted: the last good version of each campaign file, and each post's due time with its first acceptance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from . import tables
from .records import Acceptance, AcceptedFile

F = tables.accepted_files
A = tables.acceptances

REMEMBERED = timedelta(days=60)
"""Acceptances of posts that were due longer ago are dropped: their deliveries remember them."""


def accepted_files(connection: sa.Connection) -> dict[str, AcceptedFile]:
    """The last accepted version of every campaign, by id."""
    rows = connection.execute(sa.select(F))
    return {
        row.campaign: AcceptedFile(
            campaign=row.campaign,
            path=row.path,
            content=row.content,
            sha256=row.sha256,
            signature=row.signature,
            accepted_at=row.accepted_at,
            unusable_since=row.unusable_since,
            unusable_reason=row.unusable_reason,
        )
        for row in rows
    }


def accept_file(
    connection: sa.Connection, *, campaign: str, path: str, content: bytes, sha256: str, signature: str, now: datetime
) -> None:
    """Remember a good version. The time of acceptance stays when nothing has changed."""
    before = connection.execute(sa.select(F.c.signature, F.c.unusable_since).where(F.c.campaign == campaign)).first()
    if before is not None and before.signature == signature:
        if before.unusable_since is not None:
            connection.execute(
                sa.update(F).where(F.c.campaign == campaign).values(unusable_since=None, unusable_reason=None)
            )
        return
    connection.execute(sa.delete(F).where(F.c.campaign == campaign))
    connection.execute(
        sa.insert(F).values(
            campaign=campaign, path=path, content=content, sha256=sha256, signature=signature, accepted_at=now
        )
    )


def mark_unusable(connection: sa.Connection, campaign: str, reason: str, now: datetime) -> None:
    """Remember since when, and why, the file can't be used; the first time counts."""
    connection.execute(
        sa.update(F)
        .where(F.c.campaign == campaign, F.c.unusable_since.is_(None))
        .values(unusable_since=now, unusable_reason=reason)
    )


def forget_file(connection: sa.Connection, campaign: str) -> None:
    """The accepted copy has served its time, or a person dropped it."""
    connection.execute(sa.delete(F).where(F.c.campaign == campaign))


def acceptances(connection: sa.Connection) -> dict[str, Acceptance]:
    """All remembered acceptances, by key."""
    return {
        row.key: Acceptance(key=row.key, campaign=row.campaign, due_at=row.due_at, accepted_at=row.accepted_at)
        for row in connection.execute(sa.select(A))
    }


def accept_posts(connection: sa.Connection, found: Iterable[Acceptance], now: datetime) -> None:
    """Remember posts; a due time that moved counts as accepted anew, one that did not keeps its first acceptance."""
    before = acceptances(connection)
    changed = [post for post in found if post.key not in before or before[post.key].due_at != post.due_at]
    if changed:
        connection.execute(sa.delete(A).where(A.c.key == sa.bindparam("old")), [{"old": post.key} for post in changed])
        connection.execute(
            sa.insert(A),
            [
                {"key": post.key, "campaign": post.campaign, "due_at": post.due_at, "accepted_at": post.accepted_at}
                for post in changed
            ],
        )
    connection.execute(sa.delete(A).where(A.c.due_at < now - REMEMBERED))


def forget_post(connection: sa.Connection, key: str) -> None:
    """It left the files: should it come back, that is a new acceptance."""
    connection.execute(sa.delete(A).where(A.c.key == key))
