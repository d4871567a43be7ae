"""`python -m tests.docs.pictures`: what campaigner shows on a terminal, as the pictures of the documentation.

The commands run on a terminal of their own, on a fixed clock, in a folder that `init` has made.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from .. import big_day
from .terminal import on_terminal

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
COMMAND = Path(sys.executable).parent / "campaigner"
SLIPS = """\
campaign: {en: International Migrants Day, fi: Kansainvälinen siirtolaisten päivä}
observance: international-migrants-day
editions: [2020]
languages: [en, fi]
accounts: all
hashtag: {all: [MigrantsDay]}
messages:
  good-morning:
    at: 9.30
    text:
      en: |
        Today is {name}.
      fi: |
        Tänään on {name}.
    image: kortti.png
"""


class Picture(NamedTuple):
    """A command and the clock that it runs by, with its speed; `before` are those that were given until then.

    `file` stands in the place of the example campaign; a day `is_big` in that of all that `init` makes.
    """

    command: str
    at: str = "07:00:00"
    before: tuple[tuple[str, str], ...] = ()
    file: str = ""
    width: int = 100
    is_big: bool = False


DAY = "international-migrants-day/2020"
SHOWN = {
    "demo": Picture("campaigner rehearse --table", width=120),
    "preview": Picture(f"campaigner preview {DAY}/good-morning"),
    "check": Picture("campaigner check", file=SLIPS),
    "status": Picture(
        "campaigner status",
        "09:40:00",
        (
            ("07:59:00", "run --once"),
            ("08:00:30,60", "run --once"),
            ("08:30:00", f"cancel {DAY}/good-evening/desk-x/fi"),
            ("09:00:30,60", "run --once"),
            ("09:30:00", "run --once"),
        ),
        width=120,
    ),
    "big-preview": Picture("campaigner preview", is_big=True),
    "big-status": Picture(
        "campaigner status",
        "12:10:00",
        (
            ("06:50:00", "run --once"),
            *((f"{hour:02}:{minute}:30,60", "run --once") for hour in range(7, 12) for minute in ("00", "30")),
            ("11:40:00", "cancel migrants-day/2020/film-night --yes"),
            ("11:50:00", 'hold --account press-x --reason "the press office asks to wait"'),
            ("12:01:30,60", "run --once"),
            ("12:09:00", "run --once"),
        ),
        is_big=True,
    ),
}


def svg_of(name: str) -> str:
    """The picture of that name, drawn anew."""
    from rich.console import Console
    from rich.text import Text

    picture = SHOWN[name]
    shown = seen(picture)
    console = Console(
        record=True, width=picture.width, file=io.StringIO(), force_terminal=True, color_system="standard"
    )
    console.print(Text(f"$ {picture.command}", style="bold"))
    console.print(Text.from_ansi(shown.rstrip()))
    drawn = console.export_svg(title="campaigner", unique_id=name)
    # The picture asks no server for a font, and every viewer keeps its blanks.
    drawn = re.sub(r"\s*@font-face {.*?}", "", drawn, flags=re.DOTALL)
    return drawn.replace("<svg ", '<svg xml:space="preserve" ', 1)


def seen(picture: Picture) -> str:
    """What a person sees of the command, colours and all."""
    with tempfile.TemporaryDirectory() as folder:
        if picture.is_big:
            big_day.write(Path(folder))
        else:
            subprocess.run([COMMAND, "init", "."], cwd=folder, check=True, capture_output=True)
        if picture.file:
            (Path(folder) / "campaigns" / "international-migrants-day.yaml").unlink()
            (Path(folder) / "campaigns" / "migrants-day.yaml").write_text(picture.file, "utf-8")
        for at, command in picture.before:
            _shown(f"campaigner {command}", at, Path(folder), picture.width)
        return _shown(picture.command, picture.at, Path(folder), picture.width)


def _shown(command: str, at: str, folder: Path, width: int) -> str:
    """Run one command on a terminal of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "CAMPAIGNER_CLOCK": "2020-12-18T{}+02:00{}{}".format(*at.partition(",")),
    }
    words = [COMMAND, *shlex.split(command)[1:]]
    shown, code = on_terminal(words, folder=folder, environment=environment, columns=width)
    assert code in (0, 1, 3), shown
    return shown


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for shown in SHOWN:
        (PICTURES / f"{shown}.svg").write_text(svg_of(shown), "utf-8")
