"""What a target on the command line means, and who decides about it."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..errors import RefusedError, UsageError
from ..post.key import PostKey

if TYPE_CHECKING:
    from .terminal import Terminal

FILES = (".yaml", ".yml")


def matching(target: str, known: Iterable[str], platforms: Mapping[str, str]) -> list[str]:
    """The known KEYs that a target means: a KEY or its beginning, a campaign's id or file, an account or a platform.

    `platforms` is each account's. Raises UsageError, with the nearest name, for what means none.
    """
    wanted, keys = campaign_of(target).strip("/"), sorted(known)
    found = [key for key in keys if f"{key}/".startswith(f"{wanted}/")]
    if not found and "/" not in wanted:
        found = [key for key in keys if wanted in (account := key.split("/")[3], platforms.get(account))]
    if not found:
        names = {name for key in keys for name in (key.split("/")[0], key.split("/")[3])}
        raise UsageError(f"no post is called {target}", hint=_nearest(wanted, {*names, *platforms.values()}, keys))
    return found


def campaign_of(target: str) -> str:
    """A campaign's file stands for the campaign."""
    return PurePath(target).stem if target.endswith(FILES) else target


def _nearest(wanted: str, names: Collection[str], keys: Sequence[str]) -> str:
    beginnings = {"/".join(key.split("/")[: wanted.count("/") + 1]) for key in keys} if "/" in wanted else names
    return f"{did_you_mean(wanted, beginnings)}`campaigner status` lists the posts"


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """The nearest name as a question, empty when none is near."""
    from difflib import get_close_matches

    near = next(iter(get_close_matches(word, sorted(names), cutoff=0.5)), None)
    return f"did you mean {near}? " if near else ""


def confirm(terminal: Terminal, target: str, keys: Sequence[str], *, yes: bool) -> None:
    """All but a full KEY lists what it would touch, and asks for --yes."""
    if yes or target.strip("/") in keys:
        return
    for one in keys:
        terminal.out(one)
    raise RefusedError(f"{target} means {len(keys)} posts", hint="--yes does it for all of them")


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
