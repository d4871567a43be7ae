"""Deliveries inside a transaction: claim, the last look before sending, settle, recover after a death."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ..post.key import PostKey
from . import alerts, attempts, lanes, switches, tables, uploads
from .prepared import Prepared
from .records import MAY_BE_OUT, OPEN, Delivery, PublishedPart, State

SAME_TEXT_WITHIN = timedelta(days=30)
NOT_YET = "it is not due yet: the clock went back while it was on its way"


D = tables.deliveries

# Built once: putting a statement together costs as much as running it.
FIND = Prepared(sa.select(D).where(D.c.key == sa.bindparam("wanted_key")))
UPDATE = Prepared(sa.update(D).where(D.c.id == sa.bindparam("wanted_id")))
INSERT = Prepared(sa.insert(D))
INSERT_PART = Prepared(sa.insert(tables.parts))
FORGET_DATA = Prepared(
    sa.update(tables.media).where(tables.media.c.delivery_id == sa.bindparam("wanted_delivery")).values(data=sa.null())
)
WITHOUT_CONTENT = [sa.null().label("content") if column is D.c.content else column for column in D.c]
SINCE = Prepared(
    sa.select(*WITHOUT_CONTENT)
    .where(
        sa.or_(
            *(D.c.state == str(state) for state in sorted(OPEN)),
            D.c.due_at >= sa.bindparam("since", type_=tables.Instant()),
        )
    )
    .order_by(D.c.due_at, D.c.id)
)
SAME_TEXT = Prepared(
    sa.select(D.c.key)
    .where(
        D.c.account == sa.bindparam("wanted_account"),
        D.c.text_digest == sa.bindparam("wanted_text"),
        D.c.key != sa.bindparam("own_key"),
        sa.or_(*(D.c.state == str(state) for state in (*MAY_BE_OUT, State.CLAIMED))),
        D.c.updated_at > sa.bindparam("since", type_=tables.Instant()),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Everything of a post that is stored before anything is sent. `media` rows are (part, position, fields)."""

    key: PostKey
    identity: str
    due_at: datetime
    digest: str
    text_digest: str
    content: Mapping[str, Any]
    media: Sequence[Mapping[str, Any]]
    forced: bool = False
    allow_same_text: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a delivery may not go on now. `held`: a person must decide; else another process has it, or it is settled."""

    reason: str
    held: bool = False


def find(connection: sa.Connection, key: PostKey) -> Delivery | None:
    """The delivery of a post, None when it has none yet."""
    row = FIND.first(connection, {"wanted_key": str(key)})
    return None if row is None else _delivery(row)


def select(connection: sa.Connection, states: Iterable[State] | None = None) -> list[Delivery]:
    """All deliveries, or those in the given states, oldest due first and then by KEY, whichever was claimed first."""
    query = sa.select(D).order_by(D.c.due_at, D.c.key)
    if states is not None:
        query = query.where(D.c.state.in_([str(state) for state in states]))
    return [_delivery(row) for row in connection.execute(query)]


def select_since(connection: sa.Connection, since: datetime) -> list[Delivery]:
    """Deliveries that are still open, or were due since `since`, without their content: of a year that would be much."""
    return [_delivery(row) for row in SINCE.rows(connection, {"since": since})]


def siblings(connection: sa.Connection, key: PostKey) -> list[Delivery]:
    """The other posts of the same message in the same edition, whatever their account and language."""
    same = (D.c.campaign == key.campaign, D.c.edition == key.edition, D.c.message == key.message)
    query = sa.select(D).where(*same, D.c.key != str(key)).order_by(D.c.id)
    return [_delivery(row) for row in connection.execute(query)]


def settled_keys(connection: sa.Connection) -> dict[str, State]:
    """The state of every delivery by its key: what planning subtracts."""
    return {row.key: State(row.state) for row in connection.execute(sa.select(D.c.key, D.c.state))}


def claim(connection: sa.Connection, claim: Claim, owner_id: str, now: datetime) -> Delivery | Refusal:
    """Take a post for this process and store what will be sent; a Refusal when somebody else has it or it is settled."""
    before = find(connection, claim.key)
    if before is not None and before.state is not State.DUE:
        return Refusal(f"it is {before.state} already")
    forced = claim.forced or (before is not None and before.forced)
    if now < claim.due_at and not forced:
        return Refusal(NOT_YET)
    if not (forced or claim.allow_same_text) and (twin := same_text(connection, claim, now)):
        return Refusal(f"the same text went out on this account as {twin}", held=True)
    values = _claim_values(claim, owner_id, now, before)
    made: Mapping[tuple[int, int], Mapping[str, Any]] = {}
    if before is None:
        delivery_id = INSERT.insert(connection, {**_key_columns(claim.key), **values})
    else:
        delivery_id = before.id
        if claim.media and before.digest == claim.digest and before.identity == claim.identity:
            made = uploads.made(connection, before, now)
        _update(connection, delivery_id, **values)
        connection.execute(sa.delete(tables.media).where(tables.media.c.delivery_id == delivery_id))
    if claim.media:
        none = {"upload": None, "uploaded_at": None}
        rows = [
            {"delivery_id": delivery_id, **row, **(made.get((row["part"], row["position"]), none) if made else {})}
            for row in claim.media
        ]
        connection.execute(sa.insert(tables.media), rows)
    found = find(connection, claim.key)
    assert found is not None
    return replace(found, is_new=before is None)


def reclaim(connection: sa.Connection, delivery: Delivery, owner_id: str, now: datetime) -> Delivery | Refusal:
    """Take a thread again whose first parts are out: what was stored is what goes on."""
    current = find(connection, delivery.key)
    if current is None or current.state is not State.DUE:
        return Refusal(f"it is {current.state if current else 'gone'} already")
    _update(connection, current.id, state=State.CLAIMED, owner_id=owner_id, retry_at=None, updated_at=now)
    uploads.forget(connection, current)
    return find(connection, delivery.key) or Refusal("it is gone")


def same_text(connection: sa.Connection, claim: Claim, now: datetime) -> str | None:
    """The KEY under which the same text is, or may be, out on this account since 30 days.

    One account may have two names in the config, or had another one before. Name by name: asked of all at once, SQLite
    would read every post that is out.
    """
    wanted = {"wanted_text": claim.text_digest, "own_key": str(claim.key), "since": now - SAME_TEXT_WITHIN}
    for account in {claim.key.account, *lanes.names_of(connection, claim.identity)}:
        row = SAME_TEXT.first(connection, {**wanted, "wanted_account": account})
        if row is not None:
            return str(row.key)
    return None


def begun_keys(connection: sa.Connection) -> frozenset[str]:
    """Posts that are over, out or may be, also in part: all but those that a run has at most claimed."""
    waiting = sa.and_(D.c.state.in_([str(State.DUE), str(State.CLAIMED)]), D.c.published_at.is_(None))
    return frozenset(connection.execute(sa.select(D.c.key).where(~waiting)).scalars())


def texts_out(connection: sa.Connection, now: datetime) -> frozenset[str]:
    """The digests of all texts that readers may be seeing since 30 days, whatever the account."""
    states = [str(state) for state in MAY_BE_OUT]
    query = sa.select(D.c.text_digest).where(
        D.c.state.in_(states), D.c.text_digest.is_not(None), D.c.updated_at > now - SAME_TEXT_WITHIN
    )
    return frozenset(connection.execute(query).scalars())


def start_part(
    connection: sa.Connection,
    delivery: Delivery,
    part: int,
    owner_id: str,
    now: datetime,
    *,
    approval_required: bool,
    hold_file: Callable[[], str | None],
    repeat: bool = False,
    just_claimed: bool = False,
) -> int | Refusal:
    """The last look: read again time, hold, cancel, approval, content and owner, and write "sending". Returns the attempt's id.

    `repeat` is the same call again for a post in doubt; everything is looked at the same way. `just_claimed`: in this very
    transaction, so `delivery` is what a second reading would give.
    """
    current = delivery if just_claimed else find(connection, delivery.key)
    wanted = State.IN_DOUBT if repeat else (State.CLAIMED if part == 0 else State.SENDING)
    refusal = _why_not_ours(delivery, current, {wanted, State.CLAIMED}, owner_id) or _why_stopped(
        connection,
        delivery,
        now,
        is_begun=part > 0 or repeat,
        approval_required=approval_required,
        hold_file=hold_file,
    )
    if refusal is not None:
        return refusal
    _update(connection, delivery.id, state=State.SENDING, updated_at=now)
    return attempts.record(connection, delivery, part, "publish", owner_id, now)


def look_again(
    connection: sa.Connection,
    delivery: Delivery,
    owner_id: str,
    now: datetime,
    *,
    approval_required: bool,
    hold_file: Callable[[], str | None],
) -> Refusal | None:
    """The last look once more, for a post that was written down as being sent and is not on its way yet."""
    current = find(connection, delivery.key)
    return _why_not_ours(delivery, current, {State.SENDING}, owner_id) or _why_stopped(
        connection, delivery, now, is_begun=False, approval_required=approval_required, hold_file=hold_file
    )


def _why_not_ours(
    delivery: Delivery, current: Delivery | None, states: Collection[State], owner_id: str
) -> Refusal | None:
    if current is None or current.state not in states or current.owner_id != owner_id:
        return Refusal(f"it is {current.state if current else 'gone'} now")
    if current.digest != delivery.digest or current.generation != delivery.generation:
        return Refusal("it was changed meanwhile")
    return None


def _why_stopped(
    connection: sa.Connection,
    delivery: Delivery,
    now: datetime,
    *,
    is_begun: bool,
    approval_required: bool,
    hold_file: Callable[[], str | None],
) -> Refusal | None:
    """Its time, and what people have said; of a post that `is_begun` its time has come."""
    if not is_begun and now < delivery.due_at and not delivery.forced:
        return Refusal(NOT_YET, held=True)
    reason = switches.why_stopped(connection, delivery, now, approval_required=approval_required) or hold_file()
    return Refusal(reason, held=True) if reason else None


def save_part(connection: sa.Connection, delivery: Delivery, part: PublishedPart) -> None:
    """Keep the receipt of one part."""
    row = {
        "delivery_id": delivery.id,
        "part": part.part,
        "generation": delivery.generation,
        "identity": delivery.identity,
        "remote_id": part.remote_id,
        "url": part.url,
        "extra": dict(part.extra),
        "published_at": part.published_at,
    }
    INSERT_PART.run(connection, row)
    if part.part == 0:
        _update(connection, delivery.id, url=part.url, published_at=part.published_at)


def settle(connection: sa.Connection, delivery: Delivery, state: State, now: datetime, reason: str = "") -> None:
    """Move a delivery to a state; the bytes of its media go when it is over."""
    values: dict[str, Any] = {"state": state, "reason": reason, "updated_at": now, "retry_at": None}
    if state is not State.SENDING:
        values["owner_id"] = None
    if state is State.PUBLISHED:
        values["failures"] = 0
    _update(connection, delivery.id, **values)
    if state in {State.PUBLISHED, State.MISSED, State.CANCELLED}:
        FORGET_DATA.run(connection, {"wanted_delivery": delivery.id})


def put_back(
    connection: sa.Connection,
    delivery: Delivery,
    now: datetime,
    *,
    reason: str,
    retry_at: datetime | None = None,
    failed: bool = False,
) -> None:
    """Make a delivery due again, at `retry_at` or at once."""
    _update(
        connection,
        delivery.id,
        state=State.DUE,
        owner_id=None,
        reason=reason,
        retry_at=retry_at,
        updated_at=now,
        failures=delivery.failures + int(failed),
    )


def keep_in_doubt(
    connection: sa.Connection,
    delivery: Delivery,
    now: datetime,
    *,
    reason: str,
    retry_at: datetime,
    failed: bool = False,
) -> None:
    """Record that a delivery may or may not be out, and when to look again."""
    _update(
        connection,
        delivery.id,
        state=State.IN_DOUBT,
        owner_id=None,
        reason=reason,
        retry_at=retry_at,
        updated_at=now,
        failures=delivery.failures + int(failed),
    )


def take_in_doubt(connection: sa.Connection, delivery: Delivery, owner_id: str, now: datetime) -> Delivery | Refusal:
    """Take a delivery in doubt for one round of reconciling."""
    current = find(connection, delivery.key)
    if current is None or current.state is not State.IN_DOUBT or current.owner_id is not None:
        return Refusal("another process looks after it")
    _update(connection, current.id, owner_id=owner_id, updated_at=now)
    return find(connection, delivery.key) or Refusal("it is gone")


def is_ours(connection: sa.Connection, delivery: Delivery, owner_id: str) -> bool:
    """True while this process still has the delivery in hand: nobody has settled it meanwhile."""
    current = find(connection, delivery.key)
    return current is not None and current.owner_id == owner_id


def recover(connection: sa.Connection, now: datetime) -> list[Delivery]:
    """What no living process has in hand: what was claimed is simply due again, what was sending is in doubt.

    Also of processes that ended well: the end of a call may have found the ledger locked. Returns what is in doubt.
    """
    living = sa.select(tables.owners.c.id).where(tables.owners.c.ended_at.is_(None))
    # By state, which has an index: what is over, and that is nearly all, nobody has in hand.
    in_hand = D.c.state.in_([str(state) for state in OPEN])
    left = sa.select(D).where(in_hand, D.c.owner_id.is_not(None), D.c.owner_id.not_in(living))
    rows = [_delivery(row) for row in connection.execute(left)]
    doubtful = []
    for delivery in rows:
        claimed = delivery.state is State.CLAIMED
        reason = "the process that had claimed it ended" if claimed else "the process ended while it was being sent"
        if break_off(connection, delivery, now, reason):
            doubtful.append(delivery)
    return doubtful


def break_off(connection: sa.Connection, delivery: Delivery, now: datetime, reason: str) -> bool:
    """Nobody has it in hand any more. True when its call may have begun, so that it is in doubt; else it is due again."""
    if delivery.state is State.IN_DOUBT:
        _update(connection, delivery.id, owner_id=None)
        return False
    if delivery.state is State.SENDING and attempts.is_in_flight(connection, delivery):
        keep_in_doubt(connection, delivery, now, reason=reason, retry_at=now)
        attempts.end_open(connection, delivery, now, reason)
        return True
    put_back(connection, delivery, now, reason=reason)
    return False


def create_settled(
    connection: sa.Connection, key: PostKey, due_at: datetime, state: State, now: datetime, reason: str
) -> Delivery | None:
    """Record a post that was never claimed as missed, cancelled or (by `retry`) due; None if it has a delivery already."""
    if find(connection, key) is not None:
        return None
    connection.execute(
        sa.insert(D).values(**_key_columns(key), due_at=due_at, state=state, updated_at=now, reason=reason)
    )
    return find(connection, key)


def keep_waiting(connection: sa.Connection, key: PostKey, due_at: datetime, now: datetime, reason: str) -> None:
    """Record why a post that may go out could not even be claimed: it stays due, and the gates it has passed stay passed."""
    found = find(connection, key)
    if found is None:
        create_settled(connection, key, due_at, State.DUE, now, reason)
    elif found.state is State.DUE:
        _update(connection, found.id, reason=reason, updated_at=now)


def force_due(connection: sa.Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    """A person wants it sent: due now, past `late` and the gates."""
    _update(
        connection,
        delivery.id,
        state=State.DUE,
        forced=True,
        owner_id=None,
        retry_at=None,
        failures=0,
        reason=reason,
        updated_at=now,
    )
    alerts.withdraw(connection, str(delivery.key), now)


def set_url(connection: sa.Connection, delivery: Delivery, url: str, now: datetime) -> None:
    """Where a post is, when a person says so."""
    _update(connection, delivery.id, url=url, published_at=delivery.published_at or now, updated_at=now)


def forget_published(connection: sa.Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    """After `delete`: it is not out any more; `retry` posts it as something new."""
    _update(
        connection,
        delivery.id,
        state=State.CANCELLED,
        generation=delivery.generation + 1,
        text_digest=None,
        url=None,
        published_at=None,
        reason=reason,
        updated_at=now,
    )


def newest_entry_at(connection: sa.Connection) -> datetime | None:
    """The latest instant that this ledger has written: the wall clock must not stand before it."""
    A = tables.attempts
    rows = connection.execute(
        sa.union_all(sa.select(sa.func.max(A.c.started_at)), sa.select(sa.func.max(D.c.updated_at)))
    ).scalars()
    return max((row for row in rows if row is not None), default=None)


def _claim_values(claim: Claim, owner_id: str, now: datetime, before: Delivery | None) -> dict[str, Any]:
    return {
        "identity": claim.identity,
        "state": State.CLAIMED,
        "forced": claim.forced or bool(before and before.forced),
        "due_at": claim.due_at,
        # Fixed at the first claim: the ids that a platform lets us choose are made of them.
        "first_due_at": (before and before.first_due_at) or claim.due_at,
        "content_created_at": (before and before.content_created_at) or now,
        "digest": claim.digest,
        "text_digest": claim.text_digest,
        "content": dict(claim.content),
        "owner_id": owner_id,
        "retry_at": None,
        "reason": "",
        "updated_at": now,
    }


def _key_columns(key: PostKey) -> dict[str, str]:
    return {
        "key": str(key),
        "campaign": key.campaign,
        "edition": key.edition,
        "message": key.message,
        "account": key.account,
        "language": key.language,
    }


def _update(connection: sa.Connection, delivery_id: int, **values: Any) -> None:
    UPDATE.run(connection, {"wanted_id": delivery_id, **values})


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        key=PostKey(row.campaign, row.edition, row.message, row.account, row.language),
        identity=row.identity,
        state=State(row.state),
        generation=row.generation,
        forced=row.forced,
        due_at=row.due_at,
        first_due_at=row.first_due_at,
        content_created_at=row.content_created_at,
        retry_at=row.retry_at,
        failures=row.failures,
        digest=row.digest,
        content=row.content,
        owner_id=row.owner_id,
        reason=row.reason,
        url=row.url,
        published_at=_published_at(row),
        updated_at=row.updated_at,
    )


def _published_at(row: Any) -> datetime | None:
    """When it went out; no later than it was written down, whatever a server's clock had said."""
    found: datetime | None = row.published_at
    return None if found is None else min(found, row.updated_at + timedelta(days=1))
