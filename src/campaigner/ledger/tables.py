"""The ledger's tables. Instants are stored as whole microseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

SCHEMA_VERSION = "0004"
EARLIER = ("0001", "0002", "0003")
"""Schemas that `ledger upgrade` knows the way from, oldest first."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

metadata = sa.MetaData()


EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""What can be reckoned with. A ledger may hold others, that a server once named: they are read as the nearest of these."""


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept as an integer so that it sorts and compares exactly."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else min(max(_microseconds(value), _FIRST), _LAST)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=min(max(value, _FIRST), _LAST))


def _microseconds(value: datetime) -> int:
    return (value - EPOCH) // timedelta(microseconds=1)


_FIRST, _LAST = _microseconds(EARLIEST), _microseconds(LATEST)


meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

alembic_version = sa.Table("alembic_version", metadata, sa.Column("version_num", sa.String(32), primary_key=True))

owners = sa.Table(
    "owners",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("lock_path", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)

accepted_files = sa.Table(
    "accepted_files",
    metadata,
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("accepted_at", Instant, nullable=False),
)

acceptances = sa.Table(
    "acceptances",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("accepted_at", Instant, nullable=False),
    sa.Column("late_at", Instant, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("edition", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("identity", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("forced", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("first_due_at", Instant),
    sa.Column("content_created_at", Instant),
    sa.Column("retry_at", Instant),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("digest", sa.Text),
    sa.Column("text_digest", sa.Text),
    sa.Column("content", sa.JSON),
    sa.Column("owner_id", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("published_at", Instant),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Index("deliveries_by_state", "state", "owner_id"),
    sa.Index("deliveries_by_text", "account", "text_digest"),
    sa.Index("deliveries_by_update", "updated_at"),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.id"), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("alt", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary),
    sa.Column("upload", sa.JSON),
    sa.Column("uploaded_at", Instant),
    sa.UniqueConstraint("delivery_id", "part", "position"),
)

parts = sa.Table(
    "parts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.id"), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("remote_id", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("extra", sa.JSON, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
    sa.UniqueConstraint("identity", "remote_id"),
    sa.UniqueConstraint("delivery_id", "generation", "part"),
)

attempts = sa.Table(
    "delivery_attempts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey("deliveries.id"), nullable=False, index=True),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("owner_id", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False, index=True),
    sa.Column("ended_at", Instant),
    sa.Column("outcome", sa.Text),
    sa.Column("reason", sa.Text),
)

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("owner_id", sa.Text),
    sa.Column("identity", sa.Text),
    sa.Column("last_sent_at", Instant),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rested_until", Instant),
    sa.Column("stopped_at", Instant),
    sa.Column("stopped_reason", sa.Text),
    sa.Column("trouble", sa.Text),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("campaign", sa.Text),
    sa.Column("account", sa.Text),
    sa.Column("until", Instant),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("given_at", Instant, nullable=False),
    sa.Column("released_by", sa.Text),
    sa.Column("released_at", Instant),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("given_by", sa.Text, nullable=False),
    sa.Column("given_at", Instant, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("command", sa.Text, nullable=False, server_default=""),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("withdrawn_at", Instant),
    # Of each subject one alert stands; those that are withdrawn may be many.
    sa.Index(
        "alerts_standing",
        "subject",
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    ),
)

alert_receipts = sa.Table(
    "alert_receipts",
    metadata,
    sa.Column("alert_id", sa.Integer, sa.ForeignKey("alerts.id"), primary_key=True),
    sa.Column("recipient", sa.Text, primary_key=True),
    sa.Column("sent_at", Instant, nullable=False),
)
