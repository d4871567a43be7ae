"""Every way campaigner can refuse, and the problems it reports: place, message, help, code."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple


class ExitCode(IntEnum):
    """What the shell sees; the table stands in docs/reference/command-line.md."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    INVALID = 3
    SURROUNDINGS = 4
    REFUSED = 5
    BUG = 70
    INTERRUPTED = 130


class Severity(StrEnum):
    """How grave a problem is: an error is not posted, a warning is, a note only explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Place(NamedTuple):
    """Where in a file something stands: line and column count from 1, column in code points."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One fault of a file: where, what was found and wanted, and what to do (`help`)."""

    place: Place
    code: str
    message: str
    help: str = ""
    severity: Severity = Severity.ERROR
    campaign: str | None = None
    message_id: str | None = None
    account: str | None = None
    language: str | None = None


class CampaignerError(Exception):
    """The root of every refusal: `str()` is what the person reads, `hint` what they can do."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CampaignerError):
    """The command line cannot be understood."""

    exit_code = ExitCode.USAGE


class InvalidFilesError(CampaignerError):
    """A campaign or the config is invalid, or none was found; `problems` may be empty."""

    exit_code = ExitCode.INVALID

    def __init__(self, message: str, *, problems: tuple[Problem, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class SurroundingsError(CampaignerError):
    """The machine is not ready: ledger locked or damaged, secret missing, disk full."""

    exit_code = ExitCode.SURROUNDINGS


class AccountError(SurroundingsError):
    """One account can't be used here (its secret is missing); the others can."""


class RefusedError(CampaignerError):
    """Refused for safety; `hint` says what to pass to go on."""

    exit_code = ExitCode.REFUSED
