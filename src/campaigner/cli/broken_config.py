"""Decisions that can't wait until a broken config is mended: what they need of it, taken from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..delivery.hold_expiry import Timed
from ..errors import InvalidFilesError
from ..ledger import acceptance, deliveries
from ..ledger.ledger import Connection, Ledger
from ..post.key import PostKey

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from .wiring import Workspace


def working_ledger(workspace: Workspace) -> closing[Ledger]:
    """The ledger for one decision; of a config that can't be used otherwise, only a ledger that is there already."""
    try:
        path = workspace.config.ledger_path
    except InvalidFilesError as error:
        path = _found(workspace, error)
    return closing(Ledger.open(path, workspace.clock, workspace.tell_damage))


def _found(workspace: Workspace, error: InvalidFilesError) -> Path:
    from ..loading.config_loader import ledger_path_of

    path = ledger_path_of(workspace.config_path)
    if path is None or not path.is_file():
        hint = f"a file named HOLD beside it holds everything at once: {workspace.config_path.with_name('HOLD')}"
        if not workspace.config_path.exists():
            # Most likely a person stands in another folder.
            hint = f"{error.hint}; a file named HOLD beside the config holds everything at once"
        raise InvalidFilesError(str(error), problems=error.problems, hint=hint) from error
    workspace.terminal.err(f"{error}: this goes by what the ledger {path} knows", "warning")
    return path


def slots(workspace: Workspace) -> Sequence[Slot] | None:
    """The plan; None while the config can't be used."""
    try:
        return workspace.slots()
    except InvalidFilesError:
        return None


def accepted(workspace: Workspace, connection: Connection) -> Sequence[Slot | Timed]:
    """What is planned or held because of its file, in time order; what the ledger has accepted while the config can't be used."""
    from ..engine.accepted_plan import would_accept

    try:
        return would_accept(workspace, connection, workspace.read(), workspace.clock.now()).in_time_order
    except InvalidFilesError:
        return _accepted(connection)


def _accepted(connection: Connection) -> list[Timed]:
    """What the ledger has accepted of posts, in time order: all that is known of them while the config can't be used."""
    posts = sorted(acceptance.acceptances(connection).values(), key=lambda post: (post.due_at, post.key))
    return [Timed(PostKey.parse(post.key), post.due_at, post.late_at - post.due_at) for post in posts]


def times(workspace: Workspace, ledger: Ledger) -> tuple[Mapping[str, datetime], bool]:
    """When each post is due, by key, and whether that is all of them: what is new in the files the ledger does not know.

    What the ledger has accepted counts though its file is gone: it may be put back.
    """
    known = {key: post.due_at for key, post in ledger.read(acceptance.acceptances).items()}
    planned = slots(workspace)
    if planned is not None:
        return {**known, **{str(slot.key): slot.due_at for slot in planned}}, True
    return known, False


def platforms(workspace: Workspace, ledger: Ledger) -> Mapping[str, Collection[str]]:
    """The accounts with their platforms; while the config can't be used, those that the ledger knows posts of, with none."""
    if found := workspace.platforms():
        return found
    known = {*ledger.read(acceptance.acceptances), *ledger.read(deliveries.settled_keys)}
    return {PostKey.parse(key).account: () for key in known}


def campaigns(workspace: Workspace, ledger: Ledger) -> Collection[str]:
    """The ids of the campaigns; while the config can't be used, of those that the ledger has accepted."""
    try:
        return [file.id for file in workspace.read().files]
    except InvalidFilesError:
        return list(ledger.read(acceptance.accepted_files))


def campaign_folders(workspace: Workspace) -> Sequence[Path]:
    """Where campaigns lie, or most likely lie."""
    try:
        return workspace.config.campaigns
    except InvalidFilesError:
        return [workspace.config_path.with_name("campaigns")]
