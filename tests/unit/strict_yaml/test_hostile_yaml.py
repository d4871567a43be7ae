"""Hostile files end in a clear refusal, in little time and memory, measured in a process of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

MEASURE = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (400_000_000, 400_000_000))
from pathlib import Path
from campaigner.loading.campaign_loader import CampaignReader
start = time.process_time()
(file,) = CampaignReader(folder=Path("/"), catalogue=None).read([Path(sys.argv[1])])
taken = time.process_time() - start
# Not ru_maxrss: a child begins with its parent's, also after exec.
status = Path("/proc/self/status").read_text() if Path("/proc/self/status").exists() else "VmHWM: 0 kB"
peak = int(status.split("VmHWM:")[1].split()[0]) * 1000
assert taken < float(sys.argv[2]), f"{taken:.2f} s"
assert peak < 200_000_000, f"{peak} bytes"
assert file.campaign is None
print(*sorted({problem.code for problem in file.problems}))
"""
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "levels-in-brackets": ("[" * 20_000, "too-deep"),
    "levels-in-braces": ("{a: " * 20_000, "too-deep"),
    "levels-of-dashes": ("- " * 20_000 + "a", "too-deep"),
    "levels-of-indentation": ("".join(f"{' ' * depth}a:\n" for depth in range(2_000)), "too-deep"),
    "alias-bomb": (BOMB, "too-many-values"),
    "aliases": ("a: &a x\nb: [" + ",".join(["*a"] * 1_001) + "]\n", "alias"),
    "nul-bytes": ("\0" * 4_000_000, "encoding"),
    "recursion": ("a: &a\n  b: *a\n", "alias"),
    "python-object": ("a: !!python/object/apply:os.system ['true']\n", "missing-key tag"),
    "values": ("- a\n" * 1_200_000, "too-many-values"),
    "commas": ("[" + "a," * 2_000_000 + "]", "too-many-values"),
    "one-line": ("a: " + "x" * 4_900_000, "missing-key too-long"),
    "one-name": ("a" * 4_900_000 + ": x", "yaml-syntax"),
    "quotation": ('a: "' + "x\n" * 1_000_000, "quote-needed"),
    "unknown-keys": ("".join(f"mesages{number}: x\n" for number in range(40_000)), "too-many-values"),
    "broken-messages": (
        "messages:\n" + "".join(f"  m{number}: {{txet: x, at: 8am}}\n" for number in range(10_000)),
        "too-many-values",
    ),
    "brackets-after-words": ("a: b" + "[ " * 40_000 + ": c\n", "quote-needed"),
    "colons": ("a: b" + ": " * 40_000 + "\n", "quote-needed"),
    "names": ("a" * 1_100 + "\n? " + "b" * 1_100 + "\n: x\n", "yaml-syntax"),
    "accents": ("campaign: a" + "\u0301\u0323" * 80_000 + "\n", "combining-marks missing-key"),
    "accents-escaped": ('campaign: "a' + "\\u0301\\u0323" * 80_000 + '"\n', "combining-marks missing-key"),
    "aliases-over-blank-lines": (
        "campaign: &a x\n" + "\n" * 500_000 + "editions:\n" + "".join(f"  w{number}: *a\n" for number in range(900)),
        "edition missing-key wrong-kind",
    ),
    "anchors": ("allow: [" + ",".join(f"&a{number} x" for number in range(90_000)) + "]\n", "too-many-values"),
    "an-alias-of-much": (
        "campaign: &a " + "x" * 400_000 + "\nhandles:\n" + "".join(f"  h{n}: {{name: *a}}\n" for n in range(900)),
        "too-many-values",
    ),
}


def refused_as(path: str) -> str:
    """The codes, after no more than a second of this process's own time, and 200 MB."""
    script = textwrap.dedent(MEASURE)
    result = subprocess.run([sys.executable, "-c", script, path, "1"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout.strip()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_time_and_memory(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    content, expected = HOSTILE[name]
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text(content)
    assert refused_as(str(path)) == expected


def test_a_file_of_100_megabytes_is_refused_unread(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert refused_as(str(path)) == "too-large"


def test_an_endless_device_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.symlink_to("/dev/zero")
    assert refused_as(str(path)) == "not-a-file"
