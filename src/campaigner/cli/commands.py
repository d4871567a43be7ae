"""The commands that write, look and post, each a few lines that hand over to the module that does it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, UsageError
from .commands_deciding import add_accounts, add_deciding, add_ledger
from .options import AccountOption, Json
from .wiring import Runtime

if TYPE_CHECKING:
    from .output import Terminal


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
    add_deciding(app)
    add_accounts(app)
    add_ledger(app)
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
        """Show every attempt of a post, and who decided what."""
        from . import history

        return history.log(context.obj, key, as_json=as_json)


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


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise UsageError(f"--date {value}: write a day as 2026-12-18") from error
