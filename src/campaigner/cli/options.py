"""The global options, those that several commands share, and how help shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ..errors import CampaignerError

if TYPE_CHECKING:
    from .terminal import Terminal
    from .wiring import Workspace


def _accounts(context: typer.Context, incomplete: str) -> list[str]:
    """The names of accounts that may be meant."""
    return _beginning(incomplete, lambda: _workspace(context).config.accounts)


def _campaigns(context: typer.Context, incomplete: str) -> list[str]:
    """The names of campaigns that may be meant: those of their files, which are not read."""
    from ..loading.discovery import list_files

    return _beginning(
        incomplete, lambda: [file.path.stem for file in list_files(_workspace(context).config.campaigns, Path.cwd())]
    )


def _workspace(context: typer.Context) -> Workspace:
    from .terminal import Terminal
    from .wiring import Workspace

    return Workspace(Terminal(quiet=True), config_option=context.find_root().params.get("config"))


def _beginning(incomplete: str, names: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return [name for name in names() if name.startswith(incomplete)]
    except CampaignerError:
        # A config that can't be used completes nothing; the command will say what is wrong with it.
        return []


Json = Annotated[bool, typer.Option("--json", help="Machine-readable output with stable keys.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it for every post that is meant, not for one alone.")]
CampaignOption = Annotated[
    str | None, typer.Option("--campaign", metavar="C", help="Only this campaign.", autocompletion=_campaigns)
]
AccountOption = Annotated[
    str | None, typer.Option("--account", metavar="A", help="Only this account.", autocompletion=_accounts)
]
YearOption = Annotated[str | None, typer.Option("--year", metavar="Y", help="Else the next edition, else the last.")]
AccountArgument = Annotated[
    str | None, typer.Argument(metavar="ACCOUNT", help="Only this one.", autocompletion=_accounts)
]
TargetArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TARGET",
        help="Only this campaign, file, KEY or its beginning, account or platform.",
        autocompletion=_campaigns,
    ),
]
Key = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        help="campaign/edition/message/account/language, or its beginning; or a campaign, file, account or platform.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; `campaigner log` shows it.")]


def global_options(terminal: Terminal) -> Callable[..., None]:
    """What stands before the command, as typer parses it; the page of all commands tells what each is for."""

    def options(
        context: typer.Context,
        config: Annotated[Path | None, typer.Option("--config", metavar="PATH")] = None,
        verbose: Annotated[bool, typer.Option("-v", "--verbose")] = False,
        quiet: Annotated[bool, typer.Option("-q", "--quiet")] = False,
        version: Annotated[bool, typer.Option("--version")] = False,
    ) -> None:
        from .wiring import Workspace

        terminal.quiet = quiet
        context.obj = Workspace(terminal, config_option=config, verbose=verbose)

    return options


class AsGiven:
    """Takes words of the command line as they are, each made what `make` makes of it.

    typer asks pydantic for that, whose import is half of a short command; a typer that does not look for this does so again.
    """

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """What typer calls: a value, several where the parameter takes them, or none."""
        try:
            if param.nargs == -1:
                return [self._make(word) for word in value or ()]
            return None if value is None else self._make(value)
        except ValueError as error:
            raise typer.BadParameter(f"{value} is no number", ctx=ctx, param=param) from error


MAKERS: Mapping[Any, AsGiven] = {
    bool: AsGiven(bool),
    int: AsGiven(int),
    str: AsGiven(str),
    Path: AsGiven(Path),
    list[str]: AsGiven(str),
    list[Path]: AsGiven(Path),
}


def as_given(params: list[Any]) -> list[Any]:
    """The parameters of a command, those of texts, numbers, paths and flags without pydantic."""
    for param in params:
        annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
        if annotation in MAKERS:
            vars(param)["_runtime_param"] = MAKERS[annotation]
    return params


class PlainGroup(TyperGroup):
    """Commands with others below them."""

    def get_params(self, ctx: Any) -> list[Any]:
        return as_given(super().get_params(ctx))


class PlainCommand(TyperCommand):
    """A command whose help names no Python types."""

    def get_params(self, ctx: Any) -> list[Any]:
        return as_given(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The parser does not say of which command it is that an option lacks its value."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:
                vars(error)["ctx"] = ctx
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What is wanted stands without braces, what may be left out in brackets."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options, each with what it is for."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            params = [param for param in self.get_params(ctx) if param.param_type_name == kind]
            records = [record for param in params if (record := param.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(title):
                    formatter.write_dl([(names.partition(" <")[0], meaning) for names, meaning in records])
