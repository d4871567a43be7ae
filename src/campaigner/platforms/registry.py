"""The platforms: one table of those built in, and entry points for others, which never stand in for a built-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..campaign.campaign import Model
from ..campaign.config import PLATFORMS, AccountConfig
from ..clock import Clock
from ..errors import SurroundingsError
from ..post.profile import Profile
from .guarded import Guarded, guarded
from .hosts import is_loopback
from .network import Network

if TYPE_CHECKING:
    from .base import Adapter
    from .console import Show

GROUP = "campaigner.platforms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What an adapter is made from. `secrets` by option name; `folder` is for tokens and journals, None: in memory.

    `network` is shared by all accounts, so that they keep connections to a server together.
    """

    account: str
    options: Any
    secrets: Mapping[str, str]
    clock: Clock
    folder: Path | None
    show: Show
    limits: Profile
    network: Network = field(default_factory=Network)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A platform: the model of its options, its limits, and how to connect. Plug-ins register one as an entry point.

    `post_id` takes the account's options, its identity (None: not known) and a web address, and gives the id that a
    Receipt of that post has; None: it shows no post of this account. Without it the address itself is the id.
    """

    name: str
    options: type[Model]
    profile: Callable[[Any], Profile]
    connect: Callable[[Connection], Adapter]
    post_id: Callable[[Any, str | None, str], str | None] = lambda _options, _identity, address: address


def _console() -> Platform:
    from .profiles import ConsoleOptions, console_profile

    def connect(made: Connection) -> Adapter:
        from .console import ConsoleAdapter

        return ConsoleAdapter(made.account, made.limits, made.clock, made.show, made.folder)

    return Platform(name="console", options=ConsoleOptions, profile=console_profile, connect=connect)


def _mastodon() -> Platform:
    from .profiles import MastodonOptions, mastodon_profile

    def connect(made: Connection) -> Adapter:
        from . import mastodon

        return mastodon.connect(made.options, made.secrets, made.clock, made.network)

    def post_id(options: MastodonOptions, _identity: str | None, address: str) -> str | None:
        from .places import mastodon_post

        return mastodon_post(options.server, address)

    return Platform(
        name="mastodon", options=MastodonOptions, profile=mastodon_profile, connect=connect, post_id=post_id
    )


def _bluesky() -> Platform:
    from .profiles import BlueskyOptions, bluesky_profile

    def connect(made: Connection) -> Adapter:
        from . import bluesky

        return bluesky.connect(made.options, made.secrets, made.clock, made.folder, made.account, made.network)

    def post_id(options: BlueskyOptions, identity: str | None, address: str) -> str | None:
        from .places import bluesky_post

        return bluesky_post(options.handle, identity, address)

    return Platform(name="bluesky", options=BlueskyOptions, profile=bluesky_profile, connect=connect, post_id=post_id)


def _x() -> Platform:
    from .profiles import XOptions, x_profile

    def connect(made: Connection) -> Adapter:
        from . import x

        return x.connect(made.options, made.secrets, made.clock, made.network)

    def post_id(_options: XOptions, _identity: str | None, address: str) -> str | None:
        from .places import x_post

        return x_post(address)

    return Platform(name="x", options=XOptions, profile=x_profile, connect=connect, post_id=post_id)


BUILT_IN: Mapping[str, Callable[[], Platform]] = {
    "console": _console,
    "x": _x,
    "mastodon": _mastodon,
    "bluesky": _bluesky,
}


NOT_YET = PLATFORMS - set(BUILT_IN)
"""Platforms of the design that this version can't post to."""


def platform(name: str) -> Platform | None:
    """The platform of that name; a plug-in is loaded only now that somebody names it. None: there is none."""
    if name in BUILT_IN:
        return BUILT_IN[name]()
    from importlib.metadata import entry_points

    found = next((point for point in entry_points(group=GROUP) if point.name == name), None)
    if found is None:
        return None
    try:
        loaded = found.load()
    except Exception as error:
        raise SurroundingsError(f"the plug-in for platform {name} can't be loaded: {error}") from error
    if not isinstance(loaded, Platform) or loaded.name != name:
        raise SurroundingsError(f"the plug-in for platform {name} is no campaigner.platforms.registry.Platform of it")
    return loaded


def option_models() -> Mapping[str, type[Model]]:
    """The options of every platform: of a plug-in only when it is asked for by name."""
    return _Models()


class _Models(Mapping[str, type[Model]]):
    """Goes over what is built in alone, so that no plug-in is imported that no account names."""

    def __getitem__(self, name: str) -> type[Model]:
        found = platform(name)
        if found is None:
            raise KeyError(name)
        return found.options

    def __iter__(self) -> Iterator[str]:
        return iter(BUILT_IN)

    def __len__(self) -> int:
        return len(BUILT_IN)


def profile_of(account: AccountConfig) -> Profile:
    """The limits of an account; a console has those of the platform it is like."""
    found = platform(account.behaves_as)
    if found is None:
        raise SurroundingsError(f"there is no platform {account.behaves_as}")
    return found.profile(account.options)


def default_profiles() -> dict[str, Profile]:
    """The limits of every platform whose texts can be counted, as they are without a server's own."""
    from .counted import COUNTED

    return {name: made().profile(None) for name, made in BUILT_IN.items() if name != "console"} | dict(COUNTED)


def leaves_the_machine(account: AccountConfig) -> bool:
    """False for a console, and for a server on this machine."""
    if account.platform == "console":
        return False
    server = getattr(account.options, "server", None)
    return not (isinstance(server, str) and is_loopback(server))


def connect(account: AccountConfig, made: Connection) -> Adapter:
    """The adapter of an account; raises AccountError, there and in all its calls, for whatever goes wrong in it."""
    found = platform(account.platform)
    if found is None:
        raise SurroundingsError(f"there is no platform {account.platform}")
    return guarded(made.account, "connect", lambda: Guarded(made.account, found.connect(made)))


def post_id(account: AccountConfig, identity: str | None, address: str) -> str | None:
    """The id of the post that a web address shows; None when it is no post of this account."""
    found = platform(account.platform)
    return address if found is None else found.post_id(account.options, identity, address)
