"""`kill -9` in a burst: what is out twice, what is lost unsaid, and what a person has to look after."""

from __future__ import annotations

import random
from collections.abc import Iterator

from .burst import POSTS, WORKERS
from .office import Office, at, office, sink, tally, wait_until
from .table import Row


def rows(rounds: int) -> Iterator[Row]:
    """`kill -9` somewhere in a burst, and a start a minute later."""
    told = [_killed(random.Random(number)) for number in range(rounds)]
    figure = f"`kill -9` in a burst of {POSTS:,} posts, then a start: in doubt after the kill"
    beside = ", ".join(f"{sum(one[name] for one in told):.0f} {name}" for name in ("twice", "lost", "told"))
    yield Row(figure, [one["in doubt"] for one in told], "{:.0f}", f"≤ {WORKERS}; 0 twice, 0 lost", beside)


def _killed(chance: random.Random) -> dict[str, int]:
    with sink() as url, office(url, 100) as place:
        place.write("burst", {f"m{number}": "08:00" for number in range(POSTS // 100)})
        place.accept()
        wanted = chance.randrange(100, POSTS - 100)
        with place.daemon(at("07:59:50")) as daemon:
            wait_until(lambda: tally(url)["posts"] >= wanted, 0.02)
            daemon.kill()
            daemon.wait(10)
        in_doubt = _count(place, "sending", "in-doubt")
        with place.daemon(at("08:01:00", 10)):
            wait_until(lambda: not _count(place, "due", "claimed", "sending", "in-doubt"), 2)
        still, found = POSTS - _count(place, "published"), tally(url)
        return {"in doubt": in_doubt, "twice": found["twice"], "lost": POSTS - found["posts"] - still, "told": still}


def _count(place: Office, *states: str) -> int:
    return sum(state in states for state in place.states(at("08:01:00")).values())
