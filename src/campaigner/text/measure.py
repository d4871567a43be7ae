"""How long a text is on a platform, and what that platform makes a link of."""

from __future__ import annotations

from ..post.profile import Measure, Profile
from . import bluesky, mastodon, plain, telegram, x
from .entities import Entity, Measured


def measure(text: str, profile: Profile, warning: str = "") -> Measured:
    """Count a text (NFC, LF) as the platform of `profile` does; a content warning counts where the platform counts it.

    Raise ValueError when a `plain` profile names no known unit.
    """
    size = bluesky.byte_length(text) if profile.byte_limit is not None else None
    return Measured(
        length=_length(text, profile, warning),
        unit=profile.unit,
        limit=profile.limit,
        bytes=size,
        byte_limit=profile.byte_limit,
    )


def fits_cheaply(text: str, profile: Profile, warning: str = "") -> bool:
    """True only when the text certainly fits, found without reading it closely; False says nothing."""
    bound = _at_most(text, profile, warning)
    if bound is None or bound > profile.limit:
        return False
    return profile.byte_limit is None or bluesky.byte_length(text) <= profile.byte_limit


def entities(text: str, measure_name: Measure) -> tuple[Entity, ...]:
    """What the platform links, in order and without overlaps; offsets are code points of the text as given."""
    match measure_name:
        case "x":
            return x.entities(text)
        case "mastodon":
            return mastodon.entities(text)
        case "bluesky":
            return bluesky.entities(text)
        case "telegram":
            return telegram.entities(text)
    return plain.entities(text)


def _length(text: str, profile: Profile, warning: str) -> int:
    match profile.measure:
        case "x":
            return x.length(text)
        case "mastodon":
            return mastodon.length(text, warning, url_length=profile.url_length)
        case "bluesky":
            return bluesky.length(text)
        case "telegram":
            return telegram.length(text)
    return plain.length(text, profile.unit)


def _at_most(text: str, profile: Profile, warning: str) -> int | None:
    match profile.measure:
        case "x":
            return x.at_most(text)
        case "mastodon":
            return mastodon.at_most(text, warning, url_length=profile.url_length)
        case "bluesky":
            return len(text)
        case "telegram":
            return telegram.length(text)
    return plain.length(text, profile.unit)
