"""What pydantic found, in plain words, at the place in the file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..source import nearest, shown
from .loaded import Path_
from .tree import Found, Missing, Tree

KnownKeys = Callable[[Path_], Collection[str]]

GUESSES = 100
"""Faults of one validation whose nearest known key is looked for: a hostile file may have 100,000."""

_WANTED = {
    "string_type": ("a text was wanted", "Write a text here."),
    "tuple_type": ("a list was wanted", "Write [one, two], or each on its own line after a dash."),
    "list_type": ("a list was wanted", "Write [one, two], or each on its own line after a dash."),
    "mapping_type": ("names and values were wanted", "Write name: value, each on its own line, indented."),
    "dict_type": ("names and values were wanted", "Write name: value, each on its own line, indented."),
    "model_type": ("names and values were wanted", "Write name: value, each on its own line, indented."),
    "model_attributes_type": ("names and values were wanted", "Write name: value, each on its own line, indented."),
    "int_parsing": ("a whole number was wanted", "Write it in digits."),
    "int_type": ("a whole number was wanted", "Write it in digits."),
    "bool_parsing": ("true or false was wanted", "Write true or false."),
    "bool_type": ("true or false was wanted", "Write true or false."),
}
_MISSING_HELP = {
    "alt": (
        "missing-alt",
        'Describe the image for people who cannot see it, in each language; "" only for decoration.',
    ),
    "at": ("missing-key", "Write when on the day it goes out, as in at: 08:00"),
    "text": ("missing-key", "Write the text in each language of the campaign."),
    "languages": ("missing-key", "Write the languages in their order, as in languages: [en, fi]"),
    "accounts": ("missing-key", "Write account names, platform names, or: all"),
    "editions": ("missing-key", "Write the years it runs in, as in editions: [2026, 2027]"),
    "observance": (
        "missing-key",
        "Write which day: a day of the catalogue (campaigner days), or a date as 18 December.",
    ),
    "campaign": ("missing-key", "Write the campaign's title."),
    "timezone": ("missing-key", "Write where the day begins, as in timezone: Europe/Helsinki"),
}


def translate(
    error: ValidationError, tree: Tree, prefix: Path_, known: KnownKeys, *, renamed: Mapping[Any, str] | None = None
) -> list[Found]:
    """Return every fault of a validation below `prefix`; what was reported before, while reading, is left out.

    `renamed` gives the key in the file of those fields that have another name.

    Values are never quoted here: in the config they may be secrets.
    """
    found = (
        _found(
            details, tree, (*prefix, *_as_written(details["loc"], renamed or {})), known if number < GUESSES else _none
        )
        for number, details in enumerate(error.errors(include_url=False, include_input=False))
    )
    return [fault for fault in found if fault is not None]


def _none(path: Path_) -> Collection[str]:
    return ()


def _as_written(location: Path_, renamed: Mapping[Any, str]) -> Path_:
    return (renamed.get(location[0], location[0]), *location[1:]) if location else location


def _found(details: ErrorDetails, tree: Tree, location: Path_, known: KnownKeys) -> Found | None:
    context = details.get("ctx", {})
    path, in_key = tree.path_of(location)
    if details["type"] == "missing":
        return missing_key(path, str(location[-1]))
    if isinstance(tree.at(path), Missing) and not in_key:
        return None
    if details["type"] == "extra_forbidden":
        return unknown_key(path, known(path[:-1]))
    if "message" in context and "help" in context:
        return Found(path, details["type"], context["message"], context["help"], key=in_key)
    return _plain(details, context, path, in_key)


def _plain(details: ErrorDetails, context: Mapping[str, Any], path: Path_, in_key: bool) -> Found:
    if details["type"] in _WANTED:
        message, help_ = _WANTED[details["type"]]
        return Found(path, "wrong-kind", message, help_, key=in_key)
    if details["type"] == "value_error":
        return Found(path, "value", str(context.get("error", details["msg"])), key=in_key)
    return Found(path, "value", details["msg"][:1].lower() + details["msg"][1:], key=in_key)


def rest(fields: Mapping[str, Any], error: ValidationError, required: Mapping[str, Any]) -> dict[str, Any]:
    """Return the faultless fields, with something harmless for the required ones, for further checks."""
    wrong = {details["loc"][0] for details in error.errors(include_url=False, include_input=False)}
    return {name: value for name, value in fields.items() if name not in wrong} | {
        name: required[name] for name in required if name in wrong
    }


def missing_key(path: Path_, name: str) -> Found:
    code, help_ = _MISSING_HELP.get(name, ("missing-key", f"Write {name}: and its value."))
    return Found(path, code, f'"{name}" is missing', help_, key=True)


def unknown_key(path: Path_, known: Collection[str]) -> Found:
    """The key at `path` means nothing; name the nearest that does."""
    name = str(path[-1])
    if name == "<<":
        return Found(path, "unknown-key", "<< is not taken here", "Write the keys out where they are meant.", key=True)
    near = nearest(name.lower(), sorted(known))
    help_ = f"Did you mean {near}?" if near else f"Known here: {', '.join(known)}." if known else "Delete it."
    return Found(path, "unknown-key", f'"{shown(name)}" is not a key that belongs here', help_, key=True)
