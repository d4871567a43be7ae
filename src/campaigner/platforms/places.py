"""Which post a web address shows: the id that its platform knows it by, from the address that a person copied."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .bluesky_record import COLLECTION, place_of
from .hosts import origin

_ON_X = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w{1,20})/status(?:es)?/(?P<id>[0-9]{1,20})(?:[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)
# Mastodon, GoToSocial, Takahē, Pleroma and Pixelfed. What is short and no number is a page, as `/@name/media`.
_STATUS = re.compile(
    r"(?:/.+)?/(?:@[^/@]+(?:@(?P<host>[^/@]+))?(?:/statuses|/posts)?|statuses|notice|p/[^/]+)"
    r"/(?P<id>[0-9]+|[0-9A-Za-z]{10,})/?"
)


def x_post(written: str) -> str | None:
    """The number of a post on X, also when it is written as a number; None when it is neither."""
    if re.fullmatch(r"[0-9]{1,20}", written):
        return written
    found = _ON_X.fullmatch(written)
    return found["id"] if found else None


def mastodon_post(server: str, address: str) -> str | None:
    """The id of a status on this server; None for another server's, which numbers the same status otherwise."""
    if origin(address) != origin(server):
        return None
    parts = urlsplit(address)
    found = _STATUS.fullmatch(parts.path)
    if found is None or (found["host"] or parts.netloc).casefold() != parts.netloc.casefold():
        return None
    return found["id"]


def bluesky_post(handle: str, did: str | None, address: str) -> str | None:
    """The at:// address of a post of this account; of another's there is none, for it can't be taken down from here."""
    place = place_of(address.partition("?")[0].partition("#")[0])
    if place is None or not _is_of(place[0].casefold(), handle, did):
        return None
    return f"at://{did or place[0]}/{COLLECTION}/{place[1]}"


def _is_of(repo: str, handle: str, did: str | None) -> bool:
    if repo.startswith("did:"):
        return did is None or repo == did.casefold()
    # Some sign in with a mail address or their DID: then the handle is not known here.
    is_handle = not handle.startswith("did:") and "@" not in handle
    return not is_handle or repo == handle.casefold()
