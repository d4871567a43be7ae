"""One post, once: claim, upload, the last look, send, record; and one in doubt: see reconcile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from ..ledger import deliveries, parts
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Ledger
from ..ledger.models import Delivery, StoredMedia
from ..platforms.base import Platform
from ..platforms.outcomes import (
    Absent,
    Alike,
    InDoubt,
    PartToSend,
    Receipt,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from .account_identity import AccountIdentity
from .claim import Claimed, Claimer, PartInFlight
from .claimed_post import ClaimedPost, media_of, part_to_look_for
from .due_post import DuePost
from .parity import ParityGroup
from .record_outcome import OutcomeRecorder
from .result import Outcome, Report
from .step import Step, Steps


class Deliverer:
    """Delivers the posts of one account, one after the other. Sends nothing that is not durable in the ledger first.

    `access` stands for the options and secrets of the adapter. `hold_file` returns the text of a HOLD file, None when there
    is none. `parity` names the campaigns that require it.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: str,
        adapter: Platform,
        *,
        access: str = "",
        approval_required: bool = False,
        hold_file: Callable[[], str | None] = lambda: None,
        parity: Collection[str] = (),
    ) -> None:
        self.ledger = ledger
        self.account = account
        self.adapter = adapter
        self._hold_file = hold_file
        self.identity = AccountIdentity(ledger, account, adapter, access)
        self.recorder = OutcomeRecorder(ledger, account, adapter, parity)
        self.claimer = Claimer(
            ledger, self.identity, self.recorder, approval_required=approval_required, hold_file=hold_file
        )

    def deliver(self, due: DuePost) -> Steps[Report]:
        """Bring one post out, or say why it is not out."""
        if due.group is None:
            return (yield from self._deliver(due))
        due.group.is_busy = True
        try:
            if reason := (yield from self._why_alone(due, due.group)):
                return Report(outcome=Outcome.HELD, key=due.key, reason=reason)
            return (yield from self._deliver(due))
        finally:
            due.group.is_busy = False

    def go_on(self, delivery: Delivery) -> Steps[Report]:
        """The rest of a thread whose first parts are out."""
        claimed = self.claimer.reclaim(delivery)
        if isinstance(claimed, Refusal):
            return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=claimed.reason)
        return (yield from self.send(claimed))

    def send(self, claimed: Claimed) -> Steps[Report]:
        """Send the parts of a claimed post that are not out yet."""
        sent: Report | ClaimedPost = claimed.post
        started = claimed.started
        if started is None:
            sent = yield from self._made_ready(claimed.post)
        while isinstance(sent, ClaimedPost):
            sent = yield from self.publish(sent, started)
            started = None
        return sent

    def publish(
        self, claimed: ClaimedPost, started: PartInFlight | Refusal | None = None, *, repeat: bool = False
    ) -> Steps[Report | ClaimedPost]:
        """Take the last look, send the next part, and record what came of it; ClaimedPost: it is out and more parts follow."""
        started = started or self.claimer.start(claimed, repeat=repeat)
        if isinstance(started, Refusal):
            return self.recorder.refused(claimed.delivery, started, in_doubt=repeat)
        outcome = yield self._step(self.adapter.publish, started.part)
        if isinstance(outcome, InDoubt):
            outcome = yield from self._looked_for(claimed, started, outcome)
        if isinstance(outcome, Receipt):
            return self.recorder.receipt(claimed, started.attempt, outcome)
        return self.recorder.trouble(claimed, claimed.next_part, started.attempt, outcome, repeat=repeat)

    def look(self, claimed: ClaimedPost) -> Steps[tuple[int, Any]]:
        """Look for the next part on the platform; the attempt's id, and what the platform said."""
        part = self.part_for_look(claimed)
        attempt = parts.record_attempt(
            self.ledger.connection, claimed.delivery, claimed.next_part, "look", self.ledger.run_id, self.now()
        )
        found = yield self._step(self.adapter.look, part)
        return attempt, found

    def ended(self, attempt: int, outcome: str, reason: str) -> None:
        """Write down what came of a look."""
        parts.end_attempt(self.ledger.connection, attempt, outcome, reason, self.now())

    def part_for_look(self, claimed: ClaimedPost) -> PartToSend:
        """The part in doubt, and what tells it from others."""
        return part_to_look_for(self.ledger.connection, claimed)

    def now(self) -> datetime:
        """The ledger's time."""
        return self.ledger.clock.now()

    def _deliver(self, due: DuePost) -> Steps[Report]:
        claimed = yield from self.claimer.claim(due)
        return claimed if isinstance(claimed, Report) else (yield from self.send(claimed))

    def _why_alone(self, due: DuePost, group: ParityGroup) -> Steps[str | None]:
        """Why the others of the message can't go out with it; a person's `retry` of one post goes past that."""
        known = deliveries.find(self.ledger.connection, due.key)
        if known is not None and (known.forced or known.published_at):
            return None
        return (yield from group.why_not_yet(self.ledger.connection, due.key, self.now(), self._hold_file()))

    def _made_ready(self, claimed: ClaimedPost) -> Steps[Report | ClaimedPost]:
        """Look first where that is due, and upload what has to be."""
        known = yield from self._known(claimed)
        if isinstance(known, Report):
            return known
        trouble = yield from self._upload(known)
        return known if trouble is None else self.recorder.trouble(known, known.next_part, None, trouble)

    def _known(self, claimed: ClaimedPost) -> Steps[Report | ClaimedPost]:
        """Before a person's `retry` of a part whose call ever went out: it may be out, whatever the platform said of it.

        What can't be found out now is not sent; what is not there is.
        """
        delivery, number = claimed.delivery, claimed.next_part
        if not delivery.forced or parts.first_attempt_at(self.ledger.connection, delivery, number) is None:
            return claimed
        attempt, found = yield from self.look(claimed)
        match found:
            case Receipt():
                return self.recorder.receipt(claimed, attempt, found)
            case Absent():
                self.ended(attempt, "absent", "the platform shows no such post")
                return claimed
            case Alike(url):
                doubt = InDoubt(f"a post with the same words is there, and its images don't say whose it is: {url}")
                return self.recorder.trouble(claimed, number, attempt, doubt)
        assert isinstance(found, Unavailable | Unauthorized)
        self.ended(attempt, "no answer", found.reason)
        return self.recorder.trouble(claimed, number, None, found)

    def _upload(self, claimed: ClaimedPost) -> Steps[Rejected | Unauthorized | Unavailable | None]:
        is_changed = False
        for row in claimed.media:
            if row.upload is not None or row.part < claimed.next_part:
                continue
            started_at = self.now()
            answer = yield self._step(self.adapter.prepare, media_of(row))
            if not isinstance(answer, Uploaded):
                assert isinstance(answer, Rejected | Unauthorized | Unavailable)
                return answer
            self._uploaded(claimed.delivery, row, answer.upload, started_at)
            is_changed = True
        if is_changed:
            claimed.media = parts.media_of(self.ledger.connection, claimed.delivery)
        return None

    def _uploaded(self, delivery: Delivery, row: StoredMedia, upload: Mapping[str, Any], started_at: datetime) -> None:
        connection, now = self.ledger.connection, self.now()
        parts.save_upload(connection, row.id, upload, now)
        attempt = parts.record_attempt(connection, delivery, row.part, "upload", self.ledger.run_id, started_at)
        parts.end_attempt(connection, attempt, "uploaded", "", now)

    def _looked_for(
        self, claimed: ClaimedPost, started: PartInFlight, doubt: InDoubt
    ) -> Steps[Receipt | InDoubt | Rejected]:
        """A first look at once: most doubts end with it."""
        part = replace(self.part_for_look(claimed), token=started.part.token, is_repeat=doubt.duplicate)
        found = yield self._step(self.adapter.look, part)
        if isinstance(found, Absent) and found.repeats is not None:
            return Rejected(f"{_repeats(found.repeats)}: vary the words, then `campaigner retry`")
        if isinstance(found, Alike):
            return InDoubt(f"{doubt.reason}; a post with the same words is there, with other images: {found.url}")
        return found if isinstance(found, Receipt) else doubt

    def _step(self, call: Callable[[Any], Any], argument: object) -> Step:
        return Step(self.account, partial(call, argument))


def _repeats(post: Receipt) -> str:
    return f"refused as a repeat of {post.url} of {post.at:%Y-%m-%d}"
