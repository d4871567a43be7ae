"""Patterns that need Unicode properties: the one door to the regex library, opened on first use."""

from __future__ import annotations

import re
from functools import cache
from typing import cast


@cache
def unicode_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern of the regex library (`\\p{…}`, `\\X`, possessive and atomic groups), once."""
    import regex  # type: ignore[import-untyped]

    return cast("re.Pattern[str]", regex.compile(pattern))


def is_latin_1(text: str) -> bool:
    """True when no character lies beyond U+00FF: found without a look at each."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
