"""`check` as people and as programs see it."""

from __future__ import annotations

import os
import pty
import subprocess

from .workplace import COMMAND, Workplace

FAULTY = """\
campaign: Päivä
observance: 18 December
editions: [2027]
languages: [fi]
accounts: all
messages:
  aamu:
    at: 08:00
    text:
      fi: 日本 ja päivä ja todella pitkä rivi, joka ei mahdu mihinkään kahdeksaankymmeneen merkkiin #Siirtolaiset
"""


def at_a_terminal(place: Workplace, *arguments: str) -> str:
    """What a command shows on a terminal of 60 columns."""
    ours, theirs = pty.openpty()
    environment = {**place.environment_now(), "COLUMNS": "60", "NO_COLOR": "1", "TERM": "xterm"}
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=place.folder, env=environment, stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 10_000):
            shown += piece
    except OSError:
        pass  # Linux says EIO when the other end is closed
    process.wait(60)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_person_at_a_terminal_sees_the_line_and_a_caret(place: Workplace) -> None:
    place.run("init")
    place.write("campaigns/day.yaml", FAULTY)
    lines = at_a_terminal(place, "check", "campaigns/day.yaml").splitlines()
    head = next(number for number, line in enumerate(lines) if "[lost-text]" in line)
    assert lines[head].startswith("campaigns/day.yaml:10:")
    assert lines[head + 1].strip().startswith(("fi:", "…"))
    assert lines[head + 2].strip() == "^"
    piped = place.run("check", "campaigns/day.yaml").stdout
    assert not any(line.strip() == "^" for line in piped.splitlines())


def test_the_caret_stands_under_the_fault_also_behind_wide_letters(place: Workplace) -> None:
    place.run("init")
    place.write("campaigns/day.yaml", FAULTY.replace("campaign: Päivä", 'campaign: Päivä\n"日本日本": x'))
    lines = at_a_terminal(place, "check", "campaigns/day.yaml").splitlines()
    head = next(number for number, line in enumerate(lines) if "[unknown-key]" in line)
    assert lines[head + 1].strip() == '"日本日本": x'
    assert lines[head + 2].index("^") == lines[head + 1].index('"')


def test_github_marks_each_problem_at_its_line(place: Workplace) -> None:
    place.run("init")
    place.write("campaigns/day.yaml", FAULTY)
    done = place.run("check", "campaigns/day.yaml", "--format", "github")
    assert done.returncode == 3
    assert done.stdout.startswith("::error file=campaigns/day.yaml,line=10,col=")
    assert "title=lost-text::" in done.stdout


def many(place: Workplace, **odd: str) -> None:
    """24 small campaigns on days of their own; `odd` replaces the text of some."""
    place.run("init")
    for number in range(24):
        text = odd.get(f"day{number}", f"Town number {number} thanks you. Read more: https://iom.int/{number}")
        place.write(
            f"campaigns/day{number}.yaml",
            f"campaign: Day {number}\nobservance: 2027-03-{number + 1:02}\neditions: [2027]\nlanguages: [en]\n"
            f"accounts: all\nmessages:\n  one:\n    at: 09:00\n    text:\n      en: |\n        {text}\n",
        )


def on_one_processor(place: Workplace, *arguments: str) -> str:
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=place.folder,
        env=place.environment_now(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
    )
    return done.stdout + done.stderr


FAULTS = {
    "day3": "An {unknown} word",
    "day7": "x" * 400,
    "day11": "See www.iom.int: THIS IS VERY LOUD INDEED",
    "day20": "#2027 and #Siirtolais-päivä",
}


def test_many_files_give_the_same_problems_on_one_processor_and_on_several(place: Workplace) -> None:
    many(place, **FAULTS)
    spread = place.run("check")
    assert spread.returncode == 3
    assert spread.stdout + spread.stderr == on_one_processor(place, "check")
    for name in FAULTS:
        assert f"campaigns/{name}.yaml" in spread.stdout


def test_the_same_words_in_two_of_many_files_are_found(place: Workplace) -> None:
    many(place, day2="The very same words here", day19="the very  SAME words here")
    assert "[same-text]" in place.run("check").stdout
