"""`campaigner delete`: take published posts down on their platforms, and record it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ExitCode, RefusedError
from ..ledger import deliveries, receipts, switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, PublishedPart, State
from ..platforms.base import Receipt
from . import deciding

if TYPE_CHECKING:
    from .wiring import Runtime


def delete(runtime: Runtime, key: str, *, yes: bool) -> ExitCode:
    """Delete every part of these posts, the last part first; exit 1 when a platform keeps one."""
    with runtime.working_ledger() as ledger:
        found = {str(one.key): one for one in ledger.read(lambda c: deliveries.select(c, OUT))}
        keys = deciding.matching(key, found)
        deciding.confirm(runtime, key, keys, yes=yes)
        gone = [_delete_one(runtime, ledger, found[one]) for one in keys]
    return ExitCode.DONE if all(gone) else ExitCode.ATTENTION


OUT = (State.PUBLISHED, State.PARTIAL)


def _delete_one(runtime: Runtime, ledger: Ledger, delivery: Delivery) -> bool:
    parts = ledger.read(lambda c: receipts.of(c, delivery))
    if not parts:
        raise RefusedError(f"{delivery.key}: the ledger has no id of it, so it can't be deleted from here")
    adapter = runtime.source().connect(runtime.world(), delivery.key.account)
    try:
        for part in reversed(parts):
            answer = adapter.delete(_receipt(part))
            if answer is not None:
                runtime.terminal.out(f"not deleted {delivery.key}: {answer.reason}")
                return False
    finally:
        adapter.close()
    now = runtime.clock.now()

    def forget(connection: Connection) -> None:
        deliveries.forget_published(connection, delivery, now, "deleted")
        switches.decide(connection, "delete", str(delivery.key), "", deciding.who(), now)

    ledger.write(forget)
    runtime.terminal.out(f"deleted {delivery.key}. `campaigner retry {delivery.key}` posts the corrected text")
    return True


def _receipt(part: PublishedPart) -> Receipt:
    return Receipt(id=part.remote_id, url=part.url, at=part.published_at, extra=part.extra)
