"""A user's own observance days: `observances.yaml` beside the config, read next to the shipped catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from ..campaign.campaign import Model
from ..campaign.written import ID, Hashtags, LinkByLanguage, TextByLanguage, read_observance
from ..errors import InvalidFilesError, Place, Problem
from ..observance.catalogue import OWN, Catalogue, Entry
from ..observance.observance import ObservanceError, resolve
from ..observance.rules import Rule
from ..source import Document, Fault, SourceError, read, read_bytes, shown
from .faults import translate
from .folders import shown_as
from .loaded import Path_
from .tree import Found, Missing, Tree

NAME = "observances.yaml"
_ID_HELP = "Use small letters a to z, digits and hyphens, as in founders-day."


class OwnDay(Model):
    """What is written of one day; `rule` takes every form that `observance` takes, but an id."""

    names: TextByLanguage
    rule: Any
    hashtags: Hashtags | None = None
    url: LinkByLanguage | None = None
    agency: str = ""


KEYS = tuple(OwnDay.model_fields)


def read_own_days(path: Path, shipped: Catalogue, *, folder: Path) -> Mapping[str, Entry]:
    """The days of the file, none when there is no file; raise InvalidFilesError with every fault of it."""
    try:
        document = read(read_bytes(path))
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        document = Document(None, (Fault(1, 1, "unreadable", f"the file cannot be read: {reason}"),))
    except SourceError as error:
        document = Document(None, (error.fault,))
    tree = Tree(document)
    found = list(tree.faults)
    entries = dict(_entries(tree, shipped, found))
    problems = _problems(document, tree, found, shown_as(path, folder))
    if problems:
        raise InvalidFilesError(f"the own days in {shown_as(path, folder)} cannot be used", problems=problems)
    return entries


def _entries(tree: Tree, shipped: Catalogue, found: list[Found]) -> Iterator[tuple[str, Entry]]:
    values = tree.values
    if values is None or isinstance(values, Missing):
        return
    if not isinstance(values, dict):
        found.append(Found((), "wrong-kind", "the days' ids were wanted", "Write founders-day: and its keys below."))
        return
    for id, raw in values.items():
        entry = _entry(tree, id, raw, shipped, found)
        if entry is not None:
            yield id, entry


def _entry(tree: Tree, id: str, raw: Any, shipped: Catalogue, found: list[Found]) -> Entry | None:
    path: Path_ = (id,)
    if not ID.fullmatch(id):
        found.append(Found(path, "id", f'"{shown(id)}" cannot be the id of a day', _ID_HELP, key=True))
    if shipped.get(id) is not None:
        found.append(Found(path, "id", f'"{id}" is in the catalogue already', "Give your day another id.", key=True))
    if not isinstance(raw, dict):
        if not isinstance(raw, Missing):
            found.append(Found(path, "wrong-kind", "a day's keys were wanted", "Write names: and rule: below it."))
        return None
    rule = _rule((*path, "rule"), raw.get("rule"), found)
    try:
        written = OwnDay.model_validate(raw)
    except ValidationError as error:
        found += translate(error, tree, path, lambda at: KEYS if len(at) == 1 else ())
        return None
    if rule is None:
        return None
    return Entry(
        id=id,
        kind="day",
        group=OWN,
        names=dict(written.names),
        rule=rule,
        hashtags={
            ("en" if language == "all" else language): tags for language, tags in (written.hashtags or {}).items()
        },
        hashtag_status="documented" if written.hashtags else "",
        url=next(iter((written.url or {}).values()), ""),
        agency=written.agency,
    )


def _rule(path: Path_, value: Any, found: list[Found]) -> Rule | None:
    if value is None or isinstance(value, Missing):
        return None
    try:
        return resolve(read_observance(value), None).rule
    except PydanticCustomError as error:
        found.append(Found(path, error.type, error.message(), "Write one day, as 18 December."))
    except ObservanceError as error:
        found.append(Found(path, "observance", str(error), error.hint))
    return None


def _problems(document: Document, tree: Tree, found: list[Found], name: str) -> tuple[Problem, ...]:
    problems = [
        Problem(place=Place(name, *tree.position(one)), code=one.code, message=one.message, help=one.help)
        for one in found
    ]
    problems += [
        Problem(place=Place(name, fault.line, fault.column), code=fault.code, message=fault.message, help=fault.help)
        for fault in document.faults
    ]
    return tuple(sorted(problems, key=lambda problem: problem.place))
