"""How many posts are being sent at once, as the ledger has it: that bounds what a crash leaves in doubt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Admission:
    """A place for the post of each lane at work; while no lane waits for one, others for the posts that come next.

    A place may be given back before the ledger has the end of its post: what takes it is written down after that end.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting = 0
        self._changed = threading.Condition()

    @contextmanager
    def lane(self) -> Iterator[None]:
        """A place for as long as a lane is at work; waits for one."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._free > 0)
            self._waiting -= 1
            self._free -= 1
        try:
            yield
        finally:
            self.give_back()

    def take_ahead(self) -> bool:
        """A place for a post that comes next on its lane, if there is one to spare."""
        with self._changed:
            if self._waiting or not self._free:
                return False
            self._free -= 1
            return True

    def give_back(self) -> None:
        """The post is its lane's own now, or is not sent after all."""
        with self._changed:
            self._free += 1
            self._changed.notify()
