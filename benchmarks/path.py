"""The path of a post by cron: what one `campaigner run --once` goes through for the second post of a ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .office import at, office, sink, tally
from .table import Row

SOURCE = Path(__file__).parents[1] / "src" / "campaigner"


def rows(rounds: int) -> Iterator[Row]:
    """Counts, which are the same in every round."""
    found = path()
    kinds = Counter(text.split(maxsplit=1)[0].upper() for text in found["statements"])
    statements = sum(kinds[kind] for kind in ("SELECT", "INSERT", "UPDATE", "DELETE"))
    imported = f"{len(found['imported'])} imported"
    yield Row("a post by cron: source files", [len(found["calls"])], "{:.0f}", "≤ 45", imported)
    yield Row("a post by cron: calls of our functions", [sum(found["calls"].values())], "{:,.0f}", "≤ 1,800")
    beside = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    yield Row("a post by cron: SQL statements", [statements], "{:.0f}", "≤ 20", beside)
    yield Row("a post by cron: commits", [kinds["COMMIT"]], "{:.0f}", "≤ 4")
    yield Row("a post by cron: HTTP calls", [found["http"]], "{:.0f}", "≤ 1")
    files = sorted(SOURCE.rglob("*.py"))
    beside = f"{len(files)} files, to be about 130"
    yield Row("lines of `src`", [sum(map(lines, files))], "{:,.0f}", "about 15,000", beside)
    for name in ("mastodon", "bluesky", "x"):
        yield Row(f"lines of the platform {name}", [lines(SOURCE / "platforms" / f"{name}.py")], "{:.0f}", "≤ 200")


def path() -> dict[str, Any]:
    with TemporaryDirectory() as name, sink() as url, office(url, 1) as place:
        place.write("path", {"first": "08:00", "second": "08:10"})
        place.accept()
        place.run(at("08:00:30"), "run", "--once")
        before, seen = tally(url), Path(name) / "seen"
        place.run(at("08:10:30"), "run", "--once", probe=f"path:{seen}")
        found: dict[str, Any] = json.loads(seen.read_text("utf-8"))
        after = tally(url)
        if (before["posts"], after["posts"]) != (1, 2):
            raise SystemExit("the second post did not go out")
        return {**found, "http": after["calls"] - before["calls"]}


def lines(file: Path) -> int:
    return len(file.read_text("utf-8").splitlines())
