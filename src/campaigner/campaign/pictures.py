"""The forms of `file` and `captions`: paths beside the campaign file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from ..source import shown
from .written import Language, Text, fault

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CAPTION_TYPES = (".srt", ".vtt")
BURNED_IN = "burned-in"


def read_file(value: str) -> str:
    """Return a path relative to the campaign file, written with /."""
    if "\\" in value or _CONTROL.search(value):
        message = f'"{shown(_CONTROL.sub("?", value))}" is no path: a backslash was written'
        raise fault("backslash", message, "Write folders with /, as in images/speech.jpg.")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", value):
        help_ = "Put the file into a folder beside the campaign, and write its path, as in images/speech.jpg."
        raise fault("path", f'"{shown(value)}" is an address, not a file beside the campaign', help_)
    if value.startswith(("/", "~")):
        help_ = "Write the path as seen from the campaign file, as in images/speech.jpg."
        raise fault("path", f'"{shown(value)}" is not relative to the campaign file', help_)
    return value


def read_captions(value: Any) -> Any:
    """`burned-in`, or files by language."""
    if not isinstance(value, Mapping):
        if value is None or value == BURNED_IN:
            return value
        raise fault("captions", "captions are files by language", f"Write en: speech.en.srt, or: {BURNED_IN}")
    files = _captions().validate_python(value)
    for path in files.values():
        if not read_file(path).lower().endswith(CAPTION_TYPES):
            raise fault("captions", f'"{shown(path)}" is no caption file', "Captions end in .srt or .vtt.")
    return files


@cache
def _captions() -> TypeAdapter[Mapping[str, str]]:
    """Made when a campaign has captions: most have none, and to make it takes as long as to read a file."""
    return TypeAdapter(Mapping[Language, Text])
