"""Faults in words: every problem of the files first, then what is wrong and what to do."""

from __future__ import annotations

from ..errors import BrokenAccountError, CampaignerError, InvalidFilesError
from .output import Terminal


def show_error(error: CampaignerError, terminal: Terminal) -> None:
    """Say what is wrong and what to do, each problem of the files first."""
    if isinstance(error, InvalidFilesError) and error.problems:
        from ..files.rendering import render

        for problem in error.problems:
            terminal.err(render(problem))
    terminal.err(f"campaigner: {error}", "error")
    if error.hint:
        terminal.err(f"  {error.hint}", "error")
    if isinstance(error, BrokenAccountError):
        from .bug import report_bug

        terminal.err(report_bug(error.cause, terminal.secrets()), "error")
