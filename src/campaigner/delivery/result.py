"""Report: what became of one post in one run, as `run --once` prints it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..post.key import PostKey


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
    """One line of a run. `until` only with WAITING: when it is tried again, None when a person must act first.

    `gate` marks a post that a safety gate holds, not a person's `hold` or a missing approval; `command` opens it.
    """

    outcome: Outcome
    key: PostKey
    url: str = ""
    reason: str = ""
    until: datetime | None = None
    gate: bool = False
    command: str = ""
