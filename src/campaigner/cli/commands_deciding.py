"""The commands with which people decide, and those of accounts and the ledger: each hands over to the module that does it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ExitCode, InvalidFilesError, UsageError
from .options import AccountOption, CampaignOption, Json, Key, Reason, Yes
from .wiring import Runtime


def add_deciding(app: typer.Typer) -> None:
    @app.command()
    def hold(
        context: typer.Context,
        reason: Annotated[str, typer.Option("--reason", help="Why; everybody will see it.")],
        campaign: CampaignOption = None,
        account: AccountOption = None,
        until: Annotated[
            str | None, typer.Option("--until", metavar="T", help="Until then, as 2026-12-18T12:00+02:00.")
        ] = None,
    ) -> ExitCode:
        """Stop everything, or one campaign or account, from this moment."""
        from . import holds

        ends = _instant(until, context.obj)
        return holds.hold(context.obj, campaign=campaign, account=account, until=ends, reason=reason)

    @app.command()
    def release(
        context: typer.Context,
        campaign: CampaignOption = None,
        account: AccountOption = None,
        late: Annotated[
            str, typer.Option("--late", metavar="post|skip", help="What to do with what came due.")
        ] = "skip",
        reason: Reason = "",
    ) -> ExitCode:
        """Let it go on after a hold."""
        from . import holds

        if late not in ("post", "skip"):
            raise UsageError(f"--late {late}: say post or skip")
        return holds.release(context.obj, campaign=campaign, account=account, late=late, reason=reason)

    @app.command()
    def approve(
        context: typer.Context,
        by: Annotated[str, typer.Option("--by", metavar="NAME")],
        code: Annotated[str, typer.Option("--code", metavar="CODE", help="The code that the preview shows.")],
        keys: Annotated[
            list[str] | None, typer.Argument(metavar="[CAMPAIGN|KEY…]", help="Else all that `preview` shows.")
        ] = None,
        reason: Reason = "",
    ) -> ExitCode:
        """Four eyes: say that exactly this content may go out."""
        from . import approving

        return approving.approve(context.obj, keys or [], by=by, code=code, reason=reason)

    @app.command()
    def cancel(context: typer.Context, key: Key, yes: Yes = False, reason: Reason = "") -> ExitCode:
        """Never post these."""
        from . import deciding

        return deciding.cancel(context.obj, key, yes=yes, reason=reason)

    @app.command()
    def retry(context: typer.Context, key: Key, yes: Yes = False, reason: Reason = "") -> ExitCode:
        """Make a post due now."""
        from . import deciding

        return deciding.retry(context.obj, key, yes=yes, reason=reason)

    @app.command()
    def resolve(
        context: typer.Context,
        key: Annotated[str, typer.Argument(metavar="KEY")],
        published: Annotated[str | None, typer.Option("--published", metavar="URL", help="It is out, here.")] = None,
        not_published: Annotated[bool, typer.Option("--not-published", help="It is not out.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Record it also where it is not found to be ours.")] = False,
        reason: Reason = "",
    ) -> ExitCode:
        """Settle a post in doubt: say whether it is out."""
        from . import resolving

        return resolving.resolve(
            context.obj, key, published=published, not_published=not_published, yes=yes, reason=reason
        )

    @app.command()
    def delete(context: typer.Context, key: Key, yes: Yes = False, reason: Reason = "") -> ExitCode:
        """Take published posts down on their platforms."""
        from . import deleting

        return deleting.delete(context.obj, key, yes=yes, reason=reason)


def add_accounts(app: typer.Typer) -> None:
    accounts = typer.Typer(invoke_without_command=True, help="Who we are on each account.", rich_markup_mode=None)
    app.add_typer(accounts, name="accounts")

    @accounts.callback()
    def show(context: typer.Context, as_json: Json = False) -> ExitCode:
        from . import accounts as room

        return ExitCode.DONE if context.invoked_subcommand else room.show(context.obj, as_json=as_json)

    @accounts.command("check")
    def check(
        context: typer.Context,
        account: Annotated[str | None, typer.Argument(metavar="[ACCOUNT]")] = None,
        as_json: Json = False,
    ) -> ExitCode:
        """Ask each platform who we are, whether the token is alive, and what the server allows."""
        from . import accounts as room

        return room.check(context.obj, account, as_json=as_json)


def add_ledger(app: typer.Typer) -> None:
    ledger = typer.Typer(
        no_args_is_help=True, help="The ledger: what was posted, and what may be.", rich_markup_mode=None
    )
    app.add_typer(ledger, name="ledger")

    @ledger.command()
    def backup(
        context: typer.Context,
        path: Annotated[
            Path | None, typer.Argument(metavar="[PATH]", help="A file or a folder; else `backups` beside the ledger.")
        ] = None,
    ) -> ExitCode:
        """Make a copy of the ledger, also while posts go out. It sends nothing until you release it."""
        from . import ledgers

        return ledgers.back_up(context.obj, path)

    @ledger.command()
    def clock(
        context: typer.Context,
        is_right: Annotated[
            bool, typer.Option("--is-right", help="This machine's clock is right: date back what a wrong one wrote.")
        ] = False,
    ) -> ExitCode:
        """Say which entry of the ledger lies ahead of this machine's clock, so that nothing is sent."""
        from . import ledgers

        return ledgers.clock(context.obj, is_right=is_right)

    @ledger.command()
    def upgrade(context: typer.Context) -> ExitCode:
        """Back up the ledger of an earlier campaigner, and make it one of this campaigner."""
        from . import ledgers

        return ledgers.upgrade(context.obj)


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
