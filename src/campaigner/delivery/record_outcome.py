"""What is recorded of a call to a platform, with the alert that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from ..ledger import account_states, alerts, deliveries, parts
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, PublishedPart, State
from ..platforms.base import Platform
from ..platforms.outcomes import InDoubt, Receipt, Rejected, Unauthorized, Unavailable
from ..post.key import PostKey
from .backoff import LOOK_AGAIN, WAIT_TOLD, asks_to_wait, is_too_long, retry_at
from .claimed_post import ClaimedPost, part_count
from .due_post import DuePost
from .parity import OVER, take_down
from .result import Outcome, Report

A_DAY = timedelta(days=1)
DIFFERS = "differs"
"""Where a part's receipt keeps how the platform shows it otherwise than it was sent."""
TELL_AFTER = timedelta(minutes=10)
"""A doubt that has not settled itself by then is told to a person."""
Trouble = Rejected | Unauthorized | Unavailable | InDoubt


class OutcomeRecorder:
    """Records what became of one account's posts, in the tick's transaction. `parity` names the campaigns that require it."""

    def __init__(self, ledger: Ledger, account: str, adapter: Platform, parity: Collection[str]) -> None:
        self._ledger = ledger
        self._account = account
        self._adapter = adapter
        self._parity = parity

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
            return settled_meanwhile(delivery)
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

    def trouble(
        self, claimed: ClaimedPost, number: int, attempt: int | None, trouble: Trouble, *, repeat: bool = False
    ) -> Report:
        """Record what went wrong with part `number`, raise the alert that belongs to it, and say what follows.

        What becomes of a `repeat` says nothing of the call before it: that one stays in doubt.
        """
        delivery = claimed.delivery
        if repeat and not isinstance(trouble, InDoubt):
            return self._repeat_failed(delivery, attempt, trouble)
        match trouble:
            case Rejected(reason):
                return self._rejected(delivery, number, attempt, reason)
            case Unauthorized(reason):
                return self._unauthorized(delivery, attempt, reason)
            case Unavailable():
                return self._unavailable(delivery, attempt, trouble)
            case InDoubt(reason):
                return self._in_doubt(delivery, attempt, reason)

    def is_alone(self, delivery: Delivery) -> bool:
        """True when `parity` is required and a sibling can't go out any more: sending it again would leave it alone there."""
        if delivery.key.campaign not in self._parity or delivery.forced:
            return False
        return any(other.state in OVER for other in deliveries.siblings(self._connection, delivery.key))

    def refused(self, delivery: Delivery, refusal: Refusal, *, in_doubt: bool) -> Report:
        """The last look said no: nothing was sent. What is in doubt stays so, the rest is simply due again."""
        if not refusal.held:
            return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=refusal.reason)
        now, reason = self._now(), refusal.reason
        if in_doubt:
            deliveries.set_state(
                self._connection, delivery, State.IN_DOUBT, now, reason=reason, retry_at=now + LOOK_AGAIN
            )
        else:
            deliveries.set_state(self._connection, delivery, State.DUE, now, reason=reason)
        return Report(outcome=Outcome.HELD, key=delivery.key, reason=reason)

    def broken_off(self, key: PostKey, reason: str, *, stops: bool) -> Report:
        """A fault came in between: in doubt when the post's call may have begun, else due again. `stops`: the account too."""
        now = self._now()
        if stops:
            account_states.stop(self._connection, self._account, reason, now)
        delivery = deliveries.find(self._connection, key)
        if delivery is None or delivery.state not in deliveries.IN_HAND:
            return Report(outcome=Outcome.WAITING, key=key, reason=reason)
        is_new_doubt = deliveries.break_off(self._connection, delivery, now, reason)
        if is_new_doubt:
            raise_doubt(self._connection, delivery, reason, now)
        in_doubt = is_new_doubt or delivery.state is State.IN_DOUBT
        return Report(outcome=Outcome.IN_DOUBT if in_doubt else Outcome.WAITING, key=key, reason=reason)

    def held_back(self, due: DuePost, reason: str, *, subject: str | None = None) -> Report:
        """A safety gate holds the post until a person says otherwise, which is told once for each subject."""
        alerts.raise_alert(
            self._connection,
            kind="held",
            key=str(due.key),
            text=f"{due.key} is held: {reason}",
            command=(command := f"campaigner retry {due.key}"),
            subject=subject,
            now=self._now(),
        )
        return Report(outcome=Outcome.HELD, key=due.key, reason=reason, gate=True, command=command)

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
        if is_too_long(now, until, due.late_until):
            account_states.tell_unreachable(connection, self._account, f"{trouble.reason}; {asks_to_wait(until)}", now)
        elif trouble.lasts:
            account_states.tell_unreachable(connection, self._account, trouble.reason, now)
        return Report(outcome=Outcome.WAITING, key=due.key, reason=trouble.reason, until=until)

    def _record_end(self, claimed: ClaimedPost, now: datetime) -> Report:
        key, first = claimed.delivery.key, claimed.receipts[0]
        url = first.url
        differs = ", ".join(
            dict.fromkeys(filter(None, (str(part.extra.get(DIFFERS, "")) for part in claimed.receipts)))
        )
        reason = f"out {differs}" if differs else ""
        deliveries.set_state(
            self._connection,
            claimed.delivery,
            State.PUBLISHED,
            now,
            reason,
            has_media=bool(claimed.media),
            url=url,
            published_at=first.published_at,
        )
        alerts.withdraw(self._connection, str(key), now)
        if differs:
            text, command = f"{key} is {reason}: {url}", f"campaigner delete {key}, then campaigner retry {key}"
            alerts.raise_alert(self._connection, kind="differs", key=str(key), text=text, command=command, now=now)
        return Report(outcome=Outcome.PUBLISHED, key=key, url=url, reason=reason)

    def _rejected(self, delivery: Delivery, number: int, attempt: int | None, reason: str) -> Report:
        connection, now, key = self._connection, self._now(), delivery.key
        state = State.FAILED if number == 0 else State.PARTIAL
        outcome = Outcome.FAILED if number == 0 else Outcome.PARTIAL
        undo = "campaigner retry" if number == 0 else "campaigner delete"
        text = f"{key} was refused: {reason}" if number == 0 else _partial_text(delivery, number, reason)

        def settle() -> None:
            deliveries.set_state(connection, delivery, state, now, reason)
            parts.forget_uploads(connection, delivery)
            alone = take_down(connection, key) if key.campaign in self._parity else None
            more, command = alone or ("", f"{undo} {key}")
            alerts.raise_alert(connection, kind=str(outcome), key=str(key), text=text + more, command=command, now=now)

        return self._ended(delivery, attempt, "rejected", Report(outcome=outcome, key=key, reason=reason), settle)

    def _unauthorized(self, delivery: Delivery, attempt: int | None, reason: str) -> Report:
        now = self._now()

        def settle() -> None:
            deliveries.set_state(self._connection, delivery, State.DUE, now, reason=reason)
            account_states.stop(self._connection, self._account, reason, now)

        report = Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason)
        return self._ended(delivery, attempt, "unauthorized", report, settle)

    def _unavailable(self, delivery: Delivery, attempt: int | None, trouble: Unavailable) -> Report:
        now, reason = self._now(), trouble.reason
        again_at = retry_at(now, delivery.failures, str(delivery.key), trouble.retry_at)

        def settle() -> None:
            deliveries.set_state(
                self._connection, delivery, State.DUE, now, reason=reason, retry_at=again_at, failed=True
            )
            account_states.failed(self._connection, self._account, now, reason)
            if trouble.retry_at is not None:
                # A limit is the account's, not the post's: what comes behind waits too, in its order.
                account_states.rest(self._connection, self._account, again_at)
            if trouble.lasts:
                tell_waiting(self._connection, delivery.key, reason, now)

        report = Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason, until=again_at)
        return self._ended(delivery, attempt, "unavailable", report, settle)

    def _repeat_failed(
        self, delivery: Delivery, attempt: int | None, trouble: Rejected | Unauthorized | Unavailable
    ) -> Report:
        """The first call may still be carried out: the same key stays in use, and the platform is looked at again."""
        connection, now = self._connection, self._now()
        asked_for = trouble.retry_at if isinstance(trouble, Unavailable) else None
        again_at = max(now + LOOK_AGAIN, asked_for or now)
        reason = f"{why_in_doubt(delivery)}; sent again, the platform said: {trouble.reason}"

        def settle() -> None:
            deliveries.set_state(
                connection, delivery, State.IN_DOUBT, now, reason=reason, retry_at=again_at, failed=True
            )
            if again_at > now + WAIT_TOLD:
                raise_doubt(connection, delivery, f"{reason}; {asks_to_wait(again_at)}", now)
            if isinstance(trouble, Unauthorized):
                account_states.stop(connection, self._account, trouble.reason, now)
                return
            account_states.failed(connection, self._account, now, trouble.reason)
            if asked_for is not None:
                account_states.rest(connection, self._account, again_at)

        report = Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)
        return self._ended(delivery, attempt, "in-doubt", report, settle)

    def _ended(
        self, delivery: Delivery, attempt: int | None, outcome: str, report: Report, settle: Callable[[], None]
    ) -> Report:
        """Record an end, unless the post is ours no more: what a person has decided meanwhile stands."""
        self._end(attempt, outcome, report.reason, self._now())
        if not deliveries.is_open(self._connection, delivery):
            return settled_meanwhile(delivery)
        settle()
        return report

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


def settled_meanwhile(delivery: Delivery) -> Report:
    """A person was quicker than the platform's answer: what the person said stands."""
    return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason="it was settled meanwhile")


def why_in_doubt(delivery: Delivery) -> str:
    """Why it came into doubt, without what was said of earlier looks."""
    return (delivery.reason or "it is in doubt").split("; ")[0]


def tell_waiting(connection: Connection, key: PostKey, reason: str, now: datetime) -> None:
    """Tell, once until it is out, that a post is due and not taken."""
    alerts.raise_alert(
        connection,
        kind="waiting",
        key=str(key),
        text=f"{key} is due, and is tried again: {reason}",
        command=f"campaigner accounts check {key.account}",
        now=now,
    )


def raise_doubt(connection: Connection, delivery: Delivery, reason: str, now: datetime) -> None:
    """Tell a person that only a person can say whether the post is out."""
    alerts.raise_alert(
        connection,
        kind="in-doubt",
        key=str(delivery.key),
        text=f"{delivery.key} may or may not be out: {reason}. Look on the platform, then say so",
        command=f"campaigner resolve {delivery.key} --published URL (or --not-published)",
        now=now,
    )


def _partial_text(delivery: Delivery, number: int, reason: str) -> str:
    return f"{delivery.key}: part {number + 1} of {part_count(delivery)} was refused: {reason}"


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
