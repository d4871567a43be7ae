"""The platforms: one table of those built in, and entry points for others, which never stand in for a built-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from ..campaign.campaign import Model
from ..campaign.config import PLATFORMS, AccountConfig
from ..errors import SurroundingsError
from ..post.profile import Measure, Profile
from .base import Connection, Platform, guarded
from .url_safety import is_loopback

GROUP = "campaigner.platforms"
BUILT_IN: Mapping[str, str] = {"console": "Console", "x": "X", "mastodon": "Mastodon", "bluesky": "Bluesky"}
"""The class of each platform, in the file of its name; what no account names is not loaded."""
NOT_YET = PLATFORMS - set(BUILT_IN)
"""Platforms of the design that this version can't post to."""


def _counted(platform: str, limit: int, unit: str, measure: Measure = "plain", **more: Any) -> tuple[str, Profile]:
    return platform, Profile(platform=platform, measure=measure, limit=limit, unit=unit, **more)


COUNTED: Mapping[str, Profile] = dict(
    [
        # Bytes of UTF-8: developers.facebook.com/docs/threads/posts; 498 characters of 504 bytes are refused.
        _counted("threads", 500, "bytes", linked_hashtags=1),
        # UTF-16 units are never fewer than what the Bot API counts after parsing; core.telegram.org/bots/api#sendphoto.
        _counted("telegram", 4096, "utf16", "telegram", caption_limit=1024, ends_hashtags_at_marks=True),
        _counted("discord", 2000, "characters", not_linked=frozenset({"hashtag"})),
        # The unit is not documented; UTF-16 units are never fewer than any other.
        _counted("linkedin", 3000, "utf16"),
        _counted("facebook", 63_206, "characters"),
        _counted("instagram", 2200, "characters", not_linked=frozenset({"url"}), most_hashtags=5),
        # A message may be longer, but is shown whole up to here.
        _counted("slack", 4000, "characters", not_linked=frozenset({"hashtag"})),
    ]
)
"""Platforms whose texts are counted and linked here, though nothing can be posted to them yet."""


def platform(name: str) -> type[Platform] | None:
    """The platform of that name; a plug-in is loaded only now that somebody names it. None: there is none."""
    if name in BUILT_IN:
        built_in: type[Platform] = getattr(import_module(f".{name}", __package__), BUILT_IN[name])
        return built_in
    from importlib.metadata import entry_points

    found = next((point for point in entry_points(group=GROUP) if point.name == name), None)
    if found is None:
        return None
    try:
        loaded = found.load()
    except Exception as error:
        raise SurroundingsError(f"the plug-in for platform {name} can't be loaded: {error}") from error
    is_platform = isinstance(loaded, type) and issubclass(loaded, Platform)
    if not is_platform or getattr(loaded, "name", "") != name:
        raise SurroundingsError(f"the plug-in for platform {name} is no campaigner.platforms.base.Platform of it")
    plug_in: type[Platform] = loaded
    return plug_in


def option_models() -> Mapping[str, type[Model]]:
    """The options of every platform: of a plug-in only when it is asked for by name."""
    return _Models()


class _Models(Mapping[str, type[Model]]):
    """Goes over what is built in alone, so that no plug-in is imported that no account names."""

    def __getitem__(self, name: str) -> type[Model]:
        found = platform(name)
        if found is None:
            raise KeyError(name)
        return found.Options

    def __iter__(self) -> Iterator[str]:
        return iter(BUILT_IN)

    def __len__(self) -> int:
        return len(BUILT_IN)


def profile_of(account: AccountConfig) -> Profile:
    """The limits of an account; a console has those of the platform it is like."""
    return _known(account.behaves_as).profile_of(account.options)


def default_profiles() -> dict[str, Profile]:
    """The limits of every platform whose texts can be counted, as they are without a server's own."""
    return {name: _known(name).profile for name in BUILT_IN if name != "console"} | dict(COUNTED)


def leaves_the_machine(account: AccountConfig) -> bool:
    """False for a console, and for a server on this machine."""
    if account.platform == "console":
        return False
    server = getattr(account.options, "server", None)
    return not (isinstance(server, str) and is_loopback(server))


def connect(account: AccountConfig, made: Connection) -> Platform:
    """An account on its platform; raises AccountError, there and in all its calls, for whatever goes wrong in it."""
    found = _known(account.platform)
    return guarded(made.account, "connect", lambda: found(made))


def post_id(account: AccountConfig, identity: str | None, address: str) -> str | None:
    """The id of the post that a web address shows; None when it is no post of this account."""
    found = platform(account.platform)
    return address if found is None else found.post_id(account.options, identity, address)


def _known(name: str) -> type[Platform]:
    found = platform(name)
    if found is None:
        raise SurroundingsError(f"there is no platform {name}")
    return found
