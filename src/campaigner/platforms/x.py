"""X: profile, options, adapter. Its API v2 through tweepy, which itself speaks through our one HTTP seam.

Facts: docs.x.com (openapi 2.167). X has no idempotency key; it refuses a text that the account posted lately, without
naming the twin; so a doubt is settled by reading the account's own posts, and a post that isn't found proves nothing.
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..clock import Clock
from .answers import id_of, instant_of, rate_reset, server_date
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
from .http import Answer, Failed, HttpSession
from .network import Network
from .places import x_post
from .profiles import XOptions, x_profile
from .reasons import ASK
from .refusals import X, is_refusal
from .twins import same_images, why_another
from .x_answers import (
    alts_of_page,
    data_of,
    is_about_reply_target,
    is_absent,
    is_deleted,
    is_refused,
    posts_of_page,
    problem_type,
    worded,
)
from .x_seam import CallFailedError, Seam
from .x_words import alts_of, differences, is_same_post, shown_post

LOOK_BACK = timedelta(minutes=10)
PAGE = 100
MOST_PAGES = 5
POST_FIELDS = ["attachments", "created_at", "entities", "note_tweet", "referenced_tweets"]
VISIBLE_AFTER = timedelta(minutes=5)
"""A post that was just made may not be seen by a reply to it for some seconds."""
TRY_REPLY_AGAIN = timedelta(seconds=10)
_OF_THE_ACCOUNT = ("oauth1-permissions", "client-forbidden", "user-suspended", "unsupported-authentication")


class _Shown(NamedTuple):
    """A post with the words of a part, and the alt texts of its images."""

    post: Mapping[str, Any]
    alts: Sequence[str | None]


class XAdapter:
    """One account on X."""

    reconciliation = Reconciliation.DUPLICATE_REFUSAL
    absence_after: timedelta | None = None

    def __init__(self, session: HttpSession, options: XOptions, secrets: Mapping[str, str], clock: Clock) -> None:
        self._session = session
        self._options = options
        self._secrets = secrets
        self._clock = clock
        self._seam = Seam(session)
        self._user_id: str | None = None
        self._username: str | None = None
        self._drift = timedelta(0)

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """GET /2/users/me."""
        answer = self._call(lambda client: client.get_me(user_auth=True))
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        found = data_of(answer)
        if answer.status == HTTPStatus.NOT_FOUND:
            return Unavailable(f"{self._words(answer)}: no API is there, {ASK}", lasts=True)
        if not answer.is_success or not isinstance(found, dict) or not id_of(found.get("id")):
            return self._read_trouble(answer)
        self._user_id, self._username = id_of(found["id"]), id_of(found.get("username"))
        return Identity(
            id=":".join(["x", *self._other_host(), self._user_id]),
            name=f"@{self._username}",
            url=f"https://x.com/{self._username}",
            clock_offset=self._session.clock_offset,
        )

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """POST /2/media/upload in one piece, then its alt text, which belongs between upload and post."""
        body = {"media": b64encode(media.data).decode(), "media_category": "tweet_image"}
        answer = self._call(lambda client: client.request("POST", "/2/media/upload", json=body, user_auth=True))
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        found = data_of(answer)
        if not answer.is_success or not isinstance(found, dict) or not id_of(found.get("id")):
            return self._upload_trouble(answer)
        expires_at = self._clock.now() + timedelta(seconds=_seconds(found.get("expires_after_secs")))
        trouble = self._describe(id_of(found["id"]), media.alt) if media.alt else None
        return trouble or Uploaded({"id": id_of(found["id"]), "expires_at": expires_at.isoformat()})

    def publish(self, part: PartToSend) -> Outcome:
        """POST /2/tweets. An upload that has run out meanwhile is made again first."""
        parent_id = x_post(part.parent.id) if part.parent else None
        if part.parent is not None and parent_id is None:
            return Rejected(f"the part before this one is no post on X: {part.parent.id}")
        media_ids = []
        for media in part.media:
            uploaded = self._upload_in_time(media)
            if not isinstance(uploaded, Uploaded):
                return uploaded
            media_ids.append(str(uploaded.upload["id"]))
        answer = self._call(
            lambda client: client.create_tweet(
                text=part.text,
                media_ids=media_ids or None,
                in_reply_to_tweet_id=parent_id,
                user_auth=True,
            ),
        )
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts) if answer.before_sending else InDoubt(answer.reason)
        return self._published(answer, part)

    def look(self, part: PartToSend) -> Look:
        """The account's posts since ten minutes before the attempt, by words, images and place; the earliest that fits.

        Of a part that X refused as a repeat all that it lists are read: what made it say so may be a year old.
        """
        if self._user_id is None:
            identity = self.identity()
            if not isinstance(identity, Identity):
                return identity
        since = (part.attempted_at or self._clock.now()) - LOOK_BACK + self._drift
        found: list[_Shown] = []
        next_token: str | None = None
        for _ in range(MOST_PAGES):
            answer = self._timeline(None if part.is_repeat else since, next_token, with_images=bool(part.images))
            if isinstance(answer, Failed):
                return Unavailable(answer.reason, lasts=answer.lasts)
            posts, next_token = posts_of_page(answer)
            if posts is None:
                return self._read_trouble(answer)
            alts = alts_of_page(answer)
            found += [_Shown(post, alts_of(post, alts)) for post in posts if is_same_post(post, part)]
            if next_token is None or (part.is_repeat and found):
                break
        known = self._known_among(found, part, since)
        if isinstance(known, Absent) and known.repeats is None and next_token is not None:
            return Unavailable("there are too many newer posts to look through")
        return known

    def _known_among(self, found: Sequence[_Shown], part: PartToSend, since: datetime) -> Receipt | Alike | Absent:
        ours: Receipt | None = None
        perhaps: Alike | None = None
        for shown in found:
            made_at = instant_of(shown.post.get("created_at"))
            if (made_at or since) < since or id_of(shown.post["id"]) in part.owned_ids:
                continue
            same = same_images(part, shown.alts) if made_at else None
            receipt = self._receipt_of(shown.post)
            ours = receipt if same else ours
            perhaps = Alike(receipt.url) if same is None else perhaps
        repeats = self._receipt_of(found[0].post) if found and part.is_repeat else None
        return ours or perhaps or Absent(repeats)

    def find(self, post_id: str, part: PartToSend) -> Found:
        """GET the post, with who made it."""
        if self._user_id is None:
            identity = self.identity()
            if not isinstance(identity, Identity):
                return identity
        fields = [*POST_FIELDS, "author_id"]
        answer = self._call(lambda client: client.get_tweet(post_id, tweet_fields=fields, user_auth=True))
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        if is_absent(answer):
            return Another("no such post is there")
        post = data_of(answer)
        if not answer.is_success or not isinstance(post, dict) or not id_of(post.get("id")):
            return self._read_trouble(answer)
        since = (part.attempted_at or self._clock.now()) - LOOK_BACK + self._drift
        why = why_another(shown_post(post, part, self._user_id or ""), part, since)
        return Another(self._session.redact(why)) if why else self._receipt_of(post)

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """DELETE the post; gone already is as good, but of what is no id X would say the same."""
        post_id = x_post(receipt.id)
        if post_id is None:
            return Rejected(f"{receipt.id} is no post on X")
        answer = self._call(lambda client: client.delete_tweet(post_id, user_auth=True))
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        if is_deleted(answer):
            return None
        if answer.status == HTTPStatus.FORBIDDEN and not self._is_of_the_account(answer):
            return Rejected(self._words(answer))
        return self._read_trouble(answer)

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """X does not tell its limits; they are those of the profile."""
        return AccountLimits(profile=x_profile(self._options), notes=("X's limits are the same for every account",))

    def close(self) -> None:
        """End a call in flight."""
        self._session.close()

    def _call(self, ask: Callable[[Any], object]) -> Answer | Failed:
        """Let tweepy build and sign one request. What came of it is read from the answer, not from its exceptions."""
        # By way of the package: lanes that begin side by side at two of its modules would each wait for the other.
        import tweepy

        try:
            ask(self._client)
        except CallFailedError as error:
            return error.failed
        except tweepy.errors.TweepyException:
            # It raises for every answer that is no success; the answer itself says more.
            pass
        answer = self._seam.answer
        dated_at = server_date(answer.headers)
        if dated_at is not None:
            self._drift = dated_at - self._clock.now()
        return answer

    @cached_property
    def _client(self) -> Any:
        """A client of tweepy, with our seam in place of its session and without its own waiting for rate limits."""
        import tweepy

        for name in ("tweepy", "oauthlib", "requests_oauthlib"):
            # At DEBUG these write down bodies and what is signed, tokens among it.
            logging.getLogger(name).setLevel(logging.WARNING)
        client: Any = tweepy.client.Client(  # type: ignore[no-untyped-call]
            consumer_key=self._secrets["api_key"],
            consumer_secret=self._secrets["api_secret"],
            access_token=self._secrets["access_token"],
            access_token_secret=self._secrets["access_token_secret"],
            return_type=dict,
            wait_on_rate_limit=False,
        )
        client.session.close()
        client.session = self._seam
        return client

    def _timeline(self, since: datetime | None, next_token: str | None, *, with_images: bool) -> Answer | Failed:
        images = {"expansions": ["attachments.media_keys"], "media_fields": ["alt_text"]} if with_images else {}
        return self._call(
            lambda client: client.get_users_tweets(
                self._user_id,
                start_time=since,
                max_results=PAGE,
                tweet_fields=POST_FIELDS,
                pagination_token=next_token,
                user_auth=True,
                **images,
            )
        )

    def _describe(self, media_id: str, alt: str) -> Rejected | Unauthorized | Unavailable | None:
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        answer = self._call(lambda client: client.request("POST", "/2/media/metadata", json=body, user_auth=True))
        if isinstance(answer, Failed):
            return Unavailable(answer.reason, lasts=answer.lasts)
        return None if answer.is_success else self._upload_trouble(answer)

    def _upload_in_time(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        upload = media.upload or {}
        expires_at = upload.get("expires_at")
        if upload.get("id") and (expires_at is None or self._clock.now() < datetime.fromisoformat(expires_at)):
            return Uploaded(upload)
        return self.prepare(media)

    def _published(self, answer: Answer, part: PartToSend) -> Outcome:
        if answer.is_success:
            found = data_of(answer)
            if isinstance(found, dict) and id_of(found.get("id")):
                return replace(self._receipt_of(found), differs=differences(found, part))
            return InDoubt(f"X took the post, and its answer can't be read (HTTP {answer.status})")
        return self._stopped(answer) or self._refused(answer, part)

    def _refused(self, answer: Answer, part: PartToSend) -> Rejected | Unavailable | InDoubt:
        words = self._words(answer)
        if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return Rejected(words)
        if not isinstance(answer.json(), dict):
            return InDoubt(words)
        if answer.status == HTTPStatus.FORBIDDEN and "duplicate content" in words:
            return InDoubt(words, duplicate=True)
        if part.parent is not None and is_about_reply_target(answer, words):
            return self._reply_target_missing(part.parent, words)
        if not is_refusal(X, answer.status, words):
            return InDoubt(words)
        if "not allowed" in words:
            words += ". X lets most apps reply only where somebody mentioned them: write one post in place of a thread"
        return Rejected(words)

    def _stopped(self, answer: Answer) -> Unauthorized | Unavailable | None:
        """What a refusal says of the account and not of one post; nothing was posted."""
        words = self._words(answer)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return Unauthorized(f"X refuses the account's keys, or this machine's clock is wrong: {words}")
        if answer.status == HTTPStatus.PAYMENT_REQUIRED:
            return Unauthorized(f"X wants to be paid, the account's credits are used up: {words}")
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            if "usage-capped" in problem_type(answer):
                return Unauthorized(f"the account's quota at X is used up: {words}")
            return Unavailable(words, rate_reset(answer.headers, self._clock.now()))
        if answer.status == HTTPStatus.FORBIDDEN and self._is_of_the_account(answer):
            return Unauthorized(words)
        return None

    def _is_of_the_account(self, answer: Answer) -> bool:
        found = answer.json()
        title = str(found.get("title", "")) if isinstance(found, dict) else ""
        return problem_type(answer).endswith(_OF_THE_ACCOUNT) or title == "Unsupported Authentication"

    def _reply_target_missing(self, parent: Receipt, words: str) -> Rejected | Unavailable:
        now = self._clock.now()
        if now < parent.at + VISIBLE_AFTER:
            return Unavailable(f"X does not see the part before this one yet: {words}", now + TRY_REPLY_AGAIN)
        return Rejected(f"the part before this one can't be replied to: {words}")

    def _upload_trouble(self, answer: Answer) -> Rejected | Unauthorized | Unavailable:
        words = self._words(answer)
        if (stopped := self._stopped(answer)) is not None:
            return stopped
        if is_refused(answer.status) and (
            isinstance(answer.json(), dict) or answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        ):
            return Rejected(f"the image or its alt text was refused: {words}")
        return Unavailable(words)

    def _read_trouble(self, answer: Answer) -> Unauthorized | Unavailable:
        return self._stopped(answer) or Unavailable(self._words(answer), lasts=not answer.fields())

    def _receipt_of(self, post: Mapping[str, Any]) -> Receipt:
        """X tells the time of a post only to those who read it back."""
        post_id = id_of(post["id"])
        where = f"{self._username}/status" if self._username else "i/web/status"
        return Receipt(
            id=post_id,
            url=f"https://x.com/{where}/{post_id}",
            at=instant_of(post.get("created_at")) or self._clock.now(),
        )

    def _other_host(self) -> list[str]:
        """The host, where it is not X itself: ids of a stand-in are not those of X."""
        host = urlsplit(self._options.server).netloc
        return [] if host in ("api.x.com", "api.twitter.com") else [host]

    def _words(self, answer: Answer) -> str:
        """X's own words, without secrets."""
        found = answer.json()
        return self._session.words(answer, worded(found) if isinstance(found, dict) else "")


def connect(options: XOptions, secrets: Mapping[str, str], clock: Clock, network: Network | None = None) -> XAdapter:
    """The adapter of one account."""
    return XAdapter(HttpSession(clock, options.server, secrets.values(), network=network), options, secrets, clock)


def _seconds(value: Any) -> int:
    """How long an upload lasts; a day where X does not say, and at most."""
    return min(value, 86_400) if type(value) is int and value > 0 else 86_400
