"""Bytes to text: sizes checked before reading, encodings recognised or refused by name and place."""

from __future__ import annotations

import codecs
import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

MAX_BYTES = 5_000_000
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


MOST_MARKS = 30
"""Combining marks in a row: Unicode's bound for a stream. To compose a text takes the square of a longer row."""

_FAR_FROM_LATIN = re.compile("[^\x00-\u02ff]{31,}")


class Fault(NamedTuple):
    """What is wrong with the YAML itself. Line and column count from 1, the column in code points."""

    line: int
    column: int
    code: str
    message: str
    help: str = ""


class StopReadingError(Exception):
    """The file cannot be read any further; carries the Fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class SourceError(ValueError):
    """A file that must be faultless is not; carries the Fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.line}:{fault.column}: {fault.message}")
        self.fault = fault


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return a file's bytes; raise SourceError before reading what is too large or no file, OSError as open does."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(Fault(1, 1, "not-a-file", "this is a folder or a device, not a file", "Move or rename it."))
    if found.st_size <= limit:
        with path.open("rb") as file:
            content = file.read(limit + 1)
        if len(content) <= limit:
            return content
    raise SourceError(_too_large(limit))


def _too_large(limit: int) -> Fault:
    size = f"{limit / 1_000_000:g} MB"
    return Fault(1, 1, "too-large", f"the file is larger than {size}", "Split it into several campaigns.")


def decode(content: bytes) -> str:
    r"""Return the text with \\n line ends; raise StopReadingError with the place of what cannot be read."""
    if len(content) > MAX_BYTES:
        raise StopReadingError(_too_large(MAX_BYTES))
    text = _text(content).replace("\r\n", "\n").replace("\r", "\n")
    if found := FORBIDDEN.search(text):
        raise StopReadingError(_forbidden(text, found.start()))
    return text


def too_many_marks(text: str) -> int | None:
    """Return where a row of combining marks passes MOST_MARKS, None when none does."""
    return next(_marks_beyond(text), None)


def composed(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Return a text that others wrote in a normal form; of longer rows of combining marks the rest is left out."""
    beyond = set(_marks_beyond(text))
    kept = "".join(letter for at, letter in enumerate(text) if at not in beyond) if beyond else text
    return unicodedata.normalize(form, kept)


def _marks_beyond(text: str) -> Iterator[int]:
    for found in () if text.isascii() else _FAR_FROM_LATIN.finditer(text):
        row = 0
        for at in range(*found.span()):
            row = row + 1 if unicodedata.combining(text[at]) else 0
            if row > MOST_MARKS:
                yield at


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise StopReadingError(_encoding(1, 1, "the file is written in UTF-32"))
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise StopReadingError(_encoding(1, 1, "the file begins as UTF-16 and does not go on so")) from None
    if b"\x00" in content[:2]:
        raise StopReadingError(_encoding(1, 1, "the file looks like UTF-16 or UTF-32 without its mark"))
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StopReadingError(_not_utf8(content, error.start)) from None


def _not_utf8(content: bytes, start: int) -> Fault:
    before = content[:start].decode("utf-8")
    byte = content[start : start + 1]
    meant = byte.decode("cp1252", "replace")
    guess = f" (an old Windows file would mean {meant} by it)" if meant.isprintable() and meant != "\ufffd" else ""
    message = f"the byte {byte[0]:02X} is not UTF-8{guess}"
    return _encoding(before.count("\n") + 1, len(before) - before.rfind("\n"), message)


def _encoding(line: int, column: int, message: str) -> Fault:
    return Fault(line, column, "encoding", message, "Save the file as UTF-8 in your editor.")


def _forbidden(text: str, index: int) -> Fault:
    character = text[index]
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    what = "an invisible line separator" if character in "\u2028\u2029\x85" else "a control character"
    message = f"{what} (U+{ord(character):04X}) stands here"
    return Fault(
        line, column, "control-character", message, "Delete it; it often comes with a copy from another program."
    )
