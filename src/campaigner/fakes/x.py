"""X in a box: API v2 with signatures, weighted lengths, duplicate refusals, t.co links and its many ways to say no."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from ..clock import Clock
from ..text import x as rules
from . import oauth1, x_errors
from .base import ACCOUNT, FakePlatform, PostedImage, PublishedPost, Quota, Route, Spent, media_type_of
from .http_messages import Answer, RefusedError, Request
from .x_errors import problem
from .x_timeline import one, page

LIMIT = 280
LONG_LIMIT = 25_000
ALT_LIMIT = 1000
IMAGE_BYTES = 5_000_000
MEDIA_LIFE = timedelta(seconds=86_400)
_QUARTER = timedelta(minutes=15)
QUOTAS = {
    quota.name: quota
    for quota in (
        Quota("post", 100, _QUARTER),
        Quota("delete", 50, _QUARTER),
        Quota("me", 75, _QUARTER),
        Quota("timeline", 900, _QUARTER),
        Quota("read", 900, _QUARTER),
        Quota("upload", 500, _QUARTER),
        Quota("metadata", 500, _QUARTER),
    )
}
_POST_FIELDS = frozenset(
    [
        "card_uri",
        "community_id",
        "direct_message_deep_link",
        "edit_options",
        "exclude_reply_user_ids",
        "for_super_followers_only",
        "geo",
        "made_with_ai",
        "media",
        "nullcast",
        "paid_partnership",
        "poll",
        "quote_tweet_id",
        "reply",
        "reply_settings",
        "share_with_followers",
        "text",
    ]
)
_REPLY_FIELDS = frozenset({"in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"})
_MEDIA_FIELDS = frozenset({"media_ids", "tagged_user_ids"})
_UPLOAD_FIELDS = frozenset({"media", "media_category", "media_type", "shared", "additional_owners"})
_EPOCH = 1_288_834_974_657


@dataclass(frozen=True, slots=True, kw_only=True)
class _Medium:
    owner: str
    image: PostedImage
    uploaded_at: datetime


class FakeX(FakePlatform):
    """A platform in a box, see FakePlatform.

    Knobs: `duplicate_window` (how far back a twin is refused; X does not tell), `reply_gate` (replies refused, as
    to self-serve apps since 2026), `credits` (posts left to pay for; None: no end), `suspended`, `long_posts`.
    """

    platform = "x"

    def __init__(
        self,
        *,
        accounts: Sequence[str] = (ACCOUNT,),
        port: int = 0,
        clock: Clock | None = None,
        quotas: Mapping[str, Quota] = QUOTAS,
    ) -> None:
        super().__init__(accounts=accounts, port=port, clock=clock)
        self.duplicate_window = timedelta(hours=24)
        self.reply_gate = False
        self.credits: int | None = None
        self.suspended = False
        self.long_posts = False
        self.quotas = quotas
        self._media: dict[str, _Medium] = {}
        self._nonces: set[tuple[str, str]] = set()
        self._numbers = count(1)

    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        secrets = credentials_of(account)
        return {
            "server": self.url,
            "api_key": secrets.api_key,
            "api_secret": secrets.api_secret,
            "access_token": secrets.access_token,
            "access_token_secret": secrets.access_token_secret,
        }

    def user_id(self, account: str = ACCOUNT) -> str:
        return str(1000 + self.accounts.index(account))

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/2/users/me", self._limited("me", self._me)),
            Route("POST", "/2/tweets", self._limited("post", self._create)),
            Route("GET", "/2/tweets/([0-9]+)", self._limited("read", self._read)),
            Route("DELETE", "/2/tweets/([0-9]+)", self._limited("delete", self._delete)),
            Route("GET", "/2/users/([0-9]+)/tweets", self._limited("timeline", self._timeline)),
            Route("POST", "/2/media/upload", self._limited("upload", self._upload)),
            Route("POST", "/2/media/metadata", self._limited("metadata", self._describe)),
        )

    def not_found(self, request: Request) -> Answer:
        return problem(404, "Not Found", "Not Found")

    def expired(self, request: Request) -> Answer:
        """OAuth 1.0a tokens do not run out; a revoked one is answered so."""
        return x_errors.UNAUTHORIZED

    def too_many(self, headers: Mapping[str, str]) -> Answer:
        return replace(x_errors.TOO_MANY, headers={**x_errors.TOO_MANY.headers, **headers})

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
        """Whose signature this is; a nonce is good for one request."""
        given = oauth1.parameters(request)
        token = given.get("oauth_token", "")
        account = next((name for name in self.accounts if credentials_of(name).access_token == token), None)
        if account is None or not oauth1.is_signed(request, credentials_of(account)):
            raise RefusedError(x_errors.UNAUTHORIZED)
        once = (given.get("oauth_nonce", ""), given.get("oauth_timestamp", ""))
        if once in self._nonces:
            raise RefusedError(x_errors.UNAUTHORIZED)
        self._nonces.add(once)
        return account

    def _me(self, request: Request, account: str) -> Answer:
        return Answer.json({"data": {"id": self.user_id(account), "name": account, "username": account}})

    def _create(self, request: Request, account: str) -> Answer:
        asked = _body(request, _POST_FIELDS)
        media = self._attached(asked, account)
        text = self._text(asked, account, has_media=bool(media))
        reply_to = self._reply_target(asked, account)
        self._refuse_twin(account, text)
        self._pay()
        posted = PublishedPost(
            account=account,
            id=self._next_id(),
            text=text,
            images=tuple(medium.image for medium in media),
            reply_to=reply_to,
            at=self.clock.now(),
        )
        self.journal.append(posted)
        return Answer.json({"data": {"id": posted.id, "text": text, "edit_history_tweet_ids": [posted.id]}}, 201)

    def _text(self, asked: Mapping[str, Any], account: str, *, has_media: bool) -> str:
        text = asked.get("text", "")
        if not isinstance(text, str) or (not text.strip() and not has_media):
            raise RefusedError(x_errors.invalid("text", "One of text or media must be given."))
        if self.suspended:
            raise RefusedError(x_errors.SUSPENDED)
        if rules.length(text) > (LONG_LIMIT if self.long_posts else LIMIT):
            raise RefusedError(x_errors.invalid("text", "Your Tweet text is too long."))
        if rules.forbidden(text) is not None or len(rules.cashtags(text)) > 1:
            raise RefusedError(x_errors.NOT_PERMITTED)
        return text

    def _attached(self, asked: Mapping[str, Any], account: str) -> list[_Medium]:
        if "media" not in asked:
            return []
        given = asked["media"]
        _refuse_unknown(given, _MEDIA_FIELDS)
        ids = given.get("media_ids", [])
        media = [self._media[media_id] for media_id in ids if self._usable(media_id, account)]
        if not 1 <= len(ids) <= 4 or len(media) < len(ids):
            raise RefusedError(x_errors.invalid("media.media_ids", "Your media IDs are invalid."))
        return media

    def _usable(self, id: Any, account: str) -> bool:
        medium = self._media.get(id) if isinstance(id, str) else None
        return medium is not None and medium.owner == account and self.clock.now() < medium.uploaded_at + MEDIA_LIFE

    def _reply_target(self, asked: Mapping[str, Any], account: str) -> str | None:
        if "reply" not in asked:
            return None
        _refuse_unknown(asked["reply"], _REPLY_FIELDS)
        target = asked["reply"].get("in_reply_to_tweet_id")
        if not isinstance(target, str) or self.find(target) is None:
            raise RefusedError(x_errors.REPLY_TARGET_GONE)
        if self.reply_gate:
            raise RefusedError(x_errors.REPLY_NOT_ALLOWED)
        return target

    def _refuse_twin(self, account: str, text: str) -> None:
        since = self.clock.now() - self.duplicate_window
        for posted in self.visible:
            if posted.account == account and posted.at > since and _same(posted.text, text):
                raise RefusedError(x_errors.DUPLICATE)

    def _pay(self) -> None:
        if self.credits is not None:
            if self.credits <= 0:
                raise RefusedError(x_errors.CREDITS_DEPLETED)
            self.credits -= 1

    def _delete(self, request: Request, account: str, id: str) -> Answer:
        posted = self.find(id)
        if posted is None:
            return x_errors.tweet_not_found(id)
        if posted.account != account:
            return problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
        self.deleted.add(id)
        return Answer.json({"data": {"deleted": True}})

    def _read(self, request: Request, account: str, id: str) -> Answer:
        posted = self.find(id)
        return x_errors.tweet_not_found(id) if posted is None else one(request, posted, self.user_id(posted.account))

    def _timeline(self, request: Request, account: str, user: str) -> Answer:
        return page(request, [posted for posted in self.visible if self.user_id(posted.account) == user])

    def _upload(self, request: Request, account: str) -> Answer:
        data = _uploaded(request)
        kind = media_type_of(data)
        if kind is None or len(data) > IMAGE_BYTES:
            raise RefusedError(x_errors.invalid("media", "The media is not an image that can be used, or too large."))
        self.uploads.append(data)
        media_id = self._next_id()
        image = PostedImage(alt="", media_type=kind, size=len(data))
        self._media[media_id] = _Medium(owner=account, image=image, uploaded_at=self.clock.now())
        life = int(MEDIA_LIFE.total_seconds())
        told = {"id": media_id, "media_key": f"3_{media_id}", "size": len(data), "expires_after_secs": life}
        return Answer.json({"data": told})

    def _describe(self, request: Request, account: str) -> Answer:
        asked = _body(request, frozenset({"id", "metadata"}))
        media_id, metadata = asked.get("id"), asked.get("metadata")
        text = _alt(metadata)
        if not self._usable(media_id, account) or text is None:
            raise RefusedError(x_errors.invalid("id", "The media ID or its metadata is invalid."))
        if len(text) > ALT_LIMIT:
            raise RefusedError(
                x_errors.invalid("metadata.alt_text.text", f"At most {ALT_LIMIT} characters are allowed.")
            )
        medium = self._media[str(media_id)]
        self._media[str(media_id)] = replace(medium, image=replace(medium.image, alt=text))
        return Answer.json({"data": {"id": media_id, "associated_metadata": metadata}})

    def _next_id(self) -> str:
        """A snowflake: milliseconds since X's epoch, then a number of our own."""
        milliseconds = int(self.clock.now().timestamp() * 1000) - _EPOCH
        return str((max(milliseconds, 0) << 22) + next(self._numbers))


def credentials_of(account: str) -> oauth1.Credentials:
    """The four secrets of an account of this fake."""
    return oauth1.Credentials(
        api_key="fake-key",
        api_secret="fake-secret",
        access_token=f"{account}-token",
        access_token_secret=f"{account}-secret",
    )


def _rate_headers(spent: Spent) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(spent.quota.calls),
        "x-rate-limit-remaining": str(max(spent.left, 0)),
        "x-rate-limit-reset": str(int(spent.reset_at.timestamp()) + 1),
    }


def _body(request: Request, known: frozenset[str]) -> dict[str, Any]:
    try:
        asked = request.json()
    except ValueError:
        raise RefusedError(x_errors.invalid("", "The request body is no JSON object.")) from None
    _refuse_unknown(asked, known)
    return asked


def _refuse_unknown(asked: Any, known: frozenset[str]) -> None:
    if not isinstance(asked, dict):
        raise RefusedError(x_errors.invalid("", f"[{asked}] is no object."))
    for name in asked:
        if name not in known:
            raise RefusedError(x_errors.invalid(name, f"$.{name}: is not defined in the schema."))


def _uploaded(request: Request) -> bytes:
    """The bytes of a one-shot upload, from JSON with base64 or from multipart."""
    try:
        if request.content_type == "multipart/form-data":
            fields = request.multipart()
            category = fields["media_category"].data.decode()
            data = fields["media"].data
        else:
            asked = _body(request, _UPLOAD_FIELDS)
            category = asked["media_category"]
            data = b64decode(asked["media"], validate=True)
    except (KeyError, ValueError, TypeError):
        raise RefusedError(x_errors.invalid("media", "media and media_category must be given.")) from None
    if category != "tweet_image":
        raise RefusedError(
            x_errors.invalid("media_category", f"[{category}] is no category of a one-shot upload here.")
        )
    return data


def _alt(metadata: Any) -> str | None:
    alt_text = metadata.get("alt_text") if isinstance(metadata, dict) else None
    text = alt_text.get("text") if isinstance(alt_text, dict) else None
    return text if isinstance(text, str) else None


def _same(one: str, other: str) -> bool:
    """How X compares is not told: here by NFC and with white space run together."""
    return _normal(one) == _normal(other)


def _normal(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
