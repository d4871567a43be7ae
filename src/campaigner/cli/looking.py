"""`status` and `log`: what is coming and out, and every attempt of a post. Both only read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..delivery import gates
from ..errors import ExitCode, UsageError
from ..ledger import acceptance, alerts, attempts, deliveries, lanes, owners, switches
from ..ledger.ledger import Connection
from ..ledger.records import Acceptance, Alert, Delivery, Hold, Lane, State
from ..post.key import PostKey
from .pairing import paired

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from .wiring import Runtime

ATTENTION = frozenset({"late", "held", "awaiting-approval", "failed", "missed", "in-doubt", "partial"})
TOLD_FOR = timedelta(hours=48)
"""How long `status` goes on telling what no post shows: a file that broke, a message that was taken out."""
AHEAD = timedelta(days=7)
STYLES = {"published": "good", "failed": "error", "missed": "error", "in-doubt": "error", "partial": "error"}


@dataclass(frozen=True, slots=True)
class Past:
    """What the ledger says at one moment."""

    deliveries: Mapping[str, Delivery]
    acceptances: Mapping[str, Acceptance]
    approved: Mapping[str, str]
    attempts: Mapping[str, int]
    holds: Sequence[Hold]
    alerts: Sequence[Alert]
    lanes: Mapping[str, Lane]
    newest_owner: Mapping[str, Any] | None

    @classmethod
    def load(cls, connection: Connection, now: datetime) -> Past:
        """Read all of it in one snapshot."""
        found = deliveries.select(connection)
        return cls(
            {str(delivery.key): delivery for delivery in found},
            acceptance.acceptances(connection),
            switches.approved_digests(connection),
            attempts.count(connection),
            switches.active_holds(connection, now),
            alerts.standing(connection, now - TOLD_FOR),
            lanes.lanes(connection),
            owners.newest(connection, now),
        )


EMPTY = Past({}, {}, {}, {}, (), (), {}, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One post as `status` shows it."""

    key: PostKey
    due_at: datetime
    state: str
    reason: str = ""
    url: str | None = None
    published_at: datetime | None = None
    attempts: int = 0
    slot: Slot | None = None


def status(runtime: Runtime, *, attention: bool, as_json: bool) -> ExitCode:
    """Show where every post stands; exit 1 when one needs a person."""
    now = runtime.clock.now()
    ledger = runtime.ledger_for_reading()
    try:
        past = ledger.read(lambda connection: Past.load(connection, now)) if ledger else EMPTY
        slots = runtime.planned(ledger).slots
    finally:
        if ledger is not None:
            ledger.close()
    rows = list(_rows(runtime, slots, past, now))
    needing = [row for row in rows if row.state in ATTENTION]
    shown = needing if attention else rows
    if as_json:
        runtime.terminal.raw(json.dumps(_as_json(runtime, past, shown), ensure_ascii=False, indent=2))
    else:
        _show(runtime, past, shown, _other_alerts(past, rows), now, attention=attention)
    return ExitCode.ATTENTION if needing or _stopped(past) or _other_alerts(past, rows) else ExitCode.DONE


def log(runtime: Runtime, key: str | None, *, as_json: bool) -> ExitCode:
    """Show every attempt, of one post, of those below a prefix, or of all."""
    ledger = runtime.ledger_for_reading()
    found: list[tuple[Delivery, list[Any]]] = []
    if ledger is not None:
        with_attempts = ledger.read(_all_attempts)
        ledger.close()
        wanted = (key or "").strip("/")
        found = [pair for pair in with_attempts if not wanted or f"{pair[0].key}/".startswith(f"{wanted}/")]
    if key and not found:
        raise UsageError(f"the ledger knows no post {key}", hint="`campaigner status` lists the KEYs")
    if as_json:
        runtime.terminal.raw(json.dumps([_log_json(*pair) for pair in found], ensure_ascii=False, indent=2))
    else:
        for pair in found:
            _show_log(runtime, *pair)
    return ExitCode.DONE


def _all_attempts(connection: Connection) -> list[tuple[Delivery, list[Any]]]:
    return [(found, attempts.of(connection, found)) for found in deliveries.select(connection)]


def _rows(runtime: Runtime, slots: Sequence[Slot], past: Past, now: datetime) -> list[Row]:
    """Every planned post, and every delivery whose post has left the files, in time order."""
    hold_file = gates.hold_file_text(runtime.config.folder)
    rows = [_row(runtime, slot, past, hold_file, now) for slot in slots if not slot.draft]
    planned = {str(slot.key) for slot in slots}
    gone = [_row_of(found, past) for key, found in past.deliveries.items() if key not in planned]
    forced = {key for key, delivery in past.deliveries.items() if delivery.forced}
    stopped = {lane.account for lane in _stopped(past)}
    found = paired([row for row in rows if row is not None], stopped=stopped, forced=forced)
    return sorted(found + gone, key=lambda row: (row.due_at, row.key))


def _row_of(found: Delivery, past: Past, slot: Slot | None = None) -> Row:
    return Row(
        key=found.key,
        due_at=slot.due_at if slot else found.due_at,
        state=str(found.state),
        reason=found.reason or "",
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
    held = gates.why_held_by_people(slot.key, past.holds, hold_file)
    if held:
        return "planned", held
    if runtime.config.approval == "required" and past.approved.get(str(slot.key)) is None:
        return "awaiting-approval", "`campaigner preview` shows its code"
    return "planned", ""


def _due_state(
    runtime: Runtime, slot: Slot, past: Past, hold_file: str | None, found: Delivery | None
) -> tuple[str, str]:
    held = gates.why_held_by_people(slot.key, past.holds, hold_file)
    if held:
        return "held", held
    if runtime.config.approval == "required" and past.approved.get(str(slot.key)) is None:
        return "awaiting-approval", "it is not approved"
    accepted = past.acceptances.get(str(slot.key))
    if found is None and accepted and (gate := gates.past_when_accepted(slot.due_at, accepted.accepted_at)):
        return "held", gate
    return "due", (found.reason or "") if found else ""


def _with_changed_note(runtime: Runtime, row: Row, found: Delivery) -> Row:
    """Say where the file differs from what was posted."""
    if found.state is not State.PUBLISHED or row.slot is None or found.digest is None:
        return row
    if runtime.digest_of(row.slot) == found.digest:
        return row
    from dataclasses import replace

    return replace(row, reason="the file has changed since; what is out stays as it was")


def _stopped(past: Past) -> list[Lane]:
    return [lane for lane in past.lanes.values() if lane.stopped_at is not None]


def _other_alerts(past: Past, rows: Sequence[Row]) -> list[Alert]:
    """What was told and no row shows: of files, of messages taken out, of posts that were skipped."""
    shown = {str(row.key) for row in rows if row.state in ATTENTION or row.state == "published"}
    return [alert for alert in past.alerts if alert.kind != "account" and alert.key not in shown]


def _show(
    runtime: Runtime, past: Past, rows: Sequence[Row], other: Sequence[Alert], now: datetime, *, attention: bool
) -> None:
    terminal = runtime.terminal
    terminal.out(_daemon_line(past, now))
    for hold in past.holds:
        scope = " and ".join(filter(None, (hold.campaign, hold.account))) or "everything"
        terminal.spans([("on hold: ", "warning"), (f"{scope}, by {hold.given_by}: {hold.reason}", None)])
    for lane in _stopped(past):
        terminal.spans([("stopped: ", "error"), (f"account {lane.account}: {lane.stopped_reason}", None)])
    for alert in other:
        terminal.spans([("told: ", "warning"), (alert.text, None)])
        terminal.spans([("    ", None), (alert.command, "dim")])
    if not rows and not (attention and (other or _stopped(past))):
        terminal.out("nothing needs a person" if attention else "nothing is planned")
    near = [row for row in rows if attention or row.state != "planned" or row.due_at <= now + AHEAD]
    for row in near:
        _show_row(runtime, row)
    if len(near) < len(rows):
        terminal.out(f"and {len(rows) - len(near)} more planned after {now + AHEAD:%Y-%m-%d}; --json has them all")


def _show_row(runtime: Runtime, row: Row) -> None:
    zone = runtime.zone_of(row.key.account)
    local = row.due_at.astimezone(zone)
    runtime.terminal.spans(
        [(f"{row.state:<17} ", STYLES.get(row.state)), (f"{local:%Y-%m-%d %H:%M}  ", "dim"), (str(row.key), None)]
    )
    for extra in filter(None, (row.url, row.reason, _command(row))):
        runtime.terminal.spans([("    ", None), (extra, "dim")])


def _command(row: Row) -> str:
    """What to type about a post that needs a person."""
    match row.state:
        case "failed":
            return f"campaigner retry {row.key}"
        case "missed":
            return f"campaigner retry {row.key} --yes"
        case "in-doubt":
            return f"campaigner resolve {row.key} --published URL (or --not-published)"
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


def _daemon_line(past: Past, now: datetime) -> str:
    owner = past.newest_owner
    if owner is None:
        return "campaigner has not run here yet"
    seen = owner["seen_at"]
    if owner["ended_at"] is None and not owner["dead"]:
        return f"running since {owner['started_at']:%Y-%m-%d %H:%M} UTC (process {owner['pid']})"
    return f"not running; it last ran at {seen:%Y-%m-%d %H:%M} UTC"


def _as_json(runtime: Runtime, past: Past, rows: Sequence[Row]) -> dict[str, Any]:
    owner = past.newest_owner
    daemon = {
        "running": bool(owner and owner["ended_at"] is None and not owner["dead"]),
        "last_seen_at": _instant(owner["seen_at"]) if owner else None,
        "pid": owner["pid"] if owner else None,
    }
    return {
        "daemon": daemon,
        "holds": [
            {
                "campaign": hold.campaign,
                "account": hold.account,
                "until": _instant(hold.until),
                "reason": hold.reason,
                "by": hold.given_by,
                "at": _instant(hold.given_at),
            }
            for hold in past.holds
        ],
        "accounts": [{"account": lane.account, "stopped": lane.stopped_reason} for lane in _stopped(past)],
        "alerts": [
            {
                "kind": alert.kind,
                "key": alert.key,
                "text": alert.text,
                "command": alert.command,
                "at": _instant(alert.raised_at),
            }
            for alert in past.alerts
        ],
        "posts": [_row_json(runtime, row) for row in rows],
    }


def _row_json(runtime: Runtime, row: Row) -> dict[str, Any]:
    post = runtime.post_json(row.slot) if row.slot is not None else _bare_json(runtime, row)
    return {
        **post,
        "state": row.state,
        "url": row.url,
        "published_at": _instant(row.published_at),
        "attempts": row.attempts,
        "reason": row.reason,
    }


def _bare_json(runtime: Runtime, row: Row) -> dict[str, Any]:
    """A post whose message has left the files: what its KEY and the ledger still tell."""
    zone = runtime.zone_of(row.key.account)
    return {
        "key": str(row.key),
        "campaign": row.key.campaign,
        "edition": row.key.edition,
        "message": row.key.message,
        "account": row.key.account,
        "language": row.key.language,
        "due_at": _instant(row.due_at),
        "local_time": row.due_at.astimezone(zone).isoformat(),
        "timezone": str(zone),
    }


def _show_log(runtime: Runtime, delivery: Delivery, attempts: Sequence[Any]) -> None:
    terminal = runtime.terminal
    terminal.spans([(str(delivery.key), "strong"), (f"  {delivery.state}", STYLES.get(delivery.state))])
    for attempt in attempts:
        ended = f" to {attempt.ended_at:%H:%M:%S}" if attempt.ended_at else ""
        terminal.out(
            f"  {attempt.started_at:%Y-%m-%d %H:%M:%S}{ended} UTC  {attempt.kind} of part {attempt.part + 1}: "
            f"{attempt.outcome or 'no end recorded'} (process {attempt.owner_id[:8]})"
        )
        if attempt.reason:
            terminal.spans([(f"      {attempt.reason}", None)])
    if not attempts:
        terminal.spans([(f"  no attempt: {delivery.reason}", None)])


def _log_json(delivery: Delivery, attempts: Sequence[Any]) -> dict[str, Any]:
    return {
        "key": str(delivery.key),
        "state": str(delivery.state),
        "reason": delivery.reason or "",
        "url": delivery.url,
        "attempts": [
            {
                "kind": attempt.kind,
                "part": attempt.part,
                "process": attempt.owner_id,
                "started_at": _instant(attempt.started_at),
                "ended_at": _instant(attempt.ended_at),
                "outcome": attempt.outcome,
                "reason": attempt.reason or "",
            }
            for attempt in attempts
        ],
    }


def _instant(value: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
