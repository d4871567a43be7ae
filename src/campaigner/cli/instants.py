"""A day or a point in time as people type it: `18.12. klo 9.30`, `tomorrow 8:00`, `Friday noon`, `2026-12-18T12:00+02:00`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..errors import UsageError, shown
from ..observance import typed

DAYS = {
    "today": 0, "tänään": 0, "idag": 0, "i dag": 0,
    "tomorrow": 1, "huomenna": 1, "imorgon": 1, "i morgon": 1, "i morgen": 1,
    "yesterday": -1, "eilen": -1, "igår": -1, "i går": -1,
}  # fmt: skip


def read_instant(option: str, value: str, zone: ZoneInfo, now: datetime, languages: Sequence[str] = ()) -> datetime:
    """A point in time; without an offset it is local time of that zone. A time alone is the next such time, a day its beginning.

    Raises UsageError that shows how it may be written.
    """
    if (exact := exact_instant(value)) is not None:
        return exact
    text, today = _spaced(value), now.astimezone(zone).date()
    whole_day = _day(text, today, languages)
    if whole_day is not None:
        if typed.clock(text) is not None:
            hint = f"write {text.replace('.', ':')} for the time, {whole_day.day}.{whole_day.month}.{whole_day.year} for the day"
            raise UsageError(f"{option} {shown(value)}: that is a time or a day", hint=hint)
        return datetime.combine(whole_day, time(), zone)
    meant: dict[datetime, None] = {}
    for day_words, clock_words in _split(re.sub(r"(?<=[0-9])t(?=[0-9])", " ", text)):
        clock = typed.clock(clock_words)
        day = _day(day_words, today, languages) if day_words else today
        if clock is not None and day is not None:
            found = datetime.combine(day, clock, zone)
            meant.setdefault(found if day_words or found > now else found + timedelta(days=1))
    if len(meant) > 1:
        ways = " or ".join(f"{one.day}.{one.month}.{one.year} {one:%H:%M}" for one in meant)
        raise UsageError(f"{option} {shown(value)}: that can be read in two ways", hint=f"write {ways}")
    if meant:
        return next(iter(meant))
    example = datetime.combine(today + timedelta(days=1), time(12))
    day_first = f"{example.day}.{example.month}.{example.year} 12:00"
    hint = f"write a day and a time, as {day_first}, {example:%Y-%m-%dT%H:%M}, or tomorrow 12:00"
    raise UsageError(f"{option} {shown(value)}: that is no time", hint=hint)


def exact_instant(value: str) -> datetime | None:
    """An instant that is written with its offset, which needs no zone; else None."""
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found if found.tzinfo else None


def read_day(option: str, value: str, today: date, languages: Sequence[str] = ()) -> date:
    """A day; without a year the next such day. Raises UsageError that shows how it may be written."""
    found = _day(_spaced(value), today, languages)
    if found is None:
        hint = f"write a day as {today.isoformat()}, {today.day}.{today.month}.{today.year}, {today.day} {today:%B} or tomorrow"
        raise UsageError(f"{option} {shown(value)}: that is no day", hint=hint)
    return found


def _spaced(value: str) -> str:
    return " ".join(value[: typed.LONGEST].casefold().split())


def _split(text: str) -> Iterator[tuple[str, str]]:
    """The words of the day and those of the clock, in either order, the day perhaps missing; a clock's after `at` or `klo`."""
    words = [word for word in text.replace(",", " ").split() if word not in ("on", "den")]
    for place, word in enumerate(words):
        if word in ("at", "kl", "kl.", "klo"):
            for end in (place + 2, place + 3):
                yield " ".join(words[:place] + words[end:]), " ".join(words[place + 1 : end])
            return
    for place in range(len(words)):
        yield " ".join(words[:place]), " ".join(words[place:])
        yield " ".join(words[place + 1 :]), " ".join(words[: place + 1])


def _day(text: str, today: date, languages: Sequence[str]) -> date | None:
    """A day; without a year it is the next such day."""
    if text in DAYS:
        return today + timedelta(days=DAYS[text])
    if (number := typed.weekday(text)) is not None:
        return today + timedelta(days=(number - today.weekday()) % 7)
    found = typed.read_day(text, languages)
    if found is None or found.other is not None:
        return None
    return found.in_year(found.year) if found.year else found.next_from(today)


def written(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant for people, by the office's clock: the day unless it is today, the year unless it is this one."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"today {local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"
