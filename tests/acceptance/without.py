"""Runs one command of campaigner without some of its nets: `python -m tests.acceptance.without "look,same text" run --once`.

campaigner knows nothing of this: the nets are cut from outside, here, in the command's own process. So a test can let
one of them stand alone, and show what happens where that one is gone too.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Mapping
from types import ModuleType
from typing import Any

from campaigner.cli.main import run
from campaigner.delivery import safety_gates
from campaigner.delivery.account_identity import AccountIdentity
from campaigner.engine import accepted_plan, run_once
from campaigner.ledger import deliveries, runs
from campaigner.ledger.ledger import Ledger

Place = tuple[ModuleType | type, str, Any]


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _no_steps(*_: Any) -> Generator[Any, Any, None]:
    yield from ()


def _read_once(source: Any, ledger: Ledger, _stopping: Any) -> accepted_plan.Accepted:
    """As `run_once.read_twice`, without the second look at the files."""
    found = source.read()
    return accepted_plan.accept(source, ledger, found, found)


NETS: Mapping[str, Place] = {
    "past time": (safety_gates, "past_when_accepted", _nothing),
    "same text": (deliveries, "same_text", _nothing),
    "look": (AccountIdentity, "already_shows", _no_steps),
    "too many": (safety_gates, "too_many", _nothing),
    "second read": (run_once, "read_twice", _read_once),
    "hold file": (safety_gates, "hold_file_text", _nothing),
    "clock": (safety_gates, "check_clock", _nothing),
    "machine": (runs, "is_elsewhere", _nothing),
    "place": (safety_gates, "check_ledger_place", _nothing),
}
"""Where each net hangs, and what stands there instead."""


def cut(names: Iterable[str]) -> None:
    """Take these nets away from this process."""
    for name in names:
        owner, attribute, instead = NETS[name]
        # Where the net has moved to, this would cut nothing, and a test would prove nothing.
        assert attribute in vars(owner), f"{owner.__name__} has no {attribute} any more"
        setattr(owner, attribute, instead)


if __name__ == "__main__":
    cut(name for name in sys.argv[1].split(",") if name)
    sys.exit(run(sys.argv[2:]))
