"""When an answer to a publishing call refuses this very content, by the words that each platform has for it.

Everything else that is no success is in doubt: a server also answers 4xx for troubles of its own (a unique index, a lock,
a call that is still being worked on) after the post was made.
"""

from __future__ import annotations

import re

Refusals = tuple[tuple[frozenset[int], re.Pattern[str]], ...]
"""Which words mean a refusal under which status."""


def _words(statuses: set[int], *words: str) -> tuple[frozenset[int], re.Pattern[str]]:
    return frozenset(statuses), re.compile("|".join(words), re.IGNORECASE)


OF_THE_SERVER = re.compile(
    r"\balready\b|\btaken\b|duplicate|uniq|\block(ed)?\b|deadlock|conflict|in progress|being processed|try again|"
    r"\bretry\b|time[d ]?-?out|temporar|internal|database|constraint",
    re.IGNORECASE,
)
"""What a server says of its own troubles, whatever the status: no word on the content."""

MASTODON: Refusals = (
    # Mastodon's validations, Pleroma's and GoToSocial's; GoToSocial puts the name of the status before its words.
    _words(
        {400, 422},
        r"validation failed: (text|spoiler|visibility|language|media|file|description|poll|status|cannot|sensitive)",
        r"cannot attach|media with id|(character|char|length) limit|max(imum)? ?(of )?(chars|characters)|exceed",
        r"too (long|short|many|big|large)|can.?t be blank|cannot post an empty|must have|no (text|content) (or|and)",
        r"invalid (visibility|language|media|poll|content|scheduled)|not included in the list",
        r"\blanguage\b.*(not|invalid|recogni[sz]ed)|bad request: .*(language|visibility|media|text|status|char)",
    ),
    # Pixelfed, which takes no post without an image.
    _words({403}, r"empty status"),
)
MASTODON_ACCOUNT: Refusals = (
    _words(
        {403},
        r"not allowed|outside the authori[sz]ed scopes|scope|currently disabled|suspended|pending|not? ?confirm",
        r"forbidden|permission|moved",
    ),
)
"""What Mastodon and its kin say of the account and not of one post."""

BLUESKY: Refusals = (
    # A PDS names the record, or the key of it, that it does not take.
    _words({400}, r"invalid (app\.bsky\.|record|tid|language|rkey|string|collection)", r"missing required", r"too big"),
)
BLUESKY_NAMES = frozenset({"BlobNotFound", "InvalidMimeType", "InvalidSize", "InvalidRecord", "PayloadTooLarge"})
"""The errors of a PDS that are about a record, whatever their words; `InvalidRequest` is one by its words alone."""

X: Refusals = (
    # `Invalid Request` names the parameter that X does not take.
    _words({400}, r"^invalid request"),
    _words({403}, r"not permitted to perform this action", r"reply.*not allowed|not allowed.*reply"),
)


def is_refusal(platform: Refusals, status: int, words: str) -> bool:
    """True when these words under this status refuse the content, and nothing in them speaks of the server's troubles."""
    words = words.removeprefix('"')
    if OF_THE_SERVER.search(words):
        return False
    return any(status in statuses and pattern.search(words) for statuses, pattern in platform)
