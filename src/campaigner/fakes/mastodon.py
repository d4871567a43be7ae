"""Mastodon in a box, and the servers that speak its API with other manners about repeated keys."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from ..clock import rfc3339
from ..post.profile import Profile
from ..text import mastodon as rules
from ..text.measure import Entity, replaced
from .base import ACCOUNT, FakePlatform, Medium, PublishedPost, media_type_of, quotas, refusal, route
from .http_messages import Answer, RefusedError, Request

KeyMode = Literal["honoured", "ignored", "500 on replay", "pixelfed", "stored answers"]
"""What happens to a second call with the same Idempotency-Key: Mastodon gives the first post back; GoToSocial, snac
and Takahē make another; one release of Mastodon answers 500 (#40399); Pixelfed answers 400, also after a failure;
Pleroma and Akkoma give the stored answer back, a refusal too."""

LIMITS = {"characters": 500, "url": 23, "images": 4, "alt": 1500, "image_bytes": 16_777_216}
KEY_LIFE = timedelta(hours=1)
QUOTAS = quotas(any=(300, 5), post=(300, 180), media=(30, 30), delete=(30, 30))
_REFUSED_AGAIN = {
    "pixelfed": (400, "Duplicate idempotency key."),
    "500 on replay": (500, "undefined method 'account' for nil"),
}
_VISIBILITIES = ("public", "unlisted", "private", "direct")


class FakeMastodon(FakePlatform):
    """A platform in a box, see FakePlatform.

    Knobs: `key_mode`, `limits` (what the instance tells and enforces), `processing` (how often a new medium is asked
    for, or refused in a post, before it is ready; 0: at once).
    """

    platform = "mastodon"

    def __init__(self, *, key_mode: KeyMode = "honoured", **settings: Any) -> None:
        super().__init__(**{"quotas": QUOTAS, **settings})
        self.key_mode: KeyMode = key_mode
        self.limits = dict(LIMITS)
        self.processing = 0
        self._keys: dict[tuple[str, str], tuple[datetime, Answer]] = {}

    def follow(self, profile: Profile) -> None:
        self.limits.update(
            characters=profile.limit,
            url=profile.url_length,
            images=profile.max_images,
            alt=profile.alt_limit,
            image_bytes=profile.image_bytes,
        )

    def account_id(self, account: str = ACCOUNT) -> str:
        return str(100 + self.accounts.index(account))

    def next_id(self) -> str:
        return str(next(self.numbers) + 112_000_000_000_000_000)

    def reset_of(self, instant: datetime) -> str:
        return rfc3339(instant, "milliseconds")

    @route("GET", "/api/v2/instance")
    def _instance_v2(self, request: Request) -> Any:
        """As far as a publisher reads it."""
        limits = self.limits
        statuses = {
            "max_characters": limits["characters"],
            "max_media_attachments": limits["images"],
            "characters_reserved_per_url": limits["url"],
        }
        media = {
            "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
            "description_limit": limits["alt"],
            "image_size_limit": limits["image_bytes"],
            "image_matrix_limit": 33_177_600,
        }
        return {"version": "4.5.2", "configuration": {"statuses": statuses, "media_attachments": media}}

    @route("GET", "/api/v1/instance")
    def _instance_v1(self, request: Request) -> Any:
        """Every compatible server has this; older ones name the limit `max_toot_chars`."""
        return {**self._instance_v2(request), "max_toot_chars": self.limits["characters"]}

    @route("GET", "/api/v1/accounts/verify_credentials", "any")
    def _verify(self, request: Request, account: str) -> Any:
        return self._as_account(account)

    def _as_account(self, account: str) -> dict[str, str]:
        names = dict.fromkeys(("username", "acct", "display_name"), account)
        return {"id": self.account_id(account), **names, "url": f"{self.url}/@{account}"}

    @route("POST", "/api/v2/media", "media")
    def _upload(self, request: Request, account: str) -> Any:
        if "file" not in request.files:
            raise refusal(422, "Validation failed: File can't be blank")
        file = request.files["file"]
        if media_type_of(file) is None:
            raise refusal(422, "Validation failed: File content type is invalid")
        if len(file) > self.limits["image_bytes"]:
            raise refusal(422, "Validation failed: File is too big")
        alt = request.form.get("description", "")
        if len(alt) > self.limits["alt"]:
            raise refusal(422, f"Validation failed: Description is too long (maximum is {self.limits['alt']})")
        id = self.keep_image(account, file, alt=alt, waits=self.processing)
        return Answer.json(self._as_medium(id), 202 if self.processing else 200)

    def _as_medium(self, id: str) -> dict[str, Any]:
        medium = self.media[id]
        url = f"{self.url}/media/{id}" if medium.waits == 0 else None
        return {"id": id, "type": "image", "url": url, "description": medium.image.alt or None}

    @route("GET", "/api/v1/media/<id>", "any")
    def _medium(self, request: Request, account: str, id: str) -> Any:
        medium = self.own_medium(id, account)
        if medium is None:
            return self.not_found(request)
        told = Answer.json(self._as_medium(id), 206 if medium.waits else 200)
        medium.waits = max(medium.waits - 1, 0)
        return told

    @route("POST", "/api/v1/statuses", "post")
    def _post(self, request: Request, account: str) -> Any:
        key, now = (account, request.headers.get("idempotency-key", "")), self.clock.now()
        if not key[1] or self.key_mode == "ignored":
            return self._create(request, account)
        used_at, first = self._keys.get(key, (now - KEY_LIFE, Answer()))
        if now < used_at + KEY_LIFE:
            return self._again(first)
        try:
            answer = Answer.json(self._create(request, account))
        except RefusedError as refused:
            if self.key_mode in ("pixelfed", "stored answers"):
                self._keys[key] = now, refused.answer
            raise
        self._keys[key] = now, answer
        return answer

    def _again(self, first: Answer) -> Answer:
        """A known key: what the first call with it came to."""
        if self.key_mode in _REFUSED_AGAIN:
            raise refusal(*_REFUSED_AGAIN[self.key_mode])
        if self.key_mode == "stored answers":
            return replace(first, headers={**first.headers, "idempotent-replayed": "true"})
        return first

    def _create(self, request: Request, account: str) -> dict[str, Any]:
        asked = self.asked(request)
        media = self._attached(asked, account)
        text, warning = asked.get("status", ""), asked.get("spoiler_text", "")
        self._check_text(text, warning, has_media=bool(media))
        if (visibility := asked.get("visibility") or "public") not in _VISIBILITIES:
            raise refusal(422, "Validation failed: Visibility is not included in the list")
        reply_to = asked.get("in_reply_to_id") or None
        if reply_to is not None:
            self.found(reply_to)
        for medium in media:
            medium.attached = True
        posted = self.commit(
            account=account,
            id=self.next_id(),
            text=unicodedata.normalize("NFC", text),
            languages=(asked["language"],) if asked.get("language") else (),
            images=tuple(medium.image for medium in media),
            reply_to=reply_to,
            extra={"warning": warning, "visibility": visibility},
        )
        return self._as_status(posted)

    def _check_text(self, text: str, warning: str, *, has_media: bool) -> None:
        if self.key_mode == "pixelfed" and not has_media:
            raise refusal(403, "Empty statuses are not allowed")
        if not text.strip() and not has_media:
            raise refusal(422, "Validation failed: Text can't be blank")
        most = self.limits["characters"]
        if rules.length(text, warning, url_length=self.limits["url"]) > most:
            raise refusal(422, f"Validation failed: Text character limit of {most} exceeded")

    def _attached(self, asked: Mapping[str, Any], account: str) -> list[Medium]:
        ids = asked.get("media_ids", [])
        if len(ids) > self.limits["images"]:
            raise refusal(422, f"Validation failed: Cannot attach more than {self.limits['images']} files")
        media = []
        for id in ids:
            medium = self.own_medium(id, account)
            if medium is None:
                raise refusal(422, f"Validation failed: Media with ID {id} cannot be attached")
            if medium.waits > 0:
                medium.waits -= 1
                raise refusal(422, "Cannot attach files that have not finished processing. Try again in a moment!")
            media.append(medium)
        return media

    @route("GET", "/api/v1/statuses/<id>", "any")
    def _read(self, request: Request, account: str, id: str) -> Any:
        return self._as_status(self.found(id))

    @route("DELETE", "/api/v1/statuses/<id>", "delete")
    def _delete(self, request: Request, account: str, id: str) -> Any:
        posted = self.found(id)
        if posted.account != account:
            return self.not_found(request)
        self.deleted.add(id)
        return {**self._as_status(posted), "text": posted.text}

    @route("GET", "/api/v1/accounts/<owner>/statuses", "any")
    def _statuses(self, request: Request, account: str, owner: str) -> Any:
        asked = request.args
        found = [one for one in reversed(self.visible) if self.account_id(one.account) == owner]
        below = [posted for posted in found if int(posted.id) < asked.get("max_id", 10**30, int)]
        return [self._as_status(posted) for posted in below[: min(asked.get("limit", 20, int), 40)]]

    def _as_status(self, posted: PublishedPost) -> dict[str, Any]:
        """A Status entity: `content` is HTML, `text` is not told."""
        return {
            "id": posted.id,
            "created_at": rfc3339(posted.at, "milliseconds"),
            "in_reply_to_id": posted.reply_to,
            "sensitive": bool(posted.extra["warning"]),
            "spoiler_text": posted.extra["warning"],
            "visibility": posted.extra["visibility"],
            "language": posted.languages[0] if posted.languages else None,
            "uri": f"{self.url}/users/{posted.account}/statuses/{posted.id}",
            "url": f"{self.url}/@{posted.account}/{posted.id}",
            "content": content(posted.text, self.url),
            "reblog": None,
            "account": self._as_account(posted.account),
            "application": {"name": "campaigner", "website": None},
            "media_attachments": [
                {"id": f"{posted.id}{index}", "type": "image", "description": image.alt or None}
                for index, image in enumerate(posted.images)
            ],
        }


def content(text: str, server: str) -> str:
    """The HTML of a text: paragraphs, breaks, and the markup around links, hashtags and mentions."""
    between = partial(html.escape, quote=False)
    whole = replaced(text, rules.entities(text), lambda entity: _linked(entity, server), between)
    paragraphs = re.split(r"\n{2,}", whole.strip("\n"))
    return "".join("<p>" + paragraph.replace("\n", "<br />") + "</p>" for paragraph in paragraphs)


def _linked(entity: Entity, server: str) -> str:
    """A link as readers see it, shortened, part of it invisible; a hashtag with its page."""
    shown = html.escape(entity.text, quote=False)
    if entity.type == "hashtag":
        address = html.escape(f"{server}/tags/{entity.text[1:].lower()}")
        return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{shown[1:]}</span></a>'
    if entity.type != "url":
        return shown
    scheme, _, rest = entity.text.partition("://")
    short, hidden = html.escape(rest[:30], quote=False), html.escape(rest[30:], quote=False)
    return (
        f'<a href="{html.escape(entity.text)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}://</span><span class="{"ellipsis" if hidden else ""}">{short}</span>'
        f'<span class="invisible">{hidden}</span></a>'
    )
