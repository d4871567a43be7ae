"""`campaigner retry` and `cancel`, and what all decisions about posts share: whose KEYs are meant, and who decides."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ..errors import ExitCode, RefusedError, UsageError
from ..ledger import alerts, deliveries, owners, switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, State
from ..post.key import PostKey
from . import crisis

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from .wiring import Runtime


def retry(runtime: Runtime, key: str, *, yes: bool, reason: str) -> ExitCode:
    """Make posts due now, past the gates; past `late` a person says --yes."""
    now = runtime.clock.now()
    with runtime.working_ledger() as ledger:
        slots = {str(slot.key): slot for slot in runtime.planned()[1].slots}
        keys = matching(key, {*slots, *ledger.read(deliveries.settled_keys)})
        confirm(runtime, key, keys, yes=yes)
        for one in keys:
            _refuse_untimely(ledger, one, slots.get(one), now, yes=yes)
            ledger.write(partial(_force, key=one, slot=slots.get(one), now=now, reason=reason))
            runtime.terminal.out(f"due now: {one}. The daemon or the next `campaigner run --once` sends it")
    return ExitCode.DONE


def _refuse_untimely(ledger: Ledger, key: str, slot: Slot | None, now: datetime, *, yes: bool) -> None:
    delivery = ledger.read(lambda connection: _not_out(connection, PostKey.parse(key), now))
    if slot is None and (delivery is None or delivery.published_at is None):
        raise UsageError(f"{key} is not in the files any more, so there is nothing to send")
    if slot is not None and slot.due_at > now:
        raise UsageError(f"{key} is due at {slot.due_at:%Y-%m-%d %H:%M} UTC; change `at` to send it earlier")
    if slot is not None and now >= slot.due_at + slot.late and not yes:
        raise RefusedError(
            f"{key} was due at {slot.due_at:%Y-%m-%d %H:%M} UTC and is past its `late`",
            hint="--yes sends it all the same",
        )


def _force(connection: Connection, key: str, slot: Slot | None, now: datetime, reason: str) -> None:
    # Another process may have begun to send it since it was looked at.
    found = _not_out(connection, PostKey.parse(key), now)
    if found is None and slot is not None:
        found = deliveries.create_settled(connection, slot.key, slot.due_at, State.DUE, now, "retried")
    if found is not None:
        deliveries.force_due(connection, found, now, "retried")
    switches.decide(connection, "retry", key, reason, who(), now)


NOT_SENT_AGAIN = frozenset({State.PUBLISHED, State.CLAIMED, State.SENDING, State.IN_DOUBT})


def _not_out(connection: Connection, key: PostKey, now: datetime) -> Delivery | None:
    """The delivery, if there is one; what is out, or may be, is refused. What a process only claimed that is gone is not out."""
    found = deliveries.find(connection, key)
    if found is None or found.state not in NOT_SENT_AGAIN:
        return found
    if found.state is State.CLAIMED and found.owner_id not in owners.alive(connection, now):
        return found
    hint = "" if found.state in {State.PUBLISHED, State.CLAIMED} else "`campaigner resolve` settles a doubt first"
    raise RefusedError(f"{key} is {found.state}: it is not sent again", hint=hint)


def cancel(runtime: Runtime, key: str, *, yes: bool, reason: str) -> ExitCode:
    """These posts will not go out. Of a whole KEY that works also while the config is broken."""
    now = runtime.clock.now()
    with crisis.working_ledger(runtime) as ledger:
        times, all_known = crisis.times(runtime, ledger)
        keys = matching(key, {*times, *ledger.read(deliveries.settled_keys)})
        if not all_known and key.strip("/") not in keys:
            raise UsageError(f"{key} is no whole KEY, and the config can't be used", hint="give each post's whole KEY")
        confirm(runtime, key, keys, yes=yes)
        for one in keys:
            left = ledger.write(partial(_cancel_one, key=one, due_at=times.get(one), now=now, reason=reason))
            runtime.terminal.out(f"left as it is: {one} is {left}" if left else f"cancelled {one}")
    return ExitCode.DONE


CANCELLABLE = frozenset({State.DUE, State.CLAIMED, State.FAILED, State.MISSED})


def _cancel_one(connection: Connection, key: str, due_at: datetime | None, now: datetime, reason: str) -> State | None:
    """Cancel one post; returns its state where that can't be done."""
    parsed = PostKey.parse(key)
    delivery = deliveries.find(connection, parsed)
    if delivery is None and due_at is not None:
        deliveries.create_settled(connection, parsed, due_at, State.CANCELLED, now, "cancelled")
    elif delivery is not None and delivery.state in CANCELLABLE:
        # What is out of a thread stays out: to call it cancelled would say that nothing is there.
        state = State.PARTIAL if delivery.published_at else State.CANCELLED
        deliveries.settle(connection, delivery, state, now, "cancelled")
    elif delivery is not None and delivery.state is not State.CANCELLED:
        return delivery.state
    alerts.withdraw(connection, key, now)
    switches.decide(connection, "cancel", key, reason, who(), now)
    return None


def matching(key: str, known: Iterable[str]) -> list[str]:
    """The keys that are this one or lie below it."""
    wanted = key.strip("/")
    found = sorted(one for one in known if one == wanted or one.startswith(f"{wanted}/"))
    if not found:
        raise UsageError(f"no post is called {key}", hint="`campaigner status` lists the KEYs")
    return found


def confirm(runtime: Runtime, key: str, keys: Sequence[str], *, yes: bool) -> None:
    """A prefix lists what it would touch, and asks for --yes; a full KEY needs none."""
    if yes or key.strip("/") in keys:
        return
    for one in keys:
        runtime.terminal.out(one)
    raise RefusedError(f"{key} means {len(keys)} posts", hint="--yes does it for all of them")


def full_key(key: str) -> PostKey:
    """The KEY of one post; a beginning is refused."""
    try:
        return PostKey.parse(key)
    except ValueError as error:
        raise UsageError(str(error), hint="`campaigner status` lists the KEYs") from error


def who() -> str:
    """The person at the keyboard, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
