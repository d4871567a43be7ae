"""Commands that run with one net alone: see without.py for what the nets are."""

from __future__ import annotations

import subprocess
import sys

from ..forked import ROOT
from .without import NETS
from .workplace import Workplace

WITHOUT = "tests.acceptance.without"


def start(place: Workplace, nets: set[str], *arguments: str) -> subprocess.Popen[str]:
    """The command with these nets and no other."""
    return subprocess.Popen(
        [sys.executable, "-m", WITHOUT, others(nets), *arguments],
        cwd=place.folder,
        env={**place.environment_now(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_once(place: Workplace, *nets: str, code: int | None = None) -> str:
    """`run --once` with these nets alone; what it said."""
    done = place.run(others(set(nets)), "run", "--once", module=WITHOUT)
    said = done.stdout + done.stderr
    assert code is None or done.returncode == code, said
    return said


def others(nets: set[str]) -> str:
    assert nets <= set(NETS), nets
    return ",".join(sorted(set(NETS) - nets))
