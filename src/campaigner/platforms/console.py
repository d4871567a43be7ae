"""The console platform: shows each part as a card, counts like the platform it is `like`, and remembers what it showed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from ..campaign.campaign import Model
from ..clock import Clock
from ..post.profile import Profile
from ..text.measure import measure
from .base import (
    Absent,
    AccountLimits,
    Identity,
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

Show = Callable[[str, PartToSend], None]
"""Shows a part that an account (its name) has just posted."""


class ConsoleOptions(Model):
    """A console account has no options but `like`, which every account may not have."""


def profile(options: Model | None = None) -> Profile:
    """A console that is like nothing: no limit that matters."""
    return Profile(
        platform="console",
        measure="plain",
        limit=5000,
        unit="characters",
        image_bytes=20_000_000,
        takes_language=True,
        takes_warning=True,
        takes_card=True,
    )


class ConsoleAdapter:
    """What it shows stands in a journal, one line a part: a crash between showing and recording shows nothing twice."""

    reconciliation = Reconciliation.LOOKUP
    absence_after: timedelta | None = timedelta(0)

    def __init__(self, account: str, limits: Profile, clock: Clock, show: Show, folder: Path | None) -> None:
        self._account = account
        self._limits = limits
        self._clock = clock
        self._show = show
        self._journal = folder / "console" / f"{account}.jsonl" if folder is not None else None
        self._posted: dict[str, str] = {}

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """The account's own name."""
        return Identity(id=f"console:{self._account}", name=self._account)

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """Nothing is uploaded anywhere."""
        return Uploaded({"id": media.media_type})

    def publish(self, part: PartToSend) -> Outcome:
        """Write the journal, then show: refused when it would be too long."""
        found = measure(part.text, self._limits, part.warning or "")
        if not found.fits:
            return Rejected(f"the text is {found.length} long, the limit is {found.limit}")
        known = self._load().get(part.token)
        if known is None:
            known = str(len(self._posted) + 1)
            self._remember(part.token, known)
            self._show(self._account, part)
        return self._receipt(known)

    def look(self, part: PartToSend) -> Receipt | Absent | Unauthorized | Unavailable:
        """Look the token up in the journal."""
        known = self._load().get(part.token)
        return Absent() if known is None else self._receipt(known)

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """There is nothing that could be taken back."""
        return None

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """Those of the platform it is like."""
        return AccountLimits(profile=self._limits)

    def close(self) -> None:
        """Nothing is open."""

    def _receipt(self, number: str) -> Receipt:
        return Receipt(id=number, url=f"console:{self._account}/{number}", at=self._clock.now())

    def _load(self) -> dict[str, str]:
        if self._journal is not None and self._journal.exists():
            lines = self._journal.read_text("utf-8", "replace").splitlines()
            self._posted = dict(filter(None, map(_entry, lines)))
        return self._posted

    def _remember(self, token: str, number: str) -> None:
        self._posted[token] = number
        if self._journal is None:
            return
        self._journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._journal, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(json.dumps([token, number]) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _entry(line: str) -> tuple[str, str] | None:
    """One line of the journal; a half one, left by a power cut, counts for nothing."""
    try:
        token, number = json.loads(line)
    except (ValueError, TypeError):
        return None
    return str(token), str(number)
