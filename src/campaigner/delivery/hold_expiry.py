"""Holds that end: what came due under them is skipped, or posted late if a person says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ..ledger import alerts, decisions, deliveries
from ..ledger.ledger import Connection
from ..ledger.models import Delivery, Hold, State
from ..plan.expand import Slot
from ..post.key import PostKey

BY_FILE = "the file HOLD"
"""Who gave the holds that the file gave: the ledger remembers since when it lies there."""
SKIPPED = "skipped when the hold ended"


class Timed(NamedTuple):
    """As much of a post as the end of a hold has to know; a Slot has it too."""

    key: PostKey
    due_at: datetime
    late: timedelta
    draft: bool = False


def follow(
    connection: Connection, hold_file: str | None, slots: Iterable[Slot | Timed], now: datetime, *, is_sure: bool = True
) -> None:
    """End the holds whose time has come and that of a HOLD file that is gone; note one that is new.

    `is_sure` False: a folder where the file may lie can't be looked at now, so none is new and none is gone.
    What came due under them is skipped, which an alert tells.
    """
    ended = [hold for hold in decisions.open_holds(connection) if _is_over(hold, hold_file, now, is_sure=is_sure)]
    for hold in ended:
        decisions.end_hold(connection, hold, released_by="its time" if hold.given_by != BY_FILE else BY_FILE, now=now)
    if (
        is_sure
        and hold_file is not None
        and not any(hold.given_by == BY_FILE for hold in decisions.open_holds(connection))
    ):
        scope = {"campaign": None, "account": None, "until": None}
        reason = hold_file.removeprefix("on hold ")
        decisions.give_hold(connection, reason=reason, given_by=BY_FILE, now=now, **scope)
    for key in settle_overdue(connection, slots, ended, now, post=False):
        text, command = f"{key} came due under a hold that has ended, and was skipped", f"campaigner retry {key} --yes"
        alerts.raise_alert(connection, kind="skipped", key=key, text=text, command=command, now=now)


def settle_overdue(
    connection: Connection, slots: Iterable[Slot | Timed], released: Sequence[Hold], now: datetime, *, post: bool
) -> list[str]:
    """What came due under these holds: cancelled, or made due whatever its lateness. Returns the keys.

    The slots stand in time order.
    """
    if not released:
        return []
    overdue = []
    for slot in slots:
        if slot.due_at > now:
            break
        delivery = deliveries.find(connection, slot.key)
        if not _came_due_under(slot, released, wanted=delivery is not None and delivery.forced):
            continue
        if not _is_open(delivery):
            continue
        _settle_one(connection, slot, delivery, now, post=post)
        overdue.append(str(slot.key))
    return overdue


def _is_over(hold: Hold, hold_file: str | None, now: datetime, *, is_sure: bool) -> bool:
    if hold.given_by == BY_FILE:
        return is_sure and hold_file is None
    return hold.until is not None and hold.until <= now


def _came_due_under(slot: Slot | Timed, released: Sequence[Hold], *, wanted: bool) -> bool:
    """True when one of these holds was there while the post could still have gone out; `wanted` by a person: at any time."""
    if slot.draft:
        return False
    return any(
        hold.covers(slot.key.campaign, slot.key.account)
        and (wanted or hold.given_at <= slot.due_at + slot.late)
        and (hold.until is None or slot.due_at < hold.until)
        for hold in released
    )


def _is_open(delivery: Delivery | None) -> bool:
    """A thread that is half out goes on; what is over stays as it is."""
    return delivery is None or (delivery.state in {State.DUE, State.MISSED} and not delivery.published_at)


def _settle_one(
    connection: Connection, slot: Slot | Timed, delivery: Delivery | None, now: datetime, *, post: bool
) -> None:
    reason = "released to be posted late" if post else SKIPPED
    if delivery is None:
        delivery = deliveries.create_settled(connection, slot.key, slot.due_at, State.DUE, now, reason)
    assert delivery is not None
    if post:
        deliveries.force_due(connection, delivery, now, reason)
    else:
        deliveries.set_state(connection, delivery, State.CANCELLED, now, reason)
