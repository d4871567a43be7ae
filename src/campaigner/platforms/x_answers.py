"""What an answer of X says: problem JSON, lists of errors, pages of posts; none of it is taken on trust."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from .answers import Answer, id_of

_NO_TARGET = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_UNCLEAR = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})


def data_of(answer: Answer) -> Any:
    found = answer.json()
    return found.get("data") if isinstance(found, dict) else None


def posts_of_page(answer: Answer) -> tuple[list[Mapping[str, Any]] | None, str | None]:
    """The posts of a page and the token of the next; None for posts when it is no page. No `data`: it is empty."""
    found = answer.json()
    if not answer.is_success or not isinstance(found, dict) or not isinstance(found.get("meta"), dict):
        return None, None
    posts = found.get("data", [])
    token = found["meta"].get("next_token")
    if not isinstance(posts, list):
        return None, None
    return [post for post in posts if isinstance(post, dict) and id_of(post.get("id"))], str(token) if token else None


def alts_of_page(answer: Answer) -> dict[str, str | None]:
    """The alt texts of the images on a page, by media key."""
    found = answer.json()
    includes = found.get("includes") if isinstance(found, dict) else None
    media = includes.get("media") if isinstance(includes, dict) else None
    listed = [one for one in media if isinstance(one, dict)] if isinstance(media, list) else []
    return {str(one.get("media_key")): str(one.get("alt_text") or "") or None for one in listed}


def is_refused(status: int) -> bool:
    """A 4xx with which X says that it did not take an image."""
    return 400 <= status < 500 and status not in _UNCLEAR


def is_deleted(answer: Answer) -> bool:
    """Taken down now, or gone before."""
    data = data_of(answer)
    return is_absent(answer) or (answer.is_success and isinstance(data, dict) and data.get("deleted") is True)


def is_absent(answer: Answer) -> bool:
    """No such post; a 404 counts only in X's own words, for a gateway may say 404 of anything."""
    found = answer.json()
    if not isinstance(found, dict):
        return False
    if answer.status == HTTPStatus.NOT_FOUND:
        return "title" in found
    errors = found.get("errors")
    types = [str(error.get("type")) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return answer.is_success and any(kind.endswith("resource-not-found") for kind in types)


def is_about_reply_target(answer: Answer, words: str) -> bool:
    return answer.status in _NO_TARGET and (
        ("reply" in words and "not visible" in words) or answer.status == HTTPStatus.NOT_FOUND
    )


def problem_type(answer: Answer) -> str:
    found = answer.json()
    return str(found.get("type", "")) if isinstance(found, dict) else ""


def worded(found: Mapping[str, Any]) -> str:
    """Title and detail of a problem; the messages of its errors, where it has some, say more."""
    errors = found.get("errors")
    listed = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    messages = [str(error.get("message") or error.get("detail") or "") for error in listed]
    words = "; ".join(filter(None, messages)) or str(found.get("detail") or "")
    title = str(found.get("title") or "")
    return f"{title}: {words}" if title and words and title != words else words or title
