"""The console platform: shows each part as a card, counts like the platform it is `like`, remembers what it showed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from .. import private_files
from ..clock import Clock
from ..post.profile import Profile
from ..text.measure import measure
from .base import (
    Absent,
    AccountLimits,
    Identity,
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

Show = Callable[[str, PartToSend], None]
"""Shows a part that an account (its name) has just posted."""
ID_LENGTH = 16


class ConsoleAdapter:
    """What it shows stands in a journal, one line a part: a crash between journal and screen shows nothing twice."""

    reconciliation = Reconciliation.LOOKUP
    # The journal is a file of this machine: what it does not hold now was not shown.
    absence_after: timedelta | None = timedelta(0)

    def __init__(self, account: str, limits: Profile, clock: Clock, show: Show, folder: Path | None) -> None:
        self._account = account
        self._limits = limits
        self._clock = clock
        self._show = show
        self._folder = folder / "console" if folder is not None else None
        self._posted: dict[str, datetime] = {}

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """The account's own name."""
        return Identity(id=f"console:{self._account}", name=self._account)

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """Nothing is uploaded anywhere, but what the platform would refuse is refused."""
        if media.media_type not in self._limits.image_types:
            return Rejected(f"an image is {media.media_type}, which {self._limits.platform} does not take")
        if len(media.data) > self._limits.image_bytes:
            return Rejected(f"an image has {len(media.data)} bytes, the limit is {self._limits.image_bytes}")
        if len(media.alt) > self._limits.alt_limit:
            return Rejected(f"an alt text is {len(media.alt)} long, the limit is {self._limits.alt_limit}")
        return Uploaded({"type": media.media_type})

    def publish(self, part: PartToSend) -> Outcome:
        """Write the journal, then show."""
        refusal = self._refusal(part)
        if refusal is not None:
            return refusal
        try:
            shown_at = self._load().get(part.token)
            if shown_at is None:
                shown_at = self._clock.now()
                self._remember(part.token, shown_at)
                self._show(self._account, part)
        except OSError as error:
            return Unavailable(f"the journal of the console can't be written: {error.strerror}")
        return self._receipt(part.token, shown_at)

    def look(self, part: PartToSend) -> Look:
        """Look the token up in the journal."""
        try:
            shown_at = self._load().get(part.token)
        except OSError as error:
            return Unavailable(f"the journal of the console can't be read: {error.strerror}")
        return Absent() if shown_at is None else self._receipt(part.token, shown_at)

    def find(self, post_id: str, part: PartToSend) -> None:
        """Nothing that was shown has an address that could be looked at."""

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """There is nothing that could be taken back."""
        return None

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """Those of the platform it is like."""
        return AccountLimits(profile=self._limits)

    def close(self) -> None:
        """Nothing is open."""

    def _refusal(self, part: PartToSend) -> Rejected | None:
        found = measure(part.text, self._limits, part.warning or "")
        if found.length > found.limit:
            return Rejected(f"the text is {found.length} long, the limit is {found.limit} ({found.unit})")
        if not found.fits:
            return Rejected(f"the text has {found.bytes} bytes, the limit is {found.byte_limit}")
        if len(part.images) > self._limits.max_images:
            return Rejected(f"there are {len(part.images)} images, the limit is {self._limits.max_images}")
        return None

    def _receipt(self, token: str, at: datetime) -> Receipt:
        """Named by the token: numbers would begin again if the journal were lost."""
        post_id = token[:ID_LENGTH]
        return Receipt(id=post_id, url=f"console:{self._account}/{post_id}", at=at)

    def _load(self) -> dict[str, datetime]:
        if self._folder is not None:
            try:
                lines = private_files.read(self._folder / f"{self._account}.jsonl").splitlines()
            except FileNotFoundError:
                lines = []
            self._posted = dict(filter(None, map(_entry, lines)))
        return self._posted

    def _remember(self, token: str, at: datetime) -> None:
        if self._folder is not None:
            for path in (self._folder.parent.resolve(), self._folder):
                private_files.make_folder(path)
            _append(self._folder / f"{self._account}.jsonl", json.dumps([token, at.isoformat()]))
        self._posted[token] = at


def _append(path: Path, line: str) -> None:
    """Add a durable line; one that a power cut left half written gets its end first."""
    with os.fdopen(private_files.open_kept(path, os.O_APPEND), "rb+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        is_torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
        file.write((b"\n" if is_torn else b"") + line.encode() + b"\n")
        os.fsync(file.fileno())


def _entry(line: bytes) -> tuple[str, datetime] | None:
    """One line of the journal; a half one counts for nothing: it was not shown."""
    try:
        token, written = json.loads(line)
        at = datetime.fromisoformat(written)
    except (ValueError, TypeError, RecursionError):
        return None
    return None if at.tzinfo is None else (str(token), at)
