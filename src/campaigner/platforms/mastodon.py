"""Mastodon and the servers that speak its API.

Facts: docs.joinmastodon.org (methods statuses, media, instance); GoToSocial, snac and Takahē ignore the
Idempotency-Key, Pixelfed refuses a repeated one with 400, one Mastodon release answers 500 to a repeat (#40399): so a
doubt is always looked up first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ..campaign.campaign import Model
from ..campaign.config import Secret
from ..post.profile import Profile, Quota
from ..strict_yaml import composed
from .answers import Answer, as_fields, id_of, instant_of, listed, web_address
from .base import TRY_AGAIN, Platform
from .compare import language_of
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
    Unauthorized,
    Unavailable,
)
from .reasons import plain, saying
from .url_safety import Server, origin

PAGE = "40"
_MOST_CONTENT = 400_000
# Mastodon, GoToSocial, Takahē, Pleroma and Pixelfed. What is short and no number is a page, as `/@name/media`.
_STATUS = (
    r"(?:/.+)?/(?:@[^/@]+(?:@(?P<host>[^/@]+))?(?:/statuses|/posts)?|statuses|notice|p/[^/]+)"
    r"/(?P<id>[0-9]+|[0-9A-Za-z]{10,})/?"
)
_TAG = r"(<[^<>]*>)"
_BREAK = r"(?i)<(br|/p|/li|/div|/h\d|/blockquote)\b"
_HREF = r"""(?i)\shref=(?:"([^"]*)"|'([^']*)')"""
_OF_A_NAME = r"""(?i)\sclass=["'][^"']*\b(mention|hashtag)\b"""
_HOST_OF_MENTION = r"(@[\w.-]+)@[\w.-]+"


class MastodonOptions(Model):
    """What the config says of a Mastodon account."""

    server: Server
    access_token: Secret


class Mastodon(Platform):
    """One account on one server."""

    name = "mastodon"
    Options = MastodonOptions
    # The limits of Mastodon as it comes (4.5: /api/v2/instance; quotas: rate limits); `accounts check` reads the server's.
    profile = Profile(
        platform="mastodon",
        measure="mastodon",
        limit=500,
        unit="characters",
        url_length=23,
        max_images=4,
        image_bytes=16_000_000,
        image_pixels=33_177_600,
        alt_limit=1500,
        takes_language=True,
        takes_warning=True,
        quotas=(Quota(300, timedelta(hours=3)),),
    )
    # The server keeps a key for about an hour.
    reconciliation = Reconciliation.NATIVE_KEY
    token_lasts = timedelta(minutes=50)
    # An account's own statuses come from the server's own tables, at once; what may be late is the commit itself.
    absence_after = timedelta(minutes=2)
    refusals = (
        # Mastodon's validations, Pleroma's and GoToSocial's; GoToSocial puts the name of the status before its words.
        saying(
            {400, 422},
            r"validation failed: (text|spoiler|visibility|language|media|file|description|poll|status|cannot|sensitive)",
            r"cannot attach|media with id|(character|char|length) limit|max(imum)? ?(of )?(chars|characters)|exceed",
            r"too (long|short|many|big|large)|can.?t be blank|cannot post an empty|must have|no (text|content) (or|and)",
            r"invalid (visibility|language|media|poll|content|scheduled)|not included in the list",
            r"\blanguage\b.*(not|invalid|recogni[sz]ed)|bad request: .*(language|visibility|media|text|status|char)",
        ),
        # Pixelfed, which takes no post without an image.
        saying({403}, r"empty status"),
    )
    account_refusals = (
        saying(
            {403},
            r"not allowed|outside the authori[sz]ed scopes|scope|currently disabled|suspended|pending|not? ?confirm",
            r"forbidden|permission|moved",
        ),
    )
    # Pixelfed says so of a key that it has seen, also when the first call with it failed.
    duplicates = (saying({400}, "idempotency"),)
    not_ready = (saying({422}, "finished processing"),)
    no_parent = (saying({404}, ""),)
    # GoToSocial's documented way to say 429; a gateway's page under 503 may hide a post that was made.
    busy = frozenset({503})

    @classmethod
    def post_id(cls, options: MastodonOptions, identity: str | None, address: str) -> str | None:
        """The id of a status on this server; None for another server's, which numbers the same status otherwise."""
        if origin(address) != origin(options.server):
            return None
        parts = urlsplit(address)
        found = re.fullmatch(_STATUS, parts.path)
        is_here = found is not None and (found["host"] or parts.netloc).casefold() == parts.netloc.casefold()
        return found["id"] if found and is_here else None

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.secrets['access_token']}"}

    def whoami(self) -> Identity:
        """The id holds the host, for ids are the server's own."""
        answer = self.ask("GET", "/api/v1/accounts/verify_credentials")
        if answer.status == 400:
            # Takahē says so of a bad token, and nothing else can be wrong with this request.
            raise Stop(Unauthorized(self.words(answer)))
        found = self.successful(answer).fields()
        user = self.id_in(answer, found)
        host = urlsplit(self.http.base_url).netloc.casefold()
        name = id_of(found.get("acct")) or id_of(found.get("username")) or "?"
        return Identity(id=f"{host}:{user}", name=f"@{name}@{host}", url=web_address(found.get("url")))

    def upload(self, media: Media) -> Mapping[str, Any]:
        """POST /api/v2/media with the alt text; 202 means that the server is still at work on it."""
        file = (f"image.{media.media_type.split('/')[-1]}", media.data, media.media_type)
        alt = {"description": media.alt} if media.alt else {}
        answer = self.image_taken(self.ask("POST", "/api/v2/media", form={**alt, "file": file}))
        return {"id": self.id_in(answer, answer.fields())}

    def send(self, part: PartToSend) -> RemotePost | None:
        """POST /api/v1/statuses with the dedupe token as key. Who may see it is the account's own setting."""
        status: dict[str, Any] = {"status": part.text, "language": language_of(part)}
        if part.images:
            status["media_ids"] = part.image_ids
        if part.warning:
            status["spoiler_text"] = part.warning
        if part.parent is not None:
            status["in_reply_to_id"] = self.id_of_part(part.parent)
        key = {"Idempotency-Key": part.token}
        found = self.post("/api/v1/statuses", publishes=part, headers=key, json=status).fields()
        if not id_of(found.get("id")) or not ("content" in found or "created_at" in found):
            return None
        return self._remote(found)

    def refine(self, answer: Answer, part: PartToSend, outcome: Rejected | InDoubt) -> Outcome:
        return self._about_media(part, outcome) if answer.status in (400, 422) else outcome

    def _about_media(self, part: PartToSend, refusal: Rejected | InDoubt) -> Outcome:
        """Whether a refusal is about images, asked of the server: its words may be in any language."""
        for media_id in part.image_ids:
            answer = self.call("GET", f"/api/v1/media/{quote(media_id, safe='')}")
            status = answer.status if isinstance(answer, Answer) else 0
            if status == 206:
                return Unavailable(refusal.reason, self.clock.now() + TRY_AGAIN)
            if status == 404 and isinstance(refusal, Rejected) and part.attempted_at is not None:
                return InDoubt(f"its images may be in a post already: {refusal.reason}")
        return refusal

    def own_posts(self, since: datetime | None, part: PartToSend) -> Iterator[RemotePost]:
        path = f"/api/v1/accounts/{quote(self.own_id, safe='')}/statuses"
        for answer in self.pages(path, {"limit": PAGE, "exclude_reblogs": "true"}, self._older):
            yield from (self._remote(one) for one in listed(answer.json()) if id_of(one.get("id")))

    def _older(self, answer: Answer) -> Mapping[str, str]:
        statuses = answer.json()
        if not isinstance(statuses, list):
            raise Stop(self.trouble(answer))
        return {"max_id": id_of(as_fields(statuses[-1]).get("id"))} if statuses else {}

    def read_post(self, post_id: str, part: PartToSend) -> RemotePost | None:
        answer = self.found("GET", f"/api/v1/statuses/{quote(post_id, safe='')}")
        if answer is None:
            return None
        self.id_in(answer, answer.fields())
        return self._remote(answer.fields())

    def remove(self, receipt: Receipt) -> None:
        self.found("DELETE", f"/api/v1/statuses/{quote(self.id_of_part(receipt), safe='')}")

    def read_limits(self) -> AccountLimits:
        """What the server allows: /api/v2/instance, else /api/v1/instance."""
        answer = self.ask("GET", "/api/v2/instance")
        if not answer.is_success or not answer.fields():
            answer = self.get("/api/v1/instance")
        found = answer.fields()
        if not found:
            raise Stop(self.trouble(answer))
        note = f"server version {plain(self.http.redact(str(found.get('version', 'unknown'))))}"
        return AccountLimits(profile=_with_limits(self.profile, found), notes=(note,))

    def id_of_part(self, receipt: Receipt) -> str:
        """Of any server's address: an account may have moved to another name of its server."""
        found = receipt.id
        return found.rstrip("/").rpartition("/")[2] if found.startswith(("http://", "https://")) else found

    def plain(self, text: str) -> str:
        """Letters, digits and symbols such as emoji: servers change white space, quotes and the hosts of mentions."""
        folded = composed(unquote(text), "NFKC").casefold()
        kept = "".join(filter(_counts, re.sub(_HOST_OF_MENTION, r"\1", folded)))
        return kept or "".join(folded.split())

    def _receipt(self, status: Mapping[str, Any]) -> Receipt:
        url = web_address(status.get("url")) or web_address(status.get("uri"))
        return Receipt(id=id_of(status["id"]), url=url, at=instant_of(status.get("created_at")) or self.clock.now())

    def _remote(self, status: Mapping[str, Any]) -> RemotePost:
        """A status as its server tells of it. A boost says the words of another's post, and is none of ours."""
        author, visibility = as_fields(status.get("account")).get("id"), status.get("visibility")
        images, replied_to, language = (
            status.get(name) for name in ("media_attachments", "in_reply_to_id", "language")
        )
        return RemotePost(
            self._receipt(status),
            _texts_of(status) if "content" in status else (),
            instant_of(status.get("created_at")),
            [one.get("description") for one in listed(images)] if isinstance(images, list) else None,
            str(replied_to) if replied_to is not None else None,
            language if isinstance(language, str) else None,
            self._identity is None or (str(author) == self.own_id and not status.get("reblog")),
            f"to few readers only ({visibility})" if visibility in ("private", "direct") else "",
        )


def _texts_of(status: Mapping[str, Any]) -> tuple[str, ...]:
    """The text as it is shown, and the same with every link in full: servers shorten them. None of what is far too long."""
    import html

    content = str(status.get("content") or "")
    if len(content) > _MOST_CONTENT:
        return ()
    shown: list[str] = []
    linked: list[str] = []
    inside_link = False
    for piece in re.split(_TAG, content):
        if piece.startswith("<a ") and not re.search(_OF_A_NAME, piece) and (href := re.search(_HREF, piece)):
            linked.append(html.unescape(href[1] or href[2] or ""))
            inside_link = True
        elif piece.startswith("</a"):
            inside_link = False
        elif re.fullmatch(_TAG, piece):
            words = " " if re.match(_BREAK, piece) else ""
            shown.append(words)
            linked.append(words)
        else:
            shown.append(html.unescape(piece))
            linked.append("" if inside_link else html.unescape(piece))
    return "".join(shown), "".join(linked)


def _counts(character: str) -> bool:
    kept = unicodedata.category(character) in ("Mc", "Mn", "So", "Sc")
    return character.isalnum() or (kept and character != "\ufe0f")


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
