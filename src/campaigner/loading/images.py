"""Images that campaigns name: found safely inside the campaigns folder, recognised by their content, measured."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from unicodedata import normalize

from ..errors import CampaignerError, ExitCode, folded, nearest, spelled
from .discovery import MOST_LOOKED_AT, SUFFIXES
from .image_metadata import NotAnImageError, read_image
from .image_pixels import SentImage, image_to_send, upright_size

MAX_MEDIA_BYTES = 20_000_000
MOST_GUESSES = 100
"""Images that are not there of which it is found out which was meant."""


class MediaError(CampaignerError):
    """An image cannot be used; `code` is that of the problem."""

    exit_code = ExitCode.INVALID

    def __init__(self, message: str, help: str = "", code: str = "media") -> None:
        # A link may lead to a file of any name.
        self.message = spelled(message)
        super().__init__(self.message, hint=help)
        self.help = help
        self.code = code


class ImageFacts(NamedTuple):
    """What is known of an image file. `digest` is the SHA-256 of its bytes in hex, as they are on the disk.

    `size` (bytes), `width` and `height` are those of what is sent: upright and without metadata. Of an image that has to
    be turned `size` is certain once it was unpacked. `has_place`: it says where it was taken; that is not sent.
    """

    path: Path
    digest: str
    media_type: str
    size: int
    width: int
    height: int
    has_place: bool = False
    is_animated: bool = False


class MediaReader:
    """Reads images inside one folder; a file that has not changed is not read again.

    `unpacks`: every pixel is read too, which takes a moment for each image: for a check, not for each minute's run.
    """

    def __init__(self, campaigns_folder: Path, unpacks: bool = False) -> None:
        self._folder, self._unpacks = campaigns_folder, unpacks
        self._known: dict[tuple[Path, int, int, int], ImageFacts | MediaError] = {}
        self._meant: dict[tuple[str, Path], Path | None] = {}

    def image(self, file: str, relative_to: Path) -> ImageFacts:
        """Return the facts of `file`, a path relative to the folder `relative_to`; raise MediaError saying why not."""
        path = self._inside(file, relative_to)
        try:
            found = path.stat()
            _check(found.st_mode, found.st_size, file)
            # A folder that syncs may fill a file later and leave size and time of writing as they were.
            key = (path, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
            if key not in self._known:
                self._known[key] = self._facts(path, file)
        except OSError as error:
            raise self._missing(file, relative_to, error) from None
        known = self._known[key]
        if isinstance(known, MediaError):
            raise MediaError(known.message, known.help, known.code)
        return known

    def _missing(self, file: str, relative_to: Path, error: OSError) -> MediaError:
        """What to say of a file that can't be read: the one that is there under nearly that name."""
        if not isinstance(error, FileNotFoundError):
            return _unreadable(file, error)
        asked = (file, relative_to)
        if asked not in self._meant and len(self._meant) < MOST_GUESSES:
            self._meant[asked] = _meant(file, self._folder)
        near = self._meant.get(asked)
        if near is None:
            return _unreadable(file, error)
        path = normalize("NFC", Path(os.path.relpath(near, relative_to)).as_posix())
        return MediaError(f"there is no image {file}", f"Did you mean {path}?", "media-missing")

    def _facts(self, path: Path, file: str) -> ImageFacts | MediaError:
        """The facts, or why there are none: that too is found out once."""
        try:
            return _facts(path, file, unpacks=self._unpacks)
        except MediaError as error:
            # One that was raised holds on to what was being read: all of the file.
            return MediaError(error.message, error.help, error.code)

    def _inside(self, file: str, relative_to: Path) -> Path:
        """Follow symlinks first, then see that the real path lies inside the campaigns folder."""
        try:
            folder = self._folder.resolve()
            path = _as_on_disk(file, relative_to, folder).resolve()
        except FileNotFoundError as error:
            raise self._missing(file, relative_to, error) from None
        except (OSError, RuntimeError, ValueError):
            raise MediaError(f"the image {file} is no usable path", "Check the name.", "media-missing") from None
        if not path.is_relative_to(folder):
            help_ = "Copy the image into a folder beside the campaign file."
            raise MediaError(f"the image {file} lies outside the campaigns folder", help_, "media-outside")
        return path


def media_to_send(path: Path, digest: str, file: str) -> SentImage:
    """What a platform gets of an image; raise MediaError when the file is no longer the one with this digest."""
    try:
        content = _read(path, file)
    except OSError as error:
        raise _unreadable(file, error) from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise MediaError(
            f"the image {file} is being changed at this moment", "Look at the preview again.", "media-changed"
        )
    try:
        return image_to_send(content)
    except NotAnImageError as error:
        raise MediaError(f"{file} {error}", error.help, error.code) from None


def _as_on_disk(file: str, relative_to: Path, folder: Path) -> Path:
    """The path with each name in the form of Unicode that the disk has: a Mac's zip writes ä as a and two dots.

    A name that is there as it is written wins.
    """
    path = relative_to
    for name in PurePosixPath(file).parts:
        step = path / name
        if not name.isascii() and not os.path.lexists(step) and path.resolve().is_relative_to(folder):
            names = (other.name for other in path.iterdir())
            same = (other for other in names if normalize("NFC", other) == normalize("NFC", name))
            step = path / min(same, default=name)
        path = step
    return path


def _meant(file: str, folder: Path) -> Path | None:
    wanted = folded(PurePosixPath(file).name)
    there = {folded(path.name): path for path in _files_in(folder)}
    near = wanted if wanted in there else nearest(wanted, there, 0.75)
    return there[near] if near else None


def _files_in(folder: Path) -> Iterator[Path]:
    """The images below a folder, as far as they can be looked through in a moment; the nearest to its top last."""
    found: list[Path] = []
    for inside, _, names in os.walk(folder):
        found += [Path(inside, name) for name in names if not name.endswith(SUFFIXES)]
        if len(found) > MOST_LOOKED_AT:
            break
    yield from reversed(found)


def _check(mode: int, size: int, file: str) -> None:
    if not stat.S_ISREG(mode):
        raise MediaError(f"{file} is not a file", "Name an image.", "media-type")
    if size > MAX_MEDIA_BYTES:
        raise _too_large(file)


def _unreadable(file: str, error: OSError) -> MediaError:
    if isinstance(error, FileNotFoundError):
        help_ = "Copy it there, or check the name letter by letter: capitals count."
        return MediaError(f"there is no image {file}", help_, "media-missing")
    reason = (error.strerror or type(error).__name__).lower()
    return MediaError(f"the image {file} cannot be read: {reason}", "Look at its rights.", "media-missing")


def _too_large(file: str) -> MediaError:
    message = f"the image {file} is larger than {MAX_MEDIA_BYTES // 1_000_000} MB"
    return MediaError(message, "Save it smaller.", "media-size")


def _read(path: Path, file: str) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(MAX_MEDIA_BYTES + 1)
    if len(content) > MAX_MEDIA_BYTES:
        raise _too_large(file)
    return content


def _facts(path: Path, file: str, *, unpacks: bool) -> ImageFacts:
    content = _read(path, file)
    try:
        found = read_image(content)
        width, height = upright_size(found)
        size = len(image_to_send(content).data if unpacks else found.content)
    except NotAnImageError as error:
        raise MediaError(f"{file} {error}", error.help, error.code) from None
    return ImageFacts(
        path=path,
        digest=hashlib.sha256(content).hexdigest(),
        media_type=found.media_type,
        size=size,
        width=width,
        height=height,
        has_place=found.has_place,
        is_animated=found.is_animated,
    )
