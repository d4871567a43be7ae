"""Records of posts on Bluesky: what the lexicon takes, byte offsets, and knowing our own again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lexrpc.base import Base  # type: ignore[import-untyped]

from campaigner.campaign.config import Secret
from campaigner.clock import SteppingClock, rfc3339
from campaigner.platforms.base import Media, Receipt
from campaigner.platforms.bluesky import (
    COLLECTION,
    Bluesky,
    BlueskyOptions,
    facet,
    is_ours,
    place_of,
    post_record,
    receipt_of,
)
from campaigner.text.measure import entities

from .parts import NOW, account_of, media_of, part_of

BLOB = {
    "$type": "blob",
    "ref": {"$link": "bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4"},
    "mimeType": "image/png",
    "size": 16,
}
URI = "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3lfibi7qsybcs"
CID = "bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
RECEIPT = Receipt(id=URI, url="", at=NOW, extra={"uri": URI, "cid": CID})
OPTIONS = BlueskyOptions(handle="us.example", app_password=Secret(kind="env", name="A"))
BLUESKY = account_of(Bluesky, OPTIONS, {"app_password": "password"}, SteppingClock(NOW))
CARD = {"url": "https://finland.iom.int/", "title": "Otsikko", "description": "Kuvaus", "image": None}


def image_of(**changed: Any) -> Media:
    return media_of(upload={"blob": BLOB}, **changed)


@pytest.fixture(scope="module")
def lexicon() -> Base:
    return Base()


def features_of(text: str) -> list[dict[str, Any]]:
    found = [(entity, BLUESKY._feature(entity)) for entity in entities(text, "bluesky") if entity.type != "mention"]
    return [facet(text, entity, feature) for entity, feature in found if feature is not None]


def test_a_record_with_everything_is_what_the_lexicon_takes(lexicon: Base) -> None:
    part = part_of(languages=("fi", "en", "sv", "se"), media=(image_of(), image_of(alt="")))
    reply = {"root": {"uri": URI, "cid": CID}, "parent": {"uri": URI, "cid": CID}}
    record = post_record(part, features_of(part.text), reply)
    lexicon.validate(COLLECTION, "record", record)
    assert record["langs"] == ["fi", "en", "sv"]
    assert record["createdAt"] == "2020-12-18T06:00:00.000Z"
    assert [image["alt"] for image in record["embed"]["images"]] == ["Kuva", ""]
    assert record["embed"]["images"][0]["aspectRatio"] == {"width": 4, "height": 3}
    assert len(record["facets"]) == 2


def test_a_card_with_and_without_its_picture(lexicon: Base) -> None:
    plain = post_record(part_of(card=CARD), [], None)
    pictured = post_record(part_of(card={**CARD, "image": 0}, media=(image_of(),)), [], None)
    for record in (plain, pictured):
        lexicon.validate(COLLECTION, "record", record)
        assert record["embed"]["external"]["title"] == "Otsikko"
    assert pictured["embed"]["external"]["thumb"] == BLOB


def test_images_go_before_a_card_and_leave_its_picture_out() -> None:
    part = part_of(card={**CARD, "image": 1}, media=(image_of(alt="one"), image_of(alt="of the card")))
    assert [image["alt"] for image in post_record(part, [], None)["embed"]["images"]] == ["one"]
    assert [media.alt for media in part.images] == ["one"]


def test_what_is_not_there_is_left_away() -> None:
    assert set(post_record(part_of("Hei"), [], None)) == {"$type", "text", "createdAt", "langs"}


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["#Päivä", "https://päivä.fi/ä", "iom.int"]),
)
def test_a_facet_covers_exactly_its_bytes(before: str, piece: str) -> None:
    text = f"{before} {piece} 👩‍👩‍👧 loppu"
    data = text.encode()
    for found, entity in zip(
        features_of(text), [e for e in entities(text, "bluesky") if e.type in ("hashtag", "url")], strict=True
    ):
        index = found["index"]
        assert data[index["byteStart"] : index["byteEnd"]].decode() == entity.text


def test_features() -> None:
    tag, link = features_of("＃Päivä iom.int/x")
    assert tag["features"][0]["tag"] == "Päivä"
    assert link["features"][0]["uri"] == "https://iom.int/x"


def test_our_own_record_is_known_by_words_moment_and_parent() -> None:
    part = part_of("Hei")
    record = post_record(part, [], None)
    reply = {"reply": {"parent": {"uri": URI, "cid": CID}}}
    assert is_ours(record, part)
    assert is_ours({**record, **reply}, part_of("Hei", parent=RECEIPT))
    for other in (
        {**record, "text": "Moi"},
        {**record, **reply},
        {**record, "createdAt": "2020-12-18T06:00:00.001Z"},
        {},
        None,
        [],
    ):
        assert not is_ours(other, part)
    assert not is_ours(record, part_of("Hei", parent=RECEIPT))
    elsewhere = {"reply": {"parent": {"uri": URI[:-1] + "z"}}}
    assert not is_ours({**record, **elsewhere}, part_of("Hei", parent=RECEIPT))


def test_stamps_are_utc_with_milliseconds() -> None:
    assert rfc3339(NOW + timedelta(microseconds=123_987), "milliseconds") == "2020-12-18T06:00:00.123Z"


def test_places() -> None:
    assert place_of(URI) == ("did:plc:abcdefghijklmnopqrstuvwx", "3lfibi7qsybcs")
    assert place_of("https://bsky.app/profile/iom.int/post/3lfibi7qsybcs") == ("iom.int", "3lfibi7qsybcs")
    for nowhere in (
        "",
        "at://did:plc:a/app.bsky.feed.like/x",
        "at://did:plc:a",
        "https://bsky.app/profile/iom.int",
        "112",
    ):
        assert place_of(nowhere) is None


def test_receipts_are_made_of_good_answers_only() -> None:
    receipt = receipt_of({"uri": URI, "cid": CID}, NOW)
    assert receipt is not None
    assert receipt.url == "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3lfibi7qsybcs"
    assert receipt.extra == {"uri": URI, "cid": CID}
    for wrong in ({"uri": URI}, {"cid": CID}, {"uri": 7, "cid": CID}, {"uri": URI, "cid": ""}, [], None, "x"):
        assert receipt_of(wrong, NOW) is None
    assert receipt_of({"uri": "https://bsky.app/profile/iom.int/post/3lfibi7qsybcs", "cid": CID}, NOW) is None
