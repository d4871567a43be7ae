"""Decisions of people about posts: hold, release, retry, resolve, cancel, approve."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ..delivery import gates, holding
from ..errors import ExitCode, RefusedError, UsageError
from ..ledger import attempts, deliveries, receipts, switches
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, Hold, PublishedPart, State
from ..post.key import PostKey

if TYPE_CHECKING:
    from ..plan.expand import Slot
    from .wiring import Runtime


def hold(
    runtime: Runtime, *, campaign: str | None, account: str | None, until: datetime | None, reason: str
) -> ExitCode:
    """Stop what has not been sent, from this moment, in every process."""
    _known(runtime, campaign, account)
    now = runtime.clock.now()
    if until is not None and until <= now:
        raise UsageError(f"--until {until.isoformat()} is past")
    with runtime.working_ledger() as ledger:
        ledger.write(
            lambda connection: switches.give_hold(
                connection, campaign=campaign, account=account, until=until, reason=reason, given_by=who(), now=now
            )
        )
    scope = " and ".join(filter(None, (campaign, account))) or "everything"
    runtime.terminal.out(f"on hold: {scope}. `campaigner release` lets it go on")
    return ExitCode.DONE


def release(runtime: Runtime, *, campaign: str | None, account: str | None, late: str) -> ExitCode:
    """Go on. What came due meanwhile is skipped, or posted with `late` "post"."""
    now = runtime.clock.now()
    with runtime.working_ledger() as ledger:
        slots = runtime.planned(ledger).slots

        def let_go(connection: Connection) -> tuple[list[Hold], list[str]]:
            released = switches.release_holds(
                connection, campaign=campaign, account=account, released_by=who(), now=now
            )
            return released, holding.settle_overdue(connection, slots, released, now, post=late == "post")

        released, overdue = ledger.write(let_go)
    if not released:
        raise UsageError("there is no such hold", hint="`campaigner status` lists the holds")
    runtime.terminal.out(f"released: {len(released)} hold{'s' if len(released) > 1 else ''}")
    word = "will be posted now" if late == "post" else "skipped"
    for key in overdue:
        runtime.terminal.out(f"{word} {key}")
    if gates.hold_file_text(runtime.config.folder) is not None:
        runtime.terminal.err("a file HOLD still lies beside the config and holds everything: delete it to go on")
    return ExitCode.DONE


def retry(runtime: Runtime, key: str, *, yes: bool) -> ExitCode:
    """Make posts due now, past the gates; past `late` a person says --yes."""
    now = runtime.clock.now()
    with runtime.working_ledger() as ledger:
        slots = {str(slot.key): slot for slot in runtime.planned(ledger).slots}
        keys = matching(key, {*slots, *ledger.read(deliveries.settled_keys)})
        confirm(runtime, key, keys, yes=yes)
        for one in keys:
            _retry_one(runtime, ledger, one, slots.get(one), now, yes=yes)
    return ExitCode.DONE


def _retry_one(runtime: Runtime, ledger: Ledger, key: str, slot: Slot | None, now: datetime, *, yes: bool) -> None:
    parsed = PostKey.parse(key)
    delivery = ledger.read(lambda connection: deliveries.find(connection, parsed))
    _refuse_what_may_be_out(delivery)
    if slot is None and (delivery is None or delivery.published_at is None):
        raise UsageError(f"{key} is not in the files any more, so there is nothing to send")
    if slot is not None and slot.due_at > now:
        raise UsageError(f"{key} is due at {slot.due_at:%Y-%m-%d %H:%M} UTC; change `at` to send it earlier")
    if slot is not None and now >= slot.due_at + slot.late and not yes:
        raise RefusedError(
            f"{key} was due at {slot.due_at:%Y-%m-%d %H:%M} UTC and is past its `late`",
            hint="--yes sends it all the same",
        )

    def force(connection: Connection) -> None:
        found = deliveries.find(connection, parsed)
        # Another process may have begun to send it since it was looked at above.
        _refuse_what_may_be_out(found)
        if found is None and slot is not None:
            found = deliveries.create_settled(connection, parsed, slot.due_at, State.DUE, now, "retried")
        if found is not None:
            deliveries.force_due(connection, found, now, "retried")
        switches.decide(connection, "retry", key, "", who(), now)

    ledger.write(force)
    runtime.terminal.out(f"due now: {key}. The daemon or the next `campaigner run --once` sends it")


NOT_SENT_AGAIN = frozenset({State.PUBLISHED, State.CLAIMED, State.SENDING, State.IN_DOUBT})


def _refuse_what_may_be_out(delivery: Delivery | None) -> None:
    if delivery is None or delivery.state not in NOT_SENT_AGAIN:
        return
    hint = "`campaigner resolve` settles a doubt first" if delivery.state is State.IN_DOUBT else ""
    raise RefusedError(f"{delivery.key} is {delivery.state}: it is not sent again", hint=hint)


def resolve(runtime: Runtime, key: str, *, published: str | None, not_published: bool) -> ExitCode:
    """A person has looked: it is out, at this URL, or it is not."""
    if (published is None) is not not_published:
        raise UsageError("say either --published URL or --not-published")
    if published is not None and not published.startswith(("https://", "http://")):
        raise UsageError(f"{published!r} is not a URL", hint="copy the post's address from the platform, https://…")
    now, parsed = runtime.clock.now(), _full_key(key)

    def settle(connection: Connection) -> None:
        delivery = deliveries.find(connection, parsed)
        if delivery is None:
            raise UsageError(f"the ledger knows no post {key}", hint="`campaigner status` lists them")
        if delivery.state not in {State.IN_DOUBT, State.PARTIAL, State.FAILED, State.MISSED, State.DUE}:
            raise RefusedError(f"{key} is {delivery.state}: there is nothing to resolve")
        _settle_resolved(connection, delivery, published, now)
        switches.decide(connection, "resolve", key, published or "not published", who(), now)

    with runtime.working_ledger() as ledger:
        ledger.write(settle)
    runtime.terminal.out(f"published {key} {published}" if published else f"not published: {key} is due again")
    return ExitCode.DONE


def _settle_resolved(connection: Connection, delivery: Delivery, published: str | None, now: datetime) -> None:
    parts = len(receipts.of(connection, delivery))
    if published is None:
        attempt = attempts.record(connection, delivery, parts, "person", who(), now)
        attempts.end(connection, attempt, "not out", "a person said that it is not out", now)
        deliveries.put_back(connection, delivery, now, reason="a person said that it is not out")
        return
    if parts == 0 and delivery.identity is not None:
        receipt = PublishedPart(part=0, remote_id=published, url=published, extra={}, published_at=now)
        deliveries.save_part(connection, delivery, receipt)
    else:
        deliveries.set_url(connection, delivery, published, now)
    deliveries.settle(connection, delivery, State.PUBLISHED, now, "a person said that it is out")


def cancel(runtime: Runtime, key: str, *, yes: bool) -> ExitCode:
    """These posts will not go out."""
    now = runtime.clock.now()
    with runtime.working_ledger() as ledger:
        slots = {str(slot.key): slot for slot in runtime.planned(ledger).slots}
        keys = matching(key, {*slots, *ledger.read(deliveries.settled_keys)})
        confirm(runtime, key, keys, yes=yes)
        for one in keys:
            cancelled = ledger.write(partial(_cancel_one, key=one, slot=slots.get(one), now=now))
            runtime.terminal.out(f"cancelled {one}" if cancelled else f"left as it is: {one} (out, or being sent)")
    return ExitCode.DONE


def _cancel_one(connection: Connection, key: str, slot: Slot | None, now: datetime) -> bool:
    parsed = PostKey.parse(key)
    delivery = deliveries.find(connection, parsed)
    if delivery is None and slot is not None:
        deliveries.create_settled(connection, parsed, slot.due_at, State.CANCELLED, now, "cancelled")
    elif delivery is not None and delivery.state in {State.DUE, State.CLAIMED, State.FAILED, State.MISSED}:
        # What is out of a thread stays out: to call it cancelled would say that nothing is there.
        state = State.PARTIAL if delivery.published_at else State.CANCELLED
        deliveries.settle(connection, delivery, state, now, "cancelled")
    else:
        return False
    switches.decide(connection, "cancel", key, "", who(), now)
    return True


def matching(key: str, known: Iterable[str]) -> list[str]:
    """The keys that are this one or lie below it."""
    wanted = key.strip("/")
    found = sorted(one for one in known if one == wanted or one.startswith(f"{wanted}/"))
    if not found:
        raise UsageError(f"no post is called {key}", hint="`campaigner status` lists the KEYs")
    return found


def confirm(runtime: Runtime, key: str, keys: Sequence[str], *, yes: bool) -> None:
    """A prefix lists what it would touch, and asks for --yes; a full KEY needs none."""
    if yes or key.strip("/") in keys:
        return
    for one in keys:
        runtime.terminal.out(one)
    raise RefusedError(f"{key} means {len(keys)} posts", hint="--yes does it for all of them")


def approve(runtime: Runtime, key: str, *, by: str, code: str) -> ExitCode:
    """Record that a person has seen exactly this content; refused when it is not what the code says."""
    now = runtime.clock.now()
    with runtime.working_ledger() as ledger:
        slots = {str(slot.key): slot for slot in runtime.planned(ledger).slots}
        keys = matching(key, slots)
        digests = {one: runtime.digest_of(slots[one]) for one in keys}
        expected = approval_code(list(digests.values()))
        if code.strip().upper() != expected:
            raise RefusedError(
                f"the code {code} is not that of {key} as it stands now: it has changed since, or is mistyped",
                hint="`campaigner preview` shows it again with its code; look at it before you approve",
            )
        for one, digest in digests.items():
            ledger.write(partial(switches.approve, key=one, digest=digest, given_by=by, now=now))
            runtime.terminal.out(f"approved {one}")
    return ExitCode.DONE


def approval_code(digests: Sequence[str]) -> str:
    """The short code of several posts together; of a single one its own."""
    joined = digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
    head = joined[:8].upper()
    return f"{head[:4]}-{head[4:]}"


def _full_key(key: str) -> PostKey:
    try:
        return PostKey.parse(key)
    except ValueError as error:
        raise UsageError(str(error), hint="`campaigner status` lists the KEYs") from error


def _known(runtime: Runtime, campaign: str | None, account: str | None) -> None:
    """A mistyped name must not leave a crisis switch without effect."""
    checks: tuple[tuple[str, str | None, Callable[[], Iterable[str]]], ...] = (
        ("account", account, lambda: runtime.config.accounts),
        ("campaign", campaign, lambda: [file.id for file in runtime.files()]),
    )
    for what, name, names in checks:
        if name is not None and name not in (known := list(names())):
            raise UsageError(f"there is no {what} {name}", hint=f"there is: {', '.join(sorted(known))}")


def who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
