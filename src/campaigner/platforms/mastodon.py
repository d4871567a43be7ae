"""Mastodon and the servers that speak its API: profile, options, adapter.

Facts: docs.joinmastodon.org (methods statuses, media, instance); GoToSocial, snac and Takahē ignore the
Idempotency-Key, Pixelfed refuses a repeated one with 400, one Mastodon release answers 500 to a repeat (#40399): so a
doubt is always looked up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ..clock import Clock
from ..post.profile import Profile
from .answers import Answer, Failed, as_fields, id_of, rate_reset, retry_after, server_date, web_address
from .base import (
    Absent,
    AccountLimits,
    Alike,
    Another,
    Found,
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
from .mastodon_words import created_at, differences, find_status, language_of, shown_status, status_id
from .profiles import MastodonOptions, mastodon_profile
from .reasons import ASK, plain
from .refusals import MASTODON, MASTODON_ACCOUNT, is_refusal
from .twins import why_another

if TYPE_CHECKING:
    from .http import HttpSession
    from .network import Network

LOOK_BACK = timedelta(minutes=10)
MOST_PAGES = 20
PAGE = 40
NOT_READY_FOR = timedelta(seconds=10)
_TOO_LARGE = (413, 414, 431)
_OF_A_STATUS = (400, 422)


class MastodonAdapter:
    """One account on one server."""

    reconciliation = Reconciliation.NATIVE_KEY
    # An account's own statuses come from the server's own tables, at once; what may be late is the commit itself.
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
            return Unavailable(answer.reason, lasts=answer.lasts)
        found = answer.fields()
        if answer.is_success and id_of(found.get("id")):
            self._account_id = id_of(found["id"])
            host = urlsplit(self._session.base_url).netloc.casefold()
            name = id_of(found.get("acct")) or id_of(found.get("username")) or "?"
            return Identity(
                id=f"{host}:{self._account_id}",
                name=f"@{name}@{host}",
                url=web_address(found.get("url")),
                clock_offset=self._session.clock_offset,
            )
        if answer.status == 400:
            # Takahē says so of a bad token, and nothing else can be wrong with this request.
            return Unauthorized(self._words(answer))
        if answer.status == 404:
            return Unavailable(f"{self._words(answer)}: no API is there, {ASK}", lasts=True)
        return self._read_trouble(answer)

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """POST /api/v2/media with the alt text; 202 means that the server is still at work on it."""
        answer = self._session.call(
            "POST",
            "/api/v2/media",
            headers=self._auth,
            form={
                **({"description": media.alt} if media.alt else {}),
                "file": (f"image.{media.media_type.split('/')[-1]}", media.data, media.media_type),
            },
        )
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        found = answer.fields()
        if answer.is_success and id_of(found.get("id")):
            return Uploaded({"id": id_of(found["id"])})
        if answer.status in (400, 413, 422):
            return Rejected(f"the image was refused: {self._words(answer)}")
        return self._read_trouble(answer)

    def publish(self, part: PartToSend) -> Outcome:
        """POST /api/v1/statuses with the dedupe token as Idempotency-Key."""
        media_ids = []
        for media in part.images:
            uploaded = Uploaded(media.upload) if media.upload else self.prepare(media)
            if not isinstance(uploaded, Uploaded):
                return uploaded
            media_ids.append(str(uploaded.upload["id"]))
        answer = self._session.call(
            "POST",
            "/api/v1/statuses",
            headers={**self._auth, "Idempotency-Key": part.token},
            json=_status(part, media_ids),
        )
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts) if answer.before_sending else InDoubt(answer.reason)
        outcome = self._published(answer, part)
        if answer.status in _OF_A_STATUS and isinstance(outcome, Rejected | InDoubt):
            return self._about_media(part, media_ids, outcome)
        return outcome

    def look(self, part: PartToSend) -> Look:
        """The account's own statuses since ten minutes before the attempt, compared by their words."""
        if self._account_id is None:
            identity = self.identity()
            if not isinstance(identity, Identity):
                return identity
        oldest: str | None = None
        for _ in range(MOST_PAGES):
            answer = self._page(oldest)
            if isinstance(answer, Failed):
                return Unavailable(answer.reason, lasts=answer.lasts)
            statuses = answer.json()
            if not answer.is_success or not isinstance(statuses, list):
                return self._read_trouble(answer)
            since = self._since(part, answer)
            found = find_status(statuses, part, since)
            if isinstance(found, Alike):
                return found
            if found is not None:
                return self._receipt(found, part)
            if not statuses or (created_at(statuses[-1]) or since) < since:
                return Absent()
            oldest = id_of(as_fields(statuses[-1]).get("id"))
        return Unavailable("there are too many newer posts to look through")

    def find(self, post_id: str, part: PartToSend) -> Found:
        """GET the status."""
        if self._account_id is None:
            identity = self.identity()
            if not isinstance(identity, Identity):
                return identity
        answer = self._session.call("GET", f"/api/v1/statuses/{_quoted(post_id)}", headers=self._auth)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        status = answer.fields()
        if answer.status in (404, 410) and status:
            return Another("no such post is there")
        if not answer.is_success or not id_of(status.get("id")):
            return self._read_trouble(answer)
        why = why_another(shown_status(status, part, self._account_id or ""), part, self._since(part, answer))
        return Another(self._session.redact(why)) if why else self._receipt(status, part)

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """DELETE the status; gone already is as good."""
        answer = self._session.call("DELETE", f"/api/v1/statuses/{_quoted(status_id(receipt))}", headers=self._auth)
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        if answer.is_success or answer.status in (404, 410):
            return None
        return self._read_trouble(answer)

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """What the server allows: /api/v2/instance, else /api/v1/instance."""
        trouble: Unauthorized | Unavailable = Unavailable("the server does not tell its limits")
        for path in ("/api/v2/instance", "/api/v1/instance"):
            answer = self._session.call("GET", path, headers=self._auth)
            if isinstance(answer, Failed):
                return Unavailable(answer.reason, lasts=answer.lasts)
            found = answer.fields()
            if answer.is_success and found:
                note = f"server version {plain(self._session.redact(str(found.get('version', 'unknown'))))}"
                return AccountLimits(profile=_with_limits(mastodon_profile(), found), notes=(note,))
            trouble = self._read_trouble(answer)
        return trouble

    def close(self) -> None:
        """End a call in flight."""
        self._session.close()

    def _published(self, answer: Answer, part: PartToSend) -> Outcome:
        words = self._words(answer)
        if answer.is_success:
            found = answer.fields()
            if id_of(found.get("id")) and ("content" in found or "created_at" in found):
                return self._receipt(found, part)
            return InDoubt("the server took the post, and its answer can't be read")
        if _is_throttle(answer, self._clock.now()):
            return Unavailable(words, rate_reset(answer.headers, self._clock.now()))
        if answer.status == 401:
            return Unauthorized(words)
        if answer.status in _TOO_LARGE:
            return Rejected(words)
        # What has no words of the server's own comes from something in between, which can't know what the server did.
        return self._refused(answer, part, words) if answer.fields() else InDoubt(words)

    def _refused(self, answer: Answer, part: PartToSend, words: str) -> Rejected | Unauthorized | Unavailable | InDoubt:
        if answer.status == 422 and "finished processing" in words:
            return Unavailable(words, self._clock.now() + NOT_READY_FOR)
        if is_refusal(MASTODON, answer.status, words):
            return Rejected(words)
        if is_refusal(MASTODON_ACCOUNT, answer.status, words):
            return Unauthorized(words)
        if answer.status == 404 and part.parent is not None:
            return Rejected(f"the part before this one is gone: {words}")
        # Pixelfed says so of a key that it has seen, also when the first call with it failed.
        return InDoubt(words, duplicate="idempotency" in words.casefold())

    def _about_media(
        self, part: PartToSend, media_ids: list[str], refusal: Rejected | InDoubt
    ) -> Rejected | Unavailable | InDoubt:
        """Whether a refusal is about images, asked of the server: its words may be in any language."""
        for media_id in media_ids:
            answer = self._session.call("GET", f"/api/v1/media/{_quoted(media_id)}", headers=self._auth)
            if isinstance(answer, Answer) and answer.status == 206:
                return Unavailable(refusal.reason, self._clock.now() + NOT_READY_FOR)
            is_gone = isinstance(answer, Answer) and answer.status == 404
            if is_gone and isinstance(refusal, Rejected) and part.attempted_at is not None:
                return InDoubt(f"its images may be in a post already: {refusal.reason}")
        return refusal

    def _page(self, before: str | None) -> Answer | Failed:
        params: dict[str, Any] = {"limit": PAGE, "exclude_reblogs": "true"}
        if before is not None:
            params["max_id"] = before
        path = f"/api/v1/accounts/{_quoted(self._account_id or '')}/statuses"
        return self._session.call("GET", path, headers=self._auth, params=params)

    def _since(self, part: PartToSend, answer: Answer) -> datetime:
        """Ten minutes before the first attempt, on the server's clock."""
        now = self._clock.now()
        drift = (server_date(answer.headers) or now) - now
        return (part.attempted_at or now) + drift - LOOK_BACK

    def _receipt(self, status: Mapping[str, Any], part: PartToSend) -> Receipt:
        url = web_address(status.get("url")) or web_address(status.get("uri"))
        at = created_at(status) or self._clock.now()
        return Receipt(id=id_of(status["id"]), url=url, at=at, differs=differences(status, part))

    def _read_trouble(self, answer: Answer) -> Unauthorized | Unavailable:
        if answer.status in (401, 403):
            return Unauthorized(self._words(answer))
        until = rate_reset(answer.headers, self._clock.now())
        return Unavailable(self._words(answer), until, lasts=not answer.fields())

    def _words(self, answer: Answer) -> str:
        """The server's own words, without markup or secrets."""
        found = answer.fields()
        return self._session.words(answer, found.get("error_description") or found.get("error"))


def connect(
    options: MastodonOptions, secrets: Mapping[str, str], clock: Clock, network: Network | None = None
) -> MastodonAdapter:
    """The adapter of one account."""
    from .http import HttpSession

    token = secrets["access_token"]
    return MastodonAdapter(HttpSession(clock, options.server, [token], network=network), token, clock)


def _status(part: PartToSend, media_ids: list[str]) -> dict[str, Any]:
    """What is posted; who may see it is the account's own setting."""
    status: dict[str, Any] = {"status": part.text, "language": language_of(part)}
    if media_ids:
        status["media_ids"] = media_ids
    if part.warning:
        status["spoiler_text"] = part.warning
    if part.parent is not None:
        status["in_reply_to_id"] = status_id(part.parent)
    return status


def _is_throttle(answer: Answer, now: datetime) -> bool:
    """429, or GoToSocial's documented 503; a gateway's page under 503 may hide a post that was made."""
    is_busy = answer.status == 503 and answer.fields() and retry_after(answer.headers, now) is not None
    return answer.status == 429 or bool(is_busy)


def _quoted(remote_id: str) -> str:
    return quote(remote_id, safe="")


def _with_limits(base: Profile, found: Mapping[str, Any]) -> Profile:
    """Mastodon and GoToSocial name their limits under `configuration`, Pleroma and Akkoma at the top."""
    configuration = as_fields(found.get("configuration"))
    statuses = as_fields(configuration.get("statuses"))
    media = as_fields(configuration.get("media_attachments"))
    wanted = {
        "limit": statuses.get("max_characters") or found.get("max_toot_chars"),
        "url_length": statuses.get("characters_reserved_per_url"),
        "max_images": statuses.get("max_media_attachments") or found.get("max_media_attachments"),
        "image_bytes": media.get("image_size_limit") or found.get("upload_limit"),
        "image_pixels": media.get("image_matrix_limit"),
        "alt_limit": media.get("description_limit") or found.get("description_limit"),
    }
    known = {name: value for name, value in wanted.items() if type(value) is int and 0 < value < 2**31}
    return replace(base, **known)  # type: ignore[arg-type]
