"""One due post, once: claim, upload, the last look, send, settle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from ..errors import CampaignerError
from ..ledger import alerts, attempts, deliveries, lanes, receipts, uploads
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
from ..post.key import PostKey
from .job import Job
from .report import Outcome, Report, Settling, report_of
from .retry import LOOK_AGAIN, retry_at
from .stored import Stored, claim_of, media_of, part_count
from .together import Together, take_down
from .who import ClockApart, WhoWeAre

Ended = Rejected | Unauthorized | Unavailable | InDoubt


@dataclass(frozen=True, slots=True)
class Started:
    """A part that is being sent: the attempt's id in the ledger, and what the adapter gets."""

    attempt: int
    part: PartToSend


class Deliverer:
    """Delivers the posts of one account, from one thread at a time. Sends nothing that is not durable in the ledger first.

    `hold_file` returns the text of a HOLD file, None when there is none. `parity` names the campaigns that require it.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        adapter: Adapter,
        *,
        approval_required: bool = False,
        hold_file: Callable[[], str | None] = lambda: None,
        parity: Collection[str] = (),
    ) -> None:
        self.ledger = ledger
        self.account = account
        self.adapter = adapter
        self._approval_required = approval_required
        self._hold_file = hold_file
        self._parity = parity
        self.who = WhoWeAre(ledger, account, adapter)

    def deliver(self, job: Job) -> Report:
        """Bring one post out, or say why it is not out. Raises SurroundingsError only when the ledger fails."""
        return report_of(self.begin(job))

    def begin(self, job: Job, settled: Callable[[], None] = lambda: None) -> Report | Settling:
        """As `deliver`, without waiting for the last write: it and the next claim become durable together.

        `settled` waits for the post before, and returns at once when it is called again: it is called before anything is sent.
        """
        if job.together is None:
            return self._deliver(job, settled)
        with job.together.lock:
            if reason := self._why_alone(job, job.together):
                return Report(outcome=Outcome.HELD, key=job.key, reason=reason)
            # The others of the message look at what is recorded of this one.
            return report_of(self._deliver(job, settled))

    def _deliver(self, job: Job, settled: Callable[[], None]) -> Report | Settling:
        identity = self.who.identity()
        if isinstance(identity, ClockApart):
            return Report(outcome=Outcome.HELD, key=job.key, reason=identity.reason, gate=True)
        if not isinstance(identity, Identity):
            return self._account_trouble(job, identity)
        if not self.who.is_alone:
            # A look at the account must know the post before as ours.
            settled()
        claimed = self._claim(job, identity)
        settled()
        if isinstance(claimed, Report):
            return claimed
        return self.send(*claimed)

    def _why_alone(self, job: Job, together: Together) -> str | None:
        """Why the others of the message can't go out with it; a person's `retry` of one post goes past that."""
        known = self.ledger.read(lambda connection: deliveries.find(connection, job.key))
        if known is not None and (known.forced or known.published_at):
            return None
        return together.why_not_yet(self.ledger, job.key, self._hold_file())

    def send(self, stored: Stored, started: Started | Refusal | None = None) -> Report | Settling:
        """Send the parts of a claimed delivery that are not out yet; `started` when the first one is begun already."""
        trouble = self._upload(stored) if started is None else None
        if trouble is not None:
            return self.settle_trouble(stored, stored.next_part, None, trouble)
        sent: Report | Settling | Stored = stored
        while isinstance(sent, Stored):
            sent = self.publish(sent, started)
            started = None
        return sent

    def load(self, delivery: Delivery) -> Stored:
        """What the ledger has of a claimed delivery."""
        return self.ledger.read(lambda connection: Stored.load(connection, delivery))

    def publish(
        self, stored: Stored, started: Started | Refusal | None = None, *, repeat: bool = False
    ) -> Report | Settling | Stored:
        """Take the last look, send the next part, and settle what came of it; Stored: it is out and more parts follow."""
        if started is None:
            started = self.ledger.write(lambda connection: self._start(connection, stored, repeat=repeat))
        if isinstance(started, Refusal):
            return self._refused(stored.delivery, started, in_doubt=repeat)
        outcome = self.adapter.publish(started.part)
        if isinstance(outcome, InDoubt):
            outcome = self._look_at_once(stored, started, outcome)
        if isinstance(outcome, Receipt):
            return self.settle_receipt(stored, started.attempt, outcome)
        return self.settle_trouble(stored, stored.next_part, started.attempt, outcome)

    def part_for_look(self, stored: Stored) -> PartToSend:
        """The part in doubt as it was sent, with the first attempt's time and the ids that belong to other posts."""
        delivery, number = stored.delivery, stored.next_part

        def ask(connection: Connection) -> PartToSend:
            part = stored.part_to_send(
                number,
                times_not_out=attempts.times_not_out(connection, delivery, number),
                attempted_at=attempts.first_at(connection, delivery, number),
            )
            return replace(part, owned_ids=receipts.owned_ids(connection, delivery))

        return self.ledger.read(ask)

    def settle_receipt(
        self, stored: Stored, attempt: int | None, receipt: Receipt, *, looked: bool = False
    ) -> Report | Settling | Stored:
        """Record that the next part is out, and that the post is when it was the last; Stored: more parts follow.

        A post in doubt is nobody's alone while it is `looked` for: a person may have settled it meanwhile.
        """
        delivery, now = stored.delivery, self._now()
        published = _published(stored.next_part, receipt)

        def record(connection: Connection) -> Report | None:
            if looked and not deliveries.is_ours(connection, delivery, self.ledger.owner_id):
                self._end(connection, attempt, "found", receipt.url, now)
                return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason="it was settled meanwhile")
            if receipts.is_owned(connection, delivery, receipt.id):
                reason = f"the platform answered with {receipt.id}, which is another post of ours"
                return self._record_doubt(connection, delivery, attempt, reason, now)
            self._end(connection, attempt, "published", receipt.url, now)
            deliveries.save_part(connection, delivery, published)
            lanes.sent(connection, self.account, now)
            return None

        def finish(connection: Connection) -> Report:
            return record(connection) or self._record_end(connection, stored, receipt, now)

        if stored.next_part + 1 == part_count(delivery):
            return Settling(self.ledger.begin_write(finish))
        return self.ledger.write(record) or stored.with_receipt(published)

    def _record_end(self, connection: Connection, stored: Stored, receipt: Receipt, now: datetime) -> Report:
        deliveries.settle(connection, stored.delivery, State.PUBLISHED, now)
        url = stored.receipts[0].url if stored.receipts else receipt.url
        return Report(outcome=Outcome.PUBLISHED, key=stored.delivery.key, url=url)

    def settle_trouble(self, stored: Stored, number: int, attempt: int | None, trouble: Ended) -> Report:
        """Record what went wrong with part `number`, raise the alert that belongs to it, and say what follows."""
        delivery = stored.delivery
        match trouble:
            case Rejected(reason):
                return self._rejected(delivery, number, attempt, reason)
            case Unauthorized(reason):
                return self._unauthorized(delivery, attempt, reason)
            case Unavailable(reason, asked_for):
                return self._unavailable(delivery, attempt, reason, asked_for)
            case InDoubt(reason):
                return self._in_doubt(delivery, attempt, reason)

    def _claim(self, job: Job, identity: Identity) -> tuple[Stored, Started | Refusal | None] | Report:
        """Claim a post. With nothing to upload its first part is started in the same commit: one wait for the disk less."""
        claimed: tuple[Stored, Started | Refusal | None] | Refusal
        before = self.ledger.read(lambda connection: _due_with_receipts(connection, job.key))
        if before is not None:
            claimed = self.ledger.write(lambda connection: self.reclaim(connection, before))
        else:
            try:
                claim = claim_of(job.compose(), job, identity.id)
            except CampaignerError as error:
                return self._held_back(job, str(error))
            if reason := self.who.already_shows(job, claim):
                return self._held_back(job, reason)
            claimed = self.ledger.write(lambda connection: self._claim_and_start(connection, claim, job.together))
        if isinstance(claimed, Refusal):
            return self._held_back(job, claimed.reason) if claimed.held else _elsewhere(job, claimed.reason)
        return claimed

    def reclaim(self, connection: Connection, delivery: Delivery) -> tuple[Stored, None] | Refusal:
        """Take half a thread again."""
        claimed = deliveries.reclaim(connection, delivery, self.ledger.owner_id, self._now())
        return claimed if isinstance(claimed, Refusal) else (Stored.load(connection, claimed), None)

    def _claim_and_start(
        self, connection: Connection, claim: deliveries.Claim, together: Together | None
    ) -> tuple[Stored, Started | Refusal | None] | Refusal:
        claimed = deliveries.claim(connection, claim, self.ledger.owner_id, self._now())
        if isinstance(claimed, Refusal):
            return claimed
        if claim.media:
            return replace(Stored.load(connection, claimed), together=together), None
        stored = Stored(claimed, (), (), together)
        return stored, self._start(connection, stored, just_claimed=True)

    def _start(
        self, connection: Connection, stored: Stored, *, repeat: bool = False, just_claimed: bool = False
    ) -> Started | Refusal:
        """The last look, and the durable word that the next part is being sent."""
        delivery, number = stored.delivery, stored.next_part
        if stored.together is not None and not delivery.forced:
            reason = stored.together.why_not(connection, delivery.key, self._now(), self._hold_file())
            if reason is not None:
                return Refusal(reason, held=True)
        never_tried = just_claimed and delivery.is_new
        part = stored.part_to_send(
            number,
            times_not_out=0 if never_tried else attempts.times_not_out(connection, delivery, number),
            attempted_at=None if never_tried else attempts.first_at(connection, delivery, number),
        )
        attempt = deliveries.start_part(
            connection,
            delivery,
            number,
            self.ledger.owner_id,
            self._now(),
            approval_required=self._approval_required,
            hold_file=self._hold_file,
            repeat=repeat,
            just_claimed=just_claimed,
        )
        return attempt if isinstance(attempt, Refusal) else Started(attempt, part)

    def _upload(self, stored: Stored) -> Rejected | Unauthorized | Unavailable | None:
        uploaded = False
        for row in stored.media:
            if row.upload is not None or row.part < stored.next_part:
                continue
            started_at = self._now()
            answer = self.adapter.prepare(media_of(row))
            if not isinstance(answer, Uploaded):
                return answer
            self.ledger.write(
                partial(self._uploaded, delivery=stored.delivery, row=row, upload=answer.upload, started_at=started_at)
            )
            uploaded = True
        if uploaded:
            stored.media = self.load(stored.delivery).media
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
        uploads.save(connection, row.id, upload, now)
        attempt = attempts.record(connection, delivery, row.part, "upload", self.ledger.owner_id, started_at)
        attempts.end(connection, attempt, "uploaded", "", now)

    def _look_at_once(self, stored: Stored, started: Started, doubt: InDoubt) -> Receipt | InDoubt:
        part = self.part_for_look(stored)
        found = self.adapter.look(replace(part, token=started.part.token))
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
            uploads.forget(connection, delivery)
            alone = take_down(connection, delivery.key) if delivery.key.campaign in self._parity else None
            more, command = alone or ("", f"{undo} {delivery.key}")
            alerts.raise_alert(
                connection, kind=str(outcome), key=str(delivery.key), text=text + more, command=command, now=now
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
        return self.ledger.write(lambda connection: self._record_doubt(connection, delivery, attempt, reason, now))

    def _record_doubt(
        self, connection: Connection, delivery: Delivery, attempt: int | None, reason: str, now: datetime
    ) -> Report:
        self._end(connection, attempt, "in-doubt", reason, now)
        deliveries.keep_in_doubt(connection, delivery, now, reason=reason, retry_at=now + LOOK_AGAIN)
        lanes.tried(connection, self.account, now)
        if self.adapter.absence_after is None:
            raise_doubt(connection, delivery, reason, now)
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
            attempts.end(connection, attempt, outcome, reason, now)

    def _now(self) -> datetime:
        return self.ledger.clock.now()


def _due_with_receipts(connection: Connection, key: PostKey) -> Delivery | None:
    """The delivery of half a thread that is due again; None for everything else."""
    found = deliveries.find(connection, key)
    if found is None or found.state is not State.DUE or not receipts.of(connection, found):
        return None
    return found


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
