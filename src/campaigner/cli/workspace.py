"""Workspace: what engines read, planned and connected from the files of one working folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.world import Planned, World
from ..errors import Problem, Severity, SurroundingsError

if TYPE_CHECKING:
    from ..campaign.config import AccountConfig, Config
    from ..clock import Clock
    from ..loading.campaign_file import CampaignFile
    from ..loading.campaign_loader import CampaignReader
    from ..loading.images import ImageFacts, MediaReader
    from ..plan.accounts import Account
    from ..plan.compose import FindImage
    from ..plan.expand import Plan, Slot
    from ..platforms.base import Platform
    from ..platforms.network import Network
    from ..platforms.outcomes import PartToSend
    from ..post.post import Post
    from .wiring import Runtime

MOST_FILES_WATCHED = 5000


class Workspace:
    """The engine's Source over a config and its campaign folders."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stamp = ""
        self._reader: CampaignReader | None = None
        self._own_days = _stat_of(runtime.own_days_path)
        self._media: dict[Path, MediaReader] = {}

    def read(self, paths: Sequence[Path] = (), *, config: Config | None = None) -> World:
        """Read config and campaigns now, of the config's folders or of `paths`; with a `config`, the campaigns alone."""
        from ..loading.campaign_loader import CampaignReader

        config = config or self._runtime.config_reader.read()
        self._stamp = self._stamp_now(config)
        own_days = _stat_of(self._runtime.own_days_path)
        if own_days != self._own_days:
            self._own_days = own_days
            self._runtime.forget_catalogue()
            self._reader = None
        if self._reader is None:
            self._reader = CampaignReader(folder=Path.cwd(), catalogue=self._runtime.catalogue)
        return World(
            config=config,
            accounts=self._runtime.accounts_of(config),
            files=self._reader.read(paths or config.campaigns),
            signature=signature_of(config, self._runtime.own_days_path),
        )

    def has_changed(self, world: World) -> bool:
        """Compare names, sizes and times of everything in the campaign folders, and of the config, and the day.

        A new day counts as a change: `every year` may mean another year.
        """
        return self._stamp_now(world.config) != self._stamp

    def _stamp_now(self, config: Config) -> str:
        own_days = _stat_of(self._runtime.own_days_path)
        return f"{self._runtime.clock.now().date()} {own_days} {stamp_of(config)}"

    def examine(self, world: World, files: Sequence[CampaignFile]) -> tuple[Plan, tuple[Problem, ...]]:
        """Expand these files and check every post of them, and every pixel of their images."""
        from ..plan.check import check

        plan = self._expand(world, files)
        sent = self._runtime.sent_texts(world.accounts)
        return plan, check(plan, self._image_finder(unpacks=True), world.config, sent)

    def plan(self, world: World, files: Sequence[CampaignFile]) -> Planned:
        """Expand these files, and leave out what a fault holds back."""
        from ..plan.expand import busiest
        from ..plan.faults import faults

        plan = self._expand(world, files)
        problems = (*plan.problems, *faults(plan.files, plan.slots, self._image_finder(unpacks=False)))
        broken = _words_of(problem for problem in problems if problem.message_id is None)
        faulty = {(file.id, message): "it has a fault" for file in files for message in file.faulty}
        held_back = {**faulty, **_held([problem for file in files for problem in file.problems]), **_held(problems)}
        slots = [
            slot
            for slot in plan.slots
            if slot.key.campaign not in broken and (slot.key.campaign, slot.key.message) not in held_back
        ]
        return Planned(
            slots=slots,
            problems=problems,
            broken=broken,
            held_back=held_back,
            busiest=busiest(slots, world.config.late),
        )

    def _expand(self, world: World, files: Sequence[CampaignFile]) -> Plan:
        from ..plan.expand import expand

        today = self._runtime.clock.now().astimezone(self._runtime.zone()).date()
        return expand(files, world.accounts, config=world.config, catalogue=self._runtime.catalogue, today=today)

    def _image_finder(self, *, unpacks: bool) -> FindImage:
        """Looks at an image once for all the posts of a plan that show it."""
        return lru_cache(maxsize=None)(partial(self._find_image, unpacks=unpacks))

    def compose(self, world: World, slot: Slot) -> Post:
        """Render one post from the files as they were read."""
        return self.post_of(slot)

    def post_of(self, slot: Slot) -> Post:
        """One post as it would go out; its images are looked at once."""
        from ..plan.compose import Composer

        return Composer(self._find_image).post(slot)

    def connect(self, world: World, account: str) -> Platform:
        """The adapter of an account, with its secrets."""
        from ..platforms import table
        from ..platforms.base import Connection

        config, known = world.config.accounts[account], world.accounts[account]
        return table.connect(
            config,
            Connection(
                account=account,
                options=config.options,
                secrets=secrets_of(config, world.config),
                clock=self._runtime.clock,
                folder=world.config.state,
                show=partial(self._runtime.show_part, known),
                limits=known.profile,
                network=self._network,
            ),
        )

    @cached_property
    def _network(self) -> Network:
        """What all accounts share: kept connections, and the watchdog of their calls."""
        from ..platforms.network import Network

        return Network()

    def access(self, world: World, account: str) -> str:
        """A short word for the options and secrets of an account; nothing can be read out of it."""
        config = world.config.accounts[account]
        known = {name: repr(getattr(config.options, name)) for name in type(config.options).model_fields}
        words = repr(sorted({**known, **secrets_of(config, world.config)}.items()))
        return hashlib.sha256(words.encode()).hexdigest()[:8]

    def _find_image(self, file: str, relative_to: Path, *, unpacks: bool = False) -> ImageFacts:
        from ..loading.images import MediaReader

        if relative_to not in self._media:
            self._media[relative_to] = MediaReader(relative_to, unpacks)
        return self._media[relative_to].image(file, relative_to)


class DryRunWorkspace(Workspace):
    """The same files, posted to consoles only, on a clock and in a folder of their own."""

    def __init__(self, runtime: Runtime, clock: Clock, folder: Path | None = None) -> None:
        super().__init__(runtime)
        self._clock = clock
        self._folder = folder

    def access(self, world: World, account: str) -> str:
        """A console has no secrets."""
        return "console"

    def connect(self, world: World, account: str) -> Platform:
        """A console that counts like the account's platform."""
        from ..platforms.base import Connection
        from ..platforms.console import Console

        known = world.accounts[account]
        made = Connection(
            account=account,
            options=None,
            secrets={},
            clock=self._clock,
            folder=self._folder,
            show=partial(self.show, known),
            limits=known.profile,
        )
        return Console(made)

    def show(self, known: Account, account: str, part: PartToSend) -> None:
        """Show what goes out."""
        self._runtime.show_part(known, account, part)


def secrets_of(account: AccountConfig, config: Config) -> dict[str, str]:
    """The values behind an account's references; raises SurroundingsError that names every one that is missing."""
    from ..campaign.config import Secret
    from ..loading.secrets import resolve_secret

    found: dict[str, str] = {}
    missing: list[SurroundingsError] = []
    for name in type(account.options).model_fields:
        if isinstance(value := getattr(account.options, name), Secret):
            try:
                found[name] = resolve_secret(value, folder=config.folder, environment=os.environ)
            except SurroundingsError as error:
                missing.append(error)
    if missing:
        hints = dict.fromkeys(error.hint for error in missing if error.hint)
        raise SurroundingsError("; ".join(map(str, missing)), hint=" ".join(hints))
    return found


def stamp_of(config: Config) -> str:
    """One word for the state of all files that a plan depends on."""
    words = [_stat_of(config.path)]
    for place in config.campaigns:
        words.extend(_stat_of(path) for path in _below(place))
    # A name in another encoding than ours comes with its odd bytes as half characters.
    return hashlib.sha256("\n".join(sorted(words)).encode("utf-8", "surrogateescape")).hexdigest()


def signature_of(config: Config, own_days: Path) -> str:
    """One word for all beside a campaign's file that changes what is posted, where and when."""
    words = [
        own_days.read_bytes().hex() if own_days.is_file() else "",
        config.timezone,
        str(config.late),
        repr(sorted(config.handles.items())),
    ]
    for name, account in sorted(config.accounts.items()):
        options = (
            account.platform,
            account.like,
            account.languages,
            account.bilingual,
            account.timezone,
            account.long_text,
        )
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


def _words_of(problems: Iterable[Problem]) -> Mapping[str, str]:
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
