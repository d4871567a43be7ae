"""A platform in memory: it keeps what was posted, and fails where a test tells it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from campaigner.clock import Clock
from campaigner.platforms.base import (
    Absent,
    AccountLimits,
    Identity,
    InDoubt,
    Look,
    Media,
    Outcome,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from campaigner.post.profile import Profile

PROFILE = Profile(platform="memory", measure="plain", limit=500, unit="characters")


@dataclass
class PlatformInMemory:
    """`faults` are taken from the front, one a publishing call: None for none. `journal` is what readers see."""

    clock: Clock
    reconciliation: Reconciliation = Reconciliation.NATIVE_KEY
    absence_after: timedelta | None = timedelta(minutes=2)
    token_lasts: timedelta = timedelta(minutes=50)
    honours_keys: bool = True
    journal: list[PartToSend] = field(default_factory=list)
    faults: list[str | None] = field(default_factory=list)
    look_faults: list[str] = field(default_factory=list)
    uploads: list[Media] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    who: Identity | Unauthorized | Unavailable = field(default_factory=lambda: Identity(id="memory:1", name="us"))
    before_publish: Callable[[PartToSend], None] = lambda part: None
    before_look: Callable[[], None] = lambda: None

    def identity(self) -> Identity | Unauthorized | Unavailable:
        return self.who

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        self.uploads.append(media)
        return Uploaded({"id": f"media-{len(self.uploads)}"})

    def publish(self, part: PartToSend) -> Outcome:
        self.calls.append("publish")
        self.before_publish(part)
        fault = self.faults.pop(0) if self.faults else None
        match fault:
            case None:
                return self._commit(part)
            case "lost answer":
                self._commit(part)
                return InDoubt("the answer was lost")
            case "lost request":
                return InDoubt("the request was lost")
            case "refused":
                return Rejected("it is not allowed")
            case "unauthorized":
                return Unauthorized("the token was revoked")
            case "unavailable":
                return Unavailable("no connection")
            case _:
                raise AssertionError(fault)

    def look(self, part: PartToSend) -> Look:
        self.calls.append("look")
        self.before_look()
        if self.look_faults:
            return Unavailable(self.look_faults.pop(0))
        for number, posted in enumerate(self.journal):
            if posted.text == part.text and str(number) not in part.owned_ids:
                return self._receipt(number)
        return Absent()

    def delete(self, receipt: Receipt) -> None:
        del self.journal[int(receipt.id)]

    def limits(self) -> AccountLimits:
        return AccountLimits(profile=PROFILE)

    def close(self) -> None:
        return None

    @property
    def texts(self) -> list[str]:
        return [part.text for part in self.journal]

    def _commit(self, part: PartToSend) -> Receipt:
        for number, posted in enumerate(self.journal):
            if self.honours_keys and posted.token == part.token:
                return self._receipt(number)
        self.journal.append(part)
        return self._receipt(len(self.journal) - 1)

    def _receipt(self, number: int) -> Receipt:
        return Receipt(id=str(number), url=f"https://memory.example/{number}", at=self.clock.now())
