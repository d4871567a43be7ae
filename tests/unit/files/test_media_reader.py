"""Images: inside the folder, of a kind that platforms take, measured from their first bytes."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from campaigner.files.image_headers import NotAnImageError, recognise
from campaigner.files.media import MAX_MEDIA_BYTES, MediaError, MediaReader


def picture(kind: str, width: int = 37, height: int = 21, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "#418fde").save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "options", "media_type"),
    [
        ("PNG", {}, "image/png"),
        ("GIF", {}, "image/gif"),
        ("JPEG", {}, "image/jpeg"),
        ("JPEG", {"progressive": True, "comment": b"x" * 300}, "image/jpeg"),
        ("WEBP", {}, "image/webp"),
        ("WEBP", {"lossless": True}, "image/webp"),
        ("WEBP", {"exif": b"Exif\x00\x00"}, "image/webp"),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (37, 21), (1920, 1080)])
def test_pictures_are_recognised_and_measured(
    kind: str, options: dict[str, Any], media_type: str, size: tuple[int, int]
) -> None:
    assert recognise(picture(kind, *size, **options)) == (media_type, *size)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf <?xml version='1.0'?><svg/>",
        b"%PDF-1.7",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 30,
        b"GIF80a" + b"\x00" * 20,
        b"GIF89a\x00\x00\x00\x00",
        b"\xff\xd8\x00",
        b"\xff\xd8\xff\xda",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xff\xff\xd0\x01",
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(NotAnImageError):
        recognise(content)


@given(st.sampled_from(["PNG", "GIF", "JPEG", "WEBP"]), st.integers(0, 60), st.binary(max_size=40))
def test_damaged_pictures_are_refused_or_read_never_worse(kind: str, length: int, rest: bytes) -> None:
    try:
        _, width, height = recognise(picture(kind)[:length] + rest)
    except NotAnImageError:
        return
    assert width > 0 and height > 0


def test_an_svg_is_called_by_its_name() -> None:
    with pytest.raises(NotAnImageError, match="SVG"):
        recognise(b"<svg/>")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    campaigns = tmp_path / "campaigns"
    (campaigns / "images").mkdir(parents=True)
    (campaigns / "images" / "a.png").write_bytes(picture("PNG"))
    (tmp_path / "secret.png").write_bytes(picture("PNG"))
    return campaigns


def test_the_facts_of_an_image(folder: Path) -> None:
    facts = MediaReader(folder).image("images/a.png", folder)
    content = (folder / "images/a.png").read_bytes()
    assert (facts.path, facts.size) == ((folder / "images/a.png").resolve(), len(content))
    assert facts.digest == hashlib.sha256(content).hexdigest()
    assert (facts.media_type, facts.width, facts.height) == ("image/png", 37, 21)


def code_of(reader: MediaReader, file: str, relative_to: Path) -> str:
    with pytest.raises(MediaError) as caught:
        reader.image(file, relative_to)
    assert caught.value.help == caught.value.hint
    return caught.value.code


def test_images_outside_are_refused_also_by_a_link(folder: Path) -> None:
    reader = MediaReader(folder)
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "folder").symlink_to(folder.parent)
    for file in ("../secret.png", "link.png", "folder/secret.png", str(folder.parent / "secret.png"), "/etc/passwd"):
        assert code_of(reader, file, folder) == "media-outside", file


def test_a_link_that_stays_inside_is_followed(folder: Path) -> None:
    (folder / "link.png").symlink_to("images/a.png")
    assert MediaReader(folder).image("link.png", folder).path == (folder / "images/a.png").resolve()
    (folder.parent / "elsewhere").symlink_to(folder)
    assert MediaReader(folder.parent / "elsewhere").image("images/a.png", folder).width == 37


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("images/b.png", "media-missing"),
        ("images/a.png/b", "media-missing"),
        ("a\x00b", "media-missing"),
        ("x" * 300, "media-missing"),
        ("images", "media-type"),
    ],
)
def test_paths_that_lead_to_no_image(folder: Path, file: str, code: str) -> None:
    assert code_of(MediaReader(folder), file, folder) == code


def test_a_link_to_itself_is_no_image(folder: Path) -> None:
    (folder / "loop.png").symlink_to("loop.png")
    assert code_of(MediaReader(folder), "loop.png", folder) == "media-missing"


def test_size_is_checked_before_reading(folder: Path) -> None:
    with (folder / "huge.png").open("wb") as file:
        file.truncate(MAX_MEDIA_BYTES * 1_000)
    assert code_of(MediaReader(folder), "huge.png", folder) == "media-size"


def test_the_content_counts_not_the_name(folder: Path) -> None:
    (folder / "a.png").write_text("<svg onload='alert(1)'/>")
    assert code_of(MediaReader(folder), "a.png", folder) == "media-type"
    (folder / "b.txt").write_bytes(picture("JPEG"))
    assert MediaReader(folder).image("b.txt", folder).media_type == "image/jpeg"


def test_an_image_is_read_again_only_when_it_changed(folder: Path) -> None:
    reader, path = MediaReader(folder), folder / "images/a.png"
    first = reader.image("images/a.png", folder)
    assert reader.image("images/a.png", folder) is first
    path.write_bytes(picture("PNG", 5, 6))
    os.utime(path, ns=(1, 1))
    assert reader.image("images/a.png", folder).width == 5


def test_the_content_of_an_image_that_changed_is_not_handed_out(folder: Path) -> None:
    reader, path = MediaReader(folder), folder / "images/a.png"
    facts = reader.image("images/a.png", folder)
    assert reader.content(facts) == path.read_bytes()
    path.write_bytes(picture("PNG", 5, 6))
    with pytest.raises(MediaError, match="changed"):
        reader.content(facts)
    path.unlink()
    with pytest.raises(MediaError, match="cannot be read"):
        reader.content(facts)
