"""What each post is at one moment, and what a run must do with it.

`state_of` is the only place that knows what a post is: runs, `status` and `preview` all ask it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from ..delivery import hold_expiry, parity, safety_gates
from ..errors import CampaignerError
from ..ledger import account_states, decisions, deliveries, parts
from ..ledger.account_states import FAILURES_BEFORE_REST
from ..ledger.ledger import Connection
from ..ledger.models import AccountState, Delivery, Hold, State
from ..plan.expand import Slot
from ..post.key import PostKey
from ..post.post import Post
from .accepted_plan import Absent, Accepted

REMEMBERED = timedelta(days=61)
"""A run does not ask of older posts what became of them, unless they are under way."""


class Kind(StrEnum):
    """What a post is. Skipped, deleted and cancelled are one in the ledger: it will not go out."""

    PLANNED = "planned"
    DUE = "due"
    HELD = "held"
    AWAITING_APPROVAL = "awaiting-approval"
    CLAIMED = "claimed"
    SENDING = "sending"
    PUBLISHED = "published"
    IN_DOUBT = "in-doubt"
    PARTIAL = "partial"
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    DELETED = "deleted"


OVER = frozenset({Kind.FAILED, Kind.MISSED, Kind.CANCELLED, Kind.SKIPPED, Kind.DELETED})
"""It is not out, and goes out by nobody's doing but a person's."""
RETRIED = frozenset({Kind.FAILED, Kind.MISSED})
"""What `retry` sends again, where people let it."""
MAY_BE_OUT = frozenset({Kind.PUBLISHED, Kind.SENDING, Kind.IN_DOUBT, Kind.PARTIAL})
ENDED_BY = {hold_expiry.SKIPPED: Kind.SKIPPED, parts.DELETED: Kind.DELETED}
"""What the ledger notes with a post that was cancelled by something else than `cancel`."""


class PostState(NamedTuple):
    """What a post is, why, and what a person types about it.

    `until`: it is due, and tried again then. `gate`: a safety gate holds it, that a person may open.
    """

    kind: Kind
    reason: str = ""
    command: str = ""
    until: datetime | None = None
    gate: bool = False


class PostStatus(NamedTuple):
    """One post with its state. From `late_at` on it is too late to be of use. `slot` None: no file plans it now."""

    key: PostKey
    due_at: datetime
    late_at: datetime
    state: PostState
    slot: Slot | None = None
    delivery: Delivery | None = None

    @property
    def may_be_sent(self) -> bool:
        """True when nothing keeps a post from being begun now."""
        is_free = self.state.kind is Kind.DUE and self.state.until is None
        return is_free and self.slot is not None and not self.is_begun

    @property
    def is_begun(self) -> bool:
        """True when it is over, or out, or under way, also in part."""
        return self.delivery is not None and is_begun(self.delivery)

    @property
    def is_over(self) -> bool:
        """True for what was never begun, and is too late to be of use."""
        return self.state.kind is Kind.MISSED and not self.is_begun

    @property
    def is_forced(self) -> bool:
        """True when a person wants it out."""
        return self.delivery is not None and self.delivery.forced

    @property
    def has_left(self) -> bool:
        """True when it is in the ledger and no file has it any more."""
        return self.slot is None and self.delivery is not None


class Facts(NamedTuple):
    """What the ledger says at one moment. `is_at_work`: a run has in hand what is claimed or being sent."""

    deliveries: Mapping[str, Delivery]
    holds: Sequence[Hold]
    approved: Mapping[str, str]
    confirmed: Collection[str]
    account_states: Mapping[str, AccountState]
    is_at_work: bool = True

    @classmethod
    def load(cls, connection: Connection, since: datetime, *, approved: bool = True, confirmed: bool = True) -> Facts:
        """Deliveries that are open, or were due since `since`. What people `approved` and `confirmed`: where that is asked."""
        return cls(
            deliveries={str(found.key): found for found in deliveries.select_since(connection, since)},
            holds=decisions.open_holds(connection),
            approved=decisions.approved_digests(connection) if approved else {},
            confirmed=decisions.confirmed_keys(connection) if confirmed else frozenset(),
            account_states=account_states.by_account(connection),
        )


class Rules(NamedTuple):
    """What there is to know besides plan and ledger. `compose` is asked only where approval is required.

    `confirmed`: a person says yes to the gates of all that is due. `in_progress`: the KEYs that a run has taken already.
    """

    hold_file: str | None
    approval_required: bool
    compose: Callable[[Slot], Post]
    confirmed: bool = False
    in_progress: Collection[str] = ()


def state_of(slot: Slot, late_at: datetime, seen_at: datetime, facts: Facts, rules: Rules, now: datetime) -> PostState:
    """What a planned post is now. `late_at`: too late from then on. `seen_at`: when its due time was first accepted.

    Pure, but for `rules.compose`, which is asked of a post that somebody has approved.
    """
    delivery = facts.deliveries.get(str(slot.key))
    if delivery is not None and (delivery.state is not State.DUE or delivery.published_at):
        state = state_in_ledger(delivery, facts, rules, now)
        return _after(state, kept_by_people(slot, facts, rules)) if state.kind in RETRIED else state
    people = kept_by_people(slot, facts, rules)
    if now < slot.due_at:
        return _ahead(people)
    blocked = together(people) if people else _gate(slot, delivery, seen_at, facts, rules)
    is_wanted = delivery is not None and delivery.forced
    if now >= late_at and not is_wanted:
        reason = _missed_reason(slot.key.account, delivery, blocked, facts)
        missed = PostState(Kind.MISSED, reason, f"campaigner retry {slot.key} --yes")
        return _after(missed, people)
    if delivery is not None and delivery.retry_at is not None and delivery.retry_at > now:
        return PostState(Kind.DUE, delivery.reason or "it is tried again later", until=delivery.retry_at)
    return blocked or PostState(Kind.DUE, (delivery.reason or "") if delivery else "")


def state_in_ledger(delivery: Delivery, facts: Facts, rules: Rules, now: datetime) -> PostState:
    """What a post is that was begun: the ledger alone says it, whatever the files have."""
    reason = delivery.reason or ""
    if delivery.state is State.PUBLISHED:
        # Most are: a look goes through those of two months.
        return PostState(Kind.PUBLISHED, reason)
    key, is_left = delivery.key, not facts.is_at_work
    resolve = f"campaigner resolve {key} --published URL (or --not-published)"
    match delivery.state:
        case State.DUE if delivery.published_at:
            return _half_out(delivery, facts, rules, now)
        case State.CLAIMED if is_left:
            reason = "the process that had claimed it has ended: nothing was sent"
            return PostState(Kind.CLAIMED, reason, f"campaigner run --once, or campaigner retry {key}")
        case State.SENDING if is_left:
            reason = "the process that was sending it has ended: it may be out"
            return PostState(Kind.SENDING, reason, f"campaigner run --once, or {resolve}")
        case State.FAILED:
            return PostState(Kind.FAILED, reason, f"campaigner retry {key}")
        case State.MISSED:
            return PostState(Kind.MISSED, reason, f"campaigner retry {key} --yes")
        case State.IN_DOUBT:
            until = delivery.retry_at if delivery.retry_at is not None and delivery.retry_at > now else None
            return PostState(Kind.IN_DOUBT, reason, resolve, until=until)
        case State.PARTIAL:
            command = f"campaigner delete {key}, or campaigner retry {key} for the rest"
            return PostState(Kind.PARTIAL, reason, command)
        case State.CANCELLED:
            return PostState(ENDED_BY.get(reason, Kind.CANCELLED), reason)
        case state:
            return PostState(Kind(str(state)), reason)


def _half_out(delivery: Delivery, facts: Facts, rules: Rules, now: datetime) -> PostState:
    """A thread whose beginning is out goes on from what was stored, `late` or not, unless somebody has said otherwise."""
    key, reason = delivery.key, delivery.reason or ""
    if delivery.retry_at is not None and delivery.retry_at > now:
        return PostState(Kind.DUE, reason or "it is tried again later", until=delivery.retry_at)
    if holds := _holds_of(key, facts, rules):
        return together(holds)
    if rules.approval_required and facts.approved.get(str(key)) != delivery.digest:
        reason = "what was approved is not what its first parts are of"
        return PostState(Kind.AWAITING_APPROVAL, reason, f"campaigner delete {key}")
    return PostState(Kind.DUE, reason)


def _gate(slot: Slot, delivery: Delivery | None, seen_at: datetime, facts: Facts, rules: Rules) -> PostState | None:
    """Behind a safety gate, that nobody has opened yet; else None."""
    if delivery is not None or rules.confirmed or str(slot.key) in facts.confirmed:
        return None
    past = safety_gates.past_when_accepted(slot.due_at, seen_at)
    return PostState(Kind.HELD, past, f"campaigner retry {slot.key}", gate=True) if past else None


def kept_by_people(slot: Slot, facts: Facts, rules: Rules) -> list[PostState]:
    """All that a person has to lift before a post goes out, whoever wants it to: holds, a missing approval."""
    found = _holds_of(slot.key, facts, rules)
    if rules.approval_required and (reason := approval_block(slot, facts.approved, rules.compose)):
        command = f"campaigner approve {slot.key} --by NAME --code CODE"
        found.append(PostState(Kind.AWAITING_APPROVAL, reason, command))
    return found


def _after(state: PostState, people: Sequence[PostState]) -> PostState:
    """A state whose command has an effect only after those that lift what keeps the post."""
    return state._replace(command=together([*people, state]).command)


def _holds_of(key: PostKey, facts: Facts, rules: Rules) -> list[PostState]:
    """What stops a post, each with what ends that. A run has noted the file that holds everything as a hold."""
    holds = [hold for hold in facts.holds if hold.covers(key.campaign, key.account)]
    found = [PostState(Kind.HELD, f"on hold: {hold.reason}", command_for_hold(hold)) for hold in holds]
    if rules.hold_file is not None and not any(hold.given_by == hold_expiry.BY_FILE for hold in holds):
        found.append(PostState(Kind.HELD, rules.hold_file, command_for_file(rules.hold_file)))
    return found


def together(states: Sequence[PostState]) -> PostState:
    """One state of all that keeps a post: the first, with the words and the commands of the others."""
    reasons = "; ".join(dict.fromkeys(state.reason for state in states))
    commands = THEN.join(dict.fromkeys(state.command for state in states))
    return states[0]._replace(reason=reasons, command=commands)


DELETE_FILE = "delete that file"
THEN = ", then "
"""Between the commands of a post that several things keep."""


def command_for_file(words: str) -> str:
    """What ends what the file HOLD holds, or a folder where it may lie."""
    return DELETE_FILE if words.startswith(safety_gates.BY_FILE) else "mend that folder, or take it out of the config"


def command_for_hold(hold: Hold) -> str:
    """What to type to end it."""
    if hold.given_by == hold_expiry.BY_FILE:
        return DELETE_FILE
    return command_to_release(hold.campaign, hold.account)


def command_to_release(campaign: str | None, account: str | None) -> str:
    """What to type to end exactly the holds of this scope; without one it ends all of them."""
    scope = {"campaign": campaign, "account": account}
    return "campaigner release" + "".join(f" --{name} {value}" for name, value in scope.items() if value)


def approval_block(slot: Slot, approved: Mapping[str, str], compose: Callable[[Slot], Post]) -> str | None:
    """Why nobody has approved a post as it is now, by the digests that were; None when somebody has."""
    digest = approved.get(str(slot.key))
    if digest is None:
        return "it is not approved"
    try:
        is_same = compose(slot).digest == digest
    except CampaignerError as error:
        return f"it was approved, and can't be composed any more: {error}"
    return None if is_same else "it was changed after its approval"


def _ahead(people: Sequence[PostState]) -> PostState:
    """Before its time: a hold may end by then, an approval has to come."""
    if not people:
        return PostState(Kind.PLANNED)
    *_, last = people
    if last.kind is Kind.AWAITING_APPROVAL:
        return last._replace(reason=together(people[::-1]).reason)
    return last._replace(kind=Kind.PLANNED, command="")


def _missed_reason(account: str, delivery: Delivery | None, blocked: PostState | None, facts: Facts) -> str:
    """What has kept a post from going out until it was too late: people, its own last try, or its account's; else empty."""
    if blocked is not None:
        return blocked.reason
    if delivery is not None and delivery.reason:
        return delivery.reason
    account_state = facts.account_states.get(account)
    if account_state is not None and account_state.stopped_at:
        return f"account {account} is refused by its platform: {account_state.stopped_reason}"
    return (account_state.trouble if account_state else None) or ""


def account_block(account_state: AccountState, now: datetime) -> PostState | None:
    """What is due on an account that sends nothing now: until when, or the command of a person; None when it may."""
    name, until = account_state.account, account_state.rested_until
    if (stopped := account_state.stopped_in_words) is not None:
        return PostState(Kind.DUE, stopped, f"campaigner accounts check {name}")
    if until is None or now >= until:
        return None
    if account_state.failures >= FAILURES_BEFORE_REST:
        return PostState(
            Kind.DUE, f"account {name} failed {account_state.failures} times in a row and rests", until=until
        )
    return PostState(
        Kind.DUE, f"account {name} rests until its platform takes more: {account_state.trouble}", until=until
    )


def at_its_account(status: PostStatus, facts: Facts, now: datetime) -> PostStatus:
    """What could be begun now waits while its account rests or is stopped. Runs ask that account by account."""
    account_state = facts.account_states.get(status.key.account)
    if account_state is None or status.state.kind is not Kind.DUE or status.state.until is not None:
        return status
    return status._replace(state=account_block(account_state, now) or status.state)


# All posts at once


def statuses(
    accepted: Accepted, facts: Facts, rules: Rules, now: datetime, *, since: datetime, until: datetime
) -> list[PostStatus]:
    """Every post that is due in that time, in time order, then what its file holds and what the plan no longer has.

    Left out is what nobody need know of: drafts, and what was over when this ledger first saw it.
    """
    found = list(_planned(accepted, facts, rules, now, since=since, until=until))
    if accepted.siblings:
        found = [_with_siblings(one, accepted, facts, rules, now) for one in found]
    if not rules.confirmed:
        found = _held_if_too_many(found, facts, rules, accepted.planned.busiest)
    found += [_held_by_file(post, accepted, now) for post in accepted.absent.values() if _is_open(post, facts)]
    return [*found, *_others(found, accepted, facts, rules, now, until)]


def _planned(
    accepted: Accepted, facts: Facts, rules: Rules, now: datetime, *, since: datetime, until: datetime
) -> Iterator[PostStatus]:
    slots, turns = accepted.planned.slots, Turns()
    for slot in slots[_first_after(slots, since) : _first_after(slots, until)]:
        if slot.draft:
            continue
        key = str(slot.key)
        delivery = facts.deliveries.get(key)
        late_at = turns.late_at(slot, delivery, now)
        seen_at = accepted.first_seen.get(key, now)
        if delivery is None and now >= late_at and seen_at > slot.due_at:
            continue
        state = state_of(slot, late_at, seen_at, facts, rules, now)
        due_at = slot.due_at
        if delivery is not None and is_begun(delivery):
            # What is out, or over, was due when it was: an edit moves it no more.
            due_at = delivery.due_at
            late_at = due_at + slot.late
        yield PostStatus(slot.key, due_at, late_at, state, slot, delivery)


def next_after(accepted: Accepted, instant: datetime) -> Slot | None:
    """The next post that is planned after an instant."""
    slots = accepted.planned.slots
    return next((slot for slot in slots[_first_after(slots, instant) :] if not slot.draft), None)


def _first_after(slots: Sequence[Slot], instant: datetime) -> int:
    return bisect_right(slots, instant, key=attrgetter("due_at"))


def is_begun(delivery: Delivery) -> bool:
    """True when it is over, or out, or under way, also in part: what a file says changes it no more."""
    return delivery.state is not State.DUE or delivery.published_at is not None


@dataclass(slots=True)
class Turns:
    """When each post's turn comes on its account: waiting for `spacing` makes no post late, whoever looks at it."""

    _last_at: dict[str, datetime] = field(default_factory=dict)

    def late_at(self, slot: Slot, delivery: Delivery | None, now: datetime) -> datetime:
        """From when on the post is too late to be of use. Slots come in time order."""
        account = slot.key.account
        last_at = self._last_at.get(account)
        waits = last_at is not None and slot.spacing
        turn_at = max(slot.due_at, last_at + slot.spacing) if waits and last_at else slot.due_at
        out_at = delivery.published_at if delivery is not None else None
        if out_at is not None or now < turn_at + slot.late:
            self._last_at[account] = max(last_at or turn_at, out_at or turn_at)
        return turn_at + slot.late


def _with_siblings(status: PostStatus, accepted: Accepted, facts: Facts, rules: Rules, now: datetime) -> PostStatus:
    """Where parity is required, what could be sent is held while one of the message's posts can't go out."""
    if not status.may_be_sent or status.is_forced:
        return status
    others = [
        (
            slot.key,
            state_of(slot, slot.due_at + slot.late, accepted.first_seen.get(str(slot.key), now), facts, rules, now),
        )
        for slot in accepted.siblings_of(status.key)
        if slot.key != status.key
    ]
    reason = _sibling_block(others, facts, rules)
    if reason is None:
        return status
    command = f"campaigner retry {status.key} sends it without the others"
    return status._replace(state=PostState(Kind.HELD, parity.in_words(reason), command))


def _sibling_block(others: Sequence[tuple[PostKey, PostState]], facts: Facts, rules: Rules) -> str | None:
    for key, state in others:
        if state.kind in OVER:
            return f"{key} is {state.kind}" + (f" ({state.reason})" if state.reason else "")
    if any(state.kind in MAY_BE_OUT for _, state in others):
        return None
    for key, state in others:
        if state.kind in (Kind.HELD, Kind.AWAITING_APPROVAL) or state.until is not None:
            return f"{key}: {state.reason}"
        if holds := _holds_of(key, facts, rules):
            return f"{key}: {together(holds).reason}"
        account_state = facts.account_states.get(key.account)
        if account_state is not None and (stopped := account_state.stopped_in_words) is not None:
            return f"{key}: {stopped}"
    return None


def _held_if_too_many(found: Sequence[PostStatus], facts: Facts, rules: Rules, busiest: int) -> list[PostStatus]:
    """What a person wants is not counted, and not held."""
    counted = {
        status.key
        for status in found
        if status.may_be_sent
        and str(status.key) not in rules.in_progress
        and not status.is_forced
        and str(status.key) not in facts.confirmed
    }
    reason = safety_gates.too_many(len(counted), busiest)
    if reason is None:
        return list(found)
    held = PostState(Kind.HELD, reason, "campaigner run --once --yes", gate=True)
    return [status._replace(state=held) if status.key in counted else status for status in found]


def _is_open(post: Absent, facts: Facts) -> bool:
    delivery = facts.deliveries.get(str(post.key))
    return delivery is None or not is_begun(delivery)


def _held_by_file(post: Absent, accepted: Accepted, now: datetime) -> PostStatus:
    """What was accepted and can't go out as its file is now: held, and missed at last."""
    is_gone = all(file.id != post.key.campaign for file in accepted.world.files)
    command = f"put the file back, or campaigner cancel {post.key}" if is_gone else "campaigner check"
    kind = Kind.MISSED if now >= post.late_at else Kind.HELD
    return PostStatus(post.key, post.due_at, post.late_at, PostState(kind, post.reason, command))


def _others(
    found: Sequence[PostStatus], accepted: Accepted, facts: Facts, rules: Rules, now: datetime, until: datetime
) -> Iterator[PostStatus]:
    """Deliveries whose post the plan has no more, or has at another time: also so long ago that else nobody asks for it."""
    known = {status.key for status in found}
    for delivery in facts.deliveries.values():
        if delivery.key in known:
            continue
        slot = accepted.slots.get(str(delivery.key))
        late_at = delivery.due_at + (slot.late if slot else accepted.world.config.late)
        if is_begun(delivery):
            state = state_in_ledger(delivery, facts, rules, now)
        elif slot is None:
            state = _left_the_files(delivery, is_over=now >= late_at)
        elif slot.draft or slot.due_at > until:
            continue
        else:
            late_at = max(late_at, slot.due_at + slot.late)
            state = state_of(slot, late_at, accepted.first_seen.get(str(slot.key), now), facts, rules, now)
        if slot is None and state.kind in (Kind.FAILED, Kind.MISSED):
            state = state._replace(command=f"campaigner cancel {delivery.key}")
        yield PostStatus(delivery.key, delivery.due_at, late_at, state, slot, delivery)


def _left_the_files(delivery: Delivery, *, is_over: bool) -> PostState:
    if is_over:
        return PostState(Kind.MISSED, "it left the files before it could be sent")
    reason = "it is no longer in the files"
    return PostState(Kind.HELD, reason, f"put it back, or campaigner cancel {delivery.key}")


def due_now(accepted: Accepted, connection: Connection, rules: Rules, now: datetime) -> list[PostStatus]:
    """Every post that is due or open at this moment, but for what is in progress."""
    since = now - REMEMBERED
    facts = Facts.load(connection, since, approved=rules.approval_required, confirmed=False)
    found = statuses(accepted, facts, rules, now, since=since, until=now)
    if any(status.state.gate or status.is_over for status in found):
        # A person may have opened the gates that keep these, or kept them: that is seldom asked.
        facts = facts._replace(confirmed=decisions.confirmed_keys(connection))
        found = statuses(accepted, facts, rules, now, since=since, until=now)
    return [status for status in found if str(status.key) not in rules.in_progress]
