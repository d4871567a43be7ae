"""Advice on a text, and what holds its post back: for `check` alone, a run asks `broken_text`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ..errors import Severity, is_latin_1, shown
from ..post.profile import Profile
from . import bluesky
from .broken_text import broken_on, mathematical
from .graphemes import pattern
from .hashtags import Vocabulary, name_and_rest, tag_findings, without_row, written_tags
from .links import has_odd_link, link_findings, scheme_findings
from .lint_characters import character_findings, leftover_findings
from .measure import Finding, entities
from .url_detection import is_known_domain

_HANDLES: Mapping[str, str] = {"x": "@name", "mastodon": "@name@server", "bluesky": "@name.domain"}
"""How a handle is written, by whose rules a text is measured."""
_QUOTES = tuple('"“”„«»')


def lint(text: str, tags: Sequence[str], language: str, words: Vocabulary | None = None) -> tuple[Finding, ...]:
    """Find the faults of a text as it will be posted, those of the whole text first, then in text order.

    `language` is a BCP 47 tag, `words` are the campaign's own, which tell where the words of a hashtag begin.
    """
    found = [*tag_findings(text, tags, language, words or Vocabulary())]
    if has_odd_link(text):
        found += link_findings(text)
    found += mathematical(text)
    found += character_findings(text, language)
    found += leftover_findings(text, language)
    found += _brace_findings(text)
    found += _quote_findings(without_row(text, tuple(tags)))
    return _in_order(found)


def lint_on(profile: Profile, text: str) -> tuple[Finding, ...]:
    """Find what only this platform minds, in the same order."""
    counts_tags = profile.most_hashtags or profile.linked_hashtags or profile.ends_hashtags_at_marks
    if not counts_tags and _is_minded_nowhere(text):
        return ()
    found = broken_on(profile, text)
    if "#" in text or "＃" in text:
        found += _tag_findings(profile, text)
    if profile.unit == "weighted" and not is_latin_1(text):
        found += _weight_findings(text, profile.platform)
    if has_odd_link(text):
        found += scheme_findings(profile, text)
    if "@" in text and profile.measure in _HANDLES:
        found += _handle_findings(profile, text)
    if "$" in text:
        found += _cashtag_findings(profile, text)
    return _in_order(found)


@lru_cache(maxsize=4)
def _is_minded_nowhere(text: str) -> bool:
    """True for the many texts in which a glance shows nothing that one platform minds, but for the number of hashtags."""
    is_plain = is_latin_1(text) and "@" not in text and "$" not in text
    return is_plain and not has_odd_link(text) and not _LONG_RUN.search(text)


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: -1 if finding.start is None else finding.start))


def _brace_findings(text: str) -> Iterator[Finding]:
    """Find words that are posted in braces: other programs fill in what stands in two."""
    for match in _IN_BRACES.finditer(text) if "{" in text else ():
        help_ = f"With one brace on each side, {{{match[1]}}}, it is filled in."
        yield Finding(
            code="unfinished", message=f'"{match[0]}" is posted as it stands', help=help_, start=match.start()
        )


def _quote_findings(text: str) -> Iterator[Finding]:
    """Find quotation marks round a whole text: YAML wants none, and takes those that it does not know for text."""
    text = text.strip()
    if text[:1] in _QUOTES and text[-1] in _QUOTES and " " in text and not any(mark in text[1:-1] for mark in _QUOTES):
        message = "the whole text stands in quotation marks, which are posted"
        yield Finding(code="quotes-around", message=message, help="Take them out, unless somebody says it.", start=0)


def _weight_findings(text: str, platform: str) -> Iterator[Finding]:
    if match := _HEAVY.search(text):
        message, help_ = f'"{match[0]}" counts 2 on {platform}', "Nothing to do, unless the room is needed."
        yield Finding(code="counts-two", message=message, help=help_, start=match.start(), severity=Severity.NOTE)


def _tag_findings(profile: Profile, text: str) -> Iterator[Finding]:
    linked, name = profile.linked_hashtags, profile.platform
    if linked is not None and len(found := written_tags(text)) > linked:
        which = "the first hashtag" if linked == 1 else f"the first {linked} hashtags"
        message, help_ = f"{name} makes a link of {which} only", "Write the most important one first."
        at = found[linked].start()
        yield Finding(code="tags-many", message=message, help=help_, start=at, severity=Severity.NOTE)
    for match in written_tags(text) if profile.measure == "bluesky" and _LONG_RUN.search(text) else ():
        tag, _ = name_and_rest(match["name"] + match["rest"])
        if not bluesky.takes_tag(tag):
            message, help_ = f"#{shown(tag)} is too long: no link on {name}", "Make it shorter."
            yield Finding(code="tag-long", message=message, help=help_, start=match.start(), severity=Severity.NOTE)
    for match in written_tags(text) if profile.ends_hashtags_at_marks else ():
        if any(unicodedata.category(character)[0] == "M" for character in match["name"]):
            message = f"{name} ends #{match['name']} at its first accent or vowel sign: it links only a part"
            help_ = f"Give a variant for {name} with another hashtag."
            yield Finding(code="tag-script", message=message, help=help_, start=match.start())


def _handle_findings(profile: Profile, text: str) -> Iterator[Finding]:
    """Find the handles of other platforms: here they are plain text, or mention somebody else."""
    mentions = {entity.start: entity.text for entity in entities(text, profile.measure) if entity.type == "mention"}
    for match in _HANDLE.finditer(text):
        form = "@name@server" if match["server"] else "@name.domain" if match["domain"] else "@name"
        wanted = _HANDLES[profile.measure]
        if form == wanted or (form == "@name.domain" and not is_known_domain(match["domain"])):
            continue
        start, name = match.start(), profile.platform
        whom = f": it mentions {mentions[start]}, whoever that is" if start in mentions else ""
        message = f"{match[0]} is no handle on {name}, where one is written {wanted}{whom}"
        help_ = "Write {@word}, and under `handles` what word is called on each platform."
        yield Finding(code="handle-form", message=message, help=help_, start=start)


def _cashtag_findings(profile: Profile, text: str) -> Iterator[Finding]:
    for entity in entities(text, profile.measure):
        if entity.type == "cashtag":
            message = f"{entity.text} becomes a link on {profile.platform}, as the sign of a share does"
            help_, severity = "Put a space after the $.", Severity.NOTE
            yield Finding(code="cashtag", message=message, help=help_, start=entity.start, severity=severity)


_IN_BRACES = pattern(r"\{ ?(@?\w[\w-]{0,60}) ?\}")
_HEAVY = pattern("[…•→€]")
_LONG_RUN = pattern(r"[#＃]\S{64}")
_SERVER, _DOMAIN = r"@[\w-]+(?:\.[\w-]+)+", r"\.[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+){0,10}"
_NAME = rf"[A-Za-z0-9_.-]+(?P<server>{_SERVER})|[A-Za-z0-9_-]+(?P<domain>{_DOMAIN})?"
_HANDLE = pattern(rf"(?<![A-Za-z0-9_/@=.{{])@(?:{_NAME})")
