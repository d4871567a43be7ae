"""World: the files as they are now, and what an engine may ask of them. Put together in the cli's wiring."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..errors import AccountError, SurroundingsError

if TYPE_CHECKING:
    from ..campaign.config import Config
    from ..loading.campaign_file import CampaignFile
    from ..plan.accounts import Account
    from ..plan.expand import Slot
    from ..plan.faults import Planned
    from ..platforms.base import Platform
    from ..post.post import Post


class World(NamedTuple):
    """One reading of config and campaigns. `signature` covers what of the config changes keys or times of posts."""

    config: Config
    accounts: Mapping[str, Account]
    files: tuple[CampaignFile, ...]
    signature: str


def usable_files(world: World, unsteady: Collection[str] = ()) -> list[CampaignFile]:
    """The files to plan from: read in full, of no other's name, and not being written."""
    faulty = {file.id for file in world.files if file.campaign is None}
    return [file for file in world.files if file.id not in faulty and file.id not in unsteady]


class Connected(NamedTuple):
    """The adapter of an account, and what stands for the very options and secrets that it was made with."""

    adapter: Platform
    access: str


class Source(Protocol):
    """Where an engine gets its world from."""

    def read(self, *, config: Config | None = None) -> World:
        """Read config and campaigns now; raises InvalidFilesError for a config that can't be used."""
        ...

    def has_changed(self, world: World) -> bool:
        """A cheap look: True when a file, or the list of files, is not as it was when `world` was read."""
        ...

    def plan(self, world: World, files: Sequence[CampaignFile]) -> Planned:
        """Expand and check these files."""
        ...

    def compose(self, slot: Slot) -> Post:
        """Render one post; raises CampaignerError when that is impossible."""
        ...

    def connect(self, world: World, account: str) -> Connected:
        """The adapter of an account; raises SurroundingsError when a secret is missing."""
        ...

    def access(self, world: World, account: str) -> str:
        """What stands for the options and secrets of an account: another word once one of them is another.

        Raises SurroundingsError when a secret is missing.
        """
        ...


def connect(source: Source, world: World, account: str) -> Connected:
    """The adapter of an account; raises AccountError, which stops that account alone, when a secret is missing."""
    try:
        return source.connect(world, account)
    except AccountError:
        raise
    except SurroundingsError as error:
        raise AccountError(f"account {account}: {error}", hint=error.hint) from error
