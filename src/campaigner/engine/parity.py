"""Which posts go out together or not at all: the messages of campaigns with `parity: required`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ..delivery.parity import Together, is_begun, parity
from ..delivery.step import Steps
from ..errors import CampaignerError
from ..ledger import deliveries, switches
from ..ledger.ledger import Ledger
from ..plan.expand import Slot
from ..post.key import PostKey
from .accepted_plan import Accepted
from .account_probe import AccountProbe
from .due import Held, Rules, Survey, why_not_approved
from .world import Source, World

Name = tuple[str, str, str]


class Parity:
    """The groups of one accepted reading: every post of a message in one edition, drafts left out."""

    def __init__(self, source: Source, ledger: Ledger, probe: AccountProbe) -> None:
        self._source = source
        self._ledger = ledger
        self._probe = probe
        self._groups: dict[Name, Together] = {}
        self._slots: dict[Name, list[Slot]] = {}

    def begin(self, accepted: Accepted) -> None:
        """Find the groups of what counts now."""
        self._slots = {}
        for slot in accepted.planned.slots:
            if slot.campaign.parity is not None and not slot.draft:
                self._slots.setdefault(_name(slot.key), []).append(slot)
        before, self._groups = self._groups, {}
        for name, slots in self._slots.items():
            group = Together(
                keys=tuple(slot.key for slot in slots), test=partial(self._why_not_all, accepted.world, slots)
            )
            # One of them may be on its way at this moment.
            group.is_busy = name in before and before[name].is_busy
            self._groups[name] = group

    @property
    def campaigns(self) -> frozenset[str]:
        """The campaigns that require it."""
        return frozenset(name[0] for name in self._groups)

    def together(self, slot: Slot) -> Together | None:
        """What the post of a slot goes out with; None where it goes out by itself."""
        return self._groups.get(_name(slot.key)) if self._groups else None

    def hold_unpaired(self, found: Survey, rules: Rules) -> None:
        """Hold what is due and could be sent, but for one of its siblings."""
        if not self._groups:
            return
        blocked = {delivery.key: delivery.reason or "it is tried again later" for delivery, _ in found.waiting}
        blocked |= {held.key: held.reason for held in found.held}
        staying = []
        for slot in found.send:
            group = self.together(slot)
            reason = group and self._why_unpaired(slot, group, blocked, rules)
            if not reason:
                staying.append(slot)
                continue
            found.held.append(Held(slot.key, reason, gate=False))
            found.wake_at(slot.due_at + slot.late)
        found.send = staying

    def _why_unpaired(self, slot: Slot, group: Together, blocked: Mapping[PostKey, str], rules: Rules) -> str | None:
        connection = self._ledger.connection
        own = deliveries.find(connection, slot.key)
        if own is not None and (own.forced or own.published_at):
            return None
        if reason := group.why_not(connection, slot.key, self._ledger.clock.now(), rules.hold_file):
            return reason
        if is_begun(connection, group.keys):
            return None
        approved = switches.approved_digests(connection) if rules.approval_required else {}
        for other in self._slots[_name(slot.key)]:
            not_approved = why_not_approved(other, approved, rules) if rules.approval_required else None
            if reason := blocked.get(other.key) or not_approved:
                return parity(f"{other.key}: {reason}")
        return None

    def _why_not_all(self, world: World, slots: Sequence[Slot]) -> Steps[str | None]:
        """Compose every post, and ask the platform of every account who we are."""
        for slot in slots:
            try:
                self._source.compose(world, slot)
            except CampaignerError as error:
                return f"{slot.key}: {error}"
        for account in dict.fromkeys(slot.key.account for slot in slots):
            if reason := (yield from self._probe.why_refused(world, account)):
                return f"account {account}: {reason}"
        return None


def _name(key: PostKey) -> Name:
    return key.campaign, key.edition, key.message
