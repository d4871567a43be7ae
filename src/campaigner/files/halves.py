"""A file that a synced folder has written only in part: it ends where its last good version goes on."""

from __future__ import annotations

import re

from .loaded import CampaignFile


def cut_message(file: CampaignFile, accepted: bytes) -> str | None:
    """The message that a file breaks off in, compared with its last good version; None when it does not.

    That is so when the last message of the file is the beginning of what the same message was, and no more. Whoever
    shortens the last message on purpose adds a line to the file, a comment will do.
    """
    names = {str(path[1]): place for path, place in file.places.items() if len(path) == 2 and path[0] == "messages"}
    if not names or file.content == accepted:
        return None
    name, (line, column) = max(names.items(), key=lambda item: item[1])
    lines = _lines(file.content)[line - 1 :]
    here = "\n".join(lines).rstrip()
    before = _block(_lines(accepted), name, column - 1)
    return name if before is not None and before != here and before.startswith(here) else None


def _block(lines: list[str], name: str, indent: int) -> str | None:
    """The lines of a message in another version of its file, without blank and comment lines at the end."""
    head = re.compile(rf" {{{indent}}}[\"']?{re.escape(name)}[\"']?\s*:")
    start = next((number for number, line in enumerate(lines) if head.match(line)), None)
    if start is None:
        return None
    end = next((number for number in range(start + 1, len(lines)) if _ends_message(lines[number], indent)), len(lines))
    kept = lines[start:end]
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith("#")):
        kept.pop()
    return "\n".join(kept).rstrip()


def _ends_message(line: str, indent: int) -> bool:
    found = line.lstrip(" ")
    return bool(found) and not found.startswith("#") and len(line) - len(found) <= indent


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
