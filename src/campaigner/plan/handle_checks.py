"""Handles that mention nobody: under a name that is no platform, or in a form of which the platform makes no mention."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..campaign.config import PLATFORMS, platform_meant
from ..errors import Place, Problem, Severity, shown
from ..post.profile import Profile
from ..text.measure import entities


def mentions_nobody(
    handles: Mapping[str, Mapping[str, str]],
    profiles: Mapping[str, Profile],
    place: Callable[[tuple[str | int, ...]], Place],
    campaign: str | None = None,
) -> Iterator[Problem]:
    """Warnings of what stands under `handles`; `profiles` are those of the platforms that the config's accounts are on."""
    for name, by_platform in handles.items():
        for platform, handle in by_platform.items():
            if platform == "name":
                continue
            found = _fault(platform, handle, profiles)
            if found is not None:
                where = place(("handles", name, platform))
                yield Problem(where, "mentions-nobody", *found, severity=Severity.WARNING, campaign=campaign)


def _fault(platform: str, handle: str, profiles: Mapping[str, Profile]) -> tuple[str, str] | None:
    if platform not in PLATFORMS and platform not in profiles:
        near = platform_meant(platform, sorted({*PLATFORMS, *profiles}))
        help_ = f"Did you mean {near}?" if near else f"Here stand name and platforms: {', '.join(sorted(profiles))}."
        return f'"{shown(platform)}" is no platform: this handle is never used', help_
    profile = profiles.get(platform)
    if profile is None or profile.measure == "plain" or _is_mention(handle, profile):
        return None
    way, _, last = handle.rstrip("/").rpartition("/")
    host = way.removeprefix("https://").partition("/")[0]
    bare = last.strip().lstrip("@")
    meant = next((one for one in (f"@{bare}@{host}", f"@{bare}") if _is_mention(one, profile)), None)
    help_ = f'Write {platform}: "{meant}"' if meant else f"Write it as {platform} shows it, with its @, in quotes."
    return f'"{shown(handle)}" mentions nobody on {platform}', help_


def _is_mention(handle: str, profile: Profile) -> bool:
    return any(one.type == "mention" and one.text == handle for one in entities(handle, profile.measure))
