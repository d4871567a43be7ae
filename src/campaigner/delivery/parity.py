"""Parity: the languages of a message are one, so none goes out unless all can, and what is alone is told of."""

from __future__ import annotations

from collections.abc import Sequence

from ..ledger import account_states, decisions, deliveries
from ..ledger.ledger import Connection
from ..ledger.models import MAY_BE_OUT, State
from ..post.key import PostKey

OVER = frozenset({State.FAILED, State.CANCELLED, State.MISSED})


def block_reason(
    connection: Connection, key: PostKey, siblings: Sequence[PostKey], hold_file: str | None
) -> str | None:
    """Why a post must wait for its siblings, as the ledger has them now; None when they can go out, or are out."""
    others = [other for other in siblings if other != key]
    found = [delivery for other in others if (delivery := deliveries.find(connection, other)) is not None]
    for delivery in found:
        if delivery.state in OVER:
            why = f" ({delivery.reason})" if delivery.reason else ""
            return in_words(f"{delivery.key} is {delivery.state}{why}")
    if is_begun(connection, siblings):
        return None
    for other in others:
        held = decisions.hold_reason(connection, other) or hold_file
        if reason := held or account_states.of(connection, other.account).stopped_in_words:
            return in_words(f"{other}: {reason}")
    return None


def is_begun(connection: Connection, keys: Sequence[PostKey]) -> bool:
    """True when one of these posts is out, or may be: the others follow it."""
    found = [deliveries.find(connection, key) for key in keys]
    return any(delivery is not None and delivery.state in MAY_BE_OUT for delivery in found)


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


def in_words(reason: str) -> str:
    """The words for a post that waits for its siblings."""
    return f"parity is required, and one of the message's posts can't go out: {reason}"
