"""Which version of each campaign counts now: the file, or the copy that the ledger last accepted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial

from ..files.halves import cut_message
from ..files.loaded import CampaignFile
from ..ledger import acceptance, alerts, deliveries
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Acceptance, AcceptedFile
from ..plan.expand import Slot
from .world import Planned, Source, World

SERVES_FOR = timedelta(hours=48)
"""How long the accepted copy of a broken or vanished file goes on being posted."""
REMEMBERED_AHEAD = timedelta(hours=48)
BETWEEN_READS = timedelta(seconds=2)
"""A change counts after two equal reads this far apart: synced folders write in pieces."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What counts now. `first_seen` is when each post's present due time was first accepted; `gone` are campaigns that
    come from their copy because the file has vanished; `unsteady` files changed between the two reads: they are read again.
    `told` are the faults inside messages of which an alert tells for the first time.
    """

    world: World
    planned: Planned
    first_seen: Mapping[str, datetime]
    gone: frozenset[str]
    unsteady: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The planned slots by KEY."""
        return {str(slot.key): slot for slot in self.planned.slots}


def needs_second_read(world: World, ledger: Ledger) -> bool:
    """True when a file is new, changed, broken or gone since the ledger last accepted it."""
    known = ledger.read(acceptance.accepted_files)
    present = {file.id: file for file in world.files}
    if set(known) != set(present):
        return True
    return any(signature(file, world) != known[id].signature for id, file in present.items())


def signature(file: CampaignFile | AcceptedFile, world: World) -> str:
    """One word for the file's bytes and all of the config that its posts depend on."""
    return hashlib.sha256(f"{file.sha256} {world.signature}".encode()).hexdigest()


def accept(source: Source, ledger: Ledger, first: World, second: World) -> Accepted:
    """Accept what was equal in both reads, fall back to copies for the rest, and remember posts of the next 48 hours."""
    now = ledger.clock.now()
    known = ledger.read(acceptance.accepted_files)
    steady = {file.id: file for file in second.files if _sha(first, file.id) == file.sha256}
    unsteady = {file.id for file in second.files} - set(steady)
    good = source.plan(second, [file for file in steady.values() if file.campaign is not None])
    reasons = _why_unusable(second, steady, good, known)
    usable = [file for id, file in steady.items() if id not in reasons]
    ledger.write(lambda connection: _remember_files(connection, second, usable, reasons, now))
    copies = _copies(source, ledger, second, known, set(reasons) | unsteady, now)
    planned = source.plan(second, [*usable, *copies])
    before = _planned_before(source, second, usable, known)
    first_seen = ledger.write(lambda connection: _remember_posts(connection, second, planned, known, before, now))
    told = ledger.write(lambda connection: _tell_held_back(connection, planned, now))
    gone = frozenset(file.id for file in copies if reasons.get(file.id) == GONE)
    return Accepted(
        world=second, planned=planned, first_seen=first_seen, gone=gone, unsteady=frozenset(unsteady), told=told
    )


def _planned_before(
    source: Source, world: World, usable: Sequence[CampaignFile], known: Mapping[str, AcceptedFile]
) -> Mapping[str, datetime]:
    """When posts were due by the last accepted version of the files that have changed since: nothing may have run meanwhile.

    Only under the config of now: what another one made of them can't be known.
    """
    changed = [known[file.id] for file in usable if file.id in known and known[file.id].sha256 != file.sha256]
    copies = [source.parse(file, world) for file in changed if file.signature == signature(file, world)]
    planned = source.plan(world, [copy for copy in copies if copy.campaign is not None])
    return {str(slot.key): slot.due_at for slot in planned.slots if not slot.draft}


def _tell_held_back(connection: Connection, planned: Planned, now: datetime) -> tuple[str, ...]:
    """A message with a fault is not posted, which nobody would notice before its time. Returns what is new."""
    subjects, told = [], []
    for (campaign, message), reason in planned.held_back.items():
        subjects.append(f"message {campaign}/{message}")
        text = f'message "{message}" of campaign {campaign} is not posted until its fault is mended: {reason}'
        if alerts.raise_alert(
            connection, kind="message", text=text, command="campaigner check", subject=subjects[-1], now=now
        ):
            told.append(text)
    alerts.withdraw_all_but(connection, "message", subjects, now)
    return tuple(told)


GONE = "the file is gone"


def _sha(world: World, campaign: str) -> str | None:
    return next((file.sha256 for file in world.files if file.id == campaign), None)


def _why_unusable(
    world: World, steady: Mapping[str, CampaignFile], planned: Planned, known: Mapping[str, AcceptedFile]
) -> dict[str, str]:
    """Campaigns that can't be taken from their file, each with the reason."""
    reasons = {id: GONE for id in known if id not in {file.id for file in world.files}}
    for id, file in steady.items():
        if file.campaign is None:
            fault = next((problem for problem in file.problems), None)
            reasons[id] = f"{fault.place}: {fault.message}" if fault else "the file can't be read"
        elif id in planned.broken:
            reasons[id] = planned.broken[id]
        elif id in known and (message := cut_message(file, known[id].content)):
            reasons[id] = f'it breaks off in the message "{message}", as if half of it were written. {ON_PURPOSE}'
    return reasons


ON_PURPOSE = "If it was shortened on purpose, add a line to its end: # end"


def _remember_files(
    connection: Connection,
    world: World,
    usable: Sequence[CampaignFile],
    reasons: Mapping[str, str],
    now: datetime,
) -> None:
    for file in usable:
        acceptance.accept_file(
            connection,
            campaign=file.id,
            path=str(file.path),
            content=file.content,
            sha256=file.sha256,
            signature=signature(file, world),
            now=now,
        )
        alerts.withdraw_subject(connection, f"file {file.id}", now)
        alerts.withdraw_subject(connection, f"ended {file.id}", now)
    for campaign, reason in reasons.items():
        acceptance.mark_unusable(connection, campaign, reason, now)
        alerts.raise_alert(
            connection,
            kind="file",
            text=f"campaign {campaign} can't be used: {reason}; its last good version, if there is one, serves for 48 hours",
            command="campaigner check",
            subject=f"file {campaign}",
            now=now,
        )


def _copies(
    source: Source,
    ledger: Ledger,
    world: World,
    known: Mapping[str, AcceptedFile],
    wanted: set[str],
    now: datetime,
) -> list[CampaignFile]:
    fresh = ledger.read(acceptance.accepted_files)
    copies = []
    for campaign in sorted(wanted & set(known)):
        accepted = fresh[campaign]
        if accepted.unusable_since is not None and now - accepted.unusable_since > SERVES_FOR:
            ledger.write(partial(_end_service, accepted=accepted, now=now))
            continue
        copy = source.parse(accepted, world)
        if copy.campaign is not None:
            copies.append(copy)
    return copies


def _end_service(connection: Connection, accepted: AcceptedFile, now: datetime) -> None:
    """The copy has served its time: from now on nothing of this campaign is posted."""
    acceptance.forget_file(connection, accepted.campaign)
    alerts.raise_alert(
        connection,
        kind="file",
        text=f"campaign {accepted.campaign} could not be used for 48 hours ({accepted.unusable_reason}): its last good version "
        "serves no longer, and nothing of it is posted",
        command="campaigner check",
        subject=f"ended {accepted.campaign}",
        now=now,
    )


def _remember_posts(
    connection: Connection,
    world: World,
    planned: Planned,
    known: Mapping[str, AcceptedFile],
    planned_before: Mapping[str, datetime],
    now: datetime,
) -> dict[str, datetime]:
    """First acceptance of every slot near now; a file that has not changed was accepted when it was."""
    before = acceptance.acceptances(connection)
    near = [slot for slot in planned.slots if abs(slot.due_at - now) <= acceptance.REMEMBERED and not slot.draft]
    found = [_acceptance(slot, before, known, planned_before, world, now) for slot in near]
    ahead = [post for post in found if post.due_at <= now + REMEMBERED_AHEAD]
    _forget_removed(connection, before, planned, now)
    acceptance.accept_posts(connection, ahead, now)
    return {post.key: post.accepted_at for post in found}


def _acceptance(
    slot: Slot,
    before: Mapping[str, Acceptance],
    known: Mapping[str, AcceptedFile],
    planned_before: Mapping[str, datetime],
    world: World,
    now: datetime,
) -> Acceptance:
    key = str(slot.key)
    earlier = before.get(key)
    if earlier is not None and earlier.due_at == slot.due_at:
        return earlier
    file = known.get(slot.key.campaign)
    unchanged = earlier is None and file is not None and file.signature == signature(slot.file, world)
    unchanged = unchanged or (earlier is None and planned_before.get(key) == slot.due_at)
    accepted_at = file.accepted_at if unchanged and file is not None else now
    return Acceptance(key=key, campaign=slot.key.campaign, due_at=slot.due_at, accepted_at=accepted_at)


def _forget_removed(
    connection: Connection,
    before: Mapping[str, Acceptance],
    planned: Planned,
    now: datetime,
) -> None:
    """A message that was accepted and is no longer in its readable file is not posted, and that is told."""
    present = {str(slot.key) for slot in planned.slots}
    settled = deliveries.settled_keys(connection)
    for key in alerts.keys_of(connection, "removed") & present:
        alerts.withdraw_subject(connection, f"removed {key}", now)
    for key, post in before.items():
        campaign, _, message, *_ = key.split("/")
        if key in present or key in settled or (campaign, message) in planned.held_back:
            continue
        acceptance.forget_post(connection, key)
        if post.due_at < now:
            continue
        alerts.raise_alert(
            connection,
            kind="removed",
            key=key,
            text=f"{key} was planned for {post.due_at:%Y-%m-%d %H:%M} UTC and is no longer in the files: it will not be posted",
            command="campaigner status",
            now=now,
        )
