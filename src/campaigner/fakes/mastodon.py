"""Mastodon in a box, and the servers that speak its API with other manners about repeated keys."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Literal

from ..clock import Clock
from ..text import mastodon as rules
from .base import ACCOUNT, FakePlatform, PostedImage, PublishedPost, Quota, Route, Spent, media_type_of
from .http_messages import Answer, RefusedError, Request
from .mastodon_entities import instance_v1, instance_v2, stamp, status

KeyMode = Literal["honoured", "ignored", "500 on replay", "pixelfed", "stored answers"]
"""What happens to a second call with the same Idempotency-Key: Mastodon gives the first post back; GoToSocial, snac
and Takahē make another; one release of Mastodon answers 500 (#40399); Pixelfed answers 400, also after a failure;
Pleroma and Akkoma give the stored answer back, a refusal too."""

LIMITS = {"characters": 500, "url": 23, "images": 4, "alt": 1500, "image_bytes": 16_777_216}
KEY_LIFE = timedelta(hours=1)
QUOTAS = {
    quota.name: quota
    for quota in (
        Quota("any", 300, timedelta(minutes=5)),
        Quota("post", 300, timedelta(hours=3)),
        Quota("media", 30, timedelta(minutes=30)),
        Quota("delete", 30, timedelta(minutes=30)),
    )
}
_VISIBILITIES = ("public", "unlisted", "private", "direct")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Medium:
    owner: str
    image: PostedImage
    ready_after: int
    attached: bool = False


class FakeMastodon(FakePlatform):
    """A platform in a box, see FakePlatform.

    Knobs: `key_mode`, `limits` (what the instance tells and enforces), `processing` (how often a new medium is asked
    for, or refused in a post, before it is ready; 0: at once), `has_v2_instance`, `version`.
    """

    platform = "mastodon"

    def __init__(
        self,
        *,
        accounts: Sequence[str] = (ACCOUNT,),
        port: int = 0,
        clock: Clock | None = None,
        key_mode: KeyMode = "honoured",
        quotas: Mapping[str, Quota] = QUOTAS,
    ) -> None:
        super().__init__(accounts=accounts, port=port, clock=clock)
        self.key_mode: KeyMode = key_mode
        self.limits = dict(LIMITS)
        self.processing = 0
        self.has_v2_instance = True
        self.version = "4.5.2"
        self.quotas = quotas
        self._media: dict[str, _Medium] = {}
        self._keys: dict[tuple[str, str], tuple[datetime, Answer | None]] = {}
        self._numbers = count(1)

    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        return {"server": self.url, "access_token": f"{account}-token"}

    def account_id(self, account: str = ACCOUNT) -> str:
        return str(100 + self.accounts.index(account))

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/api/v2/instance", self._instance_v2),
            Route("GET", "/api/v1/instance", self._instance_v1),
            Route("GET", "/api/v1/accounts/verify_credentials", self._limited("any", self._verify)),
            Route("GET", "/api/v1/accounts/([^/]+)/statuses", self._limited("any", self._statuses)),
            Route("POST", "/api/v2/media", self._limited("media", self._upload)),
            Route("GET", "/api/v1/media/([^/]+)", self._limited("any", self._medium)),
            Route("PUT", "/api/v1/media/([^/]+)", self._limited("any", self._describe)),
            Route("POST", "/api/v1/statuses", self._limited("post", self._post)),
            Route("GET", "/api/v1/statuses/([^/]+)", self._limited("any", self._read)),
            Route("GET", "/api/v1/statuses/([^/]+)/source", self._limited("any", self._source)),
            Route("DELETE", "/api/v1/statuses/([^/]+)", self._limited("delete", self._delete)),
        )

    def not_found(self, request: Request) -> Answer:
        return _error(404, "Record not found")

    def _limited(self, quota: str, act: Callable[..., Answer]) -> Callable[..., Answer]:
        def limited(request: Request, *groups: str) -> Answer:
            account = self._account(request)
            spent = self.spend(account, self.quotas[quota])
            if spent.left < 0:
                return self.too_many(_rate_headers(spent))
            try:
                answer = act(request, account, *groups)
            except RefusedError as refused:
                answer = refused.answer
            return replace(answer, headers={**answer.headers, **_rate_headers(spent)})

        return limited

    def _account(self, request: Request) -> str:
        for name in self.accounts:
            if request.bearer == f"{name}-token":
                return name
        raise RefusedError(_error(401, "The access token is invalid"))

    def _instance_v2(self, request: Request) -> Answer:
        if not self.has_v2_instance:
            return self.not_found(request)
        return Answer.json(instance_v2(self.limits, self.version))

    def _instance_v1(self, request: Request) -> Answer:
        return Answer.json(instance_v1(self.limits, self.version))

    def _verify(self, request: Request, account: str) -> Answer:
        return Answer.json(self._as_account(account))

    def _as_account(self, account: str) -> dict[str, str]:
        return {
            "id": self.account_id(account),
            "username": account,
            "acct": account,
            "display_name": account,
            "url": f"{self.url}/@{account}",
        }

    def _upload(self, request: Request, account: str) -> Answer:
        try:
            fields = request.multipart()
            file = fields["file"].data
        except (KeyError, ValueError):
            return _error(422, "Validation failed: File can't be blank")
        kind = media_type_of(file)
        if kind is None:
            return _error(422, "Validation failed: File content type is invalid")
        if len(file) > self.limits["image_bytes"]:
            return _error(422, "Validation failed: File is too big")
        alt = self._alt(fields["description"].data.decode()) if "description" in fields else ""
        self.uploads.append(file)
        media_id = str(next(self._numbers) + 10**6)
        image = PostedImage(alt=alt, media_type=kind, size=len(file))
        self._media[media_id] = _Medium(owner=account, image=image, ready_after=self.processing)
        return Answer.json(self._as_medium(media_id), 202 if self.processing else 200)

    def _alt(self, text: str) -> str:
        if len(text) > self.limits["alt"]:
            raise RefusedError(
                _error(422, f"Validation failed: Description is too long (maximum is {self.limits['alt']})")
            )
        return text

    def _as_medium(self, id: str) -> dict[str, Any]:
        medium = self._media[id]
        url = f"{self.url}/media/{id}" if medium.ready_after == 0 else None
        return {"id": id, "type": "image", "url": url, "description": medium.image.alt or None}

    def _own_medium(self, id: str, account: str) -> _Medium:
        medium = self._media.get(id)
        if medium is None or medium.owner != account or medium.attached:
            raise RefusedError(_error(404, "Record not found"))
        return medium

    def _medium(self, request: Request, account: str, id: str) -> Answer:
        medium = self._own_medium(id, account)
        if medium.ready_after > 0:
            answer = Answer.json(self._as_medium(id), 206)
            self._media[id] = replace(medium, ready_after=medium.ready_after - 1)
            return answer
        return Answer.json(self._as_medium(id))

    def _describe(self, request: Request, account: str, id: str) -> Answer:
        medium = self._own_medium(id, account)
        alt = self._alt(_one(_asked(request), "description"))
        self._media[id] = replace(medium, image=replace(medium.image, alt=alt))
        return Answer.json(self._as_medium(id))

    def _post(self, request: Request, account: str) -> Answer:
        key = request.headers.get("idempotency-key")
        if key is None or self.key_mode == "ignored":
            return self._create(request, account)
        known = self._keys.get((account, key))
        if known is not None and self.clock.now() < known[0] + KEY_LIFE:
            return self._again(known[1])
        return self._first(request, account, key)

    def _first(self, request: Request, account: str, key: str) -> Answer:
        now = self.clock.now()
        if self.key_mode == "pixelfed":
            self._keys[account, key] = now, None
        try:
            answer = self._create(request, account)
        except RefusedError as refused:
            if self.key_mode == "stored answers":
                self._keys[account, key] = now, refused.answer
            raise
        self._keys[account, key] = now, answer
        return answer

    def _again(self, first: Answer | None) -> Answer:
        """A known key: what the first call with it came to, if anything."""
        if self.key_mode == "pixelfed" or first is None:
            return _error(400, "Duplicate idempotency key.")
        if self.key_mode == "500 on replay":
            return _error(500, "undefined method 'account' for nil")
        if self.key_mode == "stored answers":
            return replace(first, headers={**first.headers, "idempotent-replayed": "true"})
        return first

    def _create(self, request: Request, account: str) -> Answer:
        asked = _asked(request)
        media = self._attached(asked, account)
        text, warning = _one(asked, "status"), _one(asked, "spoiler_text")
        self._check_text(text, warning, has_media=bool(media))
        visibility = _one(asked, "visibility") or "public"
        if visibility not in _VISIBILITIES:
            raise RefusedError(_error(422, "Validation failed: Visibility is not included in the list"))
        posted = PublishedPost(
            account=account,
            id=str(next(self._numbers) + 112_000_000_000_000_000),
            text=unicodedata.normalize("NFC", text),
            languages=(language,) if (language := _one(asked, "language")) else (),
            images=tuple(self._media[media_id].image for media_id in media),
            reply_to=self._reply_target(_one(asked, "in_reply_to_id")),
            at=self.clock.now(),
            extra={"warning": warning, "visibility": visibility},
        )
        for media_id in media:
            self._media[media_id] = replace(self._media[media_id], attached=True)
        self.journal.append(posted)
        return Answer.json(self._as_status(posted))

    def _check_text(self, text: str, warning: str, *, has_media: bool) -> None:
        if self.key_mode == "pixelfed" and not has_media:
            raise RefusedError(_error(403, "Empty statuses are not allowed"))
        if not text.strip() and not has_media:
            raise RefusedError(_error(422, "Validation failed: Text can't be blank"))
        most = self.limits["characters"]
        if rules.length(text, warning, url_length=self.limits["url"]) > most:
            raise RefusedError(_error(422, f"Validation failed: Text character limit of {most} exceeded"))

    def _attached(self, asked: Mapping[str, Sequence[str]], account: str) -> list[str]:
        ids = [*asked.get("media_ids", ()), *asked.get("media_ids[]", ())]
        if len(ids) > self.limits["images"]:
            raise RefusedError(_error(422, f"Validation failed: Cannot attach more than {self.limits['images']} files"))
        for media_id in ids:
            medium = self._media.get(media_id)
            if medium is None or medium.owner != account or medium.attached:
                raise RefusedError(_error(422, f"Validation failed: Media with ID {media_id} cannot be attached"))
            if medium.ready_after > 0:
                self._media[media_id] = replace(medium, ready_after=medium.ready_after - 1)
                message = "Cannot attach files that have not finished processing. Try again in a moment!"
                raise RefusedError(_error(422, message))
        return ids

    def _reply_target(self, id: str) -> str | None:
        if id and self.find(id) is None:
            raise RefusedError(_error(404, "Record not found"))
        return id or None

    def _own(self, id: str) -> PublishedPost:
        posted = self.find(id)
        if posted is None:
            raise RefusedError(_error(404, "Record not found"))
        return posted

    def _read(self, request: Request, account: str, id: str) -> Answer:
        return Answer.json(self._as_status(self._own(id)))

    def _source(self, request: Request, account: str, id: str) -> Answer:
        posted = self._own(id)
        return Answer.json({"id": id, "text": posted.text, "spoiler_text": posted.extra["warning"]})

    def _delete(self, request: Request, account: str, id: str) -> Answer:
        posted = self._own(id)
        if posted.account != account:
            return _error(404, "Record not found")
        self.deleted.add(id)
        return Answer.json({**self._as_status(posted), "text": posted.text})

    def _statuses(self, request: Request, account: str, owner: str) -> Answer:
        query = request.query
        size = min(int(query.get("limit", "20")), 40)
        since, until = int(query.get("since_id") or 0), int(query.get("max_id") or 10**30)
        found = [
            posted
            for posted in reversed(self.visible)
            if self.account_id(posted.account) == owner and since < int(posted.id) < until
        ]
        if query.get("exclude_replies") in ("true", "1"):
            found = [posted for posted in found if posted.reply_to is None]
        shown = found[:size]
        headers = {"Link": self._older(owner, shown[-1].id)} if len(found) > size else {}
        return Answer.json([self._as_status(posted) for posted in shown], headers=headers)

    def _older(self, owner: str, id: str) -> str:
        return f'<{self.url}/api/v1/accounts/{owner}/statuses?max_id={id}>; rel="next"'

    def _as_status(self, posted: PublishedPost) -> dict[str, Any]:
        return status(posted, self._as_account(posted.account), self.url)


def _asked(request: Request) -> dict[str, list[str]]:
    """The parameters of a body, in whichever of its three forms it came."""
    if request.content_type == "application/json":
        return {name: _as_texts(value) for name, value in request.json().items() if value is not None}
    if request.content_type == "multipart/form-data":
        return {name: [field.data.decode()] for name, field in request.multipart().items()}
    found: dict[str, list[str]] = {}
    for name, value in request.form():
        found.setdefault(name, []).append(value)
    return found


def _as_texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _one(asked: Mapping[str, Sequence[str]], name: str) -> str:
    return asked.get(name, ("",))[-1]


def _error(status: int, message: str) -> Answer:
    return Answer.json({"error": message}, status)


def _rate_headers(spent: Spent) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(spent.quota.calls),
        "X-RateLimit-Remaining": str(max(spent.left, 0)),
        "X-RateLimit-Reset": stamp(spent.reset_at),
    }
