"""`campaigner ledger`: a copy to keep, and the way from the schema of an earlier release to ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..delivery import safety_gates
from ..errors import ExitCode, spelled
from .post_keys import who

if TYPE_CHECKING:
    from .wiring import Workspace


def backup(
    context: typer.Context,
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="A file or a folder; else `backups` beside the ledger.")
    ] = None,
) -> ExitCode:
    """Copy the ledger, while it is used or not."""
    from ..ledger.backup import back_up

    workspace: Workspace = context.obj
    made = back_up(workspace.ledger_path, path, workspace.clock, workspace.tell_damage)
    workspace.terminal.out(f"backed up: {spelled(str(made))}")
    return ExitCode.DONE


def clock(
    context: typer.Context,
    is_right: Annotated[
        bool, typer.Option("--is-right", help="This machine's clock is right: date back what a wrong one wrote.")
    ] = False,
) -> ExitCode:
    """Say which entry lies ahead of the clock; with a person's word that the clock is right, date all such back."""
    from ..ledger import damage, deliveries

    workspace: Workspace = context.obj
    now = workspace.clock.now()
    with workspace.working_ledger() as ledger:
        if not is_right:
            newest_at = ledger.read(deliveries.newest_entry_at)
            safety_gates.check_clock(now, newest_at, lambda: ledger.read(deliveries.newest_key))
            workspace.terminal.out("nothing in the ledger lies ahead of this machine's clock")
            return ExitCode.DONE
        bound = ledger.write(lambda connection: damage.date_back(connection, now, who()))
    workspace.terminal.out(f"what lay ahead of {now:%Y-%m-%d %H:%M:%S} UTC is dated {bound:%Y-%m-%d %H:%M:%S} UTC now")
    return ExitCode.DONE


def upgrade(context: typer.Context) -> ExitCode:
    """Back the ledger up, then bring it to the schema that this campaigner works with."""
    from ..ledger import tables
    from ..ledger.migrations import upgrade as bring_up

    workspace: Workspace = context.obj
    path, shown = workspace.ledger_path, spelled(str(workspace.ledger_path))
    safety_gates.check_ledger_place(path, safety_gates.mounted_file_systems())
    done = bring_up(path, workspace.clock)
    if done is not None:
        workspace.terminal.out(f"backed up: {spelled(str(done.backup))}")
        workspace.terminal.out(f"upgraded: {shown} from schema {done.before} to {tables.SCHEMA_VERSION}")
    elif path.exists():
        workspace.terminal.out(f"{shown} has schema {tables.SCHEMA_VERSION} already: nothing to upgrade")
    else:
        workspace.terminal.out(f"there is no ledger at {shown}: nothing to upgrade")
    return ExitCode.DONE
