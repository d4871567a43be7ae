"""FileSource: what engines read, planned and connected from the files of one working folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.world import Planned, World
from ..errors import Problem, Severity

if TYPE_CHECKING:
    from ..campaign.config import Config
    from ..files.campaigns import CampaignReader
    from ..files.loaded import CampaignFile
    from ..files.media import MediaReader
    from ..ledger.records import AcceptedFile
    from ..plan.expand import Slot
    from ..platforms.base import Adapter
    from ..post.post import Post
    from .wiring import Runtime

MOST_FILES_WATCHED = 5000


class FileSource:
    """The engine's Source over a config and its campaign folders. `dry_run` connects every account to a printer."""

    def __init__(self, runtime: Runtime, *, dry_run: bool = False) -> None:
        self._runtime = runtime
        self._dry_run = dry_run
        self._stamp = ""
        self._reader: CampaignReader | None = None
        self._media: MediaReader | None = None

    def read(self) -> World:
        """Read config and campaigns now."""
        from ..files.campaigns import CampaignReader
        from ..files.settings import read_config
        from ..platforms import registry

        config = read_config(self._runtime.config_path, registry.option_models())
        self._stamp = stamp_of(config)
        if self._reader is None:
            self._reader = CampaignReader(folder=Path.cwd(), catalogue=self._runtime.catalogue)
        return World(
            config=config,
            accounts=self._runtime.accounts_of(config),
            files=self._reader.read(config.campaigns),
            signature=signature_of(config),
        )

    def has_changed(self, world: World) -> bool:
        """Compare names, sizes and times of everything in the campaign folders, and of the config."""
        return stamp_of(world.config) != self._stamp

    def parse(self, accepted: AcceptedFile, world: World) -> CampaignFile:
        """Read a campaign from its accepted copy; images are still taken from beside its path."""
        from ..files.campaigns import parse_campaign

        path = Path(accepted.path)
        return parse_campaign(
            accepted.content,
            id=accepted.campaign,
            path=path,
            shown_as=os.path.relpath(path),
            catalogue=self._runtime.catalogue,
        )

    def plan(self, world: World, files: Sequence[CampaignFile]) -> Planned:
        """Expand these files and check every post of them."""
        from ..plan.check import check
        from ..plan.expand import busiest, expand

        today = self._runtime.clock.now().astimezone(self._runtime.zone()).date()
        plan = expand(files, world.accounts, config=world.config, catalogue=self._runtime.catalogue, today=today)
        checked = check(plan, lambda slot: self.compose(world, slot))
        problems = (*plan.problems, *checked.problems)
        broken = _words_of(problem for problem in problems if problem.message_id is None)
        held_back = {key: reason for key, reason in _held(problems).items()} | {
            (file.id, message): "its text has a fault" for file in files for message in file.faulty
        }
        slots = [
            slot
            for slot in plan.slots
            if slot.key.campaign not in broken and (slot.key.campaign, slot.key.message) not in held_back
        ]
        return Planned(
            slots=slots, problems=problems, broken=broken, held_back=held_back, busiest=busiest(slots, world.config.late)
        )

    def compose(self, world: World, slot: Slot) -> Post:
        """Render one post from the files as they are now."""
        raise AssertionError((world, slot))

    def connect(self, world: World, account: str) -> Adapter:
        """The adapter of an account, with its secrets."""
        raise AssertionError((world, account))


def stamp_of(config: Config) -> str:
    """One word for the state of all files that a plan depends on."""
    words = [_stat_of(config.path)]
    for place in config.campaigns:
        words.extend(_stat_of(path) for path in _below(place))
    return hashlib.sha256("\n".join(sorted(words)).encode()).hexdigest()


def signature_of(config: Config) -> str:
    """One word for all of the config that changes what is posted, where and when."""
    words = [config.timezone, str(config.late), repr(sorted(config.handles.items()))]
    for name, account in sorted(config.accounts.items()):
        options = (account.platform, account.like, account.languages, account.bilingual, account.timezone, account.long_text)
        words.append(f"{name} {options!r}")
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _below(place: Path) -> Iterator[Path]:
    """The place itself, and every file and folder in it, up to a bound."""
    yield place
    count = 0
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            count += 1
            if count > MOST_FILES_WATCHED:
                return
            yield Path(folder, name)


def _stat_of(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return f"{path} absent"
    return f"{path} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _words_of(problems: Iterator[Problem]) -> Mapping[str, str]:
    return {
        problem.campaign: f"{problem.place}: {problem.message}"
        for problem in problems
        if problem.severity is Severity.ERROR and problem.campaign is not None
    }


def _held(problems: Sequence[Problem]) -> Mapping[tuple[str, str], str]:
    return {
        (problem.campaign, problem.message_id): f"{problem.place}: {problem.message}"
        for problem in problems
        if problem.severity is Severity.ERROR and problem.campaign is not None and problem.message_id is not None
    }
