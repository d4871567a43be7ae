"""What the ledger hands out: frozen records, each of a row. `tables.py` makes the columns of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from ..post.key import PostKey


class State(StrEnum):
    """Where a delivery stands. `held`, `awaiting approval` and `planned` are worked out, never stored."""

    DUE = "due"
    CLAIMED = "claimed"
    SENDING = "sending"
    PUBLISHED = "published"
    FAILED = "failed"
    IN_DOUBT = "in-doubt"
    PARTIAL = "partial"
    MISSED = "missed"
    CANCELLED = "cancelled"


OPEN = frozenset({State.DUE, State.CLAIMED, State.SENDING, State.IN_DOUBT})
"""States from which a delivery still moves by itself."""

MAY_BE_OUT = frozenset({State.PUBLISHED, State.SENDING, State.IN_DOUBT, State.PARTIAL})
"""States in which readers may be seeing the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One post in the ledger. `content` is what was rendered at the claim, media apart."""

    id: int
    key: PostKey
    identity: str | None = None
    state: State
    generation: int = 0
    forced: bool = False
    due_at: datetime
    first_due_at: datetime | None = None
    content_created_at: datetime | None = None
    retry_at: datetime | None = None
    failures: int = 0
    digest: str | None = None
    text_digest: str | None = None
    content: Mapping[str, Any] | None = None
    reason: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPart:
    """The receipt of one part."""

    part: int
    remote_id: str
    url: str
    extra: Mapping[str, Any]
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """One image of a claimed post. `data` is dropped once the post is settled."""

    id: int
    part: int
    position: int
    media_type: str
    alt: str
    width: int
    height: int
    data: bytes | None
    upload: Mapping[str, Any] | None
    uploaded_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: which part, what kind of call, by which process, what came of it."""

    part: int
    generation: int
    kind: str
    run_id: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """An account as the ledger knows it: who it is on its platform, when it last sent, whether it rests or is stopped.

    `access` stands for the options and secrets with which it was identified; `looked_at` is when its posts were looked at.

    `trouble` is what the last call met, None when it went well.
    """

    account: str
    identity: str | None = None
    identified_at: datetime | None = None
    access: str | None = None
    looked_at: datetime | None = None
    last_sent_at: datetime | None = None
    failures: int = 0
    rested_until: datetime | None = None
    stopped_at: datetime | None = None
    stopped_reason: str | None = None
    trouble: str | None = None

    @property
    def stopped_in_words(self) -> str | None:
        """Why nothing is sent there until a person acts; None when it is not stopped."""
        return None if self.stopped_at is None else f"account {self.account} is stopped: {self.stopped_reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The crisis switch, for everything or for one campaign or account."""

    id: int
    campaign: str | None
    account: str | None
    until: datetime | None
    reason: str
    given_by: str
    given_at: datetime

    def covers(self, campaign: str, account: str) -> bool:
        """True when a post of this campaign on this account must not go out."""
        return self.campaign in (None, campaign) and self.account in (None, account)

    @property
    def scope(self) -> str:
        """What it holds, in words."""
        return " and ".join(filter(None, (self.campaign, self.account))) or "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided: of a post by its KEY; of a hold the key is its scope in words, None: everything."""

    what: str
    key: str | None
    reason: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who has seen a post, when, and the digest of exactly what they saw."""

    key: str
    digest: str
    given_by: str
    given_at: datetime


class Acceptance(NamedTuple):
    """When a post's due time was first accepted by this ledger. From `late_at` on it is too late to be of use."""

    key: str
    campaign: str
    due_at: datetime
    late_at: datetime
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedFile:
    """A campaign file as it was accepted last. `signature` also covers what the config says of accounts."""

    campaign: str
    path: str
    sha256: str
    signature: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something a person must know, with the command to type."""

    id: int
    kind: str
    key: str | None
    text: str
    command: str
    raised_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The run that works on a ledger, or worked on it last. `place` is the id beside the ledger that it worked with.

    `at_work_since`: since when runs have followed each other without a gap. `ended_at` None: its end was not recorded.
    """

    place: str
    pid: int
    engine: str
    started_at: datetime
    seen_at: datetime
    at_work_since: datetime
    ended_at: datetime | None = None
