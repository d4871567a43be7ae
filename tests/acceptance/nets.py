"""Commands that run with one net alone: see without.py for what the nets are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .without import NETS
from .workplace import Workplace

ROOT = Path(__file__).parents[2]


def start(place: Workplace, nets: set[str], *arguments: str) -> subprocess.Popen[str]:
    """The command with these nets and no other."""
    assert nets <= set(NETS), nets
    return subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.without", ",".join(sorted(set(NETS) - nets)), *arguments],
        cwd=place.folder,
        env={**place.environment_now(), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run_once(place: Workplace, *nets: str, code: int | None = None) -> str:
    """`run --once` with these nets alone; what it said."""
    process = start(place, set(nets), "run", "--once")
    try:
        said = process.communicate(timeout=60)[0]
    finally:
        process.kill()
    assert "Traceback" not in said, said
    assert code is None or process.returncode == code, said
    return said
