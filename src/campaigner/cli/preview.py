"""`campaigner preview`: exactly what will be posted, as cards, a table, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, Problem, Severity, UsageError
from .options import AccountOption, CampaignArgument, Json, YearOption

if TYPE_CHECKING:
    from ..engine.world import Planned
    from ..plan.expand import Slot
    from ..post.post import Post
    from .wiring import Runtime


OVER = "its time is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which posts to show; None means all, but of each campaign just its next edition, else its last."""

    campaign: str | None = None
    year: str | None = None
    account: str | None = None
    language: str | None = None
    on: date | None = None


def preview(
    context: typer.Context,
    campaign: CampaignArgument = None,
    year: YearOption = None,
    account: AccountOption = None,
    language: Annotated[str | None, typer.Option("--language", metavar="L", help="Only in this language.")] = None,
    day: Annotated[str | None, typer.Option("--date", metavar="D", help="Only this local day, as 2026-12-18.")] = None,
    table: Annotated[bool, typer.Option("--table", help="One line a post.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show the chosen posts in time order; 3 when a fault holds posts back that would belong here."""
    from ..engine.world import usable_files
    from ..plan.expand import OVER_WITHIN, over_lately

    runtime: Runtime = context.obj
    choice = Choice(campaign=campaign, year=year, account=account, language=language, on=_day(day))
    world = runtime.world()
    source = runtime.source()
    planned = source.plan(world, usable_files(world))
    check_names(runtime, choice, [file.id for file in world.files])
    now = runtime.clock.now()
    chosen = choose(planned.slots, choice, now.astimezone(runtime.zone()).date())
    is_over = {str(slot.key) for slot in over_lately(planned.slots, now, OVER_WITHIN)}
    posts = [(slot, source.compose(world, slot)) for slot in chosen]
    posts = [
        (slot, replace(post, notes=(*post.notes, OVER)) if str(slot.key) in is_over else post) for slot, post in posts
    ]
    if as_json:
        from ..preview.json_format import as_json as shape

        runtime.terminal.json([shape(post, slot.account.profile) for slot, post in posts])
    elif table:
        _show_table(runtime, posts)
    else:
        _show_cards(runtime, posts)
        if posts and runtime.config.approval == "required":
            _say_codes(runtime, [post for _, post in posts], [str(slot.key) for slot in planned.slots])
            if choice == Choice():
                _say_code_of_all(runtime, [post for _, post in posts])
    return _say_faults(runtime, planned, choice, [problem for file in world.files for problem in file.problems])


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise UsageError(f"--date {value}: write a day as 2026-12-18") from error


def choose(slots: Sequence[Slot], choice: Choice, today: date) -> list[Slot]:
    """The slots that a choice means, in time order."""
    editions = _editions(slots, choice, today)
    return [
        slot
        for slot in slots
        if choice.campaign in (None, slot.key.campaign)
        and choice.account in (None, slot.key.account)
        and (choice.language is None or choice.language in slot.languages)
        and (choice.on is None or slot.local_at.date() == choice.on)
        and (slot.key.campaign, slot.key.edition) in editions
    ]


def check_names(runtime: Runtime, choice: Choice, campaigns: Sequence[str]) -> None:
    """Refuse names that nobody has, naming the nearest."""
    for what, name, known in (
        ("campaign", choice.campaign, campaigns),
        ("account", choice.account, list(runtime.config.accounts)),
    ):
        if name is not None and name not in known:
            raise UsageError(f"there is no {what} {name}", hint=f"there is: {', '.join(sorted(known)) or 'none'}")


def _editions(slots: Iterable[Slot], choice: Choice, today: date) -> set[tuple[str, str]]:
    """Of each campaign the editions that are wanted: named, or on the day, or the next one, else the last."""
    by_campaign: dict[str, dict[str, date]] = {}
    for slot in slots:
        editions = by_campaign.setdefault(slot.key.campaign, {})
        editions[slot.key.edition] = max(editions.get(slot.key.edition, date.min), slot.local_at.date())
    wanted = set()
    for campaign, editions in by_campaign.items():
        if choice.year is not None:
            wanted |= {(campaign, label) for label in editions if label.split("-")[0] == choice.year.split("-")[0]
                       and ("-" not in choice.year or label == choice.year)}  # fmt: skip
        elif choice.on is not None:
            wanted |= {(campaign, label) for label in editions}
        else:
            ahead = sorted((ends, label) for label, ends in editions.items() if ends >= today)
            wanted.add((campaign, ahead[0][1] if ahead else max((ends, label) for label, ends in editions.items())[1]))
    return wanted


def _show_cards(runtime: Runtime, posts: Sequence[tuple[Slot, Post]]) -> None:
    from ..preview.cards import card

    terminal = runtime.terminal
    for slot, post in posts:
        for line in card(post, slot.account.profile, width=terminal.width, ascii_only=not terminal.speaks_unicode):
            terminal.spans([(span.text, span.style) for span in line])
        terminal.out()
    if not posts:
        terminal.err("nothing to show")
        return
    terminal.err(f"{len(posts)} post{'s' if len(posts) > 1 else ''}")


def _say_codes(runtime: Runtime, posts: Sequence[Post], known: Sequence[str]) -> None:
    """The command that approves what is shown, and nothing else, of each campaign."""
    from .approve import approval_code, shortest_names

    for campaign in dict.fromkeys(post.key.campaign for post in posts):
        digests = {str(post.key): post.digest for post in posts if post.key.campaign == campaign}
        names, code = shortest_names(digests, known), approval_code([digests[key] for key in sorted(digests)])
        runtime.terminal.err(f"approve with: campaigner approve {' '.join(names)} --by NAME --code {code}")


def _say_code_of_all(runtime: Runtime, posts: Sequence[Post]) -> None:
    """Without a KEY, `approve` means what is shown without options."""
    from .approve import approval_code

    if len({post.key.campaign for post in posts}) > 1:
        code = approval_code([post.digest for post in sorted(posts, key=lambda post: str(post.key))])
        runtime.terminal.err(f"approve all of them with: campaigner approve --by NAME --code {code}")


def _show_table(runtime: Runtime, posts: Sequence[tuple[Slot, Post]]) -> None:
    from ..preview.table import table

    rows = [(post, slot.account.profile) for slot, post in posts]
    for line in table(rows, width=runtime.terminal.width, ascii_only=not runtime.terminal.speaks_unicode):
        runtime.terminal.spans([(span.text, span.style) for span in line])


def _say_faults(runtime: Runtime, planned: Planned, choice: Choice, of_files: Sequence[Problem]) -> ExitCode:
    """Whoever signs off must know what a fault keeps from being posted."""
    held = [f"{campaign} {message}" for campaign, message in planned.held_back if choice.campaign in (None, campaign)]
    broken = [campaign for campaign in planned.broken if choice.campaign in (None, campaign)]
    errors = [p for p in of_files if p.severity is Severity.ERROR and choice.campaign in (None, p.campaign)]
    if not (held or broken or errors):
        return ExitCode.DONE
    files = dict.fromkeys(problem.place.file for problem in errors)
    for name in (*files, *broken, *held):
        runtime.terminal.err(f"not shown, for a fault holds it back: {name}", "error")
    runtime.terminal.err("`campaigner check` says what is wrong", "error")
    return ExitCode.INVALID
