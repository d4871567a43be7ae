"""X: its API v2, signed by tweepy (OAuth 1.0a).

Facts: docs.x.com (openapi 2.167). X has no idempotency key; it refuses a text that the account posted lately, without
naming the twin; so a doubt is settled by reading the account's own posts, and a post that isn't found proves nothing.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from ..campaign.campaign import Model
from ..campaign.config import Secret
from ..post.profile import Profile, Quota
from ..strict_yaml import composed
from ..text.measure import Entity, entities, replaced
from .answers import Answer, Failed, as_fields, id_of, instant_of, listed
from .base import Platform
from .compare import changed_words
from .outcomes import (
    AccountLimits,
    Identity,
    InDoubt,
    Media,
    Outcome,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    RemotePost,
    Stop,
    Unavailable,
)
from .reasons import saying
from .url_safety import Server

LIMIT, LONG_LIMIT = 280, 25_000
"""What one post may hold, and what X's product pages say of Premium accounts."""
PAGE = "100"
POST_FIELDS = "attachments,created_at,entities,note_tweet,referenced_tweets"
_SHOWN_WHOLE = 140
_OF_MEDIA = r"(?i)https?://(?:www\.)?(?:x|twitter)\.com/\S+/status/\d+/(?:photo|video)/\d+"


class XOptions(Model):
    """What the config says of an X account: four secrets of OAuth 1.0a, which do not run out."""

    api_key: Secret
    api_secret: Secret
    access_token: Secret
    access_token_secret: Secret
    server: Server = "https://api.x.com"
    long_posts: bool = False


class X(Platform):
    """One account on X."""

    name = "x"
    Options = XOptions
    # docs.x.com: media best practices, rate limits and an older page of it.
    profile = Profile(
        platform="x",
        measure="x",
        limit=LIMIT,
        unit="weighted",
        url_length=23,
        max_images=4,
        image_bytes=5_000_000,
        alt_limit=1000,
        may_refuse_threads=True,
        refuses_repeats=True,
        quotas=(Quota(100, timedelta(minutes=15)), Quota(300, timedelta(hours=3))),
    )
    reconciliation = Reconciliation.DUPLICATE_REFUSAL
    post_url = r"(?ai)https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w{1,20})/status(?:es)?/(?P<id>[0-9]{1,20})(?:[/?#].*)?"
    account_errors: ClassVar[Mapping[int | str, str]] = {
        401: "X refuses the account's keys, or this machine's clock is wrong",
        402: "X wants to be paid, the account's credits are used up",
        "usage-capped": "the account's quota at X is used up",
        **dict.fromkeys(("oauth1-permissions", "client-forbidden", "user-suspended", "unsupported-authentication"), ""),
        "Unsupported Authentication": "",
    }
    # A 403 stops the account only where it names the account.
    forbidding = frozenset()
    # A 403 that does not name the account is about the image.
    image_refusals = Platform.image_refusals | {403}
    refusals = (
        # `Invalid Request` names the parameter that X does not take.
        saying({400}, r"^invalid request"),
        saying({403}, r"not permitted to perform this action", r"reply.*not allowed|not allowed.*reply"),
    )
    duplicates = (saying({403}, "duplicate content"),)
    # A post that was just made may not be seen by a reply to it for some seconds.
    no_parent = (saying({404}, ""), saying({400, 403}, r"reply.*not visible|not visible.*reply"))
    # Every post that is read is paid for.
    most_pages = 5
    parent_seen_after = timedelta(minutes=5)

    @classmethod
    def profile_of(cls, options: Any) -> Profile:
        """280 weighted, 25,000 where the config says that the account may post long texts."""
        long_posts = isinstance(options, XOptions) and options.long_posts
        return replace(cls.profile, limit=LONG_LIMIT) if long_posts else cls.profile

    @classmethod
    def post_id(cls, options: Any, identity: str | None, address: str) -> str | None:
        """Also of the number alone."""
        is_number = re.fullmatch(r"[0-9]{1,20}", address)
        return address if is_number else super().post_id(options, identity, address)

    def call(self, method: str, path: str, **request: Any) -> Answer | Failed:
        """One call, signed; a JSON body is not part of what is signed."""
        from requests import Request

        asked = {name: request.get(name) for name in ("params", "json")}
        signed = Request(method, self.http.base_url + path, auth=self._signature, **asked).prepare()
        body = signed.body.encode() if isinstance(signed.body, str) else signed.body
        return self.http.call(method, str(signed.url), headers=signed.headers, data=body)

    @cached_property
    def _signature(self) -> Any:
        import logging

        # By way of the package: accounts that begin side by side at two of its modules would each wait for the other.
        import tweepy

        for name in ("tweepy", "oauthlib", "requests_oauthlib"):
            # At DEBUG these write down bodies and what is signed, tokens among it.
            logging.getLogger(name).setLevel(logging.WARNING)
        names = ("api_key", "api_secret", "access_token", "access_token_secret")
        keys = (self.secrets[name] for name in names)
        return tweepy.auth.OAuth1UserHandler(*keys).apply_auth()  # type: ignore[no-untyped-call]

    def whoami(self) -> Identity:
        answer = self.get("/2/users/me")
        found = _data_of(answer)
        user, name = self.id_in(answer, found), id_of(found.get("username"))
        host = urlsplit(self.options.server).netloc
        # Ids of a server in a box are not those of X.
        where = [] if host in ("api.x.com", "api.twitter.com") else [host]
        return Identity(id=":".join(["x", *where, user]), name=f"@{name}", url=f"https://x.com/{name}")

    def upload(self, media: Media) -> Mapping[str, Any]:
        """In one piece, then its alt text, which belongs between upload and post."""
        body = {"media": b64encode(media.data).decode(), "media_category": "tweet_image"}
        answer = self.image_taken(self.ask("POST", "/2/media/upload", json=body))
        found = _data_of(answer)
        media_id, lasts = self.id_in(answer, found), found.get("expires_after_secs")
        seconds = min(lasts, 86_400) if type(lasts) is int and lasts > 0 else 86_400
        if media.alt:
            described = {"id": media_id, "metadata": {"alt_text": {"text": media.alt}}}
            self.image_taken(self.ask("POST", "/2/media/metadata", json=described))
        return {"id": media_id, "expires_at": (self.clock.now() + timedelta(seconds=seconds)).isoformat()}

    def send(self, part: PartToSend) -> RemotePost | None:
        post: dict[str, Any] = {"text": part.text}
        if part.images:
            post["media"] = {"media_ids": part.image_ids}
        if part.parent is not None:
            post["reply"] = {"in_reply_to_tweet_id": self.known_id(part.parent)}
        found = _data_of(self.post("/2/tweets", publishes=part, json=post))
        return self._posted(found, part) if id_of(found.get("id")) else None

    def refine(self, answer: Answer, part: PartToSend, outcome: Rejected | InDoubt) -> Outcome:
        if isinstance(outcome, Rejected) and "not allowed" in outcome.reason:
            hint = "X lets most apps reply only where somebody mentioned them: write one post in place of a thread"
            return Rejected(f"{outcome.reason}. {hint}")
        return outcome

    def own_posts(self, since: datetime | None, part: PartToSend) -> Iterator[RemotePost]:
        params = {"max_results": str(PAGE), "tweet.fields": POST_FIELDS}
        if since is not None:
            params["start_time"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if part.images:
            params |= {"expansions": "attachments.media_keys", "media.fields": "alt_text"}
        for answer in self.pages(f"/2/users/{self.own_id}/tweets", params, self._older):
            posts, alts = listed(answer.fields().get("data")), _alts_of_page(answer)
            yield from (self._remote(post, alts) for post in posts if id_of(post.get("id")))

    def _older(self, answer: Answer) -> Mapping[str, str]:
        meta = answer.fields().get("meta")
        if not isinstance(meta, dict) or not isinstance(answer.fields().get("data", []), list):
            raise Stop(self.trouble(answer))
        return {"pagination_token": str(meta["next_token"])} if meta.get("next_token") else {}

    def read_post(self, post_id: str, part: PartToSend) -> RemotePost | None:
        answer = self.found("GET", f"/2/tweets/{post_id}", params={"tweet.fields": f"{POST_FIELDS},author_id"})
        if answer is None:
            return None
        post = _data_of(answer)
        self.id_in(answer, post)
        return self._remote(post, {})._replace(is_ours=str(post.get("author_id")) == self.own_id)

    def remove(self, receipt: Receipt) -> None:
        answer = self.ask("DELETE", f"/2/tweets/{self.known_id(receipt)}")
        if self.is_gone(answer) or (answer.is_success and _data_of(answer).get("deleted") is True):
            return
        trouble = self.trouble(answer)
        raise Stop(Rejected(trouble.reason) if answer.status == 403 and isinstance(trouble, Unavailable) else trouble)

    def is_gone(self, answer: Answer) -> bool:
        types = [str(error.get("type")) for error in listed(answer.fields().get("errors"))]
        is_absent = answer.is_success and any(kind.endswith("resource-not-found") for kind in types)
        return is_absent or (answer.status == 404 and "title" in answer.fields())

    def read_limits(self) -> AccountLimits:
        note = "X's limits are the same for every account"
        return AccountLimits(profile=self.profile_of(self.options), notes=(note,))

    def error_words(self, found: Mapping[str, Any]) -> str:
        """Title and detail of a problem; the messages of its errors, where it has some, say more."""
        errors = listed(found.get("errors"))
        messages = [str(error.get("message") or error.get("detail") or "") for error in errors]
        words = "; ".join(filter(None, messages)) or str(found.get("detail") or "")
        title = str(found.get("title") or "")
        return f"{title}: {words}" if title and words and title != words else words or title

    def error_name(self, found: Mapping[str, Any]) -> str:
        """What a problem's type ends with; the title where it has none."""
        kind = str(found.get("type") or "").rpartition("/")[2]
        return kind if kind not in ("", "about:blank") else str(found.get("title") or "")

    def id_of_part(self, receipt: Receipt) -> str | None:
        return self.post_id(self.options, None, receipt.id)

    def plain(self, text: str) -> str:
        """Links in the form in which X's own are compared."""
        return super().plain(replaced(text, _links_in(text), lambda link: _bare(link.text)))

    def _remote(self, post: Mapping[str, Any], alts: Mapping[str, str | None]) -> RemotePost:
        made_at, texts = instant_of(post.get("created_at")), (_words_read(post),)
        return RemotePost(self._receipt(post), texts, made_at, _alts_of(post, alts), _replied_to(post))

    def _posted(self, post: Mapping[str, Any], part: PartToSend) -> RemotePost:
        """What the answer to a post tells of it: how many images it has, no alt texts; t.co in the place of every link."""
        keys, differs = as_fields(post.get("attachments")).get("media_keys"), ""
        alts = [media.alt for media in part.images][: len(keys)] if isinstance(keys, list) else None
        # Of a long post X shows the beginning, and the whole elsewhere.
        if isinstance(post.get("text"), str) and "note_tweet" not in post and len(part.text) <= _SHOWN_WHOLE:
            differs = changed_words(part.text, [_words_read(post)], lambda text: _without_links(self.plain(text)))
        return RemotePost(self._receipt(post), (), None, alts, differs=differs)

    def _receipt(self, post: Mapping[str, Any]) -> Receipt:
        """X tells the time of a post only to those who read it back."""
        post_id = id_of(post["id"])
        name = self._identity.name.removeprefix("@") if self._identity else ""
        where = f"{name}/status" if name else "i/web/status"
        at = instant_of(post.get("created_at")) or self.clock.now()
        return Receipt(id=post_id, url=f"https://x.com/{where}/{post_id}", at=at)


def _data_of(answer: Answer) -> Mapping[str, Any]:
    return as_fields(answer.fields().get("data"))


def _alts_of_page(answer: Answer) -> dict[str, str | None]:
    """The alt texts of the images on a page, by media key."""
    media = listed(as_fields(answer.fields().get("includes")).get("media"))
    return {str(one.get("media_key")): str(one.get("alt_text") or "") or None for one in media}


def _alts_of(post: Mapping[str, Any], alts: Mapping[str, str | None]) -> Sequence[str | None]:
    """The alt text of each image of a post."""
    keys = as_fields(post.get("attachments")).get("media_keys")
    if not isinstance(keys, list):
        keys = [link["media_key"] for link in _links_of(post) if "media_key" in link]
    return [alts.get(str(key)) for key in keys]


def _links_of(post: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return listed(as_fields(post.get("entities")).get("urls"))


def _replied_to(post: Mapping[str, Any]) -> str | None:
    """The id that a post answers to; a repost answers to none, and is told apart by its words."""
    found = listed(post.get("referenced_tweets"))
    return next((str(one.get("id")) for one in found if one.get("type") == "replied_to"), None)


def _words_read(post: Mapping[str, Any]) -> str:
    """A text that X gave back, in the form of `plain`. X escapes it; `note_tweet` holds the whole of a long one."""
    note = as_fields(post.get("note_tweet"))
    whole = note if isinstance(note.get("text"), str) else post
    text = str(whole.get("text", ""))
    links = [link for link in _links_of(whole) if link.get("url") and link.get("expanded_url")]
    for link in sorted(links, key=lambda link: len(str(link["url"])), reverse=True):
        text = text.replace(str(link["url"]), _expanded(link))
    return _plain(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _expanded(link: Mapping[str, Any]) -> str:
    """What was written where X shows t.co; nothing for the link of an image, which X adds itself."""
    expanded = str(link["expanded_url"])
    if link.get("media_key") or re.fullmatch(_OF_MEDIA, expanded):
        return ""
    # An escaped form is undone once for the whole text: what is literal in a link is escaped like all else.
    return _bare(expanded).replace("&", "&amp;")


def _without_links(words: str) -> str:
    """What is left of a text when its links are taken out, in whatever form they are."""
    return "".join(replaced(words, _links_in(words), lambda _: "").split()).rstrip("…")


def _links_in(text: str) -> Iterator[Entity]:
    return (entity for entity in entities(text, "x") if entity.type == "url")


def _bare(url: str) -> str:
    """A link without what X may change of it: scheme, case of the host, percent signs, a last slash."""
    host, slash, path = re.sub(r"(?i)^https?://", "", url).partition("/")
    return unquote(f"{host.lower()}{slash}{path}").rstrip("/")


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", composed(text)).strip()
