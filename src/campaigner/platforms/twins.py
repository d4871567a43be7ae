"""Whether the images of a post that a platform shows are those of the part that was sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from .base import PartToSend


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


def _plain(alt: str) -> str:
    return " ".join(unicodedata.normalize("NFC", alt).split())
