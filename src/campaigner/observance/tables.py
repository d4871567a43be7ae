"""Days that need astronomy, as tables to 2035, computed and compared with published calendars.

Lunar New Year: by the Chinese calendar as the packages `holidays` and `lunardate` carry it, which agree (counting moons
from the solstice agrees but for 2034). Nowruz: the day of the March equinox in Tehran, the next one after noon;
`holidays`, `convertdate` and `ephem` agree. Vesak: the first full moon in UTC from 1 May on; the UN's list prints 2025
and 2026, later years are expected, and calendars in Asia differ by a day or a month. Diwali stands in the catalogue
itself, from `holidays` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """(month, day) by year. `tolerance_days` marks days that are announced; `confirmed` are the years that were."""

    dates: Mapping[int, tuple[int, int]]
    tolerance_days: int = 0
    confirmed: frozenset[int] = frozenset()
    note: str = ""


LUNAR_NEW_YEAR = Table(
    dates={
        2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
        2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
    }
)  # fmt: skip
NOWRUZ = Table(
    dates={
        2024: (3, 20), 2025: (3, 21), 2026: (3, 21), 2027: (3, 21), 2028: (3, 20), 2029: (3, 20),
        2030: (3, 21), 2031: (3, 21), 2032: (3, 20), 2033: (3, 20), 2034: (3, 21), 2035: (3, 21),
    }
)  # fmt: skip
VESAK = Table(
    dates={
        2024: (5, 23), 2025: (5, 12), 2026: (5, 1), 2027: (5, 20), 2028: (5, 8), 2029: (5, 27),
        2030: (5, 17), 2031: (5, 7), 2032: (5, 25), 2033: (5, 14), 2034: (5, 3), 2035: (5, 22),
    },
    tolerance_days=30,
    confirmed=frozenset({2025, 2026}),
    note="by the full moon in UTC; many countries keep another day",
)  # fmt: skip
