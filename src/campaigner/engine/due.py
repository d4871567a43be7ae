"""What is due now: the plan minus the ledger, each post sorted into what must happen with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..delivery import gates
from ..errors import CampaignerError
from ..ledger import deliveries, switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import OPEN, Delivery, Hold, State
from ..plan.expand import Slot
from ..post.post import Post
from .accept import GONE, Accepted

ORPHAN_LATE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the ledger says at one moment."""

    deliveries: Mapping[str, Delivery]
    holds: Sequence[Hold]
    approved: Mapping[str, str]
    answered: Collection[str]

    @classmethod
    def load(cls, connection: Connection, since: datetime, now: datetime) -> Memory:
        """Deliveries that are open, or were due since `since`."""
        found = deliveries.select_since(connection, since)
        return cls(
            {str(delivery.key): delivery for delivery in found},
            switches.active_holds(connection, now),
            switches.approved_digests(connection),
            switches.answered_keys(connection),
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A due post that does not go out now. `gate`: a safety gate, not a person's decision."""

    slot: Slot
    reason: str
    gate: bool


@dataclass(slots=True)
class Survey:
    """Every post that is due or open, sorted. `next_at` is when to look again at the latest, None: nothing is ahead.

    `overdue`: past its `late` and still to be sent, because a person wants it or its beginning is out; with what holds it up.
    """

    send: list[Slot] = field(default_factory=list)
    resume: list[Delivery] = field(default_factory=list)
    reconcile: list[tuple[Delivery, datetime | None]] = field(default_factory=list)
    missed: list[Slot] = field(default_factory=list)
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
    memory = ledger.read(lambda connection: Memory.load(connection, since, now))
    found = Survey()
    turns = Turns()
    for slot in slots:
        if slot.due_at > now:
            found.wake_at(slot.due_at)
            break
        if slot.due_at > since and not slot.draft:
            late_at = turns.late_at(slot, memory.deliveries.get(str(slot.key)), now)
            _sort_slot(found, slot, late_at, accepted, memory, rules, now)
    _sort_open(found, accepted, memory, rules, now)
    wanted = {key for key, delivery in memory.deliveries.items() if delivery.forced} | set(memory.answered)
    _hold_renamed(found, accepted, rules, wanted)
    _hold_too_many(found, accepted, rules, wanted)
    return found


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
            found.missed.append(slot)
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
    """It is tried again later. Past its `late` a person is told, whoever wanted it."""
    found.waiting.append((delivery, until))
    if now >= late_at:
        found.overdue.append((delivery, delivery.reason or "it is tried again later"))
        found.wake_at(until)
    else:
        found.wake_at(min(until, late_at))


def _why_held(slot: Slot, delivery: Delivery | None, seen_at: datetime, memory: Memory, rules: Rules) -> Held | None:
    by_people = gates.why_held_by_people(slot.key, memory.holds, rules.hold_file)
    if by_people is not None:
        return Held(slot, by_people, gate=False)
    if rules.approval_required and (reason := why_not_approved(slot, memory.approved, rules)):
        return Held(slot, reason, gate=False)
    if delivery is not None or rules.answered or str(slot.key) in memory.answered:
        return None
    past = gates.past_when_accepted(slot.due_at, seen_at)
    return Held(slot, past, gate=True) if past else None


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
        if delivery.state is State.IN_DOUBT and delivery.owner_id is None:
            _sort_doubt(found, delivery, None if delivery.forced else late_until, now)
        elif delivery.state is State.DUE and delivery.published_at is not None:
            _sort_half_out(found, delivery, late_until, memory, rules, now)
        elif delivery.state is State.DUE and slot is None and now >= late_until:
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
    elif gates.why_held_by_people(delivery.key, memory.holds, rules.hold_file) is not None:
        return
    elif rules.approval_required and memory.approved.get(str(delivery.key)) != delivery.digest:
        found.overdue.append((delivery, "what was approved is not what its first parts are of"))
    else:
        found.resume.append(delivery)


def _hold_renamed(found: Survey, accepted: Accepted, rules: Rules, forced: Collection[str]) -> None:
    """The messages of a vanished file that stand in a new one too: a rename, and both wait for a person."""
    if not accepted.gone or rules.answered:
        return
    texts = [(slot, _fingerprint(slot)) for slot in accepted.planned.slots]
    of_gone = {text for slot, text in texts if slot.key.campaign in accepted.gone}
    of_present = {text for slot, text in texts if slot.key.campaign not in accepted.gone}
    both = of_gone & of_present
    staying = []
    for slot in found.send:
        if _fingerprint(slot) in both and str(slot.key) not in forced:
            reason = f"the same message stands in two campaigns, and one of their files is gone ({GONE}): renamed?"
            found.held.append(Held(slot, reason, gate=True))
        else:
            staying.append(slot)
    found.send = staying


def _fingerprint(slot: Slot) -> tuple[object, ...]:
    text = tuple(sorted(slot.message.text.items()))
    return (slot.key.message, slot.key.account, slot.key.language, slot.due_at, text)


def _hold_too_many(found: Survey, accepted: Accepted, rules: Rules, forced: Collection[str]) -> None:
    """What a person wants is not counted, and not held."""
    counted = [slot for slot in found.send if str(slot.key) not in forced]
    reason = None if rules.answered else gates.too_many(len(counted), accepted.planned.busiest)
    if reason is not None:
        found.held.extend(Held(slot, reason, gate=True) for slot in counted)
        found.send = [slot for slot in found.send if str(slot.key) in forced]
