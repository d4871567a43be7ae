"""One composed post against what its platform allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import Problem, Severity
from ..loading.campaign_file import Path_
from ..post.post import Image, Part
from ..text.measure import fits_cheaply, measure
from .compose import Composed, Content, Found, images_of, parts_of, place_note
from .expand import Slot


def limit_problems(posts: Iterable[Composed]) -> Found:
    """Everything in the posts that their platforms would refuse, cut or leave out; looked for once where limits are the same."""
    for content, slots in posts:
        for profile in {id(slot.account.profile): slot.account.profile for slot in slots}.values():
            if not (content.is_plain and fits_cheaply(content.parts[0].text, profile)):
                same = [slot for slot in slots if slot.account.profile is profile]
                for problem in _looked_at_closely(same[0], content):
                    yield from ((slot, problem._replace(account=slot.key.account)) for slot in same)


def _looked_at_closely(slot: Slot, content: Content) -> Iterator[Problem]:
    for base, part in parts_of(slot, content.parts):
        yield from _text_problems(slot, part, (*base, "text"), content.warning or "")
        yield from _image_problems(slot, part, (*base, "images"))
    yield from _feature_problems(slot, content)


def _text_problems(slot: Slot, part: Part, path: Path_, warning: str) -> Iterator[Problem]:
    profile = slot.account.profile
    if not part.text and not part.images:
        message = f"nothing is left of the text on {profile.platform}"
        yield slot.problem(path, "empty-text", message, "Write a text.", language=slot.key.language)
    if fits_cheaply(part.text, profile, warning):
        return
    found = measure(part.text, profile, warning)
    if found.fits:
        return
    length, limit, unit = found.length, found.limit, "bytes" if found.unit == "bytes" else "characters"
    if length <= limit and found.bytes is not None and found.byte_limit is not None:
        length, limit, unit = found.bytes, found.byte_limit, "bytes"
    message = f"the text is {length - limit} {unit} too long for {profile.platform}: {length}, the limit is {limit}"
    help_ = f"Shorten it, or give a variant for {profile.platform}."
    if found.unit == "weighted":
        help_ += f" A link counts {profile.url_length} there, and an emoji 2."
    yield slot.problem(path, "text-too-long", message, help_, language=slot.key.language)


def _image_problems(slot: Slot, part: Part, path: Path_) -> Iterator[Problem]:
    profile = slot.account.profile
    if len(part.images) > profile.max_images:
        message = f"{len(part.images)} images, {profile.platform} takes {profile.max_images}"
        help_ = f"Take some out, or give a variant for {profile.platform}."
        yield slot.problem(path, "too-many-images", message, help_)
    for image in part.images:
        yield from _one_image(slot, image, path)


def _one_image(slot: Slot, image: Image, path: Path_) -> Iterator[Problem]:
    profile = slot.account.profile
    if image.media_type not in profile.image_types:
        message = f"{image.file} is {image.media_type}, which {profile.platform} does not take"
        yield slot.problem(path, "image-type", message, "Save it as PNG or JPEG.")
    if image.size > profile.image_bytes:
        message = f"{image.file} has {image.size:,} bytes, {profile.platform} takes {profile.image_bytes:,}"
        yield slot.problem(path, "image-too-big", message, "Save it smaller.")
    yield from _pixel_problems(slot, image, path)
    if image.has_place:
        help_ = "Metadata is taken out of what is sent. The file keeps it: think of that where you hand it on."
        yield slot.problem(path, "image-place", place_note(image), help_, severity=Severity.NOTE)
    if image.is_animated and not profile.shows_animations:
        message, help_ = (
            f"{image.file} moves, and {profile.platform} shows its first picture",
            "Look whether that says enough.",
        )
        yield slot.problem(path, "image-animated", message, help_, severity=Severity.NOTE)
    if len(image.alt) > profile.alt_limit:
        over = len(image.alt) - profile.alt_limit
        message = (
            f"the alt text of {image.file} is {over} characters too long for {profile.platform}: {len(image.alt)}, "
        )
        message += f"the limit is {profile.alt_limit}"
        yield slot.problem(path, "alt-too-long", message, "Shorten it.")


def _pixel_problems(slot: Slot, image: Image, path: Path_) -> Iterator[Problem]:
    profile, pixels = slot.account.profile, image.width * image.height
    if profile.image_pixels is None or pixels <= profile.image_pixels:
        return
    message = f"{image.file} has {image.width} x {image.height} = {pixels:,} pixels, "
    message += f"{profile.platform} takes {profile.image_pixels:,}"
    scale = (profile.image_pixels / pixels) ** 0.5
    help_ = f"Save it smaller, at most {int(image.width * scale)} x {int(image.height * scale)}."
    yield slot.problem(path, "image-too-many-pixels", message, help_)


def _feature_problems(slot: Slot, content: Content) -> Iterator[Problem]:
    """What a platform does not have, and what campaigner can't post yet."""
    profile, message = slot.account.profile, slot.message
    name = profile.platform
    if len(content.parts) > 1 and not profile.takes_threads:
        path: Path_ = ("thread",) if message.thread else ("text",)
        yield slot.problem(path, "no-threads", f"{name} has no threads", f"Give a variant for {name}.")
    elif len(content.parts) > 1 and profile.may_refuse_threads:
        text = f"{name} may refuse the later parts of a thread"
        help_ = f"A variant for {name} without a thread is sure to go out: `thread: []`."
        yield slot.problem(
            ("thread",) if message.thread else ("text",), "thread-unsure", text, help_, severity=Severity.NOTE
        )
    if message.video is not None:
        help_ = "Take the video out, or link to it."
        yield slot.problem(("video",), "not-yet", "videos are not posted by this version", help_)
    for image, at in images_of(message):
        if image.credit is not None:
            help_ = "Write the credit into the text, or into the image."
            yield slot.problem((*at, "credit"), "not-yet", "credits of images are not posted by this version", help_)
    if message.warning is not None and not profile.takes_warning:
        text = f"{name} has no content warnings: readers there see everything at once"
        help_ = f"Give a variant for {name} that needs none."
        yield slot.problem(("warning",), "no-warnings", text, help_, severity=Severity.WARNING)
    if message.card is not None:
        yield from _card_problems(slot, content)


def _card_problems(slot: Slot, content: Content) -> Iterator[Problem]:
    name = slot.account.profile.platform
    if not slot.account.profile.takes_card:
        text, help_ = f"{name} makes its own card from the link's page", "The card is not used there."
        yield slot.problem(("card",), "card-unused", text, help_, severity=Severity.NOTE)
    elif content.parts[0].card is None:
        text, help_ = f"{name} shows images or a card, not both", "The card is not used there."
        yield slot.problem(("card",), "card-unused", text, help_, severity=Severity.WARNING)
    elif content.parts[0].card.image is not None:
        yield from _one_image(slot, content.parts[0].card.image, ("card", "image"))
