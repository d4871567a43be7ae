"""Writes docs/explanation/proof.md from what a run of the proof has found."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from campaigner import __version__

from .burst import ACCOUNTS, MESSAGES, MOST_IN_DOUBT, POSTS, Tally
from .edits import ASIDE_MINUTES, EDITED_ON, EDITS, Edit
from .faults import FAULTS, GROUPS, Fault
from .matrix import ENGINES, ROWS
from .points import RUNS, Point
from .stage import PLATFORMS, Row

Step = TypeVar("Step")
OPENING = """\
# The proof

> A post goes out once, or you are told: never twice by itself, never silently not at all.

Anyone can say that. This page is written by `make proof`, a program that does to campaigner what a bad day does: it lets servers fail in every way that we
know of, ends campaigner without warning at every step of a post's life, and then counts what is on the server and reads what a person is told. No cell of
the tables below was typed by hand.

## How to read it

Every cell is one post in a folder of its own, from its campaign file to the end. In it stands how the post ended and how many copies of it the server had
then; of a thread, the copies of each part.

| in the cell | means |
| --- | --- |
| out, 1 | one copy is there, and campaigner knows it: nobody has to do anything |
| …, told | a person who types `campaigner status --attention` is shown the post, or its account, and the command that settles it; with [`alerts`](../reference/config.md#alerts-and-heartbeat) the person hears of it unasked |
| in doubt | nobody can know from here whether it is out: the person looks, and says so |
| missed | the server stayed away until the post was too late to be of use |
| account stopped | the platform refuses the account: its posts wait until `campaigner accounts check` succeeds |
| held | campaigner had not read the file before the post's time, so it waits for a person |
| told | it is not posted any more, for its file has moved it into the past: the person decides |

The promise is kept where no cell has a 2, and every 0 is told. A cell that breaks it would say **BROKEN**, and `make proof` would fail.

The platforms stand for four classes. *Mastodon* remembers a key that we send and gives the first post back to a repeat. *Key ignored* is a server that speaks the
same language and does not. *Bluesky* lets us choose the post's id. *X* refuses the same text twice and does not say which post is its twin, so where a
post can't be found there, nothing is proven and a person decides.
"""

CLOSING = """\
## What is not proven

* **The servers are fakes**, built from the platforms' documentation and from what real servers answered. They fail on command, which real ones don't; a
  real one may fail in a way that nobody has thought of.
* **A process that is killed is not a machine that loses its power.** What a program wrote survives its death; what a disk holds after the power is gone
  depends on the disk.
* **Time was played**: minutes passed in seconds, hours were not waited for.
* **What a person does** about a doubt, two ledgers for one account, and the rest of [the sliver that remains](once-or-told.md#the-sliver-that-remains).

## Run it yourself

```console
$ make proof        # writes this page anew, from a run on your machine
```

It takes about half an hour on two cores, and uses no network but this machine's own. A short form, a few cells of each table, is part of `make test`. The
program is in `tests/proof/`; campaigner itself has no code for it: it is killed from outside, and every run is the real command in a process of its own.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that a run has found. `points` and `edits` are those of each platform, in order."""

    begun_at: datetime
    took: timedelta
    command: str
    faults: Sequence[Row]
    points: Mapping[str, Sequence[Point]]
    kills: Sequence[Row]
    edits: Mapping[str, Sequence[Edit]]
    edited: Sequence[Row]
    burst: Tally

    @property
    def rows(self) -> list[Row]:
        """Every cell that is one post."""
        return [*self.faults, *self.kills, *self.edited]

    @property
    def broken(self) -> list[str]:
        rows = [f"{row.platform}, {row.what}, {row.engine}: {row.broken}" for row in self.rows if row.broken]
        return rows + ([f"bursts: {self.burst.broken}"] if self.burst.broken else [])

    @property
    def unexpected(self) -> list[Row]:
        """Rows that kept the promise in another way than they should: a person was asked where nobody had to be."""
        faults = {fault.name: fault for fault in FAULTS}
        points = {(name, point.run, point.name): point for name, found in self.points.items() for point in found}
        edits = {(name, edit.name, edit.point.name): edit for name, found in self.edits.items() for edit in found}
        return [
            *(row for row in self.faults if row.outcome != faults[row.what].expected(row.platform)),
            *(
                row
                for row in self.kills
                if row.outcome != points[row.platform, row.engine, row.what].expected(row.platform)
            ),
            *(
                row
                for row in self.edited
                if row.outcome not in edits[row.platform, row.engine, row.what].expected(row.platform)
            ),
        ]


def page(found: Findings) -> str:
    """The whole page."""
    return "\n".join(
        [OPENING, _what_was_run(found), _faults(found), _kills(found), _edits(found), _burst(found.burst), CLOSING]
    )


def _what_was_run(found: Findings) -> str:
    rows = found.rows
    out = sum(row.outcome == "published" for row in rows)
    kept = "**The promise was kept in all of them.**"
    if found.broken:
        kept = "\n".join(["**BROKEN:**", "", *(f"* {reason}" for reason in found.broken)])
    return f"""\
## What was run

`{found.command}` on {found.begun_at:%Y-%m-%d} at {found.begun_at:%H:%M} UTC, for {found.took.total_seconds() / 60:.0f} minutes: campaigner {__version__}, Python \
{platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()}.

{len(rows)} posts one by one: {out} out, {len(rows) - out} told. {found.burst.posts:,} posts in bursts, and {found.burst.kills} kills. {kept}
"""


def _faults(found: Findings) -> str:
    cells = {(row.what, row.engine, row.platform): row for row in found.faults}
    tables = [f"### {name}\n\n{ABOUT[name]}\n\n{_fault_table(faults, cells)}" for name, faults in GROUPS.items()]
    joined = "\n\n".join(tables)
    return f"""\
## When a server fails

`run --once` is started by cron every three minutes, before and after; `run` is the daemon. {len(ROWS)} posts; a dash: it can't happen there (a call to X is never
repeated), or shows nothing that the cell beside it does not.

{joined}
"""


ABOUT = {
    "The call that publishes": "The fault hits the call that publishes the post, once.",
    "Other calls": """\
The look after a doubt, the upload of an image, and the question who we are: each fails twice, then it goes well. A look that fails proves nothing, an upload is
repeated without harm, and nothing is sent to an account that can't be asked.""",
    "The repeat fails too": """\
The first call leaves a doubt. In the first rows the server has the post, and does not show it to three looks; so the same call is repeated, and that fails as well.
A repeat that fails must leave the doubt as it was: its key is the same ever after, or the server would take it for another post. (A server that keeps no key and
hides a post for minutes would show a twin whatever a client does.)""",
    "A server asks for more time than there is": "The post may be three minutes late. A person must be told when they are over, not when the hour is.",
}


def _fault_table(faults: Sequence[Fault], cells: Mapping[tuple[str, str, str], Row]) -> str:
    return _table(
        ["what happens", "engine", *PLATFORMS],
        [
            [fault.name, f"`{engine}`", *(_cell(cells.get((fault.name, engine, name))) for name in PLATFORMS)]
            for fault in faults
            for engine in ENGINES
        ],
    )


def _kills(found: Findings) -> str:
    cells = {(row.engine, row.what, row.platform): row for row in found.kills}
    steps = _merged([[(point.run, point.name) for point in points] for points in found.points.values()])
    rows = [
        [str(number), run, name, *(_cell(cells.get((run, name, platform))) for platform in PLATFORMS)]
        for number, (run, name) in enumerate(steps, 1)
    ]
    return f"""\
## When it is killed

A thread of two parts with an image. The process is ended with `SIGKILL` right after each thing that it does and that outlives it: a commit of the ledger, a
call to the server. Between two of them there is nothing that anybody else could see. Of `run --once`, the run {next(iter(RUNS))} reads the files, the other
sends; then cron goes on as always. Of the daemon, what counts is what it does for the post and its account; then the daemon is started anew. The last two of both are killed while the server is still at work, which then publishes what nobody waits for any more.

A person may be asked only where nothing else can know: on X, between “sending” and the server's answer. Anywhere else `make proof` fails.

{_table(["", "killed in the run", "right after", *PLATFORMS], rows)}
"""


def _edits(found: Findings) -> str:
    cells = {(row.engine, row.what, row.platform): row for row in found.edited}
    steps = _merged([list(dict.fromkeys(edit.point.name for edit in edits)) for edits in found.edits.values()])
    tables = []
    for name in EDITS:
        rows = [[step, *(_cell(cells.get((name, step, platform))) for platform in EDITED_ON)] for step in steps]
        tables.append(f"### The file is {name}\n\n{_table(['edited right after', *EDITED_ON], rows)}")
    joined = "\n\n".join(tables)
    return f"""\
## When its file is edited meanwhile

The same thread. The run that sends is killed at each of its points, and then somebody edits the campaign's file; cron goes on. A file that is taken away or broken
is put right {ASIDE_MINUTES} minutes later: until then nothing is posted that was not being sent already, and a person is told. Of a file that is cut at its end, the text as it is now
goes out, unless the old one was being sent. What is moved two days back is not posted any more, and that is told.

{joined}
"""


def _burst(tally: Tally) -> str:
    return f"""\
## When it is killed at any moment

{tally.bursts} bursts of {POSTS} posts each ({ACCOUNTS} accounts, {MESSAGES} posts an account, all due in the same minute), each burst with two daemons on one ledger; again and
again one of the two is killed at a random moment and started anew.

| | |
| --- | --- |
| posts | {tally.posts:,} |
| kills | {tally.kills} |
| posts that went out twice | {tally.twice} |
| posts that are not there and nobody was told | {tally.unsaid} |
| posts that are not there, and told | {tally.not_there} |
| posts that a kill caught in the middle of sending | {tally.in_doubt:,} |
| the most that one kill caught | {tally.most_in_doubt}; at most {MOST_IN_DOUBT} by design |
"""


def _cell(row: Row | None) -> str:
    """How it ended, and the copies; a point that a platform does not pass has a dash."""
    if row is None:
        return "–"
    copies = " + ".join(map(str, row.copies))
    if row.broken:
        return f"**BROKEN**: {copies}; {row.broken}"
    return f"{row.outcome}, {copies}, told" if row.told else f"out, {copies}"


def _merged(lists: Iterable[Sequence[Step]]) -> list[Step]:
    """One order for the steps of all platforms: what only one has stands after what it follows there."""
    merged: list[Step] = []
    for steps in lists:
        place = 0
        for step in steps:
            if step not in merged:
                merged.insert(place, step)
            place = merged.index(step) + 1
    return merged


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
