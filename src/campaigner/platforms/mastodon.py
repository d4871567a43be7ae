"""Mastodon and the servers that speak its API: profile, options, adapter.

Facts: docs.joinmastodon.org (methods statuses, media, instance); GoToSocial, snac and Takahe ignore the Idempotency-Key,
Pixelfed refuses a repeated one with 400, one Mastodon release answers 500 to a repeat: so a doubt is always looked up first.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from ..campaign.campaign import Model
from ..campaign.config import Secret
from ..clock import Clock
from ..post.profile import Profile
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
from .session import Answer, Failed, HttpSession, rate_reset, retry_after, server_date

LOOK_BACK = timedelta(minutes=10)
MOST_PAGES = 5
NOT_READY_FOR = timedelta(seconds=10)


class MastodonOptions(Model):
    """What the config says of a Mastodon account."""

    server: str
    access_token: Secret


def profile(options: Model | None = None) -> Profile:
    """The limits of Mastodon as it comes; `accounts check` reads those of the server."""
    return Profile(
        platform="mastodon",
        measure="mastodon",
        limit=500,
        unit="characters",
        url_length=23,
        max_images=4,
        image_bytes=16_000_000,
        alt_limit=1500,
        takes_language=True,
        takes_warning=True,
    )


class MastodonAdapter:
    """One account on one server."""

    reconciliation = Reconciliation.NATIVE_KEY
    absence_after: timedelta | None = timedelta(minutes=2)

    def __init__(self, session: HttpSession, token: str, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._auth = {"Authorization": f"Bearer {token}"}
        self._account_id: str | None = None

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """GET verify_credentials; the id holds the host, for ids are the server's own."""
        answer = self._session.call("GET", "/api/v1/accounts/verify_credentials", headers=self._auth)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason)
        found = answer.json()
        if answer.is_success and isinstance(found, dict) and found.get("id"):
            self._account_id = str(found["id"])
            host = urlsplit(self._session.base_url).netloc
            return Identity(
                id=f"mastodon:{host}:{self._account_id}",
                name=f"@{found.get('acct', '?')}@{host}",
                url=str(found.get("url", "")),
            )
        return self._read_trouble(answer)

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """POST /api/v2/media with the alt text; 202 means that the server is still at work on it."""
        answer = self._session.call(
            "POST",
            "/api/v2/media",
            headers=self._auth,
            files={"file": (f"image.{media.media_type.split('/')[-1]}", media.data, media.media_type)},
            data={"description": media.alt} if media.alt else {},
        )
        if isinstance(answer, Failed):
            return Unavailable(answer.reason)
        found = answer.json()
        if answer.is_success and isinstance(found, dict) and found.get("id"):
            return Uploaded({"id": str(found["id"])})
        if answer.status in (400, 403, 413, 422):
            return Rejected(f"the image was refused: {self._words(answer)}")
        return self._read_trouble(answer)

    def publish(self, part: PartToSend) -> Outcome:
        """POST /api/v1/statuses with the dedupe token as Idempotency-Key."""
        body: dict[str, Any] = {"status": part.text, "language": part.languages[0].split("-")[0]}
        if part.media:
            body["media_ids"] = [str((media.upload or {}).get("id")) for media in part.media]
        if part.warning:
            body["spoiler_text"] = part.warning
        if part.parent is not None:
            body["in_reply_to_id"] = part.parent.id
        answer = self._session.call(
            "POST", "/api/v1/statuses", headers={**self._auth, "Idempotency-Key": part.token}, json=body, fresh=True
        )
        if isinstance(answer, Failed):
            return Unavailable(answer.reason) if answer.before_sending else InDoubt(answer.reason)
        return self._published(answer)

    def look(self, part: PartToSend) -> Look:
        """The account's own statuses since ten minutes before the attempt, compared by their words."""
        if self._account_id is None:
            identity = self.identity()
            if not isinstance(identity, Identity):
                return identity
        newest: str | None = None
        for _ in range(MOST_PAGES):
            params = {"limit": 40, "exclude_reblogs": "true", **({"max_id": newest} if newest else {})}
            path = f"/api/v1/accounts/{quote(str(self._account_id), safe='')}/statuses"
            answer = self._session.call("GET", path, headers=self._auth, params=params)
            if isinstance(answer, Failed):
                return Unavailable(answer.reason)
            statuses = answer.json()
            if not answer.is_success or not isinstance(statuses, list):
                return self._read_trouble(answer)
            since = _since(part, answer, self._clock.now())
            found = next((status for status in statuses if _is_it(status, part, since)), None)
            if found is not None:
                return _receipt(found, self._clock.now())
            if not statuses or _created_at(statuses[-1], self._clock.now()) < since:
                return Absent()
            newest = str(statuses[-1].get("id"))
        return Unavailable("there are too many newer posts to look through")

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """DELETE the status; gone already is as good."""
        path = f"/api/v1/statuses/{quote(receipt.id, safe='')}"
        answer = self._session.call("DELETE", path, headers=self._auth)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason)
        if answer.is_success or answer.status == 404:
            return None
        return self._read_trouble(answer)

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """What the server allows: /api/v2/instance, else /api/v1/instance."""
        for path in ("/api/v2/instance", "/api/v1/instance"):
            answer = self._session.call("GET", path, headers=self._auth)
            if isinstance(answer, Failed):
                return Unavailable(answer.reason)
            found = answer.json()
            if answer.is_success and isinstance(found, dict):
                return AccountLimits(
                    profile=_with_limits(profile(), found), notes=(f"server {found.get('version', '?')}",)
                )
            trouble = self._read_trouble(answer)
        return trouble

    def close(self) -> None:
        """End a call in flight."""
        self._session.close()

    def _published(self, answer: Answer) -> Outcome:
        words = self._words(answer)
        now = self._clock.now()
        if answer.is_success:
            found = answer.json()
            if isinstance(found, dict) and found.get("id") and "scheduled_at" not in found:
                return _receipt(found, now)
            return InDoubt("the server's answer can't be read")
        if answer.status == 401:
            return Unauthorized(words)
        if answer.status == 429:
            return Unavailable(words, rate_reset(answer.headers, now))
        if answer.status == 503 and retry_after(answer.headers, now):
            return Unavailable(words, retry_after(answer.headers, now))
        if answer.status == 422 and "processing" in words:
            return Unavailable(words, now + NOT_READY_FOR)
        if answer.status == 400 and "idempotency" in words.casefold():
            return InDoubt(words, duplicate=True)
        if answer.status == 403:
            return Unauthorized(words) if "scope" in words or "disabled" in words else Rejected(words)
        if 400 <= answer.status < 500:
            return Rejected(words)
        return InDoubt(words)

    def _read_trouble(self, answer: Answer) -> Unauthorized | Unavailable:
        if answer.status in (401, 403):
            return Unauthorized(self._words(answer))
        return Unavailable(self._words(answer), rate_reset(answer.headers, self._clock.now()))

    def _words(self, answer: Answer) -> str:
        """The server's own words, without markup or secrets."""
        found = answer.json()
        words = found.get("error_description") or found.get("error") if isinstance(found, dict) else None
        return self._session.redact(f"{words or 'no reason given'} (HTTP {answer.status})")


def _with_limits(base: Profile, found: Mapping[str, Any]) -> Profile:
    configuration = found.get("configuration") or {}
    statuses = configuration.get("statuses") or {}
    media = configuration.get("media_attachments") or {}
    wanted = {
        "limit": statuses.get("max_characters") or found.get("max_toot_chars"),
        "url_length": statuses.get("characters_reserved_per_url"),
        "max_images": statuses.get("max_media_attachments"),
        "image_bytes": media.get("image_size_limit"),
        "alt_limit": media.get("description_limit"),
    }
    known = {name: value for name, value in wanted.items() if isinstance(value, int) and value > 0}
    return replace(base, **known)  # type: ignore[arg-type]


def _since(part: PartToSend, answer: Answer, now: datetime) -> datetime:
    """Ten minutes before the first attempt, on the server's clock."""
    server_now = server_date(answer.headers)
    drift = (server_now - now) if server_now is not None else timedelta(0)
    return (part.attempted_at or now) + drift - LOOK_BACK


def _is_it(status: Any, part: PartToSend, since: datetime) -> bool:
    if not isinstance(status, dict) or str(status.get("id")) in part.owned_ids:
        return False
    parent = part.parent.id if part.parent else None
    replied_to = status.get("in_reply_to_id")
    if (str(replied_to) if replied_to is not None else None) != parent:
        return False
    if len(status.get("media_attachments") or ()) != len(part.media):
        return False
    return _created_at(status, since) >= since and same_words(str(status.get("content", "")), part.text)


def same_words(content: str, text: str) -> bool:
    """True when the HTML of a status says what was sent; shortened links and split mentions are put together again."""
    return _plain(_strip(content)) == _plain(text)


def _strip(content: str) -> str:
    with_breaks = re.sub(r"<br\s*/?>|</p>", " ", content)
    return html.unescape(re.sub(r"<[^>]+>", "", with_breaks))


def _plain(text: str) -> str:
    """Letters and digits only: servers change white space, quotes and how handles and links are shown."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    without_hosts = re.sub(r"(@\w+)@[\w.-]+", r"\1", folded)
    return "".join(character for character in without_hosts if character.isalnum())


def _created_at(status: Any, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(str(status["created_at"]).replace("Z", "+00:00"))
    except (KeyError, TypeError, ValueError):
        return otherwise
    return found if found.tzinfo else otherwise


def _receipt(status: Mapping[str, Any], now: datetime) -> Receipt:
    url = status.get("url") or status.get("uri") or ""
    return Receipt(id=str(status["id"]), url=str(url), at=_created_at(status, now))


def connect(options: MastodonOptions, secrets: Mapping[str, str], clock: Clock) -> MastodonAdapter:
    """The adapter of one account."""
    token = secrets["access_token"]
    return MastodonAdapter(HttpSession(clock, options.server, [token]), token, clock)
