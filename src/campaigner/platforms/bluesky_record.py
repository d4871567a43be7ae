"""What a post on Bluesky is made of: a record of app.bsky.feed.post, its facets, embeds and references."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..strict_yaml import composed
from ..text.entities import Entity
from .answers import as_fields, id_of, instant_of
from .base import Media, PartToSend, Receipt
from .twins import Shown

COLLECTION = "app.bsky.feed.post"
MOST_LANGUAGES = 3
_FACET = "app.bsky.richtext.facet"
_AT_URI = re.compile(r"at://(?P<repo>[^/\s]+)/(?P<collection>[^/\s]+)/(?P<rkey>[^/\s?#]+)")
_WEB = re.compile(r"https://[^/\s]+/profile/(?P<repo>[^/\s]+)/post/(?P<rkey>[^/\s?#]+)/?")

Blobs = Sequence[Mapping[str, Any]]
"""What uploadBlob gave for each medium of a part, in their order."""


def post_record(
    part: PartToSend, facets: Sequence[Mapping[str, Any]], blobs: Blobs, reply: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The record of a part: the same for every attempt, or a repeat would not be known for one."""
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": part.text,
        "createdAt": stamp(part.created_at),
        "langs": list(part.languages[:MOST_LANGUAGES]),
    }
    found = {"facets": list(facets), "embed": _embed(part, blobs), "reply": reply}
    return record | {name: value for name, value in found.items() if value}


def stamp(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as the official client writes it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def facet(text: str, entity: Entity, feature: Mapping[str, str]) -> dict[str, Any]:
    """What links one piece of a text. Offsets are UTF-8 bytes, end exclusive; a PDS does not check them."""
    start = len(text[: entity.start].encode())
    end = start + len(text[entity.start : entity.end].encode())
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [dict(feature)]}


def tag_feature(entity: Entity) -> dict[str, str]:
    return {"$type": f"{_FACET}#tag", "tag": entity.text[1:]}


def link_feature(entity: Entity) -> dict[str, str]:
    has_scheme = entity.text.casefold().startswith(("http://", "https://"))
    return {"$type": f"{_FACET}#link", "uri": entity.text if has_scheme else f"https://{entity.text}"}


def mention_feature(did: str) -> dict[str, str]:
    return {"$type": f"{_FACET}#mention", "did": did}


def shown_record(record: Any, part: PartToSend) -> Shown:
    """A record of our own repository."""
    found = as_fields(record)
    text = str(found.get("text") or "")
    same = _words(text) == _words(part.text)
    return Shown(True, None if same else text, _is_in_place(found, part), instant_of(found.get("createdAt")))


def _words(text: str) -> str:
    return " ".join(composed(text).split())


def _is_in_place(found: Mapping[str, Any], part: PartToSend) -> bool:
    replied_to = as_fields(as_fields(found.get("reply")).get("parent")).get("uri")
    return _key_of(replied_to) == _key_of(part.parent.id if part.parent else None)


def is_ours(record: Any, part: PartToSend) -> bool:
    """The same words and images, of the same moment, in answer to the same post: no other post has all of it."""
    found = as_fields(record)
    if not _is_in_place(found, part):
        return False
    if found.get("text") != part.text or found.get("createdAt") != stamp(part.created_at):
        return False
    images = as_fields(found.get("embed")).get("images")
    alts = [as_fields(one).get("alt") for one in images] if isinstance(images, list) else []
    return alts == [media.alt for media in part.images]


def place_of(address: str) -> tuple[str, str] | None:
    """Repository and key of a post, from its at:// address or from its page on the web; None when it is neither."""
    at = _AT_URI.fullmatch(address)
    if at is not None:
        return (at["repo"], at["rkey"]) if at["collection"] == COLLECTION else None
    web = _WEB.fullmatch(address)
    return (web["repo"], web["rkey"]) if web else None


def receipt_of(found: Any, at: datetime) -> Receipt | None:
    """The receipt of a record that a server gave `uri` and `cid` for; None when it gave no post's."""
    uri, cid = str(as_fields(found).get("uri")), as_fields(found).get("cid")
    place = place_of(uri)
    if place is None or not uri.startswith("at://") or not id_of(uri) or not id_of(cid):
        return None
    url = f"https://bsky.app/profile/{place[0]}/post/{place[1]}"
    return Receipt(id=uri, url=url, at=at, extra={"uri": uri, "cid": cid})


def _key_of(address: Any) -> str | None:
    place = place_of(str(address))
    return place[1] if place else None


def _embed(part: PartToSend, blobs: Blobs) -> dict[str, Any] | None:
    """Images, or the card of a link: a record has room for one of them."""
    of_card = part.card["image"] if part.card else None
    pairs = list(zip(part.media, blobs, strict=True))
    images = [_image(media, blob) for position, (media, blob) in enumerate(pairs) if position != of_card]
    if images:
        return {"$type": "app.bsky.embed.images", "images": images}
    if part.card is None:
        return None
    external: dict[str, Any] = {
        "uri": part.card["url"],
        "title": part.card["title"],
        "description": part.card["description"],
    }
    if of_card is not None:
        external["thumb"] = blobs[of_card]
    return {"$type": "app.bsky.embed.external", "external": external}


def _image(media: Media, blob: Mapping[str, Any]) -> dict[str, Any]:
    return {"alt": media.alt, "image": blob, "aspectRatio": {"width": media.width, "height": media.height}}
