"""A trickle: posts that are due one by one, and how long after its time each reaches the server."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from .office import at, office, sink, tally, wait_until
from .table import Row


def rows(rounds: int) -> Iterator[Row]:
    """Twenty posts, each at a minute of its own; twenty minutes pass in one of ours."""
    speed = 20
    late: list[list[float]] = []
    for _ in range(rounds):
        with sink() as url, office(url, 1) as place:
            place.write("trickle", {f"m{number}": f"08:{number:02}" for number in range(20)})
            place.accept()
            with place.daemon(at("07:58:00", speed)):
                wait_until(lambda: tally(url)["posts"] >= 20)
            due = place.due("07:58:00", "08:00:00", speed)
            late.append([1000 * (came - due - 60 / speed * n) for n, came in enumerate(tally(url)["arrivals"])])
    yield Row("trickle of 20: lateness, median", [median(one) for one in late], "{:.1f} ms", "≤ 6 ms")
    yield Row("trickle of 20: lateness, worst", [max(one) for one in late], "{:.1f} ms", "≤ 15 ms")
