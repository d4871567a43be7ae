"""The commands and their options, each a few lines that hand over to the module that does it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, UsageError
from .wiring import Runtime

if TYPE_CHECKING:
    from .output import Terminal

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output with stable keys.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
CampaignOption = Annotated[str | None, typer.Option("--campaign", help="Only this campaign.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Only this account.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="campaign/edition/message/account/language, or a prefix.")]


def build_app(terminal: Terminal) -> typer.Typer:
    """The command line, bound to a terminal."""
    app = typer.Typer(
        name="campaigner",
        help="Observance-day campaigns in several languages: each post goes out once, or you are told.",
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )

    @app.callback()
    def options(
        context: typer.Context,
        config: Annotated[
            Path | None,
            typer.Option(
                "--config", metavar="PATH", help="The config file; else CAMPAIGNER_CONFIG, else ./config.yaml."
            ),
        ] = None,
        verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more on stderr.")] = False,
        quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but results and errors.")] = False,
        version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
    ) -> None:
        if version:
            from .. import __version__

            terminal.out(f"campaigner {__version__}")
            raise typer.Exit
        terminal.quiet = quiet
        context.obj = Runtime(terminal, config_option=config, verbose=verbose)

    _add_writing(app)
    _add_looking(app)
    _add_posting(app)
    _add_deciding(app)
    _add_accounts(app)
    _add_ledger(app)
    return app


def _add_writing(app: typer.Typer) -> None:
    @app.command(rich_help_panel="Writing")
    def init(context: typer.Context, folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path()) -> ExitCode:
        """Make a working folder: config, an example campaign, the JSON Schema, .gitignore."""
        from . import writing

        return writing.init(context.obj, folder)

    @app.command()
    def days(
        context: typer.Context,
        words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]", help="Names, hashtags, topics.")] = None,
        month: Annotated[str | None, typer.Option("--month", metavar="M", help="12, or December.")] = None,
        year: Annotated[int | None, typer.Option("--year", metavar="Y", help="Else this year.")] = None,
        language: Annotated[str | None, typer.Option("--language", metavar="L", help="Names in it.")] = None,
        upcoming: Annotated[
            str | None, typer.Option("--upcoming", metavar="30d", help="From today on, for so long.")
        ] = None,
        as_json: Json = False,
    ) -> ExitCode:
        """Search the observance days that are known, with their dates."""
        from . import days as room

        wanted = room.Wanted(words=" ".join(words or ()), month=month, year=year, language=language, upcoming=upcoming)
        return room.days(context.obj, wanted, as_json=as_json)

    @app.command()
    def new(
        context: typer.Context,
        day: Annotated[str, typer.Argument(metavar="DAY", help="An id that `campaigner days` shows.")],
        year: Annotated[int | None, typer.Option("--year", metavar="Y", help="Else its next one.")] = None,
        languages: Annotated[
            str | None, typer.Option("--languages", metavar="en,fi", help="Else those of the accounts.")
        ] = None,
    ) -> ExitCode:
        """Begin a campaign for a day of the catalogue: names, hashtags, three messages left to write."""
        from . import scaffolding

        return scaffolding.new(context.obj, day, year=year, languages=languages)

    @app.command()
    def schema(
        context: typer.Context,
        which: Annotated[str, typer.Argument(metavar="[campaign|config]")] = "campaign",
    ) -> ExitCode:
        """Print the JSON Schema of campaign files or of the config."""
        from . import writing

        return writing.schema(context.obj, which)


def _add_looking(app: typer.Typer) -> None:
    @app.command()
    def check(
        context: typer.Context,
        paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATHS]")] = None,
        form: Annotated[str, typer.Option("--format", metavar="text|json|github")] = "text",
        as_json: Json = False,
        strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    ) -> ExitCode:
        """Show every problem of every file."""
        from . import checking

        return checking.check(context.obj, paths or [], form="json" if as_json else form, strict=strict)

    @app.command()
    def count(
        context: typer.Context,
        text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="The text; - reads it from stdin.")] = None,
        platform: Annotated[str | None, typer.Option("--platform", metavar="P")] = None,
        as_json: Json = False,
    ) -> ExitCode:
        """Show how long a text is on each platform, and what each links."""
        from . import counting

        return counting.count(context.obj, text, platform=platform, as_json=as_json)

    @app.command()
    def preview(
        context: typer.Context,
        campaign: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN]")] = None,
        year: Annotated[str | None, typer.Option("--year", metavar="Y")] = None,
        account: AccountOption = None,
        language: Annotated[str | None, typer.Option("--language", metavar="L")] = None,
        day: Annotated[
            str | None, typer.Option("--date", metavar="D", help="Only this local day, as 2026-12-18.")
        ] = None,
        table: Annotated[bool, typer.Option("--table", help="One line a post.")] = False,
        as_json: Json = False,
    ) -> ExitCode:
        """Show exactly what will be posted, as cards in time order."""
        from . import previewing

        choice = previewing.Choice(campaign=campaign, year=year, account=account, language=language, on=_day(day))
        return previewing.preview(context.obj, choice, table=table, as_json=as_json)

    @app.command()
    def rehearse(
        context: typer.Context,
        campaign: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN]")] = None,
        year: Annotated[str | None, typer.Option("--year", metavar="Y")] = None,
    ) -> ExitCode:
        """Run the whole day in a few seconds, with nothing leaving the machine."""
        from . import rehearsing

        return rehearsing.rehearse(context.obj, campaign, year)

    @app.command()
    def status(
        context: typer.Context,
        attention: Annotated[bool, typer.Option("--attention", help="Only what needs a person.")] = False,
        as_json: Json = False,
    ) -> ExitCode:
        """Show what is coming, out, late, held, failed, missed and in doubt."""
        from . import looking

        return looking.status(context.obj, attention=attention, as_json=as_json)

    @app.command()
    def log(
        context: typer.Context,
        key: Annotated[str | None, typer.Argument(metavar="[KEY]")] = None,
        as_json: Json = False,
    ) -> ExitCode:
        """Show every attempt of a post."""
        from . import looking

        return looking.log(context.obj, key, as_json=as_json)


def _add_posting(app: typer.Typer) -> None:
    @app.command()
    def run(
        context: typer.Context,
        once: Annotated[bool, typer.Option("--once", help="Post what is due now, then end (for cron).")] = False,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be posted; send nothing.")] = False,
        as_json: Json = False,
        yes: Annotated[bool, typer.Option("--yes", help="With --once: also what waits for a person's word.")] = False,
    ) -> ExitCode:
        """Post each message on time, until stopped."""
        from . import running

        if (as_json or yes) and not once:
            raise UsageError("--json and --yes belong to `run --once`")
        return running.run(context.obj, once=once, dry_run=dry_run, as_json=as_json, answered=yes)


def _add_deciding(app: typer.Typer) -> None:
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
        from . import deciding

        ends = _instant(until, context.obj)
        return deciding.hold(context.obj, campaign=campaign, account=account, until=ends, reason=reason)

    @app.command()
    def release(
        context: typer.Context,
        campaign: CampaignOption = None,
        account: AccountOption = None,
        late: Annotated[
            str, typer.Option("--late", metavar="post|skip", help="What to do with what came due.")
        ] = "skip",
    ) -> ExitCode:
        """Let it go on after a hold."""
        from . import deciding

        if late not in ("post", "skip"):
            raise UsageError(f"--late {late}: say post or skip")
        return deciding.release(context.obj, campaign=campaign, account=account, late=late)

    @app.command()
    def approve(
        context: typer.Context,
        key: Annotated[str, typer.Argument(metavar="[CAMPAIGN|KEY]")],
        by: Annotated[str, typer.Option("--by", metavar="NAME")],
        code: Annotated[str, typer.Option("--code", metavar="CODE", help="The code that the preview shows.")],
    ) -> ExitCode:
        """Four eyes: say that exactly this content may go out."""
        from . import deciding

        return deciding.approve(context.obj, key, by=by, code=code)

    @app.command()
    def cancel(context: typer.Context, key: Key, yes: Yes = False) -> ExitCode:
        """Never post these."""
        from . import deciding

        return deciding.cancel(context.obj, key, yes=yes)

    @app.command()
    def retry(context: typer.Context, key: Key, yes: Yes = False) -> ExitCode:
        """Make a post due now."""
        from . import deciding

        return deciding.retry(context.obj, key, yes=yes)

    @app.command()
    def resolve(
        context: typer.Context,
        key: Annotated[str, typer.Argument(metavar="KEY")],
        published: Annotated[str | None, typer.Option("--published", metavar="URL", help="It is out, here.")] = None,
        not_published: Annotated[bool, typer.Option("--not-published", help="It is not out.")] = False,
    ) -> ExitCode:
        """Settle a post in doubt: say whether it is out."""
        from . import deciding

        return deciding.resolve(context.obj, key, published=published, not_published=not_published)

    @app.command()
    def delete(context: typer.Context, key: Key, yes: Yes = False) -> ExitCode:
        """Take published posts down on their platforms."""
        from . import deleting

        return deleting.delete(context.obj, key, yes=yes)


def _add_accounts(app: typer.Typer) -> None:
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


def _add_ledger(app: typer.Typer) -> None:
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
    def upgrade(context: typer.Context) -> ExitCode:
        """Back up the ledger of an earlier campaigner, and make it one of this campaigner."""
        from . import ledgers

        return ledgers.upgrade(context.obj)


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise UsageError(f"--date {value}: write a day as 2026-12-18") from error


def _instant(value: str | None, runtime: Runtime) -> datetime | None:
    """A point in time; without an offset it is local time of the config's zone."""
    try:
        instant = datetime.fromisoformat(value) if value else None
    except ValueError as error:
        raise UsageError(f"--until {value}: write a time as 2026-12-18T12:00+02:00") from error
    if instant is not None and instant.tzinfo is None:
        return instant.replace(tzinfo=runtime.zone())
    return instant
