"""The list of commands: it answers by itself, and what it says is so."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from campaigner.cli.main import COMMANDS, OPTIONS
from campaigner.cli.options import PlainGroup, global_options
from campaigner.cli.terminal import Terminal

COMMAND = Path(sys.executable).with_name("campaigner")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_list_says(name: str) -> None:
    command = COMMANDS[name]
    module = import_module(f"campaigner.cli.{name}")
    functions = list(command.below) or [name]
    assert all(callable(getattr(module, function)) for function in functions)


def test_the_page_has_every_global_option() -> None:
    app = typer.Typer(cls=PlainGroup, rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})
    app.callback()(global_options(Terminal()))
    command = typer.main.get_command(app)
    known = {option for param in command.params for option in param.opts} | {"-h", "--help"}
    shown = {word for options in OPTIONS for word in options.replace(",", " ").split() if word.startswith("-")}
    assert shown == known


def imported_by(*arguments: str, folder: Path) -> set[str]:
    program = (
        "import sys\nfrom campaigner.cli.main import run\n"
        f"code = run({list(arguments)!r})\nprint('imported', *sys.modules)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
    return set(done.stdout.rpartition("imported ")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-q", "--help"]])
def test_what_stands_in_the_list_imports_no_command(arguments: list[str], tmp_path: Path) -> None:
    found = imported_by(*arguments, folder=tmp_path)
    assert "campaigner.cli.main" in found
    assert not found & {"typer", "pydantic", "campaigner.cli.check", "campaigner.cli.wiring"}


def test_a_command_imports_itself_and_checks_its_words_without_pydantic(tmp_path: Path) -> None:
    found = imported_by("days", "migrants", "--year", "2026", folder=tmp_path)
    assert "campaigner.cli.days" in found
    assert not found & {"pydantic", "rich", "campaigner.cli.check", "campaigner.cli.run"}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("campaigner re", {"rehearse", "release", "retry", "resolve"}),
        ("campaigner ledger ", {"backup", "clock", "upgrade"}),
        ("campaigner -q check --st", {"--strict"}),
        ("campaigner preview inter", {"international-migrants-day"}),
        ("campaigner hold --account desk-", {"desk-x", "desk-mastodon", "desk-bluesky"}),
        ("campaigner accounts check desk-m", {"desk-mastodon"}),
        ("campaigner --config nowhere.yaml accounts check ", set()),
    ],
)
def test_commands_options_and_names_are_completed(words: str, offered: set[str], tmp_path: Path) -> None:
    subprocess.run([COMMAND, "init"], cwd=tmp_path, capture_output=True, check=True)
    number = len(words.split()) if words.endswith(" ") else len(words.split()) - 1
    environment = {
        **os.environ, "_CAMPAIGNER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(number),
    }  # fmt: skip
    done = subprocess.run([COMMAND], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("help", "--help"),
        ("validate", "check"),
        ("plan", "preview"),
        ("post", "run"),
        ("list", "status"),
        ("undo", "cancel --undo"),
        ("export", "preview"),
        ("schedule", "run"),
        ("login", "accounts check"),
        ("pause", "hold"),
        ("rehears", "rehearse"),
        ("acounts", "accounts"),
    ],
)
def test_another_programs_word_is_met_with_ours(tmp_path: Path, word: str, ours: str) -> None:
    done = subprocess.run([COMMAND, word], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"campaigner: there is no command {word}\n  did you mean `campaigner {ours}`?\n"


@pytest.mark.parametrize("line", ["--conf x status", "--conf=x status", "--conf x check"])
def test_a_mistyped_global_option_is_named_and_not_its_value(tmp_path: Path, line: str) -> None:
    done = subprocess.run([COMMAND, *line.split()], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "campaigner: there is no option --conf\n  did you mean --config?\n"
