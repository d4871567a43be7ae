"""`campaigner preview`: exactly what will be posted, as cards, a table, or JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, Severity, UsageError
from .instants import read_day
from .options import AccountOption, Json, TargetArgument, YearOption
from .post_keys import accounts_named, campaign_of, language_meant, matching, shortest_names

if TYPE_CHECKING:
    from ..engine.world import World
    from ..ledger.models import Approval
    from ..plan.expand import Slot
    from ..plan.faults import Planned
    from ..plan.quota_checks import SentTexts
    from ..post.key import PostKey
    from ..post.post import Post
    from .status_posts import Standing
    from .wiring import Workspace

    Shown = tuple[Slot, Post]


OVER, OUT, UNSEEN, APPROVED = "its time is over", "it is out", "not approved yet", "approved by"
SHOWN_BY_MARKS = (OUT, UNSEEN, APPROVED)
BIG_DAY = 12
"""A preview of whole days with more messages than these has a line each, and cards where it is asked for less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which posts to show; None means all, but of each campaign just its next edition, else its last."""

    target: str | None = None
    year: str | None = None
    account: str | None = None
    language: str | None = None
    on: date | None = None

    @property
    def words(self) -> list[str]:
        """The parts of the target: a campaign, an account or a platform first."""
        return campaign_of(self.target or "").strip("/").split("/")


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
    from ..plan.expand import OVER_WITHIN, over_lately
    from .status_posts import look

    workspace: Workspace = context.obj
    today = workspace.clock.now().astimezone(workspace.zone()).date()
    on = read_day("--date", day, today, workspace.languages()) if day else None
    choice = Choice(target=target, year=year, account=account, language=language, on=on)
    world, planned = workspace.planned()
    chosen, faults = choose(workspace, world, planned, choice)
    posts = [(slot, workspace.compose(slot)) for slot in chosen]
    over = {slot.key for slot in over_lately(planned.slots, workspace.clock.now(), OVER_WITHIN)}
    asks = workspace.config.approval == "required"
    standing = look(workspace) if posts and (asks or any(post.key in over for _, post in posts)) else None
    sent = workspace.sent_texts({slot.key.account: slot.account for slot in chosen})
    said = {post.key: [*_repeats(sent, slot, post), *_became(workspace, standing, over, post)] for slot, post in posts}
    posts = [(slot, replace(post, notes=(*post.notes, *said[post.key]))) for slot, post in posts]
    if as_json:
        from ..preview.json_format import as_json as shape

        workspace.terminal.json([shape(post, slot.account.profile) for slot, post in posts])
    elif table:
        _show_table(workspace, posts)
    else:
        if _is_big(planned, choice, chosen):
            _show_lines(workspace, standing, posts, said)
        else:
            _show_cards(workspace, posts)
        if asks and standing is not None:
            _say_codes(workspace, standing, planned, [post for _, post in posts], is_all=choice == Choice())
    return say_faults(workspace, faults, "shown")


def choose(
    workspace: Workspace, world: World, planned: Planned, choice: Choice
) -> tuple[list[Slot], Mapping[str, str]]:
    """The slots that a choice means, in time order, and what a fault holds back of it, with the fault.

    Raises UsageError, with what there is, when it means neither.
    """
    platforms, slots = workspace.platforms(), planned.slots
    faults = _faults(world, planned, choice)
    accounts = platforms if choice.account is None else accounts_named(choice.account, platforms)
    meant = slots
    if choice.target is not None:
        named = {str(slot.key): slot for slot in slots}
        keys = set() if _is_empty(world, planned, choice) else set(matching(choice.target, named, platforms))
        meant = [slot for key, slot in named.items() if key in keys]
    editions = _editions(meant, choice, workspace.clock.now().astimezone(workspace.zone()).date())
    found = [
        slot
        for slot in meant
        if slot.key.account in accounts
        and (choice.language is None or choice.language in slot.languages)
        and (choice.on is None or slot.local_at.date() == choice.on)
        and (slot.key.campaign, slot.key.edition) in editions
    ]
    if not found and choice != Choice():
        hint = _what_there_is(slots, meant, choice)
        if not faults:
            raise UsageError("no post is meant by that", hint=hint)
        if meant:
            # Whether what has a fault was meant, nobody knows.
            workspace.terminal.error(UsageError("no post without a fault is meant by that", hint=hint))
    return found, faults


def _is_empty(world: World, planned: Planned, choice: Choice) -> bool:
    """True for a campaign that has no post, and for a message that a fault holds back."""
    campaign, *below = choice.words
    is_known = any(file.id == campaign for file in world.files)
    is_held = len(below) > 1 and (campaign, below[1]) in planned.held_back
    return is_held or (is_known and all(slot.key.campaign != campaign for slot in planned.slots))


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
        if (year := choice.year) is not None:
            wanted |= {(campaign, label) for label in editions if label == year or label.startswith(f"{year}-")}
        elif choice.on is not None:
            wanted |= {(campaign, label) for label in editions}
        else:
            ahead = sorted((ends, label) for label, ends in editions.items() if ends >= today)
            wanted.add((campaign, ahead[0][1] if ahead else max((ends, label) for label, ends in editions.items())[1]))
    return wanted


def _is_big(planned: Planned, choice: Choice, chosen: Sequence[Slot]) -> bool:
    """True for whole days of many messages, of which nobody has asked for a part."""
    campaign, *below = choice.words
    is_part = len(below) > 1 or (campaign and all(slot.key.campaign != campaign for slot in planned.slots))
    is_whole = not is_part and choice.account is None and choice.language is None
    return is_whole and len({slot.key[:3] for slot in chosen}) > BIG_DAY


def _show_lines(
    workspace: Workspace, standing: Standing | None, posts: Sequence[Shown], said: Mapping[PostKey, Sequence[str]]
) -> None:
    """A line a message, as `status` has them, with what is to be looked at below it."""
    from ..engine.due import Kind
    from ..preview.cards import fullest
    from .status_page import show_days
    from .status_posts import as_planned

    known = {} if standing is None else {post.key: post for post in standing.posts}
    notes = {}
    for slot, post in posts:
        *_, count = fullest(post, slot.account.profile)
        notes[slot.key] = [
            *(["DRAFT, not posted"] if post.draft else []),
            *([] if count.style == "good" else [count.text]),
            *(note for note in said[slot.key] if not note.startswith(SHOWN_BY_MARKS)),
        ]
    found = [known.get(slot.key) or as_planned(slot, Kind.PLANNED) for slot, _ in posts]
    show_days(workspace, found, workspace.clock.now(), notes)
    message = "/".join(posts[0][0].key[:3])
    languages = " or ".join(dict.fromkeys(slot.languages[0] for slot, _ in posts))
    workspace.terminal.out(
        f"whole, as cards: a message by its KEY, as in `campaigner preview {message}`, or --language {languages}"
    )
    workspace.terminal.err(f"{len(posts)} posts")


def _show_cards(workspace: Workspace, posts: Sequence[Shown]) -> None:
    from ..preview.cards import cards

    terminal = workspace.terminal
    shown = [(post, slot.account.profile) for slot, post in posts]
    terminal.page(cards(shown, width=terminal.width), clears=False)
    if not posts:
        terminal.err("nothing to show")
        return
    terminal.err(f"{len(posts)} post{'s' if len(posts) > 1 else ''}")


def _repeats(sent: SentTexts, slot: Slot, post: Post) -> list[str]:
    """What is out already in the same words, where the platform refuses that."""
    return [one.message for one in sent.problems(slot, post.parts) if not slot.allows(one.severity, one.code)]


def _became(workspace: Workspace, standing: Standing | None, over: Collection[PostKey], post: Post) -> Iterator[str]:
    """What has become of a post: it is out, its time is over, who has approved it."""
    if standing is None:
        return
    asks, is_out = workspace.config.approval == "required", post.key in standing.out
    if post.key in over or (asks and is_out):
        yield OUT if is_out else OVER
    if asks and not is_out:
        yield _approval(workspace, standing.approvals.get(str(post.key)), post)


def _approval(workspace: Workspace, approval: Approval | None, post: Post) -> str:
    if approval is None:
        return UNSEEN
    when = workspace.when(approval.given_at)
    if approval.digest == post.digest:
        return f"{APPROVED} {approval.given_by}, {when}"
    return f"changed since {approval.given_by} approved it, {when}"


def _say_codes(
    workspace: Workspace, standing: Standing, planned: Planned, posts: Sequence[Post], *, is_all: bool
) -> None:
    """The commands that approve what is shown and not out yet, and nothing else: of each campaign, and of all of it."""
    from ..ledger.decisions import approval_code

    known = [str(slot.key) for slot in planned.slots if slot.key not in standing.out]
    digests = {str(post.key): post.digest for post in posts if post.key not in standing.out}
    approved = standing.facts.approved
    if digests and all(approved.get(key) == digest for key, digest in digests.items()):
        workspace.terminal.spans([("all of this is approved", "good")])
        return
    campaigns = [list(of_one) for _, of_one in groupby(sorted(digests), key=lambda key: key.split("/")[0])]
    for keys in campaigns:
        names, code = shortest_names(keys, known), approval_code([digests[key] for key in keys])
        workspace.terminal.out(f"approve with: campaigner approve {' '.join(names)} --by NAME --code {code}")
    if is_all and len(campaigns) > 1:
        code = approval_code([digests[key] for key in sorted(digests)])
        workspace.terminal.out(f"approve all of them with: campaigner approve --by NAME --code {code}")


def _show_table(workspace: Workspace, posts: Sequence[Shown]) -> None:
    from ..preview.table import table

    terminal = workspace.terminal
    rows = [(post, slot.account.profile) for slot, post in posts]
    terminal.page(table(rows, width=terminal.width), clears=False)


def _faults(world: World, planned: Planned, choice: Choice) -> dict[str, str]:
    """The files, campaigns and messages of the choice that a fault keeps from being posted, each with its first fault."""
    wanted, *below = choice.words
    of_files = [problem for file in world.files for problem in file.problems if problem.severity is Severity.ERROR]
    known = {*planned.broken, *(campaign for campaign, _ in planned.held_back), *(p.campaign for p in of_files)}
    # An account or a platform may have posts of any campaign.
    campaigns = {wanted} if wanted in {*known, *(slot.key.campaign for slot in planned.slots)} else known
    found: dict[str, str] = {}
    for problem in of_files:
        if problem.campaign in campaigns and problem.message_id is None:
            found.setdefault(problem.place.file, f"{problem.place}: {problem.message}")
    found |= {campaign: reason for campaign, reason in planned.broken.items() if campaign in campaigns}
    return found | {
        f"{campaign} {message}": reason
        for (campaign, message), reason in sorted(planned.held_back.items())
        if campaign in campaigns and (len(below) < 2 or below[1] == message)
    }


def say_faults(workspace: Workspace, faults: Mapping[str, str], what: str) -> ExitCode:
    """Whoever signs off must know what a fault keeps from being posted."""
    for name, fault in faults.items():
        workspace.terminal.err(f"not {what}, for a fault holds it back: {name}", "error")
        workspace.terminal.err(f"    {fault}", "error")
    if faults:
        workspace.terminal.err("`campaigner check` says what to do about it", "error")
    return ExitCode.INVALID if faults else ExitCode.DONE
