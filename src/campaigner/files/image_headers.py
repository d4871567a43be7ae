"""The kind and the size in pixels of an image, from its first bytes: PNG, JPEG, GIF, WebP, and never SVG."""

from __future__ import annotations

Recognised = tuple[str, int, int]
"""Media type, width, height."""


class NotAnImageError(ValueError):
    """The bytes are none of the four kinds, or are damaged; reads after the file's name."""


def recognise(content: bytes) -> Recognised:
    """Return media type, width and height in pixels; raise NotAnImageError.

    Layouts: PNG (W3C PNG 3, 11.2.1), GIF89a (18), JPEG (ITU T.81, B.2.2), WebP (RFC 9649, 2.3-2.7).
    """
    for start, read in _READERS:
        if content.startswith(start):
            media_type, width, height = read(content)
            if width and height:
                return media_type, width, height
            raise NotAnImageError("is a damaged image")
    if content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<svg", b"<?xml", b"<!DOCTYPE svg")):
        raise NotAnImageError("is an SVG drawing, which no platform takes")
    raise NotAnImageError("is no image that platforms take, whatever its name ends in")


def _number(content: bytes, start: int, length: int, order: str = "big") -> int:
    part = content[start : start + length]
    if len(part) < length:
        raise NotAnImageError("is a damaged image: it ends too early")
    return int.from_bytes(part, "little" if order == "little" else "big")


def _png(content: bytes) -> Recognised:
    if content[12:16] != b"IHDR":
        raise NotAnImageError("is a damaged image")
    return "image/png", _number(content, 16, 4), _number(content, 20, 4)


def _gif(content: bytes) -> Recognised:
    if content[3:6] not in (b"87a", b"89a"):
        raise NotAnImageError("is a damaged image")
    return "image/gif", _number(content, 6, 2, "little"), _number(content, 8, 2, "little")


def _jpeg(content: bytes) -> Recognised:
    """Walk the segments to the frame header (SOF); its size follows the precision."""
    position = 2
    while True:
        if _number(content, position, 1) != 0xFF:
            raise NotAnImageError("is a damaged image")
        marker = _number(content, position + 1, 1)
        if marker == 0xFF:
            position += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return "image/jpeg", _number(content, position + 7, 2), _number(content, position + 5, 2)
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            position += 2
        elif marker in (0xD9, 0xDA):
            raise NotAnImageError("is a damaged image")
        else:
            position += 2 + max(_number(content, position + 2, 2), 2)


def _webp(content: bytes) -> Recognised:
    kind = content[12:16]
    if content[8:12] != b"WEBP" or kind not in _WEBP:
        raise NotAnImageError("is no image that platforms take, whatever its name ends in")
    width, height = _WEBP[kind](content)
    return "image/webp", width, height


def _lossy(content: bytes) -> tuple[int, int]:
    return _number(content, 26, 2, "little") & 0x3FFF, _number(content, 28, 2, "little") & 0x3FFF


def _lossless(content: bytes) -> tuple[int, int]:
    bits = _number(content, 21, 4, "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _extended(content: bytes) -> tuple[int, int]:
    return _number(content, 24, 3, "little") + 1, _number(content, 27, 3, "little") + 1


_WEBP = {b"VP8 ": _lossy, b"VP8L": _lossless, b"VP8X": _extended}
_READERS = ((b"\x89PNG\r\n\x1a\n", _png), (b"\xff\xd8", _jpeg), (b"GIF8", _gif), (b"RIFF", _webp))
