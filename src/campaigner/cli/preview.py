"""`campaigner preview`: exactly what will be posted, as cards, a table, or JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, Problem, Severity, UsageError
from .instants import read_day
from .options import AccountOption, Json, TargetArgument, YearOption
from .post_keys import accounts_named, campaign_of, language_meant, matching

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from ..plan.faults import Planned
    from ..post.key import PostKey
    from ..post.post import Post
    from .wiring import Workspace


OVER, OUT = "its time is over", "it is out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which posts to show; None means all, but of each campaign just its next edition, else its last."""

    target: str | None = None
    year: str | None = None
    account: str | None = None
    language: str | None = None
    on: date | None = None


def preview(
    context: typer.Context,
    target: TargetArgument = None,
    year: YearOption = None,
    account: AccountOption = None,
    language: Annotated[str | None, typer.Option("--language", metavar="L", help="Only in this language.")] = None,
    day: Annotated[str | None, typer.Option("--date", metavar="D", help="Only this local day, as 18.12.2026.")] = None,
    table: Annotated[bool, typer.Option("--table", help="One line a post.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show the chosen posts in time order; 3 when a fault holds posts back that would belong here."""
    from ..engine.world import usable_files
    from ..plan.expand import OVER_WITHIN, over_lately

    runtime: Workspace = context.obj
    now = runtime.clock.now()
    today = now.astimezone(runtime.zone()).date()
    on = read_day("--date", day, today, runtime.languages()) if day else None
    choice = Choice(target=target, year=year, account=account, language=language, on=on)
    world = runtime.read()
    planned = runtime.plan(world, usable_files(world))
    faults = _faults(planned, choice, [problem for file in world.files for problem in file.problems])
    chosen = choose(runtime, planned.slots, choice, [file.id for file in world.files], or_none=bool(faults))
    is_over = {str(slot.key) for slot in over_lately(planned.slots, now, OVER_WITHIN)}
    out = _out(runtime) if any(str(slot.key) in is_over for slot in chosen) else frozenset()
    sent = runtime.sent_texts({slot.key.account: slot.account for slot in chosen})
    posts = []
    for slot in chosen:
        post = runtime.compose(slot)
        past = (OUT if post.key in out else OVER,) if str(slot.key) in is_over else ()
        repeats = [one.message for one in sent.problems(slot, post.parts) if not slot.allows(one.severity, one.code)]
        posts.append((slot, replace(post, notes=(*post.notes, *past, *repeats))))
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
    return _say_faults(runtime, faults)


def _out(runtime: Workspace) -> frozenset[PostKey]:
    """The posts that readers see, or may see: of them nobody should say that their time was missed."""
    from ..engine.due import MAY_BE_OUT
    from .status_posts import look

    return frozenset(post.key for post in look(runtime).posts if post.state.kind in MAY_BE_OUT)


def choose(
    runtime: Workspace, slots: Sequence[Slot], choice: Choice, campaigns: Collection[str], *, or_none: bool = False
) -> list[Slot]:
    """The slots that a choice means, in time order. Raises UsageError, with what there is, when it means none, but for `or_none`.

    `campaigns`: those that there are, though they may have no post.
    """
    platforms = runtime.platforms()
    accounts = platforms if choice.account is None else accounts_named(choice.account, platforms)
    meant = slots if choice.target is None else _of_target(slots, choice.target, campaigns, platforms)
    editions = _editions(meant, choice, runtime.clock.now().astimezone(runtime.zone()).date())
    found = [
        slot
        for slot in meant
        if slot.key.account in accounts
        and (choice.language is None or choice.language in slot.languages)
        and (choice.on is None or slot.local_at.date() == choice.on)
        and (slot.key.campaign, slot.key.edition) in editions
    ]
    if not found and not or_none and choice != Choice():
        raise UsageError("no post is meant by that", hint=_what_there_is(slots, meant, choice))
    return found


def _of_target(
    slots: Sequence[Slot], target: str, campaigns: Collection[str], platforms: Mapping[str, str]
) -> list[Slot]:
    named = {str(slot.key): slot for slot in slots}
    is_empty = campaign_of(target) in campaigns and all(slot.key.campaign != campaign_of(target) for slot in slots)
    keys = set() if is_empty else set(matching(target, named, platforms))
    return [slot for key, slot in named.items() if key in keys]


def _what_there_is(slots: Sequence[Slot], meant: Sequence[Slot], choice: Choice) -> str:
    """What could have been asked for in place of the first thing that nothing has."""
    languages = {language for slot in slots for language in slot.languages}
    if choice.language is not None and choice.language not in languages:
        return language_meant(choice.language, sorted(languages)) or f"there is: {', '.join(sorted(languages))}"
    editions = sorted({slot.key.edition for slot in meant})
    if choice.year is not None and choice.year not in editions:
        return f"there is: {', '.join(editions) or 'no edition'}"
    days = sorted({slot.local_at.date() for slot in meant})
    if (on := choice.on) is not None and days:
        near = min(days, key=lambda day: abs(day - on))
        return f"the nearest day with posts is {near:%A} {near.isoformat()}"
    return "`campaigner status` lists the posts"


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


def _show_cards(runtime: Workspace, posts: Sequence[tuple[Slot, Post]]) -> None:
    from ..preview.cards import cards

    terminal = runtime.terminal
    shown = [(post, slot.account.profile) for slot, post in posts]
    terminal.page(cards(shown, width=terminal.width, ascii_only=not terminal.speaks_unicode), clears=False)
    if not posts:
        terminal.err("nothing to show")
        return
    terminal.err(f"{len(posts)} post{'s' if len(posts) > 1 else ''}")


def _say_codes(runtime: Workspace, posts: Sequence[Post], known: Sequence[str]) -> None:
    """The command that approves what is shown, and nothing else, of each campaign."""
    from ..ledger.decisions import approval_code
    from .post_keys import shortest_names

    for campaign in dict.fromkeys(post.key.campaign for post in posts):
        digests = {str(post.key): post.digest for post in posts if post.key.campaign == campaign}
        names, code = shortest_names(digests, known), approval_code([digests[key] for key in sorted(digests)])
        runtime.terminal.err(f"approve with: campaigner approve {' '.join(names)} --by NAME --code {code}")


def _say_code_of_all(runtime: Workspace, posts: Sequence[Post]) -> None:
    """Without a KEY, `approve` means what is shown without options."""
    from ..ledger.decisions import approval_code

    if len({post.key.campaign for post in posts}) > 1:
        code = approval_code([post.digest for post in sorted(posts, key=lambda post: str(post.key))])
        runtime.terminal.err(f"approve all of them with: campaigner approve --by NAME --code {code}")


def _show_table(runtime: Workspace, posts: Sequence[tuple[Slot, Post]]) -> None:
    from ..preview.table import table

    rows = [(post, slot.account.profile) for slot, post in posts]
    for line in table(rows, width=runtime.terminal.width, ascii_only=not runtime.terminal.speaks_unicode):
        runtime.terminal.spans(line)


def _faults(planned: Planned, choice: Choice, of_files: Sequence[Problem]) -> list[str]:
    """The files, campaigns and messages of the choice that a fault keeps from being posted."""
    wanted = None if choice.target is None else campaign_of(choice.target).split("/")[0]
    known = {*planned.broken, *(campaign for campaign, _ in planned.held_back), *(p.campaign for p in of_files)}
    # An account or a platform may have posts of any campaign.
    campaigns = (
        known if wanted is None or wanted not in {*known, *(slot.key.campaign for slot in planned.slots)} else {wanted}
    )
    held = [f"{campaign} {message}" for campaign, message in sorted(planned.held_back) if campaign in campaigns]
    broken = [campaign for campaign in planned.broken if campaign in campaigns]
    errors = [p for p in of_files if p.severity is Severity.ERROR and p.campaign in campaigns]
    return [*dict.fromkeys(problem.place.file for problem in errors), *broken, *held]


def _say_faults(runtime: Workspace, faults: Sequence[str]) -> ExitCode:
    """Whoever signs off must know what a fault keeps from being posted."""
    for name in faults:
        runtime.terminal.err(f"not shown, for a fault holds it back: {name}", "error")
    if faults:
        runtime.terminal.err("`campaigner check` says what is wrong", "error")
    return ExitCode.INVALID if faults else ExitCode.DONE
