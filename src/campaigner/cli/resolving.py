"""`campaigner resolve`: a person has looked, and says of the part in doubt whether it is out."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..delivery.stored import part_count
from ..errors import ExitCode, RefusedError, UsageError
from ..ledger import alerts, attempts, deliveries, owners, receipts, switches
from ..ledger.ledger import Connection
from ..ledger.records import Delivery, PublishedPart, State
from .deciding import full_key, who

if TYPE_CHECKING:
    from ..post.key import PostKey
    from .wiring import Runtime

RESOLVABLE = frozenset({State.IN_DOUBT, State.PARTIAL, State.FAILED, State.MISSED, State.DUE})
GOES_ON = frozenset({State.IN_DOUBT, State.DUE, State.SENDING})
"""Where the rest of a thread follows the part that is out; what had ended goes on only by a person's `retry`."""


class Said(NamedTuple):
    """What the person said: out at `url`, None: not out; and why, and when."""

    url: str | None
    reason: str
    now: datetime


def resolve(runtime: Runtime, key: str, *, published: str | None, not_published: bool, reason: str) -> ExitCode:
    """Settle a doubt: it is out, at this URL, or it is not."""
    if (published is None) is not not_published:
        raise UsageError("say either --published URL or --not-published")
    if published is not None and not published.startswith(("https://", "http://")):
        raise UsageError(f"{published!r} is not a URL", hint="copy the post's address from the platform, https://…")
    parsed, said = full_key(key), Said(published, reason, runtime.clock.now())
    with runtime.working_ledger() as ledger:
        runtime.terminal.out(ledger.write(partial(_settle, runtime=runtime, key=parsed, said=said)))
    return ExitCode.DONE


def _settle(connection: Connection, runtime: Runtime, key: PostKey, said: Said) -> str:
    delivery = deliveries.find(connection, key)
    if delivery is None:
        raise UsageError(f"the ledger knows no post {key}", hint="`campaigner status` lists them")
    _refuse_what_is_settled(connection, delivery, said.now)
    what = "--not-published" if said.url is None else f"--published {said.url}"
    switches.decide(connection, f"resolve {what}", str(key), said.reason, who(), said.now)
    # A doubt that comes again is told again.
    alerts.withdraw(connection, str(key), said.now)
    if delivery.state is State.SENDING:
        attempts.end_open(connection, delivery, said.now, "a person looked")
    if said.url is None:
        return _not_out(connection, delivery, said.now)
    return _out(connection, runtime, delivery, said.url, said.now)


def _refuse_what_is_settled(connection: Connection, delivery: Delivery, now: datetime) -> None:
    left = delivery.state is State.SENDING and delivery.owner_id not in owners.alive(connection, now)
    if delivery.state not in RESOLVABLE and not left:
        raise RefusedError(f"{delivery.key} is {delivery.state}: there is nothing to resolve")


def _not_out(connection: Connection, delivery: Delivery, now: datetime) -> str:
    part = len(receipts.of(connection, delivery))
    attempt = attempts.record(connection, delivery, part, "person", who(), now)
    attempts.end(connection, attempt, "not out", "a person said that it is not out", now)
    deliveries.put_back(connection, delivery, now, reason="a person said that it is not out")
    return f"not published: {delivery.key} is due again"


def _out(connection: Connection, runtime: Runtime, delivery: Delivery, url: str, now: datetime) -> str:
    """The part that was next is out. It may be the last; else the post is due again, and the rest follows."""
    remote_id = _id_at(runtime, delivery, url)
    if delivery.identity is None:
        # It was never tried, so there is nobody's id to keep.
        deliveries.set_url(connection, delivery, url, now)
        return _published(connection, delivery, url, now)
    number, count = len(receipts.of(connection, delivery)) + 1, part_count(delivery)
    _keep_receipt(connection, delivery, PublishedPart(
        part=number - 1, remote_id=remote_id, url=url, extra={}, published_at=now))  # fmt: skip
    if number >= count or delivery.state not in GOES_ON:
        return _published(connection, delivery, url, now)
    deliveries.put_back(connection, delivery, now, reason=f"a person said that part {number} of {count} is out")
    return f"part {number} of {count} is out: {delivery.key} {url}\nit is due again, and goes on with part {number + 1}"


def _published(connection: Connection, delivery: Delivery, url: str, now: datetime) -> str:
    deliveries.settle(connection, delivery, State.PUBLISHED, now, "a person said that it is out")
    return f"published {delivery.key} {url}"


def _keep_receipt(connection: Connection, delivery: Delivery, part: PublishedPart) -> None:
    owner = receipts.owner_of(connection, delivery.identity or "", part.remote_id)
    if owner is not None:
        which = "another part of this post" if owner == str(delivery.key) else owner
        raise RefusedError(f"{part.url} is {which} already", hint="copy the address of the post that is in doubt")
    attempt = attempts.record(connection, delivery, part.part, "person", who(), part.published_at)
    attempts.end(connection, attempt, "published", part.url, part.published_at)
    deliveries.save_part(connection, delivery, part)


def _id_at(runtime: Runtime, delivery: Delivery, url: str) -> str:
    """The id that the platform knows the post by; of an account that has left the config it can't be known."""
    from ..platforms import registry

    account = runtime.config.accounts.get(delivery.key.account)
    found = url if account is None else registry.post_id(account, delivery.identity, url)
    if account is not None and found is None:
        where = getattr(account.options, "server", account.platform)
        raise UsageError(
            f"{url} is no post of account {delivery.key.account} ({account.platform}, {where})",
            hint="open the post itself there, and copy its address",
        )
    return found or url
