"""The safety gates before a delivery: what must wait for a person, and the words for it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from ..campaign.config import Config
from ..errors import RefusedError
from ..loading.discovery import SUFFIXES, shown_as

CLOCK_TOLERANCE_SECONDS = 60
LOOK_AT_CLOCK = "timedatectl status"
_COPY = r"(?i:[ck](?:ó|o\u0301?)p(?:y|i[aeo]?))"
_OF = rf"(?:{_COPY}(?:[\W_]{{0,3}}\d{{1,3}}\W{{0,2}})?(?:\W{{1,3}}\w{{1,3}})?[\W_]{{1,3}})?"
"""`Copy of`, `Copy (2) of`, `Kopio - `, `Kopia av`"""
_MARK = rf"\d++(?![A-Z])|{_COPY}|(?i:conflict\w*)|[(\[][^()\[\]]*(?:\d|{_COPY}|(?i:conflict))[^()\[\]]*[)\]]"
_MARKS = rf"(?:[\s_~!–—-]{{0,3}}(?:{_MARK}))*+(?:(?:-[A-Z0-9]{{1,20}}){{0,3}}-[A-Z]*\d[A-Z0-9]*)?[\s!]*"
"""` (1)`, ` - Copy`, `_2`, ` (Aino's conflicted copy)`, and the machine that it comes from: `-LAPTOP-7G3K`."""
HOLD_FILE = re.compile(rf"[\s.]*{_OF}(?i:hold){_MARKS}(?:\.\S*)?{_MARKS}")
"""HOLD as phones, Windows and syncs write it: `hold.txt`, `HOLD (1).txt`, `Hold - Copy`, `Copy of HOLD`, `.HOLD.icloud`."""
PICTURES_AND_SHEETS = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"}
    | {".csv", ".numbers", ".ods", ".tsv", ".xls", ".xlsx"}
)
BY_FILE = "on hold by the file"
NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "afs", "ceph", "davfs", "fuse.sshfs", "fuse.glusterfs"}
    | {"fuse.rclone", "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.onedriver", "fuse.pcloud", "fuse.google-drive-ocamlfuse"}
)
SYNCED_NAME = re.compile(
    r"(?:.+ )?dropbox|onedrive|google ?drive|icloud ?drive|nextcloud|owncloud|seafile|pcloud ?drive|pcloud ?sync"
    r"|proton ?drive|megasync|box sync|synologydrive"
)
"""What the folders of syncing programs are called, in small letters; an account or a team may follow the name."""
SYNCED_AT_HOME = frozenset({"Box", "MEGA", "pCloud"})
"""Words that name a synced folder only where such a program puts it: straight below a person's home."""
SYNC_MARKS = (
    (".stfolder", "Syncthing"),
    (".dropbox.cache", "Dropbox"),
    (".sync_*.db", "Nextcloud"),
    ("._sync_*.db", "Nextcloud"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "ownCloud"),
    (".csync_journal.db", "ownCloud"),
    (".sync/ID", "Resilio Sync"),
    (".tmp.driveupload", "Google Drive"),
    (".tmp.drivedownload", "Google Drive"),
    (".megaignore", "MEGA"),
    (".SynologyWorkingDirectory", "Synology Drive"),
)
"""What syncing programs leave in the top folder that they sync, whatever it is called."""


class HoldSeen(NamedTuple):
    """What was seen of the file that is named HOLD: the file, or else a folder that can't be listed, and why it can't.

    `is_sure`: it was found, or all folders where it may lie were looked through.
    """

    file: Path | None
    unlisted: Path | None = None
    why: str = ""
    is_sure: bool = True


def hold_file(folder: Path, campaigns: Iterable[Path] = ()) -> HoldSeen:
    """Look for the file that is named HOLD, beside the config and in the folders of campaigns."""
    unlisted, why, is_sure = None, "", True
    for place in (folder, *campaigns):
        try:
            found = [path for path in place.iterdir() if _is_hold(path, is_of_campaigns=place != folder)]
        except NotADirectoryError:
            continue
        except FileNotFoundError:
            # Gone for a moment, or by a slip of the config: nothing is held for that, and no hold is over.
            is_sure = False
        except OSError as error:
            unlisted, why, is_sure = place, (error.strerror or type(error).__name__).lower(), False
        else:
            if found:
                return HoldSeen(min(found))
    return HoldSeen(None, unlisted, why, is_sure)


def _is_hold(path: Path, *, is_of_campaigns: bool) -> bool:
    """Whatever has that name, but for a campaign, its old copy, a picture and a sheet among campaigns."""
    if not HOLD_FILE.fullmatch(path.name):
        return False
    endings = {suffix.casefold() for suffix in path.suffixes}
    return not (is_of_campaigns and endings & PICTURES_AND_SHEETS.union(SUFFIXES))


def hold_file_text(config: Config) -> str | None:
    """The reason in the HOLD file; None when there is none. One that can't be read, or be seen, holds all the same."""
    seen = hold_file(config.folder, config.campaigns)
    if seen.file is None:
        return unlisted_text(seen, config.folder)
    text = " ".join(_beginning(seen.file).split())
    held = f"{BY_FILE} {shown_as(seen.file, config.folder)}"
    return f"{held}: {text}" if text else held


def unlisted_text(seen: HoldSeen, folder: Path) -> str | None:
    """Why nothing goes out while a folder can't be listed."""
    if seen.unlisted is None:
        return None
    place = "of the config" if seen.unlisted == folder else shown_as(seen.unlisted, folder)
    return f"on hold while the folder {place} can't be listed ({seen.why}): a file HOLD may lie there"


def _beginning(path: Path) -> str:
    """The first 500 bytes; none of what is no file: to read from a pipe or a device might take for ever."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            content = file.read(500)
    except OSError:
        return ""
    # What iCloud leaves in the place of a file that is not on this machine says nothing to people.
    return "" if content.startswith(b"bplist") else content.decode("utf-8", "replace")


def past_when_accepted(due_at: datetime, accepted_at: datetime) -> str | None:
    """A post goes out by itself only if its due time was accepted before it came."""
    if accepted_at <= due_at:
        return None
    return "its time had passed when this ledger first saw it (new, renamed, or a mistyped time)"


def too_many(due: int, busiest: int) -> str | None:
    """More posts at once than the plan's busiest stretch can explain."""
    if due <= max(busiest, 1):
        return None
    return f"{due} posts are due at once, the plan never has more than {busiest}"


def check_clock(now: datetime, newest_at: datetime | None, newest_key: Callable[[], str]) -> None:
    """Raise RefusedError when the wall clock stands before the newest entry of the ledger; `newest_key` says of which post."""
    if newest_at is None or (newest_at - now).total_seconds() <= CLOCK_TOLERANCE_SECONDS:
        return
    raise RefusedError(
        f"the clock says {now:%Y-%m-%d %H:%M:%S} UTC, but the ledger was last written at {newest_at:%Y-%m-%d %H:%M:%S} UTC,"
        f" of {newest_key()}",
        hint="set the machine's clock right; nothing is sent until then. If it is right, and was wrong when that was written: "
        "`campaigner ledger clock --is-right`",
    )


SERVER_TOLERANCE = timedelta(minutes=5)


def clocks_apart(offset: timedelta | None) -> str | None:
    """Our clock against a platform's: which one is wrong can't be known, so nothing is sent until they agree."""
    if offset is None or abs(offset) <= SERVER_TOLERANCE:
        return None
    seconds = abs(int(offset.total_seconds()))
    way = "behind" if offset > timedelta(0) else "ahead of"
    return f"this machine's clock is {seconds // 3600} h {seconds // 60 % 60} min {way} the platform's"


def check_ledger_place(path: Path, mounts: Sequence[tuple[str, str]]) -> None:
    """Raise RefusedError for a ledger on a network file system or in a synced folder.

    `mounts` are (mount point, type). SQLite's locks cannot be trusted on a network file system, and a synced folder
    hands the same ledger to two machines: both would post.
    """
    # Both: a link may lead into a synced folder, and the name of one may be a link to another disk.
    places = (Path(os.path.realpath(path)), Path(os.path.abspath(path)))  # noqa: PTH100 - links kept
    for place in dict.fromkeys(places):
        synced_by = next(filter(None, map(_synced_by, place.parents)), None)
        if synced_by is not None:
            raise _misplaced(path, f"in a folder that is synced ({synced_by})")
    kind = _file_system(path, mounts)
    if kind in NETWORK_FILESYSTEMS:
        raise _misplaced(path, f"on a network file system ({kind})")


def _synced_by(folder: Path) -> str | None:
    """What syncs this very folder, None when nothing is known to: the name that it goes by, or the mark that it leaves."""
    name, above = folder.name, folder.parent
    if above.name == "CloudStorage" and above.parent.name == "Library":
        return name
    if (name == "Mobile Documents" and above.name == "Library") or _is_in_icloud(folder):
        return "iCloud"
    if SYNCED_NAME.fullmatch(re.split(r" \(| - ", name, maxsplit=1)[0].casefold()):
        return name
    if name in SYNCED_AT_HOME and (above == Path.home() or str(above.parent) in ("/home", "/Users")):
        return name
    for mark, program in SYNC_MARKS:
        with suppress(OSError):
            if any(folder.glob(mark)):
                return program
    return None


def _is_in_icloud(folder: Path) -> bool:
    """A Mac that keeps Desktop and Documents in iCloud leaves them where they are, and names them there as well."""
    named = folder.parent / "Library/Mobile Documents/com~apple~CloudDocs" / folder.name
    return folder.name in ("Desktop", "Documents") and named.exists()


def mounted_file_systems() -> list[tuple[str, str]]:
    """(mount point, type) of every mount, where the system tells (Linux); else empty."""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines]
    return [(field[1].replace("\\040", " "), field[2]) for field in fields if len(field) > 2]


def _file_system(path: Path, mounts: Sequence[tuple[str, str]]) -> str | None:
    resolved = path.resolve()
    over = [(point, kind) for point, kind in mounts if resolved.is_relative_to(point)]
    return max(over, key=lambda mount: len(mount[0]), default=("", None))[1]


def _misplaced(path: Path, where: str) -> RefusedError:
    return RefusedError(
        f"the ledger {path} lies {where}: it could be written by two machines at once, and posts would go out twice",
        hint="point `ledger` in the config at a folder on this machine's own disk",
    )
