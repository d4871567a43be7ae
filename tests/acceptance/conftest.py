"""Working folders and stand-in platforms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigner.standins.bluesky import BlueskyStandIn
from campaigner.standins.mastodon import MastodonStandIn
from campaigner.standins.x import XStandIn

from .workplace import Workplace, at


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path, at("07:00:00"), speed=20.0)


@pytest.fixture
def mastodon() -> Iterator[MastodonStandIn]:
    with MastodonStandIn() as standin:
        yield standin


@pytest.fixture
def bluesky() -> Iterator[BlueskyStandIn]:
    with BlueskyStandIn() as standin:
        yield standin


@pytest.fixture
def x() -> Iterator[XStandIn]:
    with XStandIn() as standin:
        yield standin


@pytest.fixture
def twins() -> Iterator[MastodonStandIn]:
    """A Mastodon that keeps no key: what is sent to it twice is there twice."""
    with MastodonStandIn(key_mode="ignored") as standin:
        yield standin
