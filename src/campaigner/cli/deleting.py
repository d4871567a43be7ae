"""`campaigner delete`: take published posts down on their platforms, and record it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..errors import AccountError, BrokenAccountError, CampaignerError, ExitCode
from ..ledger import alerts, deliveries, receipts, switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, PublishedPart, State
from ..platforms.base import Receipt
from . import deciding
from .faults import show_error

if TYPE_CHECKING:
    from datetime import datetime

    from ..engine.world import World
    from .wiring import Runtime


def delete(runtime: Runtime, key: str, *, yes: bool, reason: str) -> ExitCode:
    """Delete every part of these posts, the last part first; exit 1 when one stays, which keeps none of the others up."""
    with runtime.working_ledger() as ledger:
        found = {str(one.key): one for one in ledger.read(lambda c: deliveries.select(c, OUT))}
        keys = deciding.matching(key, found)
        deciding.confirm(runtime, key, keys, yes=yes)
        world = runtime.world()
        codes = {_delete_one(runtime, ledger, world, found[one], reason) for one in keys}
    return max(codes)


OUT = (State.PUBLISHED, State.PARTIAL)


def _delete_one(runtime: Runtime, ledger: Ledger, world: World, delivery: Delivery, reason: str) -> ExitCode:
    parts = ledger.read(lambda c: receipts.of(c, delivery))
    code = ExitCode.ATTENTION
    try:
        why_not = _take_down(runtime, world, delivery, parts)
    except BrokenAccountError as error:
        show_error(error, runtime.terminal)
        why_not, code = f"{error.reason}; it may be down or not: look on the platform", error.exit_code
    except AccountError as error:
        why_not = str(error)
    if why_not is not None:
        runtime.terminal.out(f"not deleted {delivery.key}: {why_not}")
        return code
    ledger.write(partial(_forget, delivery=delivery, reason=reason, now=runtime.clock.now()))
    runtime.terminal.out(f"deleted {delivery.key}. `campaigner retry {delivery.key}` posts the corrected text")
    return ExitCode.DONE


def _take_down(runtime: Runtime, world: World, delivery: Delivery, parts: list[PublishedPart]) -> str | None:
    """Why a post is not down, None when it is."""
    account = delivery.key.account
    if not parts:
        return "the ledger has no id of it; delete it on its platform"
    if account not in world.config.accounts:
        return f"account {account} is no longer in the config"
    try:
        adapter = runtime.source().connect(world, account)
    except BrokenAccountError:
        raise
    except CampaignerError as error:
        return str(error)
    try:
        answers = (adapter.delete(_receipt(part)) for part in reversed(parts))
        return next((answer.reason for answer in answers if answer is not None), None)
    finally:
        adapter.close()


def _forget(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> None:
    deliveries.forget_published(connection, delivery, now, "deleted")
    alerts.withdraw(connection, str(delivery.key), now)
    switches.decide(connection, "delete", str(delivery.key), reason, deciding.who(), now)


def _receipt(part: PublishedPart) -> Receipt:
    return Receipt(id=part.remote_id, url=part.url, at=part.published_at, extra=part.extra)
