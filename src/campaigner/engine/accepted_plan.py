"""What counts now: the files as they are, beside what the ledger accepted of them before.

A post goes out only as its file says now. Of what was planned, the ledger knows KEY and times alone: so what left the
plan is known, told, and never posted.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from operator import attrgetter
from typing import NamedTuple

from ..delivery.claimed_post import text_digest
from ..delivery.hold_expiry import Timed
from ..errors import CampaignerError, InvalidFilesError
from ..ledger import acceptance, alerts, deliveries
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import OPEN, Acceptance, AcceptedFile, State
from ..loading.campaign_file import CampaignFile
from ..plan.expand import Slot, over_lately
from ..plan.faults import Planned
from ..post.key import PostKey
from .world import Source, World, usable_files

BETWEEN_READS = timedelta(seconds=2)
"""A change counts after two equal reads this far apart: synced folders write in pieces."""
KINDS = ("file", "message", "removed")
"""Of alerts that this page raises, and withdraws once what they tell of is over."""
LAST_MINUTE = timedelta(hours=1)
"""A file that is changed so shortly before a post of its goes out deserves a second look."""
LATELY = timedelta(hours=48)
"""An edition whose last post was due longer ago is over: that a new file has it is no news."""


class Absent(NamedTuple):
    """A post that was accepted and can't go out now, for its file or its message has a fault."""

    key: PostKey
    due_at: datetime
    late_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What counts now. `first_seen` is when each post's present due time was first accepted; `absent` are posts that are
    held because of their file, `unusable` campaigns with such a file, each with the reason; `unsteady` files changed between
    the two reads: they are read again. `new_alerts` is what an alert tells for the first time.
    """

    world: World
    planned: Planned
    first_seen: Mapping[str, datetime]
    absent: Mapping[str, Absent]
    unsteady: frozenset[str] = frozenset()
    new_alerts: tuple[InvalidFilesError, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def faults(self) -> dict[str, str]:
        """What files that are there hold back, campaigns and messages, each with the reason; not what is being written."""
        present = {file.id for file in self.world.files} - self.unsteady
        campaigns = {id: reason for id, reason in self.unusable.items() if id in present}
        messages = {f"{name[0]}/{name[1]}": reason for name, reason in self.planned.held_back.items()}
        return {f"campaign {id}": reason for id, reason in campaigns.items()} | messages

    @property
    def in_time_order(self) -> Sequence[Slot | Timed]:
        """What is planned, and what is held because of its file: it may be mended."""
        held = [Timed(post.key, post.due_at, post.late_at - post.due_at) for post in self.absent.values()]
        return sorted([*self.planned.slots, *held], key=attrgetter("due_at")) if held else self.planned.slots

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The planned slots by KEY."""
        return {str(slot.key): slot for slot in self.planned.slots if not slot.draft}

    @cached_property
    def siblings(self) -> Mapping[Message, Sequence[Slot]]:
        """The posts of each message in an edition that go out together or not at all, drafts left out."""
        found: dict[Message, list[Slot]] = {}
        for slot in self.planned.slots:
            if slot.campaign.parity is not None and not slot.draft:
                found.setdefault(message_of(slot.key), []).append(slot)
        return found

    def siblings_of(self, key: PostKey) -> Sequence[Slot]:
        """The posts that this one goes out with or not at all, itself among them; none where it goes out by itself."""
        return self.siblings.get(message_of(key), ()) if self.siblings else ()

    @property
    def parity(self) -> frozenset[str]:
        """The campaigns that require it."""
        return frozenset(campaign for campaign, _, _ in self.siblings)


Message = tuple[str, str, str]


def message_of(key: PostKey) -> Message:
    """What the posts of one message in one edition have in common."""
    return key.campaign, key.edition, key.message


def needs_second_read(world: World, ledger: Ledger) -> bool:
    """True when a file is new, changed, broken or gone since the ledger last accepted it."""
    known = ledger.read(acceptance.accepted_files)
    present = {file.id: file for file in world.files}
    if set(known) != set(present):
        return True
    return any(signature(file, world) != known[id].signature for id, file in present.items())


def signature(file: CampaignFile, world: World) -> str:
    """One word for the file's bytes and all of the config that its posts depend on."""
    return hashlib.sha256(f"{file.sha256} {world.signature}".encode()).hexdigest()


def accept(source: Source, ledger: Ledger, first: World, second: World) -> Accepted:
    """Accept what was equal in both reads, hold what can't be used, and remember every post that lies ahead."""
    unsteady = _unsteady(first, second)
    changes = ledger.read(lambda connection: _changes(source, connection, second, ledger.clock.now(), unsteady))
    over = _not_out(source, ledger, changes, changes.over_when_first_seen())
    is_news = over or changes.are_there
    new_alerts = ledger.write(partial(_remember, changes=changes, over=over)) if is_news else ()
    return _accepted(changes, new_alerts)


def would_accept(source: Source, connection: Connection | None, world: World, now: datetime) -> Accepted:
    """What a run would accept that came now; nothing is written. `connection` None: there is no ledger yet."""
    return _accepted(_changes(source, connection, world, now))


def _changes(
    source: Source,
    connection: Connection | None,
    world: World,
    now: datetime,
    unsteady: frozenset[str] = frozenset(),
) -> _Changes:
    return _Changes(
        world=world,
        planned=source.plan(world, usable_files(world, unsteady)),
        unsteady=unsteady,
        known={} if connection is None else acceptance.accepted_files(connection),
        before={} if connection is None else acceptance.acceptances(connection),
        is_told_of=connection is not None and alerts.any_stands(connection, KINDS),
        now=now,
    )


def _accepted(changes: _Changes, new_alerts: tuple[InvalidFilesError, ...] = ()) -> Accepted:
    return Accepted(
        world=changes.world,
        planned=changes.planned,
        first_seen={post.key: post.accepted_at for post in changes.posts},
        absent=changes.absent,
        unsteady=changes.unsteady,
        new_alerts=new_alerts,
        unusable=changes.unusable,
    )


def _unsteady(first: World, second: World) -> frozenset[str]:
    """Campaigns of which the two reads had not the same files: an editor that saves may take a file away for a moment."""
    before, after = ({(file.id, file.path, file.sha256) for file in world.files} for world in (first, second))
    return frozenset(id for id, _, _ in before ^ after)


@dataclass(frozen=True, kw_only=True)
class _Changes:
    """One reading beside what was accepted before it."""

    world: World
    planned: Planned
    unsteady: frozenset[str]
    known: Mapping[str, AcceptedFile]
    before: Mapping[str, Acceptance]
    is_told_of: bool
    now: datetime

    @property
    def are_there(self) -> bool:
        """True when something of this has to be written down, or told."""
        old = self.now - acceptance.REMEMBERED
        return bool(
            self.is_told_of
            or self.unusable
            or self.planned.held_back
            or any(not self.is_unchanged(file) for file in self.usable)
            or any(self.before.get(post.key) != post for post in self.posts)
            or any(post.due_at < old for post in self.before.values())
            or next(self.left(begun=()), None)
        )

    def is_unchanged(self, file: CampaignFile) -> bool:
        known = self.known.get(file.id)
        return known is not None and known.signature == signature(file, self.world)

    @cached_property
    def usable(self) -> Sequence[CampaignFile]:
        """The files that something of is posted."""
        return [file for file in usable_files(self.world, self.unsteady) if file.id not in self.planned.broken]

    @cached_property
    def unusable(self) -> Mapping[str, str]:
        """Campaigns of which nothing can go out now, each with the reason."""
        present = {file.id for file in self.world.files}
        reasons = {id: f"its file {file.path} is gone" for id, file in self.known.items() if id not in present}
        reasons |= self.planned.broken
        for file in self.world.files:
            if file.campaign is None:
                fault = next(iter(file.problems), None)
                reasons[file.id] = f"{fault.place}: {fault.message}" if fault else f"{file.shown_as} can't be read"
        return reasons | dict.fromkeys(self.unsteady, "its file is being written at this moment")

    @cached_property
    def absent(self) -> Mapping[str, Absent]:
        """What was accepted before its time and is held now by the file, or by a fault in the message."""
        found: dict[str, Absent] = {}
        if not (self.unusable or self.planned.held_back):
            return found
        for post in self.before.values():
            if post.key in self.slots or post.accepted_at > post.due_at:
                continue
            key = PostKey.parse(post.key)
            reason = self.unusable.get(key.campaign) or self.planned.held_back.get((key.campaign, key.message))
            if reason is not None:
                found[post.key] = Absent(key, post.due_at, post.late_at, reason)
        return found

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """All that is planned, drafts too, by KEY."""
        return {str(slot.key): slot for slot in self.planned.slots}

    @cached_property
    def posts(self) -> list[Acceptance]:
        """Each post that is not long past, with the first acceptance of its due time."""
        since = self.now - acceptance.REMEMBERED
        unchanged = {file.id: self.known[file.id].accepted_at for file in self.usable if self.is_unchanged(file)}
        return [
            self._accepted(key, slot, unchanged)
            for key, slot in self.slots.items()
            if slot.due_at > since and not slot.draft
        ]

    def _accepted(self, key: str, slot: Slot, unchanged: Mapping[str, datetime]) -> Acceptance:
        """A file that has not changed was accepted when it was; so were its posts, though a fault held them back."""
        earlier, late_at = self.before.get(key), slot.due_at + slot.late
        if earlier is None:
            accepted_at = unchanged.get(slot.key.campaign, self.now)
        elif earlier.due_at != slot.due_at:
            accepted_at = self.now
        elif earlier.late_at != late_at:
            accepted_at = earlier.accepted_at
        else:
            return earlier
        return Acceptance(key, slot.key.campaign, slot.due_at, late_at, accepted_at)

    def is_over(self, slot: Slot) -> bool:
        """True when its time, and `late` too, has passed."""
        return slot.due_at + slot.late <= self.now

    def next_at_last_minute(self, campaign: str, states: Mapping[str, State]) -> Slot | None:
        """The campaign's next post, when it is due within the hour."""
        soon = (slot for slot in self.planned.slots if self.now <= slot.due_at < self.now + LAST_MINUTE)
        ahead = (slot for slot in soon if slot.key.campaign == campaign and not slot.draft)
        return next((slot for slot in ahead if states.get(str(slot.key), State.DUE) is State.DUE), None)

    def over_when_first_seen(self) -> list[Slot]:
        """New posts whose time was over when they came, of editions that are not over."""
        new = {post.key for post in self.posts if post.key not in self.before and post.accepted_at >= post.late_at}
        return (
            [slot for slot in over_lately(self.planned.slots, self.now, LATELY) if str(slot.key) in new] if new else []
        )

    def left(self, begun: Collection[str]) -> Iterator[Acceptance]:
        """What was planned for a time ahead and is in the files no more, or as a draft, or with a time that is over."""
        for key, post in self.before.items():
            if key in begun or key in self.absent or post.accepted_at > post.due_at:
                continue
            slot = self.slots.get(key)
            if slot is None or slot.draft or (slot.due_at != post.due_at and self.is_over(slot)):
                yield post


def _not_out(source: Source, ledger: Ledger, changes: _Changes, slots: Sequence[Slot]) -> list[Slot]:
    """Without those whose text is out under another KEY: of a renamed file or account nobody should post it again."""
    out = ledger.read(lambda c: deliveries.texts_out(c, changes.now)) if slots else frozenset()

    def is_out(slot: Slot) -> bool:
        try:
            post = source.compose(slot)
        except CampaignerError:
            return False
        return text_digest(part.text for part in post.parts) in out

    return [slot for slot in slots if not is_out(slot)]


def _remember(connection: Connection, changes: _Changes, over: Sequence[Slot]) -> tuple[InvalidFilesError, ...]:
    """Write what was accepted, and an alert for each thing that somebody must know. Returns what is new."""
    teller = _Teller(connection, changes.now)
    states = deliveries.settled_keys(connection)
    _tell_edited(teller, changes, states)
    _remember_files(teller, changes, states)
    _tell_held_back(teller, changes.planned)
    _tell_left(teller, changes)
    _tell_over(teller, over, states)
    acceptance.accept_posts(connection, changes.posts, changes.before, changes.now)
    return tuple(teller.new_alerts)


class _Teller:
    """Raises alerts, and keeps those that are new."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.new_alerts: list[InvalidFilesError] = []

    def tell(self, kind: str, subject: str, text: str, command: str, key: str | None = None) -> None:
        """Tell it, once for as long as it stands."""
        is_new = alerts.raise_alert(
            self.connection, kind=kind, text=text, command=command, subject=subject, key=key, now=self.now
        )
        if is_new:
            self.new_alerts.append(InvalidFilesError(text, hint=f"`{command}`"))


def _tell_edited(teller: _Teller, changes: _Changes, states: Mapping[str, State]) -> None:
    """Of each file that was changed at the last minute: its next post, until that is out. No fault, so no run says it."""
    for file in changes.usable:
        known = changes.known.get(file.id)
        is_edited = known is not None and known.sha256 != file.sha256
        if is_edited and (ahead := changes.next_at_last_minute(file.id, states)) is not None:
            key, now = str(ahead.key), changes.now
            text = f"{file.shown_as} was changed shortly before {key} goes out: look at it once more"
            command = f"campaigner preview {key}"
            alerts.raise_alert(teller.connection, kind="edited", text=text, command=command, key=key, now=now)


def _remember_files(teller: _Teller, changes: _Changes, states: Mapping[str, State]) -> None:
    for file in changes.usable:
        if not changes.is_unchanged(file):
            acceptance.accept_file(
                teller.connection,
                AcceptedFile(
                    campaign=file.id,
                    path=file.shown_as,
                    sha256=file.sha256,
                    signature=signature(file, changes.world),
                    accepted_at=changes.now,
                ),
            )
    present = {file.id for file in changes.world.files}
    ahead = {
        post.campaign
        for key, post in changes.before.items()
        if post.accepted_at <= post.due_at and states.get(key, State.DUE) in OPEN
    }
    subjects = ["config"]
    for campaign, reason in changes.unusable.items():
        broken, gone = f"file {campaign}", f"gone {campaign}"
        if campaign in changes.unsteady:
            subjects += [broken, gone]
        elif campaign in present:
            subjects.append(broken)
            text = f"campaign {campaign} is held until its file is mended: {reason}"
            teller.tell("file", broken, text, "campaigner check")
        elif campaign in ahead:
            subjects.append(gone)
            text = f"campaign {campaign} is held: {reason}. Put it back, or cancel what is no longer meant"
            teller.tell("file", gone, text, f"campaigner cancel {campaign}")
        else:
            acceptance.forget_file(teller.connection, campaign)
    alerts.withdraw_all_but(teller.connection, "file", subjects, changes.now)


def _tell_held_back(teller: _Teller, planned: Planned) -> None:
    """A message with a fault is not posted, which nobody would notice before its time."""
    subjects = []
    for (campaign, message), reason in planned.held_back.items():
        subjects.append(f"message {campaign}/{message}")
        text = f'message "{message}" of campaign {campaign} is not posted until its fault is mended: {reason}'
        teller.tell("message", subjects[-1], text, "campaigner check")
    alerts.withdraw_all_but(teller.connection, "message", subjects, teller.now)


def _tell_left(teller: _Teller, changes: _Changes) -> None:
    """What was planned for a time ahead and will not be posted any more."""
    _withdraw_what_is_ahead_again(teller, changes)
    for post in changes.left(deliveries.begun_keys(teller.connection)):
        key, slot = post.key, changes.slots.get(post.key)
        planned = f"{key} was planned for {post.due_at:%Y-%m-%d %H:%M} UTC"
        if slot is None or slot.draft:
            acceptance.forget_post(teller.connection, key)
            what = "is no longer in the files" if slot is None else "is a draft now"
            text = f"{planned} and {what}: it will not be posted"
            teller.tell("removed", f"removed {key}", text, f"campaigner preview {post.campaign}", key)
        else:
            text = (
                f"{planned}, and {slot.file.shown_as} says {slot.due_at:%Y-%m-%d %H:%M} UTC now, which is over: it will not "
                "be posted. Set its time right, or post it now"
            )
            teller.tell("removed", f"moved {key}", text, f"campaigner retry {key} --yes", key)


def _withdraw_what_is_ahead_again(teller: _Teller, changes: _Changes) -> None:
    for key in alerts.keys_of(teller.connection, "removed"):
        slot = changes.slots.get(key)
        if slot is not None and not slot.draft:
            alerts.withdraw_subject(teller.connection, f"removed {key}", teller.now)
            if not changes.is_over(slot):
                alerts.withdraw_subject(teller.connection, f"moved {key}", teller.now)


def _tell_over(teller: _Teller, over: Sequence[Slot], states: Mapping[str, State]) -> None:
    """Posts whose time was over when they came, a message at a time."""
    messages: dict[str, list[Slot]] = defaultdict(list)
    for slot in over:
        if str(slot.key) not in states:
            messages[f"{slot.key.campaign}/{slot.key.edition}/{slot.key.message}"].append(slot)
    for name, slots in messages.items():
        first = slots[0]
        count = "1 post" if len(slots) == 1 else f"{len(slots)} posts"
        text = (
            f"{name}: the time of {count} was over when campaigner first saw them in {first.file.shown_as}: due at "
            f"{first.due_at:%Y-%m-%d %H:%M} UTC, of use until {first.due_at + first.late:%H:%M}. They are not posted by themselves"
        )
        teller.tell("over", f"over {name}", text, f"campaigner retry {name} --yes")
