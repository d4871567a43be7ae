"""Pictures unpacked: the door to Pillow. Whether every pixel can be read, and turned upright where a camera lay on its side."""

from __future__ import annotations

import hashlib
import io
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from .image_metadata import COLOUR_CHUNKS, PNG_START, UPRIGHT, ImageFile, NotAnImageError, png_chunks, read_image

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 100_000_000
"""Twice and more what any platform takes; nothing larger is used at all."""
MOST_UNPACKED = {"image/jpeg": 25_000_000, "image/png": 25_000_000, "image/gif": 25_000_000, "image/webp": 8_300_000}
"""Pixels, so that 200 MB are enough. What is larger is sent when its pieces are whole to the end: that needs no unpacking."""
_ONE_AT_A_TIME = threading.Lock()
"""Of many posts at one instant each brings its picture: unpacked together they would fill the memory."""
_EXPORT = "Open it in a program for pictures, and export it again as JPEG or PNG."


MOST_KEPT = 20_000_000


class SentImage(NamedTuple):
    """What a platform gets of an image: upright, without metadata."""

    data: bytes
    media_type: str
    width: int
    height: int


_LAST: dict[bytes, SentImage] = {}


def image_to_send(content: bytes) -> SentImage:
    """Read an image whole, and return what is sent of it; raise NotAnImageError.

    The last ones are kept, up to a bound: one picture goes to many accounts at one instant.
    """
    digest = hashlib.sha256(content).digest()
    with _ONE_AT_A_TIME:
        sent = _LAST.pop(digest, None) or _image_to_send(content)
        _LAST[digest] = sent
        while len(_LAST) > 1 and sum(len(one.data) for one in _LAST.values()) > MOST_KEPT:
            del _LAST[next(iter(_LAST))]
    return sent


def _image_to_send(content: bytes) -> SentImage:
    file = read_image(content)
    width, height = upright_size(file)
    data = file.content
    if file.width * file.height <= MOST_UNPACKED[file.media_type]:
        data = _unpacked(file)
    return SentImage(data, file.media_type, width, height)


def upright_size(file: ImageFile) -> tuple[int, int]:
    """Width and height as people see them; raise NotAnImageError when that can't be."""
    if file.width * file.height > MOST_PIXELS:
        message = f"has {file.width} x {file.height} pixels, which is too large: no platform takes over {MOST_PIXELS:,}"
        raise NotAnImageError(message, "Save it smaller: 4000 pixels are wide enough everywhere.", "media-size")
    is_large = file.width * file.height > MOST_UNPACKED[file.media_type]
    if file.orientation != UPRIGHT and (is_large or file.is_animated):
        reason = f"{file.width} x {file.height} pixels are too many for that" if is_large else "it is animated"
        message = f"is stored on its side and can't be turned here: {reason}"
        raise NotAnImageError(
            message, "Turn it in a program for pictures, and save it.", "media-size" if is_large else "media-type"
        )
    return (file.height, file.width) if file.orientation >= 5 else (file.width, file.height)


def _unpacked(file: ImageFile) -> bytes:
    """Unpack all of it; the bytes stay as they are unless the picture has to be turned."""
    from PIL import Image

    kind = file.media_type.removeprefix("image/").upper()
    try:
        with Image.open(io.BytesIO(_first_picture(file)), formats=[kind]) as picture:
            if file.orientation == UPRIGHT:
                # An eighth of the size is enough to have read all of a JPEG.
                picture.draft(None, (picture.width // 8, picture.height // 8))
                picture.load()
                return file.content
            return _turned(file, picture)
    except Exception as error:
        # Pillow raises what its readers raise: OSError, SyntaxError, struct.error, and others with each version.
        raise NotAnImageError(f"is a damaged image: {_words_of(error)}", _EXPORT, "media-damaged") from None


def _words_of(error: Exception) -> str:
    return "it can't be unpacked" if isinstance(error, MemoryError) else str(error)[:100] or type(error).__name__


def _first_picture(file: ImageFile) -> bytes:
    """A PNG without its animation, of which Pillow warns when it is odd; all else as it is."""
    if file.media_type != "image/png" or not file.is_animated:
        return file.content
    whole = (whole for kind, _, whole in png_chunks(file.content) if kind not in {b"acTL", b"fcTL", b"fdAT"})
    return PNG_START + b"".join(whole)


def _turned(file: ImageFile, picture: Image) -> bytes:
    """The picture turned upright, packed as it was: the same tables for JPEG, without loss where there was none."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    options = _options(file, picture)
    stream = io.BytesIO()
    turned = picture.transpose(turns[file.orientation])
    # Two of them would fill the memory while one is packed.
    picture.close()
    turned.save(stream, **options)
    packed = read_image(stream.getvalue()).content
    return _with_colours_of(file.content, packed) if file.media_type == "image/png" else packed


def _options(file: ImageFile, picture: Image) -> dict[str, Any]:
    if file.media_type == "image/png":
        return {"format": "PNG", "icc_profile": None}
    profile = picture.info.get("icc_profile")
    if file.media_type == "image/webp":
        how = {"lossless": file.is_lossless, "quality": 60 if file.is_lossless else 90, "method": 1}
        return {"format": "WEBP", "icc_profile": profile, **how}
    from PIL.JpegImagePlugin import get_sampling

    sampling = get_sampling(picture)
    return {
        "format": "JPEG",
        "icc_profile": profile,
        "qtables": getattr(picture, "quantization", None),
        # 4:2:2 lies on its side too once the picture is turned.
        "subsampling": sampling if sampling in {0, 2} else 0,
    }


def _with_colours_of(before: bytes, after: bytes) -> bytes:
    """The turned PNG with the chunks that say what its numbers mean as colours."""
    colours = [whole for kind, _, whole in png_chunks(before) if kind in COLOUR_CHUNKS]
    header, *rest = (whole for kind, _, whole in png_chunks(after) if kind not in COLOUR_CHUNKS)
    return PNG_START + header + b"".join([*colours, *rest])
