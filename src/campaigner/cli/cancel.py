"""`campaigner cancel`: these posts will not go out; with `--undo` they will after all."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..engine.due import ENDED_BY
from ..errors import ExitCode, RefusedError, UsageError
from ..ledger import alerts, decisions, deliveries, parts
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import State
from ..post.key import PostKey
from . import broken_config
from .options import Key, Reason, Yes
from .post_keys import confirm, matching, who

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wiring import Workspace

CANCELLED = "cancelled"
"""What the ledger notes as the reason."""
CANCELLABLE = frozenset({State.DUE, State.CLAIMED, State.FAILED, State.MISSED})


def cancel(
    context: typer.Context,
    key: Key,
    undo: Annotated[bool, typer.Option("--undo", help="Take it back: they go out at their time.")] = False,
    yes: Yes = False,
    reason: Reason = "",
) -> ExitCode:
    """These posts will not go out. Of a whole KEY that works also while the config is broken."""
    workspace: Workspace = context.obj
    with broken_config.working_ledger(workspace) as ledger:
        times, all_known = broken_config.times(workspace, ledger)
        keys = matching(key, {*times, *ledger.read(deliveries.settled_keys)}, workspace.platforms())
        if not all_known and key.strip("/") not in keys:
            raise UsageError(f"{key} is no whole KEY, and the config can't be used", hint="give each post's whole KEY")
        if undo:
            return _undo(workspace, ledger, key, times, keys, yes=yes, reason=reason)
        confirm(workspace.terminal, key, keys, yes=yes)
        for one in keys:
            left = ledger.write(partial(_cancel_one, key=one, times=times, now=workspace.clock.now(), reason=reason))
            workspace.terminal.out(f"left as it is: {one} is {left}" if left else f"cancelled {one}")
        now = workspace.clock.now()
        if any(ledger.read(partial(_why_not, key=one, due_at=times.get(one), now=now)) is None for one in keys):
            workspace.terminal.err(f"`campaigner cancel --undo {key}` takes it back")
    return ExitCode.DONE


def _cancel_one(
    connection: Connection, key: str, times: Mapping[str, datetime], now: datetime, reason: str
) -> State | None:
    """Cancel one post; returns its state where that can't be done."""
    parsed, due_at = PostKey.parse(key), times.get(key)
    delivery = deliveries.find(connection, parsed)
    if delivery is None and due_at is not None:
        deliveries.create_settled(connection, parsed, due_at, State.CANCELLED, now, CANCELLED)
    elif delivery is not None and delivery.state in CANCELLABLE:
        # What is out of a thread stays out: to call it cancelled would say that nothing is there.
        state = State.PARTIAL if delivery.published_at else State.CANCELLED
        deliveries.set_state(connection, delivery, state, now, CANCELLED)
    elif delivery is not None and delivery.state is not State.CANCELLED:
        return delivery.state
    alerts.withdraw(connection, key, now)
    decisions.decide(connection, "cancel", key, reason, who(), now)
    return None


def _undo(
    workspace: Workspace,
    ledger: Ledger,
    target: str,
    times: Mapping[str, datetime],
    keys: list[str],
    *,
    yes: bool,
    reason: str,
) -> ExitCode:
    """Of many posts those that were cancelled; when none was, it is said why."""
    now = workspace.clock.now()
    why_not = {one: ledger.read(partial(_why_not, key=one, due_at=times.get(one), now=now)) for one in keys}
    meant = [one for one in keys if why_not[one] is None]
    if not meant and (refused := why_not[keys[0]]) is not None:
        raise RefusedError(f"{keys[0]} {refused[0]}", hint=refused[1])
    confirm(workspace.terminal, target, meant, yes=yes)
    for one in meant:
        ledger.write(partial(_undo_one, key=one, due_at=times.get(one), now=now, reason=reason))
        workspace.terminal.out(f"not cancelled any more: {one}")
    return ExitCode.DONE


def _why_not(connection: Connection, key: str, due_at: datetime | None, now: datetime) -> tuple[str, str] | None:
    """Why a cancellation can't be taken back, and what to do; None when it can."""
    delivery = deliveries.find(connection, PostKey.parse(key))
    if delivery is None or delivery.reason not in (CANCELLED, *ENDED_BY):
        return "is not cancelled", "`campaigner status` says what it is"
    retry = f"`campaigner retry {key}` sends it now"
    if delivery.reason in ENDED_BY:
        return f"was {ENDED_BY[delivery.reason]}, not cancelled", retry
    # What had failed before would be sent again without a word.
    if parts.attempts_of(connection, delivery):
        return "was tried before it was cancelled", retry
    return ("was due meanwhile", retry) if now >= (due_at or delivery.due_at) else None


def _undo_one(connection: Connection, key: str, due_at: datetime | None, now: datetime, reason: str) -> None:
    delivery = deliveries.find(connection, PostKey.parse(key))
    if delivery is not None and _why_not(connection, key, due_at, now) is None:
        deliveries.set_state(connection, delivery, State.DUE, now, reason="")
        decisions.decide(connection, "cancel --undo", key, reason, who(), now)
