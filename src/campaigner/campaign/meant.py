"""What an officer meant by a time, a zone or a name that is not written as the file wants it: the value to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from zoneinfo import available_timezones

from ..errors import LONGEST_TYPED, nearest
from ..observance.typed import LONGEST, TypedDay, clock, read_day

_BEFORE = "before|earlier|ennen|aiemmin|aikaisemmin|edellis|före|innan|tidigare|før|tidligere"
_AFTER = "after|later|jälkeen|myöhemmin|seuraava|efter|senare|etter|senere"
_DAYS = re.compile(
    rf"(?P<sign>[+-])? ?(?P<number>[0-9]{{1,3}}) ?(?:d|days?|päivää?|pv|dag(?:ar|er|e)?)\b\.? ?"
    rf"(?:(?P<before>{_BEFORE})|(?P<after>{_AFTER}))?"
)
_WEEKS = re.compile(r"\b(?:(?P<number>[0-9]{1,2})|a|one|en|ett) ?(?:weeks?|viikkoa?|veck(?:a|or)|uker?|uger?)\b")
_NEXT_DAY = re.compile(rf"(?<![0-9] )(?:the )?\b(?:day|dagen) (?:(?P<before>{_BEFORE})|(?P<after>{_AFTER}))\b|eve\b")
_WHICH_DAY = re.compile(r"\b(?:day|päivä|dag) ?(?P<number>[0-9]{1,3})\b")
_SAID_OF_TIMES = re.compile(
    r"[\"'\u2018-\u201f()]|\b(?:at|on|um|the|klo|kello|klockan|kl|o'clock|hours|uhr|12(?= noon))\b\.?"
)
_OFFSET = re.compile(r"(?:utc|gmt)? ?[+\-\u2212][0-9]{1,2}(?::?[0-9]{2})?", re.IGNORECASE)
_ZONE_OF = {
    "z": "UTC", "zulu": "UTC", "eest": "Europe/Helsinki", "cest": "Europe/Stockholm", "bst": "Europe/London",
    "est": "America/New_York", "edt": "America/New_York", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "geneva": "Europe/Zurich", "bern": "Europe/Zurich", "the hague": "Europe/Amsterdam", "new delhi": "Asia/Kolkata",
    "washington": "America/New_York", "helsingfors": "Europe/Helsinki", "åbo": "Europe/Helsinki",
    "usa": "America/New_York", "uk": "Europe/London",
}  # fmt: skip
"""Letters and places that the zone data lack, and that offices of the UN and in the Nordic countries write."""
_COMMON = ("Europe", "America", "Africa", "Asia", "Australia", "Pacific")


def time_meant(value: str) -> str | None:
    """The `at` that was meant, as `-1d 18:00`; None when nobody can tell."""
    text = " ".join(re.sub("[\u2212\u2013\u2014]", "-", value[:LONGEST]).casefold().split())
    text, zone = _without_zone(_WEEKS.sub(lambda weeks: f"{7 * int(weeks['number'] or 1)} days", text))
    text, days = _without_days(text)
    at_ends = re.sub(r"[,;.]|(?<=[0-9])h", ":", " ".join(_SAID_OF_TIMES.sub(" ", text).split()).strip(" ,;.:-")).rstrip(
        ":"
    )
    found = re.fullmatch(r"([0-9]{1,2})[: ]?([0-9]{2})?(?::[0-9]{2})?( ?[ap]:?m)?|([0-9]{1,2}):([0-9])", at_ends)
    if found and found[1] == "24" and (found[2] or "00") == "00" and len(days) == 1:
        days, at_ends = [_moved(days[0], 1)], "00:00"
    elif found:
        hour, minute = found[1] or found[4], found[2] or (found[5] or "0").zfill(2)
        at_ends = f"{hour}:{minute}{(found[3] or '').replace(':', '')}"
    time = clock(at_ends)
    if time is None:
        before, _, last = value[:LONGEST].strip().rpartition(" ")
        place = zone_meant(last) if last.isalpha() else None
        at_place = time_meant(before) if before and place else None
        return f"{at_place} {place}" if at_place else None
    return " or ".join(" ".join(filter(None, (day, f"{time:%H:%M}", zone))) for day in days)


def date_in(value: str) -> tuple[TypedDay, str | None] | None:
    """The date that stands in an `at`, and the time beside it as `at` has it; None where there is no date."""
    words = re.sub(r"(?<=[0-9])[T_](?=[0-9])", " ", value[:LONGEST]).split()
    for size in range(min(len(words), 5), 0, -1):
        for first in dict.fromkeys((0, len(words) - size)):
            text = " ".join(words[first : first + size])
            day = None if re.fullmatch(r"[0-9.]*[0-9]", text) and text.count(".") < 2 else read_day(text)
            if day is not None:
                rest = " ".join(words[:first] + words[first + size :])
                return day, time_meant(rest) if rest else None
    return None


def _without_zone(text: str) -> tuple[str, str]:
    before, _, last = text.rpartition(" ")
    known = {name.casefold(): name for name in available_timezones()} | {"z": "UTC"}
    if before and last in known:
        return before, known[last]
    return (text[:-1], "UTC") if re.search(r"[0-9]z$", text) else (text, "")


def _without_days(text: str) -> tuple[str, list[str]]:
    """What is left, and the days that may be meant, as they stand before a time: two when nobody said before or after."""
    if found := _NEXT_DAY.search(text):
        days = ["+1d" if found["after"] else "-1d"]
    elif found := _DAYS.search(text):
        is_open = not found["sign"] and not found["before"] and not found["after"]
        signs = "-+" if is_open else "-" if found["sign"] == "-" or found["before"] else "+"
        days = [_moved("", int(f"{sign}{found['number']}")) for sign in signs]
    elif found := _WHICH_DAY.search(text):
        days = [f"day {found['number']}"]
    else:
        return text, [""]
    return f"{text[: found.start()]} {text[found.end() :]}", days


def _moved(day: str, by: int) -> str:
    """The words for a day that much later."""
    if day.startswith("day"):
        return f"day {int(day[4:]) + by}"
    distance = int(day.removesuffix("d") or 0) + by
    return f"{distance:+}d" if distance else ""


_UNITS = {"d": "days? päivää? pv dag dagar dager dage", "h": "hours? hrs? tuntia? t timm(?:e|ar) time[rn]?"}
_UNITS |= {"m": "minutes? mins? minuuttia? minut(?:er)? minutt(?:er)?", "s": "seconds? secs? sekuntia? sekunde?r?"}


def duration_meant(value: str) -> str | None:
    """The length of time that was meant by `2 hours`, `2:30`, `1 h 30 min`; None when nobody can tell."""
    text = re.sub(r"^([0-9]{1,2}):([0-5][0-9])$", r"\1h\2m", value[:LONGEST].strip().casefold())
    for letter, words in _UNITS.items():
        text = re.sub(rf"(?<=[0-9]) ?(?:{words.replace(' ', '|')})(?![^\W\d_])\.?", letter, text)
    text = re.sub(r"(?:,|\b(?:and|ja|och|og)\b)| ", "", text)
    return text if re.fullmatch(r"(?:[0-9]{1,4}[dhms])+", text) else None


def hours_meant(value: str) -> str | None:
    """The quiet hours that were meant by `22-7`, `22.00 to 07.00`; None when nobody can tell."""
    found = re.fullmatch(r"(.+?) ?(?:-|\u2013|\bto\b|\buntil\b|\btill?\b) ?(.+)", value[:LONGEST].strip().casefold())
    begins, ends = (clock(end.strip()) for end in found.groups()) if found else (None, None)
    return f"{begins:%H:%M}-{ends:%H:%M}" if begins and ends and begins != ends else None


def is_offset(text: str) -> bool:
    """True for `UTC+2`, `+02:00`, and for a time that ends so."""
    return bool(re.fullmatch(rf"(?:.*[0-9] ?)??{_OFFSET.pattern}", text.strip(), re.IGNORECASE))


def zone_meant(name: str) -> str | None:
    """The time zone that was meant by a city, a country, or letters that stand for one; None when nobody can tell."""
    if not 0 < len(name) <= LONGEST_TYPED:
        return None
    place = " ".join(name.casefold().replace("_", " ").rpartition("/")[2].split())
    known = sorted(available_timezones(), key=lambda zone: (not zone.startswith(_COMMON), zone))
    cities = {zone.rpartition("/")[2].casefold().replace("_", " "): zone for zone in reversed(known)}
    exact = _ZONE_OF.get(place) or cities.get(place) or dict(_countries()).get(place)
    if exact or (name.isupper() and len(name) < 6):
        return exact
    near = nearest(place, cities, 0.75)
    return cities[near] if near else nearest(name, known)


def _countries() -> Iterator[tuple[str, str]]:
    """English names of countries, each with the first of its zones, from the zone data."""
    data = files("tzdata") / "zoneinfo"
    names = dict(line.split("\t") for line in _rows((data / "iso3166.tab").read_text("utf-8")))
    for line in reversed(list(_rows((data / "zone.tab").read_text("utf-8")))):
        code, _, zone, *_ = line.split("\t")
        yield names[code].casefold(), zone


def _rows(table: str) -> Iterator[str]:
    yield from (line for line in table.splitlines() if line and not line.startswith("#"))
