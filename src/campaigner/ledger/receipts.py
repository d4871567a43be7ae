"""Receipts inside a transaction: the parts that are out, and whose the ids are that a platform gave."""

from __future__ import annotations

from .models import Delivery, PublishedPart
from .rows import Connection, execute, first, first_column, select

UNCONFIRMED = "unconfirmed"
"""In the `extra` of a part whose address a person gave, and which was not found to be ours: it is never taken down."""
OF_DELIVERY = "FROM parts WHERE delivery_id = :delivery AND generation = :generation"


def of(connection: Connection, delivery: Delivery) -> list[PublishedPart]:
    """The receipts of the parts that are out, in order."""
    rest = f"{OF_DELIVERY} ORDER BY part"
    return select(connection, PublishedPart, rest, delivery=delivery.id, generation=delivery.generation)


def forget(connection: Connection, delivery: Delivery, part: int) -> None:
    """A part was taken down: its id is nobody's any more."""
    statement = f"DELETE {OF_DELIVERY} AND part = :part"
    execute(connection, statement, delivery=delivery.id, generation=delivery.generation, part=part)


def owner_of(connection: Connection, identity: str, remote_id: str) -> str | None:
    """The KEY of the post that a remote id of this identity is recorded for."""
    query = (
        "SELECT deliveries.key FROM deliveries JOIN parts ON parts.delivery_id = deliveries.id"
        " WHERE parts.identity = :identity AND parts.remote_id = :remote_id"
    )
    found: str | None = first(connection, query, identity=identity, remote_id=remote_id)
    return found


def owned_ids(connection: Connection, delivery: Delivery) -> frozenset[str]:
    """Remote ids on this identity that belong to other deliveries, or to other parts of this one."""
    return owned_by(connection, delivery.identity or "")


def owned_by(connection: Connection, identity: str) -> frozenset[str]:
    """Every remote id of this identity that the ledger knows."""
    return frozenset(
        first_column(connection, "SELECT remote_id FROM parts WHERE identity = :identity", identity=identity)
    )
