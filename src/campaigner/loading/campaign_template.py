"""A campaign file to begin with: what the catalogue knows of a day, and texts left to write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from ..observance.catalogue import Entry
from ..observance.rules import Occurrence

SAFE = re.compile(r"[^\W\d][\w'’().,/-]*( [\w'’(.,/-][\w'’().,/-]*)*")
"""What YAML takes as it is, wherever it stands; everything else is quoted."""
WORDS_WITH_MEANING = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
MESSAGES = (
    ("good-morning", "09:00", "What day it is. For example: Today, {date}, is {name}."),
    ("why-it-matters", "12:00", "One fact, or one voice, and where to read more."),
    ("what-you-can-do", "16:00", "What a reader can do today. Thank those who did."),
)


def scaffold(
    entry: Entry, occurrence: Occurrence | None, *, edition: str, languages: Sequence[str], schema: str | None
) -> str:
    """The text of a campaign file whose only faults are the texts (and names the catalogue lacks) still to be written.

    `schema` is the path of the JSON Schema from the file, for editors; `occurrence` is None when no date is known.
    """
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += _head(entry, occurrence)
    lines += _title(entry, languages)
    lines += [f"observance: {entry.id}", *_edition(edition, occurrence)]
    lines += [f"languages: [{', '.join(languages)}]", "accounts: all", *_hashtags(entry, languages)]
    if entry.url:
        lines += ["# {link} in a text means this address; a reader is better served by a page in the text's language.",
                  f"link: {entry.url}"]  # fmt: skip
    lines += ["messages:", *_messages(languages)]
    return "\n".join(lines) + "\n"


def _head(entry: Entry, occurrence: Occurrence | None) -> Iterator[str]:
    when = f": {_in_words(occurrence.on)}" if occurrence else ""
    yield f"# {entry.title}{when}"
    if occurrence is not None and occurrence.days > 1:
        yield f"# It lasts {occurrence.days} days: `at: day 2 09:00` is on its second one."


def _title(entry: Entry, languages: Sequence[str]) -> Iterator[str]:
    yield "campaign:"
    for language in languages:
        if language in entry.unverified:
            yield "  # This name was translated, not seen in a source: look it up, or have it read."
        name = entry.names.get(language)
        if name is None:
            yield f"  # No name in {language} is known: write it between the quotes."
        yield f"  {language}: {_quoted(name or '')}"


def _edition(edition: str, occurrence: Occurrence | None) -> Iterator[str]:
    if occurrence is not None and not occurrence.tolerance_days:
        yield f"editions: [{edition}]"
        return
    yield "editions:"
    yield f"  {edition}:"
    if occurrence is None:
        yield "    # No date is known yet: write it here once it is announced."
        yield f"    # date: {edition}-01-01"
        return
    days = "day" if occurrence.tolerance_days == 1 else "days"
    yield f"    # Expected, give or take {occurrence.tolerance_days} {days}; nothing is posted until it is pinned. Once it is"
    yield "    # announced, write the day and take the # away:"
    yield f"    # date: {occurrence.on.isoformat()}"


def _hashtags(entry: Entry, languages: Sequence[str]) -> Iterator[str]:
    """English tags serve everybody, for that is how the day is found across countries."""
    kept = {"all": entry.hashtags.get("en", ())} | {
        language: entry.hashtags[language] for language in languages if language != "en" and language in entry.hashtags
    }
    if not any(kept.values()):
        yield "# hashtags: {all: []}   none is known: write them without #"
        return
    if entry.hashtag_status != "documented":
        yield "# In common use, but not checked with the organiser:"
    yield "hashtags:"
    for language, tags in kept.items():
        if tags:
            yield f"  {language}: [{', '.join(_quoted(tag) for tag in tags)}]"


def _messages(languages: Sequence[str]) -> Iterator[str]:
    for id, at, advice in MESSAGES:
        yield f"  {id}:"
        yield f"    at: {at}"
        yield f"    # {advice}"
        yield "    text:"
        for language in languages:
            yield f"      {language}: |"
            yield ""


def _quoted(text: str) -> str:
    plain = SAFE.fullmatch(text) and text.casefold() not in WORDS_WITH_MEANING
    return text if plain else json.dumps(text, ensure_ascii=False)


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
