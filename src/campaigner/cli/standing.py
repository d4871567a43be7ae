"""Where every post stands: the plan beside what the ledger says, as `status` shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..delivery import safety_gates
from ..engine.accepted_plan import Absent, absent_posts, why_unusable
from ..ledger import acceptance, alerts, attempts, deliveries, lanes, runs, switches
from ..ledger.ledger import Connection
from ..ledger.records import Acceptance, AcceptedFile, Alert, Delivery, Hold, Lane, Run, State
from ..post.key import PostKey
from .pairing import paired

if TYPE_CHECKING:
    from ..engine.world import Planned, World
    from ..plan.expand import Slot
    from .wiring import Runtime

ATTENTION = frozenset({"late", "held", "awaiting-approval", "failed", "missed", "in-doubt", "partial"})
LEFT = {
    State.CLAIMED: "the process that had claimed it has ended: nothing was sent",
    State.SENDING: "the process that was sending it has ended: it may be out",
}
TOLD_FOR = timedelta(hours=48)
"""How long `status` goes on telling what no post shows: a file that broke, a message that was taken out."""
LASTING = frozenset({"account", "clock", "file", "message", "unreachable"})
"""Kinds of alerts that are told once and withdrawn when all is well again: for the posts of next week too, they count."""
LASTS_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Past:
    """What the ledger says at one moment."""

    deliveries: Mapping[str, Delivery]
    files: Mapping[str, AcceptedFile]
    acceptances: Mapping[str, Acceptance]
    approved: Mapping[str, str]
    answered: frozenset[str]
    attempts: Mapping[str, int]
    holds: Sequence[Hold]
    alerts: Sequence[Alert]
    lanes: Mapping[str, Lane]
    run: Run | None
    is_at_work: bool

    @property
    def stopped(self) -> list[Lane]:
        """The accounts that are stopped."""
        return [lane for lane in self.lanes.values() if lane.stopped_at is not None]

    @classmethod
    def load(cls, connection: Connection, now: datetime, *, is_at_work: bool) -> Past:
        """Read all of it in one snapshot."""
        found = deliveries.select(connection)
        return cls(
            {str(delivery.key): delivery for delivery in found},
            acceptance.accepted_files(connection),
            acceptance.acceptances(connection),
            switches.approved_digests(connection),
            switches.answered_keys(connection),
            attempts.count(connection),
            switches.active_holds(connection, now),
            _standing(connection, now),
            lanes.lanes(connection),
            runs.last(connection),
            is_at_work,
        )


def _standing(connection: Connection, now: datetime) -> list[Alert]:
    found = alerts.standing(connection, now - LASTS_FOR)
    return [alert for alert in found if alert.kind in LASTING or alert.raised_at >= now - TOLD_FOR]


EMPTY = Past({}, {}, {}, {}, frozenset(), {}, (), (), {}, None, is_at_work=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One post as `status` shows it. `left`: the process that had it in hand has ended, and none has looked after it.

    `cure` is the command for a post that its file holds.
    """

    key: PostKey
    due_at: datetime
    state: str
    reason: str = ""
    url: str | None = None
    published_at: datetime | None = None
    attempts: int = 0
    slot: Slot | None = None
    left: bool = False
    cure: str = ""

    @property
    def needs_person(self) -> bool:
        """True when it goes on by nobody's doing but a person's, or a person must at least know."""
        return self.left or self.state in ATTENTION


def rows_of(runtime: Runtime, world: World, planned: Planned, past: Past, now: datetime) -> list[Row]:
    """Every planned post, what its file holds, and every delivery whose post has left the files, in time order."""
    hold_file = safety_gates.hold_file_text(runtime.config.folder)
    rows = [_row(runtime, slot, past, hold_file, now) for slot in planned.slots if not slot.draft]
    absent = _absent(world, planned, past)
    known = {*(str(slot.key) for slot in planned.slots), *absent}
    gone = [_row_of(found, past) for key, found in past.deliveries.items() if key not in known]
    gone += [_held_by_file(post, world) for post in absent.values()]
    forced = {key for key, delivery in past.deliveries.items() if delivery.forced}
    stopped = {lane.account for lane in past.stopped}
    found = paired([row for row in rows if row is not None], stopped=stopped, forced=forced)
    return sorted(found + gone, key=lambda row: (row.due_at, row.key))


def _absent(world: World, planned: Planned, past: Past) -> dict[str, Absent]:
    """The posts that are not over and that their file holds."""
    unusable = why_unusable(world, planned, past.files)
    return {
        key: post
        for key, post in absent_posts(past.acceptances.values(), planned, unusable).items()
        if key not in past.deliveries or _is_waiting(past.deliveries[key])
    }


def _is_waiting(found: Delivery) -> bool:
    return found.state is State.DUE and not found.published_at


def _held_by_file(post: Absent, world: World) -> Row:
    is_gone = all(file.id != post.key.campaign for file in world.files)
    cure = f"put the file back, or campaigner cancel {post.key}" if is_gone else "campaigner check"
    return Row(key=post.key, due_at=post.due_at, state="held", reason=post.reason, cure=cure)


def _row_of(found: Delivery, past: Past, slot: Slot | None = None) -> Row:
    left = None if past.is_at_work else LEFT.get(found.state)
    return Row(
        key=found.key,
        due_at=slot.due_at if slot else found.due_at,
        state=str(found.state),
        reason=left or found.reason or "",
        left=left is not None,
        url=found.url,
        published_at=found.published_at,
        attempts=past.attempts.get(str(found.key), 0),
        slot=slot,
    )


def _row(runtime: Runtime, slot: Slot, past: Past, hold_file: str | None, now: datetime) -> Row | None:
    found = past.deliveries.get(str(slot.key))
    if found is not None and found.state is not State.DUE:
        row = _row_of(found, past, slot)
        return _with_changed_note(runtime, row, found)
    accepted = past.acceptances.get(str(slot.key))
    if slot.due_at > now:
        state, reason = _ahead(runtime, slot, past, hold_file)
        return Row(key=slot.key, due_at=slot.due_at, state=state, reason=reason, slot=slot)
    if now >= slot.due_at + slot.late and (accepted is None or accepted.accepted_at > slot.due_at):
        return None
    state, reason = _due_state(runtime, slot, past, hold_file, found)
    return Row(key=slot.key, due_at=slot.due_at, state=state, reason=reason, slot=slot,
               attempts=past.attempts.get(str(slot.key), 0))  # fmt: skip


def _ahead(runtime: Runtime, slot: Slot, past: Past, hold_file: str | None) -> tuple[str, str]:
    held = safety_gates.why_held_by_people(slot.key, past.holds, hold_file)
    if held:
        return "planned", held
    if runtime.config.approval == "required" and past.approved.get(str(slot.key)) is None:
        return "awaiting-approval", "`campaigner preview` shows its code"
    return "planned", ""


def _due_state(
    runtime: Runtime, slot: Slot, past: Past, hold_file: str | None, found: Delivery | None
) -> tuple[str, str]:
    held = safety_gates.why_held_by_people(slot.key, past.holds, hold_file)
    if held:
        return "held", held
    if runtime.config.approval == "required" and past.approved.get(str(slot.key)) is None:
        return "awaiting-approval", "it is not approved"
    accepted = past.acceptances.get(str(slot.key))
    is_asked = found is None and str(slot.key) not in past.answered
    if is_asked and accepted and (gate := safety_gates.past_when_accepted(slot.due_at, accepted.accepted_at)):
        return "held", gate
    return "due", (found.reason or "") if found else ""


def _with_changed_note(runtime: Runtime, row: Row, found: Delivery) -> Row:
    """Say where the file differs from what was posted."""
    if found.state is not State.PUBLISHED or row.slot is None or found.digest is None:
        return row
    if runtime.digest_of(row.slot) == found.digest:
        return row
    return replace(row, reason="the file has changed since; what is out stays as it was")
