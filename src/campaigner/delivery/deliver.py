"""One post, once: claim, upload, the last look, send, record; and one in doubt: see reconcile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from ..errors import CampaignerError
from ..ledger import decisions, deliveries, parts
from ..ledger.deliveries import Claim, Refusal
from ..ledger.ledger import Connection, Ledger
from ..ledger.models import Delivery, State, StoredMedia
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
from ..post.key import PostKey
from . import parity, safety_gates
from .account_identity import AccountIdentity, ClockSkew, rest_as_asked, shown_subject
from .claimed_post import ClaimedPost, claim_of, has_media, media_of, part_to_look_for, tried_part
from .record_outcome import WAIT_TOLD, OutcomeRecorder, asks_to_wait, raise_doubt
from .steps import DuePost, Outcome, Report, SendingRules, Step, Steps


@dataclass(frozen=True, slots=True)
class PartInFlight:
    """A part that is being sent: the attempt's id in the ledger, and what the adapter gets."""

    attempt: int
    part: PartToSend


class Deliverer:
    """Delivers the posts of one account, one after the other. Sends nothing that is not durable in the ledger first.

    `access` stands for the options and secrets of the adapter.
    """

    def __init__(
        self, ledger: Ledger, account: str, adapter: Platform, *, access: str = "", rules: SendingRules | None = None
    ) -> None:
        self.ledger = ledger
        self.account = account
        self.adapter = adapter
        self.rules = rules or SendingRules()
        self.identity = AccountIdentity(ledger, account, adapter, access)
        self.recorder = OutcomeRecorder(ledger, account, adapter, self.rules)

    def deliver(self, due: DuePost) -> Steps[Report]:
        """Bring one post out, or say why it is not out."""
        identity = yield from self.identity.ask()
        if isinstance(identity, ClockSkew):
            command = safety_gates.LOOK_AT_CLOCK
            return Report(outcome=Outcome.HELD, key=due.key, reason=identity.reason, gate=True, command=command)
        if not isinstance(identity, str):
            return self.recorder.account_trouble(due, identity)
        before = deliveries.find(self.connection, due.key)
        if before is not None and before.state is State.DUE and before.published_at is not None:
            if before.identity != identity:
                changed = f"its beginning is out as {before.identity}, and the account is {identity} now"
                return self.recorder.held_back(due.key, changed, command=f"campaigner delete {due.key}")
            return (yield from self.go_on(before))
        if due.post is None:
            return Report(outcome=Outcome.ELSEWHERE, key=due.key, reason="its rest has been settled meanwhile")
        made = partial(claim_of, due.post, due.due_at, identity)
        try:
            # Images are read and made ready by a worker: nothing else waits for them.
            claim = (yield Step(self.account, made)) if has_media(due.post) else made()
        except CampaignerError as error:
            return self.recorder.held_back(due.key, str(error))
        if reason := (yield from self.identity.already_shows(due, claim)):
            return self.recorder.held_back(due.key, reason, subject=shown_subject(claim))
        return (yield from self._claim(claim, due))

    def go_on(self, delivery: Delivery) -> Steps[Report]:
        """The rest of a thread whose first parts are out: what was stored is what goes on."""
        found = deliveries.reclaim(self.connection, delivery, self.now())
        if isinstance(found, Refusal):
            return Report(outcome=Outcome.ELSEWHERE, key=delivery.key, reason=found.reason)
        return (yield from self._make_ready(ClaimedPost.load(self.connection, found)))

    def publish_again(self, claimed: ClaimedPost) -> Steps[Report | ClaimedPost]:
        """The same call once more, for a part in doubt; ClaimedPost: it is out and more parts follow."""
        return (yield from self._publish(claimed, self._start(claimed, repeat=True), repeat=True))

    def look(self, claimed: ClaimedPost) -> Steps[tuple[int, Any]]:
        """Look for the next part on the platform; the attempt's id, and what the platform said."""
        part = part_to_look_for(self.connection, claimed)
        attempt = parts.record_attempt(
            self.connection, claimed.delivery, claimed.next_part, "look", self.ledger.run_id, self.now()
        )
        found = yield self._step(self.adapter.look, part)
        if isinstance(found, Absent):
            parts.end_attempt(self.connection, attempt, "absent", "the platform shows no such post", self.now())
        elif isinstance(found, Unavailable | Unauthorized):
            parts.end_attempt(self.connection, attempt, "no answer", found.reason, self.now())
        return attempt, found

    def now(self) -> datetime:
        """The ledger's time."""
        return self.ledger.clock.now()

    @property
    def connection(self) -> Connection:
        """The tick's transaction."""
        return self.ledger.connection

    def _claim(self, claim: Claim, due: DuePost) -> Steps[Report]:
        """Take the post. With nothing to upload it is written down as being sent at once."""
        connection, now = self.connection, self.now()
        before = deliveries.find(connection, claim.key)
        forced = before is not None and before.forced
        bound = None if forced else due
        looks_first = forced and before is not None and parts.first_attempt_at(connection, before, 0) is not None
        is_sent_at_once = not (claim.media or looks_first) and (before is None or before.state is State.DUE)
        if is_sent_at_once and (blocked := self._block_reason(claim.key, claim.digest, bound)):
            return Report(outcome=Outcome.HELD, key=claim.key, reason=blocked)
        found = deliveries.claim(connection, claim, now, State.SENDING if is_sent_at_once else State.CLAIMED)
        if isinstance(found, Refusal):
            if found.held:
                return self.recorder.held_back(claim.key, found.reason)
            return Report(outcome=Outcome.ELSEWHERE, key=claim.key, reason=found.reason)
        if not is_sent_at_once:
            return (yield from self._make_ready(ClaimedPost.load(connection, found), bound))
        claimed = ClaimedPost(found, (), ())
        part = tried_part(self.connection, claimed) if before is not None else claimed.part_to_send()
        attempt = parts.record_attempt(connection, found, 0, "publish", self.ledger.run_id, now)
        return (yield from self._send(claimed, PartInFlight(attempt, part)))

    def _make_ready(self, claimed: ClaimedPost, due: DuePost | None = None) -> Steps[Report]:
        """Look first where that is due, upload what has to be, and send."""
        known = yield from self._known(claimed)
        if isinstance(known, Report):
            return known
        trouble = yield from self._upload(known)
        if trouble is not None:
            return self.recorder.trouble(known, None, trouble)
        return (yield from self._send(known, self._start(known, due)))

    def _send(self, claimed: ClaimedPost, started: PartInFlight | Refusal) -> Steps[Report]:
        """Send the parts that are not out yet, one after the other."""
        while True:
            sent = yield from self._publish(claimed, started)
            if isinstance(sent, Report):
                return sent
            claimed, started = sent, self._start(sent)

    def _start(
        self, claimed: ClaimedPost, due: DuePost | None = None, *, repeat: bool = False
    ) -> PartInFlight | Refusal:
        """The last look, and the durable word that the next part is being sent."""
        delivery = claimed.delivery
        blocked = self._block_reason(delivery.key, delivery.digest, due)
        part = tried_part(self.connection, claimed)
        attempt = deliveries.start_part(
            self.connection, delivery, claimed.next_part, self.ledger.run_id, self.now(), blocked=blocked, repeat=repeat
        )
        return attempt if isinstance(attempt, Refusal) else PartInFlight(attempt, part)

    def _block_reason(self, key: PostKey, digest: str | None, due: DuePost | None) -> str | None:
        """The last look at its time and at what people have said, of the post and of its siblings; None: it may go out.

        `due` None: it is bound to no time and no sibling, for a person wants it out, or its beginning is out.
        """
        connection, rules = self.connection, self.rules
        if due is not None and self.now() >= due.expires_at:
            # The machine slept while a platform was asked, or images went up.
            return "its time passed while it was made ready"
        siblings = due.siblings if due is not None else ()
        if siblings and (reason := parity.block_reason(connection, key, siblings, rules.hold_file)):
            return reason
        reason = decisions.block_reason(connection, key, digest, approval_required=rules.approval_required)
        return reason or rules.hold_file

    def _publish(
        self, claimed: ClaimedPost, started: PartInFlight | Refusal, *, repeat: bool = False
    ) -> Steps[Report | ClaimedPost]:
        """Send the part that is started, and record what came of it; ClaimedPost: it is out and more parts follow."""
        if isinstance(started, Refusal):
            return self.recorder.refused(claimed.delivery, started, in_doubt=repeat)
        outcome = yield self._step(self.adapter.publish, started.part)
        if isinstance(outcome, InDoubt):
            outcome = yield from self._looked_for(claimed, started, outcome)
        if isinstance(outcome, Receipt):
            return self.recorder.receipt(claimed, started.attempt, outcome)
        return self.recorder.trouble(claimed, started.attempt, outcome, repeat=repeat)

    def _known(self, claimed: ClaimedPost) -> Steps[Report | ClaimedPost]:
        """Before a person's `retry` of a part whose call ever went out: it may be out, whatever the platform said of it.

        What can't be found out now is not sent; what is not there is, and what no look can ever find.
        """
        delivery, number = claimed.delivery, claimed.next_part
        was_tried = parts.first_attempt_at(self.connection, delivery, number) is not None
        if not (delivery.forced and was_tried and self.adapter.can_be_searched):
            return claimed
        attempt, found = yield from self.look(claimed)
        match found:
            case Receipt():
                return self.recorder.receipt(claimed, attempt, found)
            case Absent():
                return claimed
            case Alike(url):
                doubt = InDoubt(f"a post with the same words is there, and its images don't say whose it is: {url}")
                return self.recorder.trouble(claimed, attempt, doubt)
        assert isinstance(found, Unavailable | Unauthorized)
        return self.recorder.trouble(claimed, None, found)

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
            claimed.media = parts.media_of(self.connection, claimed.delivery)
        return None

    def _uploaded(self, delivery: Delivery, row: StoredMedia, upload: Mapping[str, Any], started_at: datetime) -> None:
        connection, now = self.connection, self.now()
        parts.save_upload(connection, row.id, upload, now)
        attempt = parts.record_attempt(connection, delivery, row.part, "upload", self.ledger.run_id, started_at)
        parts.end_attempt(connection, attempt, "uploaded", "", now)

    def _looked_for(
        self, claimed: ClaimedPost, started: PartInFlight, doubt: InDoubt
    ) -> Steps[Receipt | InDoubt | Rejected]:
        """A first look at once: most doubts end with it."""
        part = replace(part_to_look_for(self.connection, claimed), token=started.part.token, is_repeat=doubt.duplicate)
        found = yield self._step(self.adapter.look, part)
        if isinstance(found, Absent) and found.repeats is not None:
            before = f"refused as a repeat of {found.repeats.url} of {found.repeats.at:%Y-%m-%d}"
            return Rejected(f"{before}: vary the words, then `campaigner retry`")
        if isinstance(found, Alike):
            return InDoubt(f"{doubt.reason}; a post with the same words is there, with other images: {found.url}")
        until, now = rest_as_asked(self.ledger, self.account, found), self.now()
        if until is not None:
            doubt = replace(doubt, reason=f"{doubt.reason}; it can't be looked up: {found.reason}")
            if until > now + WAIT_TOLD:
                raise_doubt(self.connection, claimed.delivery, f"{doubt.reason}; {asks_to_wait(until)}", now)
        return found if isinstance(found, Receipt) else doubt

    def _step(self, call: Callable[[Any], Any], argument: object) -> Step:
        return Step(self.account, partial(call, argument))
