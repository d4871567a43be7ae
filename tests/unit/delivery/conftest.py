"""A ledger on disk, a clock that steps, a platform in memory, and posts to deliver."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigner.clock import SteppingClock
from campaigner.delivery.deliver import Deliverer
from campaigner.delivery.reconcile import reconcile
from campaigner.delivery.steps import DuePost, Report, Steps
from campaigner.ledger import account_states, decisions, deliveries
from campaigner.ledger.ledger import Ledger
from campaigner.ledger.models import Delivery
from campaigner.post.key import PostKey
from campaigner.post.post import Image, Part, Post

from .platform_in_memory import PlatformInMemory

DUE = datetime(2026, 12, 18, 6, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock(DUE)


@pytest.fixture
def ledger(tmp_path: Path, clock: SteppingClock) -> Iterator[Ledger]:
    ledger = Ledger.open(tmp_path / "state/campaigner.db", clock)
    assert ledger.enter("test")
    # It has posted lately.
    ledger.write(lambda connection: account_states.sent(connection, "desk", DUE - timedelta(hours=1)))
    yield ledger
    ledger.close()


@pytest.fixture
def platform(clock: SteppingClock) -> PlatformInMemory:
    return PlatformInMemory(clock)


@pytest.fixture
def deliverer(ledger: Ledger, platform: PlatformInMemory) -> Deliverer:
    # It has been looked at: only its own posts are there.
    ledger.write(lambda connection: account_states.looked(connection, "desk", DUE))
    return Deliverer(ledger, "desk", platform)


def made(ledger: Ledger, steps: Steps[Report]) -> Report:
    """What the steps come to, each made between two transactions, as an engine does it."""
    answer: object = None
    fault: Exception | None = None
    while True:
        with ledger.transaction():
            try:
                step = steps.send(answer) if fault is None else steps.throw(fault)
            except StopIteration as end:
                assert isinstance(end.value, Report)
                return end.value
        try:
            answer, fault = step.call(), None
        except Exception as error:
            fault = error


def delivered(deliverer: Deliverer, due: DuePost) -> Report:
    """Deliver one post."""
    return made(deliverer.ledger, deliverer.deliver(due))


def reconciled(deliverer: Deliverer, delivery: Delivery, expires_at: datetime | None) -> Report:
    """One round for a post in doubt."""
    return made(deliverer.ledger, reconcile(deliverer, delivery, expires_at))


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


DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def picture(folder: Path) -> Image:
    path = folder / "card.png"
    path.write_bytes(DOT)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Image(
        file=path.name, path=path, alt="Dots", digest=digest, media_type="image/png", size=len(DOT), width=1, height=1
    )


def with_picture(post: Post, folder: Path) -> Post:
    return replace(post, parts=(replace(post.parts[0], images=(picture(folder),)),))


def job_of(post: Post) -> DuePost:
    return DuePost(key=post.key, due_at=post.due_at, expires_at=post.due_at + timedelta(hours=2), post=post)


def confirm(ledger: Ledger, due: DuePost) -> None:
    """A person says yes to the gates."""
    ledger.write(lambda c: decisions.decide(c, decisions.YES, str(due.key), "", "test", DUE))


Find = Callable[[str], Delivery]


@pytest.fixture
def find(ledger: Ledger) -> Find:
    def question(message: str) -> Delivery:
        found = ledger.read(lambda connection: deliveries.find(connection, key_of(message)))
        assert found is not None
        return found

    return question
