"""Where everything is put together: files, accounts, plan, ledger, adapters and clock, for one command."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from .. import private_files
from ..clock import Clock, FastClock, SystemClock, parse_clock
from ..errors import CampaignerError, InvalidFilesError, SurroundingsError, UsageError
from . import known_limits

if TYPE_CHECKING:
    from datetime import datetime

    from ..alerts.notifier import Notifier
    from ..campaign.config import Config, Secret
    from ..engine.world import Planned, World
    from ..ledger.ledger import Ledger
    from ..loading.config_loader import ConfigReader
    from ..observance.catalogue import Catalogue
    from ..plan.accounts import Account
    from ..plan.expand import Slot
    from ..plan.quota_checks import SentTexts
    from ..platforms.outcomes import PartToSend
    from ..post.post import Post
    from ..post.profile import Profile
    from .terminal import Terminal
    from .workspace import Workspace

CONFIG_NAME = "config.yaml"


class Runtime:
    """What one command works with; everything is made when it is first asked for."""

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
        self.shows_on_stderr = True
        self.play_clock: Clock | None = None
        self._told: set[str] = set()

    @cached_property
    def config_path(self) -> Path:
        """Where the config is, or ought to be: `--config`, else CAMPAIGNER_CONFIG, else the working folder."""
        named = self._config_option or os.environ.get("CAMPAIGNER_CONFIG")
        return Path(named or CONFIG_NAME).absolute()

    @cached_property
    def config_reader(self) -> ConfigReader:
        """What reads the config, also again and again."""
        from ..loading.config_loader import ConfigReader
        from ..platforms import table

        return ConfigReader(self.config_path, table.option_models())

    @cached_property
    def config(self) -> Config:
        """The config; raises InvalidFilesError with every fault of it."""
        if not self.config_path.exists():
            raise InvalidFilesError(
                f"there is no config at {self.config_path}", hint="`campaigner init` makes a working folder"
            )
        return self.config_reader.read()

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock, or the one of CAMPAIGNER_CLOCK where nothing can leave the machine."""
        if self._clock is not None:
            return self._clock
        value = os.environ.get("CAMPAIGNER_CLOCK")
        if not value:
            return SystemClock()
        return self._rehearsal_clock(value)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The observance days that campaigner knows, and those of the user's own; raises InvalidFilesError for a fault there."""
        from ..observance.catalogue import Catalogue

        shipped = Catalogue.load()
        if not self.own_days_path.exists():
            return shipped
        from ..loading.custom_observances import read_own_days

        return shipped.beside(read_own_days(self.own_days_path, shipped, folder=Path.cwd()))

    def forget_catalogue(self) -> None:
        """Read the catalogue again when it is next asked for."""
        self.__dict__.pop("catalogue", None)

    @property
    def own_days_path(self) -> Path:
        """Where a user's own observance days stand."""
        return self.config_path.with_name("observances.yaml")

    def accounts_of(self, config: Config) -> Mapping[str, Account]:
        """The accounts of a config that was read just now."""
        from ..plan.accounts import Account
        from ..platforms import table

        known = known_limits.read(config.state, self._tell_once)
        return {
            name: Account(account, known_limits.applied(table.profile_of(account), known.get(name)))
            for name, account in config.accounts.items()
        }

    def world(self) -> World:
        """Config and campaigns as they are now."""
        return self.source().read()

    def source(self) -> Workspace:
        """What engines read from: one, that keeps what it has looked at."""
        return self._workspace

    @cached_property
    def _workspace(self) -> Workspace:
        from .workspace import Workspace

        return Workspace(self)

    def show_part(self, known: Account, account: str, part: PartToSend) -> None:
        """Show what a console account posts, as a card on stderr. `known`: a running daemon may have read it just now."""
        of = "+".join(part.languages)
        self.show_sent(known, account, part.text, [media.alt for media in part.media], part.warning or "", of=of)

    def show_sent(
        self, known: Account, account: str, text: str, alts: Sequence[str], warning: str, *, of: str = ""
    ) -> None:
        """Show what went out, as a card. `of`: which message it is, and its language."""
        from ..preview.cards import sent_card

        terminal = self.terminal
        zone = ZoneInfo(known.config.timezone)
        lines = sent_card(
            account,
            text,
            alts,
            known.profile,
            at=(self.play_clock or self.clock).now().astimezone(zone),
            of=of,
            warning=warning,
            width=terminal.width,
            ascii_only=not terminal.speaks_unicode,
        )
        terminal.card([[(span.text, span.style) for span in line] for line in lines], to_stderr=self.shows_on_stderr)

    def planned(self) -> tuple[World, Planned]:
        """The files, and the plan of what counts of them now."""
        from ..engine.world import usable_files

        source = self.source()
        world = source.read()
        return world, source.plan(world, usable_files(world))

    @property
    def ledger_path(self) -> Path:
        """Where the ledger lies, or will."""
        return self.config.ledger_path

    def ledger(self) -> Ledger:
        """The ledger, made if there is none."""
        from ..ledger.ledger import Ledger

        self.close_state()
        return Ledger.open(self.ledger_path, self.clock, self.tell_damage)

    def close_state(self) -> None:
        """Make the folder `state/`, and close it to others."""
        state = self.config.state
        try:
            private_files.make_folder(state.resolve())
        except OSError as error:
            message = f"{state} is open to others and can't be closed, or can't be made: {error.strerror}"
            raise SurroundingsError(message, hint="make it a folder of your own (chmod 700)") from error

    def tell_damage(self, words: str) -> None:
        """Say what of campaigner's own is damaged; the command goes on with the rest, and ends with 4."""
        self.terminal.err(f"campaigner: {words}", "error")
        self.terminal.found_damage = True

    def working_ledger(self) -> closing[Ledger]:
        """The ledger for one decision of a person."""
        return closing(self.ledger())

    def ledger_for_reading(self) -> Ledger | None:
        """The ledger as it is; None when there is none, and none is made."""
        from ..ledger.ledger import Ledger

        return Ledger.open_read_only(self.ledger_path, self.clock, self.tell_damage)

    def sent_texts(self, accounts: Mapping[str, Account]) -> SentTexts:
        """What is out where a platform refuses it a second time. A ledger that can't be read is said, and stops nothing."""
        from ..ledger import deliveries
        from ..ledger.ledger import Ledger
        from ..plan.quota_checks import Sent, SentTexts

        names = [name for name, account in accounts.items() if account.profile.refuses_repeats]
        sent: list[Sent] = []
        try:
            if names and (ledger := Ledger.open_read_only(self.ledger_path, self.clock)) is not None:
                with closing(ledger):
                    for name in names:
                        found = ledger.read(partial(deliveries.sent_texts, account=name))
                        sent += [Sent(name, *one) for one in found]
        except CampaignerError as error:
            self.terminal.err(f"texts are not compared with what is out: {error}", "warning")
        return SentTexts(sent, self.clock.now())

    def copy_of_ledger(self, folder: Path, clock: Clock) -> Ledger:
        """A copy to play with, entered; an empty one when there is no ledger."""
        found = self.ledger_for_reading()
        if found is not None:
            found.copy_to(folder / "state" / "ledger.db")
            found.close()
        return self.play_ledger(folder, clock)

    def play_ledger(self, folder: Path, clock: Clock) -> Ledger:
        """A ledger in a folder that will be thrown away, entered."""
        from ..ledger.ledger import Ledger

        ledger = Ledger.open(folder / "state" / "ledger.db", clock)
        ledger.enter("play", is_play=True)
        return ledger

    def notifier(self, ledger: Ledger, *, is_silent: bool = False) -> Notifier:
        """What sends alerts and the heartbeat, unless it `is_silent`; a reference that is not set is said, and left out."""
        from ..alerts.notifier import Notifier

        if is_silent:
            return Notifier(ledger, {}, None, self.terminal.err)
        named = {f"alerts[{place}] ({secret})": secret for place, secret in enumerate(self.config.alerts)}
        places = {name: url for name, secret in named.items() if (url := self._optional(secret))}
        heartbeat = self._optional(self.config.heartbeat) if self.config.heartbeat else None
        return Notifier(ledger, places, heartbeat, self.terminal.err)

    def secrets(self) -> list[str]:
        """Every value behind the references of the config, as far as it can be read; those that are not set are left out."""
        from ..campaign.config import Secret
        from ..loading.secrets import is_set, resolve_secret

        try:
            config = self.config
        except Exception:
            # The bug that is reported may be in the reading of the config.
            return []
        options = [
            getattr(account.options, name)
            for account in config.accounts.values()
            for name in type(account.options).model_fields
        ]
        where: dict[str, Any] = {"folder": config.folder, "environment": os.environ}
        found = [value for value in (*config.alerts, config.heartbeat, *options) if isinstance(value, Secret)]
        return [resolve_secret(secret, **where) for secret in found if is_set(secret, **where)]

    def _optional(self, secret: Secret) -> str | None:
        from ..loading.secrets import resolve_secret

        try:
            return resolve_secret(secret, folder=self.config.folder, environment=os.environ)
        except SurroundingsError as error:
            self.terminal.err(f"{error}: nobody is told there", "warning")
            return None

    def zone(self) -> ZoneInfo:
        """The config's time zone."""
        return ZoneInfo(self.config.timezone)

    def zone_of(self, account: str) -> ZoneInfo:
        """An account's time zone, the config's when the account is gone."""
        found = self.config.accounts.get(account)
        return ZoneInfo(found.timezone if found else self.config.timezone)

    def languages(self) -> list[str]:
        """Those that anything is posted in."""
        return sorted({language for account in self.config.accounts.values() for language in account.languages})

    def when(self, instant: datetime) -> str:
        """An instant for people, by the office's clock."""
        from .instants import written

        return written(instant, self.zone(), self.clock.now())

    def compose(self, slot: Slot) -> Post:
        """One post as it would go out."""
        return self.source().post_of(slot)

    def digest_of(self, slot: Slot) -> str:
        """The digest of a post as the files have it now; empty when it can't be composed."""
        try:
            return self.compose(slot).digest
        except CampaignerError:
            return ""

    def first_words(self, slot: Slot) -> str:
        """The beginning of a post's text, in one line; composed only where a word in braces is filled in."""
        from ..campaign.campaign import in_language
        from ..errors import spelled

        text = in_language(slot.message.text, slot.languages[0]) or ""
        if "{" in text:
            try:
                text = self.compose(slot).parts[0].text
            except CampaignerError:
                return ""
        return spelled(" ".join(text.split()))

    def platforms(self) -> Mapping[str, str]:
        """The platform of each account; empty while the config can't be used."""
        try:
            return {name: account.platform for name, account in self.config.accounts.items()}
        except InvalidFilesError:
            return {}

    def post_json(self, slot: Slot) -> dict[str, Any]:
        """A post in the shape of `preview --json`."""
        from ..preview.json_format import as_json

        return as_json(self.compose(slot), slot.account.profile)

    def remember_limits(self, account: str, profile: Profile) -> None:
        """Keep what a server said of its limits, for `check` and `preview`."""
        state = self.config.state
        known_limits.remember(state, known_limits.read(state, self._tell_once), account, profile)

    def _tell_once(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self.tell_damage(words)

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
