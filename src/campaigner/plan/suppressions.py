"""`allow`: which codes an officer may silence, and the codes that mean nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..campaign.campaign import Campaign
from ..errors import Problem, Severity, nearest
from ..loading.campaign_file import CampaignFile, Path_

IN_TEXTS = frozenset(
    """
    accidental-url all-caps alt-long alt-opening camel-case cashtag counts-two emoji-bullets emoji-many emoji-row garbled
    handle-form invisible length-differs links-differ markup numbers-differ quotes-around styled-letters tag-before
    tag-broken tag-colon tag-digits tag-inflected tag-long tag-script tags-many unfinished untranslated url-query
    url-scheme url-tail url-unlinked wrong-language
    """.split()  # noqa: SIM905
)
"""What is found in texts; these may be silenced even where they are errors."""

ALLOWABLE = IN_TEXTS | frozenset(
    """
    all-past card-unused clock-change expected-day far-year idle-variant image-animated image-place
    language-without-account mentions-nobody no-day no-language no-warnings pinned-elsewhere
    platform-without-account quiet-hours same-minute same-text thread-unsure time-over too-many-posts
    """.split()  # noqa: SIM905
)
"""Every code that can stand under `allow`: warnings and notes, and what is found in texts."""


def is_allowed(severity: Severity, code: str, *allow: Mapping[str, str] | None) -> bool:
    """True when the officer has silenced the code; what a platform refuses, or campaigner can't do, nobody can allow."""
    if severity is Severity.ERROR and code not in IN_TEXTS:
        return False
    return any(code in codes for codes in allow if codes)


def unknown_codes(file: CampaignFile, campaign: Campaign) -> Iterator[Problem]:
    """A code under `allow` that nothing has which can be silenced."""
    yield from _unknown(file, campaign.allow, ("allow",), None)
    for message in campaign.messages:
        here: Path_ = ("messages", message.id)
        yield from _unknown(file, message.allow, (*here, "allow"), message.id)
        for names, content in message.variants:
            if content.allow:
                written = file.variant_as_written(message.id, names)
                yield from _unknown(file, content.allow, (*here, "variants", written, "allow"), message.id)


def _unknown(
    file: CampaignFile, codes: Mapping[str, str] | None, path: Path_, message_id: str | None
) -> Iterator[Problem]:
    for code in codes or ():
        if code in ALLOWABLE:
            continue
        near = nearest(code, sorted(ALLOWABLE))
        message, help_ = f'"{code}" is no code that can be allowed', f"Did you mean {near}? " if near else ""
        help_ += "Write a code as check shows it in brackets; what a platform refuses, nobody can allow."
        yield file.problem((*path, code), "unknown-code", message, help_, message_id=message_id)
