"""Whether a post that X gives back is the one that was sent: X escapes texts and puts t.co in the place of links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from ..strict_yaml import composed
from ..text.measure import entities
from .answers import instant_of
from .base import PartToSend
from .places import x_post
from .twins import Shown

_SHOWN_WHOLE = 140
_OF_MEDIA = re.compile(r"https?://(?:www\.)?(?:x|twitter)\.com/\S+/status/\d+/(?:photo|video)/\d+", re.IGNORECASE)


def is_same_post(post: Mapping[str, Any], part: PartToSend) -> bool:
    """The same words, in answer to the same post."""
    return _is_in_place(post, part) and words_read(post) == words_sent(part.text)


def shown_post(post: Mapping[str, Any], part: PartToSend, user_id: str) -> Shown:
    """A post as X tells of it, with its author."""
    read = words_read(post)
    words = None if read == words_sent(part.text) else read
    is_ours = str(post.get("author_id")) == user_id
    return Shown(is_ours, words, _is_in_place(post, part), instant_of(post.get("created_at")))


def _is_in_place(post: Mapping[str, Any], part: PartToSend) -> bool:
    return _replied_to(post) == (x_post(part.parent.id) if part.parent else None)


def alts_of(post: Mapping[str, Any], media: Mapping[str, str | None]) -> list[str | None]:
    """The alt text of each image of a post; `media` has those that the page tells, by media key."""
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    if isinstance(keys, list):
        return [media.get(str(key)) for key in keys]
    found = post.get("entities")
    urls = found.get("urls") if isinstance(found, dict) else None
    return [media.get(str(link["media_key"])) for link in urls or () if isinstance(link, dict) and "media_key" in link]


def differences(post: Mapping[str, Any], part: PartToSend) -> str:
    """How the answer to a post differs from what was sent, in words that follow "out"; X puts t.co for every link."""
    found = []
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    if isinstance(keys, list) and len(keys) < len(part.images):
        found.append(
            "without its image" if len(part.images) == 1 else f"with {len(keys)} of its {len(part.images)} images"
        )
    if isinstance(post.get("text"), str) and "note_tweet" not in post:
        sent, shown = _without_links(words_sent(part.text)), _without_links(words_read(post))
        # Of a long post X shows the beginning, and the whole elsewhere.
        if shown != sent and len(part.text) <= _SHOWN_WHOLE:
            found.append("with its text cut short" if sent.startswith(shown) else "with other words than were sent")
    return ", ".join(found)


def _without_links(words: str) -> str:
    """What is left of a text when its links are taken out, in whatever form they are."""
    kept, at = [], 0
    for entity in entities(words, "x"):
        if entity.type == "url":
            kept.append(words[at : entity.start])
            at = entity.end
    return "".join("".join([*kept, words[at:]]).split()).rstrip("…")


def words_sent(text: str) -> str:
    """A text of ours in the form in which texts are compared."""
    pieces, at = [], 0
    for entity in entities(text, "x"):
        if entity.type == "url":
            pieces += [text[at : entity.start], _bare(entity.text)]
            at = entity.end
    return _plain("".join([*pieces, text[at:]]))


def words_read(post: Mapping[str, Any]) -> str:
    """A text that X gave back in the same form. `note_tweet` holds the whole of a long one."""
    note = post.get("note_tweet")
    whole = note if isinstance(note, dict) and isinstance(note.get("text"), str) else post
    text = str(whole.get("text", ""))
    for link in sorted(_links(whole), key=lambda link: len(str(link["url"])), reverse=True):
        text = text.replace(str(link["url"]), _expanded(link))
    return _plain(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _links(whole: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found = whole.get("entities")
    urls = found.get("urls") if isinstance(found, dict) else None
    return [link for link in urls or () if isinstance(link, dict) and link.get("url") and link.get("expanded_url")]


def _expanded(link: Mapping[str, Any]) -> str:
    """What was written where X shows t.co; nothing for the link of an image, which X adds itself."""
    expanded = str(link["expanded_url"])
    if link.get("media_key") or _OF_MEDIA.fullmatch(expanded):
        return ""
    # An escaped form is undone once for the whole text: what is literal in a link is escaped like all else.
    return _bare(expanded).replace("&", "&amp;")


def _bare(url: str) -> str:
    """A link without what X may change of it: scheme, case of the host, percent signs, a last slash."""
    host, slash, path = re.sub(r"(?i)^https?://", "", url).partition("/")
    return unquote(f"{host.lower()}{slash}{path}").rstrip("/")


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", composed(text)).strip()


def _replied_to(post: Mapping[str, Any]) -> str | None:
    """The id that a post answers to; a repost answers to none, and is told apart by its words."""
    found = post.get("referenced_tweets")
    references = found if isinstance(found, list) else []
    return next(
        (str(one.get("id")) for one in references if isinstance(one, dict) and one.get("type") == "replied_to"), None
    )
