"""`campaigner schema`: the JSON Schema that editors use."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..errors import ExitCode, UsageError


def schema(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="campaign|config", help="Of which files.")] = "campaign",
) -> ExitCode:
    """Print the JSON Schema of campaign files, or of the config."""
    if which not in ("campaign", "config"):
        raise UsageError(f"there is no schema {which}", hint="say campaign or config")
    context.obj.terminal.json(json_schema(which))
    return ExitCode.DONE


def json_schema(which: str) -> dict[str, Any]:
    """That of "campaign" files, or of the "config"."""
    from ..loading.json_schema import campaign_schema, config_schema
    from ..platforms import table

    return campaign_schema() if which == "campaign" else config_schema(table.option_models())
