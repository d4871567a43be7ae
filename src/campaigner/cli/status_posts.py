"""What `campaigner status` knows: every post with its state, and what else the ledger has for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from posixpath import commonpath
from typing import TYPE_CHECKING, NamedTuple

from ..delivery import hold_expiry, safety_gates
from ..engine.accepted_plan import Accepted, would_accept
from ..engine.due import (
    MAY_BE_OUT,
    THEN,
    Facts,
    Kind,
    PostState,
    PostStatus,
    Rules,
    at_its_account,
    kept_by_people,
    statuses,
    together,
)
from ..ledger import alerts, decisions, lock, parts, runs
from ..ledger.ledger import Connection
from ..ledger.models import AccountState, Alert, Approval, Hold, Run
from .post_keys import shortest_names

if TYPE_CHECKING:
    from ..campaign.config import Config
    from ..ledger.ledger import Ledger
    from ..plan.expand import Slot
    from ..post.key import PostKey
    from .wiring import Workspace

TOLD_FOR = timedelta(hours=48)
"""How long `status` goes on telling what no post shows: a file that broke, a message that was taken out."""
LASTING = frozenset({"account", "clock", "file", "message", "unreachable"})
"""Kinds of alerts that are told once and withdrawn when all is well again: for the posts of next week too, they count."""
TELLS_MORE = {
    "approval": Kind.AWAITING_APPROVAL,
    "differs": Kind.PUBLISHED,
    "edited": Kind.PLANNED,
    "overdue": Kind.DUE,
}
"""Kinds of alerts that say more of a post than its state, as long as that is so."""
LASTS_FOR = timedelta(days=14)
BETWEEN_RUNS = timedelta(minutes=2)
"""After a `run --once` that ended so lately, cron's next one is awaited."""
OVERDUE_AFTER = timedelta(minutes=15)
"""A post that is tried again and again needs nobody at first; after so long a person looks at it."""
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Standing(NamedTuple):
    """Where the day stands: what the ledger says at one moment, and every post in time order.

    `due` counts the posts that are due while nothing is at work. `hold_file`: the words of the file that holds everything,
    None when there is none. `keys`: of all posts, though only some may be asked for.
    """

    now: datetime
    facts: Facts = Facts({}, (), {}, frozenset(), {}, is_at_work=False)
    attempts: Mapping[str, int] = {}
    approvals: Mapping[str, Approval] = {}
    alerts: Sequence[Alert] = ()
    run: Run | None = None
    posts: Sequence[PostStatus] = ()
    due: int = 0
    hold_file: str | None = None
    keys: frozenset[str] = frozenset()

    @property
    def stopped(self) -> list[AccountState]:
        """The accounts that are stopped."""
        return [
            account_state
            for account_state in self.facts.account_states.values()
            if account_state.stopped_at is not None
        ]

    @property
    def holds(self) -> list[Hold]:
        """The holds that people gave by a command."""
        return [hold for hold in self.facts.holds if hold.given_by != hold_expiry.BY_FILE]

    @property
    def needing(self) -> list[PostStatus]:
        """The posts that go on by nobody's doing but a person's, or that a person must know of."""
        return [post for post in self.posts if post.state.command]

    @property
    def other_alerts(self) -> list[Alert]:
        """What was told and neither a post nor a stopped account shows: of files, secrets, clocks, of posts that were skipped."""
        kinds = {str(post.key): post.state.kind for post in self.posts}
        shown = {str(post.key) for post in self.posts if post.state.command or post.state.kind is Kind.PUBLISHED}
        accounts = {command_for_account(account_state.account) for account_state in self.stopped}
        return [
            alert
            for alert in self.alerts
            if (
                kinds.get(alert.key or "") is TELLS_MORE[alert.kind]
                if alert.kind in TELLS_MORE
                else alert.key not in shown
            )
            and not (alert.kind == "account" and alert.command in accounts)
        ]

    @property
    def out(self) -> frozenset[PostKey]:
        """The posts that readers see, or may see."""
        return frozenset(post.key for post in self.posts if post.state.kind in MAY_BE_OUT)

    @property
    def needs_person(self) -> bool:
        """True when something does, of a post or not."""
        return bool(self.needing or self.stopped or self.other_alerts or self.holds or self.hold_file)

    @property
    def ahead(self) -> PostStatus | None:
        """The post that goes out next, if nobody does anything."""
        return next((post for post in self.posts if post.state == PostState(Kind.PLANNED)), None)


def look(workspace: Workspace) -> Standing:
    """Read files and ledger as they are now."""
    now = workspace.clock.now()
    world = workspace.read()
    ledger = workspace.ledger_for_reading()
    if ledger is None:
        return _with_posts(workspace, Standing(now), would_accept(workspace, None, world, now))
    with closing(ledger):
        is_at_work = not lock.is_free(ledger.path)
        standing, accepted = ledger.read(
            lambda connection: (
                remembered(connection, now, is_at_work=is_at_work),
                would_accept(workspace, connection, world, now),
            )
        )
    return _with_posts(workspace, standing, accepted)


def remembered(connection: Connection, now: datetime, *, is_at_work: bool) -> Standing:
    """Read all of the ledger in one snapshot. `is_at_work`: a run has it."""
    return Standing(
        now,
        facts=Facts.load(connection, ALWAYS[0])._replace(is_at_work=is_at_work),
        attempts=parts.count_attempts(connection),
        approvals=decisions.approvals(connection),
        alerts=[
            alert
            for alert in alerts.standing(connection, now - LASTS_FOR)
            if alert.kind in LASTING or alert.raised_at >= now - TOLD_FOR
        ],
        run=runs.last(connection),
    )


def _with_posts(workspace: Workspace, standing: Standing, accepted: Accepted) -> Standing:
    """Every post with its state, and with what its account and the runs have to do with it."""
    rules = _rules(workspace, accepted.world.config)
    (since, until), now, facts = ALWAYS, standing.now, standing.facts
    found = statuses(accepted, facts, rules, now, since=since, until=until)
    found = [at_its_account(post, facts, now) for post in found]
    due = [post.key for post in found if post.state.kind is Kind.DUE] if _is_idle(standing) else []
    found = [_needing_a_person(post, now, is_left=post.key in due) for post in found]
    return standing._replace(
        # Those of one instant stay in the order in which they are sent.
        posts=sorted(found, key=lambda post: post.due_at),
        due=len(due),
        hold_file=rules.hold_file,
        keys=frozenset(str(post.key) for post in found),
    )


def _rules(workspace: Workspace, config: Config) -> Rules:
    return Rules(
        hold_file=safety_gates.hold_file_text(config),
        approval_required=config.approval == "required",
        compose=workspace.compose,
    )


def as_planned(slot: Slot, kind: Kind) -> PostStatus:
    """A post of which nothing is known but its slot."""
    return PostStatus(slot.key, slot.due_at, slot.due_at, PostState(kind), slot)


def kept_back(workspace: Workspace, ledger: Ledger, slots: Iterable[Slot]) -> dict[str, PostState]:
    """What keeps each of these posts, by KEY, though a person wants it sent: holds, no approval, its account."""
    now = workspace.clock.now()
    facts = ledger.read(lambda connection: Facts.load(connection, now))
    kept = {}
    for slot in slots:
        rules = _rules(workspace, workspace.config)
        state = at_its_account(as_planned(slot, Kind.DUE), facts, now).state
        if states := [*kept_by_people(slot, facts, rules), *([state] if state.command else [])]:
            kept[str(slot.key)] = together(states)
    return kept


def commands_for(commands: Mapping[str, str], known: Collection[str]) -> list[str]:
    """What is typed about these posts, by KEY, step after step, in as few commands as that takes."""
    steps: dict[str, list[str]] = {}
    for key, command in commands.items():
        for step in command.split(THEN):
            steps.setdefault(step.replace(key, "KEY"), []).append(key)
    found = []
    for step, keys in steps.items():
        names = shortest_names(keys, known) if "KEY" in step else [""]
        if " approve " in step:
            # A preview may show more than is meant: its last line approves what it shows.
            common = commonpath(keys)
            names = [common] if len(names) > 1 and "/" in common else names
            found += [f"campaigner preview {name} (its last line approves it)" for name in names]
        else:
            is_said = " --yes" in step
            found += [step.replace("KEY", name if is_said or name in known else f"{name} --yes") for name in names]
    return found


def _needing_a_person(post: PostStatus, now: datetime, *, is_left: bool) -> PostStatus:
    """What is due needs a person when nothing is at work, and when it has been due for long."""
    state = post.state
    if state.kind is not Kind.DUE or state.command:
        return post
    if state.until is not None and now >= post.due_at + OVERDUE_AFTER:
        return post._replace(state=state._replace(command=f"campaigner retry {post.key}"))
    return post._replace(state=state._replace(command=RUN)) if is_left else post


RUN = "campaigner run, or campaigner run --once"


def _is_idle(standing: Standing) -> bool:
    """True when nothing is at work, and nothing can be expected to be soon."""
    run, is_at_work = standing.run, standing.facts.is_at_work
    if run is None or is_at_work:
        return not is_at_work
    return run.ended_at is None or run.engine != "run --once" or standing.now > run.ended_at + BETWEEN_RUNS


def command_for_account(account: str) -> str:
    """What to type about an account that is stopped."""
    return f"campaigner accounts check {account}"


def changed_since(workspace: Workspace, post: PostStatus) -> str:
    """Where the file differs from what was posted; else empty."""
    delivery, slot = post.delivery, post.slot
    if post.state.kind is not Kind.PUBLISHED or slot is None or delivery is None or delivery.digest is None:
        return ""
    if workspace.digest_of(slot) == delivery.digest:
        return ""
    return "the file has changed since; what is out stays as it was"
