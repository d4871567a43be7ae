"""Images that campaigns name: found safely inside the campaigns folder, recognised by their content, measured."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..errors import CampaignerError, ExitCode, spelled
from .image_headers import NotAnImageError, recognise

MAX_MEDIA_BYTES = 20_000_000


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
    """What is known of an image file. `digest` is the SHA-256 of its bytes in hex, `size` bytes, the rest pixels."""

    path: Path
    digest: str
    media_type: str
    size: int
    width: int
    height: int


@dataclass(slots=True)
class MediaReader:
    """Reads images inside one folder; a file that has not changed is not read again."""

    campaigns_folder: Path
    _known: dict[tuple[Path, int, int], ImageFacts] = field(default_factory=dict)

    def image(self, file: str, relative_to: Path) -> ImageFacts:
        """Return the facts of `file`, a path relative to the folder `relative_to`; raise MediaError saying why not."""
        path = self._inside(file, relative_to)
        try:
            found = path.stat()
            _check(found.st_mode, found.st_size, file)
            key = (path, found.st_mtime_ns, found.st_size)
            if key not in self._known:
                self._known[key] = _facts(path, file)
            return self._known[key]
        except OSError as error:
            raise _unreadable(file, error) from None

    def content(self, facts: ImageFacts) -> bytes:
        """Return the bytes of an image; raise MediaError when they are no longer those of its facts."""
        try:
            content = _read(facts.path, facts.path.name)
        except OSError as error:
            raise _unreadable(facts.path.name, error) from None
        if hashlib.sha256(content).hexdigest() != facts.digest:
            message = f"the image {facts.path.name} has changed meanwhile"
            raise MediaError(message, "Look at the preview again.", "media-changed")
        return content

    def _inside(self, file: str, relative_to: Path) -> Path:
        """Follow symlinks first, then see that the real path lies inside the campaigns folder."""
        try:
            path = (relative_to / file).resolve()
            folder = self.campaigns_folder.resolve()
        except (OSError, RuntimeError, ValueError):
            raise MediaError(f"the image {file} is no usable path", "Check the name.", "media-missing") from None
        if not path.is_relative_to(folder):
            help_ = "Copy the image into a folder beside the campaign file."
            raise MediaError(f"the image {file} lies outside the campaigns folder", help_, "media-outside")
        return path


def _check(mode: int, size: int, file: str) -> None:
    if not stat.S_ISREG(mode):
        raise MediaError(f"{file} is not a file", "Name an image.", "media-type")
    if size > MAX_MEDIA_BYTES:
        raise _too_large(file)


def _unreadable(file: str, error: OSError) -> MediaError:
    reason = (error.strerror or type(error).__name__).lower()
    help_ = "Check the name, letter by letter: capitals count."
    return MediaError(f"the image {file} cannot be read: {reason}", help_, "media-missing")


def _too_large(file: str) -> MediaError:
    message = f"the image {file} is larger than {MAX_MEDIA_BYTES // 1_000_000} MB"
    return MediaError(message, "Save it smaller.", "media-size")


def _read(path: Path, file: str) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(MAX_MEDIA_BYTES + 1)
    if len(content) > MAX_MEDIA_BYTES:
        raise _too_large(file)
    return content


def _facts(path: Path, file: str) -> ImageFacts:
    content = _read(path, file)
    try:
        media_type, width, height = recognise(content)
    except NotAnImageError as error:
        raise MediaError(f"{file} {error}", "Use a PNG, JPEG, GIF or WebP image.", "media-type") from None
    digest = hashlib.sha256(content).hexdigest()
    return ImageFacts(path=path, digest=digest, media_type=media_type, size=len(content), width=width, height=height)
