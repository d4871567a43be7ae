"""Runs one command of campaigner and ends it by SIGKILL at a numbered point: `python -m tests.proof.killed 7 LOG run --once`.

campaigner knows nothing of this: all that outlives its process (a durable write, a call to a server, a token that was
saved) is wrapped from outside, here, and right after each there is a point; in between nothing happens that anybody
else could see. The points that were reached are written to LOG. Point 0 is never reached.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from campaigner.cli.app import run
from campaigner.ledger.ledger import Ledger
from campaigner.platforms.session import HttpSession
from campaigner.platforms.tokens import TokenStore


class Points:
    """Counts the points, in the order in which they are reached, and dies at one of them."""

    def __init__(self, deadly: int, log: Path) -> None:
        self._deadly = deadly
        self._log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        self._number = 0
        self._lock = threading.Lock()

    def reach(self, name: str) -> None:
        """`name` is what has just been done."""
        with self._lock:
            self._number += 1
            os.write(self._log, f"{name}\n".encode())
            if self._number == self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)


def put_points(points: Points) -> None:
    """After every durable write of the ledger, every call to a server, and every token that was saved."""
    begin_write, send, save = Ledger.begin_write, HttpSession.send, TokenStore.save

    def then_written(self: Ledger, change: Any) -> Any:
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

    def then_called(self: HttpSession, prepared: Any, **keys: Any) -> Any:
        answer = send(self, prepared, **keys)
        path = re.sub(r"/\d{2,}", "/ID", str(prepared.path_url).partition("?")[0])
        points.reach(f"call {prepared.method} {path}")
        return answer

    def then_saved(self: TokenStore, tokens: Any) -> None:
        save(self, tokens)
        points.reach("save tokens")

    Ledger.begin_write, HttpSession.send, TokenStore.save = then_written, then_called, then_saved


if __name__ == "__main__":
    put_points(Points(int(sys.argv[1]), Path(sys.argv[2])))
    sys.exit(run(sys.argv[3:]))
