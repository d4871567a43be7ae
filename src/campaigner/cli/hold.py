"""`campaigner hold`: the crisis switch, which works also while the config is broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, InvalidFilesError, UsageError
from ..ledger import switches
from . import broken_config
from .options import AccountOption, CampaignOption
from .post_keys import who

if TYPE_CHECKING:
    from .wiring import Runtime


def hold(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; everybody will see it.")],
    campaign: CampaignOption = None,
    account: AccountOption = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="Until then, as 2026-12-18T12:00+02:00.")
    ] = None,
) -> ExitCode:
    """Stop what has not been sent, from this moment, in every process."""
    runtime: Runtime = context.obj
    ends, now = _instant(until, runtime), runtime.clock.now()
    if ends is not None and ends <= now:
        raise UsageError(f"--until {ends.isoformat()} is past")
    with broken_config.working_ledger(runtime) as ledger:
        _refuse_unknown("account", account, broken_config.accounts(runtime, ledger) if account else ())
        _refuse_unknown("campaign", campaign, broken_config.campaigns(runtime, ledger) if campaign else ())
        ledger.write(
            lambda connection: switches.give_hold(
                connection, campaign=campaign, account=account, until=ends, reason=reason, given_by=who(), now=now
            )
        )
    scope = " and ".join(filter(None, (campaign, account))) or "everything"
    runtime.terminal.out(f"on hold: {scope}. `campaigner release` lets it go on")
    return ExitCode.DONE


def _refuse_unknown(what: str, name: str | None, known: Iterable[str]) -> None:
    """A mistyped name must not leave a crisis switch without effect."""
    if name is not None and name not in (names := sorted(known)):
        hint = f"there is: {', '.join(names) or 'none'}. Without --{what} everything is held"
        raise UsageError(f"there is no {what} {name}", hint=hint)


def _instant(value: str | None, runtime: Runtime) -> datetime | None:
    """A point in time; without an offset it is local time of the config's zone."""
    try:
        instant = datetime.fromisoformat(value) if value else None
    except ValueError as error:
        raise UsageError(f"--until {value}: write a time as 2026-12-18T12:00+02:00") from error
    if instant is not None and instant.tzinfo is None:
        try:
            return instant.replace(tzinfo=runtime.zone())
        except InvalidFilesError as error:
            hint = "write it with its offset, as 2026-12-18T12:00+02:00"
            raise UsageError(
                f"--until {value}: its time zone stands in the config, which can't be used", hint=hint
            ) from error
    return instant
