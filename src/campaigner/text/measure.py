"""How long a text is on a platform, and what that platform makes a link of."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from ..post.profile import Measure, Profile
from .entities import Entity, Measured, Ruleset


def measure(text: str, profile: Profile, warning: str = "") -> Measured:
    """Count a text (NFC, LF) as the platform of `profile` does; a content warning counts where the platform counts it.

    Raise ValueError when a `plain` profile names no known unit.
    """
    return Measured(
        length=_ruleset(profile.measure).length(text, profile, warning),
        unit=profile.unit,
        limit=profile.limit,
        bytes=len(text.encode()) if profile.byte_limit is not None else None,
        byte_limit=profile.byte_limit,
    )


def fits_cheaply(text: str, profile: Profile, warning: str = "") -> bool:
    """True only when the text certainly fits, found without reading it closely; False says nothing."""
    bound = _ruleset(profile.measure).at_most(text, profile, warning)
    if bound is None or bound > profile.limit:
        return False
    return profile.byte_limit is None or len(text.encode()) <= profile.byte_limit


def entities(text: str, measure_name: Measure) -> tuple[Entity, ...]:
    """What the platform links, in order and without overlaps; offsets are code points of the text as given."""
    return _ruleset(measure_name).entities(text)


@cache
def _ruleset(name: Measure) -> Ruleset:
    """The rules of a platform, loaded when it is asked for: most offices post to few of them."""
    rules: Ruleset = import_module(f".{name}", __package__).RULES
    return rules
