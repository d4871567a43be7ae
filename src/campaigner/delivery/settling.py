"""What is recorded of a call to a platform, with the alert that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from ..ledger import alerts, attempts, deliveries, lanes, receipts, uploads
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, PublishedPart, State
from ..platforms.base import Adapter, InDoubt, Receipt, Rejected, Unauthorized, Unavailable
from ..post.key import PostKey
from .job import Job
from .report import Outcome, Report, Settling
from .retry import LOOK_AGAIN, WAIT_TOLD, asks_to_wait, is_too_long, retry_at
from .stored import Stored, part_count
from .together import OVER, take_down

A_DAY = timedelta(days=1)
DIFFERS = "differs"
"""Where a part's receipt keeps how the platform shows it otherwise than it was sent."""
TELL_AFTER = timedelta(minutes=10)
"""A doubt that has not settled itself by then is told to a person."""
Ended = Rejected | Unauthorized | Unavailable | InDoubt


class Settler:
    """Settles what became of one account's posts. `parity` names the campaigns that require it."""

    def __init__(self, ledger: Ledger, account: str, adapter: Adapter, parity: Collection[str]) -> None:
        self._ledger = ledger
        self._account = account
        self._adapter = adapter
        self._parity = parity

    def receipt(
        self, stored: Stored, attempt: int | None, receipt: Receipt, *, looked: bool = False
    ) -> Report | Settling | Stored:
        """Record that the next part is out, and that the post is when it was the last; Stored: more parts follow.

        A post in doubt is nobody's alone while it is `looked` for: a person may have settled it meanwhile.
        """
        delivery, now = stored.delivery, self._now()
        first_at = self._ledger.read(lambda c: attempts.first_at(c, delivery, stored.next_part))
        published = _published(stored.next_part, receipt, first_at or now, now)

        def record(connection: Connection) -> Report | None:
            if looked and not deliveries.is_ours(connection, delivery, self._ledger.owner_id):
                self._end(connection, attempt, "found", receipt.url, now)
                return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason="it was settled meanwhile")
            if receipts.is_owned(connection, delivery, receipt.id):
                reason = f"the platform answered with {receipt.id}, which is another post of ours"
                return self._record_doubt(connection, delivery, attempt, reason, now)
            self._end(connection, attempt, "published", receipt.url, now)
            deliveries.save_part(connection, delivery, published)
            lanes.sent(connection, self._account, now)
            return None

        def finish(connection: Connection) -> Report:
            return record(connection) or self._record_end(connection, stored, receipt, now)

        if stored.next_part + 1 == part_count(delivery):
            return Settling(self._ledger.begin_write(finish))
        return self._ledger.write(record) or stored.with_receipt(published)

    def _record_end(self, connection: Connection, stored: Stored, receipt: Receipt, now: datetime) -> Report:
        key, url = stored.delivery.key, stored.receipts[0].url if stored.receipts else receipt.url
        parts = [*(str(part.extra.get(DIFFERS, "")) for part in stored.receipts), receipt.differs]
        differs = ", ".join(dict.fromkeys(filter(None, parts)))
        reason = f"out {differs}" if differs else ""
        deliveries.settle(connection, stored.delivery, State.PUBLISHED, now, reason)
        alerts.withdraw(connection, str(key), now)
        if differs:
            text, command = f"{key} is {reason}: {url}", f"campaigner delete {key}, then campaigner retry {key}"
            alerts.raise_alert(connection, kind="differs", key=str(key), text=text, command=command, now=now)
        return Report(outcome=Outcome.PUBLISHED, key=key, url=url, reason=reason)

    def trouble(
        self, stored: Stored, number: int, attempt: int | None, trouble: Ended, *, repeat: bool = False
    ) -> Report:
        """Record what went wrong with part `number`, raise the alert that belongs to it, and say what follows.

        What becomes of a `repeat` says nothing of the call before it: that one stays in doubt.
        """
        delivery = stored.delivery
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
        siblings = self._ledger.read(lambda connection: deliveries.siblings(connection, delivery.key))
        return any(other.state in OVER for other in siblings)

    def refused(self, delivery: Delivery, refusal: Refusal, *, in_doubt: bool) -> Report:
        """The last look said no: nothing was sent. What is in doubt stays so, the rest is simply due again."""
        now = self._now()

        def give_back(connection: Connection) -> None:
            if in_doubt:
                deliveries.keep_in_doubt(connection, delivery, now, reason=refusal.reason, retry_at=now + LOOK_AGAIN)
            else:
                deliveries.put_back(connection, delivery, now, reason=refusal.reason)

        if not refusal.held:
            return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=refusal.reason)
        self._ledger.write(give_back)
        return Report(outcome=Outcome.HELD, key=delivery.key, reason=refusal.reason)

    def _rejected(self, delivery: Delivery, number: int, attempt: int | None, reason: str) -> Report:
        now = self._now()
        state = State.FAILED if number == 0 else State.PARTIAL
        outcome = Outcome.FAILED if number == 0 else Outcome.PARTIAL
        undo = "campaigner retry" if number == 0 else "campaigner delete"
        text = f"{delivery.key} was refused: {reason}" if number == 0 else _partial_text(delivery, number, reason)

        def settle(connection: Connection) -> None:
            deliveries.settle(connection, delivery, state, now, reason)
            uploads.forget(connection, delivery)
            alone = take_down(connection, delivery.key) if delivery.key.campaign in self._parity else None
            more, command = alone or ("", f"{undo} {delivery.key}")
            alerts.raise_alert(
                connection, kind=str(outcome), key=str(delivery.key), text=text + more, command=command, now=now
            )

        report = Report(outcome=outcome, key=delivery.key, reason=reason)
        return self._write(delivery, attempt, "rejected", report, settle)

    def _unauthorized(self, delivery: Delivery, attempt: int | None, reason: str) -> Report:
        now = self._now()

        def settle(connection: Connection) -> None:
            deliveries.put_back(connection, delivery, now, reason=reason)
            lanes.stop(connection, self._account, reason, now)

        report = Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason)
        return self._write(delivery, attempt, "unauthorized", report, settle)

    def _unavailable(self, delivery: Delivery, attempt: int | None, trouble: Unavailable) -> Report:
        now, reason = self._now(), trouble.reason
        again_at = retry_at(now, delivery.failures, str(delivery.key), trouble.retry_at)

        def settle(connection: Connection) -> None:
            deliveries.put_back(connection, delivery, now, reason=reason, retry_at=again_at, failed=True)
            lanes.failed(connection, self._account, now, reason)
            if trouble.lasts:
                tell_waiting(connection, delivery.key, reason, now)

        report = Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason, until=again_at)
        return self._write(delivery, attempt, "unavailable", report, settle)

    def _repeat_failed(
        self, delivery: Delivery, attempt: int | None, trouble: Rejected | Unauthorized | Unavailable
    ) -> Report:
        """The first call may still be carried out: the same key stays in use, and the platform is looked at again."""
        now = self._now()
        asked_for = trouble.retry_at if isinstance(trouble, Unavailable) else None
        again_at = max(now + LOOK_AGAIN, asked_for or now)
        reason = f"{why_in_doubt(delivery)}; sent again, the platform said: {trouble.reason}"

        def settle(connection: Connection) -> None:
            deliveries.keep_in_doubt(connection, delivery, now, reason=reason, retry_at=again_at, failed=True)
            if isinstance(trouble, Unauthorized):
                lanes.stop(connection, self._account, trouble.reason, now)
            else:
                lanes.failed(connection, self._account, now, trouble.reason)
            if again_at > now + WAIT_TOLD:
                raise_doubt(connection, delivery, f"{reason}; {asks_to_wait(again_at)}", now)

        report = Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)
        return self._write(delivery, attempt, "in-doubt", report, settle)

    def _write(
        self,
        delivery: Delivery,
        attempt: int | None,
        outcome: str,
        report: Report,
        settle: Callable[[Connection], None],
    ) -> Report:
        """Record an end, unless the post is ours no more: what a person has decided meanwhile stands."""
        now = self._now()

        def change(connection: Connection) -> Report:
            self._end(connection, attempt, outcome, report.reason, now)
            if not deliveries.is_ours(connection, delivery, self._ledger.owner_id):
                return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason="it was settled meanwhile")
            settle(connection)
            return report

        return self._ledger.write(change)

    def _in_doubt(self, delivery: Delivery, attempt: int | None, reason: str) -> Report:
        now = self._now()
        return self._ledger.write(lambda connection: self._record_doubt(connection, delivery, attempt, reason, now))

    def _record_doubt(
        self, connection: Connection, delivery: Delivery, attempt: int | None, reason: str, now: datetime
    ) -> Report:
        self._end(connection, attempt, "in-doubt", reason, now)
        deliveries.keep_in_doubt(connection, delivery, now, reason=reason, retry_at=now + LOOK_AGAIN)
        lanes.tried(connection, self._account, now)
        lanes.failed(connection, self._account, now, reason)
        if self._adapter.absence_after is None:
            raise_doubt(connection, delivery, reason, now)
        return Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)

    def broken_off(self, key: PostKey, reason: str, *, stops: bool) -> Report:
        """A fault came in between: in doubt when the post's call may have begun, else due again. `stops`: the account too."""
        now = self._now()

        def settle(connection: Connection) -> Report:
            if stops:
                lanes.stop(connection, self._account, reason, now)
            delivery = deliveries.find(connection, key)
            if delivery is None or delivery.owner_id != self._ledger.owner_id:
                return Report(outcome=Outcome.WAITING, key=key, reason=reason)
            is_new_doubt = deliveries.break_off(connection, delivery, now, reason)
            if is_new_doubt:
                raise_doubt(connection, delivery, reason, now)
            in_doubt = is_new_doubt or delivery.state is State.IN_DOUBT
            return Report(outcome=Outcome.IN_DOUBT if in_doubt else Outcome.WAITING, key=key, reason=reason)

        return self._ledger.write(settle)

    def held_back(self, job: Job, reason: str, *, subject: str | None = None) -> Report:
        """A safety gate holds the post until a person says otherwise, which is told once for each subject."""
        now = self._now()
        self._ledger.write(
            lambda connection: alerts.raise_alert(
                connection,
                kind="held",
                key=str(job.key),
                text=f"{job.key} is held: {reason}",
                command=f"campaigner retry {job.key}",
                subject=subject,
                now=now,
            )
        )
        return Report(outcome=Outcome.HELD, key=job.key, reason=reason, gate=True)

    def account_trouble(self, job: Job, trouble: Unauthorized | Unavailable) -> Report:
        """The platform does not say who we are: it refuses the account, or can't be asked now."""
        now = self._now()

        def stop(connection: Connection) -> None:
            deliveries.keep_waiting(connection, job.key, job.due_at, now, trouble.reason)
            lanes.stop(connection, self._account, trouble.reason, now)

        if isinstance(trouble, Unauthorized):
            self._ledger.write(stop)
            return Report(outcome=Outcome.WAITING, key=job.key, reason=trouble.reason)
        asked_for = trouble.retry_at

        def rest(connection: Connection) -> datetime:
            deliveries.keep_waiting(connection, job.key, job.due_at, now, trouble.reason)
            # Nobody could be asked, so the posts behind this one need not ask: one failure, and the account waits.
            failures = lanes.failed(connection, self._account, now, trouble.reason)
            until = lanes.rest(connection, self._account, retry_at(now, failures - 1, self._account, asked_for))
            if is_too_long(now, until, job.late_until):
                lanes.tell_unreachable(connection, self._account, f"{trouble.reason}; {asks_to_wait(until)}", now)
            elif trouble.lasts:
                lanes.tell_unreachable(connection, self._account, trouble.reason, now)
            return until

        until = self._ledger.write(rest)
        return Report(outcome=Outcome.WAITING, key=job.key, reason=trouble.reason, until=until)

    def _end(self, connection: Connection, attempt: int | None, outcome: str, reason: str, now: datetime) -> None:
        if attempt is not None:
            attempts.end(connection, attempt, outcome, reason, now)

    def _now(self) -> datetime:
        return self._ledger.clock.now()


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


def _published(number: int, receipt: Receipt, first_at: datetime, now: datetime) -> PublishedPart:
    """What is kept of a receipt. A time that can't be that of this post, whatever its server means by it, is ours instead."""
    can_be_true = first_at - A_DAY <= receipt.at <= now + A_DAY
    return PublishedPart(
        part=number,
        remote_id=receipt.id,
        url=receipt.url,
        extra=receipt.extra,
        published_at=receipt.at if can_be_true else now,
    )
