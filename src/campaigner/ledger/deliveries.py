"""Deliveries inside a transaction: claim, the last look before sending, settle, recover after a death."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..post.key import PostKey
from . import account_states, alerts, decisions, parts
from .models import MAY_BE_OUT, OPEN, Delivery, PublishedPart, State
from .tables import Connection, Instants, instant, recalled

SAME_TEXT_WITHIN = timedelta(days=30)
NOT_YET = "it is not due yet: the clock went back while it was on its way"


def _listed(states: Iterable[State]) -> str:
    return ", ".join([f"'{state}'" for state in sorted(states)])


IN_PROGRESS = frozenset({State.CLAIMED, State.SENDING})
"""States that only a run at work gives a delivery."""
SINCE = f"FROM deliveries WHERE state IN ({_listed(OPEN)}) OR due_at >= :since ORDER BY +due_at, id"
SAME_TEXT = f"""
SELECT key FROM deliveries WHERE account = :account AND text_digest = :text_digest AND key <> :own_key
AND state IN ({_listed({*MAY_BE_OUT, State.CLAIMED})}) AND updated_at > :since LIMIT 1
"""
TEXTS_OUT = f"""
SELECT text_digest FROM deliveries WHERE state IN ({_listed(MAY_BE_OUT)})
AND text_digest IS NOT NULL AND updated_at > :since
"""
SENT_TEXTS = f"""
SELECT deliveries.key, coalesce(published_at, updated_at), json_extract(part.value, '$.text') AS text
FROM deliveries, json_each(content, '$.parts') AS part
WHERE account = :account AND state IN ({_listed(MAY_BE_OUT)}) AND text <> ''
"""
BEGUN = f"""
SELECT key FROM deliveries
WHERE state NOT IN ({_listed({State.DUE, State.CLAIMED})}) OR published_at IS NOT NULL
"""
SIBLINGS = "FROM deliveries WHERE key > :message || '/' AND key < :message || '0' AND key <> :key ORDER BY id"
"""'0' comes after '/'."""
NEWEST_KEY = """
SELECT key FROM (
    SELECT started_at AS instant, key FROM delivery_attempts JOIN deliveries ON deliveries.id = delivery_id
    UNION ALL SELECT updated_at, key FROM deliveries
) AS entries ORDER BY instant DESC, key DESC LIMIT 1
"""
NEWEST_AT = """
SELECT max(instant) FROM (
    SELECT max(started_at) AS instant FROM delivery_attempts
    UNION ALL SELECT max(updated_at) FROM deliveries
) AS entries
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Everything of a post that is stored before anything is sent. `media` has a row of the table for each image."""

    key: PostKey
    identity: str
    due_at: datetime
    digest: str
    text_digest: str
    content: Mapping[str, Any]
    media: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a delivery may not go on now. `held`: a person must decide; else another process has it, or it is settled."""

    reason: str
    held: bool = False


@recalled("deliveries")
def find(connection: Connection, key: PostKey) -> Delivery | None:
    """The delivery of a post, None when it has none yet."""
    return next(iter(_found(connection, "FROM deliveries WHERE key = :key", key=key)), None)


def select(connection: Connection, states: Iterable[State] | None = None) -> list[Delivery]:
    """All deliveries, or those in the given states, oldest due first and then by KEY, whichever was claimed first."""
    condition = "" if states is None else f"WHERE state IN ({_listed(states)})"
    return _found(connection, f"FROM deliveries {condition} ORDER BY due_at, key")


def select_since(connection: Connection, since: datetime) -> list[Delivery]:
    """Deliveries that are still open, or were due since `since`, without their content: of a year that would be much."""
    return _found(connection, SINCE, absent={"content"}, since=since)


def siblings(connection: Connection, key: PostKey) -> list[Delivery]:
    """The other posts of the same message in the same edition, whatever their account and language."""
    return _found(connection, SIBLINGS, key=key, message=f"{key.campaign}/{key.edition}/{key.message}")


def settled_keys(connection: Connection) -> dict[str, State]:
    """The state of every delivery by its key: what planning subtracts."""
    states = {str(state): state for state in State}
    return {key: states[state] for key, state in connection.execute("SELECT key, state FROM deliveries")}


def claim(connection: Connection, claim: Claim, now: datetime, state: State = State.CLAIMED) -> Delivery | Refusal:
    """Take a post and store what will be sent; a Refusal when it is settled, or a person must decide.

    `state` is SENDING for what goes out in this very tick: its last look has been taken, and an attempt is recorded next.
    """
    before = find(connection, claim.key)
    if before is not None and before.state is not State.DUE:
        return Refusal(f"it is {before.state} already")
    forced = before is not None and before.forced
    if now < claim.due_at and not forced:
        return Refusal(NOT_YET)
    if (twin := same_text(connection, claim, now)) and not is_let_past_gates(connection, claim.key):
        return Refusal(f"the same text went out on this account as {twin}", held=True)
    written = _written(claim, now, before, state)
    made: Mapping[tuple[int, int], Mapping[str, Any]] = {}
    if before is None:
        number = connection.insert("deliveries", key=claim.key, **claim.key._asdict(), **written)
        delivery = Delivery(id=number, key=claim.key, **written)
    else:
        delivery = replace(before, **written)
        if claim.media and before.digest == claim.digest and before.identity == claim.identity:
            made = parts.uploads_made(connection, before, now)
        connection.update("deliveries", before.id, **written)
        connection.run("DELETE FROM media WHERE delivery_id = :id", id=before.id)
    for row in claim.media:
        connection.insert("media", delivery_id=delivery.id, **row, **made.get((row["part"], row["position"]), {}))
    return delivery


def reclaim(connection: Connection, delivery: Delivery, now: datetime) -> Delivery | Refusal:
    """Take a thread again whose first parts are out: what was stored is what goes on."""
    current = find(connection, delivery.key)
    if current is None or current.state is not State.DUE:
        return Refusal(f"it is {current.state if current else 'gone'} already")
    connection.update("deliveries", current.id, state=State.CLAIMED, retry_at=None, updated_at=now)
    parts.forget_uploads(connection, current)
    return find(connection, delivery.key) or Refusal("it is gone")


def same_text(connection: Connection, claim: Claim, now: datetime) -> str | None:
    """The KEY under which the same text is, or may be, out on this account since 30 days.

    One account may have two names in the config, or had another one before. Name by name: asked of all at once, SQLite
    would read every post that is out.
    """
    wanted = {"text_digest": claim.text_digest, "own_key": claim.key, "since": now - SAME_TEXT_WITHIN}
    names = {claim.key.account, *account_states.names_of(connection, claim.identity)}
    found = (connection.first(SAME_TEXT, account=account, **wanted) for account in names)
    return next((key for key in found if key is not None), None)


def is_let_past_gates(connection: Connection, key: PostKey) -> bool:
    """True when a person wants this post out, by `retry` or by a `--yes` to the gates."""
    found = find(connection, key)
    return (found is not None and found.forced) or str(key) in decisions.confirmed_keys(connection)


def begun_keys(connection: Connection) -> frozenset[str]:
    """Posts that are over, out or may be, also in part: all but those that a run has at most claimed."""
    return frozenset(connection.column(BEGUN))


def texts_out(connection: Connection, now: datetime) -> frozenset[str]:
    """The digests of all texts that readers may be seeing since 30 days, whatever the account."""
    return frozenset(connection.column(TEXTS_OUT, since=now - SAME_TEXT_WITHIN))


def sent_texts(connection: Connection, account: str) -> list[tuple[str, datetime, str]]:
    """KEY, instant and text of each part that is, or may be, out on this account under whatever name, the oldest first."""
    identity = account_states.of(connection, account).identity
    names, instants = {account, *(account_states.names_of(connection, identity) if identity else ())}, Instants()
    rows = [(key, instants[at], text) for name in names for key, at, text in connection.run(SENT_TEXTS, account=name)]
    return sorted(rows, key=lambda row: row[1])


def start_part(
    connection: Connection,
    delivery: Delivery,
    part: int,
    run_id: str,
    now: datetime,
    *,
    blocked: str | None,
    repeat: bool = False,
) -> int | Refusal:
    """The last look: read again state, content and time, and write "sending". Returns the attempt's id.

    `blocked` is what people have said against it. `repeat` is the same call again for a post in doubt; everything is looked
    at the same way.
    """
    current = find(connection, delivery.key)
    wanted = State.IN_DOUBT if repeat else (State.CLAIMED if part == 0 else State.SENDING)
    if current is None or current.state not in {wanted, State.CLAIMED}:
        return Refusal(f"it is {current.state if current else 'gone'} now")
    if current.digest != delivery.digest or current.generation != delivery.generation:
        return Refusal("it was changed meanwhile")
    if part == 0 and not repeat and now < delivery.due_at and not delivery.forced:
        return Refusal(NOT_YET, held=True)
    if blocked:
        return Refusal(blocked, held=True)
    connection.update("deliveries", delivery.id, state=State.SENDING, updated_at=now)
    return parts.record_attempt(connection, delivery, part, "publish", run_id, now)


def save_part(connection: Connection, delivery: Delivery, part: PublishedPart) -> bool:
    """Keep the receipt of one part. False when its id belongs to a part that is recorded already: nothing is written."""
    values = {
        "delivery_id": delivery.id,
        "generation": delivery.generation,
        "identity": delivery.identity,
        **asdict(part),
    }
    return connection.insert_new("parts", "(identity, remote_id)", **values)


def begun(connection: Connection, delivery: Delivery, part: PublishedPart) -> None:
    """Where a post is of which more parts follow: its first part's address."""
    if part.part == 0:
        connection.update("deliveries", delivery.id, url=part.url, published_at=part.published_at)


def set_state(
    connection: Connection,
    delivery: Delivery,
    state: State,
    now: datetime,
    reason: str = "",
    *,
    retry_at: datetime | None = None,
    failed: bool = False,
    has_media: bool = True,
    **more: Any,
) -> None:
    """Move a delivery to a state; the bytes of its media go when it is over. Of what waits `retry_at` says until when.

    `more` are other columns that change with it.
    """
    if state is State.PUBLISHED or failed:
        more["failures"] = delivery.failures + 1 if failed else 0
    connection.update("deliveries", delivery.id, state=state, reason=reason, updated_at=now, retry_at=retry_at, **more)
    if has_media and state in {State.PUBLISHED, State.MISSED, State.CANCELLED}:
        connection.run("UPDATE media SET data = NULL WHERE delivery_id = :id", id=delivery.id)


def is_open(connection: Connection, delivery: Delivery) -> bool:
    """False once somebody has settled a delivery that was claimed, being sent or looked for: what was said then stands."""
    current = find(connection, delivery.key)
    is_under_way = current is not None and current.state in {*IN_PROGRESS, State.IN_DOUBT}
    return is_under_way and current is not None and current.generation == delivery.generation


def recover(connection: Connection, now: datetime) -> None:
    """What a run that is gone had in hand: what was claimed is simply due again, what was being sent is in doubt."""
    for delivery in select(connection, IN_PROGRESS):
        was_claimed = delivery.state is State.CLAIMED
        reason = "the process that had claimed it ended" if was_claimed else "the process ended while it was being sent"
        break_off(connection, delivery, now, reason)


def break_off(connection: Connection, delivery: Delivery, now: datetime, reason: str) -> bool:
    """Nobody has it in hand any more. True when its call may have begun, so that it is in doubt; else it is due again."""
    if delivery.state is State.IN_DOUBT:
        return False
    if delivery.state is State.SENDING and parts.is_in_flight(connection, delivery):
        set_state(connection, delivery, State.IN_DOUBT, now, reason, retry_at=now)
        parts.end_open_attempts(connection, delivery, now, reason)
        return True
    set_state(connection, delivery, State.DUE, now, reason)
    return False


def create_settled(
    connection: Connection, key: PostKey, due_at: datetime, state: State, now: datetime, reason: str
) -> Delivery | None:
    """Record a post that was never claimed as missed, cancelled or (by `retry`) due; None if it has a delivery already."""
    if find(connection, key) is not None:
        return None
    values = {"due_at": due_at, "state": state, "updated_at": now, "reason": reason}
    connection.insert("deliveries", key=key, **key._asdict(), **values)
    return find(connection, key)


def keep_waiting(connection: Connection, key: PostKey, due_at: datetime, now: datetime, reason: str) -> None:
    """Record why a post that may go out could not even be claimed: it stays due, and the gates it has passed stay passed."""
    found = find(connection, key)
    if found is None:
        create_settled(connection, key, due_at, State.DUE, now, reason)
    elif found.state is State.DUE:
        connection.update("deliveries", found.id, reason=reason, updated_at=now)


def force_due(connection: Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    """A person wants it sent: due now, past `late` and the gates."""
    set_state(connection, delivery, State.DUE, now, reason, forced=True, failures=0)
    alerts.withdraw(connection, str(delivery.key), now)


def forget_published(connection: Connection, delivery: Delivery, now: datetime, reason: str) -> None:
    """After `delete`: it is not out any more; `retry` posts it as something new, its images too."""
    parts.forget_uploads(connection, delivery)
    nothing: dict[str, Any] = {"text_digest": None, "url": None, "published_at": None}
    set_state(connection, delivery, State.CANCELLED, now, reason, generation=delivery.generation + 1, **nothing)


def newest_entry_at(connection: Connection) -> datetime | None:
    """The latest instant that this ledger has written: the wall clock must not stand before it."""
    return instant(connection.first(NEWEST_AT))


def newest_key(connection: Connection) -> str:
    """The KEY of the newest entry that the clock is held against; empty when there is none."""
    return connection.first(NEWEST_KEY) or ""


def _written(claim: Claim, now: datetime, before: Delivery | None, state: State) -> dict[str, Any]:
    return {
        "identity": claim.identity,
        "state": state,
        "forced": bool(before and before.forced),
        "due_at": claim.due_at,
        # Fixed at the first claim: the ids that a platform lets us choose are made of them.
        "first_due_at": (before and before.first_due_at) or claim.due_at,
        "content_created_at": (before and before.content_created_at) or now,
        "digest": claim.digest,
        "text_digest": claim.text_digest,
        "content": claim.content,
        "retry_at": None,
        "reason": "",
        "updated_at": now,
    }


def _found(connection: Connection, rest: str, **values: Any) -> list[Delivery]:
    return [_dated(delivery) for delivery in connection.records(Delivery, rest, **values)]


def _dated(delivery: Delivery) -> Delivery:
    """It went out no later than it was written down, whatever a server's clock had said."""
    latest = delivery.updated_at + timedelta(days=1)
    if delivery.published_at is None or delivery.published_at <= latest:
        return delivery
    return replace(delivery, published_at=latest)
