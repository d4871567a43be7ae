"""`campaigner new`: a campaign file for a day of the catalogue, texts left to write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, RefusedError, UsageError
from .init import write_new
from .post_keys import language_meant

if TYPE_CHECKING:
    from ..observance.catalogue import Entry
    from ..observance.rules import Occurrence
    from .wiring import Workspace


def new(
    context: typer.Context,
    day: Annotated[str, typer.Argument(metavar="DAY", help="An id that `campaigner days` shows, or a name.")],
    year: Annotated[int | None, typer.Option("--year", metavar="Y", help="Else its next one.")] = None,
    languages: Annotated[
        str | None, typer.Option("--languages", metavar="en,fi", help="Else those of the accounts.")
    ] = None,
) -> ExitCode:
    """Write the file into the campaigns folder; what is there already is never overwritten (5)."""
    from ..loading.campaign_template import scaffold

    workspace: Workspace = context.obj
    entry = _entry(workspace, day)
    chosen = _languages(workspace, languages)
    occurrence, edition = _edition(workspace, entry, year)
    path = _folder(workspace) / f"{entry.id}.yaml"
    if path.exists() or path.is_symlink():
        raise RefusedError(
            f"{_shown(path)} is there already", hint="nothing was changed; add an edition to it, or rename it"
        )
    content = scaffold(entry, occurrence, edition=edition, languages=chosen, schema=_schema(workspace, path))
    write_new(path, content.encode())
    workspace.terminal.out(_shown(path))
    _warn(workspace, entry, occurrence, chosen)
    workspace.terminal.err(f"next: write the texts in {_shown(path)}, then: campaigner check")
    return ExitCode.DONE


def _entry(workspace: Workspace, day: str) -> Entry:
    from ..observance import search

    entry = search.named(workspace.catalogue, day)
    if entry is not None:
        return entry
    near = search.nearest(workspace.catalogue, day)
    hint = f"did you mean {near}?" if near else f"`campaigner days {day}` searches."
    raise UsageError(
        f"the catalogue has no day {day!r}",
        hint=f"{hint} A day of your own stands in a file as `observance: 18 December`",
    )


def _languages(workspace: Workspace, value: str | None) -> list[str]:
    """The languages named, canonical and in their order; else those of the config's accounts."""
    from ..campaign.fields import read_language
    from ..campaign.kinds import FieldError

    if value is None:
        found = [language for account in workspace.config.accounts.values() for language in account.languages]
        return list(dict.fromkeys(found)) or ["en"]
    try:
        read = [read_language(part.strip()) for part in value.split(",") if part.strip()]
    except FieldError as error:
        raise UsageError(f"--languages {value}: {error}", hint="write tags as en,fi,pt-BR") from error
    if not read:
        raise UsageError("--languages: no language is named", hint="write tags as en,fi")
    return list(dict.fromkeys(read))


def _edition(workspace: Workspace, entry: Entry, year: int | None) -> tuple[Occurrence | None, str]:
    """The date in that year, or the next one; and the edition's name."""
    from ..observance import search

    today = workspace.clock.now().astimezone(workspace.zone()).date()
    if year is None:
        occurrence = search.next_date(entry, today)
        return occurrence, str(occurrence.on.year if occurrence else today.year)
    dates = entry.rule.occurrences(year)
    # A table that ends can be pinned; a day that does not fall in that year can't.
    if not dates and entry.rule.status != "from a table":
        why = entry.rule.why_unknown(year)
        raise UsageError(f"{entry.id} has no date in {year}: {why}", hint="`campaigner days` shows when it is")
    return (dates[0] if dates else None), str(year)


def _folder(workspace: Workspace) -> Path:
    """The first folder of campaigns that the config names; made if it is not there yet."""
    folders = [place for place in workspace.config.campaigns if place.is_dir() or not place.suffix]
    if not folders:
        raise UsageError("the config names no folder of campaigns", hint="write `campaigns: campaigns/` in it")
    return folders[0]


def _schema(workspace: Workspace, path: Path) -> str | None:
    schema = workspace.config.folder / "schema" / "campaign.json"
    return Path(os.path.relpath(schema, path.parent)).as_posix() if schema.exists() else None


def _warn(workspace: Workspace, entry: Entry, occurrence: Occurrence | None, languages: list[str]) -> None:
    def warn(text: str) -> None:
        workspace.terminal.err(f"warning: {text}", "warning")

    posted = workspace.languages()
    for language in languages:
        if language not in posted:
            warn(f"no account posts in {language}: {language_meant(language, posted) or 'add it to one in the config'}")
        if language in entry.unverified:
            warn(f"the {language} name, {entry.names[language]}, was not seen in a source: look it up")
        elif language not in entry.names:
            warn(f"no name in {language} is known: write it under campaign")
    if occurrence is None:
        warn("no date is known yet: nothing is posted until you pin it under editions")
    elif occurrence.tolerance_days:
        warn(f"the date, {occurrence.on}, is only expected: nothing is posted until you pin it under editions")
    elif not entry.is_checked:
        warn(f"the date, {occurrence.on}, is in one list only, or in none: look it up")


def _shown(path: Path) -> str:
    return os.path.relpath(path)
