"""A Bluesky PDS in a box: sessions that run out, records under keys that the client chooses, blobs, points to spend."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ..post.profile import Profile
from ..text import graphemes
from .base import ACCOUNT, FakePlatform, PostedImage, PublishedPost, Quota, Spent, route
from .http_messages import Answer, RefusedError, Request

POST = "app.bsky.feed.post"
UPLOAD_BYTES = 5_242_880
THUMB_BYTES = 1_000_000
LOGIN = Quota("createSession", 30, timedelta(minutes=5))
CALLS = Quota("calls", 3000, timedelta(minutes=5))
UPLOADS = Quota("uploadBlob", 1000, timedelta(days=1))
POINTS, POINTS_FOR = 5000, timedelta(hours=1)
ACCESS_LIFE = timedelta(hours=2)
REFRESH_LIFE = timedelta(days=90)
GRACE = timedelta(hours=2)
"""An exchanged refresh token gives the same successor for this long."""
_UPDATE, _DELETE = 2, 1
_UNTOLD = ("AuthMissing", "InvalidToken", "ExpiredToken", "PayloadTooLarge")
_VALID = {"validationStatus": "valid"}
_SERVER, _REPO = "/xrpc/com.atproto.server.", "/xrpc/com.atproto.repo."
_KEY = r"[A-Za-z0-9._:~-]{1,512}"
_TID = r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}"
_TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


class _Text(NamedTuple):
    """A text of the schema: so many bytes of UTF-8, and so many graphemes at the most."""

    bytes: int
    graphemes: int


_FORMATS = {
    "AT-URI": r"at://[\w.:%-]+/[\w.-]+/[\w.:~-]+",
    "CID": r"b[a-z2-7]{40,}",
    "DID": r"did:[a-z]+:[A-Za-z0-9._:%-]+",
    "URI": r"(?i)[a-z][a-z0-9.+-]*:\S+",
    "language": r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*",
    "datetime": r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[+-]\d{2}:\d{2})",
}
_REFERENCE = {"uri!": "AT-URI", "cid!": "CID"}
_INDEX = {"byteStart!": "natural", "byteEnd!": "natural"}
_POST_SCHEMA = {
    "text!": _Text(3000, 300),
    "createdAt!": "datetime",
    "langs": [3, "language"],
    "facets": [1000, {"index!": _INDEX, "features!": [1000, {"did": "DID", "uri": "URI", "tag": _Text(640, 64)}]}],
    "reply": {"root!": _REFERENCE, "parent!": _REFERENCE},
    "embed": {
        "images": [4, {"alt!": None, "image!": "blob"}],
        "external": {"uri!": None, "title!": None, "description!": None, "thumb": "thumb"},
    },
}
"""The schema of app.bsky.feed.post: a list has at the most so many of one kind, and an object must have what ends in `!`.

Ranges of facets are not checked, nor whether what is replied to exists.
"""


class FakeBluesky(FakePlatform):
    """A platform in a box, see FakePlatform.

    Knobs: `blob_bytes` (2,000,000 since 2026; older servers enforce 1,000,000), `handles` (more handles than the
    accounts', to DIDs), `points` (5000 an hour to write with).
    """

    platform = "bluesky"
    rate_prefix = "ratelimit-"

    def __init__(self, *, login: Quota = LOGIN, **settings: Any) -> None:
        super().__init__(**settings)
        self.blob_bytes = 2_000_000
        self.handles: dict[str, str] = {}
        self.points = POINTS
        self.login = login
        self.sessions = Sessions(self.clock.now)
        self._records: dict[str, PublishedPost] = {}
        self._blobs: dict[str, PostedImage] = {}

    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        return {"server": self.url, "handle": f"{account}.test", "app_password": f"{account}-password"}

    def follow(self, profile: Profile) -> None:
        self.blob_bytes = profile.image_bytes

    def did(self, account: str = ACCOUNT) -> str:
        return "did:plc:" + _base32(hashlib.sha256(account.encode()).digest())[:24]

    def account_of(self, request: Request) -> str:
        """The DID of an account."""
        return self.sessions.claims(request.bearer, "access").did

    def not_found(self, request: Request) -> Answer:
        if request.path.startswith("/xrpc/app.bsky."):
            return _refusal(502, "UpstreamFailure", "Upstream Failure").answer
        return _refusal(501, "MethodNotImplemented", "Method Not Implemented").answer

    def no_json(self) -> RefusedError:
        return _invalid("Wrong request encoding (Content-Type): the body is no JSON object")

    def expired(self, request: Request) -> Answer:
        """Really ends every access token, and answers with what that leads to."""
        self.sessions.expire()
        return self.carry_out(request)

    def too_many(self, headers: Mapping[str, str]) -> Answer:
        return Answer.json({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, headers)

    def rate_headers(self, spent: Spent) -> dict[str, str]:
        policy = {"ratelimit-policy": f"{spent.quota.calls};w={int(spent.quota.period.total_seconds())}"}
        return super().rate_headers(spent) | policy | ({"retry-after": str(spent.wait)} if spent.wait else {})

    @property
    def _points(self) -> Quota:
        return Quota("points", self.points, POINTS_FOR)

    def answer(self, request: Request) -> Answer:
        try:
            spent = self.spend("everybody", CALLS)
        except RefusedError as refused:
            return refused.answer
        answer = super().answer(request)
        if any(f'"{name}"'.encode() in answer.body for name in _UNTOLD):
            return answer
        return replace(answer, headers={**self.rate_headers(spent), **answer.headers})

    def _handle(self, did: str) -> str:
        return next(f"{name}.test" for name in self.accounts if self.did(name) == did)

    def _as_session(self, did: str) -> dict[str, Any]:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return {"did": did, "handle": self._handle(did), "didDoc": {"id": did, "service": [service]}, "active": True}

    @route("POST", f"{_SERVER}createSession")
    def _create_session(self, request: Request) -> Any:
        asked = self.asked(request)
        identifier = str(asked.get("identifier", "")).removeprefix("@").lower()
        headers = self.rate_headers(self.spend(identifier, self.login))
        for name in self.accounts:
            did = self.did(name)
            if identifier in (f"{name}.test", did) and asked.get("password") == f"{name}-password":
                return Answer.json({**self.sessions.make(did), **self._as_session(did)}, headers=headers)
        raise _refusal(401, "AuthenticationRequired", "Invalid identifier or password")

    @route("POST", f"{_SERVER}refreshSession")
    def _refresh_session(self, request: Request) -> Any:
        did, pair = self.sessions.refresh(request.bearer)
        return {**pair, **self._as_session(did)}

    @route("GET", f"{_SERVER}getSession")
    def _get_session(self, request: Request) -> Any:
        return self._as_session(self.account_of(request))

    @route("GET", "/xrpc/com.atproto.identity.resolveHandle")
    def _resolve_handle(self, request: Request) -> Any:
        known = {f"{name}.test": self.did(name) for name in self.accounts} | self.handles
        did = known.get(request.args.get("handle", "").lower())
        if did is None:
            raise _invalid("Unable to resolve handle")
        return {"did": did}

    @route("POST", f"{_REPO}uploadBlob")
    def _upload_blob(self, request: Request) -> Any:
        did = self.account_of(request)
        if len(request.body) > UPLOAD_BYTES:
            raise _refusal(413, "PayloadTooLarge", "request entity too large")
        self.spend(did, UPLOADS)
        cid, kind, size = cid_of_blob(request.body), request.mimetype or "application/octet-stream", len(request.body)
        self.uploads.append(request.body)
        self._blobs[cid] = PostedImage(alt="", media_type=kind, size=size)
        return {"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": size}}

    @route("POST", f"{_REPO}putRecord")
    def _put_record(self, request: Request) -> Any:
        """`swapRecord: null` means: only if there is none. An identical record is a success without a commit."""
        did, uri, record = self._write(request)
        known = self._records.get(uri)
        at = known.extra["cid"] if known else None
        if at == _cid_of_record(record):
            return {"uri": uri, "cid": at, **_VALID}
        if request.json().get("swapRecord", at) != at:
            raise _refusal(400, "InvalidSwap", f"Record was at {at}")
        self.spend(did, self._points, _UPDATE)
        return self._commit(did, uri, record)

    def _write(self, request: Request) -> tuple[str, str, dict[str, Any]]:
        """What a write asks for, checked: the account it is for, the address, and the record."""
        did, asked = self._of_repository(request)
        collection, record = asked.get("collection"), asked.get("record")
        if not isinstance(collection, str) or not isinstance(record, dict):
            raise _invalid("Input must have the property collection and record")
        if collection == POST:
            if record.get("$type") != POST:
                raise _invalid(f"Invalid $type: expected {POST}, got {record.get('$type')}")
            self._check(record, _POST_SCHEMA, "record")
        return did, _uri(did, collection, _checked_key(asked.get("rkey"))), record

    def _of_repository(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Who writes, and what is asked: everybody writes to their own repository alone."""
        did, asked = self.account_of(request), self.asked(request)
        if str(asked.get("repo")) not in (did, self._handle(did)):
            raise _refusal(403, "AccountNotFound", "Account not found")
        return did, asked

    def _check(self, value: Any, rule: Any, path: str) -> None:
        """Refuse what a schema refuses."""
        match rule:
            case _Text():
                _expect(str, "string", value, path)
                _count("string", rule.bytes, len(value.encode()), path)
                _count("grapheme", rule.graphemes, graphemes.count(value), path)
            case [most, kind]:
                _expect(list, "array", value, path)
                _count("array", most, len(value), path)
                for index, one in enumerate(value):
                    self._check(one, kind, f"{path}[{index}]")
            case dict():
                _expect(dict, "object", value, path)
                for name, kind in rule.items():
                    key = name.removesuffix("!")
                    if key in value:
                        self._check(value[key], kind, f"{path}.{key}")
                    elif name != key:
                        raise _wrong(f'Missing required key "{key}"', path)
            case str():
                self._check_form(value, rule, path)

    def _check_form(self, value: Any, rule: str, path: str) -> None:
        if rule in ("blob", "thumb"):
            self._check_blob(value, self.blob_bytes if rule == "blob" else THUMB_BYTES, path)
        elif rule == "natural":
            if not isinstance(value, int) or value < 0:
                raise _wrong(f"integer too small (minimum 0, got {value})", path)
        elif not isinstance(value, str) or not re.fullmatch(_FORMATS[rule], value):
            raise _wrong(f'Invalid {rule} (got "{value}")', path)

    def _check_blob(self, value: Any, most: int, path: str) -> None:
        reference = value.get("ref") if isinstance(value, dict) else None
        cid = reference.get("$link") if isinstance(reference, dict) else None
        if cid is None:
            raise _wrong("Expected blob value type", path)
        if cid not in self._blobs:
            raise _refusal(400, "BlobNotFound", f"Could not find blob: {cid}")
        _count("blob", most, self._blobs[cid].size, path)

    def _commit(self, did: str, uri: str, record: dict[str, Any]) -> dict[str, Any]:
        cid = _cid_of_record(record)
        self.deleted.discard(uri)
        images = (record.get("embed") or {}).get("images", ())
        self._records[uri] = self.commit(
            account=self._handle(did).removesuffix(".test"),
            id=uri,
            text=record.get("text", ""),
            languages=tuple(record.get("langs", ())),
            images=tuple(replace(self._blobs[one["image"]["ref"]["$link"]], alt=one["alt"]) for one in images),
            reply_to=record.get("reply", {}).get("parent", {}).get("uri"),
            extra={"cid": cid, "record": record},
        )
        return {"uri": uri, "cid": cid, "commit": {"cid": cid, "rev": self.next_id()}, **_VALID}

    @route("POST", f"{_REPO}deleteRecord")
    def _delete_record(self, request: Request) -> Any:
        did, asked = self._of_repository(request)
        uri = _uri(did, str(asked.get("collection")), str(asked.get("rkey")))
        if self._records.pop(uri, None) is not None:
            self.spend(did, self._points, _DELETE)
            self.deleted.add(uri)
        return {}

    @route("GET", f"{_REPO}getRecord")
    def _get_record(self, request: Request) -> Any:
        uri = _uri(*(request.args.get(name, "") for name in ("repo", "collection", "rkey")))
        if uri not in self._records:
            raise _refusal(400, "RecordNotFound", f"Could not locate record: {uri}")
        return self._as_read(uri)

    @route("GET", f"{_REPO}listRecords")
    def _list_records(self, request: Request) -> Any:
        """In the order of their keys, the highest first; times do not count."""
        asked = request.args
        place = _uri(asked.get("repo", ""), asked.get("collection", ""), "")
        below = place + asked.get("cursor", "~")
        found = sorted((uri for uri in self._records if place < uri < below), reverse=True)
        shown = found[: max(1, min(asked.get("limit", 50, int), 100))]
        cursor = {"cursor": shown[-1].removeprefix(place)} if shown else {}
        return {"records": list(map(self._as_read, shown)), **cursor}

    def _as_read(self, uri: str) -> dict[str, Any]:
        found = self._records[uri].extra
        return {"uri": uri, "cid": found["cid"], "value": found["record"]}

    def next_id(self) -> str:
        """A TID of now."""
        number = int(self.clock.now().timestamp() * 1_000_000) << 10 | len(self.journal) % 1024
        return "".join(_TID_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))


@dataclass(slots=True, kw_only=True)
class _Token:
    did: str
    scope: str
    ends_at: datetime
    successors: dict[str, str] | None = None


class Sessions:
    """Makes and checks tokens: for access, and refresh tokens that are good for one exchange. `now` is their clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._tokens: dict[str, _Token] = {}

    def make(self, did: str) -> dict[str, str]:
        """A fresh pair of tokens."""
        lives = {"access": ACCESS_LIFE, "refresh": REFRESH_LIFE}
        random = secrets.token_urlsafe
        pair = {f"{scope}Jwt": f"{scope}.{random(60)}.{random(30)}" for scope in lives}
        for (scope, life), token in zip(lives.items(), pair.values(), strict=True):
            self._tokens[token] = _Token(did=did, scope=scope, ends_at=self._now() + life)
        return pair

    def expire(self) -> None:
        """Every access token of before now has run out; refresh tokens have not."""
        for token in self._tokens.values():
            if token.scope == "access":
                token.ends_at = self._now()

    def claims(self, token: str | None, scope: str) -> _Token:
        """What a token says; raises RefusedError as the PDS does: a bad or expired one is a 400."""
        if token is None:
            raise _refusal(401, "AuthMissing", "Authentication Required")
        known = self._tokens.get(token)
        if known is None or known.scope != scope:
            raise _refusal(400, "InvalidToken", "Token could not be verified")
        if self._now() >= known.ends_at:
            raise _refusal(400, "ExpiredToken", "Token has expired")
        return known

    def refresh(self, token: str | None) -> tuple[str, dict[str, str]]:
        """Exchange a refresh token: the DID and the pair that follows it."""
        known = self.claims(token, "refresh")
        if known.successors is None:
            known.ends_at, known.successors = self._now() + GRACE, self.make(known.did)
        return known.did, known.successors


def _expect(kind: type, name: str, value: Any, path: str) -> None:
    if not isinstance(value, kind):
        raise _wrong(f"Expected {name} value type", path)


def _count(what: str, most: int, found: int, path: str) -> None:
    if found > most:
        raise _wrong(f"{what} too big (maximum {most}, got {found})", path)


def _checked_key(key: Any) -> str:
    """A record key that posts may have: a TID."""
    if not isinstance(key, str) or not re.fullmatch(_KEY, key) or key in (".", ".."):
        raise _invalid("Invalid record key")
    if not re.fullmatch(_TID, key):
        raise _invalid("Invalid TID string")
    return key


def _refusal(status: int, name: str, message: str) -> RefusedError:
    return RefusedError(Answer.json({"error": name, "message": message}, status))


def _invalid(message: str) -> RefusedError:
    return _refusal(400, "InvalidRequest", message)


def _wrong(message: str, path: str) -> RefusedError:
    return _invalid(f"Invalid {POST} record: {message} at $.{path}")


def _uri(did: str, collection: str, key: str) -> str:
    return f"at://{did}/{collection}/{key}"


def _cid_of_record(record: Mapping[str, Any]) -> str:
    """A CID over the record. Made of its JSON and not of DAG-CBOR: as good for telling records apart."""
    return _cid(b"\x71", json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def cid_of_blob(data: bytes) -> str:
    return _cid(b"\x55", data)


def _cid(codec: bytes, content: bytes) -> str:
    return "b" + _base32(b"\x01" + codec + b"\x12\x20" + hashlib.sha256(content).digest())


def _base32(data: bytes) -> str:
    return b32encode(data).decode().lower().rstrip("=")
