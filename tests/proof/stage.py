"""A stage for one row of the proof: a working folder, a server in a box, one post that is due at 08:00, and cron."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from campaigner.clock import Clock, SystemClock
from campaigner.errors import ExitCode
from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from ..acceptance.workplace import Workplace, account, at, campaign

KEY = "migrants-day/2020/morning/news/en"
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
PLATFORMS: Mapping[str, Callable[[Clock], FakePlatform]] = {
    "Mastodon": lambda clock: FakeMastodon(clock=clock),
    "Mastodon, key ignored": lambda clock: FakeMastodon(clock=clock, key_mode="ignored"),
    "Bluesky": lambda clock: FakeBluesky(clock=clock),
    "X": lambda clock: FakeX(clock=clock),
}
"""One of each class: it keeps a key, it is said to and does not, we choose the id, it refuses a twin and names none."""

CRON = timedelta(minutes=3)
ENDS = (ExitCode.DONE, ExitCode.ATTENTION, ExitCode.REFUSED)
OVER = ("published", "missed", "failed", "partial")
SETTLED_BY = {
    "in-doubt": f"campaigner resolve {KEY} --published URL (or --not-published)",
    "missed": f"campaigner retry {KEY} --yes",
    "failed": f"campaigner retry {KEY}",
    "held": f"campaigner retry {KEY}",
    "partial": f"campaigner delete {KEY}, or campaigner retry {KEY} for the rest",
    "stopped:": "campaigner accounts check news",
}
"""What a person has to type, by the first word of what the person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one post. `copies` is for each of its parts; `told` is the line that names it and the command that
    settles it, empty: nobody was told.

    `broken` says in what way the promise was not kept, and is empty where it was.
    """

    platform: str
    what: str
    engine: str
    outcome: str
    copies: tuple[int, ...]
    told: str
    broken: str


class ServerClock(SystemClock):
    """A server's clock that shows what the clock of the working folder does, also where that runs fast."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def now(self) -> datetime:
        return self._place.now().astimezone(UTC)


class Stage:
    """One platform, one working folder. `texts` are the parts of the one post, which is due at 08:00."""

    def __init__(self, place: Workplace, fake: FakePlatform, platform: str, texts: Sequence[str]) -> None:
        self.place = place
        self.fake = fake
        self.platform = platform
        self.texts = tuple(texts)
        self.ends = ENDS
        self.printed: list[str] = []
        self.strange: list[str] = []

    def prepare(self, message: Mapping[str, Any], **keys: Any) -> None:
        """Write the files: one account, one message."""
        self.write_config()
        written = campaign({"morning": message}, languages=["en"], **keys)
        self.place.write("campaigns/migrants-day.yaml", written)

    def accept(self) -> None:
        """Let campaigner read the files a minute before the post is due."""
        self.place.speed = 20.0
        self.place.move_to(at("07:58:30"))
        self.run()
        self.place.speed = 1.0
        self.place.move_to(at("08:00:30"))

    def write_config(self, **options: Any) -> None:
        self.place.write_config({"news": {**account(self.fake, ["en"]), **options}})

    def run(self) -> None:
        """What cron does once."""
        done = self.place.run("run", "--once", timeout=120)
        self.printed += done.stdout.splitlines()
        if done.returncode not in self.ends:
            self.strange.append(f"`run --once` ended with {done.returncode}: {done.stderr}")

    def cron(self, minutes: int) -> None:
        """Cron's runs of the next minutes, every third one; once the post is settled, one more and no further."""
        for _ in range(minutes // 3):
            was_over = self.is_over()
            self.place.move_to(self.place.now() + CRON)
            self.run()
            if was_over:
                return

    def is_over(self) -> bool:
        """True once campaigner has said how it ended."""
        return self._said(*OVER)

    def row(self, what: str, engine: str) -> Row:
        """What is on the server; and where campaigner has not said that all of it is out, what a person who asks is told."""
        count = Counter(posted.text for posted in self.fake.journal)
        is_there = all(count[text] for text in self.texts)
        told = "" if is_there and self._said("published") else self._told()
        return Row(
            platform=self.platform,
            what=what,
            engine=engine,
            outcome=outcome_of(told) if told or is_there else "lost",
            copies=tuple(count[text] for text in self.texts),
            told=told,
            broken="; ".join([*self.strange, *self._broken(count, told)]),
        )

    def _told(self) -> str:
        """What `status --attention` says of the post or its account, with the command; empty when it says nothing."""
        asked = self.place.run("status", "--attention")
        naming = [block for block in blocks(asked.stdout) if KEY in block[0] or "account news" in block[0]]
        line = next((block[0] for block in naming if block[0].startswith(tuple(SETTLED_BY))), "")
        if not line or asked.returncode != ExitCode.ATTENTION:
            return ""
        command = SETTLED_BY[line.split()[0]]
        if not any(command in block[1:] for block in naming):
            self.strange.append(f"TOLD, AND NOT THAT `{command}` SETTLES IT")
        return f"{' '.join(line.split())}: {command}"

    def _said(self, *outcomes: str) -> bool:
        return any(line.startswith(tuple(f"{outcome} {KEY}" for outcome in outcomes)) for line in self.printed)

    def _broken(self, count: Counter[str], told: str) -> Iterator[str]:
        if any(copies > 1 for copies in count.values()):
            yield "TWO COPIES"
        if set(count) - set(self.texts):
            yield "a text that nobody wrote"
        if not told and any(not count[text] for text in self.texts):
            yield "NOT THERE, AND NOBODY WAS TOLD"


@contextmanager
def stage(platform: str, texts: Sequence[str]) -> Iterator[Stage]:
    """A stage in a folder that is thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="campaigner-proof-") as folder:
        place = Workplace(Path(folder), at("07:00:00"))
        with PLATFORMS[platform](ServerClock(place)) as fake:
            yield Stage(place, fake, platform, texts)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll something outside of this process; False when it did not come in time."""
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)  # another process is at work: there is nothing to be told by
    return True


def blocks(printed: str) -> list[list[str]]:
    """Lines, each with those that are indented under it."""
    found: list[list[str]] = []
    for line in printed.splitlines():
        if line.startswith(" ") and found:
            found[-1].append(line.strip())
        else:
            found.append([line])
    return found


def outcome_of(told: str) -> str:
    """A post that is there, and of which nothing is told, is out."""
    if not told:
        return "published"
    word = told.partition(" ")[0]
    if "/" in word:
        # Not the state of a post, but a line that begins with its KEY.
        return "told"
    return "account stopped" if word.startswith("stopped") else word.replace("-", " ")
