"""`campaigner rehearse`: the whole day in a few seconds, through the real engine and the platforms' own code, to fakes of
their servers on this machine, which refuse what the servers refuse.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, get_type_hints

import typer

from ..clock import SteppingClock
from ..delivery.steps import Outcome, Report
from ..engine.due import approval_block
from ..engine.world import Connected
from ..errors import CampaignerError, ExitCode, UsageError
from ..ledger import decisions
from .options import TargetArgument, YearOption
from .post_keys import shortest_names
from .preview import Choice, choose, say_faults
from .wiring import DryRun

if TYPE_CHECKING:
    from ..campaign.config import Config
    from ..clock import Clock
    from ..engine.world import World
    from ..fakes.base import FakePlatform, PublishedPost
    from ..loading.campaign_file import CampaignFile
    from ..plan.accounts import Account
    from ..plan.expand import Slot
    from ..plan.faults import Planned
    from ..platforms.outcomes import PartToSend
    from ..post.profile import Profile
    from .wiring import Workspace


def rehearse(
    context: typer.Context,
    target: TargetArgument = None,
    year: YearOption = None,
    table: Annotated[bool, typer.Option("--table", help="The first post as a card, then one line a message.")] = False,
) -> ExitCode:
    """Deliver the chosen editions to fakes of the platforms, with a ledger of their own, on a clock that steps."""
    from ..engine import run_once

    workspace: Workspace = context.obj
    slots, faults = _slots(workspace, target, year)
    _announce(workspace, slots)
    clock = SteppingClock(run_once.start_of(slots[0].due_at))
    reports: list[Report] = []
    with (
        tempfile.TemporaryDirectory(prefix="campaigner-rehearsal-") as folder,
        Rehearsal(workspace, clock, Path(folder), slots, shows_first=table) as source,
        closing(source.ledger(with_past=False)) as ledger,
    ):
        code = run_once.rehearse(source, ledger, reports.append, lambda error: _fault(workspace, error))
    if table:
        _table(workspace, clock, slots, reports)
    _summary(workspace, slots, reports)
    if workspace.config.approval == "required":
        _name_what_is_not_approved(workspace, slots)
    workspace.terminal.out("  nothing left this machine; your ledger was not touched")
    left_out = say_faults(workspace, faults, "rehearsed")
    return code or left_out


class Rehearsal(DryRun):
    """These posts, to a fake server for each platform and its limits; to a console where there is no fake.

    `shows_first`: only the first of them is shown as it goes out.
    """

    def __init__(
        self, workspace: Workspace, clock: Clock, folder: Path, slots: Sequence[Slot], *, shows_first: bool
    ) -> None:
        super().__init__(workspace, clock, folder)
        self._keys = {str(slot.key) for slot in slots}
        self._of = {
            (slot.key.account, part.text): f"{slot.key.message} {slot.key.language}"
            for slot in slots
            for part in workspace.compose(slot).parts
        }
        self._is_shown = chain([True], repeat(not shows_first))
        self._fakes: dict[Profile, FakePlatform] = {}
        self._known: dict[str, Account] = {}
        self._running = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def read(self, paths: Sequence[Path] = (), *, config: Config | None = None) -> World:
        """As if all of it were approved: what is not is named at the end."""
        world = super().read(paths, config=config)
        return world._replace(config=world.config.model_copy(update={"approval": "none"}))

    def plan(self, world: World, files: Sequence[CampaignFile]) -> Planned:
        """Expand and check, then keep the chosen posts."""
        planned = super().plan(world, files)
        return planned._replace(slots=[slot for slot in planned.slots if str(slot.key) in self._keys])

    def connect(self, world: World, account: str) -> Connected:
        """The account as it is on its platform, or on the one it is like, with a fake in the place of the server."""
        from ..campaign.config import Secret
        from ..fakes import PLATFORMS
        from ..platforms import table
        from ..platforms.base import Connection

        known = world.accounts[account]
        name = known.config.behaves_as
        platform = table.platform(name)
        if platform is None or name not in PLATFORMS:
            return super().connect(world, account)
        options = self._options(name, known)
        secrets = {option for option, kind in get_type_hints(platform.Options).items() if kind is Secret}
        written = {option: Secret(kind="env", name=option) for option in secrets}
        made = Connection(
            account=account,
            options=platform.Options(**{**options, **written}),
            secrets={option: options[option] for option in secrets},
            clock=self.post_clock,
            folder=self.folder,
            show=lambda *_: None,
            limits=known.profile,
            network=self._network,
        )
        return Connected(platform(made), self.access(world, account))

    def _options(self, platform: str, known: Account) -> dict[str, Any]:
        """An account of its own on the fake of this platform that has these limits, and shows what it publishes."""
        from ..fakes import fake

        if known.profile not in self._fakes:
            made = self._running.enter_context(fake(platform, accounts=(), clock=self.post_clock))
            made.follow(known.profile)
            made.on_commit = self._show_commit
            self._fakes[known.profile] = made
        # Named otherwise than in the config: what the fake says must not look like the secrets that it makes of it.
        name = f"account{len(self._known) + 1}"
        self._known[name] = known
        self._fakes[known.profile].accounts += (name,)
        return self._fakes[known.profile].options(name)

    def show(self, known: Account, account: str, part: PartToSend) -> None:
        """Show what a console posts as what a fake got."""
        self._show(known, part.text, [media.alt for media in part.media], part.warning or "")

    def _show_commit(self, post: PublishedPost) -> None:
        alts = [image.alt for image in post.images]
        self._show(self._known[post.account], post.text, alts, post.extra.get("warning", ""))

    def _show(self, known: Account, text: str, alts: Sequence[str], warning: str) -> None:
        if next(self._is_shown):
            name = known.config.name
            self.show_sent(known, name, text, alts, warning, of=self._of.get((name, text), ""))


def _slots(workspace: Workspace, target: str | None, year: str | None) -> tuple[Sequence[Slot], Mapping[str, str]]:
    """What is rehearsed, the posts that a preview with the same words shows, and what a fault leaves out."""
    chosen, faults = choose(workspace, *workspace.planned(), Choice(target=target, year=year))
    slots = [slot for slot in chosen if not slot.draft]
    if not slots:
        say_faults(workspace, faults, "rehearsed")
        raise UsageError("there is nothing to rehearse", hint="`campaigner check` and `campaigner preview` say why")
    return slots, faults


def _announce(workspace: Workspace, slots: Sequence[Slot]) -> None:
    days = list(dict.fromkeys(f"{slot.local_at:%A} {slot.local_at.day} {slot.local_at:%B %Y}" for slot in slots))
    ends = f" to {days[-1]}" if len(days) > 1 else ""
    posts = "1 post" if len(slots) == 1 else f"{len(slots)} posts"
    workspace.terminal.err(
        f"rehearsing {posts} of {days[0]}{ends} in seconds, to fakes of the platforms' servers on this machine"
    )


def _fault(workspace: Workspace, error: Exception) -> None:
    if not isinstance(error, CampaignerError):
        raise error
    workspace.terminal.error(error)


def _table(workspace: Workspace, clock: Clock, slots: Sequence[Slot], reports: Sequence[Report]) -> None:
    """Where the time ends, a line a message."""
    from ..engine.due import Kind
    from .status_page import show_days
    from .status_posts import as_planned

    became = {report.key: Kind(report.outcome) for report in reports if str(report.outcome) in set(Kind)}
    show_days(workspace, [as_planned(slot, became.get(slot.key, Kind.PLANNED)) for slot in slots], clock.now())


def _summary(workspace: Workspace, slots: Sequence[Slot], reports: Sequence[Report]) -> None:
    """What went out where, and what did not."""
    terminal = workspace.terminal
    out = [report for report in reports if report.outcome is Outcome.PUBLISHED]
    style = "good" if len(out) == len(slots) else "error"
    terminal.spans([("rehearsed: ", "strong"), (f"{len(out)} of {len(slots)} posts went out once each", style)])
    for what in ("account", "language"):
        counts = sorted(Counter(getattr(report.key, what) for report in out).items())
        terminal.out(f"  by {what}: {', '.join(f'{name} {count}' for name, count in counts) or 'none'}")
    others = {
        (report.outcome, report.key): report.reason
        for report in reports
        if report.outcome not in {Outcome.PUBLISHED, Outcome.ELSEWHERE}
    }
    for (outcome, key), reason in others.items():
        terminal.out(f"  {outcome} {key} {reason}")


def _name_what_is_not_approved(workspace: Workspace, slots: Sequence[Slot]) -> None:
    """It is rehearsed all the same; on the day it would be held."""
    ledger = workspace.ledger_for_reading()
    approved = ledger.read(decisions.approved_digests) if ledger is not None else {}
    if ledger is not None:
        ledger.close()
    lacking = [str(slot.key) for slot in slots if approval_block(slot, approved, workspace.compose)]
    if lacking:
        are = "1 post is" if len(lacking) == 1 else f"{len(lacking)} posts are"
        names = shortest_names(lacking, [str(slot.key) for slot in slots])
        workspace.terminal.out(f"  {are} not approved yet, and would be held: `campaigner preview`, then")
        workspace.terminal.out(f"    campaigner approve {' '.join(names)} --by NAME --code CODE")
