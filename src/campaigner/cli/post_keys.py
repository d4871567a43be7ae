"""What a target on the command line means, and who decides about it."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..errors import RefusedError, UsageError, nearest
from ..post.key import PostKey

if TYPE_CHECKING:
    from .terminal import Terminal

FILES = (".yaml", ".yml")
LANGUAGE = 5
"""The place of the language in a KEY."""
SHORTEST = 2
"""A campaign alone is no name for what was shown: its next edition would be another year's."""


def matching(
    target: str, known: Iterable[str], platforms: Mapping[str, Collection[str]], *, none: str = "no post is called"
) -> list[str]:
    """The known KEYs that a target means: a KEY or its beginning, a campaign's id or file, an account or a platform.

    `platforms` are each account's. Raises UsageError, with the nearest name, for what means none.
    """
    wanted, keys = campaign_of(target).strip("/"), sorted(known)
    found = [key for key in keys if f"{key}/".startswith(f"{wanted}/")]
    if not found and "/" not in wanted:
        found = [key for key in keys if wanted in (account := key.split("/")[3], *platforms.get(account, ()))]
    if not found:
        names = {name for key in keys for name in (key.split("/")[0], key.split("/")[3])}
        raise UsageError(f"{none} {target}", hint=_nearest(wanted, names.union(*platforms.values()), keys))
    return found


def campaign_of(target: str) -> str:
    """A campaign's file stands for the campaign."""
    return PurePath(target).stem if target.endswith(FILES) else target


def language_meant(word: str, known: Collection[str]) -> str:
    """Which of the known languages a name, or a code of another standard or of a country, means; else empty."""
    from ..campaign.languages import is_country_of, language_name
    from ..campaign.languages import language_meant as meant

    tag = (meant(word) or "").partition(" ")[0]
    found = tag if tag in known else next((one for one in known if is_country_of(word, one)), None)
    return f"did you mean {found} ({language_name(found)})?" if found else ""


def _nearest(wanted: str, names: Collection[str], keys: Sequence[str]) -> str:
    depth = wanted.count("/") + 1
    above, _, word = wanted.rpartition("/")
    if depth == LANGUAGE and (languages := [key.rpartition("/")[2] for key in keys if key.startswith(f"{above}/")]):
        # Other languages' posts are near by their letters, and not what was meant.
        return language_meant(word, languages) or f"it is posted there in: {', '.join(languages)}"
    if messages := sorted({key.rsplit("/", 2)[0] for key in keys if key.split("/")[2] == wanted}):
        return f"did you mean {' or '.join(messages)}?"
    known = names if depth == 1 else {"/".join(key.split("/")[:depth]) for key in keys}
    return did_you_mean(wanted, known) or "`campaigner status` lists the posts"


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The nearest name as a question, empty when none is near."""
    from ..campaign.config import platform_meant

    other = platform_meant(word, ())
    near = other if other in known else nearest(word, sorted(known), 0.5)
    return f"did you mean {near}?" if near else ""


def accounts_named(name: str, platforms: Mapping[str, Collection[str]]) -> list[str]:
    """The account of that name, or all of that platform. Raises UsageError, with the nearest name, when there is none."""
    found = [account for account in platforms if name == account]
    found = found or [account for account, taken_as in platforms.items() if name in taken_as]
    if not found:
        raise UsageError(
            f"there is no account {name}", hint=_or_all(name, set(platforms).union(*platforms.values()), platforms)
        )
    return found


def campaign_named(name: str, known: Collection[str]) -> str:
    """The campaign of that id or file. Raises UsageError, with the nearest name, when there is none."""
    found = campaign_of(name)
    if found not in known:
        raise UsageError(f"there is no campaign {name}", hint=_or_all(found, known, known))
    return found


def _or_all(name: str, names: Collection[str], shown: Iterable[str]) -> str:
    return did_you_mean(name, names) or f"there is: {', '.join(sorted(shown)) or 'none'}."


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


def shortest_names(chosen: Iterable[str], known: Collection[str]) -> list[str]:
    """The fewest KEYs and beginnings of KEYs that mean exactly the chosen posts, of all that are known."""
    wanted = set(chosen)
    beyond = {name for key in known if key not in wanted for name in _beginnings(key)}
    return sorted({next(name for name in _beginnings(key) if name not in beyond) for key in wanted})


def _beginnings(key: str) -> list[str]:
    words = key.split("/")
    return ["/".join(words[:count]) for count in range(SHORTEST, len(words) + 1)]
