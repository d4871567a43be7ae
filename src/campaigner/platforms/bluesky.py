"""Bluesky: profile, options, and an adapter that chooses each record's key, so that a repeat can't make a twin.

Facts: the lexicons of app.bsky.feed.post and com.atproto.repo, and what a real PDS answered: `putRecord` with
`swapRecord: null` creates or, for the identical record, does nothing; another record under the key is `InvalidSwap`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..clock import Clock
from ..text.entities import Entity
from ..text.measure import entities
from .answers import Answer, Failed, as_fields, id_of, rate_reset
from .base import (
    Absent,
    AccountLimits,
    Another,
    Found,
    Identity,
    InDoubt,
    Media,
    Outcome,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)
from .bluesky_login import REFUSED, STALE, BlueskyLogin, error_of
from .bluesky_record import (
    COLLECTION,
    Blobs,
    facet,
    is_ours,
    link_feature,
    mention_feature,
    place_of,
    post_record,
    receipt_of,
    shown_record,
    tag_feature,
)
from .profiles import BlueskyOptions, bluesky_profile
from .refusals import BLUESKY, BLUESKY_NAMES, is_refusal
from .tid import last_tid, tid_of
from .tokens import TokenStore
from .twins import why_another

if TYPE_CHECKING:
    from .http import HttpSession
    from .network import Network

_REPO = "com.atproto.repo"
PAGE = 100
LOOK_BACK = timedelta(minutes=10)
LONGEST_BLOB = 2000
"""Characters of a reference to an upload; a server's is about two hundred."""


class BlueskyAdapter:
    """One account on its PDS."""

    reconciliation = Reconciliation.CHOSEN_ID
    # A PDS reads its own writes, so what is not there was not written yet; two minutes are for a call still on its way.
    absence_after: timedelta | None = timedelta(minutes=2)

    def __init__(self, session: HttpSession, login: BlueskyLogin, clock: Clock) -> None:
        self._session = session
        self._login = login
        self._clock = clock

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """Ask for the session; the id is the DID, which stays when the handle changes."""
        answer = self._login.ask("GET", "com.atproto.server.getSession", signs_in=True)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        found = answer.fields()
        if answer.is_success and id_of(found.get("did")):
            did = self._session.redact(id_of(found["did"]))
            handle = self._session.redact(id_of(found.get("handle")) or did)
            return Identity(
                id=did,
                name=f"@{handle}",
                url=f"https://bsky.app/profile/{handle}",
                clock_offset=self._session.clock_offset,
            )
        return self._login.trouble(answer)

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """Upload a blob; the same bytes give the same reference. The alt text goes into the post itself."""
        answer = self._login.ask(
            "POST", f"{_REPO}.uploadBlob", data=media.data, headers={"Content-Type": media.media_type}
        )
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        blob = answer.fields().get("blob")
        if answer.is_success and isinstance(blob, dict) and len(str(blob)) <= LONGEST_BLOB:
            return Uploaded({"blob": blob})
        if answer.status in (400, 413) and error_of(answer) not in STALE:
            return Rejected(f"the image was refused: {self._login.words(answer)}")
        return self._login.trouble(answer)

    def publish(self, part: PartToSend) -> Outcome:
        """Put a record under a key of our own, only if nothing is there."""
        uploads = [Uploaded(media.upload) if media.upload else self.prepare(media) for media in part.media]
        answer = self._put(part, uploads)
        if isinstance(answer, Answer) and error_of(answer) == "BlobNotFound":
            # Uploads that no post uses are collected after a while, and nothing was posted: upload again, once.
            answer = self._put(part, [self.prepare(media) for media in part.media])
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts) if answer.before_sending else InDoubt(answer.reason)
        return self._published(answer, part) if isinstance(answer, Answer) else answer

    def look(self, part: PartToSend) -> Receipt | Absent | Unauthorized | Unavailable:
        """Get the record under the key that the post would have; else one of its moment among those beside that key.

        After a refusal the post gets another key, and a server may have been wrong when it refused.
        """
        tokens = self._login.tokens()
        if isinstance(tokens, Unauthorized | Unavailable):
            return tokens
        answer = self._get(tokens["did"], tid_of(part.token, part.due_at))
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        if error_of(answer) == "RecordNotFound":
            return self._beside(tokens["did"], part)
        receipt = receipt_of(answer.fields(), part.created_at) if answer.is_success else None
        if receipt is None:
            return self._login.trouble(answer)
        if not is_ours(answer.fields().get("value"), part):
            return Unavailable("there is another record under the key of this post")
        return receipt

    def _beside(self, did: str, part: PartToSend) -> Receipt | Absent | Unauthorized | Unavailable:
        """Every key that this part ever had lies within a second of its due time."""
        params = {"repo": did, "collection": COLLECTION, "limit": PAGE, "cursor": last_tid(part.due_at)}
        answer = self._login.ask("GET", f"{_REPO}.listRecords", params=params)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        records = answer.fields().get("records")
        if not answer.is_success or not isinstance(records, list):
            return self._login.trouble(answer)
        ours = [receipt_of(one, part.created_at) for one in records if is_ours(as_fields(one).get("value"), part)]
        return next((one for one in ours if one is not None and one.id not in part.owned_ids), Absent())

    def find(self, post_id: str, part: PartToSend) -> Found:
        """Get the record; a record of ours says when it was claimed, which may be long before the attempt."""
        tokens = self._login.tokens()
        if isinstance(tokens, Unauthorized | Unavailable):
            return tokens
        place = place_of(post_id)
        if place is None or place[0] != tokens["did"]:
            return Another("it is not by this account")
        answer = self._get(*place)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        if error_of(answer) == "RecordNotFound":
            return Another("no such post is there")
        receipt = receipt_of(answer.fields(), part.created_at) if answer.is_success else None
        if receipt is None:
            return self._login.trouble(answer)
        since = min(part.created_at, part.attempted_at or part.created_at) - LOOK_BACK
        why = why_another(shown_record(answer.fields().get("value"), part), part, since)
        return Another(self._session.redact(why)) if why else receipt

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """Delete the record; a PDS is content when there is none."""
        tokens = self._login.tokens()
        if isinstance(tokens, Unauthorized | Unavailable):
            return tokens
        place = place_of(receipt.id)
        if place is None:
            return Rejected(f"{receipt.id} is no post on Bluesky")
        body = {"repo": tokens["did"], "collection": COLLECTION, "rkey": place[1]}
        answer = self._login.ask("POST", f"{_REPO}.deleteRecord", json=body)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        return None if answer.is_success else self._login.trouble(answer)

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """The lexicon's; a server has none of its own."""
        return AccountLimits(profile=bluesky_profile())

    def close(self) -> None:
        """End a call in flight."""
        self._session.close()

    def _put(
        self, part: PartToSend, uploads: list[Uploaded | Rejected | Unauthorized | Unavailable]
    ) -> Answer | Failed | Rejected | Unauthorized | Unavailable:
        blobs = []
        for upload in uploads:
            if not isinstance(upload, Uploaded):
                return upload
            blobs.append(upload.upload["blob"])
        tokens = self._login.tokens()
        if isinstance(tokens, Unauthorized | Unavailable):
            return tokens
        record = self._record(part, blobs)
        if not isinstance(record, dict):
            return record
        key = {"repo": tokens["did"], "collection": COLLECTION, "rkey": tid_of(part.token, part.due_at)}
        body = {**key, "record": record, "swapRecord": None}
        return self._login.send("POST", f"{_REPO}.putRecord", json=body)

    def _record(self, part: PartToSend, blobs: Blobs) -> dict[str, Any] | Rejected | Unauthorized | Unavailable:
        facets = self._facets(part.text)
        if not isinstance(facets, list):
            return facets
        reply = self._reply(part)
        if isinstance(reply, Rejected | Unauthorized | Unavailable):
            return reply
        return post_record(part, facets, blobs, reply)

    def _facets(self, text: str) -> list[dict[str, Any]] | Unauthorized | Unavailable:
        """Links, hashtags and mentions; a handle that nobody has stays plain text."""
        found = []
        for entity in entities(text, "bluesky"):
            feature = self._feature(entity)
            if isinstance(feature, Unauthorized | Unavailable):
                return feature
            if feature is not None:
                found.append(facet(text, entity, feature))
        return found

    def _feature(self, entity: Entity) -> dict[str, str] | Unauthorized | Unavailable | None:
        match entity.type:
            case "hashtag":
                return tag_feature(entity)
            case "url":
                return link_feature(entity)
            case "mention":
                return self._mention(entity.text[1:])
        return None

    def _mention(self, handle: str) -> dict[str, str] | Unauthorized | Unavailable | None:
        answer = self._login.ask("GET", "com.atproto.identity.resolveHandle", params={"handle": handle})
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        did = id_of(answer.fields().get("did"))
        if answer.is_success and did.startswith("did:"):
            return mention_feature(did)
        return None if answer.is_success or answer.status in (400, 404) else self._login.trouble(answer)

    def _reply(self, part: PartToSend) -> dict[str, Any] | Rejected | Unauthorized | Unavailable | None:
        if part.root is None or part.parent is None:
            return None
        references = {}
        for name, receipt in (("root", part.root), ("parent", part.parent)):
            found = self._reference(receipt)
            if isinstance(found, Rejected | Unauthorized | Unavailable):
                return found
            references[name] = found
        return references

    def _reference(self, receipt: Receipt) -> dict[str, str] | Rejected | Unauthorized | Unavailable:
        """Address and CID of an earlier part; read back when a person gave its address in place of a receipt."""
        if {"uri", "cid"} <= receipt.extra.keys():
            return {name: str(receipt.extra[name]) for name in ("uri", "cid")}
        place = place_of(receipt.id)
        if place is None:
            return Rejected(f"the part before this one is no post on Bluesky: {receipt.id}")
        answer = self._get(*place)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        found = receipt_of(answer.fields(), receipt.at) if answer.is_success else None
        if found is not None:
            return {name: str(value) for name, value in found.extra.items()}
        if error_of(answer) == "RecordNotFound":
            return Rejected("the part before this one is gone")
        return self._login.trouble(answer)

    def _get(self, repo: str, rkey: str) -> Answer | Unauthorized | Unavailable:
        params = {"repo": repo, "collection": COLLECTION, "rkey": rkey}
        return self._login.ask("GET", f"{_REPO}.getRecord", params=params)

    def _published(self, answer: Answer, part: PartToSend) -> Outcome:
        words, error = self._login.words(answer), error_of(answer)
        if answer.is_success:
            receipt = receipt_of(answer.fields(), self._clock.now())
            return receipt or InDoubt("the server took the post, and its answer can't be read")
        if error == "InvalidSwap":
            return self._compared(part)
        if answer.status == 429:
            return Unavailable(words, rate_reset(answer.headers, self._clock.now()))
        if error in REFUSED | STALE or answer.status == 401:
            return Unauthorized(words)
        return self._refused(answer, words)

    def _refused(self, answer: Answer, words: str) -> Rejected | Unauthorized | InDoubt:
        error = error_of(answer)
        if answer.status == 413:
            return Rejected(words)
        if answer.status == 403 and error == "AccountNotFound":
            return Unauthorized(words)
        if answer.status == 400 and (error in BLUESKY_NAMES or is_refusal(BLUESKY, 400, words)):
            return Rejected(words)
        return InDoubt(words)

    def _compared(self, part: PartToSend) -> Receipt | InDoubt:
        """Something has the key of this post: this post, from an earlier attempt, or else a person must look."""
        found = self.look(part)
        if isinstance(found, Receipt):
            return found
        return InDoubt("a record under its key was there and is gone" if isinstance(found, Absent) else found.reason)


def connect(
    options: BlueskyOptions,
    secrets: Mapping[str, str],
    clock: Clock,
    folder: Path | None,
    account: str,
    network: Network | None = None,
) -> BlueskyAdapter:
    """The adapter of one account; its session is kept under `folder`."""
    from .http import HttpSession

    password = secrets["app_password"]
    session = HttpSession(clock, options.server, [password], network=network)
    login = BlueskyLogin(session, options.handle, password, clock, TokenStore(folder, account))
    return BlueskyAdapter(session, login, clock)
