"""`campaigner cancel`: these posts will not go out."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import typer

from ..errors import ExitCode, UsageError
from ..ledger import alerts, deliveries, switches
from ..ledger.ledger import Connection
from ..ledger.records import State
from ..post.key import PostKey
from . import broken_config
from .options import Key, Reason, Yes
from .post_keys import confirm, matching, who

if TYPE_CHECKING:
    from .wiring import Runtime


def cancel(context: typer.Context, key: Key, yes: Yes = False, reason: Reason = "") -> ExitCode:
    """These posts will not go out. Of a whole KEY that works also while the config is broken."""
    runtime: Runtime = context.obj
    now = runtime.clock.now()
    with broken_config.working_ledger(runtime) as ledger:
        times, all_known = broken_config.times(runtime, ledger)
        keys = matching(key, {*times, *ledger.read(deliveries.settled_keys)}, runtime.platforms())
        if not all_known and key.strip("/") not in keys:
            raise UsageError(f"{key} is no whole KEY, and the config can't be used", hint="give each post's whole KEY")
        confirm(runtime.terminal, key, keys, yes=yes)
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
