"""Bluesky: chooses each record's key, so that a repeat can't make a twin.

Facts: the lexicons of app.bsky.feed.post and com.atproto.repo, and what a real PDS answered: `putRecord` with
`swapRecord: null` creates or, for the identical record, does nothing; another record under the key is `InvalidSwap`.
createSession is limited to 30 in five minutes, so a session serves every process; stale tokens are answered with
400 ExpiredToken or InvalidToken, before anything is done.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

from ..campaign.campaign import Model
from ..campaign.config import Secret
from ..campaign.kinds import FieldError, One
from ..clock import rfc3339
from ..errors import shown
from ..post.profile import Profile, Quota
from ..text.measure import Entity, entities
from .answers import Answer, Failed, as_fields, id_of, instant_of, listed
from .base import LOOK_BACK
from .outcomes import (
    Absent,
    Identity,
    InDoubt,
    Look,
    Media,
    Outcome,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    RemotePost,
    Stop,
    Unavailable,
)
from .reasons import saying
from .tokens import SignedInPlatform, Tokens
from .url_safety import Server, is_loopback

COLLECTION = "app.bsky.feed.post"
MOST_LANGUAGES, PAGE = 3, 100
LONGEST_BLOB = 2000
"""Characters of a reference to an upload; a server's is about two hundred."""
_SERVER, _REPO, _FACET = "com.atproto.server", "com.atproto.repo", "app.bsky.richtext.facet"
_AT_URI = r"at://(?P<repo>[^/\s]+)/(?P<collection>[^/\s]+)/(?P<rkey>[^/\s?#]+)"
_WEB = r"https://[^/\s]+/profile/(?P<repo>[^/\s]+)/post/(?P<rkey>[^/\s?#]+)/?"
_EPOCH, _CLOCK_BITS = datetime(1970, 1, 1, tzinfo=UTC), 10
_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


def read_handle(value: str) -> str:
    """A handle as it is signed in with: without the @ that people see before it."""
    handle = value.strip().removeprefix("@").casefold()
    if found := re.search(r"/profile/([^/\s]+)", handle):
        raise FieldError("handle", f'"{shown(value)}" is an address, not a handle', f"Write {found[1]}")
    if "." not in handle.strip(".") and not handle.startswith("did:"):
        raise FieldError(
            "handle", f'"{shown(value)}" is no whole handle', "Write all of it, as in iom-finland.bsky.social."
        )
    return handle


class BlueskyOptions(Model):
    """What the config says of a Bluesky account."""

    handle: Annotated[str, One(read_handle)]
    app_password: Secret
    server: Server = "https://bsky.social"


class Bluesky(SignedInPlatform):
    """One account on its PDS. Its credentials go to the configured server and to the PDS that this server names."""

    name = "bluesky"
    Options = BlueskyOptions
    # 300 graphemes and 3000 bytes, four images (lexicon); 1,000,000 bytes an image, as older servers still have it.
    # docs.bsky.app (rate limits): 5,000 points an hour and 35,000 a day, a record that is made costs 3.
    profile = Profile(
        platform="bluesky",
        measure="bluesky",
        limit=300,
        unit="graphemes",
        byte_limit=3000,
        max_images=4,
        image_bytes=1_000_000,
        alt_limit=2000,
        takes_language=True,
        takes_card=True,
        shows_animations=False,
        quotas=(Quota(1666, timedelta(hours=1)), Quota(11_666, timedelta(hours=24))),
    )
    token_names = frozenset({"did", "access", "refresh", "pds"})
    stale_errors = frozenset({"ExpiredToken", "InvalidToken"})
    reconciliation = Reconciliation.CHOSEN_ID
    # A PDS reads its own writes, so what is not there was not written yet; two minutes are for a call still on its way.
    absence_after = timedelta(minutes=2)
    account_errors: ClassVar[Mapping[int | str, str]] = {
        401: "",
        **dict.fromkeys(("AuthMissing", "AuthenticationRequired", "AuthFactorTokenRequired", *stale_errors), ""),
        **dict.fromkeys(("AccountTakedown", "AccountDeactivated", "AccountNotFound"), ""),
    }
    content_errors = frozenset({"BlobNotFound", "InvalidMimeType", "InvalidSize", "InvalidRecord", "PayloadTooLarge"})
    # `InvalidRequest` is about content by its words alone: a PDS names the record, or the key of it, that it does not take.
    refusals = (
        saying(
            {400}, r"invalid (app\.bsky\.|record|tid|language|rkey|string|collection)", r"missing required", r"too big"
        ),
    )

    @classmethod
    def post_id(cls, options: BlueskyOptions, identity: str | None, address: str) -> str | None:
        """The at:// address of a post of this account; of another's there is none, for it can't be taken down from here."""
        place = place_of(address.partition("?")[0].partition("#")[0])
        if place is None:
            return None
        repo, handle = place[0].casefold(), options.handle.casefold()
        if repo.startswith("did:"):
            is_own = identity is None or repo == identity.casefold()
        else:
            # Some sign in with a mail address or their DID: then the handle is not known here.
            is_own = handle.startswith("did:") or "@" in handle or repo == handle
        if not is_own:
            return None
        return f"at://{identity or place[0]}/{COLLECTION}/{place[1]}"

    # Signing in.

    def kept_for(self) -> Tokens:
        return {"handle": self.options.handle, "server": self.http.base_url}

    def call_with(self, tokens: Tokens, method: str, path: str, **request: Any) -> Answer | Failed:
        headers = {**request.pop("headers", {}), "Authorization": f"Bearer {tokens['access']}"}
        server = tokens["pds"] if self.http.allow(tokens["pds"]) else self.http.base_url
        return self.http.call(method, f"{server}/xrpc/{path}", headers=headers, **request)

    def renew(self, tokens: Tokens) -> Tokens | None:
        answer = self._session("refreshSession", headers={"Authorization": f"Bearer {tokens['refresh']}"})
        return None if answer.status in (400, 401) else self._tokens_in(answer)

    def sign_in(self) -> Tokens:
        body = {"identifier": self.options.handle, "password": self.secrets["app_password"]}
        return self._tokens_in(self._session("createSession", json=body))

    def _session(self, name: str, **request: Any) -> Answer:
        return self.answered(self.http.call("POST", f"/xrpc/{_SERVER}.{name}", signs_in=True, **request))

    def _tokens_in(self, answer: Answer) -> Tokens:
        found = self.successful(answer).fields()
        names = {"did": "did", "access": "accessJwt", "refresh": "refreshJwt"}
        tokens = {name: str(found.get(given) or "") for name, given in names.items()}
        return {**tokens, "pds": self._pds_of(found) or self.http.base_url}

    def _pds_of(self, found: Mapping[str, Any]) -> str | None:
        """The account's own PDS, as its DID document names it: on the internet, when the server is.

        A server on this machine (a test's, or a proxy before one) is not left for what it names, nor may one on
        the internet send us to an address of this machine.
        """
        for service in listed(as_fields(found.get("didDoc")).get("service")):
            if service.get("type") == "AtprotoPersonalDataServer":
                address = str(service.get("serviceEndpoint")).rstrip("/")
                is_near = is_loopback(self.http.base_url) or is_loopback(address)
                return address if address.startswith("https://") and not is_near else None
        return None

    # Calls.

    def whoami(self) -> Identity:
        """The id is the DID, which stays when the handle changes."""
        answer = self.get(f"{_SERVER}.getSession", signs_in=True)
        found = answer.fields()
        did = self.http.redact(self.id_in(answer, found, "did"))
        handle = self.http.redact(id_of(found.get("handle")) or did)
        return Identity(id=did, name=f"@{handle}", url=f"https://bsky.app/profile/{handle}")

    def upload(self, media: Media) -> Mapping[str, Any]:
        """The same bytes give the same reference. The alt text goes into the post itself."""
        answer = self.ask("POST", f"{_REPO}.uploadBlob", data=media.data, headers={"Content-Type": media.media_type})
        blob = self.image_taken(answer).fields().get("blob")
        if isinstance(blob, dict) and len(str(blob)) <= LONGEST_BLOB:
            return {"blob": blob}
        raise Stop(self.trouble(answer))

    def send(self, part: PartToSend) -> Receipt | None:
        """Put a record under a key of our own, only if nothing is there."""
        try:
            return self._put(part)
        except Stop as stop:
            if stop.answer is None or _error_of(stop.answer) != "BlobNotFound":
                raise
        # Uploads that no post uses are collected after a while, and nothing was posted: upload again, once.
        again = tuple(replace(media, upload=self.upload(media)) for media in part.media)
        return self._put(replace(part, media=again))

    def _put(self, part: PartToSend) -> Receipt | None:
        key = {"repo": self.tokens()["did"], "collection": COLLECTION, "rkey": tid_of(part.token, part.due_at)}
        body = {**key, "record": post_record(part, self._facets(part.text), self._reply(part)), "swapRecord": None}
        answer = self.post(f"{_REPO}.putRecord", publishes=part, json=body)
        return receipt_of(answer.fields(), self.clock.now())

    def refine(self, answer: Answer, part: PartToSend, outcome: Rejected | InDoubt) -> Outcome:
        if _error_of(answer) == "InvalidSwap":
            # Something has the key of this post: this post, from an earlier attempt, or else a person must look.
            found = self.look(part)
            if isinstance(found, Receipt):
                return found
            is_gone = isinstance(found, Absent)
            return InDoubt("a record under its key was there and is gone" if is_gone else getattr(found, "reason", ""))
        return outcome

    def is_gone(self, answer: Answer) -> bool:
        return _error_of(answer) == "RecordNotFound"

    def search(self, part: PartToSend) -> Look:
        """The record under the key that the post would have; else one of its moment among those beside that key.

        After a refusal the post gets another key, and a server may have been wrong when it refused. Every key that a
        part ever had lies within a second of its due time.
        """
        did = self.tokens()["did"]
        if there := self._record((did, tid_of(part.token, part.due_at)), part.created_at):
            receipt, record = there
            if not is_ours(record, part):
                raise Stop(Unavailable("there is another record under the key of this post"))
            return receipt
        params = {"repo": did, "collection": COLLECTION, "limit": PAGE, "cursor": last_tid(part.due_at)}
        answer = self.get(f"{_REPO}.listRecords", params=params)
        records = answer.fields().get("records")
        if not isinstance(records, list):
            raise Stop(self.trouble(answer))
        ours = [receipt_of(one, part.created_at) for one in records if is_ours(as_fields(one).get("value"), part)]
        return next((one for one in ours if one is not None and one.id not in part.owned_ids), Absent())

    def since(self, part: PartToSend) -> datetime:
        """A record of ours says when it was claimed, which may be long before the attempt."""
        return min(part.created_at, part.attempted_at or part.created_at) - LOOK_BACK

    def read_post(self, post_id: str, part: PartToSend) -> RemotePost | None:
        place = place_of(post_id)
        if place is None or place[0] != self.tokens()["did"]:
            return RemotePost(Receipt(id=post_id, url="", at=part.created_at), (), None, is_ours=False)
        found = self._record(place, part.created_at)
        if found is None:
            return None
        receipt, record = found
        text, made_at = str(record.get("text") or ""), instant_of(record.get("createdAt"))
        return RemotePost(receipt, (text,), made_at, reply_to=_parent_key(record))

    def remove(self, receipt: Receipt) -> None:
        """A PDS is content when there is none."""
        body = {"repo": self.tokens()["did"], "collection": COLLECTION, "rkey": self.known_id(receipt)}
        self.post(f"{_REPO}.deleteRecord", json=body)

    def error_words(self, found: Mapping[str, Any]) -> str:
        return ": ".join(str(found[name]) for name in ("error", "message") if found.get(name))

    def id_of_part(self, receipt: Receipt) -> str | None:
        return _key_of(receipt.id)

    def _facets(self, text: str) -> list[dict[str, Any]]:
        """Links, hashtags and mentions; a handle that nobody has stays plain text."""
        found = [(entity, self._feature(entity)) for entity in entities(text, "bluesky")]
        return [facet(text, entity, feature) for entity, feature in found if feature is not None]

    def _feature(self, entity: Entity) -> dict[str, str] | None:
        match entity.type:
            case "hashtag":
                return {"$type": f"{_FACET}#tag", "tag": entity.text[1:]}
            case "url":
                has_scheme = entity.text.casefold().startswith(("http://", "https://"))
                return {"$type": f"{_FACET}#link", "uri": entity.text if has_scheme else f"https://{entity.text}"}
            case "mention":
                return self._mention(entity.text[1:])
        return None

    def _mention(self, handle: str) -> dict[str, str] | None:
        answer = self.ask("GET", "com.atproto.identity.resolveHandle", params={"handle": handle})
        did = id_of(answer.fields().get("did"))
        if answer.is_success and did.startswith("did:"):
            return {"$type": f"{_FACET}#mention", "did": did}
        if not answer.is_success and answer.status not in (400, 404):
            raise Stop(self.trouble(answer))
        return None

    def _reply(self, part: PartToSend) -> dict[str, Any] | None:
        if part.root is None or part.parent is None:
            return None
        return {"root": self._reference(part.root), "parent": self._reference(part.parent)}

    def _reference(self, receipt: Receipt) -> dict[str, str]:
        """Address and CID of an earlier part; read back when a person gave its address in place of a receipt."""
        if {"uri", "cid"} <= receipt.extra.keys():
            return {name: str(receipt.extra[name]) for name in ("uri", "cid")}
        place = place_of(receipt.id)
        if place is None:
            raise Stop(Rejected(f"the part before this one is no post on Bluesky: {receipt.id}"))
        found = self._record(place, receipt.at)
        if found is None:
            raise Stop(Rejected("the part before this one is gone"))
        return {name: str(value) for name, value in found[0].extra.items()}

    def _record(self, place: tuple[str, str], at: datetime) -> tuple[Receipt, Mapping[str, Any]] | None:
        """The record of that repository and key, with a receipt of that time; None: there is none."""
        params = {"repo": place[0], "collection": COLLECTION, "rkey": place[1]}
        answer = self.found("GET", f"{_REPO}.getRecord", params=params)
        if answer is None:
            return None
        receipt = receipt_of(answer.fields(), at)
        if receipt is None:
            raise Stop(self.trouble(answer))
        return receipt, as_fields(answer.fields().get("value"))


def _error_of(answer: Answer) -> str:
    """The name of the error in an answer, empty when it is a success or names none."""
    return "" if answer.is_success else str(answer.fields().get("error") or "")


def tid_of(token: str, due_at: datetime) -> str:
    """The TID of a dedupe token: the second it was due, with 30 bits of the token for microseconds and clock id.

    13 characters of base32-sortable, 53 bits of microseconds since 1970 and 10 of a clock id (atproto.com/specs/tid).
    """
    bits = int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big") & (1 << 30) - 1
    microseconds = _second(due_at) * 1_000_000 + (bits >> _CLOCK_BITS) % 1_000_000
    return _tid(microseconds << _CLOCK_BITS | bits & (1 << _CLOCK_BITS) - 1)


def last_tid(due_at: datetime) -> str:
    """A TID after all that posts of this time can have."""
    return _tid((_second(due_at) + 1) * 1_000_000 << _CLOCK_BITS)


def _second(due_at: datetime) -> int:
    return (due_at - _EPOCH) // timedelta(seconds=1)


def _tid(number: int) -> str:
    return "".join(_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


def post_record(part: PartToSend, facets: list[dict[str, Any]], reply: Mapping[str, Any] | None) -> dict[str, Any]:
    """The record of a part: the same for every attempt, or a repeat would not be known for one."""
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": part.text,
        "createdAt": rfc3339(part.created_at, "milliseconds"),
        "langs": list(part.languages[:MOST_LANGUAGES]),
    }
    found = {"facets": facets, "embed": _embed(part), "reply": reply}
    return record | {name: value for name, value in found.items() if value}


def facet(text: str, entity: Entity, feature: Mapping[str, str]) -> dict[str, Any]:
    """What links one piece of a text. Offsets are UTF-8 bytes, end exclusive; a PDS does not check them."""
    start = len(text[: entity.start].encode())
    end = start + len(text[entity.start : entity.end].encode())
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [dict(feature)]}


def is_ours(record: Any, part: PartToSend) -> bool:
    """The same words and images, of the same moment, in answer to the same post: no other post has all of it."""
    found = as_fields(record)
    if _parent_key(found) != _key_of(part.parent.id if part.parent else None):
        return False
    if found.get("text") != part.text or found.get("createdAt") != rfc3339(part.created_at, "milliseconds"):
        return False
    alts = [one.get("alt") for one in listed(as_fields(found.get("embed")).get("images"))]
    return alts == [media.alt for media in part.images]


def place_of(address: str) -> tuple[str, str] | None:
    """Repository and key of a post, from its at:// address or from its page on the web; None when it is neither."""
    at = re.fullmatch(_AT_URI, address)
    if at is not None:
        return (at["repo"], at["rkey"]) if at["collection"] == COLLECTION else None
    web = re.fullmatch(_WEB, address)
    return (web["repo"], web["rkey"]) if web else None


def receipt_of(found: Any, at: datetime) -> Receipt | None:
    """The receipt of a record that a server gave `uri` and `cid` for; None when it gave no post's."""
    uri, cid = str(as_fields(found).get("uri")), as_fields(found).get("cid")
    place = place_of(uri)
    if place is None or not uri.startswith("at://") or not id_of(uri) or not id_of(cid):
        return None
    url = f"https://bsky.app/profile/{place[0]}/post/{place[1]}"
    return Receipt(id=uri, url=url, at=at, extra={"uri": uri, "cid": cid})


def _key_of(address: Any) -> str | None:
    place = place_of(str(address))
    return place[1] if place else None


def _parent_key(record: Mapping[str, Any]) -> str | None:
    return _key_of(as_fields(as_fields(record.get("reply")).get("parent")).get("uri"))


def _embed(part: PartToSend) -> dict[str, Any] | None:
    """Images, or the card of a link: a record has room for one of them."""
    if part.images:
        return {"$type": "app.bsky.embed.images", "images": [_image(media) for media in part.images]}
    if part.card is None:
        return None
    external = {"uri": part.card["url"], **{name: part.card[name] for name in ("title", "description")}}
    if part.card["image"] is not None:
        external["thumb"] = _blob(part.media[part.card["image"]])
    return {"$type": "app.bsky.embed.external", "external": external}


def _image(media: Media) -> dict[str, Any]:
    return {"alt": media.alt, "image": _blob(media), "aspectRatio": {"width": media.width, "height": media.height}}


def _blob(media: Media) -> Any:
    return (media.upload or {})["blob"]
