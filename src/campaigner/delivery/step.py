"""A step: one call to a platform, made by a worker that knows no ledger.

A delivery is a generator of steps. Whatever it does between two of them it does on the coordinator's thread, inside the
transaction of one tick; a step is made only once that transaction is durable, so nothing is sent that is not written down.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """`call` is made apart from the ledger; what it returns or raises comes back to where the step was asked for."""

    account: str
    call: Callable[[], Any]


Steps = Generator[Step, Any, T]
"""Steps that end with a T."""
