"""How X gives posts back: escaped, every link a t.co, the longest cut, and no `data` when there is nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..text import x as rules
from .base import PublishedPost
from .http_messages import Answer, Request
from .x_errors import invalid

_PARAMETERS = frozenset(
    [
        "max_results",
        "start_time",
        "end_time",
        "since_id",
        "until_id",
        "exclude",
        "tweet.fields",
        "expansions",
        "media.fields",
        "pagination_token",
    ]
)
_SHORT = 280


def page(request: Request, posts: Sequence[PublishedPost]) -> Answer:
    """One page of a user's posts, newest first; 400 for a parameter that X does not know or take."""
    query = request.query
    for name in query:
        if name not in _PARAMETERS:
            return invalid(name, f"The query parameter [{name}] is not one of those that are known")
    try:
        size = int(query.get("max_results", "10"))
        since = (
            datetime.fromisoformat(query["start_time"]) if "start_time" in query else datetime.min.replace(tzinfo=UTC)
        )
        first = int(query.get("pagination_token", "0"))
    except ValueError:
        return invalid("max_results", "A number or a time cannot be read")
    if not 5 <= size <= 100:
        return invalid("max_results", f"The `max_results` query parameter value [{size}] is not between 5 and 100")
    found = [posted for posted in reversed(posts) if posted.at >= since]
    return _answer(found, first, size, query)


def one(request: Request, posted: PublishedPost, author_id: str) -> Answer:
    """A single post; who made it only where that is asked for."""
    fields = request.query.get("tweet.fields", "").split(",")
    author = {"author_id": author_id} if "author_id" in fields else {}
    return Answer.json({"data": {**_as_read(posted, fields), **author}, **included([posted], request.query)})


def _answer(found: Sequence[PublishedPost], first: int, size: int, query: Mapping[str, str]) -> Answer:
    fields = query.get("tweet.fields", "").split(",")
    shown = found[first : first + size]
    meta: dict[str, Any] = {"result_count": len(shown)}
    if not shown:
        return Answer.json({"meta": meta})
    meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
    if first + size < len(found):
        meta["next_token"] = str(first + size)
    return Answer.json({"data": [_as_read(posted, fields) for posted in shown], "meta": meta, **included(shown, query)})


def included(shown: Sequence[PublishedPost], query: Mapping[str, str]) -> dict[str, Any]:
    """The images of these posts, where they are asked for."""
    if query.get("expansions") != "attachments.media_keys":
        return {}
    tells_alts = "alt_text" in query.get("media.fields", "").split(",")
    media = [
        {"media_key": key, "type": "photo", **({"alt_text": image.alt} if tells_alts and image.alt else {})}
        for posted in shown
        for key, image in zip(_media_keys(posted), posted.images, strict=True)
    ]
    return {"includes": {"media": media}} if media else {}


def _media_keys(posted: PublishedPost) -> list[str]:
    return [f"3_{posted.id}{index}" for index, _ in enumerate(posted.images)]


def _as_read(posted: PublishedPost, fields: Sequence[str]) -> dict[str, Any]:
    text, urls = _shortened(posted.text)
    media = _media_links(posted)
    whole = {
        "created_at": posted.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "attachments": {"media_keys": _media_keys(posted)} if posted.images else None,
        "conversation_id": posted.id,
        "entities": {"urls": urls + media} if urls or media else None,
        "referenced_tweets": [{"type": "replied_to", "id": posted.reply_to}] if posted.reply_to else None,
        "note_tweet": {"text": text, "entities": {"urls": urls}} if rules.length(posted.text) > _SHORT else None,
    }
    asked = {name: whole[name] for name in fields if whole.get(name) is not None}
    shown = text if whole["note_tweet"] is None else text[: _SHORT - 10].rsplit(" ", 1)[0] + "…"
    shown = " ".join([shown, *dict.fromkeys(link["url"] for link in media)])
    return {"id": posted.id, "text": shown, "edit_history_tweet_ids": [posted.id], **asked}


def _shortened(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The text with t.co in the place of every link, escaped as X escapes it."""
    pieces, urls, at = [], [], 0
    for entity in rules.entities(text):
        if entity.type == "url":
            short = _short_link(entity.text)
            pieces += [_escaped(text[at : entity.start]), short]
            at = entity.end
            expanded = entity.text if "://" in entity.text else f"http://{entity.text}"
            urls.append({"url": short, "expanded_url": expanded, "display_url": entity.text.split("://")[-1]})
    return "".join([*pieces, _escaped(text[at:])]), urls


def _media_links(posted: PublishedPost) -> list[dict[str, Any]]:
    """One t.co for all images of a post; an entity for each of them."""
    page_of_post = f"https://x.com/{posted.account}/status/{posted.id}/photo/1"
    short = _short_link(page_of_post)
    return [
        {
            "url": short,
            "expanded_url": page_of_post,
            "display_url": f"pic.x.com/{short[-10:]}",
            "media_key": key,
        }
        for key in _media_keys(posted)
    ]


def _short_link(url: str) -> str:
    return "https://t.co/" + hashlib.sha256(url.encode()).hexdigest()[:10]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
