"""`campaigner init`: a working folder to begin with."""

from __future__ import annotations

import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from ..errors import ExitCode, RefusedError, SurroundingsError
from .schema import json_schema

GITIGNORE = "state/\nHOLD\n"
EDITOR_LINE = "# yaml-language-server: $schema={schema}\n"


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; it is made if it is not there.")] = Path(),
) -> ExitCode:
    """Make a working folder. What is there already stays as it is: then nothing is written, and the code is 5."""
    terminal = context.obj.terminal
    wanted = _contents()
    present = [name for name in wanted if (folder / name).exists()]
    if present:
        raise RefusedError(
            f"{', '.join(str(folder / name) for name in present)} {'is' if len(present) == 1 else 'are'} there already",
            hint="nothing was changed; name a new folder: campaigner init FOLDER",
        )
    for name, content in wanted.items():
        write_new(folder / name, content)
    for name in wanted:
        terminal.out(str(folder / name))
    go = "" if folder == Path() else f"cd {folder} && "
    terminal.err("", None)
    terminal.err(f"next: {go}campaigner preview")
    terminal.err("then: campaigner days WORDS finds your day, campaigner new ID begins its campaign")
    return ExitCode.DONE


def _contents() -> dict[str, bytes]:
    """Every file of a new working folder, by its path in it."""
    template = resources.files("campaigner.cli") / "template"
    config = EDITOR_LINE.format(schema="schema/config.json").encode() + (template / "config.yaml").read_bytes()
    found = {
        "config.yaml": config,
        ".gitignore": GITIGNORE.encode(),
        "schema/campaign.json": _schema("campaign"),
        "schema/config.json": _schema("config"),
    }
    for item in _walk(template / "campaigns", "campaigns"):
        name, content = item
        is_campaign = name.endswith(".yaml")
        line = EDITOR_LINE.format(schema="../schema/campaign.json").encode() if is_campaign else b""
        found[name] = line + content
    return found


def _schema(which: str) -> bytes:
    return f"{json.dumps(json_schema(which), ensure_ascii=False, indent=2)}\n".encode()


def _walk(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        inner = f"{name}/{item.name}"
        found.extend(_walk(item, inner) if item.is_dir() else [(inner, item.read_bytes())])
    return found


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and the folders to it; raises SurroundingsError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise SurroundingsError(
            f"{error.filename or path}: {error.strerror}", hint="give a folder that can be written"
        ) from error
