"""What a look at a text finds: a fault, where it stands and what to do."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Severity


class Finding(NamedTuple):
    """One fault of a text, and its mend (`help`).

    `start` counts code points; None where the fault is that of the whole text, or of a hashtag not written in it.
    """

    code: str
    message: str
    help: str
    start: int | None = None
    severity: Severity = Severity.WARNING
