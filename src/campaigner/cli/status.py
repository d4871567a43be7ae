"""`campaigner status`: what is coming and out, and what needs a person. It only reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ExitCode
from ..ledger import lock
from .options import Json
from .standing import EMPTY, Past, Row, rows_of
from .terminal import STATE_STYLES, rfc3339

if TYPE_CHECKING:
    from ..ledger.records import Alert
    from .wiring import Runtime

AHEAD = timedelta(days=7)


def status(
    context: typer.Context,
    attention: Annotated[bool, typer.Option("--attention", help="Only what needs a person.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show where every post stands; exit 1 when one needs a person."""
    runtime: Runtime = context.obj
    now = runtime.clock.now()
    ledger = runtime.ledger_for_reading()
    try:
        is_at_work = ledger is not None and not lock.is_free(ledger.path)
        past = ledger.read(lambda connection: Past.load(connection, now, is_at_work=is_at_work)) if ledger else EMPTY
        world, planned = runtime.planned()
    finally:
        if ledger is not None:
            ledger.close()
    rows = list(rows_of(runtime, world, planned, past, now))
    left_due = [row for row in rows if row.state == "due"] if is_idle(past, now) else []
    needing = [row for row in rows if row.needs_person or row in left_due]
    shown, other = needing if attention else rows, other_alerts(past, rows)
    if as_json:
        runtime.terminal.json(_as_json(runtime, past, shown))
    else:
        _show(runtime, past, shown, other, now, attention=attention, left_due=len(left_due))
    return ExitCode.ATTENTION if needing or past.stopped or other else ExitCode.DONE


def _show(
    runtime: Runtime,
    past: Past,
    rows: Sequence[Row],
    other: Sequence[Alert],
    now: datetime,
    *,
    attention: bool,
    left_due: int,
) -> None:
    terminal = runtime.terminal
    terminal.out(_daemon_line(past, now))
    if left_due:
        due = "1 post is due" if left_due == 1 else f"{left_due} posts are due"
        terminal.spans([("not running, and ", "error"), (due, "error")])
        terminal.spans([("    campaigner run, or campaigner run --once", "dim")])
    for hold in past.holds:
        scope = " and ".join(filter(None, (hold.campaign, hold.account))) or "everything"
        terminal.spans([("on hold: ", "warning"), (f"{scope}, by {hold.given_by}: {hold.reason}", None)])
    for lane in past.stopped:
        terminal.spans([("stopped: ", "error"), (f"account {lane.account}: {lane.stopped_reason}", None)])
        terminal.spans([("    ", None), (command_for_account(lane.account), "dim")])
    for alert in other:
        terminal.spans([("told: ", "warning"), (alert.text, None)])
        terminal.spans([("    ", None), (alert.command, "dim")])
    if not rows and not (attention and (other or past.stopped)):
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
        [(f"{row.state:<17} ", STATE_STYLES.get(row.state)), (f"{local:%Y-%m-%d %H:%M}  ", "dim"), (str(row.key), None)]
    )
    for extra in filter(None, (row.url, row.reason, row.cure or command_for(row))):
        runtime.terminal.spans([("    ", None), (extra, "dim")])


BETWEEN_RUNS = timedelta(minutes=2)
"""After a `run --once` that ended so lately, cron's next one is awaited."""


def is_idle(past: Past, now: datetime) -> bool:
    """True when nothing is at work, and nothing can be expected to be soon."""
    run = past.run
    if run is None or past.is_at_work:
        return not past.is_at_work
    return run.ended_at is None or run.engine != "run --once" or now > run.ended_at + BETWEEN_RUNS


def _daemon_line(past: Past, now: datetime) -> str:
    run = past.run
    if run is None:
        return "campaigner has not run here yet"
    if past.is_at_work:
        return f"running since {run.started_at:%Y-%m-%d %H:%M} UTC (process {run.pid})"
    return f"not running; it last ran at {run.seen_at:%Y-%m-%d %H:%M} UTC"


def _as_json(runtime: Runtime, past: Past, rows: Sequence[Row]) -> dict[str, Any]:
    run = past.run
    daemon = {
        "running": past.is_at_work,
        "last_seen_at": rfc3339(run.seen_at) if run else None,
        "pid": run.pid if run else None,
    }
    return {
        "daemon": daemon,
        "holds": [
            {
                "campaign": hold.campaign,
                "account": hold.account,
                "until": rfc3339(hold.until),
                "reason": hold.reason,
                "by": hold.given_by,
                "at": rfc3339(hold.given_at),
            }
            for hold in past.holds
        ],
        "accounts": [
            {
                "account": lane.account,
                "stopped": lane.stopped_reason,
                "command": command_for_account(lane.account),
            }
            for lane in past.stopped
        ],
        "alerts": [
            {
                "kind": alert.kind,
                "key": alert.key,
                "text": alert.text,
                "command": alert.command,
                "at": rfc3339(alert.raised_at),
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
        "published_at": rfc3339(row.published_at),
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
        "due_at": rfc3339(row.due_at),
        "local_time": row.due_at.astimezone(zone).isoformat(),
        "timezone": str(zone),
    }


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
