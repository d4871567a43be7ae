"""The forms of `handles`: what people and offices are called on each platform."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from ..source import shown
from .written import Text, fault

_HANDLE_NAME = re.compile(r"[^\W_][\w.-]*")


def read_handle_name(value: str) -> str:
    """The name that stands in braces after @: `iom` of {@iom}."""
    if not _HANDLE_NAME.fullmatch(value):
        help_ = "Write the name alone, without @, in letters, digits, . _ and -."
        raise fault("handle", f'"{shown(value)}" cannot stand in braces', help_)
    return value


def read_handle(value: Mapping[str, str]) -> Mapping[str, str]:
    if "name" not in value:
        help_ = "Write name: and what texts shall say where a platform has no handle for it."
        raise fault("handle", "the handle has no name", help_)
    return value


Handles = Mapping[
    Annotated[str, AfterValidator(read_handle_name)], Annotated[Mapping[str, Text], AfterValidator(read_handle)]
]
