"""A Bluesky PDS in a box: sessions that run out, records under keys that the client chooses, blobs, points to spend."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..clock import Clock
from .base import ACCOUNT, FakePlatform, PostedImage, PublishedPost, Quota, Route, Spent
from .bluesky_lexicon import (
    POST,
    check_key,
    check_post,
    cid_of_blob,
    cid_of_record,
    error,
    invalid,
    posted_images,
)
from .bluesky_sessions import Sessions
from .http_messages import Answer, RefusedError, Request

UPLOAD_BYTES = 5_242_880
LOGIN = Quota("createSession", 30, timedelta(minutes=5))
CALLS = Quota("calls", 3000, timedelta(minutes=5))
UPLOADS = Quota("uploadBlob", 1000, timedelta(days=1))
POINTS = 5000
_HOUR = timedelta(hours=1)
_CREATE, _UPDATE, _DELETE = 3, 2, 1
_UNTOLD = ("AuthMissing", "InvalidToken", "ExpiredToken", "PayloadTooLarge")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    cid: str
    value: dict[str, Any]


class FakeBluesky(FakePlatform):
    """A platform in a box, see FakePlatform.

    Knobs: `blob_bytes` (2,000,000 since 2026; older servers enforce 1,000,000), `handles` (more handles than the
    accounts', to DIDs), `points` (5000 an hour to write with).
    """

    platform = "bluesky"

    def __init__(
        self,
        *,
        accounts: Sequence[str] = (ACCOUNT,),
        port: int = 0,
        clock: Clock | None = None,
        login: Quota = LOGIN,
    ) -> None:
        super().__init__(accounts=accounts, port=port, clock=clock)
        self.blob_bytes = 2_000_000
        self.handles: dict[str, str] = {}
        self.points = POINTS
        self.login = login
        self.sessions = Sessions(self.clock.now)
        self._records: dict[tuple[str, str, str], _Record] = {}
        self._blobs: dict[str, tuple[str, int]] = {}
        self._spent_points: list[tuple[datetime, str, int]] = []

    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        return {"server": self.url, "handle": f"{account}.test", "app_password": f"{account}-password"}

    def did(self, account: str = ACCOUNT) -> str:
        digest = hashlib.sha256(account.encode()).digest()
        return "did:plc:" + b32encode(digest).decode().lower()[:24]

    def routes(self) -> tuple[Route, ...]:
        server, repository = "/xrpc/com.atproto.server.", "/xrpc/com.atproto.repo."
        return (
            Route("POST", f"{server}createSession", self._limited(self._create_session)),
            Route("POST", f"{server}refreshSession", self._limited(self._refresh_session)),
            Route("GET", f"{server}getSession", self._limited(self._get_session)),
            Route("GET", f"{server}describeServer", self._limited(self._describe_server)),
            Route("GET", "/xrpc/com.atproto.identity.resolveHandle", self._limited(self._resolve_handle)),
            Route("POST", f"{repository}createRecord", self._limited(self._create_record)),
            Route("POST", f"{repository}putRecord", self._limited(self._put_record)),
            Route("POST", f"{repository}deleteRecord", self._limited(self._delete_record)),
            Route("GET", f"{repository}getRecord", self._limited(self._get_record)),
            Route("GET", f"{repository}listRecords", self._limited(self._list_records)),
            Route("POST", f"{repository}uploadBlob", self._limited(self._upload_blob)),
        )

    def not_found(self, request: Request) -> Answer:
        if request.path.startswith("/xrpc/app.bsky."):
            return error(502, "UpstreamFailure", "Upstream Failure")
        return error(501, "MethodNotImplemented", "Method Not Implemented")

    def expired(self, request: Request) -> Answer:
        """Really ends every access token, and answers with what that leads to."""
        self.sessions.expire()
        return self.carry_out(request)

    def too_many(self, headers: Mapping[str, str]) -> Answer:
        return error(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)

    def _limited(self, act: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def limited(request: Request) -> Answer:
            spent = self.spend("everybody", CALLS)
            if spent.left < 0:
                return self.too_many({**_rate_headers(spent), "retry-after": str(spent.wait)})
            try:
                answer = act(request)
            except RefusedError as refused:
                answer = refused.answer
            if any(f'"{name}"'.encode() in answer.body for name in _UNTOLD):
                return answer
            return replace(answer, headers={**_rate_headers(spent), **answer.headers})

        return limited

    def _handle(self, did: str) -> str:
        return next(f"{name}.test" for name in self.accounts if self.did(name) == did)

    def _as_session(self, did: str) -> dict[str, Any]:
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        return {
            "did": did,
            "handle": self._handle(did),
            "didDoc": {"id": did, "service": [service]},
            "active": True,
        }

    def _create_session(self, request: Request) -> Answer:
        asked = _asked(request)
        identifier = str(asked.get("identifier", "")).removeprefix("@").lower()
        spent = self.spend(identifier, self.login)
        if spent.left < 0:
            return self.too_many({**_rate_headers(spent), "retry-after": str(spent.wait)})
        for name in self.accounts:
            if identifier in (f"{name}.test", self.did(name)) and asked.get("password") == f"{name}-password":
                did = self.did(name)
                return Answer.json({**self.sessions.make(did), **self._as_session(did)}, headers=_rate_headers(spent))
        return error(401, "AuthenticationRequired", "Invalid identifier or password")

    def _refresh_session(self, request: Request) -> Answer:
        did, pair = self.sessions.refresh(request.bearer)
        return Answer.json({**pair, **self._as_session(did)})

    def _get_session(self, request: Request) -> Answer:
        return Answer.json(self._as_session(self.sessions.did_of_access(request.bearer)))

    def _describe_server(self, request: Request) -> Answer:
        return Answer.json({"did": "did:web:localhost", "availableUserDomains": [".test"], "inviteCodeRequired": False})

    def _resolve_handle(self, request: Request) -> Answer:
        handle = request.query.get("handle", "").lower()
        known = {f"{name}.test": self.did(name) for name in self.accounts} | self.handles
        if handle not in known:
            return error(400, "InvalidRequest", "Unable to resolve handle")
        return Answer.json({"did": known[handle]})

    def _upload_blob(self, request: Request) -> Answer:
        did = self.sessions.did_of_access(request.bearer)
        if len(request.body) > UPLOAD_BYTES:
            return error(413, "PayloadTooLarge", "request entity too large")
        spent = self.spend(did, UPLOADS)
        if spent.left < 0:
            return self.too_many({**_rate_headers(spent), "retry-after": str(spent.wait)})
        cid = cid_of_blob(request.body)
        self.uploads.append(request.body)
        kind = request.content_type or "application/octet-stream"
        self._blobs[cid] = (kind, len(request.body))
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": kind, "size": len(request.body)}
        return Answer.json({"blob": blob})

    def _create_record(self, request: Request) -> Answer:
        asked, did = self._write(request)
        key = check_key(asked["rkey"]) if "rkey" in asked else self._next_key()
        if (did, asked["collection"], key) in self._records:
            return error(500, "InternalServerError", "Internal Server Error")
        self._pay(did, _CREATE)
        return self._commit(did, asked["collection"], key, asked["record"])

    def _put_record(self, request: Request) -> Answer:
        """`swapRecord: null` means: only if there is none. An identical record is a success without a commit."""
        asked, did = self._write(request)
        key = check_key(asked.get("rkey"))
        known = self._records.get((did, asked["collection"], key))
        if known is not None and known.cid == cid_of_record(asked["record"]):
            return Answer.json({"uri": _uri(did, asked["collection"], key), "cid": known.cid, **_VALID})
        if "swapRecord" in asked and asked["swapRecord"] != (known.cid if known else None):
            return error(400, "InvalidSwap", f"Record was at {known.cid if known else None}")
        self._pay(did, _UPDATE)
        return self._commit(did, asked["collection"], key, asked["record"])

    def _write(self, request: Request) -> tuple[dict[str, Any], str]:
        """What a write asks for, checked, and the account it is for."""
        did = self.sessions.did_of_access(request.bearer)
        asked = _asked(request)
        if str(asked.get("repo")) not in (did, self._handle(did)):
            raise RefusedError(error(403, "AccountNotFound", "Account not found"))
        if not isinstance(asked.get("collection"), str) or not isinstance(asked.get("record"), dict):
            raise invalid("Input must have the property collection and record")
        if asked["collection"] == POST and asked.get("validate") is not False:
            check_post(asked["record"], {cid: size for cid, (_, size) in self._blobs.items()}, self.blob_bytes)
        return asked, did

    def _commit(self, did: str, collection: str, key: str, record: dict[str, Any]) -> Answer:
        cid, uri = cid_of_record(record), _uri(did, collection, key)
        self._records[did, collection, key] = _Record(cid=cid, value=record)
        self.deleted.discard(uri)
        self.journal.append(self._posted(did, uri, cid, record))
        return Answer.json({"uri": uri, "cid": cid, "commit": {"cid": cid, "rev": self._next_key()}, **_VALID})

    def _posted(self, did: str, uri: str, cid: str, record: dict[str, Any]) -> PublishedPost:
        reply = record.get("reply") or {}
        images = posted_images(record, lambda link: self._blobs[link])
        return PublishedPost(
            account=self._handle(did).removesuffix(".test"),
            id=uri,
            text=record.get("text", ""),
            languages=tuple(record.get("langs", ())),
            images=tuple(PostedImage(alt=alt, media_type=kind, size=size) for alt, kind, size in images),
            reply_to=(reply.get("parent") or {}).get("uri"),
            at=self.clock.now(),
            extra={"cid": cid, "record": record},
        )

    def _pay(self, did: str, points: int) -> None:
        now = self.clock.now()
        self._spent_points = [entry for entry in self._spent_points if entry[0] > now - _HOUR]
        if sum(spent for _, who, spent in self._spent_points if who == did) + points > self.points:
            raise RefusedError(self.too_many({"retry-after": str(int(_HOUR.total_seconds()))}))
        self._spent_points.append((now, did, points))

    def _delete_record(self, request: Request) -> Answer:
        did = self.sessions.did_of_access(request.bearer)
        asked = _asked(request)
        if str(asked.get("repo")) not in (did, self._handle(did)):
            return error(403, "AccountNotFound", "Account not found")
        collection, key = str(asked.get("collection")), str(asked.get("rkey"))
        if self._records.pop((did, collection, key), None) is not None:
            self._pay(did, _DELETE)
            self.deleted.add(_uri(did, collection, key))
        return Answer.json({})

    def _get_record(self, request: Request) -> Answer:
        did, collection, key = (
            self._repository(request),
            request.query.get("collection", ""),
            request.query.get("rkey", ""),
        )
        found = self._records.get((did, collection, key))
        if found is None:
            return error(400, "RecordNotFound", f"Could not locate record: {_uri(did, collection, key)}")
        return Answer.json({"uri": _uri(did, collection, key), "cid": found.cid, "value": found.value})

    def _list_records(self, request: Request) -> Answer:
        """In the order of their keys, the highest first; times do not count."""
        query = request.query
        did, collection = self._repository(request), query.get("collection", "")
        newest_first = query.get("reverse") != "true"
        keys = sorted(
            (key for who, kind, key in self._records if (who, kind) == (did, collection)), reverse=newest_first
        )
        if cursor := query.get("cursor"):
            keys = [key for key in keys if (key < cursor if newest_first else key > cursor)]
        shown = keys[: max(1, min(int(query.get("limit", "50")), 100))]
        found = [(key, self._records[did, collection, key]) for key in shown]
        records = [{"uri": _uri(did, collection, key), "cid": one.cid, "value": one.value} for key, one in found]
        return Answer.json({"records": records, **({"cursor": shown[-1]} if shown else {})})

    def _repository(self, request: Request) -> str:
        repository = request.query.get("repo", "")
        return next((self.did(name) for name in self.accounts if repository == f"{name}.test"), repository)

    def _next_key(self) -> str:
        """A TID of now."""
        number = int(self.clock.now().timestamp() * 1_000_000) << 10 | len(self.journal) % 1024
        letters = "234567abcdefghijklmnopqrstuvwxyz"
        return "".join(letters[number >> shift & 31] for shift in range(60, -1, -5))


_VALID = {"validationStatus": "valid"}


def _uri(did: str, collection: str, key: str) -> str:
    return f"at://{did}/{collection}/{key}"


def _asked(request: Request) -> dict[str, Any]:
    try:
        return request.json()
    except (ValueError, json.JSONDecodeError):
        raise invalid("Wrong request encoding (Content-Type): the body is no JSON object") from None


def _rate_headers(spent: Spent) -> dict[str, str]:
    return {
        "ratelimit-limit": str(spent.quota.calls),
        "ratelimit-remaining": str(max(spent.left, 0)),
        "ratelimit-reset": str(int(spent.reset_at.timestamp())),
        "ratelimit-policy": f"{spent.quota.calls};w={int(spent.quota.period.total_seconds())}",
    }
