"""Whether a status that a server gives back is the one that was sent: it comes as HTML, with links shortened."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from ..strict_yaml import composed
from .answers import as_fields, id_of, instant_of, web_address
from .base import Alike, PartToSend, Receipt
from .twins import Shown, missing_images, same_images

_MOST_CONTENT = 400_000
_TAG = re.compile(r"(<[^<>]*>)")
_BREAK = re.compile(r"<(br|/p|/li|/div|/h\d|/blockquote)\b", re.IGNORECASE)
_HREF = re.compile(r"""\shref=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_OF_A_NAME = re.compile(r"""\sclass=["'][^"']*\b(mention|hashtag)\b""", re.IGNORECASE)
_HOST_OF_MENTION = re.compile(r"(@[\w.-]+)@[\w.-]+")


def find_status(statuses: Sequence[Any], part: PartToSend, since: datetime) -> Mapping[str, Any] | Alike | None:
    """The status that says and shows what this part does, posted since then, and no other delivery's.

    One in the part's own language goes before others, but servers lose languages (snac always says `en`), so
    another language does not rule a status out. The earliest wins. Alike: its images, or its time, leave it open.
    """
    fitting = [(status, _is_ours(status, part)) for status in statuses if _is_it(status, part, since)]
    found: list[Mapping[str, Any]] = [status for status, same in fitting if same]
    same_language = [status for status in found if status.get("language") == language_of(part)]
    best = same_language or found
    if best:
        return best[-1]
    return next((Alike(web_address(status.get("url"))) for status, same in fitting if same is None), None)


def differences(status: Mapping[str, Any], part: PartToSend) -> str:
    """How a status differs from the part that was sent, in words that follow "out"; of what it does not tell nothing."""
    language, visibility = status.get("language"), status.get("visibility")
    found = [
        missing_images(part, alts_of(status)) if isinstance(status.get("media_attachments"), list) else "",
        _changed_words(str(status["content"]), part.text) if "content" in status else "",
        f"to few readers only ({visibility})" if visibility in ("private", "direct") else "",
        f"marked as {language}, not {language_of(part)}" if _is_other(language, part) else "",
    ]
    return ", ".join(filter(None, found))


def _changed_words(content: str, text: str) -> str:
    if len(content) > _MOST_CONTENT or same_words(content, text):
        return ""
    is_beginning = any(_plain(text).startswith(_plain(form)) for form in _texts_of(content))
    return "with its text cut short" if is_beginning else "with other words than were sent"


def _is_other(language: Any, part: PartToSend) -> bool:
    return isinstance(language, str) and language.partition("-")[0].casefold() not in ("", "und", language_of(part))


def _is_ours(status: Mapping[str, Any], part: PartToSend) -> bool | None:
    return None if created_at(status) is None else same_images(part, alts_of(status))


def alts_of(status: Mapping[str, Any]) -> list[str | None]:
    """The alt text of each image of a status, None where it has none or the server does not say."""
    found = status.get("media_attachments")
    return [as_fields(one).get("description") for one in found] if isinstance(found, list) else []


def language_of(part: PartToSend) -> str:
    """The code of the part's first language, without script or region: ISO 639, as statuses have it."""
    return part.languages[0].split("-")[0]


def same_words(content: str, text: str) -> bool:
    """True when the HTML of a status says what was sent; links count as shown or as where they lead."""
    return len(content) <= _MOST_CONTENT and _plain(text) in {_plain(form) for form in _texts_of(content)}


def created_at(status: Any) -> datetime | None:
    """When a status was posted, None when it does not say so."""
    return instant_of(as_fields(status).get("created_at"))


def shown_status(status: Mapping[str, Any], part: PartToSend, account_id: str) -> Shown:
    """A status as its server tells of it. A boost says the words of another's post, and is none of ours."""
    content = str(status.get("content") or "")
    is_ours = str(as_fields(status.get("account")).get("id")) == account_id and not status.get("reblog")
    says_it = same_words(content, part.text)
    words = None if says_it else " ".join(_texts_of(content[:_MOST_CONTENT])[0].split())
    return Shown(is_ours, words, _is_in_place(status, part), created_at(status))


def _is_in_place(status: Mapping[str, Any], part: PartToSend) -> bool:
    replied_to = status.get("in_reply_to_id")
    return (str(replied_to) if replied_to is not None else None) == (status_id(part.parent) if part.parent else None)


def _is_it(status: Any, part: PartToSend, since: datetime) -> bool:
    if not isinstance(status, dict) or not id_of(status.get("id")) or id_of(status["id"]) in part.owned_ids:
        return False
    if not _is_in_place(status, part):
        return False
    return (created_at(status) or since) >= since and same_words(str(status.get("content") or ""), part.text)


def status_id(receipt: Receipt) -> str:
    """The id of a status, from its receipt; a person who resolved a doubt gave its address in place of an id."""
    found = receipt.id
    return found.rstrip("/").rpartition("/")[2] if found.startswith(("http://", "https://")) else found


def _texts_of(content: str) -> tuple[str, str]:
    """The text as it is shown, and the same with every link in full."""
    shown: list[str] = []
    linked: list[str] = []
    inside_link = False
    for piece in _TAG.split(content):
        if piece.startswith("<a ") and not _OF_A_NAME.search(piece) and (href := _HREF.search(piece)):
            linked.append(html.unescape(href[1] or href[2] or ""))
            inside_link = True
        elif piece.startswith("</a"):
            inside_link = False
        elif _TAG.fullmatch(piece):
            words = " " if _BREAK.match(piece) else ""
            shown.append(words)
            linked.append(words)
        else:
            shown.append(html.unescape(piece))
            linked.append("" if inside_link else html.unescape(piece))
    return "".join(shown), "".join(linked)


def _plain(text: str) -> str:
    """Letters, digits and symbols such as emoji: servers change white space, quotes and the hosts of mentions."""
    folded = composed(unquote(text), "NFKC").casefold()
    kept = "".join(filter(_counts, _HOST_OF_MENTION.sub(r"\1", folded)))
    return kept or "".join(folded.split())


def _counts(character: str) -> bool:
    kept = unicodedata.category(character) in ("Mc", "Mn", "So", "Sc")
    return character.isalnum() or (kept and character != "\ufe0f")
