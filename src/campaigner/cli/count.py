"""`campaigner count`: how long a text is on each platform, and what each platform links."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import ExitCode, UsageError
from .options import Json
from .post_keys import did_you_mean

if TYPE_CHECKING:
    from ..post.profile import Profile
    from .wiring import Workspace

MOST_BYTES = 1_000_000
TOO_LONG_BY = 20
MOST_CHARACTERS = 130_000
"""Twice what the most generous platform takes: more is counted for nobody, and its links and hashtags fill megabytes."""
HOW = 'campaigner count "Today is …", or campaigner count - < file'


def count(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="The text; - reads it from stdin.")] = None,
    platform: Annotated[str | None, typer.Option("--platform", metavar="P", help="Only on this platform.")] = None,
    as_json: Json = False,
) -> ExitCode:
    """Count one text; `-` or a missing text reads stdin. Needs no config; where there is one, its platforms come first."""
    from ..platforms import table

    workspace: Workspace = context.obj
    ours = {workspace.config.accounts[name].behaves_as for name in workspace.platforms()}
    profiles = dict(sorted(table.default_profiles().items(), key=lambda known: known[0] not in ours))
    if platform is not None and platform not in profiles:
        raise UsageError(
            f"there is no platform {platform}",
            hint=did_you_mean(platform, profiles) or f"there is: {', '.join(profiles)}",
        )
    clean = at_the_door(_text(text))
    largest = max(profile.limit for name, profile in profiles.items() if platform in (None, name))
    most = min(TOO_LONG_BY * largest, MOST_CHARACTERS)
    if len(clean) > most:
        raise UsageError(f"the text has {len(clean):,} characters, more than {most:,} are not counted")
    rows = {name: _row(clean, profile) for name, profile in profiles.items() if platform in (None, name)}
    if as_json:
        workspace.terminal.json({"text": clean, "platforms": rows})
    else:
        for name, row in rows.items():
            _show(workspace, name, row, "" if name in table.BUILT_IN else "  not posted to yet")
    return ExitCode.DONE


def at_the_door(text: str) -> str:
    """NFC and LF, as every text is made when it comes in."""
    from ..strict_yaml import MOST_MARKS, too_many_marks

    if too_many_marks(text) is not None:
        raise UsageError(f"more than {MOST_MARKS} accents stand on one letter")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _text(text: str | None) -> str:
    if text is not None and text != "-":
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UsageError("the text is not UTF-8")
        return text
    if text is None and sys.stdin.isatty():
        raise UsageError("no text was given", hint=HOW)
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UsageError(f"the text is longer than {MOST_BYTES} bytes")
    if text is None and not data:
        raise UsageError("no text was given", hint=HOW)
    try:
        return data.decode("utf-8-sig").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"the text is not UTF-8: byte {error.start} is {data[error.start]:#04x}") from error


def _row(text: str, profile: Profile) -> dict[str, Any]:
    from ..text.measure import entities, measure

    found = measure(text, profile)
    row: dict[str, Any] = {
        "length": found.length,
        "unit": found.unit,
        "limit": found.limit,
        "left": found.left,
        "fits": found.fits,
    }
    if found.bytes is not None:
        row["bytes"] = found.bytes
        row["byte_limit"] = found.byte_limit
    if profile.caption_limit is not None:
        row["caption_limit"] = profile.caption_limit
    row["entities"] = [
        {"type": entity.type, "text": entity.text, "start": entity.start, "end": entity.end}
        for entity in entities(text, profile.measure)
        if entity.type not in profile.not_linked
    ]
    return row


def _show(workspace: Workspace, name: str, row: dict[str, Any], remark: str) -> None:
    left = f"{row['left']} left" if row["fits"] else f"{-row['left']} too long"
    unit = " bytes" if row["unit"] == "bytes" else ""
    size = f", {row['bytes']} of {row['byte_limit']} bytes" if "bytes" in row else ""
    caption = row.get("caption_limit", row["length"])
    over = f", {row['length'] - caption} too long for a caption ({caption})" if row["length"] > caption else ""
    workspace.terminal.spans(
        [
            (f"{name:<10} ", "strong"),
            (f"{row['length']:>5} of {row['limit']}{unit}{size}, ", None),
            (left, "good" if row["fits"] else "error"),
            (over, "warning"),
            (remark, "dim"),
        ]
    )
    for entity in row["entities"]:
        workspace.terminal.spans([(f"{'':11}{entity['type']} ", "dim"), (entity["text"], entity["type"])])
