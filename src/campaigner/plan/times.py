"""Wall time to instants: gaps move forward, folds take the first, and both are said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC, the same on the local clock, and a note when that clock skips or repeats it."""

    at: datetime
    local_at: datetime
    note: str = ""


def moment(day: date, wall: time, zone: ZoneInfo) -> Moment:
    """The instant at which the clocks of `zone` show `wall` on `day`.

    A wall time that is skipped in spring moves forward by the gap (RFC 5545 3.3.5 does the same); one that comes twice in
    autumn is the first.
    """
    naive = datetime.combine(day, wall)
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    at = first.astimezone(UTC)
    local_at = at.astimezone(zone)
    if first.utcoffset() == second.utcoffset():
        return Moment(at, local_at)
    if local_at.replace(tzinfo=None) != naive:
        return Moment(at, local_at, f"{wall:%H:%M} does not exist on {day} in {zone.key}: {local_at:%H:%M} instead")
    return Moment(at, local_at, f"{wall:%H:%M} comes twice on {day} in {zone.key}: the first is meant")


def shifted(day: date, days: int) -> date:
    """The day `days` later; raises OverflowError outside the calendar."""
    return day + timedelta(days=days)
