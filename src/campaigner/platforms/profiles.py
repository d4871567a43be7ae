"""What the built-in platforms ask of the config and what they allow: all that `check` and `preview` need of them.

No adapter is loaded for it, and no secret or network asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from ..campaign.campaign import Model
from ..campaign.config import Secret
from ..campaign.fields import fault
from ..campaign.model import One
from ..errors import shown
from ..post.profile import Profile, Quota
from .hosts import Server

BLUESKY_QUOTAS = (Quota(1666, timedelta(hours=1)), Quota(11_666, timedelta(hours=24)))
"""docs.bsky.app (rate limits): 5,000 points an hour and 35,000 a day, a record that is made costs 3."""
MASTODON_QUOTAS = (Quota(300, timedelta(hours=3)),)
"""Statuses of one account, by docs.joinmastodon.org (rate limits)."""
X_QUOTAS = (Quota(100, timedelta(minutes=15)), Quota(300, timedelta(hours=3)))
"""Posts of one user, by docs.x.com (rate limits) and an older page of it."""
X_SERVER = "https://api.x.com"
X_LIMIT = 280
X_LONG_LIMIT = 25_000
"""What X's product pages say of Premium accounts."""


class ConsoleOptions(Model):
    """A console account has no options but `like`, which every account may not have."""


class MastodonOptions(Model):
    """What the config says of a Mastodon account."""

    server: Server
    access_token: Secret


def read_handle(value: str) -> str:
    """A handle as it is signed in with: without the @ that people see before it."""
    handle = value.strip().removeprefix("@").casefold()
    if "." not in handle.strip(".") and not handle.startswith("did:"):
        raise fault("handle", f'"{shown(value)}" is no whole handle', "Write all of it, as in iom-finland.bsky.social.")
    return handle


class BlueskyOptions(Model):
    """What the config says of a Bluesky account."""

    handle: Annotated[str, One(read_handle)]
    app_password: Secret
    server: Server = "https://bsky.social"


class XOptions(Model):
    """What the config says of an X account: four secrets of OAuth 1.0a, which do not run out."""

    api_key: Secret
    api_secret: Secret
    access_token: Secret
    access_token_secret: Secret
    server: str = X_SERVER
    long_posts: bool = False


def console_profile(options: Model | None = None) -> Profile:
    """A console that is like nothing: no limit that matters."""
    return Profile(
        platform="console",
        measure="plain",
        limit=5000,
        unit="characters",
        image_bytes=20_000_000,
        takes_language=True,
        takes_warning=True,
        takes_card=True,
    )


def mastodon_profile(options: Model | None = None) -> Profile:
    """The limits of Mastodon as it comes (4.5: /api/v2/instance); `accounts check` reads those of the server."""
    return Profile(
        platform="mastodon",
        measure="mastodon",
        limit=500,
        unit="characters",
        url_length=23,
        max_images=4,
        image_bytes=16_000_000,
        image_pixels=33_177_600,
        alt_limit=1500,
        takes_language=True,
        takes_warning=True,
        quotas=MASTODON_QUOTAS,
    )


def bluesky_profile(options: Model | None = None) -> Profile:
    """300 graphemes and 3000 bytes, four images (lexicon); 1,000,000 bytes an image, as older servers still have it."""
    return Profile(
        platform="bluesky",
        measure="bluesky",
        limit=300,
        unit="graphemes",
        byte_limit=3000,
        max_images=4,
        image_bytes=1_000_000,
        alt_limit=2000,
        takes_language=True,
        takes_card=True,
        quotas=BLUESKY_QUOTAS,
    )


def x_profile(options: Model | None = None) -> Profile:
    """The limits of X: 280 weighted, 25,000 where the config says that the account may post long texts."""
    long_posts = isinstance(options, XOptions) and options.long_posts
    return Profile(
        platform="x",
        measure="x",
        limit=X_LONG_LIMIT if long_posts else X_LIMIT,
        unit="weighted",
        url_length=23,
        max_images=4,
        image_bytes=5_000_000,
        alt_limit=1000,
        quotas=X_QUOTAS,
    )
