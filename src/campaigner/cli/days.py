"""`campaigner days`: the observance days that are known, with their dates in a year."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ExitCode, UsageError, nearest, slug
from ..observance import search, typed
from ..observance.search import Dated
from .options import Json

if TYPE_CHECKING:
    from ..observance.catalogue import Entry
    from .wiring import Workspace

INDENT = " " * 16
YEARS = range(1900, 2201)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; `upcoming` is a number of days from today."""

    words: str = ""
    topic: str | None = None
    month: str | None = None
    year: int | None = None
    language: str | None = None
    upcoming: str | None = None


def days(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="Names, hashtags, topics; a day or a month.")
    ] = None,
    topic: Annotated[str | None, typer.Option("--topic", metavar="T", help="Of this topic, as migration.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="M", help="12, or December.")] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="Y", help="Else this one, or the next time.")] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="L", help="Names in it.")] = None,
    upcoming: Annotated[
        str | None, typer.Option("--upcoming", metavar="30d", help="From today on, for so long.")
    ] = None,
    as_json: Json = False,
) -> ExitCode:
    """List the days in time order; needs no config."""
    workspace: Workspace = context.obj
    wanted = Wanted(
        words=" ".join(words or ()), topic=topic, month=month, year=year, language=language, upcoming=upcoming
    )
    _check_language(language)
    is_of_topic = _of_topic(workspace, topic)
    found = [one for one in _found(workspace, wanted) if is_of_topic(one.entry)]
    if as_json:
        workspace.terminal.json([_fields(one) for one in found])
        return ExitCode.DONE
    for one in found:
        _show(workspace, one, wanted.language)
    _say_how_many(workspace, wanted, found)
    return ExitCode.DONE


def _check_language(language: str | None) -> None:
    from ..campaign.fields import read_language
    from ..campaign.kinds import FieldError

    try:
        read_language(language or "en")
    except FieldError as error:
        raise UsageError(f"--language {language}: {error}", hint=error.help) from error


def _of_topic(workspace: Workspace, topic: str | None) -> Callable[[Entry], bool]:
    if topic is None:
        return lambda _: True
    topics = sorted({one for entry in workspace.catalogue.entries() for one in entry.topics})
    named = slug(topic)
    if named not in topics:
        near = nearest(named, topics)
        raise UsageError(
            f"--topic {topic}: there is no such topic",
            hint=f"did you mean {near}?" if near else f"there are {', '.join(topics)}",
        )
    return lambda entry: named in entry.topics


def _found(workspace: Workspace, wanted: Wanted) -> Sequence[Dated]:
    today = workspace.clock.now().astimezone().date()
    if wanted.upcoming is not None:
        if wanted.year is not None or wanted.month is not None:
            raise UsageError("--upcoming counts from today: --year and --month don't go with it")
        entries = [entry for _, entry in search.matching(workspace.catalogue, wanted.words)]
        return search.between(entries, today, today + timedelta(days=_stretch(wanted.upcoming)))
    if wanted.year is not None and wanted.year not in YEARS:
        raise UsageError(f"--year {wanted.year}: dates are computed from {YEARS[0]} to {YEARS[-1]}")
    if (day := typed.read_day(wanted.words)) is not None:
        return _on_day(workspace, day, wanted.year, today)
    month = _month(wanted.month) if wanted.month is not None else typed.month(wanted.words)
    ranked = search.matching(workspace.catalogue, wanted.words if wanted.month or month is None else "")
    found = [(rank, one) for rank, entry in ranked for one in _dated(entry, wanted, today, month)]
    kept = [
        (rank, one) for rank, one in found if month is None or (one.occurrence and one.occurrence.on.month == month)
    ]
    return [one for _, one in sorted(kept, key=lambda ranked: (ranked[0], _in_time(ranked[1])))]


def _dated(entry: Entry, wanted: Wanted, today: date, month: int | None) -> Sequence[Dated]:
    """When a day is: in the year asked for; of one that words look for the next time, of all days this year."""
    if wanted.year is not None or not (wanted.words or wanted.topic or month):
        return search.in_year([entry], wanted.year or today.year)
    if month:
        first = today.replace(day=1)
        return search.between([entry], first, first + timedelta(days=360))
    occurrence = search.next_date(entry, today)
    return [
        Dated(
            entry=entry, occurrence=occurrence, why_unknown=None if occurrence else entry.rule.why_unknown(today.year)
        )
    ]


def _on_day(workspace: Workspace, day: typed.TypedDay, year: int | None, today: date) -> list[Dated]:
    """What begins on a day: of the year that is said, else the next time; both ways round where it can be read so."""
    either = [day, *([typed.TypedDay(*day.other, day.year)] if day.other else [])]
    dates = [one.in_year(year or one.year or 0) if year or one.year else one.next_from(today) for one in either]
    entries = list(workspace.catalogue.entries())
    return [
        one
        for on in dates
        if on is not None and on.year in YEARS
        for one in search.in_year(entries, on.year)
        if one.occurrence is not None and one.occurrence.on == on
    ]


def _in_time(found: Dated) -> tuple[bool, str]:
    return found.occurrence is None, f"{found.occurrence.on if found.occurrence else ''} {found.entry.id}"


def _stretch(value: str) -> int:
    found = re.fullmatch(r"(\d{1,4})\s*([dw]?)", value.strip().lower())
    if found is None:
        raise UsageError(f"--upcoming {value}: write a number of days, as 30d, or of weeks, as 6w")
    return int(found[1]) * (7 if found[2] == "w" else 1)


def _month(value: str) -> int:
    number = int(value.rstrip(".")) if value.rstrip(".").isdecimal() else typed.month(value)
    if number is None or not 1 <= number <= 12:
        near = typed.month(value, near=True)
        hint = f"did you mean {month_name[near]}?" if near else "write 12, or December"
        raise UsageError(f"--month {value}: there is no such month", hint=hint)
    return number


def _show(workspace: Workspace, found: Dated, language: str | None) -> None:
    entry, occurrence = found.entry, found.occurrence
    name = entry.names.get(language or "en") or entry.title
    when = f"{occurrence.on:%Y-%m-%d %a}  " if occurrence else f"{'no date known':<{len(INDENT)}}"
    terminal = workspace.terminal
    terminal.spans([(when, "strong" if occurrence else "warning"), (name, None), (_length(occurrence), "dim")])
    tags = [f"#{tag}" for tags in entry.hashtags.values() for tag in tags]
    terminal.spans([(INDENT, None), (entry.id, "dim"), ("  " if tags else "", None), (" ".join(tags), "hashtag")])
    for note in _notes(found, language):
        terminal.spans([(INDENT, None), (note, "warning")])
    where = entry.url or entry.resolution
    if where:
        terminal.spans([(INDENT, None), (where, "dim")])


def _length(occurrence: Any) -> str:
    if occurrence is None or occurrence.days == 1:
        return ""
    last = occurrence.on + timedelta(days=occurrence.days - 1)
    return f"  (until {last:%Y-%m-%d})"


def _notes(found: Dated, language: str | None) -> list[str]:
    """What is not certain about it."""
    entry, occurrence = found.entry, found.occurrence
    notes = [found.why_unknown] if found.why_unknown else []
    if occurrence is not None and occurrence.tolerance_days:
        days = "day" if occurrence.tolerance_days == 1 else "days"
        notes.append(f"expected, give or take {occurrence.tolerance_days} {days}: pin it once it is announced")
    if occurrence is not None and not entry.is_checked:
        notes.append("unchecked: only one list has it, or none; look it up before you plan with it")
    if language and language not in entry.names:
        notes.append(f"no name in {language} is known")
    elif language in entry.unverified:
        notes.append(f"the {language} name is not verified")
    elif language is None and entry.unverified:
        notes.append(f"names not verified: {', '.join(sorted(entry.unverified))}")
    return notes


def _fields(found: Dated) -> dict[str, Any]:
    entry, occurrence = found.entry, found.occurrence
    return {
        "id": entry.id,
        "on": occurrence.on.isoformat() if occurrence else None,
        "days": occurrence.days if occurrence else None,
        "status": occurrence.status if occurrence else "unknown",
        "tolerance_days": occurrence.tolerance_days if occurrence else None,
        "why_unknown": found.why_unknown,
        "checked": entry.is_checked,
        "kind": entry.kind,
        "names": dict(entry.names),
        "unverified_names": sorted(entry.unverified),
        "hashtags": {language: list(tags) for language, tags in entry.hashtags.items()},
        "hashtags_status": entry.hashtag_status or None,
        "agency": entry.agency or None,
        "resolution": entry.resolution or None,
        "url": entry.url or None,
        "sources": list(entry.sources),
    }


def _say_how_many(workspace: Workspace, wanted: Wanted, found: Sequence[Dated]) -> None:
    if found:
        workspace.terminal.err(f"{len(found)} found. `campaigner new ID` begins a campaign", "dim")
        return
    workspace.terminal.err("nothing found; `campaigner days` lists them all", "error")
