"""X in a box: API v2 with signatures, weighted lengths, duplicate refusals, t.co links and its many ways to say no."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from oauthlib.oauth1.rfc5849 import signature

from ..clock import rfc3339
from ..post.profile import Profile
from ..text import x as rules
from ..text.measure import replaced
from .base import ACCOUNT, FakePlatform, Medium, PublishedPost, media_type_of, quotas, route
from .http_messages import Answer, RefusedError, Request

LIMIT = 280
LONG_LIMIT = 25_000
ALT_LIMIT = 1000
IMAGE_BYTES = 5_000_000
_MORE = dict.fromkeys(("upload", "metadata"), (500, 15))
QUOTAS = quotas(post=(100, 15), delete=(50, 15), me=(75, 15), timeline=(900, 15), read=(900, 15), **_MORE)
POST_FIELDS = (
    "card_uri community_id direct_message_deep_link edit_options exclude_reply_user_ids for_super_followers_only geo "
    "made_with_ai media nullcast paid_partnership poll quote_tweet_id reply reply_settings share_with_followers text"
)
TIMELINE_PARAMETERS = (
    "max_results start_time end_time since_id until_id exclude tweet.fields expansions media.fields pagination_token"
)
_EPOCH = 1_288_834_974_657
_PROBLEMS = "https://api.twitter.com/2/problems"


class FakeX(FakePlatform):
    """A platform in a box, see FakePlatform.

    Knobs: `duplicate_window` (how far back a twin is refused; X does not tell), `long_posts`.
    """

    platform = "x"
    rate_prefix = "x-rate-limit-"
    media_life = timedelta(days=1)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"quotas": QUOTAS, **settings})
        self.duplicate_window = timedelta(hours=24)
        self.long_posts = False
        self._nonces: set[tuple[str, str]] = set()

    def options(self, account: str = ACCOUNT) -> dict[str, str]:
        return {"server": self.url, **credentials_of(account)}

    def follow(self, profile: Profile) -> None:
        self.long_posts = profile.limit > LIMIT

    def user_id(self, account: str = ACCOUNT) -> str:
        return str(1000 + self.accounts.index(account))

    def not_found(self, request: Request) -> Answer:
        return _problem(404, "Not Found", "Not Found").answer

    def no_json(self) -> RefusedError:
        return _invalid("", "The request body is no JSON object.")

    def expired(self, request: Request) -> Answer:
        """OAuth 1.0a tokens do not run out; a revoked one is answered so."""
        return _problem(401, "Unauthorized", "Unauthorized").answer

    def too_many(self, headers: Mapping[str, str]) -> Answer:
        answer = _problem(429, "Too Many Requests", "Too Many Requests").answer
        return replace(answer, headers={**answer.headers, **headers})

    def reset_of(self, instant: datetime) -> str:
        return str(int(instant.timestamp()) + 1)

    def account_of(self, request: Request) -> str:
        """Whose signature this is; a nonce is good for one request."""
        given = _oauth_parameters(request)
        account = given.get("oauth_token", "").removesuffix("-token")
        once = (given.get("oauth_nonce", ""), given.get("oauth_timestamp", ""))
        is_known = account in self.accounts and is_signed(request, credentials_of(account))
        if not is_known or once in self._nonces:
            raise _problem(401, "Unauthorized", "Unauthorized")
        self._nonces.add(once)
        return account

    @route("GET", "/2/users/me", "me")
    def _me(self, request: Request, account: str) -> Any:
        return {"data": {"id": self.user_id(account), "name": account, "username": account}}

    @route("POST", "/2/tweets", "post")
    def _create(self, request: Request, account: str) -> Any:
        asked = _known(self.asked(request), POST_FIELDS)
        media = self._attached(asked, account)
        text = self._text(asked, has_media=bool(media))
        reply_to = self._reply_target(asked)
        self._refuse_twin(account, text)
        images = tuple(medium.image for medium in media)
        posted = self.commit(account=account, id=self.next_id(), text=text, images=images, reply_to=reply_to)
        return Answer.json({"data": {"id": posted.id, "text": text, "edit_history_tweet_ids": [posted.id]}}, 201)

    def _attached(self, asked: Mapping[str, Any], account: str) -> list[Medium]:
        if "media" not in asked:
            return []
        ids = _known(asked["media"], "media_ids tagged_user_ids").get("media_ids", [])
        media = [medium for id in ids if (medium := self.own_medium(id, account)) is not None]
        if not 1 <= len(ids) <= 4 or len(media) < len(ids):
            raise _invalid("media.media_ids", "Your media IDs are invalid.")
        return media

    def _text(self, asked: Mapping[str, Any], *, has_media: bool) -> str:
        text = asked.get("text", "")
        if not isinstance(text, str) or (not text.strip() and not has_media):
            raise _invalid("text", "One of text or media must be given.")
        if rules.length(text) > (LONG_LIMIT if self.long_posts else LIMIT):
            raise _invalid("text", "Your Tweet text is too long.")
        if rules.forbidden(text) is not None or len(rules.cashtags(text)) > 1:
            raise _problem(403, "Forbidden", "You are not permitted to perform this action.")
        return text

    def _reply_target(self, asked: Mapping[str, Any]) -> str | None:
        if "reply" not in asked:
            return None
        known = "in_reply_to_tweet_id exclude_reply_user_ids auto_populate_reply_metadata"
        target = _known(asked["reply"], known).get("in_reply_to_tweet_id")
        if not isinstance(target, str) or self.find(target) is None:
            gone = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise _problem(400, "Invalid Request", gone, f"{_PROBLEMS}/invalid-request")
        return target

    def _refuse_twin(self, account: str, text: str) -> None:
        since = self.clock.now() - self.duplicate_window
        for posted in takewhile(lambda posted: posted.at > since, reversed(self.journal)):
            is_twin = posted.account == account and _folded(posted.text) == _folded(text)
            if is_twin and posted.id not in self.deleted:
                raise _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")

    @route("DELETE", "/2/tweets/<int:id>", "delete")
    def _delete(self, request: Request, account: str, id: int) -> Any:
        posted = self.found(str(id))
        if posted.account != account:
            raise _problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
        self.deleted.add(posted.id)
        return {"data": {"deleted": True}}

    @route("GET", "/2/tweets/<int:id>", "read")
    def _read(self, request: Request, account: str, id: int) -> Any:
        """A single post; who made it only where that is asked for."""
        posted = self.found(str(id))
        fields = request.args.get("tweet.fields", "").split(",")
        author = {"author_id": self.user_id(posted.account)} if "author_id" in fields else {}
        return {"data": {**_as_read(posted, fields), **author}, **_included([posted], request.args)}

    def no_post(self, id: str) -> RefusedError:
        """X answers 200 with errors and no data for a post that does not exist."""
        error = {
            "value": id,
            "detail": f"Could not find tweet with id: [{id}].",
            "title": "Not Found Error",
            "resource_type": "tweet",
            "parameter": "id",
            "resource_id": id,
            "type": f"{_PROBLEMS}/resource-not-found",
        }
        return RefusedError(Answer.json({"errors": [error]}))

    @route("GET", "/2/users/<user>/tweets", "timeline")
    def _timeline(self, request: Request, account: str, user: str) -> Any:
        """One page of a user's posts, newest first; 400 for a parameter that X does not know or take."""
        asked = request.args
        for name in asked.keys() - set(TIMELINE_PARAMETERS.split()):
            raise _invalid(name, f"The query parameter [{name}] is not one of those that are known")
        try:
            size, first = int(asked.get("max_results", "10")), int(asked.get("pagination_token", "0"))
            since = datetime.fromisoformat(asked.get("start_time", "0001-01-01T00:00:00Z"))
        except ValueError:
            raise _invalid("max_results", "A number or a time cannot be read") from None
        if not 5 <= size <= 100:
            raise _invalid("max_results", f"The `max_results` query parameter value [{size}] is not between 5 and 100")
        found = [one for one in reversed(self.visible) if self.user_id(one.account) == user and one.at >= since]
        shown = found[first : first + size]
        if not shown:
            return {"meta": {"result_count": 0}}
        meta = {"result_count": len(shown), "newest_id": shown[0].id, "oldest_id": shown[-1].id}
        more = {"next_token": str(first + size)} if first + size < len(found) else {}
        fields = asked.get("tweet.fields", "").split(",")
        data = [_as_read(posted, fields) for posted in shown]
        return {"data": data, "meta": {**meta, **more}, **_included(shown, asked)}

    @route("POST", "/2/media/upload", "upload")
    def _upload(self, request: Request, account: str) -> Any:
        data = _uploaded(self.asked(request))
        if media_type_of(data) is None or len(data) > IMAGE_BYTES:
            raise _invalid("media", "The media is not an image that can be used, or too large.")
        id, life = self.keep_image(account, data), int(self.media_life.total_seconds())
        return {"data": {"id": id, "media_key": f"3_{id}", "size": len(data), "expires_after_secs": life}}

    @route("POST", "/2/media/metadata", "metadata")
    def _describe(self, request: Request, account: str) -> Any:
        asked = _known(self.asked(request), "id metadata")
        metadata = asked.get("metadata")
        alt = metadata.get("alt_text") if isinstance(metadata, dict) else None
        text = alt.get("text") if isinstance(alt, dict) else None
        medium = self.own_medium(asked.get("id"), account)
        if medium is None or not isinstance(text, str):
            raise _invalid("id", "The media ID or its metadata is invalid.")
        if len(text) > ALT_LIMIT:
            raise _invalid("metadata.alt_text.text", f"At most {ALT_LIMIT} characters are allowed.")
        medium.image = replace(medium.image, alt=text)
        return {"data": {"id": asked["id"], "associated_metadata": metadata}}

    def next_id(self) -> str:
        """A snowflake: milliseconds since X's epoch, then a number of our own."""
        milliseconds = int(self.clock.now().timestamp() * 1000) - _EPOCH
        return str((max(milliseconds, 0) << 22) + next(self.numbers))


def credentials_of(account: str) -> dict[str, str]:
    """The four secrets of an account of this fake."""
    token = {"access_token": f"{account}-token", "access_token_secret": f"{account}-secret"}
    return {"api_key": "fake-key", "api_secret": "fake-secret", **token}


def is_signed(request: Request, credentials: Mapping[str, str]) -> bool:
    """Whether the signature (OAuth 1.0a, RFC 5849) fits the method, the host and path that were called, and the query.

    A JSON or multipart body is not part of what is signed; a urlencoded one is.
    """
    given = _oauth_parameters(request)
    if given.get("oauth_signature_method") != "HMAC-SHA1" or given.get("oauth_consumer_key") != credentials["api_key"]:
        return False
    target, header = urlsplit(request.target), {"Authorization": request.headers["authorization"]}
    body = request.body.decode() if request.mimetype == "application/x-www-form-urlencoded" else None
    called = SimpleNamespace(
        http_method=request.method,
        uri=f"http://{request.headers['host']}{target.path}",
        params=signature.collect_parameters(target.query, body, header),
        signature=given.get("oauth_signature", ""),
    )
    secrets = credentials["api_secret"], credentials["access_token_secret"]
    return bool(signature.verify_hmac_sha1(called, *secrets))


def _oauth_parameters(request: Request) -> dict[str, str]:
    """What the header says; empty when it is no header of OAuth."""
    header = {"Authorization": request.headers.get("authorization", "")}
    try:
        return dict(signature.collect_parameters(headers=header, exclude_oauth_signature=False))
    except ValueError:
        return {}


def _included(shown: Sequence[PublishedPost], asked: Mapping[str, str]) -> dict[str, Any]:
    """The images of these posts, where they are asked for."""
    tells_alts = "alt_text" in asked.get("media.fields", "").split(",")
    media = [
        {"media_key": key, "type": "photo", **({"alt_text": image.alt} if tells_alts and image.alt else {})}
        for posted in shown
        for key, image in zip(_media_keys(posted), posted.images, strict=True)
    ]
    return {"includes": {"media": media}} if media and asked.get("expansions") == "attachments.media_keys" else {}


def _media_keys(posted: PublishedPost) -> list[str]:
    return [f"3_{posted.id}{index}" for index, _ in enumerate(posted.images)]


def _as_read(posted: PublishedPost, fields: Sequence[str]) -> dict[str, Any]:
    """Escaped, every link a t.co, the longest cut, and of the rest only what was asked for."""
    text, urls = _shortened(posted.text)
    media = _media_links(posted)
    is_long = rules.length(posted.text) > LIMIT
    whole = {
        "created_at": rfc3339(posted.at, "milliseconds"),
        "attachments": {"media_keys": _media_keys(posted)} if posted.images else None,
        "conversation_id": posted.id,
        "entities": {"urls": urls + media} if urls or media else None,
        "referenced_tweets": [{"type": "replied_to", "id": posted.reply_to}] if posted.reply_to else None,
        "note_tweet": {"text": text, "entities": {"urls": urls}} if is_long else None,
    }
    asked = {name: whole[name] for name in fields if whole.get(name) is not None}
    shown = text[: LIMIT - 10].rsplit(" ", 1)[0] + "…" if is_long else text
    shown = " ".join([shown, *dict.fromkeys(link["url"] for link in media)])
    return {"id": posted.id, "text": shown, "edit_history_tweet_ids": [posted.id], **asked}


def _shortened(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text with t.co in the place of every link, escaped as X escapes it."""
    links = {entity: _short_link(entity.text) for entity in rules.entities(text) if entity.type == "url"}
    urls = [
        {
            "url": short,
            "expanded_url": entity.text if "://" in entity.text else f"http://{entity.text}",
            "display_url": entity.text.split("://")[-1],
        }
        for entity, short in links.items()
    ]
    return replaced(text, links, lambda link: links[link], _escaped), urls


def _media_links(posted: PublishedPost) -> list[dict[str, Any]]:
    """One t.co for all images of a post; an entity for each of them."""
    page = f"https://x.com/{posted.account}/status/{posted.id}/photo/1"
    short = _short_link(page)
    link = {"url": short, "expanded_url": page, "display_url": f"pic.x.com/{short[-10:]}"}
    return [{**link, "media_key": key} for key in _media_keys(posted)]


def _short_link(url: str) -> str:
    return "https://t.co/" + hashlib.sha256(url.encode()).hexdigest()[:10]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _known(asked: Any, known: str) -> dict[str, Any]:
    """An object with fields of these names only."""
    if not isinstance(asked, dict):
        raise _invalid("", f"[{asked}] is no object.")
    for name in asked.keys() - set(known.split()):
        raise _invalid(name, f"$.{name}: is not defined in the schema.")
    return asked


def _uploaded(body: Mapping[str, Any]) -> bytes:
    """The bytes of a one-shot upload, in base64; X also takes a form, which is not spoken here."""
    asked = _known(body, "media media_category media_type shared additional_owners")
    try:
        category, data = asked["media_category"], b64decode(asked["media"], validate=True)
    except (KeyError, ValueError, TypeError):
        raise _invalid("media", "media and media_category must be given.") from None
    if category != "tweet_image":
        raise _invalid("media_category", f"[{category}] is no category of a one-shot upload here.")
    return data


def _folded(text: str) -> str:
    """How X compares is not told: here by NFC and with white space run together."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def _problem(status: int, title: str, detail: str, type: str = "about:blank") -> RefusedError:
    return RefusedError(Answer.json({"title": title, "detail": detail, "type": type, "status": status}, status))


def _invalid(parameter: str, message: str) -> RefusedError:
    """400 `Invalid Request`, in the older form that names the parameter."""
    told = {"errors": [{"parameters": {parameter: []}, "message": message}], "title": "Invalid Request"}
    detail = "One or more parameters to your request was invalid."
    return RefusedError(Answer.json({**told, "detail": detail, "type": f"{_PROBLEMS}/invalid-request"}, 400))
