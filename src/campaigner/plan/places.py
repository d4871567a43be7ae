"""Where in its file a value of a slot's message stands: in the message, or in the variant that it comes from."""

from __future__ import annotations

from ..errors import Place, Problem, Severity
from ..files.loaded import Path_
from .expand import Slot
from .select import variant_as_written, variants_of


def place_of(slot: Slot, path: Path_) -> Place:
    """The place of ("text", "fi"), or of any other path inside the slot's message."""
    return slot.file.place("messages", slot.key.message, *_variant_holding(slot, path), *path)


def problem_in(
    slot: Slot,
    path: Path_,
    code: str,
    message: str,
    help_: str = "",
    *,
    severity: Severity = Severity.ERROR,
    language: str | None = None,
) -> Problem:
    """A problem inside the slot's message; with `language` it stands at that language's text."""
    return Problem(
        place=place_of(slot, path if language is None else (*path, language)),
        code=code,
        message=message,
        help=help_,
        severity=severity,
        campaign=slot.key.campaign,
        message_id=slot.key.message,
        account=slot.key.account,
        language=language,
    )


def _variant_holding(slot: Slot, path: Path_) -> Path_:
    """("variants", "x, bluesky") when the value comes from there, else ()."""
    for names, content in reversed(variants_of(slot.message, slot.account)):
        value = getattr(content, str(path[0]), None)
        if value is not None and (path[0] != "text" or len(path) < 2 or path[1] in value):
            return ("variants", variant_as_written(slot.file, slot.key.message, names))
    return ()
