"""What is recorded of a call to a platform, with the alert that belongs to it and the time of the next try."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from ..ledger import account_states, alerts, deliveries, parts
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, PublishedPart, State
from ..platforms.base import Platform
from ..platforms.outcomes import InDoubt, Receipt, Rejected, Unauthorized, Unavailable
from ..post.key import PostKey
from .claimed_post import ClaimedPost, part_count
from .parity import OVER, take_down
from .steps import DuePost, Outcome, Report, SendingRules

FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=10)
WAIT_TOLD = LONGEST * 1.2
"""A wait longer than this is none of our own pauses: a server has asked for it."""
SOONEST = timedelta(seconds=1)
LOOK_AGAIN = timedelta(minutes=2)
"""No repeat of a call in doubt before this has passed: the server may still be at work on the first one."""
A_DAY = timedelta(days=1)
DIFFERS = "differs"
"""Where a part's receipt keeps how the platform shows it otherwise than it was sent."""
Trouble = Rejected | Unauthorized | Unavailable | InDoubt


class OutcomeRecorder:
    """Records what became of one account's posts, in the tick's transaction."""

    def __init__(self, ledger: Ledger, account: str, adapter: Platform, rules: SendingRules) -> None:
        self._ledger = ledger
        self._account = account
        self._adapter = adapter
        self._rules = rules

    def receipt(
        self, claimed: ClaimedPost, attempt: int | None, receipt: Receipt, *, looked: bool = False
    ) -> Report | ClaimedPost:
        """Record that the next part is out, and that the post is when it was the last; ClaimedPost: more parts follow.

        A post in doubt is nobody's alone while it is `looked` for: a person may have settled it meanwhile.
        """
        delivery, now = claimed.delivery, self._now()
        published = _published(claimed.next_part, receipt, delivery.content_created_at or now, now)
        if looked and not deliveries.is_open(self._connection, delivery):
            self._end(attempt, "found", receipt.url, now)
            return settled_meanwhile(delivery.key)
        if not deliveries.save_part(self._connection, delivery, published):
            return self._in_doubt(
                delivery, attempt, f"the platform answered with {receipt.id}, which is another post of ours"
            )
        self._end(attempt, "published", receipt.url, now)
        account_states.sent(self._connection, self._account, now)
        further = claimed.with_receipt(published)
        if further.next_part == part_count(delivery):
            return self._record_end(further, now)
        deliveries.begun(self._connection, delivery, published)
        return further

    def trouble(self, claimed: ClaimedPost, attempt: int | None, trouble: Trouble, *, repeat: bool = False) -> Report:
        """Record what went wrong with the next part, raise the alert that belongs to it, and say what follows.

        What becomes of a `repeat` says nothing of the call before it: that one stays in doubt.
        """
        delivery, now = claimed.delivery, self._now()
        if isinstance(trouble, InDoubt):
            return self._in_doubt(delivery, attempt, trouble.reason)
        ended = "in-doubt" if repeat else type(trouble).__name__.lower()
        reason = (
            f"{doubt_reason(delivery)}; sent again, the platform said: {trouble.reason}" if repeat else trouble.reason
        )
        self._end(attempt, ended, reason, now)
        if not deliveries.is_open(self._connection, delivery):
            return settled_meanwhile(delivery.key)
        if repeat:
            return self._repeat_failed(delivery, reason, trouble, now)
        match trouble:
            case Rejected():
                return self._rejected(delivery, claimed.next_part, reason, now)
            case Unauthorized():
                return self._unauthorized(delivery, reason, now)
            case Unavailable():
                return self._unavailable(delivery, trouble, now)

    def has_lost_sibling(self, delivery: Delivery) -> bool:
        """True when parity is required and a sibling can't go out any more: sending it again would leave it alone there."""
        if delivery.key.campaign not in self._rules.parity or delivery.forced:
            return False
        return any(other.state in OVER for other in deliveries.siblings(self._connection, delivery.key))

    def refused(self, delivery: Delivery, refusal: Refusal, *, in_doubt: bool) -> Report:
        """The last look said no: nothing was sent. What is in doubt stays so, the rest is simply due again."""
        if not refusal.held:
            return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=refusal.reason)
        now, reason = self._now(), refusal.reason
        state, retry_at = (State.IN_DOUBT, now + LOOK_AGAIN) if in_doubt else (State.DUE, None)
        deliveries.set_state(self._connection, delivery, state, now, reason=reason, retry_at=retry_at)
        return Report(outcome=Outcome.HELD, key=delivery.key, reason=reason)

    def held_back(self, key: PostKey, reason: str, *, subject: str | None = None, command: str = "") -> Report:
        """A safety gate holds the post until a person says otherwise, which is told once for each subject."""
        command = command or f"campaigner retry {key}"
        tell(self._connection, "held", key, f"{key} is held: {reason}", command, self._now(), subject=subject)
        return Report(outcome=Outcome.HELD, key=key, reason=reason, gate=True, command=command)

    def account_trouble(self, due: DuePost, trouble: Unauthorized | Unavailable) -> Report:
        """The platform does not say who we are: it refuses the account, or can't be asked now."""
        connection, now = self._connection, self._now()
        deliveries.keep_waiting(connection, due.key, due.due_at, now, trouble.reason)
        if isinstance(trouble, Unauthorized):
            account_states.stop(connection, self._account, trouble.reason, now)
            return Report(outcome=Outcome.WAITING, key=due.key, reason=trouble.reason)
        # Nobody could be asked, so the posts behind this one need not ask: one failure, and the account waits.
        failures = account_states.failed(connection, self._account, now, trouble.reason)
        until = account_states.rest(
            connection, self._account, retry_at(now, failures - 1, self._account, trouble.retry_at)
        )
        if is_too_long(now, until, due.expires_at):
            account_states.tell_unreachable(connection, self._account, f"{trouble.reason}; {asks_to_wait(until)}", now)
        elif trouble.lasts:
            account_states.tell_unreachable(connection, self._account, trouble.reason, now)
        return Report(outcome=Outcome.WAITING, key=due.key, reason=trouble.reason, until=until)

    def _record_end(self, claimed: ClaimedPost, now: datetime) -> Report:
        key, first = claimed.delivery.key, claimed.receipts[0]
        found = dict.fromkeys(str(part.extra.get(DIFFERS, "")) for part in claimed.receipts)
        differs = ", ".join(filter(None, found))
        reason = f"out {differs}" if differs else ""
        deliveries.set_state(
            self._connection,
            claimed.delivery,
            State.PUBLISHED,
            now,
            reason,
            has_media=bool(claimed.media),
            url=first.url,
            published_at=first.published_at,
        )
        alerts.withdraw(self._connection, str(key), now)
        if differs:
            text, command = f"{key} is {reason}: {first.url}", f"campaigner delete {key}, then campaigner retry {key}"
            tell(self._connection, "differs", key, text, command, now)
        return Report(outcome=Outcome.PUBLISHED, key=key, url=first.url, reason=reason)

    def _rejected(self, delivery: Delivery, number: int, reason: str, now: datetime) -> Report:
        connection, key = self._connection, delivery.key
        if number == 0:
            state, outcome, command = State.FAILED, Outcome.FAILED, f"campaigner retry {key}"
            text = f"{key} was refused: {reason}"
        else:
            state, outcome, command = State.PARTIAL, Outcome.PARTIAL, f"campaigner delete {key}"
            text = f"{key}: part {number + 1} of {part_count(delivery)} was refused: {reason}"
        deliveries.set_state(connection, delivery, state, now, reason)
        parts.forget_uploads(connection, delivery)
        if key.campaign in self._rules.parity and (alone := take_down(connection, key)):
            text, command = text + alone[0], alone[1]
        tell(connection, str(outcome), key, text, command, now)
        return Report(outcome=outcome, key=key, reason=reason)

    def _unauthorized(self, delivery: Delivery, reason: str, now: datetime) -> Report:
        deliveries.set_state(self._connection, delivery, State.DUE, now, reason=reason)
        account_states.stop(self._connection, self._account, reason, now)
        return Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason)

    def _unavailable(self, delivery: Delivery, trouble: Unavailable, now: datetime) -> Report:
        connection, key, reason = self._connection, delivery.key, trouble.reason
        again_at = retry_at(now, delivery.failures, str(key), trouble.retry_at)
        deliveries.set_state(connection, delivery, State.DUE, now, reason=reason, retry_at=again_at, failed=True)
        # A limit is the account's, not the post's: what comes behind waits too, in its order.
        self._account_failed(reason, now, rests_until=again_at if trouble.retry_at is not None else None)
        if trouble.lasts:
            text = f"{key} is due, and is tried again: {reason}"
            tell(connection, "waiting", key, text, f"campaigner accounts check {key.account}", now)
        return Report(outcome=Outcome.WAITING, key=key, reason=reason, until=again_at)

    def _repeat_failed(
        self, delivery: Delivery, reason: str, trouble: Rejected | Unauthorized | Unavailable, now: datetime
    ) -> Report:
        """The first call may still be carried out: the same key stays in use, and the platform is looked at again."""
        connection = self._connection
        asked_for = trouble.retry_at if isinstance(trouble, Unavailable) else None
        again_at = max(now + LOOK_AGAIN, asked_for or now)
        deliveries.set_state(connection, delivery, State.IN_DOUBT, now, reason=reason, retry_at=again_at, failed=True)
        if again_at > now + WAIT_TOLD:
            raise_doubt(connection, delivery, f"{reason}; {asks_to_wait(again_at)}", now)
        if isinstance(trouble, Unauthorized):
            account_states.stop(connection, self._account, trouble.reason, now)
        else:
            self._account_failed(trouble.reason, now, rests_until=again_at if asked_for is not None else None)
        return Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)

    def _account_failed(self, reason: str, now: datetime, *, rests_until: datetime | None) -> None:
        account_states.failed(self._connection, self._account, now, reason)
        if rests_until is not None:
            account_states.rest(self._connection, self._account, rests_until)

    def _in_doubt(self, delivery: Delivery, attempt: int | None, reason: str) -> Report:
        connection, now = self._connection, self._now()
        self._end(attempt, "in-doubt", reason, now)
        deliveries.set_state(connection, delivery, State.IN_DOUBT, now, reason=reason, retry_at=now + LOOK_AGAIN)
        account_states.tried(connection, self._account, now)
        account_states.failed(connection, self._account, now, reason)
        if self._adapter.absence_after is None:
            raise_doubt(connection, delivery, reason, now)
        return Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)

    def _end(self, attempt: int | None, outcome: str, reason: str, now: datetime) -> None:
        if attempt is not None:
            parts.end_attempt(self._connection, attempt, outcome, reason, now)

    @property
    def _connection(self) -> Connection:
        return self._ledger.connection

    def _now(self) -> datetime:
        return self._ledger.clock.now()


def broken_off(connection: Connection, key: PostKey, reason: str, now: datetime, *, stops: bool) -> Report:
    """A fault came in between: in doubt when the post's call may have begun, else due again. `stops`: the account too."""
    if stops:
        account_states.stop(connection, key.account, reason, now)
    delivery = deliveries.find(connection, key)
    if delivery is None or delivery.state not in deliveries.IN_PROGRESS:
        return Report(outcome=Outcome.WAITING, key=key, reason=reason)
    if not deliveries.break_off(connection, delivery, now, reason):
        return Report(outcome=Outcome.WAITING, key=key, reason=reason)
    raise_doubt(connection, delivery, reason, now)
    return Report(outcome=Outcome.IN_DOUBT, key=key, reason=reason)


def retry_at(now: datetime, failures: int, key: str, asked_for: datetime | None = None) -> datetime:
    """When to try again after `failures` earlier ones: at the time that the platform asked for, else later each time.

    Between 0.8 and 1.2 of the pause, the same for the same post and try, so that a plan can be told and tested.
    """
    if asked_for is not None:
        return max(asked_for, now + SOONEST)
    jitter = hashlib.sha256(f"{key} {failures}".encode()).digest()[0] / 255
    return now + min(FIRST * int(2 ** min(failures, 10)), LONGEST) * (0.8 + 0.4 * jitter)


def asks_to_wait(until: datetime) -> str:
    """The words for a wait that a server asked for."""
    return f"its platform asks to wait until {until:%Y-%m-%d %H:%M} UTC"


def is_too_long(now: datetime, until: datetime, late_at: datetime) -> bool:
    """True for a wait that a server asked for and that lasts beyond `late`: a person must know at once."""
    return until >= late_at and until - now > WAIT_TOLD


def settled_meanwhile(key: PostKey) -> Report:
    """A person was quicker than the platform's answer: what the person said stands."""
    return Report(outcome=Outcome.ELSEWHERE, key=key, reason="it was settled meanwhile")


def doubt_reason(delivery: Delivery) -> str:
    """Why it came into doubt, without what was said of earlier looks."""
    return (delivery.reason or "it is in doubt").split("; ")[0]


def raise_doubt(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> None:
    """Tell a person that only a person can say whether the post is out."""
    key = delivery.key
    text = f"{key} may or may not be out: {reason}. Look on the platform, then say so"
    tell(connection, "in-doubt", key, text, f"campaigner resolve {key} --published URL (or --not-published)", now)


def tell(
    connection: Connection,
    kind: str,
    key: PostKey,
    text: str,
    command: str,
    now: datetime,
    *,
    subject: str | None = None,
) -> bool:
    """Tell something of a post, once for as long as it stands; True when it is new."""
    return alerts.raise_alert(connection, kind=kind, key=str(key), text=text, command=command, subject=subject, now=now)


def _published(number: int, receipt: Receipt, claimed_at: datetime, now: datetime) -> PublishedPart:
    """What is kept of a receipt. A time that can't be that of this post, whatever its server means by it, is ours instead."""
    can_be_true = claimed_at - A_DAY <= receipt.at <= now + A_DAY
    return PublishedPart(
        part=number,
        remote_id=receipt.id,
        url=receipt.url,
        extra={**receipt.extra, DIFFERS: receipt.differs} if receipt.differs else receipt.extra,
        published_at=receipt.at if can_be_true else now,
    )
