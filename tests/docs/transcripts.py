"""`python -m tests.docs.transcripts [PAGE…]`: what campaigner answers, written anew into the pages that show it.

A console block whose fence tells a time is played, in the order of its page: its commands are typed into a shell on a
terminal of 80 columns, on that clock, and what they answer has to be what the block shows. Before the time may stand
the scene that begins there (see scenes.py); without one the last goes on:

    ```console example 2020-12-18T07:30

A YAML block whose fence tells a file, or a scene and a file, becomes that file when its turn comes. A shown line `…` stands for
lines that are left out, `^C` for Ctrl-C.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from .pages import BLOCK, PAGES, Block, block_of, written_as
from .scenes import Stage, stage

VARIES = (
    r"\b[0-9a-f]{8}(?=\)$)",  # a process has another name each time
    r"\b\d\d:\d\d:\d\d\b",  # the clock goes on while a command works
    r"(?<=/)\d{17,}\b",  # Mastodon's and X's ids
    r"\b\d{8}T\d{6}Z\b",  # when a backup was made
    r"(?<=/post/)\w{13}\b",  # Bluesky's
)
"""What is another at each run, and is not compared."""
CUT = "…"
CTRL_C = "^C"


class Exchange(NamedTuple):
    """What is typed after a prompt, and the lines that are shown as the answer."""

    typed: str
    shown: list[str]


def exchanges_of(block: Block) -> list[Exchange]:
    found: list[Exchange] = []
    for line in block.text.splitlines():
        if found and found[-1].typed.endswith("\\") and not found[-1].shown:
            found[-1] = Exchange(f"{found[-1].typed}\n{line}", [])
        elif line.startswith("$ "):
            found.append(Exchange(line[2:], []))
        elif found:
            found[-1].shown.append(line)
    return found


def is_played(block: Block) -> bool:
    return block.language == "console" and bool(block.told)


def written_anew(page: Path) -> str:
    """The page with what campaigner answers now."""
    text = page.read_text("utf-8")
    with ExitStack() as ending:
        return "".join(_pieces(text, ending))


def _pieces(text: str, ending: ExitStack) -> Iterator[str]:
    at: Stage | None = None
    done = 0
    for found in BLOCK.finditer(text):
        block = block_of(found)
        yield text[done : found.start()]
        done = found.end()
        *scene, told = block.told.split() or [""]
        if scene:
            at = ending.enter_context(stage(scene[0]))
        if told and at is not None and block.language == "yaml":
            at.write(told, block.text)
        if is_played(block):
            assert at is not None, f"no scene has begun: {block.text}"
            yield written_as(found, _played(block, at, told))
        else:
            yield found[0]
    yield text[done:]


def _played(block: Block, at: Stage, clock: str) -> str:
    lines = []
    for exchange in exchanges_of(block):
        interrupted_after = exchange.shown.index(CTRL_C) if CTRL_C in exchange.shown else None
        printed = at.type(exchange.typed, clock, interrupted_after)
        assert "this is a bug" not in printed, (exchange.typed, printed)
        side_by_side = bool(re.search(r"campaigner (\S+ )?run\b", exchange.typed))
        kept = _kept(exchange.shown, printed.rstrip("\n").splitlines(), sorted if side_by_side else list)
        lines += [f"$ {exchange.typed}", *kept]
    return "\n".join(lines) + "\n"


def _kept(shown: list[str], printed: list[str], ordered: Callable[[Iterable[str]], list[str]]) -> list[str]:
    """What the page should show: nothing where it shows nothing, else what was printed, cut as it was cut.

    `ordered`: in what order lines are compared. A run works at several accounts side by side.
    """
    if not any(shown):
        return shown
    end = shown.pop() if not shown[-1] else None  # A blank line before the next prompt.
    if CUT in shown:
        head, tail = shown.index(CUT), len(shown) - shown.index(CUT) - 1
        if len(printed) > head + tail:
            printed = [*printed[:head], CUT, *printed[len(printed) - tail :]]
    kept = shown if ordered(map(_steady, shown)) == ordered(map(_steady, printed)) else printed
    return kept if end is None else [*kept, end]


def _steady(line: str) -> str:
    return re.sub("|".join(VARIES), "~", line)


def main() -> None:
    if not shutil.which("bash"):
        sys.exit("bash is needed")
    for page in [Path(name).absolute() for name in sys.argv[1:]] or PAGES:
        if any(is_played(block_of(found)) for found in BLOCK.finditer(page.read_text("utf-8"))):
            page.write_text(written_anew(page), "utf-8")


if __name__ == "__main__":
    main()
