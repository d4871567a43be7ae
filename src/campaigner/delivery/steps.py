"""A delivery: a post whose turn has come goes in, steps are made, and a report of what became of it comes out.

A delivery is a generator of steps. Whatever it does between two of them it does on the coordinator's thread, inside the
transaction of one tick; a step is made only once that transaction is durable, so nothing is sent that is not written down.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from ..post.key import PostKey
from ..post.post import Post

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePost:
    """One post whose turn has come. `post` is what the files say now, None for what goes on from what was stored.

    `expires_at` is when it stops being useful, by the time of its turn. `siblings` are the KEYs that go out with it or not at all.
    """

    key: PostKey
    due_at: datetime
    expires_at: datetime
    post: Post | None
    siblings: tuple[PostKey, ...] = ()


@dataclass(slots=True, kw_only=True)
class SendingRules:
    """What is asked of a post at this moment before it may be sent; the engine keeps it as config and folder have it.

    `hold_file`: the words of a HOLD file, None when there is none. `parity` names the campaigns that require it.
    """

    approval_required: bool = False
    hold_file: str | None = None
    parity: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One call to a platform, made by a worker that knows no ledger; what it returns or raises comes back to who asked."""

    account: str
    call: Callable[[], Any]


Steps = Generator[Step, Any, T]
"""Steps that end with a T."""


class Outcome(StrEnum):
    """The words of `run --once`; ELSEWHERE is never printed: somebody has settled the post meanwhile."""

    PUBLISHED = "published"
    IN_DOUBT = "in-doubt"
    FAILED = "failed"
    MISSED = "missed"
    HELD = "held"
    PARTIAL = "partial"
    WAITING = "waiting"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one post: a line of a run. `until` only with WAITING: when it is tried again, None when a person must act.

    `gate` marks a post that a safety gate holds, not a person's `hold` or a missing approval; `command` opens it.
    """

    outcome: Outcome
    key: PostKey
    url: str = ""
    reason: str = ""
    until: datetime | None = None
    gate: bool = False
    command: str = ""
