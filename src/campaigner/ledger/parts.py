"""What has happened to the parts of a post, inside a transaction: every call that was begun, receipts of what is out, and images.

An attempt is never overwritten. A receipt says whose the id is that a platform gave. An image has what the platform called it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .models import Attempt, Delivery, PublishedPart, StoredMedia
from .tables import Connection, instant

DELETED = "deleted"
NOT_OUT = ("rejected", "unavailable", "unauthorized", "not out", DELETED)
"""Outcomes of attempts after which it is certain that nothing is out."""

WITHDRAWN = "withdrawn"
"""Outcome of an attempt that was written down and stopped before its first byte: nothing was tried."""

OF_PART = "FROM delivery_attempts WHERE delivery_id = :delivery AND part = :part AND generation = :generation"
WAS_TRIED = f"kind = 'publish' AND (outcome IS NULL OR outcome <> '{WITHDRAWN}')"


def record_attempt(connection: Connection, delivery: Delivery, part: int, kind: str, run_id: str, now: datetime) -> int:
    """Write down that a call begins; `kind` is upload, publish or look."""
    return connection.insert(
        "delivery_attempts",
        delivery_id=delivery.id,
        part=part,
        generation=delivery.generation,
        kind=kind,
        run_id=run_id,
        started_at=now,
    )


def end_attempt(connection: Connection, attempt_id: int, outcome: str, reason: str, now: datetime) -> None:
    """Write down what came of a call."""
    connection.update("delivery_attempts", attempt_id, ended_at=now, outcome=outcome, reason=reason)


def is_in_flight(connection: Connection, delivery: Delivery) -> bool:
    """True when the last publishing call has no recorded end."""
    query = "SELECT 1 FROM delivery_attempts WHERE delivery_id = :id AND kind = 'publish' AND ended_at IS NULL"
    return connection.first(query, id=delivery.id) is not None


def first_attempt_at(connection: Connection, delivery: Delivery, part: int) -> datetime | None:
    """When the first publishing call of this part, in this generation, began."""
    return instant(_of_part(connection, "min(started_at)", delivery, part, WAS_TRIED))


def last_attempt_at(connection: Connection, delivery: Delivery, part: int) -> datetime | None:
    """When the latest publishing call of this part, in this generation, was last known to be on its way.

    It may have left long after it was written down: one that came into doubt counts from when that was seen.
    """
    last = "max(CASE WHEN outcome = 'in-doubt' THEN ended_at ELSE started_at END)"
    return instant(_of_part(connection, last, delivery, part, WAS_TRIED))


def times_not_out(connection: Connection, delivery: Delivery, part: int) -> int:
    """How often an attempt of this part was settled as not out: each time a new dedupe token is due."""
    not_out = ", ".join(f"'{outcome}'" for outcome in NOT_OUT)
    return _of_part(connection, "count(*)", delivery, part, f"outcome IN ({not_out})") or 0


def attempts_of(connection: Connection, delivery: Delivery) -> list[Attempt]:
    """Every attempt of a delivery, oldest first."""
    return connection.records(Attempt, "FROM delivery_attempts WHERE delivery_id = :id ORDER BY id", id=delivery.id)


def count_attempts(connection: Connection) -> dict[str, int]:
    """How often each post was tried, by key: publishing calls only."""
    return dict(
        connection.execute(
            "SELECT deliveries.key, count(*) FROM deliveries"
            " JOIN delivery_attempts ON delivery_attempts.delivery_id = deliveries.id"
            f" WHERE {WAS_TRIED} GROUP BY deliveries.key"
        )
    )


def end_open_attempts(connection: Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    """Calls whose end nobody saw may have done what they were to do."""
    connection.run(
        "UPDATE delivery_attempts SET ended_at = :now, outcome = 'in-doubt', reason = :reason"
        " WHERE delivery_id = :id AND ended_at IS NULL",
        id=delivery.id,
        now=now,
        reason=reason,
    )


def _of_part(connection: Connection, wanted: str, delivery: Delivery, part: int, condition: str) -> int | None:
    query = f"SELECT {wanted} {OF_PART} AND {condition}"
    found: int | None = connection.first(query, delivery=delivery.id, part=part, generation=delivery.generation)
    return found


UNCONFIRMED = "unconfirmed"
"""In the `extra` of a part whose address a person gave, and which was not found to be ours: it is never taken down."""
OF_DELIVERY = "FROM parts WHERE delivery_id = :delivery AND generation = :generation"


def receipts_of(connection: Connection, delivery: Delivery) -> list[PublishedPart]:
    """The receipts of the parts that are out, in order."""
    rest = f"{OF_DELIVERY} ORDER BY part"
    return connection.records(PublishedPart, rest, delivery=delivery.id, generation=delivery.generation)


def forget_receipt(connection: Connection, delivery: Delivery, part: int) -> None:
    """A part was taken down: its id is nobody's any more."""
    statement = f"DELETE {OF_DELIVERY} AND part = :part"
    connection.run(statement, delivery=delivery.id, generation=delivery.generation, part=part)


def owner_of(connection: Connection, identity: str, remote_id: str) -> str | None:
    """The KEY of the post that a remote id of this identity is recorded for."""
    query = (
        "SELECT deliveries.key FROM deliveries JOIN parts ON parts.delivery_id = deliveries.id"
        " WHERE parts.identity = :identity AND parts.remote_id = :remote_id"
    )
    found: str | None = connection.first(query, identity=identity, remote_id=remote_id)
    return found


def owned_by(connection: Connection, identity: str) -> frozenset[str]:
    """Every remote id of this identity that the ledger knows."""
    return frozenset(connection.column("SELECT remote_id FROM parts WHERE identity = :identity", identity=identity))


KEPT_FOR = timedelta(hours=1)
"""Platforms throw away after hours what no post uses."""


def media_of(connection: Connection, delivery: Delivery) -> list[StoredMedia]:
    """The images of a claimed post."""
    return connection.records(StoredMedia, "FROM media WHERE delivery_id = :id ORDER BY part, position", id=delivery.id)


def save_upload(connection: Connection, media_id: int, upload: Mapping[str, Any], now: datetime) -> None:
    """Keep what the platform called an uploaded image."""
    connection.update("media", media_id, upload=upload, uploaded_at=now)


def forget_uploads(connection: Connection, delivery: Delivery) -> None:
    """Upload again before the next attempt: unattached media expire."""
    connection.run("UPDATE media SET upload = NULL, uploaded_at = NULL WHERE delivery_id = :id", id=delivery.id)


def uploads_made(connection: Connection, delivery: Delivery, now: datetime) -> dict[tuple[int, int], dict[str, Any]]:
    """What was uploaded for a post not long ago, by part and position: a server may still be at work on it."""
    rest = "FROM media WHERE delivery_id = :id AND uploaded_at > :since"
    found = connection.records(StoredMedia, rest, absent={"data"}, id=delivery.id, since=now - KEPT_FOR)
    return {(one.part, one.position): {"upload": one.upload, "uploaded_at": one.uploaded_at} for one in found}
