"""The one way to a terminal: results to stdout, everything else to stderr, control characters shown and never sent."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import DIRECTIONS, BrokenAccountError, CampaignerError, InvalidFilesError, spelled

if TYPE_CHECKING:
    from datetime import datetime

STYLES = {
    "title": "1",
    "strong": "1",
    "dim": "2",
    "hashtag": "36",
    "mention": "35",
    "url": "34;4",
    "cashtag": "36",
    "good": "32",
    "warning": "33",
    "error": "31;1",
    "note": "2",
}
"""Colours that read on light and on dark grounds: the sixteen that a terminal's own theme sets."""

STATE_STYLES = {"published": "good", "failed": "error", "missed": "error", "in-doubt": "error", "partial": "error"}
"""How the state of a post is shown."""

IN_ASCII = str.maketrans("┌├└│─━█░·–↩✓…→“”", '+++|-=#.--\\+~>""')
"""The signs that we draw with, where nothing but ASCII can be shown: one for one, so that what is aligned stays so."""
Span = tuple[str, str | None]
"""A text and its style."""
_WORD = re.compile("`[^`]*`[^ ]*|campaigner .*|[^ ]+| +")
_ESCAPED_IN_JSON = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *map(ord, DIRECTIONS))}


def visible(text: str) -> str:
    """The text with every control character and bidi override spelled out; line ends and tabs stay."""
    if text.isprintable():
        return spelled(text)
    return re.sub(r"[^\n\t]+", lambda match: spelled(match[0]), text)


class Terminal:
    """Where a command writes. Safe from several threads; a line is never torn."""

    def __init__(self, stdout: TextIO | None = None, stderr: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        self._lock = threading.Lock()
        self.quiet = quiet
        self.secrets: Callable[[], Iterable[str]] = tuple
        """What no report of a bug may hold."""
        self.found_damage = False
        """That something of campaigner's own was damaged: whatever the command did, it ends with 4."""
        self.goes_on_unread = False
        """For `run`: that nobody reads any more, or that a disk is full, must not keep a post from going out."""
        for stream in (self._stdout, self._stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")

    @property
    def width(self) -> int:
        """Columns to write in: the terminal's, at least 40, at most 100."""
        return min(100, self.columns)

    @property
    def columns(self) -> int:
        """All columns that the terminal has, at least 40."""
        from shutil import get_terminal_size

        return max(40, get_terminal_size((80, 24)).columns)

    @property
    def is_terminal(self) -> bool:
        """True when a person reads stdout, False when a program does."""
        return self._stdout.isatty()

    def out(self, text: str = "") -> None:
        """One or more lines of a result."""
        self._lines(self._stdout, text, None)

    def json(self, value: Any, *, indent: int | None = 2) -> None:
        """A result for programs. JSON escapes for itself all but what few readers take for a command."""
        import json

        self._write(self._stdout, json.dumps(value, ensure_ascii=False, indent=indent).translate(_ESCAPED_IN_JSON))

    def err(self, text: str, style: str | None = None) -> None:
        """A line for people that is no result; silent with `--quiet` unless it has the style "error"."""
        if self.quiet and style != "error":
            return
        self._lines(self._stderr, text, style)

    def error(self, error: CampaignerError) -> None:
        """Say what is wrong and what to do, each problem of the files first."""
        if isinstance(error, InvalidFilesError) and error.problems:
            from ..errors import render

            for problem in error.problems:
                self.err(render(problem))
        self.err(f"campaigner: {error}", "error")
        if error.hint:
            self.err(f"  {error.hint}", "error")
        if isinstance(error, BrokenAccountError):
            self.bug(error.cause)

    def bug(self, error: BaseException) -> None:
        """Say in one line that this is a bug, and where its details are."""
        self.err(_report_bug(error, self.secrets()), "error")

    def spans(self, line: Iterable[Span], *, whole: bool = False) -> None:
        """One line of (text, style) pairs, coloured where colours are seen. Nothing in a text can make it two.

        `whole`: what scripts and editors look for is one line on a terminal too.
        """
        clean = [(visible(text).replace("\n", " "), style) for text, style in line]
        self._write(self._stdout, self._fitted(self._stdout, clean, whole=whole))

    def page(self, lines: Iterable[Iterable[Span]], *, clears: bool) -> None:
        """Lines after what was written before; with `clears` in place of what the terminal shows, as many as it has room for."""
        if clears and self.is_terminal:
            from shutil import get_terminal_size

            self._write(self._stdout, "\x1b[2J\x1b[3J\x1b[H")
            found = list(lines)
            room = get_terminal_size().lines - 3
            lines = found[:room]
            if len(found) > room:
                lines.append([(f"and {len(found) - room} lines more", "dim")])
        for line in lines:
            self.spans(line)

    def card(self, lines: Iterable[Iterable[Span]], *, to_stderr: bool) -> None:
        """Several lines that belong together, and an empty one after them."""
        stream = self._stderr if to_stderr else self._stdout
        rows = [self._fitted(stream, [(visible(text), style) for text, style in line], whole=True) for line in lines]
        self._write(stream, "\n".join(rows) + "\n")

    def end(self) -> None:
        """Drop what could not be written: Python would try once more at its end, and take its failure for the exit code."""
        for stream in (self._stdout, self._stderr):
            try:
                stream.flush()
            except OSError:
                forget_reader(stream)

    def _lines(self, stream: TextIO, text: str, style: str | None) -> None:
        # All lines in one go: another thread's can't come between.
        rows = [self._fitted(stream, [(line, style)]) for line in visible(text).split("\n")]
        self._write(stream, "\n".join(rows))

    def _fitted(self, stream: TextIO, line: Sequence[Span], *, whole: bool = False) -> str:
        """One line as it is written: on a terminal broken between words where it is too long, whole for programs."""
        rows = wrapped(line, self.columns) if stream.isatty() and not whole else [line]
        return "\n".join("".join(self._styled(stream, *span) for span in row).rstrip(" ") for row in rows)

    def _styled(self, stream: TextIO, text: str, style: str | None) -> str:
        if not (stream.encoding or "ascii").lower().startswith("utf"):
            text = text.translate(IN_ASCII)
        code = STYLES.get(style or "")
        return f"\x1b[{code}m{text}\x1b[0m" if code and text and shows_colour(stream) else text

    def _write(self, stream: TextIO, text: str) -> None:
        with self._lock:
            try:
                stream.write(text + "\n")
                stream.flush()
            except OSError as error:
                if not self.goes_on_unread:
                    raise
                if isinstance(error, BrokenPipeError):
                    forget_reader(stream)


def wrapped(line: Sequence[Span], width: int) -> list[Sequence[Span]]:
    """The line in rows of at most `width` columns; those after the first stand two columns further in.

    It is broken at spaces, never in a command that somebody may copy: between backticks, or from `campaigner` on.
    """
    text = "".join(piece for piece, _ in line)
    if text.isascii() and len(text) <= width:
        return [line]
    from ..preview.styled_text import columns

    begin = len(text) - len(text.lstrip(" "))
    rows: list[list[Span]] = [[]]
    used, is_after_space = 0, False
    for piece, style in line:
        for word in _WORD.findall(piece):
            if is_after_space and used > begin and word[0] != " " and used + columns(word) > width:
                rows.append([(" " * (begin + 2), None)])
                used = begin + 2
            rows[-1].append((word, style))
            used, is_after_space = used + columns(word), word[0] == " "
    return [*rows]


def forget_reader(stream: TextIO) -> None:
    """Let what is written to a stream whose reader went away go nowhere, Python's own flush at the end too."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def shows_colour(stream: TextIO) -> bool:
    """True on a terminal, unless NO_COLOR is set or the terminal is dumb."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def rfc3339(value: datetime | None) -> str | None:
    """An instant as JSON has it: RFC 3339 in UTC."""
    from .. import clock

    return None if value is None else clock.rfc3339(value)


def _report_bug(error: BaseException, secrets: Iterable[str]) -> str:
    """Write the details to a file for the owner alone, without local values or secrets, and return the line to show."""
    import platform
    import tempfile
    import traceback
    import uuid
    from pathlib import Path

    from .. import __version__, private_files
    from ..platforms.redaction import Redactor

    details = Redactor(secrets).whole("".join(traceback.format_exception(error, limit=-40)))
    head = f"campaigner {__version__}, Python {sys.version.split()[0]}, {platform.platform()}\n\n"
    state = Path.cwd() / "state"
    folder = state if state.is_dir() and os.access(state, os.W_OK) else Path(tempfile.gettempdir())
    path = folder / f"campaigner-bug-{uuid.uuid4().hex[:8]}.txt"
    try:
        with os.fdopen(private_files.open_new(path), "w", encoding="utf-8") as file:
            file.write(head + details)
    except OSError:
        return f"campaigner: this is a bug ({type(error).__name__}); its details could not be written to {path}"
    return f"campaigner: this is a bug ({type(error).__name__}); please send {path} to those who keep campaigner"
