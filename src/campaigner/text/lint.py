"""Advice on a text: what a screen reader stumbles over, hashtags and links that are not what they seem. For `check` alone.

What holds a post back stands in `broken_text`; a check is told both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ..errors import Severity, is_latin_1, shown, spelled
from ..post.profile import Profile
from . import bluesky
from .broken_text import (
    COMPARED,
    WEB_SCHEME,
    broken,
    broken_on,
    capitalised,
    has_odd_link,
    is_inflected,
    is_sound,
    link_ends,
    links,
    name_and_rest,
    unwritten,
    without_row,
    written_tags,
)
from .entities import Entity, Finding
from .graphemes import pattern
from .lint_characters import character_findings
from .lint_leftovers import leftover_findings
from .measure import entities
from .url_detection import is_known_domain
from .vocabulary import Vocabulary

_INFLECTING = frozenset(
    {"be", "cs", "el", "et", "eu", "fi", "hr", "hu", "is", "kk", "lt", "lv", "pl", "ru", "se", "sk", "sl", "smn", "sr"}
    | {"tr", "uk", "uz"}
)
_HANDLES: Mapping[str, str] = {"x": "@name", "mastodon": "@name@server", "bluesky": "@name.domain"}
"""How a handle is written, by whose rules a text is measured."""
_QUOTES = tuple('"“”„«»')
_LONGEST_ENDING = 5
_LONG_LOWER_CASE = 12
_SHORTEST_OF_WORDS = 5
_SHORTEST_STEM = 5


def lint(text: str, tags: Sequence[str], language: str, words: Vocabulary | None = None) -> tuple[Finding, ...]:
    """Find the faults of a text (NFC, LF) as it will be posted, those of the whole text first, then in text order.

    `tags` are the campaign's hashtags without #, `language` a BCP 47 tag, `words` are the campaign's own, which tell
    where the words of a hashtag begin.
    """
    found = [*broken(text, tags), *_tag_findings(text, tags, language, words or Vocabulary())]
    if has_odd_link(text):
        found += _link_findings(text)
    return _in_order(
        [
            *found,
            *character_findings(text, language),
            *leftover_findings(text, language),
            *_quote_findings(without_row(text, tags)),
        ]
    )


def lint_on(profile: Profile, text: str) -> tuple[Finding, ...]:
    """Find what only this platform minds, in the same order."""
    found = [*broken_on(profile, text), *_platform_tag_findings(profile, text)]
    if profile.unit == "weighted":
        found += _weight_findings(text, profile.platform)
    if has_odd_link(text):
        found += _scheme_findings(profile, text)
    if "@" in text and profile.measure in _HANDLES:
        found += _handle_findings(profile, text)
    if "$" in text:
        found += _cashtag_findings(profile, text)
    return _in_order(found)


def _quote_findings(text: str) -> Iterator[Finding]:
    """Find quotation marks round a whole text: YAML wants none, and takes those that it does not know for text."""
    text = text.strip()
    if " " in text and text[0] in _QUOTES and text[-1] in _QUOTES and not any(mark in text[1:-1] for mark in _QUOTES):
        message, help_ = (
            "the whole text stands in quotation marks, which are posted",
            "Take them out, unless somebody says it.",
        )
        yield Finding(code="quotes-around", message=message, help=help_, start=0)


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return (
        ()
        if not findings
        else tuple(sorted(findings, key=lambda finding: -1 if finding.start is None else finding.start))
    )


def _weight_findings(text: str, platform: str) -> Iterator[Finding]:
    if is_latin_1(text):
        return
    if match := re.search("[…•→€]", text):
        help_ = "Nothing to do, unless the room is needed."
        message = f'"{match[0]}" counts 2 on {platform}'
        yield Finding(code="counts-two", message=message, help=help_, start=match.start(), severity=Severity.NOTE)


def _tag_findings(text: str, tags: Sequence[str], language: str, words: Vocabulary) -> Iterator[Finding]:
    found = [] if is_sound(text, tuple(tags)) else written_tags(without_row(text, tags))
    for match in found:
        yield from _name_findings(match["name"] + match["rest"], match.start(), words)
        yield from _ending_findings(match["name"], match.start(), tags, language)
    yield from _of_unwritten(tuple(unwritten(tags, found) if found else tags), words)


@lru_cache(maxsize=64)
def _of_unwritten(tags: tuple[str, ...], words: Vocabulary) -> tuple[Finding, ...]:
    return tuple(finding for tag in tags for finding in _name_findings(tag, None, words))


def _name_findings(tag: str, start: int | None, words: Vocabulary) -> Iterator[Finding]:
    name, rest = name_and_rest(tag)
    if is_inflected(rest):
        message, help_ = f"only #{name} of #{name}{rest} becomes a link, as it should", "Nothing to do."
        yield Finding(code="tag-colon", message=message, help=help_, start=start, severity=Severity.NOTE)
    elif not rest and (better := _camel_case(name, words)):
        message = f"a screen reader cannot tell the words of #{name} apart"
        yield Finding(code="camel-case", message=message, help=better, start=start)


def _ending_findings(name: str, start: int, tags: Sequence[str], language: str) -> Iterator[Finding]:
    """Find a hashtag that is the campaign's with a case ending: people who follow the one do not see the other."""
    if language.split("-", maxsplit=1)[0] not in _INFLECTING or name.casefold() in map(str.casefold, tags):
        return
    for tag in tags:
        if ending := _ending(name, tag):
            help_ = f"Write #{tag}:{ending}, or move #{tag} to the end."
        elif _is_plural(name, tag, language):
            help_ = f"Write #{tag}, or move it to the end."
        else:
            continue
        message = f"#{name} is another hashtag than #{tag}"
        yield Finding(code="tag-inflected", message=message, help=help_, start=start)
        return


def _ending(name: str, tag: str) -> str:
    """What `name` has after the tag, when that can be an ending."""
    ending = name[len(tag) :]
    starts = name.casefold().startswith(tag.casefold())
    return ending if starts and len(ending) <= _LONGEST_ENDING and ending.islower() else ""


def _is_plural(name: str, tag: str, language: str) -> bool:
    """Whether a Finnish plural took the place of the tag's last vowel: Päivä, päivien."""
    stem = tag[:-1]
    if len(stem) < _SHORTEST_STEM or language.split("-", maxsplit=1)[0] != "fi":
        return False
    return name.casefold().startswith(stem.casefold()) and bool(_FINNISH_PLURAL.fullmatch(name[len(stem) :]))


def _platform_tag_findings(profile: Profile, text: str) -> Iterator[Finding]:
    linked, name = profile.linked_hashtags, profile.platform
    if linked is not None and len(found := written_tags(text)) > linked:
        which = "the first hashtag" if linked == 1 else f"the first {linked} hashtags"
        message, help_ = f"{name} makes a link of {which} only", "Write the most important one first."
        yield Finding(
            code="tags-many", message=message, help=help_, start=found[linked].start(), severity=Severity.NOTE
        )
    if profile.measure == "bluesky" and _LONG_RUN.search(text):
        yield from _long_tag_findings(text, name)
    for match in written_tags(text) if profile.ends_hashtags_at_marks else ():
        if any(unicodedata.category(character)[0] == "M" for character in match["name"]):
            message = f"{name} ends #{match['name']} at its first accent or vowel sign: it links only a part"
            help_ = f"Give a variant for {name} with another hashtag."
            yield Finding(code="tag-script", message=message, help=help_, start=match.start())


def _long_tag_findings(text: str, platform: str) -> Iterator[Finding]:
    for match in written_tags(text):
        name, _ = name_and_rest(match["name"] + match["rest"])
        if not bluesky.takes_tag(name):
            message, help_ = f"#{shown(name)} is too long: no link on {platform}", "Make it shorter."
            yield Finding(code="tag-long", message=message, help=help_, start=match.start(), severity=Severity.NOTE)


def _camel_case(name: str, words: Vocabulary) -> str:
    """Advice when the words of a tag run together; empty when all is well or cannot be known."""
    if len(name) < _SHORTEST_OF_WORDS or any(map(str.isupper, name[1:])) or not name.isalpha():
        return ""
    found = words.words_of(name)
    if len(found) > 1:
        return f"Write #{''.join(map(capitalised, found))}."
    # The campaign's texts may have it as one word: a Finnish or German compound is easily this long.
    if name.islower() and len(name) > _LONG_LOWER_CASE and not found:
        return "Begin each of its words with a capital letter."
    return ""


def _link_findings(text: str) -> Iterator[Finding]:
    for start, ends in link_ends(text).items():
        without = [platform for platform in COMPARED if platform not in ends]
        if without and WEB_SCHEME.match(text, start):
            yield _unlinked(text, start, without)
        elif ends and (ending := _ENDING_OF_LINK.search(text, start, max(ends.values()))):
            message = f'"{ending[0]}" stands right after a link and becomes part of it'
            yield Finding(code="url-tail", message=message, help="Put a space between.", start=ending.start())
    for match in _ODD_SCHEME.finditer(text):
        message, help_ = f'"{match[0]}" is no link', "Links begin with https://"
        yield Finding(code="url-unlinked", message=message, help=help_, start=match.start())
    for link in links(text):
        if not _has_scheme(link) and _ACCIDENT.fullmatch(link.text):
            message = f'x makes a link of "{link.text}" and counts 23'
            help_ = "Put a space after the full stop."
            yield Finding(code="accidental-url", message=message, help=help_, start=link.start)


def _unlinked(text: str, start: int, without: Sequence[str]) -> Finding:
    address = text[start : start + 100].split(maxsplit=1)[0]
    before = text[max(start - 1, 0) : start]
    is_glued = before.isalnum() or before in tuple("@＠#＃$")
    message = f'"{spelled(shown(address))}" is no link on {", ".join(without)}'
    help_ = "Put a space before it." if is_glued else "Look at what comes after the ://, and how it ends."
    return Finding(code="url-unlinked", message=message, help=help_, start=start)


def _scheme_findings(profile: Profile, text: str) -> Iterator[Finding]:
    """Find the links without https:// that stay plain text on this platform."""
    bare = [link for link in links(text) if not _has_scheme(link) and not _ACCIDENT.fullmatch(link.text)]
    linked = {entity.start for entity in entities(text, profile.measure) if entity.type == "url"} if bare else ()
    for link in bare:
        if link.start not in linked:
            message = f'"{link.text}" is no link on {profile.platform} without https:// before it'
            help_ = f"Write https://{link.text}"
            yield Finding(code="url-scheme", message=message, help=help_, start=link.start)


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
            message, help_ = (
                f"{entity.text} becomes a link on {profile.platform}, as the sign of a share does",
                "Put a space after the $.",
            )
            yield Finding(code="cashtag", message=message, help=help_, start=entity.start, severity=Severity.NOTE)


def _has_scheme(link: Entity) -> bool:
    return link.text[:4].lower() == "http" and "://" in link.text


_FINNISH_PLURAL = pattern(r"i(?:en|[aä]|in|n[aä]|ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|ksi)")
_ENDING_OF_LINK = pattern(r"(?:'s|:[a-zäö]{1,4})\Z")
"""A genitive, or a case ending after a colon: `https://iom.int/day's`, `https://iom.int/day:n`."""
_ODD_SCHEME = pattern(r"(?<!\w)(?![a-z]*https?://)(?:[a-z]{2,10}://|h[tx]{1,2}ps?(?:[:;]/?|/)/)(?=\w)", re.IGNORECASE)
"""What looks like the beginning of an address and is none: `htps://`, `ftp://`, `http:/`, `https//`."""
_LONG_RUN = pattern(r"[#＃]\S{64}")


_HANDLE_SERVER, _HANDLE_DOMAIN = r"@[\w-]+(?:\.[\w-]+)+", r"\.[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+){0,10}"
_HANDLE_NAME = rf"[A-Za-z0-9_.-]+(?P<server>{_HANDLE_SERVER})|[A-Za-z0-9_-]+(?P<domain>{_HANDLE_DOMAIN})?"
_HANDLE = pattern(rf"(?<![A-Za-z0-9_/@=.])@(?:{_HANDLE_NAME})")
_ACCIDENT = pattern(r".*[^\W_]\.[A-ZÅÄÖ][a-z]+|\d+\.[a-z]+|(?:\w\.){2,}\w+")
"""`Kyllä.No` and `12.is`: a sentence begins without a space; `e.g.so`: an abbreviation lost its own."""
