"""Bluesky: profile, options, and an adapter that chooses each record's key, so that a repeat can't make a twin.

Facts: the lexicons of app.bsky.feed.post and com.atproto.repo, and what a real PDS answered: `putRecord` with
`swapRecord: null` creates or, for the identical record, does nothing; another record under the key is `InvalidSwap`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..campaign.campaign import Model
from ..campaign.config import Secret
from ..clock import Clock
from ..post.profile import Profile
from ..text.entity import Entity
from ..text.measure import entities
from .base import (
    Absent,
    AccountLimits,
    Identity,
    InDoubt,
    Look,
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
from .session import Answer, Failed, HttpSession, rate_reset
from .tid import tid_of
from .tokens import TokenStore

COLLECTION = "app.bsky.feed.post"
STALE = frozenset({"ExpiredToken", "InvalidToken"})
REFUSED_SIGN_IN = frozenset(
    {"AuthMissing", "AuthenticationRequired", "AccountTakedown", "AuthFactorTokenRequired", "AccountDeactivated"}
)


class BlueskyOptions(Model):
    """What the config says of a Bluesky account."""

    handle: str
    app_password: Secret
    server: str = "https://bsky.social"


def profile(options: Model | None = None) -> Profile:
    """300 graphemes and 3000 bytes, four images; 1,000,000 bytes an image, for older servers still enforce that."""
    return Profile(
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
    )


class BlueskyAdapter:
    """One account on its PDS."""

    reconciliation = Reconciliation.CHOSEN_ID
    # A PDS reads its own writes: a record that is not there two minutes later will not come.
    absence_after: timedelta | None = timedelta(minutes=2)

    def __init__(
        self, session: HttpSession, options: BlueskyOptions, password: str, clock: Clock, store: TokenStore
    ) -> None:
        self._session = session
        self._options = options
        self._password = password
        self._clock = clock
        self._store = store

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """getSession; the id is the DID, which stays when the handle changes."""
        answer = self._ask("GET", "com.atproto.server.getSession")
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        found = answer.json()
        if answer.is_success and isinstance(found, dict) and found.get("did"):
            handle = str(found.get("handle", self._options.handle))
            return Identity(id=str(found["did"]), name=f"@{handle}", url=f"https://bsky.app/profile/{handle}")
        return self._trouble(answer)

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """uploadBlob; the same bytes give the same reference."""
        answer = self._ask(
            "POST", "com.atproto.repo.uploadBlob", data=media.data, headers={"Content-Type": media.media_type}
        )
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        found = answer.json()
        if answer.is_success and isinstance(found, dict) and isinstance(found.get("blob"), dict):
            return Uploaded({"blob": found["blob"]})
        if answer.status in (400, 413):
            return Rejected(f"the image was refused: {self._words(answer)}")
        return self._trouble(answer)

    def publish(self, part: PartToSend) -> Outcome:
        """PutRecord under a key of our own, only if nothing is there."""
        record = self._record(part)
        if isinstance(record, Unauthorized | Unavailable):
            return record
        signed_in = self._tokens()
        if not isinstance(signed_in, dict):
            return signed_in
        rkey = tid_of(part.token, part.due_at)
        body = {"repo": signed_in["did"], "collection": COLLECTION, "rkey": rkey, "record": record, "swapRecord": None}
        answer = self._signed_publish(body, signed_in)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason) if answer.before_sending else InDoubt(answer.reason)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        return self._published(answer, part, rkey)

    def look(self, part: PartToSend) -> Look:
        """GetRecord under the key that the post would have."""
        signed_in = self._tokens()
        if not isinstance(signed_in, dict):
            return signed_in
        params = {"repo": signed_in["did"], "collection": COLLECTION, "rkey": tid_of(part.token, part.due_at)}
        answer = self._ask("GET", "com.atproto.repo.getRecord", params=params)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        found = answer.json()
        if answer.is_success and isinstance(found, dict) and isinstance(found.get("value"), dict):
            if _is_ours(found["value"], part):
                return self._receipt(found)
            return Unavailable("another record has the key of this post")
        if _error(answer) == "RecordNotFound":
            return Absent()
        return self._trouble(answer)

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """deleteRecord, which is content when there is nothing to delete."""
        repo, collection, rkey = receipt.id.removeprefix("at://").split("/")
        body = {"repo": repo, "collection": collection, "rkey": rkey}
        answer = self._ask("POST", "com.atproto.repo.deleteRecord", json=body)
        if isinstance(answer, Unauthorized | Unavailable):
            return answer
        return None if answer.is_success else self._trouble(answer)

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """The lexicon's; a server has none of its own."""
        return AccountLimits(profile=profile())

    def close(self) -> None:
        """End a call in flight."""
        self._session.close()

    def _record(self, part: PartToSend) -> dict[str, Any] | Unauthorized | Unavailable:
        facets = self._facets(part.text)
        if not isinstance(facets, list):
            return facets
        record: dict[str, Any] = {
            "$type": COLLECTION,
            "text": part.text,
            "createdAt": part.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "langs": list(part.languages[:3]),
        }
        if facets:
            record["facets"] = facets
        embed = _embed(part)
        if embed is not None:
            record["embed"] = embed
        if part.root is not None and part.parent is not None:
            record["reply"] = {"root": _reference(part.root), "parent": _reference(part.parent)}
        return record

    def _facets(self, text: str) -> list[dict[str, Any]] | Unauthorized | Unavailable:
        """Links, hashtags and mentions with UTF-8 byte offsets; a handle that nobody has is no mention."""
        found = []
        for entity in entities(text, "bluesky"):
            feature = self._feature(entity)
            if isinstance(feature, Unauthorized | Unavailable):
                return feature
            if feature is not None:
                found.append({"index": byte_range(text, entity), "features": [feature]})
        return found

    def _feature(self, entity: Entity) -> dict[str, str] | Unauthorized | Unavailable | None:
        kind = "app.bsky.richtext.facet"
        match entity.type:
            case "hashtag":
                return {"$type": f"{kind}#tag", "tag": entity.text[1:]}
            case "url":
                uri = entity.text if "://" in entity.text else f"https://{entity.text}"
                return {"$type": f"{kind}#link", "uri": uri}
            case "mention":
                answer = self._ask("GET", "com.atproto.identity.resolveHandle", params={"handle": entity.text[1:]})
                if isinstance(answer, Unauthorized | Unavailable):
                    return answer
                found = answer.json()
                did = found.get("did") if answer.is_success and isinstance(found, dict) else None
                if did is None and answer.status >= 500:
                    return self._trouble(answer)
                return {"$type": f"{kind}#mention", "did": str(did)} if did else None
        return None

    def _published(self, answer: Answer, part: PartToSend, rkey: str) -> Outcome:
        words, error = self._words(answer), _error(answer)
        found = answer.json()
        if answer.is_success:
            if isinstance(found, dict) and found.get("uri") and found.get("cid"):
                return self._receipt(found)
            return InDoubt("the server's answer can't be read")
        if error == "InvalidSwap":
            return self._compare(part)
        if error in REFUSED_SIGN_IN or answer.status in (401, 403):
            return Unauthorized(words)
        if answer.status == 429:
            return Unavailable(words, rate_reset(answer.headers, self._clock.now()))
        if error == "BlobNotFound":
            # Uploads that nobody used are collected after a while: the next attempt uploads again.
            return Unavailable(words)
        if 400 <= answer.status < 500:
            return Rejected(words)
        return InDoubt(words)

    def _compare(self, part: PartToSend) -> Outcome:
        found = self.look(part)
        if isinstance(found, Receipt):
            return found
        reason = "there is another record under its key" if isinstance(found, Absent) else found.reason
        return InDoubt(reason)

    def _receipt(self, found: Mapping[str, Any]) -> Receipt:
        uri, cid = str(found["uri"]), str(found["cid"])
        repo, _, rkey = uri.removeprefix("at://").split("/")
        return Receipt(
            id=uri,
            url=f"https://bsky.app/profile/{repo}/post/{rkey}",
            at=self._clock.now(),
            extra={"uri": uri, "cid": cid},
        )

    def _signed_publish(
        self, body: Mapping[str, Any], tokens: Mapping[str, str]
    ) -> Answer | Failed | Unauthorized | Unavailable:
        """The publishing call; a stale token is refused before anything is done, so one repeat with a new one is safe."""
        path = "/xrpc/com.atproto.repo.putRecord"
        answer = self._call("POST", path, tokens, json=body, fresh=True)
        if isinstance(answer, Answer) and _error(answer) in STALE:
            fresh = self._refreshed(tokens)
            if not isinstance(fresh, dict):
                return fresh
            answer = self._call("POST", path, fresh, json=body, fresh=True)
        return answer

    def _ask(self, method: str, name: str, **kwargs: Any) -> Answer | Unauthorized | Unavailable:
        """Any call but the publishing one: safe to repeat, so a stale token is refreshed once."""
        tokens = self._tokens()
        if not isinstance(tokens, dict):
            return tokens
        answer = self._call(method, f"/xrpc/{name}", tokens, **kwargs)
        if isinstance(answer, Answer) and _error(answer) in STALE:
            fresh = self._refreshed(tokens)
            if not isinstance(fresh, dict):
                return fresh
            answer = self._call(method, f"/xrpc/{name}", fresh, **kwargs)
        return Unavailable(answer.reason) if isinstance(answer, Failed) else answer

    def _call(self, method: str, path: str, tokens: Mapping[str, str], **kwargs: Any) -> Answer | Failed:
        headers = {**kwargs.pop("headers", {}), "Authorization": f"Bearer {tokens['access']}"}
        server = tokens.get("server") or self._session.base_url
        if server != self._session.base_url and not self._session.allow(server):
            server = self._session.base_url
        return self._session.call(method, f"{server}{path}", headers=headers, **kwargs)

    def _tokens(self) -> dict[str, str] | Unauthorized | Unavailable:
        tokens = self._store.load()
        if tokens.get("handle") == self._options.handle and tokens.get("access"):
            self._keep_secret(tokens)
            return tokens
        with self._store.locked():
            tokens = self._store.load()
            if tokens.get("handle") == self._options.handle and tokens.get("access"):
                self._keep_secret(tokens)
                return tokens
            return self._sign_in()

    def _refreshed(self, stale: Mapping[str, str]) -> dict[str, str] | Unauthorized | Unavailable:
        """New tokens by the refresh token, else by the app password; whoever waited for the lock takes what is there."""
        with self._store.locked():
            tokens = self._store.load()
            if tokens.get("access") and tokens.get("access") != stale["access"]:
                self._keep_secret(tokens)
                return tokens
            headers = {"Authorization": f"Bearer {stale.get('refresh', '')}"}
            answer = self._session.call("POST", "/xrpc/com.atproto.server.refreshSession", headers=headers)
            if isinstance(answer, Failed):
                return Unavailable(answer.reason)
            return self._saved(answer) if answer.is_success else self._sign_in()

    def _sign_in(self) -> dict[str, str] | Unauthorized | Unavailable:
        body = {"identifier": self._options.handle, "password": self._password}
        answer = self._session.call("POST", "/xrpc/com.atproto.server.createSession", json=body)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason)
        return self._saved(answer) if answer.is_success else self._trouble(answer)

    def _saved(self, answer: Answer) -> dict[str, str] | Unavailable:
        found = answer.json()
        if not isinstance(found, dict) or not all(found.get(name) for name in ("accessJwt", "refreshJwt", "did")):
            return Unavailable("the server's answer to the sign-in can't be read")
        tokens = {
            "handle": self._options.handle,
            "did": str(found["did"]),
            "access": str(found["accessJwt"]),
            "refresh": str(found["refreshJwt"]),
            "server": _own_server(found) or self._session.base_url,
        }
        self._keep_secret(tokens)
        self._store.save(tokens)
        return tokens

    def _keep_secret(self, tokens: Mapping[str, str]) -> None:
        for name in ("access", "refresh"):
            self._session.redact.add(tokens.get(name, ""))

    def _trouble(self, answer: Answer) -> Unauthorized | Unavailable:
        if answer.status in (401, 403) or _error(answer) in REFUSED_SIGN_IN | STALE:
            return Unauthorized(self._words(answer))
        return Unavailable(self._words(answer), rate_reset(answer.headers, self._clock.now()))

    def _words(self, answer: Answer) -> str:
        found = answer.json()
        words = f"{found.get('error')}: {found.get('message', '')}" if isinstance(found, dict) else "no reason given"
        return self._session.redact(f"{words} (HTTP {answer.status})")


def byte_range(text: str, entity: Entity) -> dict[str, int]:
    """Where an entity stands in the text's UTF-8 bytes, end exclusive."""
    start = len(text[: entity.start].encode())
    return {"byteStart": start, "byteEnd": start + len(text[entity.start : entity.end].encode())}


def _embed(part: PartToSend) -> dict[str, Any] | None:
    """Images, or the card of a link: a record has room for one of them."""
    card_image = part.card["image"] if part.card else None
    images = [media for position, media in enumerate(part.media) if position != card_image]
    if images:
        return {"$type": "app.bsky.embed.images", "images": [_image(media) for media in images]}
    if part.card is None:
        return None
    external: dict[str, Any] = {
        "uri": part.card["url"],
        "title": part.card["title"],
        "description": part.card["description"],
    }
    if card_image is not None:
        external["thumb"] = (part.media[card_image].upload or {})["blob"]
    return {"$type": "app.bsky.embed.external", "external": external}


def _image(media: Media) -> dict[str, Any]:
    return {
        "alt": media.alt,
        "image": (media.upload or {})["blob"],
        "aspectRatio": {"width": media.width, "height": media.height},
    }


def _reference(receipt: Receipt) -> dict[str, str]:
    return {"uri": str(receipt.extra["uri"]), "cid": str(receipt.extra["cid"])}


def _is_ours(record: Mapping[str, Any], part: PartToSend) -> bool:
    """The same words written at the same moment: another post can't have both under our key."""
    try:
        created_at = datetime.fromisoformat(str(record.get("createdAt")).replace("Z", "+00:00"))
    except ValueError:
        return False
    same_moment = abs((created_at - part.created_at).total_seconds()) < 1
    return record.get("text") == part.text and same_moment


def _error(answer: Answer) -> str:
    found = answer.json()
    return str(found.get("error", "")) if isinstance(found, dict) and not answer.is_success else ""


def _own_server(found: Mapping[str, Any]) -> str | None:
    """The account's own PDS, as its DID document names it."""
    services = (found.get("didDoc") or {}).get("service") or []
    for service in services:
        if isinstance(service, dict) and service.get("type") == "AtprotoPersonalDataServer":
            parts = urlsplit(str(service.get("serviceEndpoint", "")))
            return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None
    return None


def connect(
    options: BlueskyOptions, secrets: Mapping[str, str], clock: Clock, folder: Path | None, account: str
) -> BlueskyAdapter:
    """The adapter of one account; its session is kept under `folder`."""
    password = secrets["app_password"]
    session = HttpSession(clock, options.server, [password])
    return BlueskyAdapter(session, options, password, clock, TokenStore(folder, account))
