"""Where everything is put together: files, accounts, plan, ledger, adapters and clock, for one command."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .. import private_files
from ..clock import Clock, FastClock, SystemClock, parse_clock
from ..engine.world import Connected, World, usable_files
from ..errors import CampaignerError, InvalidFilesError, SurroundingsError, UsageError
from ..loading.discovery import stat_of, stat_of_all

if TYPE_CHECKING:
    from datetime import datetime

    from ..alerts.notifier import Notifier
    from ..campaign.config import Config, Secret
    from ..errors import Problem
    from ..ledger.ledger import Ledger
    from ..loading.campaign_file import CampaignFile
    from ..loading.campaign_loader import CampaignReader
    from ..loading.config_loader import ConfigReader
    from ..loading.images import ImageFacts, MediaReader
    from ..observance.catalogue import Catalogue
    from ..plan.accounts import Account
    from ..plan.compose import FindImage
    from ..plan.expand import Plan, Slot
    from ..plan.faults import Planned
    from ..plan.quota_checks import SentTexts
    from ..platforms.network import Network
    from ..platforms.outcomes import PartToSend
    from ..post.post import Post
    from .terminal import Terminal

CONFIG_NAME = "config.yaml"


class Workspace:
    """A working folder as one command or engine has it: everything is made when it is first asked for, and looked at once."""

    shows_on_stderr = True

    def __init__(
        self,
        terminal: Terminal,
        *,
        config_option: Path | None = None,
        verbose: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.terminal = terminal
        terminal.secrets = self.secrets
        self.verbose = verbose
        self._config_option = config_option
        self._clock = clock
        self._told: set[str] = set()
        self._stamp = self._own_days = ""
        self._reader: CampaignReader | None = None
        self._media: dict[Path, MediaReader] = {}

    # The config, and the clock

    @cached_property
    def config_path(self) -> Path:
        """Where the config is, or ought to be: `--config`, else CAMPAIGNER_CONFIG, else in the working folder."""
        path = Path(self._config_option or os.environ.get("CAMPAIGNER_CONFIG") or CONFIG_NAME).absolute()
        return path / CONFIG_NAME if path.is_dir() else path

    @cached_property
    def config_reader(self) -> ConfigReader:
        """What reads the config, also again and again."""
        from ..loading.config_loader import ConfigReader
        from ..platforms import table

        return ConfigReader(self.config_path, table.option_models())

    @cached_property
    def config(self) -> Config:
        """The config; raises InvalidFilesError with every fault of it."""
        return self.config_reader.read()

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock, or the one of CAMPAIGNER_CLOCK where nothing can leave the machine."""
        value = os.environ.get("CAMPAIGNER_CLOCK")
        return self._clock or (self._rehearsal_clock(value) if value else SystemClock())

    def _rehearsal_clock(self, value: str) -> FastClock:
        from ..platforms import table

        # Without a config there is no account, and nothing to post from.
        accounts = self.config.accounts if self.config_path.exists() else {}
        leaving = [name for name, account in accounts.items() if table.leaves_the_machine(account)]
        if leaving:
            raise UsageError(
                f"CAMPAIGNER_CLOCK is for rehearsals: account {leaving[0]} is neither console nor on this machine",
                hint="unset CAMPAIGNER_CLOCK, or use a config with console accounts only",
            )
        try:
            return parse_clock(value)
        except ValueError as error:
            raise UsageError(f"CAMPAIGNER_CLOCK={value}: {error}") from error

    @property
    def post_clock(self) -> Clock:
        """The clock that posts go out by: another one where they only seem to."""
        return self.clock

    def zone(self) -> ZoneInfo:
        """The config's time zone."""
        return ZoneInfo(self.config.timezone)

    def when(self, instant: datetime) -> str:
        """An instant for people, by the office's clock."""
        from .instants import written

        return written(instant, self.zone(), self.clock.now())

    def languages(self) -> list[str]:
        """Those that anything is posted in."""
        return sorted({language for account in self.config.accounts.values() for language in account.languages})

    def platforms(self) -> Mapping[str, Collection[str]]:
        """The platform of each account, and that which it behaves as; empty while the config can't be used."""
        try:
            return {name: {account.platform, account.behaves_as} for name, account in self.config.accounts.items()}
        except InvalidFilesError:
            return {}

    def secrets(self) -> list[str]:
        """Every value behind the references of the config, as far as it can be read; those that are not set are left out."""
        from ..loading.secrets import all_secrets

        try:
            return all_secrets(self.config, os.environ)
        except Exception:
            # The bug that is reported may be in the reading of the config.
            return []

    # Files and plan: what engines ask of it too

    @cached_property
    def catalogue(self) -> Catalogue:
        """The observance days that campaigner knows, and those of the user's own; raises InvalidFilesError for a fault there."""
        from ..observance.catalogue import Catalogue

        shipped = Catalogue.load()
        if not self.own_days_path.exists():
            return shipped
        from ..loading.custom_observances import read_own_days

        return shipped.beside(read_own_days(self.own_days_path, shipped, folder=Path.cwd()))

    @cached_property
    def own_days_path(self) -> Path:
        """Where a user's own observance days stand."""
        return self.config_path.with_name("observances.yaml")

    def read(self, paths: Sequence[Path] = (), *, config: Config | None = None) -> World:
        """Read config and campaigns now, of the config's folders or of `paths`; with a `config`, the campaigns alone."""
        from ..loading.campaign_loader import CampaignReader

        config = config or self.config_reader.read()
        self._stamp = self._stamp_now(config)
        own_days = stat_of(self.own_days_path)
        if self._reader is None or own_days != self._own_days:
            self._own_days = own_days
            vars(self).pop("catalogue", None)
            self._reader = CampaignReader(folder=Path.cwd(), catalogue=self.catalogue)
        return World(
            config=config,
            accounts=self._accounts_of(config),
            files=self._reader.read(paths or config.campaigns, self.config_reader.file().place_of_campaigns),
            signature=signature_of(config, self.own_days_path),
        )

    def _accounts_of(self, config: Config) -> Mapping[str, Account]:
        from ..plan.accounts import Account
        from ..platforms import table

        known: Mapping[str, Mapping[str, Any]] = {}
        if os.path.lexists(config.state / "limits.json"):
            from . import known_limits

            known = known_limits.read(config.state, self.tell_damage)
        return {
            name: Account(account, replace(table.profile_of(account), **known.get(name, {})))
            for name, account in config.accounts.items()
        }

    def has_changed(self, world: World) -> bool:
        """Compare names, sizes and times of everything in the campaign folders, and of the config, and the day.

        A new day counts as a change: `every year` may mean another year.
        """
        return self._stamp_now(world.config) != self._stamp

    def _stamp_now(self, config: Config) -> str:
        files = stat_of_all((config.path, self.own_days_path), config.campaigns)
        return f"{self.clock.now().date()} {files}"

    def examine(self, world: World, files: Sequence[CampaignFile]) -> tuple[Plan, tuple[Problem, ...]]:
        """Expand these files and check every post of them, and every pixel of their images."""
        from ..plan.check import check

        plan = self._expand(world, files)
        return plan, check(plan, self._image_finder(unpacks=True), world.config, self.sent_texts(world.accounts))

    def plan(self, world: World, files: Sequence[CampaignFile]) -> Planned:
        """Expand these files, and leave out what a fault holds back."""
        from ..plan.faults import without_faults

        return without_faults(self._expand(world, files), self._image_finder(), world.config.late)

    def planned(self) -> tuple[World, Planned]:
        """The files, and the plan of what counts of them now."""
        world = self.read()
        return world, self.plan(world, usable_files(world))

    def slots(self) -> Sequence[Slot]:
        """What counts of the plan now, in time order."""
        return self.planned()[1].slots

    def _expand(self, world: World, files: Sequence[CampaignFile]) -> Plan:
        from ..plan.expand import expand

        today = self.clock.now().astimezone(self.zone()).date()
        return expand(files, world.accounts, config=world.config, catalogue=self.catalogue, today=today)

    def _image_finder(self, *, unpacks: bool = False) -> FindImage:
        """Looks at an image once for all the posts of a plan that show it."""
        return lru_cache(maxsize=None)(partial(self._find_image, unpacks=unpacks))

    def _find_image(self, file: str, relative_to: Path, *, unpacks: bool = False) -> ImageFacts:
        from ..loading.images import MediaReader

        if relative_to not in self._media:
            self._media[relative_to] = MediaReader(relative_to, unpacks)
        return self._media[relative_to].image(file, relative_to)

    def compose(self, slot: Slot) -> Post:
        """One post as it would go out; its images are looked at once."""
        from ..plan.compose import Composer

        return Composer(self._find_image).post(slot)

    def digest_of(self, slot: Slot) -> str:
        """The digest of a post as the files have it now; empty when it can't be composed."""
        try:
            return self.compose(slot).digest
        except CampaignerError:
            return ""

    # Accounts on their platforms

    def connect(self, world: World, account: str) -> Connected:
        """The adapter of an account, with its secrets."""
        from ..loading.secrets import secrets_of
        from ..platforms import table
        from ..platforms.base import Connection

        config, known = world.config.accounts[account], world.accounts[account]
        made = Connection(
            account=account,
            options=config.options,
            secrets=secrets_of(config.options, world.config.folder, os.environ),
            clock=self.clock,
            folder=world.config.state,
            show=partial(self.show, known),
            limits=known.profile,
            network=self._network,
        )
        return Connected(table.connect(config, made), access_of(config.options, made.secrets))

    def access(self, world: World, account: str) -> str:
        """A short word for the options and secrets of an account; nothing can be read out of it."""
        from ..loading.secrets import secrets_of

        options = world.config.accounts[account].options
        return access_of(options, secrets_of(options, world.config.folder, os.environ))

    @cached_property
    def _network(self) -> Network:
        """What all accounts share: kept connections, and the watchdog of their calls."""
        from ..platforms.network import Network

        return Network()

    def show(self, known: Account, account: str, part: PartToSend) -> None:
        """Show what a console account posts, as a card. `known`: a running daemon may have read it just now."""
        of = "+".join(part.languages)
        self.show_sent(known, account, part.text, [media.alt for media in part.media], part.warning or "", of=of)

    def show_sent(
        self, known: Account, account: str, text: str, alts: Sequence[str], warning: str, *, of: str = ""
    ) -> None:
        """Show what went out, as a card. `of`: which message it is, and its language."""
        from ..preview.cards import sent_card

        terminal = self.terminal
        lines = sent_card(
            account,
            text,
            alts,
            known.profile,
            at=self.post_clock.now().astimezone(ZoneInfo(known.config.timezone)),
            of=of,
            warning=warning,
            width=terminal.width,
        )
        terminal.card(lines, to_stderr=self.shows_on_stderr)

    # The ledger, and who is told

    @property
    def ledger_path(self) -> Path:
        """Where the ledger lies, or will."""
        return self.config.ledger_path

    def ledger(self) -> Ledger:
        """The ledger, made if there is none, in a folder that is closed to others."""
        from ..ledger.ledger import Ledger

        state = self.config.state
        try:
            private_files.make_folder(state.resolve())
        except OSError as error:
            message = f"{state} is open to others and can't be closed, or can't be made: {error.strerror}"
            raise SurroundingsError(message, hint="make it a folder of your own (chmod 700)") from error
        return Ledger.open(self.ledger_path, self.clock, self.tell_damage)

    def working_ledger(self) -> closing[Ledger]:
        """The ledger for one decision of a person."""
        return closing(self.ledger())

    def ledger_for_reading(self) -> Ledger | None:
        """The ledger as it is; None when there is none, and none is made."""
        from ..ledger.ledger import Ledger

        return Ledger.open_read_only(self.ledger_path, self.clock, self.tell_damage)

    def sent_texts(self, accounts: Mapping[str, Account]) -> SentTexts:
        """What is out where a platform refuses it a second time. A ledger that can't be read is said, and stops nothing."""
        from ..plan.quota_checks import Sent, SentTexts

        names = [name for name, account in accounts.items() if account.profile.refuses_repeats]
        sent = []
        try:
            sent = [Sent(name, *one) for name, one in self._sent(names)] if names else []
        except CampaignerError as error:
            self.terminal.err(f"texts are not compared with what is out: {error}", "warning")
        return SentTexts(sent, self.clock.now())

    def _sent(self, accounts: Sequence[str]) -> list[tuple[str, tuple[str, datetime, str]]]:
        from ..ledger import deliveries
        from ..ledger.ledger import Ledger

        ledger = Ledger.open_read_only(self.ledger_path, self.clock)
        if ledger is None:
            return []
        with closing(ledger):
            return [
                (name, one) for name in accounts for one in ledger.read(partial(deliveries.sent_texts, account=name))
            ]

    def notifier(self, ledger: Ledger) -> Notifier:
        """What sends alerts and the heartbeat; a reference that is not set is said, and left out."""
        from ..alerts.notifier import Notifier

        named = {f"alerts[{place}] ({secret})": secret for place, secret in enumerate(self.config.alerts)}
        places = {name: url for name, secret in named.items() if (url := self._optional(secret))}
        heartbeat = self._optional(self.config.heartbeat) if self.config.heartbeat else None
        return Notifier(ledger, places, heartbeat, self.terminal.err)

    def _optional(self, secret: Secret) -> str | None:
        from ..loading.secrets import resolve_secret

        try:
            return resolve_secret(secret, folder=self.config.folder, environment=os.environ)
        except SurroundingsError as error:
            self.terminal.err(f"{error}: nobody is told there", "warning")
            return None

    def tell_damage(self, words: str) -> None:
        """Say once what of campaigner's own is damaged; the command goes on with the rest, and ends with 4."""
        if words not in self._told:
            self._told.add(words)
            self.terminal.err(f"campaigner: {words}", "error")
        self.terminal.found_damage = True


class DryRun(Workspace):
    """The same files, posted to consoles only, on a clock, a ledger and in a folder of their own."""

    shows_on_stderr = False

    def __init__(self, workspace: Workspace, clock: Clock, folder: Path) -> None:
        # What was read and looked at already is as good here.
        vars(self).update(vars(workspace))
        self._post_clock = clock
        self.folder = folder

    @property
    def post_clock(self) -> Clock:
        """The clock that the posts seem to go out by."""
        return self._post_clock

    def ledger(self, *, with_past: bool = True) -> Ledger:
        """A ledger that will be thrown away, entered: a copy `with_past`, or an empty one."""
        from ..ledger.ledger import Ledger

        path = self.folder / "state" / "ledger.db"
        found = self.ledger_for_reading() if with_past else None
        if found is not None:
            found.copy_to(path)
            found.close()
        ledger = Ledger.open(path, self.post_clock)
        ledger.enter("play", is_play=True)
        return ledger

    def notifier(self, ledger: Ledger) -> Notifier:
        """Nobody is told."""
        from ..alerts.notifier import Notifier

        return Notifier(ledger, {}, None, self.terminal.err)

    def access(self, world: World, account: str) -> str:
        """A console has no secrets."""
        return "console"

    def connect(self, world: World, account: str) -> Connected:
        """A console that counts like the account's platform."""
        from ..platforms.base import Connection
        from ..platforms.console import Console

        known = world.accounts[account]
        made = Connection(
            account=account,
            options=None,
            secrets={},
            clock=self.post_clock,
            folder=None,
            show=partial(self.show, known),
            limits=known.profile,
        )
        return Connected(Console(made), self.access(world, account))


def access_of(options: Any, secrets: Mapping[str, str]) -> str:
    """A short word for what an account is connected with; another one once any of it is another."""
    known = {name: repr(getattr(options, name)) for name in type(options).model_fields}
    words = repr(sorted({**known, **secrets}.items()))
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def signature_of(config: Config, own_days: Path) -> str:
    """One word for all beside a campaign's file that changes what is posted, where and when."""
    own = own_days.read_bytes().hex() if own_days.is_file() else ""
    accounts = [
        f"{name} {(one.platform, one.like, one.languages, one.bilingual, one.timezone, one.long_text)!r}"
        for name, one in sorted(config.accounts.items())
    ]
    words = [own, config.timezone, str(config.late), repr(sorted(config.handles.items())), *accounts]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
