"""Days that need astronomy, as tables to 2035. The moon and the sun were computed and compared with published calendars.

Lunar New Year: own computation and the Hong Kong Observatory's tables as the packages `holidays` and `lunardate` carry them,
equal for 2024-2035 (2034 by the tables: the simple rule fails there). Nowruz: equinox at Tehran, noon rule, equal in `ephem`,
`holidays` and `convertdate`. Vesak: the first full moon in UTC from 1 May; 2025 and 2026 as the UN list prints them, later
years expected, for Asian calendars differ by up to a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """(month, day) by year. `tolerance_days` marks days that are announced; `confirmed` are years that were."""

    dates: Mapping[int, tuple[int, int]]
    tolerance_days: int = 0
    confirmed: frozenset[int] = frozenset()


TABLES: Mapping[str, Table] = {
    "lunar new year": Table(
        {
            2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
            2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
        }
    ),
    "nowruz": Table(
        {
            2024: (3, 20), 2025: (3, 21), 2026: (3, 21), 2027: (3, 21), 2028: (3, 20), 2029: (3, 20),
            2030: (3, 21), 2031: (3, 21), 2032: (3, 20), 2033: (3, 20), 2034: (3, 21), 2035: (3, 21),
        }
    ),
    "vesak": Table(
        {
            2024: (5, 23), 2025: (5, 12), 2026: (5, 1), 2027: (5, 20), 2028: (5, 8), 2029: (5, 27),
            2030: (5, 17), 2031: (5, 7), 2032: (5, 25), 2033: (5, 14), 2034: (5, 3), 2035: (5, 22),
        },
        tolerance_days=30,
        confirmed=frozenset({2024, 2025, 2026}),
    ),
}  # fmt: skip
