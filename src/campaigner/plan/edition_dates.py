"""Which editions a campaign has, and on which day each one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ..campaign.campaign import EVERY_YEAR, Campaign, Edition
from ..errors import Severity
from ..loading.campaign_file import Path_
from ..observance.observance import Observance
from ..observance.rules import Occurrence

STILL_PLANNED = timedelta(days=31)
"""How long `every year` keeps a past edition after its last message: on 1 January the posts of 31 December count."""

Say = Callable[[Path_, Severity, str, str, str], None]
"""Reports a problem: where, how grave, its code, its message, its help."""


class EditionDay(NamedTuple):
    """One edition and its first day. `unpinned` says why the day is not sure yet; then nothing is posted.

    `note` is what an officer must know of such days ("begins at sunset of the day before").
    """

    label: str
    edition: Edition
    on: date
    unpinned: str = ""
    note: str = ""


def edition_days(campaign: Campaign, observance: Observance, today: date, say: Say) -> Iterator[EditionDay]:
    """Every edition that has a day. `today` decides which years `every year` means: this one and the next."""
    written = {label: edition for label, edition in campaign.editions.items() if label != EVERY_YEAR}
    for label, edition in written.items():
        found = _written_day(label, edition, observance, say)
        if found is not None:
            yield found
    every_year = campaign.editions.get(EVERY_YEAR)
    if every_year is not None:
        for found in _of_every_year(every_year, campaign, observance, today, say):
            if found.label not in written:
                yield found


def _written_day(label: str, edition: Edition, observance: Observance, say: Say) -> EditionDay | None:
    path: Path_ = ("editions", label)
    year, number = _year_of(label)
    occurrences = observance.rule.occurrences(year)
    if edition.date is not None:
        certain = [occurrence.on for occurrence in occurrences if not occurrence.tolerance_days]
        if certain and edition.date not in certain:
            message = f"{edition.date} is pinned here, and the observance is {' and '.join(map(str, certain))}"
            help_ = "Take the date out, or correct it; a day that never moves needs none."
            say((*path, "date"), Severity.WARNING, "pinned-elsewhere", message, help_)
        return EditionDay(label=label, edition=edition, on=edition.date)
    if len(occurrences) >= number:
        return _edition_day(label, edition, occurrences[number - 1], path, say)
    if number > 1 and occurrences:
        why = f"it falls {_times(len(occurrences))} in {year}"
    else:
        why = observance.rule.why_unknown(year) or ""
    # A table that has ended says nothing against the day: it waits until it is pinned.
    can_wait = observance.rule.status == "from a table" and not occurrences
    severity = Severity.WARNING if can_wait else Severity.ERROR
    help_ = f"Pin it once it is known: editions: {{{label}: {{date: {year}-MM-DD}}}}, or leave the edition out."
    say(path, severity, "no-day", f"there is no day in {label}: {why}", help_)
    return None


def _of_every_year(
    edition: Edition, campaign: Campaign, observance: Observance, today: date, say: Say
) -> Iterator[EditionDay]:
    """This year's and the next one's; and those before or after of which a message is near today."""
    distances = [0, *(message.at.days for message in campaign.messages)]
    first, last = timedelta(days=min(distances)), timedelta(days=max(distances))
    years = range((today - STILL_PLANNED - last).year, (today - first).year + 2)
    for year in years:
        occurrences = observance.rule.occurrences(year)
        for number, occurrence in enumerate(occurrences, start=1):
            if _counts_still(occurrence, last, today):
                label = str(year) if number == 1 else f"{year}-{number}"
                yield _edition_day(label, edition, occurrence, ("editions", EVERY_YEAR), say)
        if not occurrences and year in (today.year, today.year + 1):
            why = observance.rule.why_unknown(year)
            help_ = f"Nothing is posted in {year}, unless it gets an edition with its date."
            say(("editions", EVERY_YEAR), Severity.WARNING, "no-day", f"there is no day in {year}: {why}", help_)


def _counts_still(occurrence: Occurrence, last: timedelta, today: date) -> bool:
    """False for what is over: an earlier year, or a day of this one that nobody has pinned in time."""
    over_on = occurrence.on + last + timedelta(days=occurrence.tolerance_days)
    if occurrence.status == "expected":
        return over_on >= today
    return occurrence.on.year >= today.year or over_on >= today - STILL_PLANNED


def _edition_day(label: str, edition: Edition, occurrence: Occurrence, path: Path_, say: Say) -> EditionDay:
    if occurrence.status != "expected":
        return EditionDay(label=label, edition=edition, on=occurrence.on, note=occurrence.note)
    days = occurrence.tolerance_days
    tolerance = f", give or take {days} day{'s' if days > 1 else ''}" if days else ""
    why = f"the day in {label} is only expected: {occurrence.on}{tolerance}. It is not posted until it is pinned"
    help_ = f"Pin it once it is sure: editions: {{{label}: {{date: {occurrence.on}}}}}"
    say(path, Severity.WARNING, "expected-day", why, help_)
    return EditionDay(label=label, edition=edition, on=occurrence.on, unpinned=why, note=occurrence.note)


def _year_of(label: str) -> tuple[int, int]:
    """2030-2 is the second time in 2030."""
    year, _, number = label.partition("-")
    return int(year), int(number or 1)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
