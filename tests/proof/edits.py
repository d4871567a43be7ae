"""Somebody edits the file of a post that is on its way: it is taken away, broken, cut at its end, or moved into the past.

The run that sends is killed at each of its points, as it is for `points`; then the edit is made, and cron goes on. A file that
was taken away or broken is put right again six minutes later, while its post is still of use. Nothing may go out twice, what
does not go out is told, and a text that no file says any more is sent only where its sending had begun before the edit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from campaigner.errors import ExitCode

from .points import PNG, SENDING, SENDS, Point, kill_cron, points_of_cron
from .stage import ENDS, KEY, Row, Stage, blocks, outcome_of, stage

CAMPAIGN = "campaigns/migrants-day.yaml"
FIRST, CUT, WHOLE = "Good morning", "And more of it", "And more of it\nThe end of it"
WRITTEN = """\
campaign: International Migrants Day
observance: 18 December
editions: [2020]
languages: [en]
accounts: all
messages:
  morning:
    at: 08:00
    text:
      en: |
        Good morning
    images:
      - file: dot.png
        alt:
          en: A dot
    thread:
      - text:
          en: |
            And more of it
            The end of it
"""
EDITED_ON = ("Mastodon", "X")
"""One on which a doubt is looked into, and one on which it may need a person."""
ASIDE_MINUTES = 6


def _take_away(path: Path) -> None:
    path.unlink()


def _break(path: Path) -> None:
    path.write_text(WRITTEN.replace("messages:", "messages: ["), "utf-8")


def _cut(path: Path) -> None:
    path.write_text(WRITTEN.removesuffix("            The end of it\n"), "utf-8")


def _move(path: Path) -> None:
    path.write_text(WRITTEN.replace("18 December", "16 December"), "utf-8")


EDITS: Mapping[str, Callable[[Path], None]] = {
    "taken away": _take_away,
    "broken": _break,
    "cut at its end": _cut,
    "moved two days back": _move,
}
PUT_RIGHT = ("taken away", "broken")
"""What is undone while the post is still of use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One cell: what is done to the file, right after which point. `is_sending`: the post was being sent already."""

    name: str
    point: Point
    is_sending: bool

    @property
    def may_be_whole(self) -> bool:
        """Whether the old text of the end may go out: it is sent as it was begun."""
        return self.name != "cut at its end" or self.is_sending

    def expected(self, platform: str) -> Collection[str]:
        """How it may end. What was moved before it was sent is not posted: its day, or its time, is over."""
        if self.name == "moved two days back" and not self.is_sending:
            return ("told", "missed")
        return (self.point.expected(platform),)


def edits_of(platform: str) -> list[Edit]:
    """Every edit after every point of the run that sends."""
    points = [point for point in points_of_cron(platform) if point.run == SENDS]
    begins = next(position for position, point in enumerate(points) if point.name == SENDING)
    return [
        Edit(name=name, point=point, is_sending=position >= begins)
        for name in EDITS
        for position, point in enumerate(points)
    ]


def run_edit(platform: str, edit: Edit) -> Row:
    """Kill, edit, and let cron go on until the post is too late to be of use."""
    with stage(platform, [FIRST, WHOLE]) as made:
        made.write_config()
        if edit.name == "broken":
            made.ends = (*ENDS, ExitCode.INVALID)
        path = made.place.write(CAMPAIGN, WRITTEN)
        (path.parent / "dot.png").write_bytes(PNG)
        kill_cron(made, edit.point)
        before = len(made.fake.journal)
        EDITS[edit.name](path)
        if edit.name in PUT_RIGHT:
            made.cron(ASIDE_MINUTES)
            if not edit.is_sending and len(made.fake.journal) > before:
                made.strange.append("POSTED WHILE NO FILE SAID SO")
            if not edit.is_sending and not _told(made):
                made.strange.append("HELD, AND NOBODY WAS TOLD")
            path.write_text(WRITTEN, "utf-8")
        made.cron(15)
        return _row(made, edit)


def _row(made: Stage, edit: Edit) -> Row:
    count = Counter(posted.text for posted in made.fake.journal)
    copies = (count[FIRST], count[WHOLE] + count[CUT])
    is_out = all(copies) and any(line.startswith(f"published {KEY}") for line in made.printed)
    told = "" if is_out else _told(made)
    broken = [*made.strange]
    if max(copies) > 1:
        broken.append("TWO COPIES")
    if not all(copies) and not told:
        broken.append("NOT THERE, AND NOBODY WAS TOLD")
    if count[WHOLE] and not edit.may_be_whole:
        broken.append("A TEXT THAT NO FILE SAID ANY MORE")
    if set(count) - {FIRST, WHOLE, CUT}:
        broken.append("a text that nobody wrote")
    return Row(
        platform=made.platform,
        what=edit.point.name,
        engine=edit.name,
        outcome=outcome_of(told).rstrip(":") if told or all(copies) else "lost",
        copies=copies,
        told=told,
        broken="; ".join(broken),
    )


def _told(made: Stage) -> str:
    """What `status --attention` says of the post or its campaign, with a command to type; empty when it says nothing."""
    asked = made.place.run("status", "--attention")
    if asked.returncode != ExitCode.ATTENTION:
        return ""
    return next((_line(block) for block in blocks(asked.stdout) if _is_of_the_post(block)), "")


def _is_of_the_post(block: Sequence[str]) -> bool:
    names_it = KEY in block[0] or "campaign migrants-day" in block[0] or "account news" in block[0]
    return names_it and any("campaigner " in line for line in block[1:])


def _line(block: Sequence[str]) -> str:
    return f"{' '.join(block[0].split())}: {block[1]}"
