"""One due post, once: claim, upload, the last look, send, settle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from ..errors import CampaignerError
from ..ledger import alerts, deliveries, lanes
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, PublishedPart, State, StoredMedia
from ..platforms.base import (
    Adapter,
    Identity,
    InDoubt,
    PartToSend,
    Receipt,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from .job import Job
from .report import Outcome, Report
from .retry import LOOK_AGAIN, retry_at
from .stored import Stored, claim_of, part_count

Ended = Rejected | Unauthorized | Unavailable | InDoubt


class Deliverer:
    """Delivers the posts of one account, from one thread at a time. Sends nothing that is not durable in the ledger first.

    `hold_file` returns the text of a HOLD file, None when there is none.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        adapter: Adapter,
        *,
        approval_required: bool = False,
        hold_file: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.ledger = ledger
        self.account = account
        self.adapter = adapter
        self._approval_required = approval_required
        self._hold_file = hold_file
        self._identity: Identity | None = None

    def deliver(self, job: Job) -> Report:
        """Bring one post out, or say why it is not out. Raises SurroundingsError only when the ledger fails."""
        identity = self.identity()
        if not isinstance(identity, Identity):
            return self._account_trouble(job, identity)
        claimed = self._claim(job, identity)
        if isinstance(claimed, Report):
            return claimed
        return self.send(claimed)

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """Who the platform says we are; asked once a process."""
        if self._identity is None:
            answer = self.adapter.identity()
            if not isinstance(answer, Identity):
                return answer
            self._identity = answer
            self.ledger.write(lambda connection: lanes.know(connection, self.account, answer.id))
        return self._identity

    def send(self, delivery: Delivery) -> Report:
        """Send the parts of a claimed delivery that are not out yet."""
        trouble = self._upload(delivery)
        if trouble is not None:
            return self.settle_trouble(delivery, self.load(delivery).next_part, None, trouble)
        report: Report | None = None
        while report is None:
            report = self._send_next_part(delivery)
        return report

    def load(self, delivery: Delivery) -> Stored:
        """What the ledger has of a claimed delivery."""
        return self.ledger.read(lambda connection: Stored.load(connection, delivery))

    def part(self, delivery: Delivery, stored: Stored, number: int) -> PartToSend:
        """Part `number` of a stored delivery, with the token and the first attempt that the ledger has of it."""
        counted, attempted_at = self.ledger.read(
            lambda connection: (
                deliveries.times_not_out(connection, delivery, number),
                deliveries.first_attempt_at(connection, delivery, number),
            )
        )
        return stored.part_to_send(number, times_not_out=counted, attempted_at=attempted_at)

    def publish(self, delivery: Delivery, number: int, *, repeat: bool = False) -> Report | None:
        """Take the last look, send part `number`, and settle what came of it; None: it is out and more parts follow."""
        stored = self.load(delivery)
        part = self.part(delivery, stored, number)
        attempt = self.ledger.write(
            lambda connection: deliveries.start_part(
                connection,
                delivery,
                number,
                self.ledger.owner_id,
                self._now(),
                approval_required=self._approval_required,
                hold_file=self._hold_file,
                repeat=repeat,
            )
        )
        if isinstance(attempt, Refusal):
            return self._refused(delivery, attempt, in_doubt=repeat)
        outcome = self.adapter.publish(part)
        if isinstance(outcome, InDoubt):
            outcome = self._look_at_once(part, attempted_at=part.attempted_at or self._now(), doubt=outcome)
        if isinstance(outcome, Receipt):
            return self.settle_receipt(delivery, number, attempt, outcome, stored)
        return self.settle_trouble(delivery, number, attempt, outcome)

    def settle_receipt(
        self, delivery: Delivery, number: int, attempt: int | None, receipt: Receipt, stored: Stored
    ) -> Report | None:
        """Record that a part is out, and that the post is when it was the last; None: more parts follow."""
        if receipt.id in stored.owned_ids:
            reason = f"the platform answered with {receipt.id}, which is another post of ours"
            return self.settle_trouble(delivery, number, attempt, InDoubt(reason))
        now = self._now()
        last = number + 1 == part_count(delivery)

        def settle(connection: Connection) -> None:
            self._end(connection, attempt, "published", receipt.url, now)
            deliveries.save_part(connection, delivery, _published(number, receipt))
            if last:
                deliveries.settle(connection, delivery, State.PUBLISHED, now)
            lanes.sent(connection, self.account, now)

        self.ledger.write(settle)
        if not last:
            return None
        url = stored.receipts[0].url if stored.receipts else receipt.url
        return Report(outcome=Outcome.PUBLISHED, key=delivery.key, url=url)

    def settle_trouble(self, delivery: Delivery, number: int, attempt: int | None, trouble: Ended) -> Report:
        """Record what went wrong with part `number`, raise the alert that belongs to it, and say what follows."""
        match trouble:
            case Rejected(reason):
                return self._rejected(delivery, number, attempt, reason)
            case Unauthorized(reason):
                return self._unauthorized(delivery, attempt, reason)
            case Unavailable(reason, asked_for):
                return self._unavailable(delivery, attempt, reason, asked_for)
            case InDoubt(reason):
                return self._in_doubt(delivery, attempt, reason)

    def _claim(self, job: Job, identity: Identity) -> Delivery | Report:
        owner_id = self.ledger.owner_id
        before = self.ledger.read(lambda connection: deliveries.find(connection, job.key))
        if before is not None and before.state is State.DUE and self.load(before).receipts:
            claimed = self.ledger.write(lambda c: deliveries.reclaim(c, before, owner_id, self._now()))
        else:
            try:
                claim = claim_of(job.compose(), job, identity.id)
            except CampaignerError as error:
                return self._held_back(job, str(error))
            claimed = self.ledger.write(lambda c: deliveries.claim(c, claim, owner_id, self._now()))
        if isinstance(claimed, Refusal):
            return self._held_back(job, claimed.reason) if claimed.held else _elsewhere(job, claimed.reason)
        return claimed

    def _upload(self, delivery: Delivery) -> Rejected | Unauthorized | Unavailable | None:
        stored = self.load(delivery)
        for row in stored.media:
            if row.upload is not None or row.part < stored.next_part:
                continue
            media = self.part(delivery, stored, row.part).media[row.position]
            started_at = self._now()
            answer = self.adapter.prepare(media)
            if not isinstance(answer, Uploaded):
                return answer
            self.ledger.write(
                partial(self._uploaded, delivery=delivery, row=row, upload=answer.upload, started_at=started_at)
            )
        return None

    def _uploaded(
        self,
        connection: Connection,
        delivery: Delivery,
        row: StoredMedia,
        upload: Mapping[str, Any],
        started_at: datetime,
    ) -> None:
        now = self._now()
        deliveries.save_upload(connection, row.id, upload, now)
        attempt = deliveries.record_attempt(connection, delivery, row.part, "upload", self.ledger.owner_id, started_at)
        deliveries.end_attempt(connection, attempt, "uploaded", "", now)

    def _send_next_part(self, delivery: Delivery) -> Report | None:
        return self.publish(delivery, self.load(delivery).next_part)

    def _look_at_once(self, part: PartToSend, *, attempted_at: datetime, doubt: InDoubt) -> Receipt | InDoubt:
        found = self.adapter.look(replace(part, attempted_at=attempted_at))
        return found if isinstance(found, Receipt) else doubt

    def _refused(self, delivery: Delivery, refusal: Refusal, *, in_doubt: bool) -> Report:
        """The last look said no: nothing was sent. What is in doubt stays so, the rest is simply due again."""
        now = self._now()

        def give_back(connection: Connection) -> None:
            if in_doubt:
                deliveries.keep_in_doubt(connection, delivery, now, reason=refusal.reason, retry_at=now + LOOK_AGAIN)
            else:
                deliveries.put_back(connection, delivery, now, reason=refusal.reason)

        if not refusal.held:
            return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=refusal.reason)
        self.ledger.write(give_back)
        return Report(outcome=Outcome.HELD, key=delivery.key, reason=refusal.reason)

    def _rejected(self, delivery: Delivery, number: int, attempt: int | None, reason: str) -> Report:
        now = self._now()
        state = State.FAILED if number == 0 else State.PARTIAL
        outcome = Outcome.FAILED if number == 0 else Outcome.PARTIAL
        undo = "campaigner retry" if number == 0 else "campaigner delete"
        text = f"{delivery.key} was refused: {reason}" if number == 0 else _partial_text(delivery, number, reason)

        def settle(connection: Connection) -> None:
            self._end(connection, attempt, "rejected", reason, now)
            deliveries.settle(connection, delivery, state, now, reason)
            deliveries.forget_uploads(connection, delivery)
            alerts.raise_alert(
                connection,
                kind=str(outcome),
                key=str(delivery.key),
                text=text,
                command=f"{undo} {delivery.key}",
                now=now,
            )

        self.ledger.write(settle)
        return Report(outcome=outcome, key=delivery.key, reason=reason)

    def _unauthorized(self, delivery: Delivery, attempt: int | None, reason: str) -> Report:
        now = self._now()

        def settle(connection: Connection) -> None:
            self._end(connection, attempt, "unauthorized", reason, now)
            deliveries.put_back(connection, delivery, now, reason=reason)
            lanes.stop(connection, self.account, reason, now)

        self.ledger.write(settle)
        return Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason)

    def _unavailable(self, delivery: Delivery, attempt: int | None, reason: str, asked_for: datetime | None) -> Report:
        now = self._now()
        again_at = retry_at(now, delivery.failures, str(delivery.key), asked_for)

        def settle(connection: Connection) -> None:
            self._end(connection, attempt, "unavailable", reason, now)
            deliveries.put_back(connection, delivery, now, reason=reason, retry_at=again_at, failed=True)
            lanes.failed(connection, self.account, now)

        self.ledger.write(settle)
        return Report(outcome=Outcome.WAITING, key=delivery.key, reason=reason, until=again_at)

    def _in_doubt(self, delivery: Delivery, attempt: int | None, reason: str) -> Report:
        now = self._now()

        def settle(connection: Connection) -> None:
            self._end(connection, attempt, "in-doubt", reason, now)
            deliveries.keep_in_doubt(connection, delivery, now, reason=reason, retry_at=now + LOOK_AGAIN)
            lanes.tried(connection, self.account, now)
            if self.adapter.absence_after is None:
                raise_doubt(connection, delivery, reason, now)

        self.ledger.write(settle)
        return Report(outcome=Outcome.IN_DOUBT, key=delivery.key, reason=reason)

    def _held_back(self, job: Job, reason: str) -> Report:
        now = self._now()
        self.ledger.write(
            lambda connection: alerts.raise_alert(
                connection,
                kind="held",
                key=str(job.key),
                text=f"{job.key} is held: {reason}",
                command=f"campaigner retry {job.key}",
                now=now,
            )
        )
        return Report(outcome=Outcome.HELD, key=job.key, reason=reason, gate=True)

    def _account_trouble(self, job: Job, trouble: Unauthorized | Unavailable) -> Report:
        now = self._now()
        if isinstance(trouble, Unauthorized):
            self.ledger.write(lambda connection: lanes.stop(connection, self.account, trouble.reason, now))
            return Report(outcome=Outcome.WAITING, key=job.key, reason=trouble.reason)
        self.ledger.write(lambda connection: lanes.failed(connection, self.account, now))
        failures = self.ledger.read(lambda connection: lanes.lane(connection, self.account)).failures
        until = retry_at(now, failures - 1, self.account, trouble.retry_at)
        return Report(outcome=Outcome.WAITING, key=job.key, reason=trouble.reason, until=until)

    def _end(self, connection: Connection, attempt: int | None, outcome: str, reason: str, now: datetime) -> None:
        if attempt is not None:
            deliveries.end_attempt(connection, attempt, outcome, reason, now)

    def _now(self) -> datetime:
        return self.ledger.clock.now()


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


def _published(number: int, receipt: Receipt) -> PublishedPart:
    return PublishedPart(
        part=number, remote_id=receipt.id, url=receipt.url, extra=receipt.extra, published_at=receipt.at
    )


def _elsewhere(job: Job, reason: str) -> Report:
    return Report(outcome=Outcome.ELSEWHERE, key=job.key, reason=reason)
