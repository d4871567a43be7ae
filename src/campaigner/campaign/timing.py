"""The forms of `at`: a wall time, on which day from the observance, in which zone."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ..source import nearest, shown
from .written import fault, read_clock

_AT = re.compile(
    r"(?:(?P<sign>[+\-\u2212])(?P<distance>[0-9]{1,3})\s*d\s+|day\s+(?P<day>[0-9]{1,3})\s+)?"
    r"(?P<clock>\S+)(?:\s+(?P<zone>[A-Za-z][\w+\-/]*))?",
    re.IGNORECASE,
)
_FORMS = "Write 08:00, -1d 18:00, +2d 09:00, day 7 09:00, each perhaps with a zone: 11:00 Europe/Zurich."
AT_PATTERN = r"^(([+-]\d{1,3}d|day \d{1,3}) +)?\d{1,2}:\d{2}( +[A-Za-z][\w+/-]*)?$"


def read_zone(value: Any) -> str:
    """Return the name of a time zone that the zone data know."""
    name = value.strip() if isinstance(value, str) else ""
    if not name or not re.fullmatch(r"[A-Za-z][\w+\-/]*", name) or not _known(name):
        near = nearest(name, available_timezones()) if name else None
        help_ = f"Did you mean {near}?" if near else "Write a name as in Europe/Helsinki."
        raise fault("timezone", f'"{shown(str(value))}" is no time zone', help_)
    return name


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def read_at(value: Any) -> Any:
    """`HH:MM`, `-1d 18:00`, `day 7 09:00`, and perhaps a zone, as the fields of an At."""
    if not isinstance(value, str):
        return value
    found = _AT.fullmatch(value.strip())
    clock = read_clock(found["clock"]) if found else None
    if found is None or clock is None:
        raise fault("at", f'"{shown(value)}" is no time', _cure(value))
    zone = read_zone(found["zone"]) if found["zone"] else None
    return {"days": _days(found), "time": clock, "zone": zone}


def _days(found: re.Match[str]) -> int:
    if found["day"]:
        if int(found["day"]) == 0:
            raise fault("at", "day 0 does not exist", "day 1 is the day itself; the day before it is -1d.")
        return int(found["day"]) - 1
    distance = int(found["distance"] or 0)
    return distance if found["sign"] == "+" else -distance


def _cure(value: str) -> str:
    if re.search(r"\b24:00\b", value):
        return "Midnight at the day's end is +1d 00:00."
    if re.match(r"\s*[0-9]+d\b", value):
        return "Say before or after the day: -1d or +1d."
    if re.search(r"[0-9]\s*(am|pm)\b", value, re.IGNORECASE):
        return "Write the time from 00:00 to 23:59: 6 pm is 18:00."
    if re.search(r"[\u201c\u201d\u2018\u2019]", value):
        return f"Leave the curly quotation marks away. {_FORMS}"
    return _FORMS
