"""Runs one command of campaigner and ends it by SIGKILL at a point: `python -m tests.proof.killed "2 save tokens" LOG run --once`.

campaigner knows nothing of this: all that outlives its process (a durable write, a call to a server, a token that was
saved) is wrapped from outside, here, and right after each there is a point; in between nothing happens that anybody
else could see. A point is named by what was done and how many times; the acts are written to LOG. `0` is never reached.

A daemon has threads that look at files, tell and ask ahead, each at its own time. There only what the account's lane
does is counted: that is the life of the delivery, and it is the same at every start.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from campaigner.cli.app import run
from campaigner.ledger.ledger import Ledger
from campaigner.platforms.http import HttpSession
from campaigner.platforms.tokens import TokenStore


class Points:
    """Counts the points as they are reached, and dies at one of them."""

    def __init__(self, deadly: str, log: Path, *, only_lanes: bool = False) -> None:
        self._deadly = deadly
        self._only_lanes = only_lanes
        self._log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        self._reached: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def are_counted(self) -> bool:
        """Whether what this thread does is counted."""
        return not self._only_lanes or threading.current_thread().name.startswith("lane")

    def reach(self, name: str) -> None:
        """`name` is what has just been done."""
        with self._lock:
            self._reached[name] += 1
            os.write(self._log, f"{name}\n".encode())
            if f"{self._reached[name]} {name}" == self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)


def put_points(points: Points) -> None:
    """After every durable write of the ledger, every call to a server, and every token that was saved."""
    begin_write, send, save = Ledger.begin_write, HttpSession._sent, TokenStore.save

    def then_written(self: Ledger, change: Any) -> Any:
        if not points.are_counted:
            return begin_write(self, change)
        # Whose write it was tells its name better than what was written.
        caller = sys._getframe(1)
        if caller.f_code is Ledger.write.__code__ and caller.f_back:
            caller = caller.f_back
        durable: Future[Any] = Future()

        def reach(written: Future[Any]) -> None:
            # Nobody goes on before the point is passed.
            points.reach(f"write {caller.f_code.co_qualname}")
            error = written.exception()
            durable.set_exception(error) if error else durable.set_result(written.result())

        begin_write(self, change).add_done_callback(reach)
        return durable

    def then_called(self: HttpSession, request: Any) -> Any:
        answer = send(self, request)
        if not points.are_counted:
            return answer
        path = re.sub(r"/\d{2,}", "/ID", str(request.target).partition("?")[0])
        points.reach(f"call {request.method} {path}")
        return answer

    def then_saved(self: TokenStore, tokens: Any) -> None:
        save(self, tokens)
        if points.are_counted:
            points.reach("save tokens")

    Ledger.begin_write, HttpSession._sent, TokenStore.save = then_written, then_called, then_saved


if __name__ == "__main__":
    put_points(Points(sys.argv[1], Path(sys.argv[2]), only_lanes="--once" not in sys.argv))
    sys.exit(run(sys.argv[3:]))
