"""A post is taken, and what is to be sent is written down before anything is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from ..errors import CampaignerError
from ..ledger import deliveries, parts
from ..ledger.deliveries import Refusal
from ..ledger.ledger import Ledger
from ..ledger.models import Delivery, State
from ..platforms.outcomes import PartToSend
from ..post.post import Post
from . import safety_gates
from .account_identity import AccountIdentity, ClockSkew, shown_subject
from .claimed_post import ClaimedPost, claim_of, has_media
from .due_post import DuePost
from .parity import ParityGroup
from .record_outcome import OutcomeRecorder
from .result import Outcome, Report
from .step import Step, Steps


@dataclass(frozen=True, slots=True)
class PartInFlight:
    """A part that is being sent: the attempt's id in the ledger, and what the adapter gets."""

    attempt: int
    part: PartToSend


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed post. `started`: its first part is written down as being sent, or may not be; None: not yet."""

    post: ClaimedPost
    started: PartInFlight | Refusal | None = None


class Claimer:
    """Claims the posts of one account. `hold_file` returns the text of a HOLD file, None when there is none."""

    def __init__(
        self,
        ledger: Ledger,
        identity: AccountIdentity,
        recorder: OutcomeRecorder,
        *,
        approval_required: bool,
        hold_file: Callable[[], str | None],
    ) -> None:
        self._ledger = ledger
        self._identity = identity
        self._recorder = recorder
        self._approval_required = approval_required
        self._hold_file = hold_file

    def claim(self, due: DuePost) -> Steps[Claimed | Report]:
        """Claim a post, or say why it may not go out now. With nothing to upload its first part is started at once."""
        identity = yield from self._identity.ask()
        if isinstance(identity, ClockSkew):
            command = safety_gates.LOOK_AT_CLOCK
            return Report(outcome=Outcome.HELD, key=due.key, reason=identity.reason, gate=True, command=command)
        if not isinstance(identity, str):
            return self._recorder.account_trouble(due, identity)
        if (before := self._half_out(due)) is not None:
            return self._said(due, self.reclaim(before))
        try:
            claim = yield from _written_down(due, identity)
        except CampaignerError as error:
            return self._recorder.held_back(due, str(error))
        if reason := (yield from self._identity.already_shows(due, claim)):
            return self._recorder.held_back(due, reason, subject=shown_subject(claim))
        return self._said(due, self._claim_and_start(claim, due.group))

    def reclaim(self, delivery: Delivery) -> Claimed | Refusal:
        """Take half a thread again."""
        found = deliveries.reclaim(self._ledger.connection, delivery, self._now())
        return found if isinstance(found, Refusal) else Claimed(ClaimedPost.load(self._ledger.connection, found))

    def start(
        self, claimed: ClaimedPost, *, repeat: bool = False, just_claimed: bool = False
    ) -> PartInFlight | Refusal:
        """The last look, and the durable word that the next part is being sent."""
        connection, delivery, number = self._ledger.connection, claimed.delivery, claimed.next_part
        if claimed.group is not None and not delivery.forced:
            reason = claimed.group.why_not(connection, delivery.key, self._now(), self._hold_file())
            if reason is not None:
                return Refusal(reason, held=True)
        never_tried = just_claimed and delivery.is_new
        part = claimed.part_to_send(
            number,
            times_not_out=0 if never_tried else parts.times_not_out(connection, delivery, number),
            attempted_at=None if never_tried else parts.first_attempt_at(connection, delivery, number),
        )
        attempt = deliveries.start_part(
            connection,
            delivery,
            number,
            self._ledger.run_id,
            self._now(),
            approval_required=self._approval_required,
            hold_file=self._hold_file,
            repeat=repeat,
            just_claimed=just_claimed,
        )
        return attempt if isinstance(attempt, Refusal) else PartInFlight(attempt, part)

    def _claim_and_start(self, claim: deliveries.Claim, group: ParityGroup | None) -> Claimed | Refusal:
        connection = self._ledger.connection
        found = deliveries.claim(connection, claim, self._now())
        if isinstance(found, Refusal):
            return found
        if claim.media:
            return Claimed(replace(ClaimedPost.load(connection, found), group=group))
        post = ClaimedPost(found, (), (), group)
        if found.forced and not found.is_new and parts.first_attempt_at(connection, found, 0) is not None:
            # It is looked for first: see Deliverer.
            return Claimed(post)
        return Claimed(post, self.start(post, just_claimed=True))

    def _said(self, due: DuePost, found: Claimed | Refusal) -> Claimed | Report:
        if not isinstance(found, Refusal):
            return found
        if found.held:
            return self._recorder.held_back(due, found.reason)
        return Report(outcome=Outcome.ELSEWHERE, key=due.key, reason=found.reason)

    def _half_out(self, due: DuePost) -> Delivery | None:
        """The delivery of half a thread that is due again; None for everything else."""
        found = deliveries.find(self._ledger.connection, due.key)
        if found is None or found.state is not State.DUE or not parts.receipts_of(self._ledger.connection, found):
            return None
        return found

    def _now(self) -> datetime:
        return self._ledger.clock.now()


def _written_down(due: DuePost, identity: str) -> Steps[deliveries.Claim]:
    """The post as it will be stored. Images are read and made ready by a worker: nothing else waits for them."""
    post: Post = due.compose()
    if not has_media(post):
        return claim_of(post, due, identity)
    made = yield Step(due.key.account, partial(_outcome_of, partial(claim_of, post, due, identity)))
    if isinstance(made, CampaignerError):
        raise made
    assert isinstance(made, deliveries.Claim)
    return made


def _outcome_of(make: Callable[[], deliveries.Claim]) -> deliveries.Claim | CampaignerError:
    """A fault of an image holds its post; what is raised in a step would be the account's fault."""
    try:
        return make()
    except CampaignerError as error:
        return error
