"""`campaigner delete`: take published posts down on their platforms, and record it."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import typer

from ..errors import AccountError, BrokenAccountError, CampaignerError, ExitCode, UsageError
from ..ledger import alerts, decisions, deliveries, parts
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, PublishedPart, State
from ..platforms.outcomes import Receipt
from . import post_keys
from .options import Key, Reason, Yes

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ..engine.world import World
    from .wiring import Workspace


def delete(context: typer.Context, key: Key, yes: Yes = False, reason: Reason = "") -> ExitCode:
    """Delete every part of these posts, the last part first; exit 1 when one stays, which keeps none of the others up."""
    workspace: Workspace = context.obj
    with workspace.working_ledger() as ledger:
        found = {str(one.key): one for one in ledger.read(_out)}
        keys = _meant(workspace, ledger, key, found)
        post_keys.confirm(workspace.terminal, key, keys, yes=yes)
        world = workspace.read()
        codes = {_delete_one(workspace, ledger, world, found[one], reason) for one in keys}
    return max(codes)


def _meant(workspace: Workspace, ledger: Ledger, target: str, out: Collection[str]) -> list[str]:
    """Those that are out, of what a target means. Raises UsageError that says what it is when nothing of it is."""
    states = ledger.read(deliveries.settled_keys)
    known = {*states, *(str(slot.key) for slot in workspace.slots())}
    meant = post_keys.matching(target, known, workspace.platforms())
    if keys := [one for one in meant if one in out]:
        return keys
    raise UsageError(f"{meant[0]} is {states.get(meant[0], 'planned')}, not out: there is nothing to delete")


OUT = (State.PUBLISHED, State.PARTIAL)


def _out(connection: Connection) -> list[Delivery]:
    """What is out, and threads whose beginning is, the rest being due."""
    found = deliveries.select(connection, (*OUT, State.DUE))
    return [delivery for delivery in found if delivery.state in OUT or delivery.published_at]


NOT_OURS = "a person said it is ours, and it was not found to be: delete it on its platform"


def _delete_one(workspace: Workspace, ledger: Ledger, world: World, delivery: Delivery, reason: str) -> ExitCode:
    out = ledger.read(lambda c: parts.receipts_of(c, delivery))
    code = ExitCode.ATTENTION
    try:
        why_not = _take_down(workspace, ledger, world, delivery, out)
    except BrokenAccountError as error:
        workspace.terminal.error(error)
        why_not, code = f"{error.reason}; it may be down or not: look on the platform", error.exit_code
    except AccountError as error:
        why_not = str(error)
    if why_not is not None:
        workspace.terminal.out(f"not deleted {delivery.key}: {why_not}")
        return code
    ledger.write(partial(_forget, delivery=delivery, reason=reason, now=workspace.clock.now()))
    workspace.terminal.out(f"deleted {delivery.key}. `campaigner retry {delivery.key}` posts the corrected text")
    return ExitCode.DONE


def _take_down(
    workspace: Workspace, ledger: Ledger, world: World, delivery: Delivery, out: list[PublishedPart]
) -> str | None:
    """Why a post is not down, None when it is. Each part that is down is recorded before the next is touched."""
    account = delivery.key.account
    if not out:
        return "the ledger has no id of it; delete it on its platform"
    if account not in world.config.accounts:
        return f"account {account} is no longer in the config"
    try:
        adapter = workspace.connect(world, account).adapter
    except BrokenAccountError:
        raise
    except CampaignerError as error:
        return str(error)
    with closing(adapter):
        if not ledger.write(partial(_goes_on_no_more, delivery=delivery, out=out, now=workspace.clock.now())):
            return "the rest of it is being sent at this moment: give the command again"
        for part in reversed(out):
            began_at = workspace.clock.now()
            why_not: str | None = NOT_OURS
            if not part.extra.get(parts.UNCONFIRMED):
                receipt = Receipt(id=part.remote_id, url=part.url, at=part.published_at, extra=part.extra)
                answer = adapter.delete(receipt)
                why_not = None if answer is None else answer.reason
            ended = _Ended(part, why_not, len(out), began_at, workspace.clock.now())
            ledger.write(partial(_record, delivery=delivery, ended=ended))
            if why_not is not None:
                return why_not if len(out) == 1 else f"part {part.part + 1} of {len(out)} stays: {why_not}"
    return None


def _goes_on_no_more(connection: Connection, delivery: Delivery, out: list[PublishedPart], now: datetime) -> bool:
    """Let no run send the rest of a thread from now on; False when one has, or does."""
    current = deliveries.find(connection, delivery.key)
    if current is None or current.state not in (*OUT, State.DUE) or parts.receipts_of(connection, current) != out:
        return False
    if current.state is State.DUE:
        deliveries.set_state(connection, current, State.PARTIAL, now, "it was to be deleted")
    return True


class _Ended(NamedTuple):
    """What came of the call that takes down one part; `why_not` None: it is down. `out`: how many parts were out."""

    part: PublishedPart
    why_not: str | None
    out: int
    began_at: datetime
    ended_at: datetime


def _record(connection: Connection, delivery: Delivery, ended: _Ended) -> None:
    number, now = ended.part.part, ended.ended_at
    attempt = parts.record_attempt(connection, delivery, number, "delete", post_keys.who(), ended.began_at)
    outcome = parts.DELETED if ended.why_not is None else "not deleted"
    parts.end_attempt(connection, attempt, outcome, ended.why_not or "", now)
    if ended.why_not is None:
        parts.forget_receipt(connection, delivery, number)
    elif number + 1 < ended.out:
        down = f"part {number + 2}" if number + 2 == ended.out else f"parts {number + 2} to {ended.out}"
        reason = f"{down} of {ended.out} taken down; part {number + 1} could not be: {ended.why_not}"
        deliveries.set_state(connection, delivery, State.PARTIAL, now, reason)


def _forget(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> None:
    deliveries.forget_published(connection, delivery, now, "deleted")
    alerts.withdraw(connection, str(delivery.key), now)
    decisions.decide(connection, "delete", str(delivery.key), reason, post_keys.who(), now)
