"""A ledger on disk, a clock that steps, a platform in memory, and posts to deliver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.job import Job
from campaigner.ledger import deliveries, lanes
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.records import Delivery
from campaigner.post.key import PostKey
from campaigner.post.post import Part, Post

from .platform_in_memory import PlatformInMemory

DUE = datetime(2026, 12, 18, 6, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(DUE)


@pytest.fixture
def ledger(tmp_path: Path, clock: SteppingClock) -> Iterator[Ledger]:
    ledger = Ledger.open(tmp_path / "state/campaigner.db", clock)
    ledger.enter("test")
    # It has posted lately.
    ledger.write(lambda connection: lanes.sent(connection, "desk", DUE - timedelta(hours=1)))
    yield ledger
    ledger.close()


@pytest.fixture
def platform(clock: SteppingClock) -> PlatformInMemory:
    return PlatformInMemory(clock)


@pytest.fixture
def deliverer(ledger: Ledger, platform: PlatformInMemory) -> Deliverer:
    made = Deliverer(ledger, "desk", platform)
    # It has been looked at: only its own posts are there.
    made.who._alone_at = DUE
    return made


def key_of(message: str) -> PostKey:
    return PostKey("migrants-day", "2026", message, "desk", "fi")


def post_of(message: str, *texts: str) -> Post:
    return Post(
        key=key_of(message),
        platform="memory",
        languages=("fi",),
        due_at=DUE,
        local_at=DUE,
        timezone="UTC",
        parts=tuple(Part(text=text) for text in texts),
    )


def job_of(post: Post, *, answered: bool = False) -> Job:
    return Job(
        key=post.key,
        due_at=post.due_at,
        late_until=post.due_at + timedelta(hours=2),
        spacing=timedelta(0),
        compose=lambda: post,
        answered=answered,
    )


Find = Callable[[str], Delivery]


@pytest.fixture
def find(ledger: Ledger) -> Find:
    def question(message: str) -> Delivery:
        found = ledger.read(lambda connection: deliveries.find(connection, key_of(message)))
        assert found is not None
        return found

    return question
