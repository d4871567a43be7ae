"""Working folders and fake platforms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .workplace import Workplace, at


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path, at("07:00:00"), speed=20.0)


@pytest.fixture
def mastodon() -> Iterator[FakeMastodon]:
    with FakeMastodon() as fake:
        yield fake


@pytest.fixture
def bluesky() -> Iterator[FakeBluesky]:
    with FakeBluesky() as fake:
        yield fake


@pytest.fixture
def x() -> Iterator[FakeX]:
    with FakeX() as fake:
        yield fake


@pytest.fixture
def twins() -> Iterator[FakeMastodon]:
    """A Mastodon that keeps no key: what is sent to it twice is there twice."""
    with FakeMastodon(key_mode="ignored") as fake:
        yield fake
