"""What a look at a text finds: a fault, where it stands and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault of a text; `start` counts code points, None for a hashtag that is not written in the text."""

    code: str
    message: str
    start: int | None
    severity: Severity = Severity.WARNING
