"""Decisions of people inside a transaction: hold and release, approvals, and the record of who decided what."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from . import alerts, tables
from .prepared import Prepared
from .records import Decision, Delivery, Hold

H = tables.holds
OPEN_HOLDS = Prepared(sa.select(H).where(H.c.released_at.is_(None)).order_by(H.c.id))


def open_holds(connection: sa.Connection) -> list[Hold]:
    """Holds that nobody and nothing has released yet, those past their time among them."""
    return [_hold(row) for row in OPEN_HOLDS.rows(connection, {})]


def active_holds(connection: sa.Connection, now: datetime) -> list[Hold]:
    """Holds that are neither released nor past their time."""
    return [hold for hold in open_holds(connection) if hold.until is None or now < hold.until]


def give_hold(
    connection: sa.Connection,
    *,
    campaign: str | None,
    account: str | None,
    until: datetime | None,
    reason: str,
    given_by: str,
    now: datetime,
) -> None:
    """Stop everything, or one campaign or account, from this transaction on, in every process."""
    connection.execute(
        sa.insert(H).values(
            campaign=campaign, account=account, until=until, reason=reason, given_by=given_by, given_at=now
        )
    )
    decide(connection, "hold", _scope(campaign, account), reason, given_by, now)


def release_holds(
    connection: sa.Connection,
    *,
    campaign: str | None,
    account: str | None,
    released_by: str,
    now: datetime,
    reason: str = "",
) -> list[Hold]:
    """Release the holds of exactly this scope; without a scope, all of them. Returns what was released."""
    query = sa.select(H).where(H.c.released_at.is_(None))
    if campaign is not None or account is not None:
        query = query.where(H.c.campaign.is_(campaign) if campaign is None else H.c.campaign == campaign)
        query = query.where(H.c.account.is_(account) if account is None else H.c.account == account)
    released = [_hold(row) for row in connection.execute(query)]
    for hold in released:
        end_hold(connection, hold, released_by=released_by, now=now)
    if released:
        decide(connection, "release", _scope(campaign, account), reason, released_by, now)
    return released


def end_hold(connection: sa.Connection, hold: Hold, *, released_by: str, now: datetime) -> None:
    """This hold holds nothing any more."""
    connection.execute(sa.update(H).where(H.c.id == hold.id).values(released_at=now, released_by=released_by))


def approve(connection: sa.Connection, key: str, digest: str, given_by: str, now: datetime, reason: str = "") -> None:
    """Record that a person has seen exactly this content."""
    table = tables.approvals
    connection.execute(sa.delete(table).where(table.c.key == key))
    connection.execute(sa.insert(table).values(key=key, digest=digest, given_by=given_by, given_at=now))
    alerts.withdraw_subject(connection, f"approval {key}", now)
    code = f"{digest[:4]}-{digest[4:8]}".upper()
    decide(connection, f"approve {code}", key, reason, given_by, now)


def approved_digests(connection: sa.Connection) -> dict[str, str]:
    """The digest that was approved, by key."""
    table = tables.approvals
    return {row.key: row.digest for row in connection.execute(sa.select(table.c.key, table.c.digest))}


def why_stopped(connection: sa.Connection, delivery: Delivery, now: datetime, *, approval_required: bool) -> str | None:
    """The reason why a delivery must not be sent at this moment, None when it may."""
    for hold in active_holds(connection, now):
        if hold.covers(delivery.key.campaign, delivery.key.account):
            return f"on hold: {hold.reason}"
    if approval_required:
        table = tables.approvals
        digest = connection.execute(
            sa.select(table.c.digest).where(table.c.key == str(delivery.key))
        ).scalar_one_or_none()
        if digest != delivery.digest:
            return "it is not approved" if digest is None else "it was changed after its approval"
    return None


def decide(connection: sa.Connection, what: str, key: str | None, reason: str, made_by: str, now: datetime) -> None:
    """Record a person's decision: who, when, why."""
    connection.execute(
        sa.insert(tables.decisions).values(what=what, key=key, reason=reason, made_by=made_by, made_at=now)
    )


YES = "run --once --yes"
"""A person's answer to the gates of one post: it counts until the post is settled, in whatever run."""


def answered_keys(connection: sa.Connection) -> frozenset[str]:
    """The posts that a person has let past the gates."""
    table = tables.decisions
    return frozenset(connection.execute(sa.select(table.c.key).where(table.c.what == YES)).scalars())


def decisions(connection: sa.Connection, wanted: str = "") -> list[Decision]:
    """What people decided, oldest first: of all, or of the KEY `wanted` and those below it."""
    table = tables.decisions
    query = sa.select(table).order_by(table.c.id)
    if wanted:
        query = query.where(sa.or_(table.c.key == wanted, table.c.key.startswith(f"{wanted}/", autoescape=True)))
    return [
        Decision(what=row.what, key=row.key, reason=row.reason, made_by=row.made_by, made_at=row.made_at)
        for row in connection.execute(query)
    ]


def _scope(campaign: str | None, account: str | None) -> str | None:
    return ", ".join(filter(None, (campaign and f"campaign {campaign}", account and f"account {account}"))) or None


def _hold(row: sa.Row[tuple[object, ...]]) -> Hold:
    return Hold(
        id=row.id,
        campaign=row.campaign,
        account=row.account,
        until=row.until,
        reason=row.reason,
        given_by=row.given_by,
        given_at=row.given_at,
    )
