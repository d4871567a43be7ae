"""What a platform shows beside what was sent: whether the images say that it is the same post, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..strict_yaml import composed
from .base import PartToSend
from .reasons import plain

_BEGINNING = 80
"""How much of another post is shown."""


def same_images(part: PartToSend, shown: Sequence[str | None]) -> bool | None:
    """By their number and alt texts, of a post with the same words; `shown` are its alt texts, None where none is told.

    None: it can't be known. That is so of fewer images than were sent, for a server may have lost one, and of a post
    without words whose images have no alt texts: every image says the same then. False: it is another image-only post.
    """
    sent = [_plain(media.alt) for media in part.images]
    told = [_plain(alt or "") for alt in shown]
    if len(told) == len(sent) and part.text.strip():
        return True if all(one in ("", other) for one, other in zip(told, sent, strict=True)) else None
    if told == sent and any(sent):
        return True
    if not part.text.strip() and all(told) and not set(told) & set(sent):
        return False
    return None


def missing_images(part: PartToSend, shown: Sequence[str | None]) -> str:
    """What readers miss of the images, in words that follow "out"; empty when nothing."""
    sent = part.images
    if len(shown) < len(sent):
        return "without its image" if len(sent) == 1 else f"with {len(shown)} of its {len(sent)} images"
    if any(
        media.alt.strip() and _plain(alt or "") != _plain(media.alt) for media, alt in zip(sent, shown, strict=False)
    ):
        return "with another alt text, or without it"
    return "with images that are not ours" if len(shown) > len(sent) else ""


class Shown(NamedTuple):
    """The post at an address. `words` are what it says where that is not what the part says; `is_ours`: our account's."""

    is_ours: bool
    words: str | None
    is_in_place: bool
    made_at: datetime | None


def why_another(shown: Shown, part: PartToSend, since: datetime) -> str:
    """Why a post is not this part, in a sentence about "it"; empty when it is."""
    if not shown.is_ours:
        return "it is not by this account"
    if shown.words is not None:
        return f'it says something else: "{plain(shown.words[:_BEGINNING])}"'
    if not shown.is_in_place:
        return "it is no reply to the part before" if part.parent else "it is a reply to another post"
    if shown.made_at is None:
        return "it does not tell when it was made"
    if shown.made_at < since:
        return f"it was made at {shown.made_at:%Y-%m-%d %H:%M} UTC, before this post was first tried"
    return ""


def _plain(alt: str) -> str:
    return " ".join(composed(alt).split())
