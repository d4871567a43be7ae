"""The command `campaigner`: its commands, its global options, and the one boundary where errors become exit codes.

`--help` and `--version` are answered from what stands here; a command's module is imported when it is called.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import __version__
from ..errors import CampaignerError, ExitCode, UsageError

if TYPE_CHECKING:
    import typer

    from .terminal import Terminal


class Command(NamedTuple):
    """What stands in the list of commands. The function of its name is in the module of its name.

    `below` are its own commands, whose functions are in the same module.
    """

    line: str
    below: Mapping[str, str] = {}


SECTIONS: Mapping[str, Mapping[str, Command]] = {
    "Writing": {
        "init": Command("Make a working folder: config, an example campaign, the JSON Schema, .gitignore."),
        "days": Command("Search the observance days that are known, with their dates."),
        "new": Command("Begin a campaign for a day of the catalogue: names, hashtags, three messages left to write."),
        "schema": Command("Print the JSON Schema of campaign files or of the config."),
    },
    "Checking and looking": {
        "check": Command("Show every problem of every file."),
        "count": Command("Show how long a text is on each platform, and what each links."),
        "preview": Command("Show exactly what will be posted, as cards in time order."),
        "rehearse": Command("Run the whole day in a few seconds, with nothing leaving the machine."),
    },
    "Posting": {
        "run": Command("Post each message on time, until stopped."),
    },
    "Deciding": {
        "hold": Command("Stop everything, or one campaign or account, from this moment."),
        "release": Command("Let it go on after a hold."),
        "approve": Command("Four eyes: say that exactly this content may go out."),
        "cancel": Command("Never post these."),
        "retry": Command("Make a post due now."),
        "resolve": Command("Settle a post in doubt: say whether it is out."),
        "delete": Command("Take published posts down on their platforms."),
    },
    "Afterwards": {
        "status": Command("Show what is coming, out, late, held, failed, missed and in doubt."),
        "log": Command("Show every attempt of a post, and who decided what."),
        "accounts": Command(
            "Who we are on each account.",
            below={"check": "Ask each platform who we are, whether the token is alive, and what the server allows."},
        ),
        "ledger": Command(
            "The ledger: what was posted, and what may be.",
            below={
                "backup": "Make a copy of the ledger, also while posts go out. It sends nothing until you release it.",
                "clock": "Say which entry of the ledger lies ahead of this machine's clock, so that nothing is sent.",
                "upgrade": "Back up the ledger of an earlier campaigner, and make it one of this campaigner.",
            },
        ),
    },
}
COMMANDS = {name: command for section in SECTIONS.values() for name, command in section.items()}
PURPOSE = "Observance-day campaigns in several languages: each post goes out once, or you are told."
OPTIONS = {
    "--config PATH": "The config file; else CAMPAIGNER_CONFIG, else ./config.yaml.",
    "-v, --verbose": "Say more on stderr.",
    "-q, --quiet": "Say nothing but results and errors.",
    "--version": "Show the version and end.",
    "--install-completion": "Install completion for the current shell.",
    "--show-completion": "Show completion for the current shell, to copy it or customize the installation.",
    "-h, --help": "Show this message and exit; after a command, its own.",
}
ELSEWHERE = {
    "add": "new",
    "calendar": "days",
    "create": "new",
    "doctor": "accounts check",
    "export": "preview",
    "help": "--help",
    "history": "log",
    "import": "new",
    "lint": "check",
    "list": "status",
    "login": "accounts check",
    "next": "status",
    "pause": "hold",
    "plan": "preview",
    "post": "run",
    "publish": "run",
    "remove": "delete",
    "report": "status",
    "resume": "release",
    "schedule": "run",
    "search": "days",
    "send": "run",
    "show": "preview",
    "simulate": "rehearse",
    "start": "run",
    "stop": "hold",
    "test": "rehearse",
    "undo": "cancel --undo",
    "validate": "check",
    "verify": "check",
    "version": "--version",
}
"""What other programs call it."""
LOCKS = "fcntl"
"""What Windows does not have."""


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
    # Imports make many objects and no rubbish: looking for it in between takes a third of a short command's time.
    gc.set_threshold(200_000, 20, 50)
    # Nor does pydantic look for plug-ins of its own: none that nobody named is ever imported.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    from .terminal import Terminal, forget_reader

    terminal = Terminal()
    try:
        return _run_command(list(arguments), terminal)
    except CampaignerError as error:
        terminal.error(error)
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
        terminal.bug(error)
        return ExitCode.BUG
    finally:
        terminal.end()


def _run_command(arguments: list[str], terminal: Terminal) -> int:
    if "_CAMPAIGNER_COMPLETE" in os.environ:
        # A completion's words come by the environment, the command's own name first; bash has another name for them.
        words = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
        _, word = _split(words.split()[1:])
        return _parse_and_run(arguments, word, terminal)
    options, word = _split(arguments)
    if "--version" in options:
        terminal.out(f"campaigner {__version__}")
        return ExitCode.DONE
    if {"-h", "--help"} & set(options):
        terminal.out(_help(terminal.width))
        return ExitCode.DONE
    if not arguments:
        terminal.err(_help(terminal.width))
        return ExitCode.USAGE
    known = " ".join(OPTIONS).replace(",", "").split()
    if word is not None and word not in COMMANDS and {one.partition("=")[0] for one in options}.issubset(known):
        raise UsageError(f"there is no command {word}", hint=_meant(word))
    return _parse_and_run(arguments, word, terminal)


def _split(arguments: Sequence[str]) -> tuple[list[str], str | None]:
    """The global options, without their values, and the command after them."""
    options: list[str] = []
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            return options, word
        options.append(word)
        if word == "--config":
            next(words, None)
    return options, None


def _meant(word: str) -> str:
    from difflib import get_close_matches

    near = ELSEWHERE.get(word) or next(iter(get_close_matches(word, COMMANDS)), None)
    return f"did you mean `campaigner {near}`?" if near else "`campaigner --help` lists the commands"


def _help(width: int) -> str:
    """The page of all commands, by sections."""
    rows = [_row(option, meaning, 22, width) for option, meaning in OPTIONS.items()]
    sections = [
        "\n".join([f" {title}", *(_row(name, command.line, 10, width) for name, command in section.items())])
        for title, section in SECTIONS.items()
    ]
    head = ["Usage: campaigner [OPTIONS] COMMAND [ARGS]...", "", _row("", PURPOSE, 0, width), "", "Options:", *rows]
    return "\n".join([*head, "", "Commands:", "\n\n".join(sections)])


def _row(name: str, meaning: str, column: int, width: int) -> str:
    from textwrap import fill

    indent = " " * (column + 2)
    return fill(meaning, width, initial_indent=f"  {name:<{column}}", subsequent_indent=indent, break_on_hyphens=False)


def _parse_and_run(arguments: list[str], word: str | None, terminal: Terminal) -> int:
    import typer

    # typer carries its own click; its public BadParameter is the way to the root of all usage errors.
    usage_error: type[Exception] = next(
        kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
    )
    try:
        result = _app(word, terminal)(args=arguments, prog_name="campaigner", standalone_mode=False)
    except usage_error as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            terminal.err(str(error))
            return ExitCode.USAGE
        raise _in_our_words(error) from error
    except typer.Abort:
        terminal.err("interrupted", "error")
        return ExitCode.INTERRUPTED
    return ExitCode.SURROUNDINGS if terminal.found_damage else int(result or ExitCode.DONE)


def _in_our_words(error: Any) -> UsageError:
    """What typer says of a wrong command line."""
    import re

    context, message = getattr(error, "ctx", None), str(getattr(error, "format_message", error.__str__)())
    hint = f"`{context.command_path if context else 'campaigner'} --help` shows what it takes"
    match type(error).__name__:
        case "NoSuchOption":
            near = next(iter(error.possibilities or ()), "")
            message, hint = f"there is no option {error.option_name}", f"did you mean {near}?" if near else hint
        case "MissingParameter":
            message = re.sub(r"Missing \w+ '(.+)'\.", r"\1 is missing", message)
        case "BadOptionUsage":
            params = context.command.get_params(context) if context else ()
            name = next(
                (f": {option} {param.metavar}" for param in params if (option := error.option_name) in param.opts), ""
            )
            message = re.sub(r"Option '(.+?)' requires an argument\.", rf"\1 needs a value{name}", message)
            message = re.sub(r"Option '(.+?)' does not take a value\.", r"\1 takes no value", message)
        case "BadParameter":
            message = re.sub(r"Invalid value for '(.+?)':", r"\1:", message)
        case _:
            message = re.sub(r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", r"nothing is meant by: \1", message)
    return UsageError(message, hint=hint)


def _app(word: str | None, terminal: Terminal) -> typer.Typer:
    """The command line for typer: with one command when it is known which, else with the names of all."""
    import typer

    from .options import PlainCommand, PlainGroup, global_options

    app = typer.Typer(
        name="campaigner",
        cls=PlainGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(global_options(terminal))
    for name, command in COMMANDS.items():
        if word not in COMMANDS:
            # To be completed: nothing is imported for that.
            app.command(name, help=command.line)(lambda: None)
        elif name == word:
            module = import_module(f".{name}", __package__)
            if not command.below:
                app.command(name, help=command.line, cls=PlainCommand)(getattr(module, name))
                continue
            own = getattr(module, name, None)
            group = typer.Typer(
                cls=PlainGroup,
                help=command.line,
                callback=own,
                invoke_without_command=own is not None,
                no_args_is_help=own is None,
                rich_markup_mode=None,
            )
            for child, line in command.below.items():
                group.command(child, help=line, short_help=line, cls=PlainCommand)(getattr(module, child))
            app.add_typer(group, name=name)
    return app
