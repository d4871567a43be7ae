"""The console: shows each part as a card, counts like the platform it is `like`, remembers what it showed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .. import private_files
from ..campaign.campaign import Model
from ..post.profile import Profile
from ..text.measure import measure
from .base import Connection, Platform
from .outcomes import (
    Absent,
    AccountLimits,
    Identity,
    Look,
    Media,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    Stop,
    Unavailable,
)

ID_LENGTH = 16


class ConsoleOptions(Model):
    """A console account has no options but `like`, which every account may not have."""


class Console(Platform):
    """What it shows stands in a journal, one line a part: a crash between journal and screen shows nothing twice."""

    name = "console"
    Options = ConsoleOptions
    # One that is like nothing: no limit that matters.
    profile = Profile(
        platform="console",
        measure="plain",
        limit=5000,
        unit="characters",
        image_bytes=20_000_000,
        takes_language=True,
        takes_warning=True,
        takes_card=True,
    )
    reconciliation = Reconciliation.LOOKUP
    # The journal is a file of this machine: what it does not hold now was not shown.
    absence_after = timedelta(0)

    def __init__(self, made: Connection) -> None:
        super().__init__(made)
        self._file = made.folder / "console" / f"{self.account}.jsonl" if made.folder is not None else None
        self._posted: dict[str, datetime] = {}

    def whoami(self) -> Identity:
        return Identity(id=f"console:{self.account}", name=self.account)

    def upload(self, media: Media) -> Mapping[str, Any]:
        """Nothing is uploaded anywhere, but what the platform would refuse is refused."""
        limits, size, alt = self.made.limits, len(media.data), len(media.alt)
        is_taken = media.media_type in limits.image_types
        _refuse(not is_taken, f"an image is {media.media_type}, which {limits.platform} does not take")
        _refuse(size > limits.image_bytes, f"an image has {size} bytes, the limit is {limits.image_bytes}")
        _refuse(alt > limits.alt_limit, f"an alt text is {alt} long, the limit is {limits.alt_limit}")
        return {"type": media.media_type}

    def send(self, part: PartToSend) -> Receipt:
        """Write the journal, then show."""
        limits, images = self.made.limits, len(part.images)
        found = measure(part.text, limits, part.warning or "")
        is_long = found.length > found.limit
        _refuse(is_long, f"the text is {found.length} long, the limit is {found.limit} ({found.unit})")
        _refuse(not found.fits, f"the text has {found.bytes} bytes, the limit is {found.byte_limit}")
        _refuse(images > limits.max_images, f"there are {images} images, the limit is {limits.max_images}")
        try:
            shown_at = self._load().get(part.token)
            if shown_at is None:
                shown_at = self.clock.now()
                self._remember(part.token, shown_at)
                self.made.show(self.account, part)
        except OSError as error:
            raise Stop(Unavailable(f"the journal of the console can't be written: {error.strerror}")) from error
        return self._receipt(part.token, shown_at)

    def search(self, part: PartToSend) -> Look:
        """Look the token up in the journal."""
        try:
            shown_at = self._load().get(part.token)
        except OSError as error:
            raise Stop(Unavailable(f"the journal of the console can't be read: {error.strerror}")) from error
        return Absent() if shown_at is None else self._receipt(part.token, shown_at)

    def remove(self, receipt: Receipt) -> None:
        """There is nothing that could be taken back."""

    def read_limits(self) -> AccountLimits:
        """Those of the platform it is like."""
        return AccountLimits(profile=self.made.limits)

    def _receipt(self, token: str, at: datetime) -> Receipt:
        """Named by the token: numbers would begin again if the journal were lost."""
        post_id = token[:ID_LENGTH]
        return Receipt(id=post_id, url=f"console:{self.account}/{post_id}", at=at)

    def _load(self) -> dict[str, datetime]:
        if self._file is not None:
            try:
                lines = private_files.read(self._file).splitlines()
            except FileNotFoundError:
                lines = []
            self._posted = dict(filter(None, map(_entry, lines)))
        return self._posted

    def _remember(self, token: str, at: datetime) -> None:
        if self._file is not None:
            private_files.make_folders(self._file.parent)
            _append(self._file, json.dumps([token, at.isoformat()]))
        self._posted[token] = at


def _refuse(is_over: bool, words: str) -> None:
    if is_over:
        raise Stop(Rejected(words))


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
