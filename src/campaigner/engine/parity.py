"""Which posts go out together or not at all: the messages of campaigns with `parity: required`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..delivery.parity import ParityGroup
from ..delivery.step import Steps
from ..errors import CampaignerError
from ..ledger.ledger import Ledger
from ..plan.expand import Slot
from .accepted_plan import Accepted, Message, message_of
from .account_probe import AccountProbe
from .world import Source, World


class ParityGroups:
    """The groups of one accepted reading: every post of a message in one edition, drafts left out."""

    def __init__(self, source: Source, ledger: Ledger, probe: AccountProbe) -> None:
        self._source = source
        self._ledger = ledger
        self._probe = probe
        self._groups: dict[Message, ParityGroup] = {}

    def begin(self, accepted: Accepted) -> None:
        """Find the groups of what counts now."""
        before, self._groups = self._groups, {}
        for name, slots in accepted.siblings.items():
            group = ParityGroup(
                keys=tuple(slot.key for slot in slots), test=partial(self._why_not_all, accepted.world, slots)
            )
            # One of them may be on its way at this moment.
            group.is_busy = name in before and before[name].is_busy
            self._groups[name] = group

    @property
    def campaigns(self) -> frozenset[str]:
        """The campaigns that require it."""
        return frozenset(name[0] for name in self._groups)

    def group(self, slot: Slot) -> ParityGroup | None:
        """What the post of a slot goes out with; None where it goes out by itself."""
        return self._groups.get(message_of(slot.key)) if self._groups else None

    def _why_not_all(self, world: World, slots: Sequence[Slot]) -> Steps[str | None]:
        """Compose every post, and ask the platform of every account who we are."""
        for slot in slots:
            try:
                self._source.compose(slot)
            except CampaignerError as error:
                return f"{slot.key}: {error}"
        for account in dict.fromkeys(slot.key.account for slot in slots):
            if reason := (yield from self._probe.why_refused(world, account)):
                return f"account {account}: {reason}"
        return None
