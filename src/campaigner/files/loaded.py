"""CampaignFile: one campaign file as it was read, with its models, its faults and the place of every value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..campaign.campaign import Campaign
from ..errors import Place, Problem, Severity

Path_ = tuple[str | int, ...]
"""Where a value stands in a file: ("messages", "evening", "text", "fi")."""


@dataclass(frozen=True, kw_only=True)
class CampaignFile:
    """`campaign` is None when a fault outside its messages holds all of it back; messages with a fault of their own
    are left out of it and stand in `faulty`. `places` gives (line, column), both from 1.
    """

    id: str
    path: Path
    shown_as: str
    sha256: str
    campaign: Campaign | None
    problems: tuple[Problem, ...] = ()
    faulty: frozenset[str] = frozenset()
    places: Mapping[Path_, tuple[int, int]] = field(default_factory=dict)

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path`, else of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return Place(self.shown_as, line, column)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)
