"""A ledger in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.ledger.deliveries import Claim
from campaigner.ledger.ledger import Ledger
from campaigner.post.key import PostKey

NOW = datetime(2026, 12, 18, 6, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "campaigner.db"


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(NOW)


@pytest.fixture
def ledger(path: Path, clock: SteppingClock) -> Iterator[Ledger]:
    ledger = Ledger.open(path, clock)
    ledger.enter("test")
    yield ledger
    ledger.close()


def claim_of(message: str, text: str = "t") -> Claim:
    return Claim(
        key=PostKey("c", "2026", message, "desk", "en"),
        identity="memory:1",
        due_at=NOW,
        digest="d",
        text_digest=f"{text} {message}",
        content={"languages": ["en"], "warning": None, "parts": [{"text": text, "card": None}]},
        media=[],
    )
