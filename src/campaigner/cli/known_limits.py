"""What servers have said of their limits, kept in `state/limits.json` for `check` and `preview`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import private_files
from ..errors import SurroundingsError

if TYPE_CHECKING:
    from ..post.profile import Profile

NAMES = ("limit", "url_length", "max_images", "image_bytes", "image_pixels", "alt_limit")
Limits = dict[str, int]


def read(state: Path, tell_damage: Callable[[str], None]) -> dict[str, Limits]:
    """The limits of each account that was asked; none of a damaged file, which is told."""
    path = state / "limits.json"
    try:
        found = json.loads(private_files.read(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and all(map(_are_limits, found.values())):
        return found
    tell_damage(
        f"{path} is damaged: the usual limits of the platforms count until "
        "`campaigner accounts check` has asked the servers again"
    )
    return {}


def remember(state: Path, known: dict[str, Limits], account: str, profile: Profile) -> None:
    """Keep what a server said just now beside what is `known` of the others. Raises SurroundingsError."""
    path = state / "limits.json"
    now_known = {**known, account: {name: getattr(profile, name) for name in NAMES}}
    try:
        private_files.make_folder(path.parent.resolve())
        private_files.write(path, json.dumps(now_known, indent=2))
    except OSError as error:
        message = f"what the server of {account} allows can't be kept in {path}: {error.strerror}"
        raise SurroundingsError(message, hint="move away what is there") from error


def applied(profile: Profile, known: Limits | None) -> Profile:
    """The profile with the limits that its server has."""
    if not known:
        return profile
    wanted: dict[str, Any] = {name: known[name] for name in NAMES if isinstance(known.get(name), int)}
    return replace(profile, **wanted)


def _are_limits(known: object) -> bool:
    """True for what `remember` writes: every limit a number to measure by, or none."""
    return isinstance(known, dict) and all(
        value is None or (type(value) is int and 0 <= value < 2**40) for name, value in known.items() if name in NAMES
    )
