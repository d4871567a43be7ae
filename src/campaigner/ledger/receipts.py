"""Receipts inside a transaction: the parts that are out, and whose the ids are that a platform gave."""

from __future__ import annotations

import sqlalchemy as sa

from . import tables
from .prepared import Prepared
from .records import Delivery, PublishedPart

P = tables.parts
UNCONFIRMED = "unconfirmed"
"""In the `extra` of a part whose address a person gave, and which was not found to be ours: it is never taken down."""
OWNED = Prepared(
    sa.select(P.c.id).where(
        P.c.identity == sa.bindparam("wanted_identity"),
        P.c.remote_id == sa.bindparam("wanted_remote"),
    )
)


def of(connection: sa.Connection, delivery: Delivery) -> list[PublishedPart]:
    """The receipts of the parts that are out, in order."""
    query = sa.select(P).where(P.c.delivery_id == delivery.id, P.c.generation == delivery.generation).order_by(P.c.part)
    return [
        PublishedPart(
            part=row.part, remote_id=row.remote_id, url=row.url, extra=row.extra, published_at=row.published_at
        )
        for row in connection.execute(query)
    ]


def forget(connection: sa.Connection, delivery: Delivery, part: int) -> None:
    """A part was taken down: its id is nobody's any more."""
    same = (P.c.delivery_id == delivery.id, P.c.generation == delivery.generation, P.c.part == part)
    connection.execute(sa.delete(P).where(*same))


def is_owned(connection: sa.Connection, delivery: Delivery, remote_id: str) -> bool:
    """True when a remote id of this identity belongs to a part that is recorded already."""
    wanted = {"wanted_identity": delivery.identity, "wanted_remote": remote_id}
    return OWNED.first(connection, wanted) is not None


def owner_of(connection: sa.Connection, identity: str, remote_id: str) -> str | None:
    """The KEY of the post that a remote id of this identity is recorded for."""
    D = tables.deliveries
    query = sa.select(D.c.key).join(P, P.c.delivery_id == D.c.id)
    found: str | None = connection.execute(
        query.where(P.c.identity == identity, P.c.remote_id == remote_id)
    ).scalar_one_or_none()
    return found


def owned_ids(connection: sa.Connection, delivery: Delivery) -> frozenset[str]:
    """Remote ids on this identity that belong to other deliveries, or to other parts of this one."""
    return owned_by(connection, delivery.identity or "")


def owned_by(connection: sa.Connection, identity: str) -> frozenset[str]:
    """Every remote id of this identity that the ledger knows."""
    return frozenset(connection.execute(sa.select(P.c.remote_id).where(P.c.identity == identity)).scalars())
