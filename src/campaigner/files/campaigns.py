"""Campaign files: YAML nodes to models, every fault of every file with its place, in one run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Place, Problem, spelled
from ..source import Fault, SourceError, read, read_bytes
from .folders import Listed, list_files
from .loaded import CampaignFile
from .parsing import Parsing

if TYPE_CHECKING:
    from ..observance.catalogue import Catalogue


def read_campaigns(paths: Iterable[Path], *, folder: Path, catalogue: Catalogue | None) -> tuple[CampaignFile, ...]:
    """Read campaign files and folders of them, sorted by path; see CampaignReader to read them again and again."""
    return CampaignReader(folder=folder, catalogue=catalogue).read(paths)


@dataclass(kw_only=True)
class CampaignReader:
    """Reads campaign files, and parses one again only when its bytes have changed.

    `folder` is the working directory, which paths are shown relative to.
    """

    folder: Path
    catalogue: Catalogue | None
    _known: dict[tuple[Path, str], CampaignFile] = field(default_factory=dict)

    def read(self, paths: Iterable[Path]) -> tuple[CampaignFile, ...]:
        """Return every campaign file of `paths`, also those that cannot be read; a file that vanishes is left out."""
        read_now = [file for listed in list_files(paths, self.folder) if (file := self._read(listed)) is not None]
        self._known = {(file.path, file.sha256): file for file in read_now}
        return tuple(_twice_refused(read_now))

    def _read(self, listed: Listed) -> CampaignFile | None:
        path, shown_as = listed.path, listed.shown_as
        if listed.fault is not None:
            return _unreadable(listed, listed.fault)
        try:
            content = read_bytes(path)
        except FileNotFoundError:
            return _unreadable(listed, listed.fault_if_absent) if listed.fault_if_absent else None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return _unreadable(listed, Fault(1, 1, "unreadable", f"the file cannot be read: {reason.lower()}"))
        except SourceError as error:
            return _unreadable(listed, error.fault)
        known = self._known.get((path, hashlib.sha256(content).hexdigest()))
        if known is not None and known.shown_as == shown_as:
            return known
        return parse_campaign(content, id=spelled(path.stem), path=path, shown_as=shown_as, catalogue=self.catalogue)


def parse_campaign(content: bytes, *, id: str, path: Path, shown_as: str, catalogue: Catalogue | None) -> CampaignFile:
    """Return one campaign file as read from its bytes; faults are reported in it, nothing is raised."""
    document = read(content)
    parsing = Parsing(id=id, document=document, catalogue=catalogue)
    campaign = parsing.campaign()
    return CampaignFile(
        id=id,
        path=path,
        shown_as=shown_as,
        sha256=hashlib.sha256(content).hexdigest(),
        campaign=campaign,
        problems=parsing.problems(shown_as),
        faulty=parsing.faulty,
        places={path: place for path, place in parsing.tree.places.items() if path},
    )


def _unreadable(listed: Listed, fault: Fault) -> CampaignFile:
    place, id = Place(listed.shown_as, fault.line, fault.column), spelled(listed.path.stem)
    return CampaignFile(
        id=id,
        path=listed.path,
        shown_as=listed.shown_as,
        sha256=hashlib.sha256(b"").hexdigest(),
        campaign=None,
        problems=(Problem(place=place, code=fault.code, message=fault.message, help=fault.help, campaign=id),),
    )


def _twice_refused(files: Iterable[CampaignFile]) -> Iterator[CampaignFile]:
    """Hold back every file whose id belongs to one before it."""
    first: dict[str, CampaignFile] = {}
    for file in files:
        owner = first.setdefault(file.id, file)
        yield file if owner is file else _twin(file, owner)


def _twin(file: CampaignFile, owner: CampaignFile) -> CampaignFile:
    problem = Problem(
        place=Place(file.shown_as),
        code="duplicate-campaign",
        message=f'the campaign "{file.id}" stands in {owner.shown_as} already',
        help="Two files may not have one name: rename or delete one of them.",
        campaign=file.id,
    )
    return replace(file, campaign=None, problems=(problem, *file.problems))
