"""What servers have said of their limits, kept in `state/limits.json` for `check` and `preview`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .. import private_files
from ..errors import SurroundingsError

if TYPE_CHECKING:
    from ..post.profile import Profile

NAMES = ("limit", "url_length", "max_images", "image_bytes", "image_pixels", "alt_limit")
Limits = Mapping[str, Mapping[str, int]]
"""By account, by name: every limit a number to measure by."""


def read(state: Path, tell_damage: Callable[[str], None]) -> Limits:
    """The limits of each account that was asked; none of a damaged file, which is told."""
    path = state / "limits.json"
    try:
        found = json.loads(private_files.read(path))
        return {account: _limits(known) for account, known in found.items()}
    except (OSError, ValueError, RecursionError, AttributeError):
        tell_damage(
            f"{path} is damaged: the usual limits of the platforms count until "
            "`campaigner accounts check` has asked the servers again"
        )
        return {}


def _limits(known: Mapping[str, object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in known.items():
        if name not in NAMES or value is None:
            continue
        if type(value) is not int or not 0 <= value < 2**40:
            raise ValueError(name)
        found[name] = value
    return found


def remember(state: Path, account: str, profile: Profile, tell_damage: Callable[[str], None]) -> None:
    """Keep what a server said just now beside what is known of the others. Raises SurroundingsError."""
    path = state / "limits.json"
    known = read(state, tell_damage) if os.path.lexists(path) else {}
    now_known = {**known, account: {name: getattr(profile, name) for name in NAMES}}
    try:
        private_files.make_folder(path.parent.resolve())
        private_files.write(path, json.dumps(now_known, indent=2))
    except OSError as error:
        message = f"what the server of {account} allows can't be kept in {path}: {error.strerror}"
        raise SurroundingsError(message, hint="move away what is there") from error
