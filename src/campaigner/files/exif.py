"""What EXIF and XMP say of an image that matters here: which way up it is, and whether they hold a place.

Written by cameras and by strangers: every offset is looked at before it is followed, and no entry is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

ByteOrder = Literal["little", "big"]
UPRIGHT = 1
_ORIENTATION, _GPS, _LATITUDE, _LONGITUDE = 0x0112, 0x8825, 2, 4
_PLACE_IN_XMP = re.compile(rb"GPSLatitude|GPSLongitude|LocationCreated|LocationShown")


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
