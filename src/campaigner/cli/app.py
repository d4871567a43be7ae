"""The command `campaigner`: its commands, its global options, and the one boundary where errors become exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import CampaignerError, ExitCode

if TYPE_CHECKING:
    import typer

    from .output import Terminal


def main() -> None:
    """The entry point of the command."""
    fill_closed_streams()
    code = run(sys.argv[1:])
    # Python would look through everything once more before it ends: a quarter of a short command's time.
    gc.freeze()
    sys.exit(code)


def fill_closed_streams() -> None:
    """Put /dev/null where a standard stream was closed (`>&-`), before any file is opened.

    The next file would get its number otherwise: the ledger might be 1, and what anything prints end up in it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # The lowest free number is taken, which is this stream's.
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "w" if number else "r", encoding="utf-8"))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing escapes."""
    if list(arguments) == ["--version"]:
        print(f"campaigner {__version__}")
        return ExitCode.DONE
    # Imports make many objects and no rubbish: looking for it in between takes a third of a short command's time.
    gc.set_threshold(200_000, 20, 50)
    # Nor does pydantic look for plug-ins of its own: none that nobody named is ever imported.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    from .faults import show_error
    from .output import Terminal, forget_reader

    terminal = Terminal()
    try:
        return _run_command(list(arguments), terminal)
    except CampaignerError as error:
        show_error(error, terminal)
        return error.exit_code
    except KeyboardInterrupt:
        terminal.err("interrupted", "error")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): nothing to say.
        forget_reader(sys.stdout)
        return ExitCode.DONE
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name == LOCKS:
            terminal.err("this command needs the locks of Linux or macOS: on Windows, run campaigner in WSL 2", "error")
            return ExitCode.SURROUNDINGS
        from .bug import report_bug

        terminal.err(report_bug(error, terminal.secrets()), "error")
        return ExitCode.BUG
    finally:
        terminal.end()


LOCKS = "fcntl"
"""What Windows does not have."""


def _keep_only(app: typer.Typer, word: str) -> None:
    """Forget the other commands when the first word is one: typer reads the parameters of all of them, asked or not."""
    commands = [found for found in app.registered_commands if found.callback and found.callback.__name__ == word]
    groups = [found for found in app.registered_groups if found.name == word]
    if commands or groups:
        app.registered_commands, app.registered_groups = commands, groups


def _run_command(arguments: list[str], terminal: Terminal) -> int:
    import typer

    from .commands import build_app

    # typer carries its own click; its public BadParameter is the way to the root of all usage errors.
    usage_error: type[Exception] = next(
        kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
    )
    app = build_app(terminal)
    if arguments and "_CAMPAIGNER_COMPLETE" not in os.environ:
        _keep_only(app, arguments[0])
    try:
        result = app(args=arguments, prog_name="campaigner", standalone_mode=False)
    except usage_error as error:
        terminal.err(getattr(error, "format_message", error.__str__)(), "error")
        terminal.err("  `campaigner --help` lists the commands, `campaigner COMMAND --help` their options")
        return ExitCode.USAGE
    except typer.Abort:
        terminal.err("interrupted", "error")
        return ExitCode.INTERRUPTED
    return ExitCode.SURROUNDINGS if terminal.found_damage else int(result or ExitCode.DONE)
