"""What is due now: the plan minus the ledger, each post sorted into what must happen with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from ..delivery import safety_gates
from ..delivery.backoff import asks_to_wait, is_too_long
from ..errors import CampaignerError
from ..ledger import deliveries, lanes, switches
from ..ledger.lanes import FAILURES_BEFORE_REST
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import OPEN, Delivery, Hold, Lane, State
from ..plan.expand import Slot
from ..post.key import PostKey
from ..post.post import Post
from .accepted_plan import Accepted


@dataclass(frozen=True, slots=True)
class Memory:
    """What the ledger says at one moment."""

    deliveries: Mapping[str, Delivery]
    holds: Sequence[Hold]
    approved: Mapping[str, str]
    answered: Collection[str]
    lanes: Mapping[str, Lane]

    @classmethod
    def load(cls, connection: Connection, since: datetime, now: datetime) -> Memory:
        """Deliveries that are open, or were due since `since`."""
        found = deliveries.select_since(connection, since)
        return cls(
            {str(delivery.key): delivery for delivery in found},
            switches.active_holds(connection, now),
            switches.approved_digests(connection),
            switches.answered_keys(connection),
            lanes.lanes(connection),
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A due post that does not go out now. `gate`: a safety gate, that a person may open."""

    key: PostKey
    reason: str
    gate: bool


class Missed(NamedTuple):
    """A post that is too late to be of use: how long it was of use, and what kept it from going out, if that is known."""

    key: PostKey
    due_at: datetime
    late: timedelta
    why: str | None


@dataclass(slots=True)
class Survey:
    """Every post that is due or open, sorted. `next_at` is when to look again at the latest, None: nothing is ahead.

    `overdue`: still to be sent, and either past its `late`, because a person wants it or its beginning is out, or waiting for
    longer than that; with what holds it up.
    """

    send: list[Slot] = field(default_factory=list)
    resume: list[Delivery] = field(default_factory=list)
    reconcile: list[tuple[Delivery, datetime | None]] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    waiting: list[tuple[Delivery, datetime]] = field(default_factory=list)
    overdue: list[tuple[Delivery, str]] = field(default_factory=list)
    orphaned: list[Delivery] = field(default_factory=list)
    next_at: datetime | None = None

    def wake_at(self, instant: datetime) -> None:
        """Look again at `instant`, unless earlier anyway."""
        self.next_at = instant if self.next_at is None else min(self.next_at, instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a survey has to know besides plan and ledger. `compose` is asked only where approval is required."""

    hold_file: str | None
    approval_required: bool
    compose: Callable[[Slot], Post]
    answered: bool = False
    in_hand: Collection[str] = ()


def survey(accepted: Accepted, ledger: Ledger, rules: Rules) -> Survey:
    """Sort what is due at this moment."""
    now = ledger.clock.now()
    slots = accepted.planned.slots
    since = now - timedelta(days=61)
    memory = Memory.load(ledger.connection, since, now)
    found = Survey()
    turns = Turns()
    for slot in slots:
        if slot.due_at > now:
            found.wake_at(slot.due_at)
            break
        if slot.due_at > since and not slot.draft:
            late_at = turns.late_at(slot, memory.deliveries.get(str(slot.key)), now)
            _sort_slot(found, slot, late_at, accepted, memory, rules, now)
    _sort_absent(found, accepted, memory, rules, now)
    _sort_open(found, accepted, memory, rules, now)
    wanted = {key for key, delivery in memory.deliveries.items() if delivery.forced} | set(memory.answered)
    _hold_too_many(found, accepted, rules, wanted)
    return found


def why_not_now(lane: Lane, now: datetime) -> tuple[str, datetime | None] | None:
    """Why an account sends nothing now, and until when (None: until a person acts); None when it may."""
    if lane.stopped_at is not None:
        return f"account {lane.account} is stopped: {lane.stopped_reason}", None
    if lane.rested_until is None or now >= lane.rested_until:
        return None
    if lane.failures >= FAILURES_BEFORE_REST:
        return f"account {lane.account} failed {lane.failures} times in a row and rests", lane.rested_until
    return f"account {lane.account} rests until its platform takes more: {lane.trouble}", lane.rested_until


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


def _sort_slot(
    found: Survey, slot: Slot, late_at: datetime, accepted: Accepted, memory: Memory, rules: Rules, now: datetime
) -> None:
    """One slot whose time has come."""
    key = str(slot.key)
    delivery = memory.deliveries.get(key)
    if key in rules.in_hand or (delivery is not None and (delivery.state is not State.DUE or delivery.published_at)):
        return
    forced = delivery is not None and delivery.forced
    seen_at = accepted.first_seen.get(key, now)
    is_late = now >= late_at
    if is_late and not forced:
        if delivery is not None or seen_at <= slot.due_at:
            why = _why_not_out(slot, delivery, seen_at, memory, rules)
            found.missed.append(Missed(slot.key, slot.due_at, slot.late, why))
        return
    if delivery is not None and delivery.retry_at is not None and delivery.retry_at > now:
        _wait(found, delivery, delivery.retry_at, late_at, now)
        return
    held = _why_held(slot, delivery, seen_at, memory, rules)
    if held is None:
        found.send.append(slot)
    else:
        found.held.append(held)
        found.wake_at(late_at)


def _wait(found: Survey, delivery: Delivery, until: datetime, late_at: datetime, now: datetime) -> None:
    """It is tried again later. Past its `late`, or when the wait lasts beyond it, a person is told, whoever wanted it."""
    found.waiting.append((delivery, until))
    reason = delivery.reason or "it is tried again later"
    if is_too_long(now, until, late_at):
        found.overdue.append((delivery, f"{reason}; {asks_to_wait(until)}"))
    elif now >= late_at:
        found.overdue.append((delivery, reason))
    if now >= late_at:
        found.wake_at(until)
    else:
        found.wake_at(min(until, late_at))


def _why_held(slot: Slot, delivery: Delivery | None, seen_at: datetime, memory: Memory, rules: Rules) -> Held | None:
    by_people = safety_gates.why_held_by_people(slot.key, memory.holds, rules.hold_file)
    if by_people is not None:
        return Held(slot.key, by_people, gate=False)
    if rules.approval_required and (reason := why_not_approved(slot, memory.approved, rules)):
        return Held(slot.key, reason, gate=False)
    if delivery is not None or rules.answered or str(slot.key) in memory.answered:
        return None
    past = safety_gates.past_when_accepted(slot.due_at, seen_at)
    return Held(slot.key, past, gate=True) if past else None


def _why_not_out(slot: Slot, delivery: Delivery | None, seen_at: datetime, memory: Memory, rules: Rules) -> str | None:
    """What has kept a post from going out until it was too late: people, its own last try, or its account's."""
    held = _why_held(slot, delivery, seen_at, memory, rules)
    if held is not None:
        return held.reason
    if delivery is not None and delivery.reason:
        return delivery.reason
    lane = memory.lanes.get(slot.key.account)
    if lane is None:
        return None
    return (
        f"account {lane.account} is refused by its platform: {lane.stopped_reason}" if lane.stopped_at else lane.trouble
    )


def _sort_absent(found: Survey, accepted: Accepted, memory: Memory, rules: Rules, now: datetime) -> None:
    """What was accepted and can't go out as its file is now: held, and missed at last."""
    for key, post in accepted.absent.items():
        delivery = memory.deliveries.get(key)
        if key in rules.in_hand or (
            delivery is not None and (delivery.state is not State.DUE or delivery.published_at)
        ):
            continue
        if now >= post.late_at:
            found.missed.append(Missed(post.key, post.due_at, post.late_at - post.due_at, post.reason))
            continue
        if now >= post.due_at:
            found.held.append(Held(post.key, post.reason, gate=False))
        found.wake_at(post.due_at if now < post.due_at else post.late_at)


def why_not_approved(slot: Slot, approved: Mapping[str, str], rules: Rules) -> str | None:
    """Why nobody has approved a post as it is now, by the digests that were; None when somebody has."""
    digest = approved.get(str(slot.key))
    if digest is None:
        return "it is not approved"
    try:
        is_same = rules.compose(slot).digest == digest
    except CampaignerError as error:
        return f"it was approved, and can't be composed any more: {error}"
    return None if is_same else "it was changed after its approval"


def _sort_open(
    found: Survey,
    accepted: Accepted,
    memory: Memory,
    rules: Rules,
    now: datetime,
) -> None:
    """Deliveries that are in the ledger and not over: in doubt, or half a thread, or without a slot any more."""
    for key, delivery in memory.deliveries.items():
        if delivery.state not in OPEN or key in rules.in_hand:
            continue
        slot = accepted.slots.get(key)
        late_until = delivery.due_at + (slot.late if slot else accepted.world.config.late)
        if delivery.state is State.IN_DOUBT:
            _sort_doubt(found, delivery, None if delivery.forced else late_until, now)
        elif delivery.state is State.DUE and delivery.published_at is not None:
            _sort_half_out(found, delivery, late_until, memory, rules, now)
        elif delivery.state is State.DUE and slot is None and key not in accepted.absent and now >= late_until:
            found.orphaned.append(delivery)


def _sort_doubt(found: Survey, delivery: Delivery, late_until: datetime | None, now: datetime) -> None:
    if delivery.retry_at is not None and delivery.retry_at > now:
        found.wake_at(delivery.retry_at)
        found.waiting.append((delivery, delivery.retry_at))
    else:
        found.reconcile.append((delivery, late_until))


def _sort_half_out(
    found: Survey, delivery: Delivery, late_until: datetime, memory: Memory, rules: Rules, now: datetime
) -> None:
    """Half a thread goes on from what was stored, `late` or not, unless somebody has said otherwise."""
    if delivery.retry_at is not None and delivery.retry_at > now:
        _wait(found, delivery, delivery.retry_at, late_until, now)
    elif safety_gates.why_held_by_people(delivery.key, memory.holds, rules.hold_file) is not None:
        return
    elif rules.approval_required and memory.approved.get(str(delivery.key)) != delivery.digest:
        found.overdue.append((delivery, "what was approved is not what its first parts are of"))
    else:
        found.resume.append(delivery)


def _hold_too_many(found: Survey, accepted: Accepted, rules: Rules, forced: Collection[str]) -> None:
    """What a person wants is not counted, and not held."""
    counted = [slot for slot in found.send if str(slot.key) not in forced]
    reason = None if rules.answered else safety_gates.too_many(len(counted), accepted.planned.busiest)
    if reason is not None:
        found.held.extend(Held(slot.key, reason, gate=True) for slot in counted)
        found.send = [slot for slot in found.send if str(slot.key) in forced]
