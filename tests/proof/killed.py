"""Runs one command of campaigner and ends it by SIGKILL at a point: `python -m tests.proof.killed "2 save tokens" LOG run --once`.

campaigner knows nothing of this: all that outlives its process (a commit of the ledger, a call to a server, a token that was
saved) is wrapped from outside, here, and right after each there is a point; in between nothing happens that anybody
else could see. A point is named by what was done and how many times; the acts are written to LOG. `0` is never reached.

A daemon also looks and tells at times of its own. There only what belongs to the post and its account is counted: that is the
life of the delivery, and it is the same at every start.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from campaigner.cli.main import run
from campaigner.ledger.ledger import Ledger
from campaigner.platforms.http import HttpSession
from campaigner.platforms.tokens import TokenStore

WRITES = {
    "files": r"INSERT INTO acceptances",
    "run": r"INSERT INTO meta .*'run'",
    "identity": r"INSERT INTO lanes .*identified_at",
    "claim": r"(INSERT INTO deliveries .*content|UPDATE deliveries .*'claimed')",
    "upload": r"UPDATE media SET upload = '",
    "receipt": r"INSERT INTO parts",
    "sending": r"INSERT INTO delivery_attempts .*'publish'",
}
"""What a commit is named by: statements in it, in this order."""
OF_THE_POST = {"identity", "claim", "upload", "receipt", "sending"}


class Points:
    """Counts the points as they are reached, and dies at one of them."""

    def __init__(self, deadly: str, log: Path, *, only_the_post: bool = False) -> None:
        self._deadly = deadly
        self.only_the_post = only_the_post
        self._log = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        self._reached: Counter[str] = Counter()
        self._lock = threading.Lock()

    def reach(self, name: str) -> None:
        """`name` is what has just been done."""
        with self._lock:
            self._reached[name] += 1
            os.write(self._log, f"{name}\n".encode())
            if f"{self._reached[name]} {name}" == self._deadly:
                os.kill(os.getpid(), signal.SIGKILL)

    def reach_commit(self, statements: list[str]) -> None:
        """A transaction with these statements is durable; one that wrote nothing of note is no point."""
        found = [name for name, sign in WRITES.items() if any(re.search(sign, one, re.DOTALL) for one in statements)]
        if OF_THE_POST & set(found):
            found = [name for name in found if name in OF_THE_POST]
        elif self.only_the_post:
            return
        if found:
            self.reach(f"write {'+'.join(found)}")


def put_points(points: Points) -> None:
    """After every commit of the ledger, every call to a server, and every token that was saved."""
    transaction, send, save = Ledger.transaction, HttpSession._sent, TokenStore.save

    @contextmanager
    def then_durable(self: Ledger) -> Iterator[Any]:
        is_inner = self.connection.in_transaction
        statements: list[str] = []
        if not is_inner:
            self.connection.set_trace_callback(statements.append)
        with transaction(self) as connection:
            yield connection
        if not is_inner:
            self.connection.set_trace_callback(None)
            points.reach_commit(statements)

    def then_called(self: HttpSession, request: Any) -> Any:
        answer = send(self, request)
        path = re.sub(r"/\d{2,}", "/ID", str(request.target).partition("?")[0])
        points.reach(f"call {request.method} {path}")
        return answer

    def then_saved(self: TokenStore, tokens: Any) -> None:
        save(self, tokens)
        points.reach("save tokens")

    Ledger.transaction, HttpSession._sent, TokenStore.save = then_durable, then_called, then_saved


if __name__ == "__main__":
    put_points(Points(sys.argv[1], Path(sys.argv[2]), only_the_post="--once" not in sys.argv))
    sys.exit(run(sys.argv[3:]))
