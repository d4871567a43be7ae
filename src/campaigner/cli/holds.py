"""`campaigner hold` and `release`: the crisis switch, which works also while the config is broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ..delivery import gates, holding
from ..errors import ExitCode, UsageError
from ..ledger import switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Hold
from . import crisis
from .deciding import who

if TYPE_CHECKING:
    from .wiring import Runtime


def hold(
    runtime: Runtime, *, campaign: str | None, account: str | None, until: datetime | None, reason: str
) -> ExitCode:
    """Stop what has not been sent, from this moment, in every process."""
    now = runtime.clock.now()
    if until is not None and until <= now:
        raise UsageError(f"--until {until.isoformat()} is past")
    with crisis.working_ledger(runtime) as ledger:
        _refuse_unknown("account", account, crisis.accounts(runtime, ledger) if account else ())
        _refuse_unknown("campaign", campaign, crisis.campaigns(runtime, ledger) if campaign else ())
        ledger.write(
            lambda connection: switches.give_hold(
                connection, campaign=campaign, account=account, until=until, reason=reason, given_by=who(), now=now
            )
        )
    scope = " and ".join(filter(None, (campaign, account))) or "everything"
    runtime.terminal.out(f"on hold: {scope}. `campaigner release` lets it go on")
    return ExitCode.DONE


def release(runtime: Runtime, *, campaign: str | None, account: str | None, late: str, reason: str) -> ExitCode:
    """Go on. What came due meanwhile is skipped, or posted with `late` "post"."""
    with crisis.working_ledger(runtime) as ledger:
        released, overdue = _let_go(runtime, ledger, campaign, account, late=late, reason=reason)
    if not released:
        raise UsageError("there is no such hold", hint="`campaigner status` lists the holds")
    runtime.terminal.out(f"released: {len(released)} hold{'s' if len(released) > 1 else ''}")
    word = "will be posted now" if late == "post" else "skipped"
    for key in overdue:
        runtime.terminal.out(f"{word} {key}")
    if gates.hold_file_text(runtime.config_path.parent) is not None:
        runtime.terminal.err("a file HOLD still lies beside the config and holds everything: delete it to go on")
    return ExitCode.DONE


def _let_go(
    runtime: Runtime, ledger: Ledger, campaign: str | None, account: str | None, *, late: str, reason: str
) -> tuple[list[Hold], list[str]]:
    now = runtime.clock.now()
    slots = crisis.slots(runtime)
    if slots is None and late == "post":
        raise UsageError("--late post needs a config that can be used", hint="mend it, or release without --late post")

    def let_go(connection: Connection) -> tuple[list[Hold], list[str]]:
        released = switches.release_holds(
            connection, campaign=campaign, account=account, released_by=who(), now=now, reason=reason
        )
        if slots is None:
            return released, crisis.skip_overdue(connection, released, now)
        return released, holding.settle_overdue(connection, slots, released, now, post=late == "post")

    return ledger.write(let_go)


def _refuse_unknown(what: str, name: str | None, known: Iterable[str]) -> None:
    """A mistyped name must not leave a crisis switch without effect."""
    if name is not None and name not in (names := sorted(known)):
        hint = f"there is: {', '.join(names) or 'none'}. Without --{what} everything is held"
        raise UsageError(f"there is no {what} {name}", hint=hint)
