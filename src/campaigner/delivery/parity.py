"""Parity: the languages of a message are one, so none goes out unless all can, and what is alone is told of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..ledger import account_states, decisions, deliveries
from ..ledger.ledger import Connection
from ..ledger.models import MAY_BE_OUT, State
from ..post.key import PostKey
from . import safety_gates
from .step import Steps

ASK_AGAIN = timedelta(minutes=1)
"""How long an answer of the test counts: accounts are not asked anew at every look."""
OVER = frozenset({State.FAILED, State.CANCELLED, State.MISSED})


@dataclass(slots=True, kw_only=True)
class ParityGroup:
    """All posts of one message in one edition. `test` says why one of them could not go out, None when all can.

    It composes every post and asks every account's platform, so it takes its time. `is_busy` from the test to the end of
    a delivery: when the first one is refused, the others are not on their way yet.
    """

    keys: tuple[PostKey, ...]
    test: Callable[[], Steps[str | None]]
    is_busy: bool = False
    _tested: tuple[datetime, str | None] | None = None

    def why_not_yet(
        self, connection: Connection, key: PostKey, now: datetime, hold_file: str | None
    ) -> Steps[str | None]:
        """Why the post of that key must wait for the others, by the ledger and then by their platforms."""
        if reason := self.why_not(connection, key, now, hold_file):
            return reason
        if is_begun(connection, self.keys):
            return None
        if self._tested is None or not self._tested[0] <= now < self._tested[0] + ASK_AGAIN:
            reason = yield from self.test()
            self._tested = (now, reason and parity(reason))
        return self._tested[1]

    def why_not(self, connection: Connection, key: PostKey, now: datetime, hold_file: str | None) -> str | None:
        """Why the post of that key must wait for the others, as the ledger has them now."""
        others = [other for other in self.keys if other != key]
        over = next((reason for other in others if (reason := _why_over(connection, other))), None)
        if over is not None or is_begun(connection, self.keys):
            return over and parity(over)
        holds = decisions.active_holds(connection, now)
        for other in others:
            by_people = safety_gates.why_held_by_people(other, holds, hold_file)
            if reason := by_people or _why_stopped(connection, other):
                return parity(f"{other}: {reason}")
        return None


def is_begun(connection: Connection, keys: Sequence[PostKey]) -> bool:
    """True when one of these posts is out, or may be: the others follow it."""
    return bool(out_of(connection, keys))


def out_of(connection: Connection, keys: Sequence[PostKey]) -> list[PostKey]:
    """Those of these posts that are out, or may be."""
    found = [deliveries.find(connection, key) for key in keys]
    return [delivery.key for delivery in found if delivery is not None and delivery.state in MAY_BE_OUT]


def take_down(connection: Connection, key: PostKey) -> tuple[str, str] | None:
    """What to add to the alert on a post that can't go out, and the command that takes down its siblings that are."""
    siblings = [other for other in deliveries.siblings(connection, key) if other.state in MAY_BE_OUT]
    if not siblings:
        return None
    names = ", ".join(str(other.key) for other in siblings)
    prefix = f"{key.campaign}/{key.edition}/{key.message}"
    return (
        f". parity is required, and the same message is out as {names}",
        f"campaigner delete {prefix} --yes",
    )


def parity(reason: str) -> str:
    """The words for a post that waits for its siblings."""
    return f"parity is required, and one of the message's posts can't go out: {reason}"


def _why_over(connection: Connection, key: PostKey) -> str | None:
    delivery = deliveries.find(connection, key)
    if delivery is None or delivery.state not in OVER:
        return None
    return f"{key} is {delivery.state}" + (f" ({delivery.reason})" if delivery.reason else "")


def _why_stopped(connection: Connection, key: PostKey) -> str | None:
    account_state = account_states.of(connection, key.account)
    return f"account {key.account} is stopped: {account_state.stopped_reason}" if account_state.stopped_at else None
