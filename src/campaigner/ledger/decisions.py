"""Decisions of people inside a transaction: hold and release, approvals, and the record of who decided what."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from ..post.key import PostKey
from . import alerts
from .models import Approval, Decision, Hold
from .tables import Connection, recalled

YES = "run --once --yes"
"""A person's answer to the gates of one post: it counts until the post is settled, in whatever run."""


@recalled("holds")
def open_holds(connection: Connection) -> list[Hold]:
    """Holds that nobody and nothing has released yet, those past their time among them: a run has to end one first.

    So what came due under it is skipped and told, and nothing slips out while nobody has vouched for our clock.
    """
    return connection.records(Hold, "FROM holds WHERE released_at IS NULL ORDER BY id")


def active_holds(connection: Connection, now: datetime) -> list[Hold]:
    """Holds that are neither released nor past their time."""
    return [hold for hold in open_holds(connection) if hold.until is None or now < hold.until]


def give_hold(
    connection: Connection,
    *,
    campaign: str | None,
    account: str | None,
    until: datetime | None,
    reason: str,
    given_by: str,
    now: datetime,
) -> None:
    """Stop everything, or one campaign or account, from this transaction on, in every process."""
    connection.insert(
        "holds",
        campaign=campaign,
        account=account,
        until=until,
        reason=reason,
        given_by=given_by,
        given_at=now,
    )
    decide(connection, "hold", _scope(campaign, account), reason, given_by, now)


def release_holds(
    connection: Connection,
    *,
    campaign: str | None,
    account: str | None,
    released_by: str,
    now: datetime,
    reason: str = "",
) -> list[Hold]:
    """Release the holds of exactly this scope; without a scope, all of them. Returns what was released."""
    everything = campaign is None and account is None
    released = [
        hold for hold in open_holds(connection) if everything or (hold.campaign, hold.account) == (campaign, account)
    ]
    for hold in released:
        end_hold(connection, hold, released_by=released_by, now=now)
    if released:
        decide(connection, "release", _scope(campaign, account), reason, released_by, now)
    return released


def end_hold(connection: Connection, hold: Hold, *, released_by: str, now: datetime) -> None:
    """This hold holds nothing any more."""
    connection.update("holds", hold.id, released_at=now, released_by=released_by)


def approve(connection: Connection, key: str, digest: str, given_by: str, now: datetime, reason: str = "") -> None:
    """Record that a person has seen exactly this content."""
    connection.upsert("approvals", "key", key=key, digest=digest, given_by=given_by, given_at=now)
    alerts.withdraw_subject(connection, f"approval {key}", now)
    decide(connection, f"approve {approval_code([digest])}", key, reason, given_by, now)


def approval_code(digests: Sequence[str]) -> str:
    """The short code of several posts together, in the order of their KEYs; of a single one its own."""
    joined = digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
    head = joined[:8].upper()
    return f"{head[:4]}-{head[4:]}"


def approvals(connection: Connection) -> dict[str, Approval]:
    """The last approval of each post, by key."""
    return {found.key: found for found in connection.records(Approval, "FROM approvals")}


@recalled("approvals")
def approved_digests(connection: Connection) -> dict[str, str]:
    """The digest that was approved, by key."""
    return dict(connection.execute("SELECT key, digest FROM approvals"))


def hold_reason(connection: Connection, key: PostKey) -> str | None:
    """The words of the hold that covers a post, None when there is none."""
    holds = (hold for hold in open_holds(connection) if hold.covers(key.campaign, key.account))
    return next((f"on hold: {hold.reason}" for hold in holds), None)


def block_reason(connection: Connection, key: PostKey, digest: str | None, *, approval_required: bool) -> str | None:
    """Why people don't let a post with this content out at this moment, None when they do."""
    if (held := hold_reason(connection, key)) is not None:
        return held
    if approval_required:
        approved = approved_digests(connection).get(str(key))
        if approved != digest:
            return "it is not approved" if approved is None else "it was changed after its approval"
    return None


def decide(connection: Connection, what: str, key: str | None, reason: str, made_by: str, now: datetime) -> None:
    """Record a person's decision: who, when, why."""
    connection.insert("decisions", what=what, key=key, reason=reason, made_by=made_by, made_at=now)


@recalled("decisions")
def confirmed_keys(connection: Connection) -> frozenset[str]:
    """The posts that a person has let past the gates."""
    return frozenset(connection.column("SELECT key FROM decisions WHERE what = :what", what=YES))


def made(connection: Connection) -> list[Decision]:
    """What people decided, oldest first."""
    return connection.records(Decision, "FROM decisions ORDER BY id")


def _scope(campaign: str | None, account: str | None) -> str | None:
    return ", ".join(filter(None, (campaign and f"campaign {campaign}", account and f"account {account}"))) or None
