"""Runs one command of campaigner without some of its nets: `python -m tests.acceptance.without "look,same text" run --once`.

campaigner knows nothing of this: the nets are cut from outside, here, in the command's own process. So a test can let
one of them stand alone, and show what happens where that one is gone too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from campaigner.cli.app import run
from campaigner.delivery import gates
from campaigner.delivery.who import WhoWeAre
from campaigner.engine import accept, once
from campaigner.ledger import deliveries, owners
from campaigner.ledger.ledger import Ledger

Place = tuple[ModuleType | type, str, Any]


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _read_once(source: Any, ledger: Ledger) -> accept.Accepted:
    """As `once.read_twice`, without the second look at the files."""
    found = source.read()
    return accept.accept(source, ledger, found, found)


NETS: Mapping[str, Place] = {
    "past time": (gates, "past_when_accepted", _nothing),
    "same text": (deliveries, "same_text", _nothing),
    "look": (WhoWeAre, "already_shows", _nothing),
    "too many": (gates, "too_many", _nothing),
    "second read": (once, "read_twice", _read_once),
    "hold file": (gates, "hold_file_text", _nothing),
    "clock": (gates, "check_clock", _nothing),
    "machine": (owners, "elsewhere", _nothing),
    "place": (gates, "check_ledger_place", _nothing),
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
