"""A plan of 100,000 posts: how long after its start the daemon is quiet, and what memory it has taken by then."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .office import Office, at, office, sink
from .table import Row

FILES, MESSAGES, ACCOUNTS = 100, 100, 10
QUIET_FOR = 1.5
"""Seconds in which it takes less than a hundredth of a processor: longer than its own beat."""
TICKS = os.sysconf("SC_CLK_TCK")


def rows(rounds: int) -> Iterator[Row]:
    with sink() as url, office(url, ACCOUNTS) as place:
        write(place)
        accepted = place.accept()
        found = [quiet_after(place) for _ in range(rounds)]
    beside = f"{median(one[1] for one in found):.2f} s of a processor; its first `run --once`: {accepted.seconds:.1f} s"
    yield Row("100,000 planned posts: quiet after start", [one[0] for one in found], "{:.2f} s", "≤ 1.5 s", beside)
    yield Row(
        "100,000 planned posts: memory", [one[2] for one in found], "{:.0f} MB", "≤ 120 MB", "the most it ever had"
    )


def write(place: Office) -> None:
    """A campaign a day, for months to come, each with a message every eight minutes."""
    for number in range(FILES):
        times = (7 * 60 + 8 * index for index in range(MESSAGES))
        messages = {f"m{index}": f"{minutes // 60:02}:{minutes % 60:02}" for index, minutes in enumerate(times)}
        place.write(f"day-{number}", messages, f"2027-{1 + number // 28:02}-{1 + number % 28:02}")


def quiet_after(place: Office) -> tuple[float, float, float]:
    """Seconds until nothing more is done, seconds of a processor by then, and megabytes."""
    begun = busy_at = time.perf_counter()
    with place.daemon(at("08:00:00")) as daemon:
        process, cpu = Path(f"/proc/{daemon.pid}"), 0.0
        while (now := time.perf_counter()) - busy_at < QUIET_FOR:
            if (taken := cpu_of(process)) > cpu + 0.01:
                busy_at, cpu = now, taken
            time.sleep(0.02)
        return busy_at - begun, cpu, memory_of(process)


def cpu_of(process: Path) -> float:
    """Seconds of a processor, those of children that have ended too."""
    times = (process / "stat").read_text("utf-8").rpartition(")")[2].split()[11:15]
    return sum(map(int, times)) / TICKS


def memory_of(process: Path) -> float:
    lines = (process / "status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
