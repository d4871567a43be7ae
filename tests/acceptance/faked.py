"""A wall clock of its own for the processes of a workplace, set and made to jump while they run, through libfaketime."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigner.clock import SystemClock

from .workplace import Workplace

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
"""Where Debian's package `faketime` puts it; MT is the build for programs with threads."""


class FakedClock(SystemClock):
    """The machine's clock as `place` sees it. A fake that goes by it agrees with the machine, right or wrong.

    What is steady stays steady: the monotonic clock, and the times of files.
    """

    def __init__(self, place: Workplace, start: datetime) -> None:
        if not LIBRARIES:
            pytest.skip("needs libfaketime: apt-get install faketime")
        self._path = place.folder / "faketime"
        self.jump_to(start)
        place.environment.update(
            LD_PRELOAD=str(LIBRARIES[0]),
            FAKETIME_TIMESTAMP_FILE=str(self._path),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
            NO_FAKE_STAT="1",
            CAMPAIGNER_CLOCK="",
        )

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def jump_to(self, instant: datetime) -> None:
        """Set the clock of every process of the workplace, those that run already too."""
        self._ahead = instant.astimezone(UTC) - datetime.now(UTC)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(f"{self._ahead.total_seconds():+.6f}\n", "ascii")
        fresh.replace(self._path)
