"""`campaigner log`: every attempt of a post, and every decision of a person, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..errors import ExitCode, UsageError
from ..ledger import attempts, deliveries, switches
from ..ledger.ledger import Connection
from ..ledger.records import Attempt, Decision, Delivery
from .options import Json
from .terminal import STATE_STYLES, rfc3339

if TYPE_CHECKING:
    from .terminal import Terminal
    from .wiring import Runtime


class History(NamedTuple):
    """What was tried and decided of one post; without a key, what was decided of more than one. `delivery` None: no try yet."""

    key: str | None
    delivery: Delivery | None
    attempts: Sequence[Attempt]
    decisions: Sequence[Decision]


def log(
    context: typer.Context,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="Of a post, or the beginning of one; else all.")
    ] = None,
    as_json: Json = False,
) -> ExitCode:
    """Show the history of one post, of those below a prefix, or of all with the holds."""
    runtime: Runtime = context.obj
    wanted = (key or "").strip("/")
    ledger = runtime.ledger_for_reading()
    found: list[History] = []
    if ledger is not None:
        found = ledger.read(lambda connection: list(_histories(connection, wanted)))
        ledger.close()
    if key and not found:
        raise UsageError(f"the ledger knows no post {key}", hint="`campaigner status` lists the KEYs")
    if as_json:
        runtime.terminal.json([_as_json(one) for one in found])
        return ExitCode.DONE
    for one in found:
        _show(runtime.terminal, one)
    return ExitCode.DONE


def _histories(connection: Connection, wanted: str) -> Iterator[History]:
    """The posts in the order of their times, then those that were only decided about, then the holds."""
    decided: dict[str | None, list[Decision]] = {}
    for decision in switches.decisions(connection, wanted):
        decided.setdefault(decision.key if _is_key(decision.key) else None, []).append(decision)
    for delivery in deliveries.select(connection):
        key = str(delivery.key)
        if not wanted or f"{key}/".startswith(f"{wanted}/"):
            yield History(key, delivery, attempts.of(connection, delivery), decided.pop(key, []))
    for name in sorted(decided, key=lambda name: (name is None, name or "")):
        yield History(name, None, (), decided[name])


def _is_key(name: str | None) -> bool:
    """False for the scope of a hold, which is words."""
    return name is not None and name.count("/") == len(("edition", "message", "account", "language"))


def _show(terminal: Terminal, history: History) -> None:
    state = str(history.delivery.state) if history.delivery else ""
    terminal.spans([(history.key or "holds", "strong"), (f"  {state}" if state else "", STATE_STYLES.get(state))])
    lines = [
        *((attempt.started_at, _attempt_lines(attempt)) for attempt in history.attempts if attempt.kind != "person"),
        *((decision.made_at, _decision_lines(decision)) for decision in history.decisions),
    ]
    for _, (line, reason) in sorted(lines, key=lambda found: found[0]):
        terminal.spans([(f"  {line}", None)])
        if reason:
            terminal.spans([(f"      {reason}", None)])
    if not lines and history.delivery is not None:
        terminal.spans([(f"  no attempt: {history.delivery.reason}", None)])


def _attempt_lines(attempt: Attempt) -> tuple[str, str]:
    ended = f" to {attempt.ended_at:%H:%M:%S}" if attempt.ended_at else ""
    what = f"{attempt.kind} of part {attempt.part + 1}: {attempt.outcome or 'no end recorded'}"
    line = f"{_second(attempt.started_at)}{ended} UTC  {what} (process {attempt.run_id[:8]})"
    return line, attempt.reason or ""


def _decision_lines(decision: Decision) -> tuple[str, str]:
    of = f" of {decision.key}" if decision.key and not _is_key(decision.key) else ""
    return f"{_second(decision.made_at)} UTC  {decision.what}{of} by {decision.made_by}", decision.reason


def _second(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"


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
