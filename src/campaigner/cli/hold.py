"""`campaigner hold`: the crisis switch, which works also while the config is broken."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..engine.due import command_to_release
from ..errors import ExitCode, InvalidFilesError, UsageError
from ..ledger import decisions
from ..ledger.ledger import Ledger
from . import broken_config
from .instants import exact_instant, read_instant
from .options import AccountOption, CampaignOption
from .post_keys import accounts_named, campaign_named, who

if TYPE_CHECKING:
    from .wiring import Workspace

LAST_YEAR = 2200
"""Later instants may be past what a clock of another zone can show."""


def hold(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; everybody will see it. Needed.")] = "",
    campaign: CampaignOption = None,
    account: AccountOption = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="T", help="Until then: 18.12.2026 12:00, tomorrow 8:00."),
    ] = None,
) -> ExitCode:
    """Stop what has not been sent, from this moment, in every process."""
    workspace: Workspace = context.obj
    if not reason.strip():
        hint = 'say it in a few words, as in: campaigner hold --reason "an earthquake, ask Aino first"'
        raise UsageError("--reason is missing: everybody will ask why nothing goes out", hint=hint)
    ends, now = None if until is None else _instant(until, workspace), workspace.clock.now()
    if ends is not None and ends <= now:
        raise UsageError(f"--until {ends.isoformat()} is past")
    if ends is not None and ends.year > LAST_YEAR:
        hint = "leave it out: then the hold lasts until it is released"
        raise UsageError(f"--until {ends.isoformat()} is too far ahead", hint=hint)
    with broken_config.working_ledger(workspace) as ledger:
        names, of = scope(workspace, ledger, account, campaign)
        before = ledger.read(partial(decisions.active_holds, now=now))
        for name in names:
            ledger.write(
                partial(
                    decisions.give_hold, campaign=of, account=name, until=ends, reason=reason, given_by=who(), now=now
                )
            )
    for name in names:
        held = " and ".join(filter(None, (of, name))) or "everything"
        release = command_to_release(of, name)
        workspace.terminal.out(f"on hold: {held}{_until(workspace, ends)}. `{release}` lets it go on")
        for one in before:
            if one.covers(of or "", name or "") and ends is not None and (one.until is None or one.until > ends):
                last = _until(workspace, one.until) or ", until it is released"
                workspace.terminal.out(f"an earlier hold by {one.given_by} lasts longer{last}: {one.reason}")
    return ExitCode.DONE


def scope(
    workspace: Workspace, ledger: Ledger, account: str | None, campaign: str | None
) -> tuple[list[str | None], str | None]:
    """The accounts, [None] for all, and the campaign that are meant. A mistyped name must not leave the switch without effect."""
    names: list[str | None] = [None]
    try:
        if account is not None:
            names = [*accounts_named(account, broken_config.platforms(workspace, ledger))]
        of = None if campaign is None else campaign_named(campaign, broken_config.campaigns(workspace, ledger))
    except UsageError as error:
        raise UsageError(str(error), hint=f"{error.hint} Without it everything is held, or released") from error
    return names, of


def _until(workspace: Workspace, ends: datetime | None) -> str:
    if ends is None:
        return ""
    try:
        return f", until {workspace.when(ends)} ({workspace.zone()})"
    except InvalidFilesError:
        return f", until {ends.isoformat()}"


def _instant(value: str, workspace: Workspace) -> datetime:
    """A point in time; without an offset it is local time of the config's zone."""
    if (exact := exact_instant(value)) is not None:
        return exact
    try:
        zone, languages = workspace.zone(), workspace.languages()
    except InvalidFilesError as error:
        hint = "write it with its offset, as 2026-12-18T12:00+02:00"
        raise UsageError(
            f"--until {value}: its time zone stands in the config, which can't be used", hint=hint
        ) from error
    return read_instant("--until", value, zone, workspace.clock.now(), languages)
