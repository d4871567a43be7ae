"""A post as the ledger stores it at the claim, and a part of it as an adapter gets it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..ledger import parts
from ..ledger.deliveries import Claim
from ..ledger.ledger import Connection
from ..ledger.models import Delivery, PublishedPart, StoredMedia
from ..loading.images import media_to_send
from ..platforms.outcomes import Media, PartToSend, Receipt
from ..post.key import PostKey
from ..post.post import Image, Part, Post


def claim_of(post: Post, due_at: datetime, identity: str) -> Claim:
    """All that must be durable before the first byte is sent. Raises MediaError when an image can't be sent."""
    return Claim(
        key=post.key,
        identity=identity,
        due_at=due_at,
        digest=post.digest,
        text_digest=text_digest(part.text for part in post.parts),
        content={
            "languages": list(post.languages),
            "warning": post.warning,
            "parts": [{"text": part.text, "card": _card(part)} for part in post.parts],
        },
        media=[
            _media_row(number, position, image)
            for number, part in enumerate(post.parts)
            for position, image in enumerate(part.all_images)
        ],
    )


def first_part_of(claim: Claim, now: datetime, since: datetime, owned_ids: frozenset[str]) -> PartToSend:
    """What to look for on the platform before a post is claimed at all; it is never sent."""
    return _part(
        claim.content,
        0,
        token=dedupe_token(claim.identity, claim.key, 0, 0, 0),
        due_at=claim.due_at,
        created_at=now,
        media=tuple(_media_to_look_for(row) for row in claim.media if row["part"] == 0),
        attempted_at=since,
        owned_ids=owned_ids,
        identity=claim.identity,
    )


def _part(content: Mapping[str, Any], number: int, **sent: Any) -> PartToSend:
    """A part of what is stored, with what else goes with it."""
    part = content["parts"][number]
    return PartToSend(
        text=part["text"],
        languages=tuple(content["languages"]),
        warning=content["warning"],
        card=part["card"],
        **sent,
    )


def has_media(post: Post) -> bool:
    """True when something is uploaded before the post can be sent."""
    return any(part.all_images for part in post.parts)


def text_digest(texts: Any) -> str:
    """The same for texts that readers would call the same: case, form and white space do not count."""
    folded = "\n".join(" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in texts)
    return hashlib.sha256(folded.encode()).hexdigest()


def part_count(delivery: Delivery) -> int:
    """How many parts the stored post has."""
    return len((delivery.content or {}).get("parts", ()))


@dataclass(slots=True)
class ClaimedPost:
    """What the ledger knows of a claimed delivery: enough to send or find any part of it without its file."""

    delivery: Delivery
    media: Sequence[StoredMedia]
    receipts: Sequence[PublishedPart]

    @classmethod
    def load(cls, connection: Connection, delivery: Delivery) -> ClaimedPost:
        """Read it in one transaction."""
        return cls(delivery, parts.media_of(connection, delivery), parts.receipts_of(connection, delivery))

    def with_receipt(self, receipt: PublishedPart) -> ClaimedPost:
        """The same, one part further."""
        return ClaimedPost(self.delivery, self.media, (*self.receipts, receipt))

    @property
    def next_part(self) -> int:
        """The first part that has no receipt."""
        return len(self.receipts)

    def part_to_send(self, *, times_not_out: int = 0, attempted_at: datetime | None = None) -> PartToSend:
        """The next part, ready for an adapter."""
        delivery, number = self.delivery, self.next_part
        receipts = [_receipt(found) for found in self.receipts]
        return _part(
            delivery.content or {},
            number,
            token=dedupe_token(delivery.identity, delivery.key, number, delivery.generation, times_not_out),
            due_at=delivery.first_due_at,
            created_at=delivery.content_created_at,
            media=tuple(media_of(row) for row in self.media if row.part == number),
            root=receipts[0] if receipts else None,
            parent=receipts[-1] if receipts else None,
            attempted_at=attempted_at,
            identity=delivery.identity,
        )


def tried_part(connection: Connection, claimed: ClaimedPost) -> PartToSend:
    """The next part, with what was tried of it before."""
    delivery, number = claimed.delivery, claimed.next_part
    return claimed.part_to_send(
        times_not_out=parts.times_not_out(connection, delivery, number),
        attempted_at=parts.first_attempt_at(connection, delivery, number),
    )


def part_to_look_for(connection: Connection, claimed: ClaimedPost) -> PartToSend:
    """The next part as it was sent, with the first attempt's time and the ids that belong to other posts."""
    owned = parts.owned_by(connection, claimed.delivery.identity or "")
    return replace(tried_part(connection, claimed), owned_ids=owned)


def dedupe_token(identity: str | None, key: PostKey, part: int, generation: int, times_not_out: int) -> str:
    """The same after a crash and after a mended typo; a new one once an attempt was settled as not out."""
    words = (identity, key, part, generation, times_not_out)
    return hashlib.sha256("\x1f".join(map(str, words)).encode()).hexdigest()


def _card(part: Part) -> dict[str, Any] | None:
    card = part.card
    if card is None:
        return None
    position = len(part.images) if card.image else None
    return {"url": card.url, "title": card.title, "description": card.description, "image": position}


def _media_row(part: int, position: int, image: Image) -> dict[str, Any]:
    sent = media_to_send(image.path, image.digest, image.file)
    return {
        "part": part,
        "position": position,
        "media_type": sent.media_type,
        "alt": image.alt,
        "width": sent.width,
        "height": sent.height,
        "data": sent.data,
    }


def _media_to_look_for(row: Mapping[str, Any]) -> Media:
    return Media(data=b"", media_type=row["media_type"], alt=row["alt"], width=row["width"], height=row["height"])


def media_of(row: StoredMedia) -> Media:
    return Media(
        data=row.data or b"",
        media_type=row.media_type,
        alt=row.alt,
        width=row.width,
        height=row.height,
        upload=row.upload,
    )


def _receipt(part: PublishedPart) -> Receipt:
    return Receipt(id=part.remote_id, url=part.url, at=part.published_at, extra=part.extra)
