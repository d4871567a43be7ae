"""Wall time to instants: gaps move forward, folds take the first, and both are said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..errors import InvalidFilesError


class UnknownZoneError(InvalidFilesError):
    """No time zone has that name, neither in the system's data nor in the package tzdata."""


class Moment(NamedTuple):
    """An instant in UTC, the same on the local clock, and a note when that clock skips or repeats it."""

    at: datetime
    local_at: datetime
    note: str = ""


@cache
def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name. Raises UnknownZoneError."""
    try:
        return ZoneInfo(name)
    # zoneinfo lets whatever the file system says of a strange name through: too long, a folder, a NUL.
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZoneError(f"there is no time zone {name}", hint="Write a name as in Europe/Helsinki.") from error


def local_moment(day: date, wall: time, zone: str, own: str) -> Moment:
    """The instant of a wall time in `zone`, as the clock of the zone `own` shows it.

    Raises UnknownZoneError, or OverflowError outside the calendar.
    """
    found = moment(day, wall, zone_named(zone))
    return found if zone == own else Moment(found.at, found.at.astimezone(zone_named(own)), found.note)


def moment(day: date, wall: time, zone: ZoneInfo) -> Moment:
    """The instant at which the clocks of `zone` show `wall` on `day`.

    A wall time that is skipped in spring moves forward by the gap (RFC 5545 3.3.5 does the same); one that comes
    twice in autumn is the first. Raises OverflowError outside the calendar.
    """
    first = datetime.combine(day, wall, zone)
    at = first.astimezone(UTC)
    if first.utcoffset() == first.replace(fold=1).utcoffset():
        return Moment(at, first)
    local_at = at.astimezone(zone)
    if local_at.replace(tzinfo=None) != first.replace(tzinfo=None):
        return Moment(
            at, local_at, f"{wall:%H:%M} does not exist on {day} in {zone.key}: {_moved(local_at, day)} instead"
        )
    return Moment(at, local_at, f"{wall:%H:%M} comes twice on {day} in {zone.key}: the first is meant")


def _moved(local_at: datetime, day: date) -> str:
    """The time it moved to, with the day where a zone has skipped a whole one (Apia in 2011)."""
    return f"{local_at:%H:%M}" if local_at.date() == day else f"{local_at:%H:%M on %Y-%m-%d}"
