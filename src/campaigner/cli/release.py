"""`campaigner release`: go on after a hold, also while the config is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from ..delivery import hold_expiry, safety_gates
from ..engine.due import THEN
from ..errors import ExitCode, UsageError, spelled
from ..ledger import backup, decisions
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Hold
from ..loading.discovery import shown_as
from . import broken_config
from .hold import scope
from .options import AccountOption, CampaignOption, Reason
from .post_keys import who
from .status_posts import commands_for, kept_back

if TYPE_CHECKING:
    from ..engine.due import PostState
    from ..plan.expand import Slot
    from .wiring import Workspace


def release(
    context: typer.Context,
    campaign: CampaignOption = None,
    account: AccountOption = None,
    late: Annotated[str, typer.Option("--late", metavar="post|skip", help="What to do with what came due.")] = "skip",
    reason: Reason = "",
) -> ExitCode:
    """Go on. What came due meanwhile is skipped, or posted with `late` "post"."""
    if late not in ("post", "skip"):
        raise UsageError(f"--late {late}: say post or skip")
    workspace: Workspace = context.obj
    with broken_config.working_ledger(workspace) as ledger:
        names, of = scope(workspace, ledger, account, campaign)
        ended = [_let_go(workspace, ledger, of, name, late=late, reason=reason) for name in names]
        overdue = [key for _, keys in ended for key in keys]
        slots = {str(slot.key): slot for slot in broken_config.slots(workspace) or ()}
        kept = kept_back(workspace, ledger, [slots[key] for key in overdue if key in slots])
    released = [hold for holds, _ in ended for hold in holds]
    lies = _file_that_holds(workspace)
    if not released:
        raise UsageError("there is no such hold", hint=lies or "`campaigner status` lists the holds")
    workspace.terminal.out(f"released: {len(released)} hold{'s' if len(released) > 1 else ''}")
    for hold in released:
        workspace.terminal.out(f"    {hold.scope}, by {hold.given_by}: {hold.reason}")
    _say_overdue(workspace, overdue, slots, kept, late)
    commands = {key: state.command for key, state in kept.items()}
    # What a backup does not know to be out may be: nobody is invited to send that again.
    if late == "skip" and not any(hold.given_by == backup.GIVEN_BY for hold in released):
        for key in filter(slots.__contains__, overdue):
            commands[key] = THEN.join([*filter(None, [commands.get(key)]), f"campaigner retry {key} --yes"])
    for command in commands_for(commands, slots):
        workspace.terminal.out(f"    {command}")
    if lies is not None:
        workspace.terminal.err(lies)
    return ExitCode.DONE


def _say_overdue(
    workspace: Workspace, overdue: Iterable[str], slots: Mapping[str, Slot], kept: Mapping[str, PostState], late: str
) -> None:
    """What becomes of each post that came due under the holds, and what else keeps it."""
    for key in overdue:
        reasons = [kept[key].reason] if key in kept else []
        if late == "post":
            word = "due now, and kept:" if reasons else "will be posted now"
        else:
            word = "skipped"
            reasons = [f"due {workspace.when(slots[key].due_at)}", *reasons] if key in slots else []
        workspace.terminal.out(f"{word} {key}" + (f" ({'; '.join(reasons)})" if reasons else ""))


def _file_that_holds(workspace: Workspace) -> str | None:
    """What to do about a file HOLD, which no command ends."""
    folder = workspace.config_path.parent
    seen = safety_gates.hold_file(folder, broken_config.campaign_folders(workspace))
    if (file := seen.file) is None:
        return safety_gates.unlisted_text(seen, folder)
    where = "beside the config" if file.parent == folder else f"in {shown_as(file.parent, folder)}"
    return f"the file {spelled(file.name)} {where} holds everything: delete it to go on"


def _let_go(
    workspace: Workspace, ledger: Ledger, campaign: str | None, account: str | None, *, late: str, reason: str
) -> tuple[list[Hold], list[str]]:
    now = workspace.clock.now()
    slots = broken_config.slots(workspace)
    if slots is None and late == "post":
        raise UsageError("--late post needs a config that can be used", hint="mend it, or release without --late post")

    def let_go(connection: Connection) -> tuple[list[Hold], list[str]]:
        released = decisions.release_holds(
            connection, campaign=campaign, account=account, released_by=who(), now=now, reason=reason
        )
        # What its file holds back can't be posted now; nor shall it be, once it is mended, when it came due meanwhile.
        posts = slots if late == "post" and slots is not None else broken_config.accepted(workspace, connection)
        return released, hold_expiry.settle_overdue(connection, posts, released, now, post=late == "post")

    return ledger.write(let_go)
