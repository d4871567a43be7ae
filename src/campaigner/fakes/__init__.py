"""Platforms in a box on loopback: they enforce the real limits and can be told to fail."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import FakePlatform

PLATFORMS: Mapping[str, str] = {"mastodon": "FakeMastodon", "bluesky": "FakeBluesky", "x": "FakeX"}
"""The fake of each platform, in the file of its name."""


def fake(platform: str, **settings: Any) -> FakePlatform:
    """The fake of a platform, not yet started; only this one is loaded. Raise KeyError where there is none."""
    made: FakePlatform = getattr(import_module(f".{platform}", __package__), PLATFORMS[platform])(**settings)
    return made
