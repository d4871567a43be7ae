"""A post is taken for this process, and what is to be sent is written down before anything is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from ..errors import CampaignerError
from ..ledger import attempts, deliveries, receipts
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.records import Delivery, State
from ..platforms.base import Identity, PartToSend
from ..post.key import PostKey
from .job import Job
from .report import Outcome, Report
from .settling import Settler
from .stored import Stored, claim_of, has_media, part_count
from .together import Together
from .who import ClockApart, WhoWeAre, shown_subject


@dataclass(frozen=True, slots=True)
class Started:
    """A part that is being sent: the attempt's id in the ledger, and what the adapter gets."""

    attempt: int
    part: PartToSend


@dataclass(frozen=True, slots=True)
class Admitted:
    """A claimed post. `started`: its first part is written down as being sent, or may not be; None: not yet."""

    stored: Stored
    started: Started | Refusal | None = None

    @property
    def is_plain(self) -> bool:
        """True when one call publishes it and nothing comes before that call."""
        return part_count(self.stored.delivery) == 1 and isinstance(self.started, Started)


class Claimer:
    """Claims the posts of one account. `hold_file` returns the text of a HOLD file, None when there is none."""

    def __init__(
        self,
        ledger: Ledger,
        who: WhoWeAre,
        settler: Settler,
        *,
        approval_required: bool,
        hold_file: Callable[[], str | None],
    ) -> None:
        self._ledger = ledger
        self._who = who
        self._settler = settler
        self._approval_required = approval_required
        self._hold_file = hold_file

    def admit(self, job: Job, settled: Callable[[], None] = lambda: None) -> Admitted | Report:
        """Claim a post that goes out by itself, or say why it may not go out now. `settled` waits for the post before."""
        identity = self._who.identity()
        if isinstance(identity, ClockApart):
            return Report(outcome=Outcome.HELD, key=job.key, reason=identity.reason, gate=True)
        if not isinstance(identity, Identity):
            return self._settler.account_trouble(job, identity)
        if not self._who.is_alone(job):
            # A look at the account must know the post before as ours.
            settled()
        return self._claim(job, identity)

    def admit_ahead(self, job: Job) -> Future[Admitted | Refusal] | None:
        """Begin to claim a post while the one before is on its way; None where it has to wait for its turn.

        Only what one call publishes: everything else takes its own time between claim and call.
        """
        identity = self._who.known
        if identity is None or not self._who.is_alone(job) or self._half_out(job) is not None:
            return None
        try:
            post = job.compose()
            if len(post.parts) > 1 or has_media(post):
                return None
            claim = claim_of(post, job, identity.id)
        except CampaignerError:
            # Said when it is this post's turn.
            return None
        if self._who.already_shows(job, claim):
            return None
        return self._ledger.begin_write(lambda connection: self._claim_and_start(connection, claim, None))

    def turn_of(
        self, job: Job, claimed: Admitted | Refusal, settled: Callable[[], None] = lambda: None
    ) -> Admitted | Report:
        """What came of `admit_ahead`, now that it is the post's turn."""
        if isinstance(claimed, Admitted) and self._who.known is None:
            # The clock has jumped meanwhile: the platform is asked again before anything is sent.
            self.withdraw(claimed, "the clock has jumped")
            return self.admit(job, settled)
        if isinstance(claimed, Admitted) and not self._is_as_composed(job, claimed):
            self.withdraw(claimed, "it was changed meanwhile")
            return self.admit(job, settled)
        return self._said(job, claimed)

    def _is_as_composed(self, job: Job, admitted: Admitted) -> bool:
        """False when the files have another text for it by now."""
        try:
            return job.compose().digest == admitted.stored.delivery.digest
        except CampaignerError:
            return False

    def withdraw(self, admitted: Admitted, reason: str) -> None:
        """Make a claimed post due again of which no byte was sent."""
        delivery, now = admitted.stored.delivery, self._now()

        def give_back(connection: Connection) -> None:
            if isinstance(admitted.started, Started):
                attempts.end(connection, admitted.started.attempt, attempts.WITHDRAWN, reason, now)
            if deliveries.is_ours(connection, delivery, self._ledger.owner_id):
                deliveries.put_back(connection, delivery, now, reason=reason)

        self._ledger.write(give_back)

    def _claim(self, job: Job, identity: Identity) -> Admitted | Report:
        """Claim a post. With nothing to upload its first part is started in the same commit: one wait for the disk less."""
        if (before := self._half_out(job)) is not None:
            return self._said(job, self._ledger.write(lambda connection: self.reclaim(connection, before)))
        try:
            claim = claim_of(job.compose(), job, identity.id)
        except CampaignerError as error:
            return self._settler.held_back(job, str(error))
        if reason := self._who.already_shows(job, claim):
            return self._settler.held_back(job, reason, subject=shown_subject(claim))
        return self._said(
            job, self._ledger.write(lambda connection: self._claim_and_start(connection, claim, job.together))
        )

    def _said(self, job: Job, claimed: Admitted | Refusal) -> Admitted | Report:
        if not isinstance(claimed, Refusal):
            return claimed
        return self._settler.held_back(job, claimed.reason) if claimed.held else _elsewhere(job, claimed.reason)

    def _half_out(self, job: Job) -> Delivery | None:
        return self._ledger.read(lambda connection: _due_with_receipts(connection, job.key))

    def reclaim(self, connection: Connection, delivery: Delivery) -> Admitted | Refusal:
        """Take half a thread again."""
        claimed = deliveries.reclaim(connection, delivery, self._ledger.owner_id, self._now())
        return claimed if isinstance(claimed, Refusal) else Admitted(Stored.load(connection, claimed))

    def _claim_and_start(
        self, connection: Connection, claim: deliveries.Claim, together: Together | None
    ) -> Admitted | Refusal:
        claimed = deliveries.claim(connection, claim, self._ledger.owner_id, self._now())
        if isinstance(claimed, Refusal):
            return claimed
        if claim.media:
            return Admitted(replace(Stored.load(connection, claimed), together=together))
        stored = Stored(claimed, (), (), together)
        if claimed.forced and not claimed.is_new and attempts.first_at(connection, claimed, 0) is not None:
            # It is looked for first: see Deliverer.
            return Admitted(stored)
        return Admitted(stored, self.start(connection, stored, just_claimed=True))

    def look_again(self, admitted: Admitted) -> Refusal | None:
        """The last look once more. What is not started yet is looked at when it is."""
        if not isinstance(admitted.started, Started):
            return None
        return self._ledger.read(
            lambda connection: deliveries.look_again(
                connection,
                admitted.stored.delivery,
                self._ledger.owner_id,
                self._now(),
                approval_required=self._approval_required,
                hold_file=self._hold_file,
            )
        )

    def start(
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
            self._ledger.owner_id,
            self._now(),
            approval_required=self._approval_required,
            hold_file=self._hold_file,
            repeat=repeat,
            just_claimed=just_claimed,
        )
        return attempt if isinstance(attempt, Refusal) else Started(attempt, part)

    def _now(self) -> datetime:
        return self._ledger.clock.now()


def _due_with_receipts(connection: Connection, key: PostKey) -> Delivery | None:
    """The delivery of half a thread that is due again; None for everything else."""
    found = deliveries.find(connection, key)
    if found is None or found.state is not State.DUE or not receipts.of(connection, found):
        return None
    return found


def _elsewhere(job: Job, reason: str) -> Report:
    return Report(outcome=Outcome.ELSEWHERE, key=job.key, reason=reason)
