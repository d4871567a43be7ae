"""What holds a post back: hashtags and links that do not arrive whole, letters that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import Severity, is_latin_1
from ..post.profile import Profile
from .graphemes import pattern, unicode_pattern
from .hashtags import tag_findings, written_tags
from .links import has_odd_link, link_findings
from .measure import Finding


def broken(text: str, tags: Sequence[str]) -> list[Finding]:
    """Find what holds a text (NFC, LF) back as it will be posted; `tags` are the campaign's hashtags without #."""
    found = [
        *tag_findings(text, tags, "", None),
        *(link_findings(text) if has_odd_link(text) else ()),
        *mathematical(text),
    ]
    return [finding for finding in found if finding.severity is Severity.ERROR]


def broken_on(profile: Profile, text: str) -> list[Finding]:
    """Find what only this platform refuses."""
    most, name = profile.most_hashtags, profile.platform
    if most is None or len(found := written_tags(text)) <= most:
        return []
    message, help_ = f"{len(found)} hashtags: {name} takes {most}", f"Take some out, or give a variant for {name}."
    return [Finding(code="tags-many", message=message, help=help_, start=found[most].start(), severity=Severity.ERROR)]


def mathematical(text: str) -> Iterator[Finding]:
    """Find words made of mathematical letters."""
    if is_latin_1(text) or not _MAY_BE_MATHEMATICAL.search(text):
        return
    for match in _MATHEMATICAL.finditer(text):
        message = f'"{match[0]}" is written in mathematical letters, which screen readers skip'
        help_, start = "Use plain letters.", match.start()
        yield Finding(code="styled-letters", message=message, help=help_, start=start, severity=Severity.ERROR)


_LETTERLIKE = "ℂℊℋℌℍℎℐℑℒℕℙℚℛℜℝℤℨℬℭℯℰℱℳℴ"
"""Letters that the block of mathematical ones leaves out, for they stood elsewhere before it came."""
_LETTERLIKE_RUN = f"[{_LETTERLIKE}]*[\U0001d400-\U0001d7ff]"
"""A run has at least one letter of the mathematical block: ℝ and ℎ alone are signs of their trade."""
_MAY_BE_MATHEMATICAL = pattern("[\U0001d400-\U0001d7ff]")
_MATHEMATICAL_LETTER = f"[\U0001d400-\U0001d7ff{_LETTERLIKE}]"
# From the beginning of a run on: where none of it is mathematical, it is gone through once.
_MATHEMATICAL = unicode_pattern(
    f"(?<!{_MATHEMATICAL_LETTER})(?={_LETTERLIKE_RUN})(?:{_MATHEMATICAL_LETTER}+(?:[ '’-]*{_MATHEMATICAL_LETTER}+)*)"
)
