"""What needs a person, each with the command to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ledger.records import Alert
    from .standing import Past, Row


def other_alerts(past: Past, rows: Sequence[Row]) -> list[Alert]:
    """What was told and neither a row nor a stopped account shows: of files, secrets, clocks, of posts that were skipped."""
    posts = {str(row.key) for row in rows if row.needs_person or row.state == "published"}
    accounts = {command_for_account(lane.account) for lane in past.stopped}
    return [
        alert
        for alert in past.alerts
        if (alert.key not in posts or alert.kind == "differs")
        and not (alert.kind == "account" and alert.command in accounts)
    ]


def command_for(row: Row) -> str:
    """What to type about a post that needs a person."""
    if row.left:
        return f"campaigner run --once, or {_of_what_was_left(row)}"
    match row.state:
        case "failed":
            return f"campaigner retry {row.key}"
        case "missed":
            return f"campaigner retry {row.key} --yes"
        case "in-doubt":
            return _resolve(row)
        case "partial":
            return f"campaigner delete {row.key}, or campaigner retry {row.key} for the rest"
        case "awaiting-approval":
            return f"campaigner approve {row.key} --by NAME --code CODE"
        case "held" if row.reason.startswith("parity"):
            return f"campaigner retry {row.key} sends it without the others"
        case "held" if not row.reason.startswith("on hold"):
            return f"campaigner retry {row.key}"
        case "held":
            return "campaigner release"
        case _:
            return ""


def command_for_account(account: str) -> str:
    """What to type about an account that is stopped."""
    return f"campaigner accounts check {account}"


def _of_what_was_left(row: Row) -> str:
    return f"campaigner retry {row.key}" if row.state == "claimed" else _resolve(row)


def _resolve(row: Row) -> str:
    return f"campaigner resolve {row.key} --published URL (or --not-published)"
