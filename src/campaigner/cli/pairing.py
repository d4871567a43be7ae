"""What `status` says of posts that wait for their siblings, where parity is required."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..delivery.parity import OVER, parity
from ..ledger.records import MAY_BE_OUT

if TYPE_CHECKING:
    from .standing import Row

WAITING = frozenset({"held", "awaiting-approval"})


def paired(rows: Sequence[Row], *, stopped: Collection[str], forced: Collection[str]) -> list[Row]:
    """The rows, those that are due but for a sibling shown as held.

    `stopped` are accounts that are refused, `forced` the keys that a person sends without the others.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.slot is not None and row.slot.campaign.parity is not None:
            groups.setdefault((row.key.campaign, row.key.edition, row.key.message), []).append(row)
    reasons = {
        row.key: _why_alone(row, group, stopped)
        for group in groups.values()
        for row in group
        if str(row.key) not in forced
    }
    return [
        replace(row, state="held", reason=parity(reason)) if (reason := reasons.get(row.key)) else row for row in rows
    ]


def _why_alone(row: Row, group: Sequence[Row], stopped: Collection[str]) -> str | None:
    if row.state != "due":
        return None
    is_begun = any(other.state in MAY_BE_OUT for other in group)
    for other in group:
        if other.state in OVER or (other.state in WAITING and not is_begun):
            return f"{other.key} is {other.state}" + (f" ({other.reason})" if other.reason else "")
        if other.key.account in stopped and not is_begun and other is not row:
            return f"account {other.key.account} is stopped"
    return None
