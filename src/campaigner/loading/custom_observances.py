"""A user's own observance days: `observances.yaml` beside the config, read next to the shipped catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from ..campaign.campaign import ObservanceRule
from ..campaign.fields import ID, Hashtags, LinkByLanguage, TextByLanguage
from ..campaign.kinds import NONE, FieldError, Named, Reading
from ..campaign.model import Model, Record
from ..errors import InvalidFilesError, shown
from ..observance.catalogue import OWN, Catalogue, Entry
from ..observance.observance import resolve
from .campaign_file import open_document, read_model
from .discovery import shown_as

NAME = "observances.yaml"


class OwnDay(Model, wanted=("a day's keys were wanted", "Write names: and rule: below it.")):
    """What is written of one day; `rule` takes every form that `observance` takes, but an id."""

    names: TextByLanguage
    rule: Annotated[Any, ObservanceRule()]
    hashtags: Hashtags = NONE
    url: LinkByLanguage = NONE
    agency: str = ""


def read_own_days(path: Path, shipped: Catalogue, *, folder: Path) -> Mapping[str, Entry]:
    """The days of the file, none when there is no file; raise InvalidFilesError with every fault of it."""
    name = shown_as(path, folder)
    try:
        document = open_document(path, name)
    except FileNotFoundError:
        return {}
    reading = Reading(document, name, look_up=lambda rule: resolve(rule, None))
    days = read_model(_Days(shipped).read, reading)
    if reading.problems:
        raise InvalidFilesError(f"the own days in {name} cannot be used", problems=tuple(reading.problems))
    return {id: _entry(id, day) for id, day in days.items()}


class _Days(Named):
    """Days by their ids, of which the catalogue has none."""

    def __init__(self, shipped: Catalogue) -> None:
        wanted = FieldError("wrong-kind", "the days' ids were wanted", "Write founders-day: and its keys below.")
        super().__init__(Record(OwnDay), self._read_id, wanted=wanted)
        self._shipped = shipped

    def _read_id(self, id: str) -> str:
        if not ID.fullmatch(id):
            help_ = "Use small letters a to z, digits and hyphens, as in founders-day."
            raise FieldError("id", f'"{shown(id)}" cannot be the id of a day', help_)
        if self._shipped.get(id) is not None:
            raise FieldError("id", f'"{id}" is in the catalogue already', "Give your day another id.")
        return id


def _entry(id: str, day: OwnDay) -> Entry:
    return Entry(
        id=id,
        kind="day",
        group=OWN,
        names=dict(day.names),
        rule=resolve(day.rule, None).rule,
        hashtags={("en" if language == "all" else language): tags for language, tags in day.hashtags.items()},
        hashtag_status="documented" if day.hashtags else "",
        url=next(iter(day.url.values()), ""),
        agency=day.agency,
    )
