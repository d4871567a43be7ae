"""A bug, as a person meets it: one line, and the path of a file with the details."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
import uuid
from collections.abc import Iterable
from pathlib import Path

from .. import __version__, private_files


def report_bug(error: BaseException, secrets: Iterable[str]) -> str:
    """Write the details to a file for the owner alone, without local values or secrets, and return the line to show."""
    from ..platforms.redaction import Redactor

    details = Redactor(secrets).whole("".join(traceback.format_exception(error, limit=-40)))
    head = f"campaigner {__version__}, Python {sys.version.split()[0]}, {platform.platform()}\n\n"
    path = _folder() / f"campaigner-bug-{uuid.uuid4().hex[:8]}.txt"
    try:
        with os.fdopen(private_files.open_new(path), "w", encoding="utf-8") as file:
            file.write(head + details)
    except OSError:
        return f"campaigner: this is a bug ({type(error).__name__}); its details could not be written to {path}"
    return f"campaigner: this is a bug ({type(error).__name__}); please send {path} to those who keep campaigner"


def _folder() -> Path:
    state = Path.cwd() / "state"
    return state if state.is_dir() and os.access(state, os.W_OK) else Path(tempfile.gettempdir())
