"""JPEG, PNG, GIF and WebP piece by piece: size, which way up, whole to the end; and the same without its metadata.

Nothing is unpacked, so no picture is too large for it, and what is kept is kept byte for byte. Kept is what a picture
needs to look as it does: pixels, palette, transparency, animation, colour profile. All else goes: place, camera, author,
comments, thumbnails, and whatever follows the picture's end (a phone's film, a second picture).

Layouts: JPEG (ITU T.81, annex B), PNG (W3C PNG 3), GIF89a, WebP (RFC 9649).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

ByteOrder = Literal["little", "big"]
UPRIGHT = 1
_ORIENTATION, _GPS, _LATITUDE, _LONGITUDE = 0x0112, 0x8825, 2, 4
_PLACE_IN_XMP = re.compile(rb"GPSLatitude|GPSLongitude|LocationCreated|LocationShown")
MOST_PIECES = 400_000
MOST_PASSES = 100
MOST_TEXTS_READ = 20
ZEROS = 512
"""So many zeros at the end are a place kept free by a copying program, and no part of a picture."""


class NotAnImageError(ValueError):
    """The bytes are none of the four kinds, or damaged; reads after the file's name. `code` and `help` for the problem."""

    def __init__(self, message: str, help: str, code: str) -> None:
        super().__init__(message)
        self.help = help
        self.code = code


class ImageFile:
    """A picture as it is stored: pixels before any turn, and `content`, the same picture without metadata.

    A walk through its file gathers it; `kept` are the pieces that are sent.
    """

    def __init__(
        self, media_type: str, *kept: bytes, width: int = 0, height: int = 0, is_lossless: bool = True
    ) -> None:
        self.media_type, self.kept = media_type, list(kept)
        self.width, self.height, self.is_lossless = width, height, is_lossless
        self.has_place = self.is_animated = False
        self._exif: bytes | None = None

    @cached_property
    def content(self) -> bytes:
        """The pieces that are kept, once all are gathered."""
        return b"".join(self.kept)

    @property
    def orientation(self) -> int:
        """Which way up, as EXIF counts."""
        return orientation_of(self._exif) if self._exif else UPRIGHT

    def take_exif(self, exif: bytes) -> None:
        """The first one counts, as in browsers; a place counts wherever it stands."""
        self._exif = exif if self._exif is None else self._exif
        self.has_place |= exif_has_place(exif)

    def take_xmp(self, xmp: bytes) -> None:
        self.has_place |= xmp_has_place(xmp)


def read_image(content: bytes) -> ImageFile:
    """Walk through an image to its end; raise NotAnImageError."""
    for start, walk in _KINDS:
        if content.startswith(start):
            found = walk(content)
            if not (found.width and found.height):
                raise _damaged()
            return found
    raise _other_kind(content)


def _cut_short() -> NotAnImageError:
    return NotAnImageError(
        "is cut short: is the folder still syncing?",
        "Wait until all of it is there, or copy the image again.",
        "media-damaged",
    )


def _damaged(what: str = "is a damaged image") -> NotAnImageError:
    return NotAnImageError(
        what, "Open it in a program for pictures, and export it again as JPEG or PNG.", "media-damaged"
    )


def _broken_off(content: bytes) -> NotAnImageError:
    """What to say where the next piece is none: a file that ends in zeros was not copied to its end."""
    return _cut_short() if not any(content[-ZEROS:]) else _damaged()


def _take(content: bytes, start: int, length: int) -> bytes:
    part = content[start : start + length]
    if len(part) < length:
        raise _cut_short()
    return part


# JPEG ------------------------------------------------------------------------

_MARKER = re.compile(rb"\xff([^\xff\x00])", re.DOTALL)
_END_OF_SCAN = re.compile(rb"\xff([^\xff\x00\xd0-\xd7])", re.DOTALL)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NEEDED = _FRAMES | {0xC4, 0xCC, *range(0xDA, 0xE0)}
_XMP_IN_JPEG = (b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00")


def _jpeg(content: bytes) -> ImageFile:
    """Segments up to the end of the image; what lies between two markers is passed over, as decoders do."""
    found, position, passes = ImageFile("image/jpeg", b"\xff\xd8", is_lossless=False), 2, 0
    for _ in range(MOST_PIECES):
        marker = _MARKER.search(content, position)
        if marker is None:
            raise _cut_short()
        kind, position = marker[1][0], marker.end()
        if kind == 0xD9:
            break
        if kind == 0x01 or 0xD0 <= kind <= 0xD8:
            continue
        length = int.from_bytes(_take(content, position, 2))
        if length < 2:
            raise _broken_off(content)
        data = _take(content, position + 2, length - 2)
        position += length
        if kind == 0xDA:
            end = _END_OF_SCAN.search(content, position)
            if end is None:
                raise _cut_short()
            found.kept.append(b"\xff\xda" + content[marker.end() : end.start()])
            position, passes = end.start(), passes + 1
            if passes > MOST_PASSES:
                raise _damaged(f"draws itself in more than {MOST_PASSES} passes")
        else:
            _jpeg_segment(found, kind, data)
    else:
        raise _damaged()
    if passes == 0:
        raise _damaged()
    found.kept.append(b"\xff\xd9")
    return found


def _jpeg_segment(found: ImageFile, kind: int, data: bytes) -> None:
    """Keep a segment or leave it out; APP0 loses its thumbnail."""
    if kind in _FRAMES:
        if found.width or len(data) < 6:
            raise _damaged()
        found.height, found.width = int.from_bytes(data[1:3]), int.from_bytes(data[3:5])
    if kind == 0xE0 and data.startswith(b"JFIF\x00"):
        data = data[:12].ljust(12, b"\x00") + b"\x00\x00"
    elif kind == 0xE1 and data.startswith(b"Exif\x00"):
        found.take_exif(data)
    elif kind == 0xE1 and data.startswith(_XMP_IN_JPEG):
        found.take_xmp(data)
    is_colour = (kind == 0xE2 and data.startswith(b"ICC_PROFILE\x00")) or (kind == 0xEE and data.startswith(b"Adobe"))
    if kind in _NEEDED or is_colour or (kind == 0xE0 and data.startswith(b"JFIF\x00")):
        found.kept.append(bytes((0xFF, kind)) + (len(data) + 2).to_bytes(2) + data)


# PNG -------------------------------------------------------------------------

COLOUR_CHUNKS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"mDCv", b"cLLi"})
_KEPT_CHUNKS = COLOUR_CHUNKS | {b"tRNS", b"sBIT", b"bKGD", b"acTL", b"fcTL", b"fdAT"}
PNG_START = b"\x89PNG\r\n\x1a\n"


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(kind, data, the whole chunk) of each up to IEND; raise NotAnImageError where it breaks off."""
    position = len(PNG_START)
    for _ in range(MOST_PIECES):
        length, kind = int.from_bytes(_take(content, position, 4)), _take(content, position + 4, 4)
        if not kind.isalpha():
            raise _broken_off(content)
        whole = _take(content, position, length + 12)
        yield kind, whole[8:-4], whole
        if kind == b"IEND":
            return
        position += length + 12
    raise _damaged()


def _png(content: bytes) -> ImageFile:
    found, kinds, texts = ImageFile("image/png", PNG_START), set[bytes](), 0
    for kind, data, whole in png_chunks(content):
        if not kinds and (kind != b"IHDR" or len(data) != 13):
            raise _broken_off(content)
        # A capital first letter: nobody can show the picture without it.
        if kind in _KEPT_CHUNKS or kind[:1].isupper():
            if zlib.crc32(whole[4:-4]) != int.from_bytes(whole[-4:]):
                raise _broken_off(content)
            found.kept.append(whole)
        elif kind == b"eXIf":
            found.take_exif(data)
        elif kind in {b"tEXt", b"zTXt", b"iTXt"} and texts < MOST_TEXTS_READ:
            texts += 1
            _png_text(found, kind, data)
        if kind == b"IHDR":
            found.width, found.height = int.from_bytes(data[:4]), int.from_bytes(data[4:8])
        kinds.add(kind)
    if b"IDAT" not in kinds:
        raise _damaged()
    found.is_animated = b"acTL" in kinds
    return found


def _png_text(found: ImageFile, kind: bytes, data: bytes) -> None:
    """Look for a place in a text: XMP as it stands or packed, or EXIF written in hexadecimal digits."""
    name, _, text = data.partition(b"\x00")
    if kind != b"tEXt":
        text += _unpacked(text[1:] if kind == b"zTXt" else text[2:].split(b"\x00", 2)[-1])
    found.take_xmp(text)
    if name.startswith(b"Raw profile type"):
        try:
            profile = bytes.fromhex("".join(text.decode("latin-1").split()[2:]))
        except ValueError:
            return
        found.has_place |= exif_has_place(profile) or xmp_has_place(profile)


def _unpacked(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, 1_000_000)
    except zlib.error:
        return b""


# GIF -------------------------------------------------------------------------

_KEPT_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def _gif(content: bytes) -> ImageFile:
    """Blocks up to the trailer. Kept of the extensions: how frames follow each other, and the colour profile."""
    if content[3:6] not in {b"87a", b"89a"}:
        raise _damaged()
    screen = _take(content, 0, 13)
    position = 13 + _colours(screen[10])
    width, height = int.from_bytes(screen[6:8], "little"), int.from_bytes(screen[8:10], "little")
    found = ImageFile("image/gif", _take(content, 0, position), width=width, height=height)
    frames = 0
    for _ in range(MOST_PIECES):
        start, kind = position, _take(content, position, 1)
        if kind == b";":
            break
        if kind == b",":
            head = _take(content, position, 10)
            left, top, width, height = (int.from_bytes(head[at : at + 2], "little") for at in (1, 3, 5, 7))
            # Readers make the screen larger for a frame that lies outside.
            found.width, found.height = max(found.width, left + width), max(found.height, top + height)
            position = _end_of_blocks(content, position + 11 + _colours(head[9]))
            frames += 1
            is_kept = True
        elif kind == b"!":
            label = _take(content, position + 1, 1)
            position = _end_of_blocks(content, position + 2)
            application = content[start + 3 : start + 14]
            is_kept = label == b"\xf9" or (label == b"\xff" and application in _KEPT_APPLICATIONS)
            if label == b"\xff" and application == b"XMP DataXMP":
                found.take_xmp(content[start:position])
        else:
            raise _broken_off(content)
        if is_kept:
            found.kept.append(content[start:position])
    else:
        raise _damaged()
    if not frames:
        raise _damaged()
    found.kept.append(b";")
    found.is_animated = frames > 1
    return found


def _colours(flags: int) -> int:
    """How many bytes a table of colours takes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_blocks(content: bytes, position: int) -> int:
    for _ in range(MOST_PIECES):
        if position >= len(content):
            raise _cut_short()
        length = content[position]
        position += length + 1
        if not length:
            return position
    raise _damaged()


# WebP ------------------------------------------------------------------------

_KEPT_IN_WEBP = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def _webp(content: bytes) -> ImageFile:
    if content[8:12] != b"WEBP":
        raise _other_kind(content)
    end = int.from_bytes(content[4:8], "little") + 8
    if len(content) < end - 1:
        raise _cut_short()
    found, kinds, position = ImageFile("image/webp"), set[bytes](), 12
    for _ in range(MOST_PIECES):
        if position + 8 > end:
            break
        kind, size = content[position : position + 4], int.from_bytes(content[position + 4 : position + 8], "little")
        data = _take(content, position + 8, size)
        position += 8 + size + size % 2
        _webp_chunk(found, kind, data)
        kinds.add(kind)
    else:
        raise _damaged()
    if not kinds & {b"VP8 ", b"VP8L", b"ANMF"}:
        raise _broken_off(content)
    found.is_animated, found.is_lossless = b"ANMF" in kinds, b"VP8L" in kinds
    body = b"WEBP" + b"".join(found.kept)
    found.kept = [b"RIFF", len(body).to_bytes(4, "little"), body]
    return found


def _webp_chunk(found: ImageFile, kind: bytes, data: bytes) -> None:
    if kind == b"EXIF":
        found.take_exif(data)
    elif kind == b"XMP ":
        found.take_xmp(data)
    elif kind in _KEPT_IN_WEBP:
        if kind == b"VP8X":
            data = bytes((data[0] & ~(_HAS_EXIF | _HAS_XMP),)) + data[1:] if data else data
        elif kind != b"ICCP" and len(data) > ZEROS and not any(data[-ZEROS:]):
            raise _cut_short()
        if not found.width:
            found.width, found.height = _webp_size(kind, data)
        found.kept.append(kind + len(data).to_bytes(4, "little") + data + b"\x00" * (len(data) % 2))


def _webp_size(kind: bytes, data: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        _take(data, 0, 10)
        return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(_take(data, 1, 4), "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        _take(data, 0, 10)
        return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
    raise _damaged()


_KINDS = ((PNG_START, _png), (b"\xff\xd8", _jpeg), (b"GIF8", _gif), (b"RIFF", _webp))


# What it is if it is none of the four ----------------------------------------

_PHONE = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OTHERS = (
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image or a camera's raw file"),
    (b"MM\x00*", "a TIFF image or a camera's raw file"),
    (b"%PDF", "a PDF"),
    (b"8BPS", "a Photoshop file"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image"),
    (b"\x00\x00\x01\x00", "an icon"),
)


def _other_kind(content: bytes) -> NotAnImageError:
    if not content:
        return NotAnImageError("is empty: is the folder still syncing?", _cut_short().help, "media-damaged")
    if not any(content[:ZEROS]):
        return _cut_short()
    for name in _names_of(content):
        return NotAnImageError(f"is {name}, which platforms do not take", "Export it as JPEG.", "media-type")
    message = "is no image that platforms take, whatever its name ends in"
    return NotAnImageError(message, "Use a PNG, JPEG, GIF or WebP image.", "media-type")


def _names_of(content: bytes) -> Iterator[str]:
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        yield "an AVIF image" if brand in {b"avif", b"avis"} else "a HEIC image" if brand in _PHONE else "a video"
    yield from (name for start, name in _OTHERS if content.startswith(start))
    if content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<svg", b"<?xml", b"<!DOCTYPE svg")):
        yield "an SVG drawing"


# EXIF and XMP ----------------------------------------------------------------
# Written by cameras and by strangers: every offset is looked at before it is followed, and no entry is read twice.


def orientation_of(exif: bytes) -> int:
    """1 (upright) to 8, as EXIF counts them; 1 where it says nothing that makes sense."""
    order, tiff = _tiff(exif)
    for tag, value in _entries(tiff, order, tiff[4:8]):
        if tag == _ORIENTATION:
            found = int.from_bytes(value[:2], order)
            return found if UPRIGHT <= found <= 8 else UPRIGHT
    return UPRIGHT


def exif_has_place(exif: bytes) -> bool:
    """True when a latitude or a longitude is in it; many cameras write an empty list of GPS values."""
    order, tiff = _tiff(exif)
    lists = [value for tag, value in _entries(tiff, order, tiff[4:8]) if tag == _GPS]
    return any(tag in {_LATITUDE, _LONGITUDE} for start in lists[:1] for tag, _ in _entries(tiff, order, start))


def xmp_has_place(xmp: bytes) -> bool:
    """True when XMP names a latitude, a longitude or where the picture was made."""
    return _PLACE_IN_XMP.search(xmp) is not None


def _tiff(exif: bytes) -> tuple[ByteOrder, bytes]:
    tiff = exif.removeprefix(b"Exif\x00\x00")
    return ("little" if tiff.startswith(b"II") else "big"), tiff


def _entries(tiff: bytes, order: ByteOrder, start: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, the four bytes of its value) of a list of entries, as far as they are there."""
    if tiff[:4] not in {b"II*\x00", b"MM\x00*"} or len(start) < 4:
        return
    first = int.from_bytes(start, order)
    count = int.from_bytes(tiff[first : first + 2], order)
    for position in range(first + 2, min(first + 2 + 12 * count, len(tiff) - 11), 12):
        yield int.from_bytes(tiff[position : position + 2], order), tiff[position + 8 : position + 12]
