"""Campaign files: YAML nodes to models, every fault of every file with its place, in one run."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..campaign.campaign import Campaign
from ..campaign.fields import ID, id_help
from ..campaign.kinds import FieldError, Reading
from ..campaign.model import Record
from ..errors import Place, Problem, shown, slug, spelled
from ..observance.observance import resolve
from ..strict_yaml import Document, Mapping, Mark, UnreadableFileError, read, read_bytes
from .campaign_file import CampaignFile, Places, read_model, unreadable
from .discovery import Listed, PlaceOf, list_files

if TYPE_CHECKING:
    from ..observance.catalogue import Catalogue


class CampaignReader:
    """Reads campaign files, and parses one again only when its bytes have changed.

    `folder` is the working directory, which paths are shown relative to.
    """

    def __init__(self, *, folder: Path, catalogue: Catalogue | None) -> None:
        self._folder, self._catalogue = folder, catalogue
        self._known: dict[tuple[Path, str], CampaignFile] = {}

    def read(self, paths: Iterable[Path], place_of: PlaceOf | None = None) -> tuple[CampaignFile, ...]:
        """Return every campaign file of `paths`, also those that cannot be read; a file that vanishes is left out.

        `place_of`: where a path is written, for one that is not there.
        """
        read_now = [
            file for listed in list_files(paths, self._folder, place_of) if (file := self._read(listed)) is not None
        ]
        self._known = {(file.path, file.sha256): file for file in read_now}
        return tuple(_twice_refused(read_now))

    def _read(self, listed: Listed) -> CampaignFile | None:
        path, shown_as = listed.path, listed.shown_as
        if listed.problem is not None:
            return _unreadable(listed, listed.problem)
        try:
            content = read_bytes(path, shown_as)
        except FileNotFoundError:
            return _unreadable(listed, listed.if_absent) if listed.if_absent else None
        except OSError as error:
            return _unreadable(listed, unreadable(shown_as, error))
        except UnreadableFileError as error:
            return _unreadable(listed, error.problem)
        known = self._known.get((path, hashlib.sha256(content).hexdigest()))
        if known is not None and known.shown_as == shown_as:
            return known
        return parse_campaign(content, id=spelled(path.stem), path=path, shown_as=shown_as, catalogue=self._catalogue)


def parse_campaign(content: bytes, *, id: str, path: Path, shown_as: str, catalogue: Catalogue | None) -> CampaignFile:
    """Return one campaign file as read from its bytes; faults are reported in it, nothing is raised."""
    document = read(content, shown_as)
    look_up = None if catalogue is None else partial(resolve, catalogue=catalogue)
    reading = Reading(document, shown_as, campaign=id, look_up=look_up)
    _name_messages(document, reading)
    if not ID.fullmatch(id):
        help_ = id_help(id, path.suffix)
        reading.refuse_file(FieldError("id", f'the file name "{shown(id)}" cannot be the name of a campaign', help_))
    campaign = read_model(partial(Record(Campaign).read, id=id), reading)
    return CampaignFile(
        id=id,
        path=path,
        shown_as=shown_as,
        sha256=hashlib.sha256(content).hexdigest(),
        campaign=campaign,
        problems=tuple(reading.problems),
        faulty=frozenset(message for message in reading.faulty if message is not None),
        places=Places(lambda: read(content, shown_as), shown_as),
    )


def _name_messages(document: Document, reading: Reading) -> None:
    """Say of each fault of the YAML in which message it stands: the last that begins before it."""
    starts = sorted(_starts(document.root), key=lambda start: start[:2]) if document.problems else []
    named = []
    for problem in document.problems:
        before = bisect_right(starts, (problem.place.line - 1, problem.place.column - 1), key=lambda start: start[:2])
        message = starts[before - 1][2] if before else None
        named.append(problem._replace(campaign=reading.campaign, message_id=message))
        reading.faulty.add(message)
    document.problems = tuple(named)


def _starts(root: Any) -> Iterator[tuple[int, int, str | None]]:
    """Where each key at the top and each message begins: line and column from 0, and the message's id."""
    if type(root) is not Mapping:
        return
    yield from ((mark.line, mark.column, None) for mark, _ in _names(root))
    messages = root.items.get("messages", (None, None))[1]
    if type(messages) is Mapping:
        yield from ((mark.line, mark.column, name) for mark, name in _names(messages))


def _names(node: Mapping) -> Iterator[tuple[Mark, str]]:
    yield from ((key.start_mark, name) for name, (key, _) in node.items.items())
    yield from node.dropped


def _unreadable(listed: Listed, problem: Problem) -> CampaignFile:
    id = spelled(listed.path.stem)
    return CampaignFile(
        id=id,
        path=listed.path,
        shown_as=listed.shown_as,
        sha256=hashlib.sha256(b"").hexdigest(),
        campaign=None,
        problems=(problem._replace(campaign=id),),
        places=Places(lambda: Document(None), listed.shown_as),
    )


def _twice_refused(files: Sequence[CampaignFile]) -> Iterator[CampaignFile]:
    """Hold back every file whose id belongs to one before it; of a copy whose name is no id, that is the fault."""
    first: dict[str, CampaignFile] = {}
    originals = {file.sha256: file for file in files if ID.fullmatch(file.id)}
    for file in files:
        owner = first.setdefault(file.id, file)
        original = originals.get(file.sha256, file)
        if owner is not file:
            yield _twin(file, owner)
        else:
            yield file if ID.fullmatch(file.id) or original is file else _copy(file, original)


def _copy(file: CampaignFile, original: CampaignFile) -> CampaignFile:
    message = f"this is a copy of {original.shown_as}, by a name that no campaign can have"
    help_ = f"Delete it; or write its own days and texts, and name it {slug(file.id)}{file.path.suffix}."
    return replace(file, problems=(Problem(Place(file.shown_as), "id", message, help_, campaign=file.id),))


def _twin(file: CampaignFile, owner: CampaignFile) -> CampaignFile:
    problem = Problem(
        place=Place(file.shown_as),
        code="duplicate-campaign",
        message=f'the campaign "{file.id}" stands in {owner.shown_as} already',
        help="Two files may not have one name: rename or delete one of them.",
        campaign=file.id,
    )
    return replace(file, campaign=None, problems=(problem, *file.problems))
