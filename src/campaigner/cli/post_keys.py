"""Whose posts a KEY means, and who decides about them."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import RefusedError, UsageError
from ..post.key import PostKey

if TYPE_CHECKING:
    from .terminal import Terminal


def matching(key: str, known: Iterable[str]) -> list[str]:
    """The keys that are this one or lie below it."""
    wanted = key.strip("/")
    found = sorted(one for one in known if one == wanted or one.startswith(f"{wanted}/"))
    if not found:
        raise UsageError(f"no post is called {key}", hint="`campaigner status` lists the KEYs")
    return found


def confirm(terminal: Terminal, key: str, keys: Sequence[str], *, yes: bool) -> None:
    """A prefix lists what it would touch, and asks for --yes; a full KEY needs none."""
    if yes or key.strip("/") in keys:
        return
    for one in keys:
        terminal.out(one)
    raise RefusedError(f"{key} means {len(keys)} posts", hint="--yes does it for all of them")


def full_key(key: str) -> PostKey:
    """The KEY of one post; a beginning is refused."""
    try:
        return PostKey.parse(key)
    except ValueError as error:
        raise UsageError(str(error), hint="`campaigner status` lists the KEYs") from error


def who() -> str:
    """The person at the keyboard, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
