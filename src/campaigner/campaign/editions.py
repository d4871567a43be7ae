"""The forms of `editions`: a list of years, `every year`, or years with the words that texts use in braces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..source import shown
from .written import fault

EVERY_YEAR = "every year"
FIELDS = ("date", "hashtags", "link")
RESERVED = ("hashtags", "link", "name", "date", "today", "year")
"""Words in braces that campaigner fills itself."""

_LABEL = re.compile(r"(?:19|20|21)[0-9]{2}(?:-[2-9])?")
_WORD = re.compile(r"[^\W\d_][\w-]*")


def read_editions(value: Any) -> Any:
    """Every form as a mapping of label to edition."""
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list | tuple):
        return _from_list(value)
    if isinstance(value, Mapping) and not value:
        raise fault("empty-value", "no year stands here", "Write the years it runs in, as in [2026, 2027].")
    if isinstance(value, Mapping):
        return {label: {} if edition is None else edition for label, edition in value.items()}
    return value


def _from_list(value: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    if not value:
        raise fault("empty-value", "no year stands here", "Write the years it runs in, as in [2026, 2027].")
    labels: dict[str, Any] = {}
    for label in value:
        if not isinstance(label, str):
            raise fault("edition", "a list of years was wanted", "Write it as in [2026, 2027].")
        if label in labels:
            raise fault("duplicate-value", f'"{shown(label)}" stands in the list twice', "Delete one of them.")
        labels[label] = {}
    return labels


def read_label(value: str) -> str:
    if value != EVERY_YEAR and not _LABEL.fullmatch(value):
        help_ = f"Write a year, as in 2026, or: {EVERY_YEAR}. The second time in one year is 2030-2."
        raise fault("edition", f'"{shown(value)}" is no edition', help_)
    return value


def read_word_name(value: str) -> str:
    if value in RESERVED:
        raise fault("word", f"{{{value}}} is filled by campaigner", "Give your word another name.")
    if not _WORD.fullmatch(value):
        raise fault("word", f'"{shown(value)}" cannot stand in braces', "Use letters, digits, _ and - for its name.")
    return value


def split_edition(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an edition as written as the fields of an Edition: the keys that are no fields are words."""
    fields = {name: value[name] for name in FIELDS if name in value}
    return {**fields, "words": {name: words for name, words in value.items() if name not in FIELDS}}
