"""`campaigner accounts` and `accounts check`: who we are on each account, and what its server allows."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from ..campaign.config import Secret
from ..errors import BrokenAccountError, ExitCode, SurroundingsError
from ..ledger import account_states
from ..ledger.ledger import Ledger
from ..platforms.outcomes import AccountLimits, Identity, Unauthorized, Unavailable
from . import known_limits
from .options import AccountArgument, Json
from .post_keys import accounts_named

if TYPE_CHECKING:
    from .wiring import Workspace


def accounts(context: typer.Context, as_json: Json = False) -> ExitCode:
    """List the accounts of the config; nothing is asked of any platform."""
    if context.invoked_subcommand:
        return ExitCode.DONE
    workspace: Workspace = context.obj
    found = workspace.config.accounts.values()
    if as_json:
        names = ("platform", "like", "languages", "timezone")
        workspace.terminal.json(
            [{"account": one.name, **{name: getattr(one, name) for name in names}} for one in found]
        )
        return ExitCode.DONE
    for one in found:
        like = f" (like {one.like})" if one.like else ""
        workspace.terminal.out(f"{one.name}: {one.platform}{like}, {', '.join(one.languages)}, {one.timezone}")
    return ExitCode.DONE


def check(
    context: typer.Context,
    account: AccountArgument = None,
    as_json: Json = False,
) -> ExitCode:
    """Ask each platform who we are; an account that is well again is let go on."""
    workspace: Workspace = context.obj
    names = list(workspace.config.accounts) if account is None else accounts_named(account, workspace.platforms())
    with workspace.working_ledger() as ledger:
        rows = [_check_one(workspace, ledger, name) for name in names]
    if as_json:
        workspace.terminal.json(rows)
    else:
        for row in rows:
            _show(workspace, row)
    codes = {ExitCode(row["exit_code"]) for row in rows}
    worst_first = (ExitCode.BUG, ExitCode.SURROUNDINGS, ExitCode.ATTENTION)
    return next((code for code in worst_first if code in codes), ExitCode.DONE)


def _check_one(workspace: Workspace, ledger: Ledger, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"account": name, "platform": workspace.config.accounts[name].platform}
    try:
        identity, limits = _ask(workspace, name)
    except BrokenAccountError as error:
        workspace.terminal.error(error)
        return {**row, "ok": False, "reason": error.reason, "exit_code": error.exit_code}
    except SurroundingsError as error:
        return {**row, "ok": False, "reason": str(error), "help": error.hint or "", "exit_code": error.exit_code}
    if isinstance(identity, Unauthorized | Unavailable):
        help_ = _cure(workspace, name, is_refused=isinstance(identity, Unauthorized))
        return {**row, "ok": False, "reason": identity.reason, "help": help_, "exit_code": ExitCode.ATTENTION}
    ledger.write(partial(account_states.let_go_on, account=name, now=workspace.clock.now()))
    return {**row, **_well(workspace, name, identity, limits)}


def _cure(workspace: Workspace, name: str, *, is_refused: bool) -> str:
    """What the config says where a platform refuses an account or does not answer, and what to do about it."""
    options = vars(workspace.config.accounts[name].options)
    then = f"then `campaigner accounts check {name}`"
    secrets = [f"`{option}: {value}`" for option, value in options.items() if isinstance(value, Secret)]
    if is_refused and secrets:
        one = "a working one" if len(secrets) == 1 else "working ones"
        return (
            f"The config has {', '.join(secrets)} for it: put {one} there, made anew on the platform if need be, {then}"
        )
    if server := options.get("server"):
        return (
            f"The config has `server: {server}` for it: see that this is right and that this machine reaches it, {then}"
        )
    return f"See that this machine reaches the platform, {then}"


def _ask(
    workspace: Workspace, name: str
) -> tuple[Identity | Unauthorized | Unavailable, AccountLimits | Unauthorized | Unavailable]:
    with closing(workspace.connect(workspace.read(), name).adapter) as adapter:
        identity = adapter.identity()
        return identity, adapter.limits() if isinstance(identity, Identity) else identity


def _well(
    workspace: Workspace, name: str, identity: Identity, limits: AccountLimits | Unauthorized | Unavailable
) -> dict[str, Any]:
    row: dict[str, Any] = {"ok": True, "name": identity.name, "url": identity.url, "exit_code": ExitCode.DONE}
    if isinstance(limits, AccountLimits):
        known_limits.remember(workspace.config.state, name, limits.profile, workspace.tell_damage)
        profile = limits.profile
        row["limits"] = {"text": profile.limit, "unit": profile.unit, "images": profile.max_images}
        row["notes"] = list(limits.notes)
    else:
        row["notes"] = [f"its limits could not be read: {limits.reason}"]
    return row


def _show(workspace: Workspace, row: dict[str, Any]) -> None:
    terminal = workspace.terminal
    if not row["ok"]:
        terminal.spans([(f"{row['account']}: ", None), (row["reason"], "error")])
        if help_ := row.get("help"):
            terminal.spans([(f"    {help_}", "dim")])
        return
    terminal.spans(
        [(f"{row['account']}: ", None), (f"{row['name']} on {row['platform']}", "good"), (f" {row['url']}", "dim")]
    )
    if "limits" in row:
        limits = row["limits"]
        terminal.out(f"    texts up to {limits['text']} {limits['unit']}, {limits['images']} images")
    for note in row["notes"]:
        terminal.spans([(f"    {note}", None)])
