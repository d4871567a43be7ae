"""Whether what a platform shows is what was sent: the account's own posts searched, one of them read, an answer compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from ..strict_yaml import composed
from .outcomes import Absent, Alike, Look, PartToSend, Receipt, RemotePost, Stop
from .reasons import plain as shown_plainly

Plain = Callable[[str], str]
"""Puts a text into the form in which posts of a platform are compared."""
_BEGINNING = 80
"""How much of another post is shown."""


def search(posts: Iterable[RemotePost], part: PartToSend, plain: Plain, parent_id: str | None, since: datetime) -> Look:
    """The account's post, of these that come newest first, that says and shows what this part does, made since then.

    The earliest wins, one in the part's own language before others; but servers lose languages (snac always says `en`), so another
    does not rule a post out. No post of another delivery counts. Alike: its images, or its time, leave it open. Of a part that was
    refused as a repeat all posts are looked through, for what made the platform say so may be a year old.
    """
    words = plain(part.text)
    ours: list[RemotePost] = []
    perhaps: list[RemotePost] = []
    repeated: RemotePost | None = None
    try:
        for post in posts:
            is_early = post.made_at is not None and post.made_at < since
            if is_early and (not part.is_repeat or repeated):
                break
            if post.reply_to != parent_id or not _is_said(words, post, plain):
                continue
            repeated = repeated or post
            same = same_images(part, post.alts or ()) if post.made_at else None
            if not is_early and post.receipt.id not in part.owned_ids and same is not False:
                (ours if same else perhaps).append(post)
    except Stop:
        # What was found is there, whatever the rest would have said.
        if not (ours or perhaps or (repeated and part.is_repeat)):
            raise
    return _found(ours, perhaps, repeated if part.is_repeat else None, part)


def _found(
    ours: Sequence[RemotePost], perhaps: Sequence[RemotePost], repeated: RemotePost | None, part: PartToSend
) -> Receipt | Alike | Absent:
    best = [post for post in ours if post.language == language_of(part)] or ours
    if best:
        return best[-1].receipt
    return Alike(perhaps[0].receipt.url) if perhaps else Absent(repeated.receipt if repeated else None)


def language_of(part: PartToSend) -> str:
    """The code of the part's first language, without script or region (ISO 639)."""
    return part.languages[0].split("-")[0]


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


def changed_words(sent: str, shown: Collection[str], plain: Plain) -> str:
    """How the texts that a platform shows differ from the one that was sent, in words that follow "out".

    Empty when one of them is the same: what is equal at once is not put into the form for comparing.
    """
    if not shown or " ".join(sent.split()) in (" ".join(text.split()) for text in shown):
        return ""
    wanted, found = plain(sent), list(map(plain, shown))
    if wanted in found:
        return ""
    return "with its text cut short" if any(map(wanted.startswith, found)) else "with other words than were sent"


def differences(part: PartToSend, post: RemotePost, plain: Plain) -> str:
    """How a post is shown otherwise than it was sent, in words that follow "out"; of what is not told nothing."""
    told, wanted = (post.language or "").partition("-")[0].casefold(), language_of(part)
    found = [
        missing_images(part, post.alts) if post.alts is not None else "",
        changed_words(part.text, post.texts, plain),
        post.differs,
        f"marked as {post.language}, not {wanted}" if told not in ("", "und", wanted) else "",
    ]
    return ", ".join(filter(None, found))


def why_another(post: RemotePost, part: PartToSend, plain: Plain, parent_id: str | None, since: datetime) -> str:
    """Why a post is not this part, in a sentence about "it"; empty when it is."""
    if not post.is_ours:
        return "it is not by this account"
    if not _is_said(plain(part.text), post, plain):
        said = " ".join("".join([*post.texts][:1]).split())
        return f'it says something else: "{shown_plainly(said[:_BEGINNING])}"'
    if post.reply_to != parent_id:
        return "it is no reply to the part before" if part.parent else "it is a reply to another post"
    if post.made_at is None:
        return "it does not tell when it was made"
    if post.made_at < since:
        return f"it was made at {post.made_at:%Y-%m-%d %H:%M} UTC, before this post was first tried"
    return ""


def _is_said(words: str, post: RemotePost, plain: Plain) -> bool:
    """Whether a post says these words, which are in the form for comparing; what it says may be in it already."""
    return words in post.texts or words in map(plain, post.texts)


def _plain(alt: str) -> str:
    return " ".join(composed(alt).split())
