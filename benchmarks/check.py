"""`campaigner check` of many files against a bare CSafeLoader parse of the same files, process against process.

    python benchmarks/check.py [FILES [MESSAGES]]

Writes FILES campaigns (100) of MESSAGES messages (100) in English and Finnish for an X, a Mastodon and a Bluesky account into
a temporary folder, and prints the best of three runs of each. Like the campaigns of this project, every message is a block text
of one to three sentences, one in three has an image with its alt texts, and one in ten a second part. The aim: `check` at most
5 times the bare parse. Then one small file alone, from the shell: at most 250 ms. The package is compiled first, as it is
where it was installed: a checkout may not be.
"""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import campaigner

BARE = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
"""
COMMAND = Path(sys.executable).with_name("campaigner")
IMAGE = Path(__file__).parents[1] / "campaigns" / "images" / "migrants-day-en.png"
SMALL_MESSAGES = 3


def campaign(number: int, messages: int) -> str:
    """A campaign as officers write it; each has its own day, so that the year holds them all."""
    lines = [
        f"campaign: Day number {number}",
        f"observance: 2027-{1 + number // 28 % 12:02}-{1 + number % 28:02}",
        "editions: [2027]",
        "languages: [en, fi]",
        "accounts: all",
        "hashtags:",
        "  all: [MigrantsDay]",
        "  fi: [SiirtolaistenPäivä]",
        "link: https://finland.iom.int/",
        "messages:",
    ]
    for index in range(messages):
        lines += message(number * 1000 + index, index)
    return "\n".join(lines) + "\n"


def message(town: int, index: int) -> Iterator[str]:
    minutes = 7 * 60 + index * 8
    yield f"  message-{index}:"
    yield f"    at: {minutes // 60:02}:{minutes % 60:02}"
    yield "    text:"
    yield "      en: |"
    yield f"        In {town} towns people who came from elsewhere teach, heal and build, and on {{date}} we say so."
    yield "        Read what they told us. {link}"
    yield "      fi: |"
    yield f"        Muualta tulleet opettavat, hoitavat ja rakentavat {town} kunnassa, ja {{date}} sanomme sen."
    yield "        Lue, mitä he kertoivat. {link}"
    if index % 3 == 0:
        yield "    images:"
        yield "      - file: images/card.png"
        yield "        alt:"
        yield "          en: |"
        yield "            Light lines join dots across a dark blue card. On it stands: International Migrants Day."
        yield "          fi: |"
        yield "            Vaaleat viivat yhdistävät pisteitä tummansinisellä kortilla. Kortissa lukee: Siirtolaisten päivä."
    if index % 10 == 0:
        yield "    thread:"
        yield "      - text:"
        yield "          en: |"
        yield f"            And what would you ask the people of town number {town}?"
        yield "          fi: |"
        yield f"            Ja mitä sinä kysyisit kunnan {town} väeltä?"


def config() -> str:
    accounts = {
        f"desk-{platform}": {"platform": "console", "like": platform, "languages": ["en", "fi"]}
        for platform in ("x", "mastodon", "bluesky")
    }
    return json.dumps({"timezone": "Europe/Helsinki", "accounts": accounts})


def best_of(runs: int, command: list[str], folder: Path) -> float:
    """The shortest of some runs, seconds; a run that finds a problem proves that the files are not what they should be."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - begun)
        if done.returncode or done.stdout:
            raise SystemExit(done.stdout[:2000] + done.stderr)
    return min(times)


def folder_of(top: Path, files: int, messages: int) -> Path:
    folder = top / f"{files}x{messages}"
    (folder / "campaigns" / "images").mkdir(parents=True)
    shutil.copyfile(IMAGE, folder / "campaigns" / "images" / "card.png")
    (folder / "config.yaml").write_text(config(), "utf-8")
    for number in range(files):
        (folder / "campaigns" / f"day-{number}.yaml").write_text(campaign(number, messages), "utf-8")
    return folder


def main() -> None:
    compileall.compile_dir(str(Path(campaigner.__file__).parent), quiet=1)
    files, messages = (int(value) for value in (sys.argv[1:3] + ["100", "100"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as name:
        folder = folder_of(Path(name), files, messages)
        bare = best_of(3, [sys.executable, "-c", BARE, str(folder / "campaigns")], folder)
        checked = best_of(3, [str(COMMAND), "check"], folder)
        ratio = checked / bare
        print(
            f"{files} files of {messages} messages: bare parse {bare:.2f} s, check {checked:.2f} s, {ratio:.1f} times"
        )
        small = best_of(10, [str(COMMAND), "check"], folder_of(Path(name), 1, SMALL_MESSAGES))
        print(f"one file of {SMALL_MESSAGES} messages: {small * 1000:.0f} ms from the shell")


if __name__ == "__main__":
    main()
