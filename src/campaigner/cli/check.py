"""`campaigner check`: every problem of every file, as text, JSON, or annotations on a pull request."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ExitCode, InvalidFilesError, Problem, Severity, UsageError, render
from .options import Json
from .terminal import visible

if TYPE_CHECKING:
    from .wiring import Workspace


INDENT = "    "
BEFORE = 24
"""How many characters of a long line stay visible before the place."""
MOST_UNREAD = 3
"""Files that are named where there is no campaign among them: a wrong folder may have hundreds."""


def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATHS", help="Files, folders, campaigns; else those of the config.")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="text|json|github", help="How it is written.")] = "text",
    as_json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
) -> ExitCode:
    """Show all problems on stdout and the count on stderr; 3 when something is wrong."""
    # All that is read and planned is needed to the end: to look for rubbish in it takes a twentieth of the time.
    gc.disable()
    workspace: Workspace = context.obj
    form = "json" if as_json else form
    if form not in WRITERS:
        raise UsageError(f"--format {form}: say text, json or github")
    try:
        problems, campaigns = _problems(workspace, paths or ())
    except InvalidFilesError as error:
        if not error.problems:
            raise
        problems, campaigns = list(error.problems), 0
    WRITERS[form](workspace, problems)
    grave = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    _say_count(workspace, problems, campaigns)
    return ExitCode.INVALID if any(problem.severity in grave for problem in problems) else ExitCode.DONE


def _problems(workspace: Workspace, paths: Sequence[Path]) -> tuple[list[Problem], int]:
    """The problems of the given files, in file and line order, and how many campaigns were read."""
    paths = [path if path.exists() else _of_campaign(path, workspace.config.campaigns) for path in paths]
    from ..loading.config_loader import unset_references
    from ..loading.discovery import not_read
    from ..plan.check import far_years, mentions_nobody, over

    folders = paths or workspace.config.campaigns

    world = workspace.read(paths)
    files = world.files
    unread = list(not_read(folders, Path.cwd()))
    if not files:
        where = ", ".join(str(path) for path in folders)
        told = [f"{one.place.file}: {one.message}" for one in unread[:MOST_UNREAD]]
        more = [f"and {len(unread) - MOST_UNREAD} more"] if len(unread) > MOST_UNREAD else []
        raise InvalidFilesError(
            "; ".join([f"no campaign was found in {where}", *told, *more]),
            hint="a campaign is a file NAME.yaml in that folder",
        )
    plan, checked = workspace.examine(world, [file for file in files if file.campaign is not None])
    problems = {*(problem for file in files for problem in file.problems), *plan.problems, *checked}
    problems |= {*unread, *over(plan, workspace.clock.now()), *far_years(files, workspace.clock.now())}
    config = workspace.config_reader.file()
    problems |= set(unset_references(config, os.environ))
    profiles = {account.config.behaves_as: account.profile for account in world.accounts.values()}
    problems |= set(mentions_nobody(world.config.handles, profiles, config.places.of))
    for file in files:
        if file.campaign is not None and "mentions-nobody" not in file.campaign.allow:
            problems |= set(mentions_nobody(file.campaign.handles, profiles, file.places.of, file.id))
    there = [file for file in files if not any(problem.code == "not-found" for problem in file.problems)]
    return sorted(problems, key=_in_order), len(there)


def _of_campaign(named: Path, folders: Sequence[Path]) -> Path:
    """The file of the campaign of that id. Raises UsageError, with the nearest name, when there is none."""
    from .post_keys import did_you_mean

    files = {file.stem: file for folder in folders for file in sorted(folder.glob("*.y*ml"))}
    if str(named) not in files:
        raise UsageError(f"there is no {named}", hint=did_you_mean(named.stem, files))
    return files[str(named)]


def _in_order(problem: Problem) -> tuple[str, int, int, str, str]:
    place = problem.place
    return place.file, place.line, place.column, problem.code, problem.message


def _as_text(workspace: Workspace, problems: Sequence[Problem]) -> None:
    for problem in problems:
        first, *rest = render(problem).splitlines()
        head, _, words = first.partition(f" {problem.severity}: ")
        workspace.terminal.spans(
            [(f"{head} ", "strong"), (f"{problem.severity}: ", STYLES[problem.severity]), (words, None)], whole=True
        )
        for row in _pointed(workspace, problem) if workspace.terminal.is_terminal else ():
            workspace.terminal.spans([row])
        for line in rest:
            workspace.terminal.spans([(line, "dim")])


def _pointed(workspace: Workspace, problem: Problem) -> Iterator[tuple[str, str | None]]:
    """The line of the file and a caret under the place: for people at a terminal, not for scripts."""
    place = problem.place
    found = code_frame(place.file, place.line, place.column, width=workspace.terminal.width)
    if found is not None:
        yield found[0], None
        yield found[1], STYLES[problem.severity]


def code_frame(file: str, line: int, column: int, *, width: int) -> tuple[str, str] | None:
    """The line and the row with the caret, cut to `width` columns; None where there is no such place.

    `line` and `column` count from 1, the column in code points.
    """
    from ..preview.styled_text import columns

    lines = _lines(file)
    if not 1 <= line <= len(lines) or not lines[line - 1].strip():
        return None
    text = lines[line - 1].replace("\t", " ")
    at = min(max(column - 1, 0), len(text))
    begin, left = (at - BEFORE, "…") if at + len(INDENT) > width - 8 else (0, "")
    ahead = left + visible(text[begin:at])
    shown = _fitting(ahead + visible(text[at:]), width - len(INDENT))
    return INDENT + shown, INDENT + " " * columns(ahead) + "^"


def _fitting(text: str, width: int) -> str:
    from ..preview.styled_text import columns

    if columns(text) <= width:
        return text
    while text and columns(text) >= width:
        text = text[: len(text) - max(1, (columns(text) - width) // 2)]
    return text + "…"


@cache
def _lines(file: str) -> tuple[str, ...]:
    """The lines as the reader counts them; none for a file that can't be read as text."""
    try:
        return tuple(Path(file).read_bytes().decode("utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()


def _as_json(workspace: Workspace, problems: Sequence[Problem]) -> None:
    workspace.terminal.json([_fields(problem) for problem in problems])


def _as_github(workspace: Workspace, problems: Sequence[Problem]) -> None:
    """Workflow commands, as GitHub's documentation of workflow commands has them."""
    kinds = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    for problem in problems:
        place = problem.place
        where = f"file={_escaped(place.file, ',:')},line={place.line},col={place.column},title={problem.code}"
        words = " ".join(filter(None, (problem.message, problem.help)))
        workspace.terminal.out(f"::{kinds[problem.severity]} {where}::{_escaped(words)}")


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _fields(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "help": problem.help,
        "campaign": problem.campaign,
        "message_id": problem.message_id,
        "account": problem.account,
        "accounts": list(problem.accounts),
        "language": problem.language,
    }


def _say_count(workspace: Workspace, problems: Sequence[Problem], campaigns: int) -> None:
    counts = [
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := sum(problem.severity is severity for problem in problems))
    ]
    said = ", ".join(counts) or "no problems"
    errors = any(problem.severity is Severity.ERROR for problem in problems)
    workspace.terminal.err(
        f"{campaigns} campaign{'s' if campaigns != 1 else ''}: {said}", "error" if errors else "good"
    )


STYLES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
WRITERS = {"text": _as_text, "json": _as_json, "github": _as_github}
