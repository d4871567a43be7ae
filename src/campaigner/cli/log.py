"""`campaigner log`: every attempt of a post, and every decision of a person, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..engine.due import ENDED_BY
from ..errors import ExitCode, UsageError
from ..ledger import acceptance, decisions, deliveries, parts
from ..ledger.ledger import Connection
from ..ledger.models import Attempt, Decision, Delivery
from .options import Json
from .post_keys import matching
from .terminal import STATE_STYLES, rfc3339

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from .terminal import Terminal
    from .wiring import Workspace


NONE = "the ledger knows no post"


class History(NamedTuple):
    """What was tried and decided of one post; without a key, what was decided of more than one. `delivery` None: no try yet."""

    key: str | None
    delivery: Delivery | None
    attempts: Sequence[Attempt]
    decisions: Sequence[Decision]


def log(
    context: typer.Context,
    key: Annotated[
        str | None,
        typer.Argument(metavar="TARGET", help="A campaign, file, KEY or its beginning, account or platform; else all."),
    ] = None,
    as_json: Json = False,
) -> ExitCode:
    """Show the history of one post, of those below a prefix, or of all with the holds."""
    workspace: Workspace = context.obj
    ledger = workspace.ledger_for_reading()
    found: list[History] = []
    if ledger is not None:
        found = ledger.read(lambda connection: _histories(connection, key, workspace.platforms()))
        ledger.close()
    elif key:
        raise UsageError(f"{NONE} {key}", hint="there is no ledger yet: nothing was ever posted from here")
    if as_json:
        workspace.terminal.json([_as_json(one) for one in found])
        return ExitCode.DONE
    if key and not found:
        workspace.terminal.err(f"nothing has happened yet with {key}: `campaigner status {key}` says what is planned")
    if found:
        workspace.terminal.out(f"all times are of {workspace.zone()}")
    for one in found:
        _show(workspace.terminal, one, workspace.zone())
    return ExitCode.DONE


def _histories(connection: Connection, target: str | None, platforms: Mapping[str, Collection[str]]) -> list[History]:
    """The posts in the order of their times, then those that were only decided about, then the holds unless a target is named."""
    decided: dict[str | None, list[Decision]] = {}
    for decision in decisions.made(connection):
        decided.setdefault(decision.key if _is_key(decision.key) else None, []).append(decision)
    begun = {str(delivery.key): delivery for delivery in deliveries.select(connection)}
    names = [*begun, *sorted(name for name in decided if name is not None and name not in begun)]
    if target is not None:
        meant = set(matching(target, {*names, *acceptance.acceptances(connection)}, platforms, none=NONE))
        names = [name for name in names if name in meant]
    found = [
        History(name, delivery, parts.attempts_of(connection, delivery) if delivery else (), decided.get(name, []))
        for name in names
        for delivery in [begun.get(name)]
    ]
    return found if target is not None or None not in decided else [*found, History(None, None, (), decided[None])]


def _is_key(name: str | None) -> bool:
    """False for the scope of a hold, which is words."""
    return name is not None and name.count("/") == len(("edition", "message", "account", "language"))


def _show(terminal: Terminal, history: History, zone: ZoneInfo) -> None:
    delivery = history.delivery
    state = str(ENDED_BY.get(delivery.reason or "", delivery.state)) if delivery else ""
    terminal.spans([(history.key or "holds", "strong"), (f"  {state}" if state else "", STATE_STYLES.get(state))])
    lines = [
        *(
            (attempt.started_at, _attempt_lines(attempt, zone))
            for attempt in history.attempts
            if attempt.kind != "person"
        ),
        *((decision.made_at, _decision_lines(decision, zone)) for decision in history.decisions),
    ]
    for _, (line, reason) in sorted(lines, key=lambda found: found[0]):
        terminal.spans([(f"  {line}", None)])
        if reason:
            terminal.spans([(f"      {reason}", None)])
    if not lines and delivery is not None:
        terminal.spans([(f"  no attempt: {delivery.reason}", None)])


def _attempt_lines(attempt: Attempt, zone: ZoneInfo) -> tuple[str, str]:
    ended = f" to {attempt.ended_at.astimezone(zone):%H:%M:%S}" if attempt.ended_at else ""
    what = f"{attempt.kind} of part {attempt.part + 1}: {attempt.outcome or 'no end recorded'}"
    line = f"{_second(attempt.started_at, zone)}{ended}  {what} (process {attempt.run_id[:8]})"
    return line, attempt.reason or ""


def _decision_lines(decision: Decision, zone: ZoneInfo) -> tuple[str, str]:
    of = f" of {decision.key}" if decision.key and not _is_key(decision.key) else ""
    return f"{_second(decision.made_at, zone)}  {decision.what}{of} by {decision.made_by}", decision.reason


def _second(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _as_json(history: History) -> dict[str, Any]:
    delivery = history.delivery
    return {
        "key": history.key,
        "state": str(delivery.state) if delivery else None,
        "reason": (delivery.reason if delivery else None) or "",
        "url": delivery.url if delivery else None,
        "attempts": [_attempt_json(attempt) for attempt in history.attempts],
        "decisions": [_decision_json(decision) for decision in history.decisions],
    }


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "kind": attempt.kind,
        "part": attempt.part,
        "process": attempt.run_id,
        "started_at": rfc3339(attempt.started_at),
        "ended_at": rfc3339(attempt.ended_at),
        "outcome": attempt.outcome,
        "reason": attempt.reason or "",
    }


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "what": decision.what,
        "scope": decision.key if not _is_key(decision.key) else None,
        "by": decision.made_by,
        "at": rfc3339(decision.made_at),
        "reason": decision.reason,
    }
