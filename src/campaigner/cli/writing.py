"""`campaigner init` and `campaigner schema`: a working folder to begin with, and the JSON Schema that editors use."""

from __future__ import annotations

import json
import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ExitCode, RefusedError, SurroundingsError, UsageError

if TYPE_CHECKING:
    from .wiring import Runtime

GITIGNORE = "state/\nHOLD\n"
EDITOR_LINE = "# yaml-language-server: $schema={schema}\n"


def init(runtime: Runtime, folder: Path) -> ExitCode:
    """Make a working folder. What is there already stays as it is: then nothing is written, and the code is 5."""
    wanted = _contents()
    present = [name for name in wanted if (folder / name).exists()]
    if present:
        raise RefusedError(
            f"{', '.join(str(folder / name) for name in present)} {'is' if len(present) == 1 else 'are'} there already",
            hint="nothing was changed; name a new folder: campaigner init FOLDER",
        )
    try:
        for name, content in wanted.items():
            _write(folder / name, content)
    except OSError as error:
        raise SurroundingsError(
            f"{error.filename}: {error.strerror}", hint="give a folder that can be written"
        ) from error
    for name in wanted:
        runtime.terminal.out(str(folder / name))
    go = "" if folder == Path() else f"cd {folder} && "
    runtime.terminal.err("", None)
    runtime.terminal.err(f"next: {go}campaigner preview")
    runtime.terminal.err("then: campaigner days WORDS finds your day, campaigner new ID begins its campaign")
    return ExitCode.DONE


def schema(runtime: Runtime, which: str) -> ExitCode:
    """Print the JSON Schema of campaign files, or of the config."""
    if which not in ("campaign", "config"):
        raise UsageError(f"there is no schema {which}", hint="say campaign or config")
    runtime.terminal.raw(_schema(which))
    return ExitCode.DONE


def _schema(which: str) -> str:
    from ..files.schema import campaign_schema, config_schema
    from ..platforms import registry

    found = campaign_schema() if which == "campaign" else config_schema(registry.option_models())
    return json.dumps(found, ensure_ascii=False, indent=2)


def _contents() -> dict[str, bytes]:
    """Every file of a new working folder, by its path in it."""
    template = resources.files("campaigner.cli") / "template"
    config = EDITOR_LINE.format(schema="schema/config.json").encode() + (template / "config.yaml").read_bytes()
    found = {
        "config.yaml": config,
        ".gitignore": GITIGNORE.encode(),
        "schema/campaign.json": _schema("campaign").encode() + b"\n",
        "schema/config.json": _schema("config").encode() + b"\n",
    }
    for item in _walk(template / "campaigns", "campaigns"):
        name, content = item
        is_campaign = name.endswith(".yaml")
        line = EDITOR_LINE.format(schema="../schema/campaign.json").encode() if is_campaign else b""
        found[name] = line + content
    return found


def _walk(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        inner = f"{name}/{item.name}"
        found.extend(_walk(item, inner) if item.is_dir() else [(inner, item.read_bytes())])
    return found


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "wb") as file:
        file.write(content)
