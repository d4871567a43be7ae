"""`campaigner resolve`: a person has looked, and says of the part in doubt whether it is out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..delivery.claimed_post import ClaimedPost, part_count, part_to_look_for
from ..errors import CampaignerError, ExitCode, RefusedError, SurroundingsError, UsageError
from ..ledger import alerts, decisions, deliveries, lock, parts
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, PublishedPart, State
from ..platforms.outcomes import Another, Found, Identity, PartToSend, Receipt, Unavailable
from .options import Reason
from .post_keys import full_key, matching, who

if TYPE_CHECKING:
    from ..post.key import PostKey
    from .wiring import Workspace

RESOLVABLE = frozenset({State.IN_DOUBT, State.PARTIAL, State.FAILED, State.MISSED, State.DUE})
NOT_OUT = "a person said that it is not out"
GOES_ON = frozenset({State.IN_DOUBT, State.DUE, State.SENDING})
"""Where the rest of a thread follows the part that is out; what had ended goes on only by a person's `retry`."""


class Said(NamedTuple):
    """What the person said: out at `url`, None: not out; and why, and when. `looked_at`: what was found there.

    `is_idle`: no run is at work on the ledger.
    """

    url: str | None
    reason: str
    now: datetime
    is_idle: bool = True
    looked_at: LookedAt | None = None


class LookedAt(NamedTuple):
    """What is kept of the post at the address, and which part it was looked at for."""

    part: int
    extra: Mapping[str, Any]


def resolve(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="campaign/edition/message/account/language")],
    published: Annotated[str | None, typer.Option("--published", metavar="URL", help="It is out, here.")] = None,
    not_published: Annotated[bool, typer.Option("--not-published", help="It is not out.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Record it also where it is not found to be ours.")] = False,
    reason: Reason = "",
) -> ExitCode:
    """Settle a doubt: it is out, at this URL, or it is not."""
    workspace: Workspace = context.obj
    if (published is None) is not not_published:
        raise UsageError("say either --published URL or --not-published")
    if published is not None and not published.startswith(("https://", "http://")):
        raise UsageError(f"{published!r} is not a URL", hint="copy the post's address from the platform, https://…")
    parsed, said = full_key(key), Said(published, reason, workspace.clock.now())
    with workspace.working_ledger() as ledger:
        if ledger.read(lambda connection: deliveries.find(connection, parsed)) is None:
            matching(key, (str(slot.key) for slot in workspace.slots()), {})
            raise UsageError(f"{key} is planned, not in doubt", hint="`campaigner status` says what each post is")
        said = said._replace(is_idle=lock.is_free(ledger.path))
        if published is not None:
            said = said._replace(looked_at=_look_at(workspace, ledger, parsed, said, yes=yes))
        workspace.terminal.out(ledger.write(partial(_settle, workspace=workspace, key=parsed, said=said)))
    return ExitCode.DONE


def _look_at(workspace: Workspace, ledger: Ledger, key: PostKey, said: Said, *, yes: bool) -> LookedAt | None:
    """Look at the address, and refuse what is not the part in doubt, unless the person says --yes.

    None for a post that was never tried: nothing can be taken down by what is kept of it.
    """
    delivery = ledger.read(lambda connection: _resolvable(connection, key, is_idle=said.is_idle))
    if delivery.identity is None:
        return None
    remote_id = _id_at(workspace, delivery, said.url or "")
    ledger.read(lambda connection: _refuse_what_is_known(connection, delivery, remote_id, said.url or ""))
    stored, part = ledger.read(lambda c: (stored := ClaimedPost.load(c, delivery), part_to_look_for(c, stored)))
    part, number = replace(part, attempted_at=part.attempted_at or part.created_at), stored.next_part
    found = _found(workspace, delivery, remote_id, part)
    match found:
        case None:
            return LookedAt(number, {})
        case Receipt():
            return LookedAt(number, found.extra)
    if yes:
        return LookedAt(number, {parts.UNCONFIRMED: True})
    why = shlex.join(["--reason", said.reason]) if said.reason else ""
    command = f"campaigner resolve {key} --published {shlex.quote(said.url or '')} {why}".rstrip()
    hint = f"`{command} --yes` records it all the same; `campaigner delete` then leaves it alone"
    if isinstance(found, Another):
        raise RefusedError(f"{said.url} is not what {key} was to post: {found.reason}", hint=hint)
    raise SurroundingsError(f"{said.url} can't be looked at now: {found.reason}", hint=f"try again later, or {hint}")


def _found(workspace: Workspace, delivery: Delivery, remote_id: str, part: PartToSend) -> Found | None:
    account = delivery.key.account
    if account not in workspace.config.accounts:
        return Unavailable(f"account {account} is no longer in the config")
    try:
        with closing(workspace.connect(workspace.read(), account).adapter) as adapter:
            found = adapter.find(remote_id, part)
            identity = adapter.identity() if isinstance(found, Receipt) else None
    except CampaignerError as error:
        return Unavailable(str(error))
    if isinstance(identity, Identity) and identity.id != delivery.identity:
        return Another(f"the post was tried as {delivery.identity}, and the account is now {identity.id}")
    return found if identity is None or isinstance(identity, Identity) else identity


def _resolvable(connection: Connection, key: PostKey, *, is_idle: bool) -> Delivery:
    """`is_idle`: no run is at work, so what was being sent is in doubt."""
    delivery = deliveries.find(connection, key)
    assert delivery is not None, "no delivery is ever taken out of a ledger"
    if delivery.state not in RESOLVABLE and not (delivery.state is State.SENDING and is_idle):
        raise RefusedError(f"{key} is {delivery.state}: there is nothing to resolve")
    return delivery


def _settle(connection: Connection, workspace: Workspace, key: PostKey, said: Said) -> str:
    delivery = _resolvable(connection, key, is_idle=said.is_idle)
    what = "--not-published" if said.url is None else f"--published {said.url}"
    if said.looked_at is not None and said.looked_at.extra.get(parts.UNCONFIRMED):
        what += " --yes"
    decisions.decide(connection, f"resolve {what}", str(key), said.reason, who(), said.now)
    # A doubt that comes again is told again.
    alerts.withdraw(connection, str(key), said.now)
    if delivery.state is State.SENDING:
        parts.end_open_attempts(connection, delivery, said.now, "a person looked")
    if said.url is None:
        _record(connection, delivery, said, "not out", NOT_OUT)
        deliveries.set_state(connection, delivery, State.DUE, said.now, reason=NOT_OUT)
        return f"not published: {key} is due again"
    return _out(connection, workspace, delivery, said)


def _record(connection: Connection, delivery: Delivery, said: Said, outcome: str, words: str) -> None:
    """The person's look is an attempt too, at the part that is next."""
    part = len(parts.receipts_of(connection, delivery))
    attempt = parts.record_attempt(connection, delivery, part, "person", who(), said.now)
    parts.end_attempt(connection, attempt, outcome, words, said.now)


def _out(connection: Connection, workspace: Workspace, delivery: Delivery, said: Said) -> str:
    """The part that was next is out. It may be the last; else the post is due again, and the rest follows."""
    url, now = said.url or "", said.now
    remote_id = _id_at(workspace, delivery, url)
    if delivery.identity is None:
        # It was never tried, so there is nobody's id to keep.
        return _published(connection, delivery, url, now, url=url, published_at=delivery.published_at or now)
    number, count = len(parts.receipts_of(connection, delivery)) + 1, part_count(delivery)
    if said.looked_at is None or said.looked_at.part != number - 1:
        raise RefusedError(f"{delivery.key} went on while the address was looked at", hint="give the command again")
    _refuse_what_is_known(connection, delivery, remote_id, url)
    _record(connection, delivery, said, "published", url)
    part = PublishedPart(part=number - 1, remote_id=remote_id, url=url, extra=said.looked_at.extra, published_at=now)
    deliveries.save_part(connection, delivery, part)
    deliveries.begun(connection, delivery, part)
    if number >= count or delivery.state not in GOES_ON:
        return _published(connection, delivery, url, now)
    deliveries.set_state(
        connection, delivery, State.DUE, now, reason=f"a person said that part {number} of {count} is out"
    )
    return f"part {number} of {count} is out: {delivery.key} {url}\nit is due again, and goes on with part {number + 1}"


def _published(connection: Connection, delivery: Delivery, shown: str, now: datetime, **more: Any) -> str:
    deliveries.set_state(connection, delivery, State.PUBLISHED, now, "a person said that it is out", **more)
    return f"published {delivery.key} {shown}"


def _refuse_what_is_known(connection: Connection, delivery: Delivery, remote_id: str, url: str) -> None:
    """Also with --yes: one post on a platform is never two of ours."""
    owner = parts.owner_of(connection, delivery.identity or "", remote_id)
    if owner is not None:
        which = "another part of this post" if owner == str(delivery.key) else owner
        raise RefusedError(f"{url} is {which} already", hint="copy the address of the post that is in doubt")


def _id_at(workspace: Workspace, delivery: Delivery, url: str) -> str:
    """The id that the platform knows the post by; of an account that has left the config it can't be known."""
    from ..platforms import table

    account = workspace.config.accounts.get(delivery.key.account)
    found = url if account is None else table.post_id(account, delivery.identity, url)
    if account is not None and found is None:
        where = getattr(account.options, "server", account.platform)
        raise UsageError(
            f"{url} is no post of account {delivery.key.account} ({account.platform}, {where})",
            hint="open the post itself there, and copy its address",
        )
    return found or url
