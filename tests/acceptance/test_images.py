"""Pictures through the real command: whole, not too large, upright, and without what their makers put into them."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import time
import warnings
import zlib
from contextlib import suppress
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX
from campaigner.loading.image_metadata import NotAnImageError
from campaigner.loading.image_pixels import image_to_send

from .test_security_files import chunk, run_within_bounds
from .workplace import COMMAND, Workplace, account, at, campaign, message

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SAID = b"Amina Yusuf took this at the camp"
"""What must not go out, wherever in a picture it stands."""
PLACE_AS_XMP = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="60,10.5N" dc:creator="' + SAID + b'"/></x:xmpmeta>'


def exif(turn: int = 1) -> Image.Exif:
    """Camera, author, a place, and which way up."""
    made = Image.Exif()
    made[0x010F], made[0x013B], made[0x0112] = "Camera maker", SAID.decode(), turn
    made.get_ifd(0x8825).update({1: "N", 2: (60.0, 10.0, 30.0), 3: "E", 4: (24.0, 56.0, 15.0)})
    return made


def scene(size: tuple[int, int] = (240, 160)) -> Image.Image:
    """Noise with a red corner at the upper left."""
    made = Image.effect_noise(size, 60).convert("RGB")
    made.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return made


def saved(kind: str, size: tuple[int, int] = (240, 160), **options: Any) -> bytes:
    stream = io.BytesIO()
    scene(size).save(stream, kind, **options)
    return stream.getvalue()


def segment(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data


def jpeg(turn: int = 1, size: tuple[int, int] = (240, 160)) -> bytes:
    """A photograph with all that a camera, an editor and a phone put beside its pixels."""
    plain = saved("JPEG", size, exif=exif(turn), icc_profile=PROFILE, comment=SAID, quality=88)
    extra = [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + PLACE_AS_XMP),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00" + bytes(40) + PLACE_AS_XMP),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x40\x1c\x02\x50" + SAID),
        segment(0xE2, b"MPF\x00" + SAID),
        segment(0xE0, b"JFXX\x00\x10" + SAID),
        segment(0xEB, b"JP\x00\x01" + SAID),
    ]
    film = b"\x00\x00\x00\x18ftypmp42" + SAID
    return plain[:2] + b"".join(extra) + plain[2:] + film


def png() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", SAID.decode())
    texts.add_text("Comment", SAID.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", PLACE_AS_XMP.decode())
    plain = saved("PNG", icc_profile=PROFILE, exif=exif(), pnginfo=texts)
    return plain[:33] + chunk(b"tIME", bytes(7)) + plain[33:] + SAID


def webp() -> bytes:
    return saved("WEBP", icc_profile=PROFILE, exif=exif(), xmp=PLACE_AS_XMP)


def gif() -> bytes:
    plain = saved("GIF", comment=SAID)
    packet = b"!\xff\x0bXMP DataXMP" + PLACE_AS_XMP + b"\x01" + bytes(range(255, -1, -1)) + b"\x00"
    start = plain.index(b"!\xfe")
    return plain[:start] + packet + plain[start:]


KINDS = {"jpg": jpeg, "png": png, "webp": webp, "gif": gif}


def with_images(place: Workplace, fake: FakePlatform, images: dict[str, bytes]) -> None:
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"])})
    listed = [{"file": name, "alt": {"en": f"a picture, {name}", "fi": "kuva"}} for name in images]
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "-", images=listed)}))
    for name, content in images.items():
        place.write(f"campaigns/{name}", "").write_bytes(content)


def with_messages(place: Workplace, fake: FakePlatform, images: dict[str, bytes]) -> None:
    """Each picture in a message of its own."""
    with_images(place, fake, images)
    each = {
        f"m{number}": message("08:00", f"Text {name}", "-", images=[{"file": name, "alt": {"en": "a", "fi": "b"}}])
        for number, name in enumerate(images)
    }
    place.write("campaigns/migrants-day.yaml", campaign(each))


def checked(place: Workplace) -> list[dict[str, Any]]:
    return json.loads(run_within_bounds(place, "check", "--format", "json").stdout)


def errors(place: Workplace) -> list[tuple[str, str]]:
    return [(one["code"], f"{one['message']} {one['help']}") for one in checked(place) if one["severity"] == "error"]


def post(place: Workplace) -> None:
    place.accept()
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once")
    assert done.returncode == 0, done


def pixels(content: bytes) -> bytes:
    with warnings.catch_warnings():
        # Of the list of pictures that is none.
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content)) as image:
            return image.convert("RGB").tobytes()


@pytest.fixture(params=[FakeMastodon, FakeBluesky, FakeX])
def fake(request: pytest.FixtureRequest) -> Any:
    with request.param() as made:
        yield made


def test_place_camera_and_author_go_nowhere_and_the_pixels_stay(place: Workplace, fake: FakePlatform) -> None:
    images = {f"a.{kind}": make() for kind, make in KINDS.items()}
    with_images(place, fake, images)
    post(place)
    assert len(fake.journal) == 1
    assert len(fake.uploads) == 4
    for (name, before), sent in zip(images.items(), fake.uploads, strict=True):
        for gone in (
            SAID,
            b"Exif",
            b"eXIf",
            b"EXIF",
            b"GPSLatitude",
            b"ns.adobe.com",
            b"Camera maker",
            b"MPF",
            b"tIME",
        ):
            assert gone not in sent, (name, gone)
        assert pixels(sent) == pixels(before), name
        assert len(sent) < len(before)
        with Image.open(io.BytesIO(sent)) as shown:
            assert shown.info.get("icc_profile") == (None if name == "a.gif" else PROFILE), name
            assert not shown.getexif(), name
            assert not {"comment", "Author", "Comment", "xmp", "XML:com.adobe.xmp"} & set(shown.info), name
        assert (place.folder / "campaigns" / name).read_bytes() == before


def test_that_a_place_was_in_the_picture_is_said(place: Workplace, mastodon: FakeMastodon) -> None:
    images = {f"a.{kind}": make() for kind, make in KINDS.items()}
    with_messages(place, mastodon, {**images, "plain.jpg": saved("JPEG")})
    said = [f"{name} says where it was taken; what is posted does not" for name in images]
    notes = [(one["severity"], one["message"]) for one in checked(place) if one["code"] == "image-place"]
    assert notes == [("note", one) for one in said]
    shown = place.run("preview").stdout
    assert shown.count("says where it was taken") == 4
    posts = json.loads(place.run("preview", "--json").stdout)
    assert [post["notes"] for post in posts] == [*([one] for one in said), []]


@pytest.mark.parametrize("turn", [3, 6, 8])
def test_a_picture_that_lies_on_its_side_is_sent_upright(place: Workplace, bluesky: FakeBluesky, turn: int) -> None:
    with_images(place, bluesky, {"a.jpg": jpeg(turn)})
    wanted = (160, 240) if turn > 4 else (240, 160)
    assert f"a.jpg  {wanted[0]}x{wanted[1]}" in place.run("preview").stdout
    post(place)
    (sent,) = bluesky.uploads
    assert SAID not in sent and b"Exif" not in sent
    with Image.open(io.BytesIO(sent)) as shown:
        assert (shown.size, shown.info["icc_profile"]) == (wanted, PROFILE)
        corner = {3: (0.8, 0.8), 6: (0.8, 0.2), 8: (0.2, 0.8)}[turn]
        red, green, _ = shown.getpixel((int(corner[0] * shown.width), int(corner[1] * shown.height)))
        assert red > 200 and green < 60
    (shown_as,) = bluesky.journal[0].extra["record"]["embed"]["images"]
    assert shown_as["aspectRatio"] == {"width": wanted[0], "height": wanted[1]}


def test_the_limit_of_bytes_is_that_of_what_is_sent(place: Workplace, bluesky: FakeBluesky) -> None:
    """A photograph of 2 MB of which most is a film that follows it: Bluesky takes 1,000,000 bytes."""
    with_images(place, bluesky, {"a.jpg": jpeg() + bytes(2_000_000)})
    assert errors(place) == []
    post(place)
    assert len(bluesky.uploads[0]) < 1_000_000


def test_pixels_are_counted_against_the_servers_limit(place: Workplace, mastodon: FakeMastodon) -> None:
    with_images(place, mastodon, {"a.png": flat(9000, 5000)})
    ((code, said),) = errors(place)
    assert code == "image-too-many-pixels"
    assert "9000 x 5000 = 45,000,000 pixels, mastodon takes 33,177,600" in said
    place.write("state/limits.json", json.dumps({"news": {"image_pixels": 50_000_000}}))
    assert errors(place) == []
    place.write("state/limits.json", json.dumps({"news": {"image_pixels": 1_000_000}}))
    with_images(place, mastodon, {"a.png": flat(1001, 1000)})
    assert "mastodon takes 1,000,000" in errors(place)[0][1]


def test_the_servers_limit_of_pixels_is_kept(place: Workplace, mastodon: FakeMastodon) -> None:
    with_images(place, mastodon, {"a.png": flat(10, 10)})
    assert place.run("accounts", "check").returncode == 0
    kept = json.loads((place.folder / "state/limits.json").read_text("utf-8"))
    assert kept["news"]["image_pixels"] == 33_177_600


def flat(width: int, height: int) -> bytes:
    rows = zlib.compress(bytes((width + 7) // 8 + 1) * height)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, (b"IHDR", b"IDAT", b"IEND"), (header, rows, b"")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_cut_short(place: Workplace, mastodon: FakeMastodon, kind: str) -> None:
    whole = saved({"jpg": "JPEG"}.get(kind, kind.upper()))
    half = len(whole) // 2
    parts = (whole[:half], whole[:half] + bytes(len(whole) - half), whole[:-2], bytes(len(whole)), b"")
    with_messages(place, mastodon, {f"{number}.{kind}": part for number, part in enumerate(parts)})
    found = errors(place)
    assert [code for code, _ in found] == ["media-damaged"] * 5
    for number, (_, said) in enumerate(found):
        what = "cut short" if number < 4 else "empty"
        assert f"{number}.{kind} is {what}: is the folder still syncing?" in said


def test_a_picture_that_is_damaged_in_its_middle_is_found_when_it_is_unpacked(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    damaged = b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data)
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)),
            (b"IDAT", zlib.compress(bytes(4840))[:-9] + b"nothing!!"),
            (b"IEND", b""),
        )
    )
    with_images(place, mastodon, {"a.png": damaged})
    ((code, said),) = errors(place)
    assert (code, "is a damaged image" in said) == ("media-damaged", True)
    place.accept()
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once")
    assert (mastodon.journal, mastodon.uploads) == ([], [])
    assert "is a damaged image" in done.stdout + done.stderr
    place.write("campaigns/a.png", "").write_bytes(saved("PNG"))
    assert place.run("run", "--once").returncode == 0
    assert len(mastodon.journal) == 1


def test_a_name_from_a_mac_is_found(place: Workplace, mastodon: FakeMastodon) -> None:
    apart, together = "pa\u0308iva\u0308", "p\u00e4iv\u00e4"
    with_images(place, mastodon, {"a.jpg": saved("JPEG")})
    written = (place.folder / "campaigns/migrants-day.yaml").read_text("utf-8")
    (place.folder / "campaigns" / apart).mkdir()
    (place.folder / "campaigns/a.jpg").rename(place.folder / "campaigns" / apart / f"{apart}.jpg")
    for name in (f"{together}/{together}.jpg", f"{apart}/{apart}.jpg", f"{together}/{apart}.jpg"):
        place.write("campaigns/migrants-day.yaml", written.replace('"a.jpg"', f'"{name}"'))
        assert errors(place) == []
    post(place)
    assert len(mastodon.uploads) == 1


OTHERS = {
    "a.heic": (b"\x00\x00\x00\x18ftypheic", "HEIC"),
    "a.avif": (b"\x00\x00\x00\x18ftypavif", "AVIF"),
    "a.bmp": (b"BM\x00\x00", "BMP"),
    "a.tif": (b"II*\x00\x00", "TIFF"),
    "a.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
}


def test_other_kinds_are_named_with_the_cure(place: Workplace, mastodon: FakeMastodon) -> None:
    with_messages(place, mastodon, {name: content + b"x" * 600 for name, (content, _) in OTHERS.items()})
    for (code, said), (name, (_, kind)) in zip(errors(place), OTHERS.items(), strict=True):
        assert code == "media-type"
        assert name in said and kind in said and "Export it as JPEG." in said


def crafted() -> dict[str, bytes]:
    """Small and large files that would take long, or much memory, to read as their makers hope."""
    scans = saved("JPEG", (500, 300), progressive=True)
    scan = scans[scans.rindex(b"\xff\xda") : -2]
    frame = saved("GIF", (50, 50))
    block = frame[frame.index(b",\x00\x00\x00\x00") : -1]
    texts = chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(30_000_000)))
    return {
        "fill.jpg": b"\xff\xd8" + b"\xff" * 19_900_000,
        "segments.jpg": b"\xff\xd8" + b"\xff\xe5\x00\x02" * 4_900_000,
        "passes.jpg": scans[:-2] + scan * (19_000_000 // len(scan)) + b"\xff\xd9",
        "empty-scans.jpg": b"\xff\xd8" + b"\xff\xda\x00\x02" * 4_900_000 + b"\xff\xd9",
        "huge.png": flat(60_000, 60_000),
        "chunks.png": flat(10, 10)[:33] + chunk(b"teXt", b"") * 1_600_000 + flat(10, 10)[33:],
        "texts.png": flat(10, 10)[:33] + texts * 500 + flat(10, 10)[33:],
        "frames.gif": frame[:-1] + block * (15_000_000 // len(block)) + b";",
        "blocks.gif": frame[:-1] + b"!\xfe" + b"\x01a" * 9_900_000 + b"\x00;",
        "frame-outside.gif": frame[:-1]
        + b","
        + struct.pack("<HHHHB", 60_000, 60_000, 5000, 5000, 0)
        + block[10:]
        + b";",
        "chunks.webp": b"RIFF" + struct.pack("<I", 19_000_004) + b"WEBP" + b"XXXX\x00\x00\x00\x00" * 2_375_000,
        "huge.webp": b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\xff" * 10,
    }


READABLE = {"texts.png", "frames.gif"}
CRAFTED = [
    "fill.jpg",
    "segments.jpg",
    "passes.jpg",
    "empty-scans.jpg",
    "huge.png",
    "chunks.png",
    "texts.png",
    "frames.gif",
    "blocks.gif",
    "frame-outside.gif",
    "chunks.webp",
    "huge.webp",
]


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return crafted()


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_picture_is_read_within_bounds(
    place: Workplace, mastodon: FakeMastodon, made: dict[str, bytes], name: str
) -> None:
    """In CPU seconds: a busy machine is slow with everything."""
    begun = time.thread_time()
    with suppress(NotAnImageError):
        image_to_send(made[name])
    assert time.thread_time() - begun < 2.5
    with_images(place, mastodon, {name: made[name]})
    assert [said.split()[0] for _, said in errors(place)] == ([] if name in READABLE else [name])


def test_crafted_pictures_stop_no_other(place: Workplace, mastodon: FakeMastodon, made: dict[str, bytes]) -> None:
    assert set(made) == set(CRAFTED)
    with_messages(place, mastodon, {name: made[name] for name in ("fill.jpg", "passes.jpg", "huge.png", "frames.gif")})
    place.write("campaigns/good.jpg", "").write_bytes(saved("JPEG"))
    other = message("08:00", "Beside them", "-", images=[{"file": "good.jpg", "alt": {"en": "a", "fi": "b"}}])
    place.write("campaigns/other.yaml", campaign({"m": other}))
    place.run("run", "--once")
    place.move_to(at("08:00:30"))
    run_within_bounds(place, "run", "--once")
    assert sorted(mastodon.texts) == ["Beside them", "Text frames.gif"]


def test_pillow_is_loaded_only_where_a_picture_is_looked_at(
    place: Workplace, mastodon: FakeMastodon, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With a Pillow that can't be loaded: texts are checked and posted, and a run that only waits looks at no pixel."""
    broken = tmp_path_factory.mktemp("broken")
    (broken / "PIL").mkdir()
    (broken / "PIL" / "__init__.py").write_text("raise RuntimeError('Pillow was loaded')", "utf-8")
    with_images(place, mastodon, {"a.jpg": saved("JPEG")})
    place.environment["PYTHONPATH"] = str(broken)
    place.accept()
    assert place.run("run", "--once").returncode == 0
    bug = subprocess.run(
        [COMMAND, "check"], cwd=place.folder, env=place.environment_now(), capture_output=True, text=True
    )
    assert bug.returncode == 70
    assert "Pillow was loaded" in next((place.folder / "state").glob("campaigner-bug-*")).read_text("utf-8")
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "Good morning", "-")}))
    assert errors(place) == []
    post(place)
    assert mastodon.texts == ["Good morning"]


def test_an_approval_counts_for_the_file_whatever_is_taken_out_of_what_is_sent(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    with_images(place, mastodon, {"a.jpg": jpeg(6)})
    place.write_config({"news": account(mastodon, ["en"])}, approval="required")
    shown = place.run("preview")
    (command,) = [line for line in shown.stdout.splitlines() if line.startswith("approve with: ")]
    assert place.run(*command.split()[3:-4], "--by", "Noora", "--code", command.split()[-1]).returncode == 0
    post(place)
    assert len(mastodon.journal) == 1
