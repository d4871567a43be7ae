"""Course: steps that are under way, and what is done at their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..delivery.step import Steps


@dataclass(slots=True, eq=False)
class Course:
    """`ended` gets what the steps come to, `failed` what nobody had expected; both inside the tick's transaction."""

    account: str
    steps: Steps[Any]
    ended: Callable[[Any], None]
    failed: Callable[[Exception], None]
