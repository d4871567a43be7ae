"""One due post, once: claim, upload, the last look, send, settle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from ..ledger import attempts, deliveries, uploads
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, StoredMedia
from ..platforms.base import (
    Absent,
    Adapter,
    Alike,
    InDoubt,
    PartToSend,
    Receipt,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from .claiming import Admitted, Claimer, Started
from .job import Job
from .report import Outcome, Report, Settling, report_of
from .settling import Settler
from .stored import Stored, media_of, part_to_look_for
from .together import Together
from .who import WhoWeAre


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
        self._hold_file = hold_file
        self.who = WhoWeAre(ledger, account, adapter)
        self.settler = Settler(ledger, account, adapter, parity)
        self.claimer = Claimer(ledger, self.who, self.settler, approval_required=approval_required, hold_file=hold_file)

    def deliver(self, job: Job) -> Report:
        """Bring one post out, or say why it is not out. Raises SurroundingsError only when the ledger fails."""
        return report_of(self.begin(job))

    def begin(self, job: Job) -> Report | Settling:
        """As `deliver`, without waiting for the last write."""
        if job.together is None:
            return self._deliver(job)
        with job.together.lock:
            if reason := self._why_alone(job, job.together):
                return Report(outcome=Outcome.HELD, key=job.key, reason=reason)
            # The others of the message look at what is recorded of this one.
            return report_of(self._deliver(job))

    def send_later(self, admitted: Admitted) -> Report | Settling:
        """As `send`, for a post whose last look was a while ago: looks once more."""
        refusal = self.claimer.look_again(admitted)
        if refusal is None:
            return self.send(admitted)
        self.claimer.withdraw(admitted, refusal.reason)
        outcome = Outcome.HELD if refusal.held else Outcome.ELSEWHERE
        return Report(outcome=outcome, key=admitted.stored.delivery.key, reason=refusal.reason)

    def _deliver(self, job: Job) -> Report | Settling:
        admitted = self.claimer.admit(job)
        return admitted if isinstance(admitted, Report) else self.send(admitted)

    def _why_alone(self, job: Job, together: Together) -> str | None:
        """Why the others of the message can't go out with it; a person's `retry` of one post goes past that."""
        known = self.ledger.read(lambda connection: deliveries.find(connection, job.key))
        if known is not None and (known.forced or known.published_at):
            return None
        return together.why_not_yet(self.ledger, job.key, self._hold_file())

    def send(self, admitted: Admitted) -> Report | Settling:
        """Send the parts of a claimed delivery that are not out yet."""
        stored, started = admitted.stored, admitted.started
        sent: Report | Settling | Stored = stored if started is not None else self._known(stored)
        if started is None and isinstance(sent, Stored):
            trouble = self._upload(sent)
            if trouble is not None:
                return self.settler.trouble(sent, sent.next_part, None, trouble)
        while isinstance(sent, Stored):
            sent = self.publish(sent, started)
            started = None
        return sent

    def _known(self, stored: Stored) -> Report | Settling | Stored:
        """Before a person's `retry` of a part whose call ever went out: it may be out, whatever the platform said of it.

        What can't be found out now is not sent; what is not there is.
        """
        delivery, number = stored.delivery, stored.next_part
        part = self.part_for_look(stored)
        if not delivery.forced or part.attempted_at is None:
            return stored
        attempt = self.ledger.write(
            lambda c: attempts.record(c, delivery, number, "look", self.ledger.owner_id, self._now())
        )
        found = self.adapter.look(part)
        match found:
            case Receipt():
                return self.settler.receipt(stored, attempt, found)
            case Absent():
                self._ended(attempt, "absent", "the platform shows no such post")
                return stored
            case Alike(url):
                doubt = InDoubt(f"a post with the same words is there, and its images don't say whose it is: {url}")
                return self.settler.trouble(stored, number, attempt, doubt)
            case Unavailable(reason) | Unauthorized(reason):
                self._ended(attempt, "no answer", reason)
                return self.settler.trouble(stored, number, None, found)

    def _ended(self, attempt: int, outcome: str, reason: str) -> None:
        self.ledger.write(lambda c: attempts.end(c, attempt, outcome, reason, self._now()))

    def load(self, delivery: Delivery) -> Stored:
        """What the ledger has of a claimed delivery."""
        return self.ledger.read(lambda connection: Stored.load(connection, delivery))

    def publish(
        self, stored: Stored, started: Started | Refusal | None = None, *, repeat: bool = False
    ) -> Report | Settling | Stored:
        """Take the last look, send the next part, and settle what came of it; Stored: it is out and more parts follow."""
        if started is None:
            started = self.ledger.write(lambda connection: self.claimer.start(connection, stored, repeat=repeat))
        if isinstance(started, Refusal):
            return self.settler.refused(stored.delivery, started, in_doubt=repeat)
        outcome = self.adapter.publish(started.part)
        if isinstance(outcome, InDoubt):
            outcome = self._look_at_once(stored, started, outcome)
        if isinstance(outcome, Receipt):
            return self.settler.receipt(stored, started.attempt, outcome)
        return self.settler.trouble(stored, stored.next_part, started.attempt, outcome, repeat=repeat)

    def part_for_look(self, stored: Stored) -> PartToSend:
        """The part in doubt, and what tells it from others."""
        return self.ledger.read(lambda connection: part_to_look_for(connection, stored))

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

    def _look_at_once(self, stored: Stored, started: Started, doubt: InDoubt) -> Receipt | InDoubt | Rejected:
        part = self.part_for_look(stored)
        found = self.adapter.look(replace(part, token=started.part.token, is_repeat=doubt.duplicate))
        if isinstance(found, Absent) and found.repeats is not None:
            return Rejected(f"{_repeats(found.repeats)}: vary the words, then `campaigner retry`")
        if isinstance(found, Alike):
            return InDoubt(f"{doubt.reason}; a post with the same words is there, with other images: {found.url}")
        return found if isinstance(found, Receipt) else doubt

    def _now(self) -> datetime:
        return self.ledger.clock.now()


def _repeats(post: Receipt) -> str:
    return f"refused as a repeat of {post.url} of {post.at:%Y-%m-%d}"
