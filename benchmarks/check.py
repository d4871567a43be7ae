"""`campaigner check` of many files against a bare CSafeLoader parse of the same files, process against process.

    python benchmarks/check.py [FILES [MESSAGES]]

Writes FILES campaigns (100) of MESSAGES messages (100) in English and Finnish for an X, a Mastodon and a Bluesky account into
a temporary folder, and prints the best of three runs of each. The aim: `check` at most 5 times the bare parse. Then one small
file alone, from the shell: at most 250 ms.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
import sys, yaml
from pathlib import Path
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
"""
COMMAND = Path(sys.executable).with_name("campaigner")
SMALL_MESSAGES = 3


def campaign(number: int, messages: int) -> str:
    """A campaign as officers write it: block texts of about 150 characters in each language."""
    lines = [
        f"campaign: Day number {number}",
        "observance: international-migrants-day",
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
        hour, minute = divmod(7 * 60 + index * 7, 60)
        day, hour = divmod(hour, 24)
        at = f"+{day}d {hour:02}:{minute:02}" if day else f"{hour:02}:{minute:02}"
        lines += [
            f"  message-{index}:",
            f"    at: {at}",
            "    text:",
            "      en: |",
            f"        In {number * 1000 + index} towns people who came from elsewhere teach, heal and build, and on {{date}} we say so.",
            "        Read what they told us. {link}",
            "      fi: |",
            f"        Muualta tulleet ihmiset opettavat, hoitavat ja rakentavat {number * 1000 + index} kunnassa, ja {{date}} sanomme sen.",
            "        Lue, mitä he kertoivat. {link}",
        ]
    return "\n".join(lines) + "\n"


def config() -> str:
    accounts = {
        f"desk-{platform}": {"platform": "console", "like": platform, "languages": ["en", "fi"]}
        for platform in ("x", "mastodon", "bluesky")
    }
    return json.dumps({"timezone": "Europe/Helsinki", "accounts": accounts})


def best_of(runs: int, command: list[str], folder: Path) -> float:
    """The shortest of some runs, seconds."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - begun)
        if done.returncode not in (0, 3):
            raise SystemExit(done.stderr)
    return min(times)


def folder_of(top: Path, files: int, messages: int) -> Path:
    folder = top / f"{files}x{messages}"
    (folder / "campaigns").mkdir(parents=True)
    (folder / "config.yaml").write_text(config(), "utf-8")
    for number in range(files):
        (folder / "campaigns" / f"day-{number}.yaml").write_text(campaign(number, messages), "utf-8")
    return folder


def main() -> None:
    files, messages = (int(value) for value in (sys.argv[1:3] + ["100", "100"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as name:
        folder = folder_of(Path(name), files, messages)
        bare = best_of(3, [sys.executable, "-c", BARE, str(folder / "campaigns")], folder)
        checked = best_of(3, [str(COMMAND), "check"], folder)
        print(f"{files} files of {messages} messages: bare parse {bare:.2f} s, check {checked:.2f} s, {checked / bare:.1f} times")
        small = best_of(10, [str(COMMAND), "check"], folder_of(Path(name), 1, SMALL_MESSAGES))
        print(f"one file of {SMALL_MESSAGES} messages: {small * 1000:.0f} ms from the shell")


if __name__ == "__main__":
    main()
