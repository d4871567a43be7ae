"""`campaigner retry`: posts are due now, past the gates."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import CampaignerError, ExitCode, RefusedError, UsageError
from ..ledger import account_states, decisions, deliveries, lock
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, State
from ..post.key import PostKey
from .options import Key, Reason
from .post_keys import confirm, matching, who
from .status_posts import commands_for, kept_back

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from .wiring import Workspace


def retry(
    context: typer.Context,
    key: Key,
    yes: Annotated[bool, typer.Option("--yes", help="Do it for every post that is meant, and past `late`.")] = False,
    reason: Reason = "",
) -> ExitCode:
    """Make posts due now, past the gates; past `late` a person says --yes."""
    workspace: Workspace = context.obj
    now = workspace.clock.now()
    with workspace.working_ledger() as ledger:
        is_idle = lock.is_free(ledger.path)
        slots = {str(slot.key): slot for slot in workspace.slots()}
        keys = matching(key, {*slots, *ledger.read(deliveries.settled_keys)}, workspace.platforms())
        confirm(workspace.terminal, key, keys, yes=yes)
        refused: dict[str, CampaignerError] = {}
        for one in keys:
            try:
                _refuse_untimely(workspace, ledger, one, slots.get(one), yes=yes, is_idle=is_idle)
                ledger.write(partial(_force, key=one, slot=slots.get(one), now=now, reason=reason, is_idle=is_idle))
            except (RefusedError, UsageError) as error:
                refused[one] = error
        kept = kept_back(workspace, ledger, [slots[one] for one in keys if one in slots and one not in refused])
    if len(refused) == len(keys):
        raise refused[keys[0]]
    for one in keys:
        if one in refused:
            workspace.terminal.out(f"left as it is: {refused[one]}")
            continue
        goes = f"It is kept: {kept[one].reason}" if one in kept else SENT_NEXT
        workspace.terminal.out(f"due now: {one}. {goes}")
    for command in commands_for({one: state.command for one, state in kept.items()}, slots):
        workspace.terminal.out(f"    {command}")
    return ExitCode.DONE


def _refuse_untimely(
    workspace: Workspace, ledger: Ledger, key: str, slot: Slot | None, *, yes: bool, is_idle: bool
) -> None:
    now = workspace.clock.now()
    delivery = ledger.read(lambda connection: _not_out(connection, PostKey.parse(key), is_idle=is_idle))
    if slot is None and (delivery is None or delivery.published_at is None):
        raise UsageError(f"{key} is not in the files any more, so there is nothing to send")
    if slot is not None and slot.due_at > now:
        raise UsageError(
            f"{key} is due {workspace.when(slot.due_at)} ({workspace.zone()}); change `at` to send it earlier"
        )
    if slot is not None and now >= slot.due_at + slot.late and not yes:
        raise RefusedError(
            f"{key} was due {workspace.when(slot.due_at)} ({workspace.zone()}) and is past its `late`",
            hint=f"`campaigner retry {key} --yes` sends it all the same",
        )


def _force(connection: Connection, key: str, slot: Slot | None, now: datetime, reason: str, *, is_idle: bool) -> None:
    # Another process may have begun to send it since it was looked at.
    found = _not_out(connection, PostKey.parse(key), is_idle=is_idle)
    if found is None and slot is not None:
        found = deliveries.create_settled(connection, slot.key, slot.due_at, State.DUE, now, "retried")
    if found is not None:
        deliveries.force_due(connection, found, now, "retried")
        account_states.end_rest(connection, found.key.account)
    decisions.decide(connection, "retry", key, reason, who(), now)


SENT_NEXT = "The daemon or the next `campaigner run --once` sends it"
NOT_SENT_AGAIN = frozenset({State.PUBLISHED, State.CLAIMED, State.SENDING, State.IN_DOUBT})


def _not_out(connection: Connection, key: PostKey, *, is_idle: bool) -> Delivery | None:
    """The delivery, if there is one; what is out, or may be, is refused. `is_idle`: no run has it in hand."""
    found = deliveries.find(connection, key)
    if found is None or found.state not in NOT_SENT_AGAIN:
        return found
    if found.state is State.CLAIMED and is_idle:
        return found
    hint = "" if found.state in {State.PUBLISHED, State.CLAIMED} else "`campaigner resolve` settles a doubt first"
    raise RefusedError(f"{key} is {found.state}: it is not sent again", hint=hint)
