"""Images: inside the folder, of a kind that platforms take, whole to their end; and what is left of them when they are sent."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from campaigner.loading.image_metadata import NotAnImageError, read_image
from campaigner.loading.image_pixels import image_to_send
from campaigner.loading.images import MAX_MEDIA_BYTES, MediaError, MediaReader, media_to_send


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
    found = read_image(picture(kind, *size, **options))
    assert (found.media_type, found.width, found.height) == (media_type, *size)


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
        read_image(content)


KINDS = {"PNG": {}, "GIF": {}, "JPEG": {"progressive": True}, "WEBP": {"exif": b"Exif\x00\x00"}}


@given(st.sampled_from(list(KINDS)), st.integers(0, 2000), st.binary(max_size=40))
def test_damaged_pictures_are_refused_or_read_never_worse(kind: str, length: int, rest: bytes) -> None:
    content = picture(kind, **KINDS[kind])
    for damaged in (content[:length] + rest, content[:length] + rest + content[length + len(rest) :]):
        try:
            found = image_to_send(damaged)
        except NotAnImageError:
            continue
        assert found.width > 0 and found.height > 0
        assert image_to_send(found.data).data == found.data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9, 0.999])
def test_a_part_of_a_picture_is_cut_short_and_so_is_one_that_was_made_ready_with_zeros(kind: str, share: float) -> None:
    content = noise(kind)
    length = int(len(content) * share)
    for part in (content[:length], content[:length] + bytes(len(content) - length)):
        if part[length:] and share > 0.99:
            continue
        with pytest.raises(NotAnImageError, match="cut short: is the folder still syncing"):
            image_to_send(part)


def noise(kind: str, size: tuple[int, int] = (400, 300)) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(stream, kind, **KINDS[kind])
    return stream.getvalue()


@pytest.mark.parametrize("content", [b"", bytes(5000)])
def test_a_file_that_holds_nothing_yet(content: bytes) -> None:
    with pytest.raises(NotAnImageError, match="is the folder still syncing"):
        read_image(content)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"BM1234", "BMP"),
        (b"II*\x00abcd", "TIFF"),
        (b"MM\x00*abcd", "TIFF"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"\x00\x00\x00\x1cftypmif1", "HEIC"),
        (b"\x00\x00\x00\x1cftypavif", "AVIF"),
        (b"\x00\x00\x00\x1cftypisom", "video"),
        (b"%PDF-1.7", "PDF"),
        (b"8BPS", "Photoshop"),
        (b"<svg/>", "SVG"),
        (b"\xff\x0a\x01", "JPEG XL"),
    ],
)
def test_other_kinds_are_called_by_their_names_with_the_cure(start: bytes, name: str) -> None:
    with pytest.raises(NotAnImageError, match=name) as caught:
        read_image(start + b"x" * 100)
    assert (caught.value.code, caught.value.help) == ("media-type", "Export it as JPEG.")


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright_as_the_camera_says(kind: str, turn: int) -> None:
    """Four corners of four colours: Pillow's own reading of the turn is the second opinion."""
    corners = Image.new("RGB", (64, 32))
    for at, colour in (((0, 0), "red"), ((32, 0), "lime"), ((0, 16), "blue"), ((32, 16), "white")):
        corners.paste(colour, (*at, at[0] + 32, at[1] + 16))
    exif = Image.Exif()
    exif[0x0112] = turn
    stream = io.BytesIO()
    corners.save(stream, kind, exif=exif, icc_profile=PROFILE, **({"lossless": True} if kind == "WEBP" else {}))
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(stream.getvalue())))
    sent = image_to_send(stream.getvalue())
    with Image.open(io.BytesIO(sent.data)) as shown:
        assert shown.size == wanted.size == (sent.width, sent.height) == ((32, 64) if turn >= 5 else (64, 32))
        assert shown.info["icc_profile"] == PROFILE
        assert not shown.getexif()
        for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)):
            point = (int(x * shown.width), int(y * shown.height))
            pair = zip(shown.convert("RGB").getpixel(point), wanted.convert("RGB").getpixel(point), strict=True)
            assert all(abs(one - other) < 12 for one, other in pair), (point, turn)


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_an_animation_stays_one() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "PNG", "WEBP"):
        stream = io.BytesIO()
        frames[0].save(stream, kind, save_all=True, append_images=frames[1:], duration=50, loop=0)
        assert read_image(stream.getvalue()).is_animated
        with Image.open(io.BytesIO(image_to_send(stream.getvalue()).data)) as shown:
            assert getattr(shown, "n_frames", 1) == 3, kind


def test_an_svg_is_called_by_its_name() -> None:
    with pytest.raises(NotAnImageError, match="SVG"):
        read_image(b"<svg/>")


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
    assert media_to_send(facts.path, facts.digest, "a.png").data == path.read_bytes()
    path.write_bytes(picture("PNG", 5, 6))
    with pytest.raises(MediaError, match="changed"):
        media_to_send(facts.path, facts.digest, "a.png")
    path.unlink()
    with pytest.raises(MediaError, match="there is no image"):
        media_to_send(facts.path, facts.digest, "a.png")


def test_why_an_image_is_none_is_found_out_once_until_the_file_changes(folder: Path) -> None:
    reader, path = MediaReader(folder), folder / "images/a.png"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + bytes(20))
    for _ in range(2):
        assert code_of(reader, "images/a.png", folder) == "media-damaged"
    path.write_bytes(whole)
    assert reader.image("images/a.png", folder).width == 37


def test_a_name_is_found_in_the_other_form_of_unicode_and_the_exact_one_wins(folder: Path) -> None:
    apart, together = "pa\u0308iva\u0308", "p\u00e4iv\u00e4"
    (folder / apart).mkdir()
    (folder / apart / f"{apart}.png").write_bytes(picture("PNG", 5, 6))
    reader = MediaReader(folder)
    for name in (f"{together}/{together}.png", f"{apart}/{together}.png", f"{apart}/{apart}.png"):
        assert reader.image(name, folder).width == 5
    (folder / apart / f"{together}.png").write_bytes(picture("PNG", 7, 8))
    assert reader.image(f"{together}/{together}.png", folder).width == 7
    assert reader.image(f"{together}/{apart}.png", folder).width == 5
    assert code_of(reader, f"../{together}/{together}.png", folder) == "media-outside"
