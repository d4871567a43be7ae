"""Whether the HTML of a status says what was sent, as different servers write it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.campaign.config import Secret
from campaigner.clock import SteppingClock
from campaigner.fakes.mastodon import content as page_of
from campaigner.platforms.answers import as_fields, id_of
from campaigner.platforms.base import Absent, Alike, Identity, Look, PartToSend, Receipt
from campaigner.platforms.compare import search
from campaigner.platforms.mastodon import Mastodon, MastodonOptions

from .parts import NOW, account_of, media_of, part_of

LONG_LINK = "https://finland.iom.int/a/very/long/path/that/is/shown/shortened?x=1&y=2"
BEGAN = NOW - timedelta(minutes=10)
OPTIONS = MastodonOptions(server="https://social.example", access_token=Secret(kind="env", name="A"))
MASTODON = account_of(Mastodon, OPTIONS, {"access_token": "token"}, SteppingClock(NOW))
MASTODON._identity = Identity(id="social.example:1", name="@us")


def same_words(content: str, text: str) -> bool:
    words = set(map(MASTODON.plain, MASTODON._remote({"id": "1", "content": content}).texts))
    return bool(words) and MASTODON.plain(text) in words


def find_status(statuses: list[Any], part: PartToSend, since: datetime) -> Look:
    """What a look finds among these statuses, newest first."""
    posts = [MASTODON._remote(one) for one in statuses if id_of(as_fields(one).get("id"))]
    parent = MASTODON.id_of_part(part.parent) if part.parent else None
    return search(posts, part, MASTODON.plain, parent, since)


def the(status: dict[str, Any]) -> Receipt:
    return MASTODON._remote(status).receipt


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80))
def test_what_mastodon_makes_of_a_text_is_known_again(text: str) -> None:
    assert same_words(page_of(text, "https://social.example"), text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (page_of(f"Päivä: {LONG_LINK} #Päivä", "https://s.example"), f"Päivä: {LONG_LINK} #Päivä"),
        (f'<p>See <a href="{LONG_LINK}">finland.iom.int/a/very…</a> now</p>', f"See {LONG_LINK} now"),
        (f"<p>See <a rel=x href='{LONG_LINK}'>finland.iom…</a></p>", f"See {LONG_LINK}"),
        ('<a href="https://xn--pivl-5qa.fi/">https://päivä.fi/</a>', "https://päivä.fi/"),
        ('<a href="https://a.fi/p%C3%A4iv%C3%A4">a.fi/…</a>', "https://a.fi/päivä"),
        (
            '<span class="h-card"><a href="https://s/@iom" class="u-url mention">@<span>iom</span></a></span> hei',
            "@iom@s.example hei",
        ),
        ('<a href="https://s/@a-b" class="mention">@a-b@s.example</a>', "@a-b@s.example"),
        ("<p>one</p><p>two<br>three<br/>four</p>", "one\n\ntwo\nthree\nfour"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("“Quoted” – and …", '"Quoted" - and ...'),
        ("R&amp;D &lt;3", "R&D <3"),
        ("<p>🎉🎉</p>", "🎉🎉"),
        ("<p>مرحبا بكم</p>", "مرحبا بكم"),
        ("<p>पहला दिन</p>", "पहला दिन"),
        ("<p>!!!</p>", "!!!"),
        ("<p>a\u0308</p>", "ä"),
    ],
)
def test_servers_write_it_in_their_ways(content: str, text: str) -> None:
    assert same_words(content, text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Good morning</p>", "Good evening"),
        ("<p>🎉</p>", "✨"),
        ("<p>!!!</p>", "???"),
        ("<p>Part 1</p>", "Part 2"),
        ("<p>कि</p>", "की"),
        ("<p></p>", "x"),
        ('<a href="https://a.example/1">a.example</a>', "https://a.example/2"),
        ("<p>more and more</p>", "more"),
    ],
)
def test_other_words_are_other_words(content: str, text: str) -> None:
    assert not same_words(content, text)


@pytest.mark.parametrize("piece", ["<", "<a ", "<a href=", '<a href="', "&", "<!--", "</", "<a href='x'>", "\x00"])
def test_hostile_html_costs_no_time(piece: str) -> None:
    began = time.monotonic()
    assert not same_words(piece * (399_000 // len(piece)), "x" * 20)
    assert not same_words("y" * 5_000_000, "y" * 5_000_000)
    assert time.monotonic() - began < 5


def status(text: str = "Hei", **changed: Any) -> dict[str, Any]:
    found = {"id": "1", "created_at": "2020-12-18T06:00:00.000Z", "in_reply_to_id": None, "language": "fi"}
    return {**found, "content": f"<p>{text}</p>", **changed}


def test_the_status_with_the_words_is_found_and_no_other() -> None:
    others = [status("Moi"), {"id": "3"}, None, "x", 7, {"content": "<p>Hei</p>"}, status(id="")]
    assert find_status([*others, status()], part_of("Hei"), BEGAN) == the(status())
    assert find_status(others, part_of("Hei"), BEGAN) == Absent()


def test_what_belongs_to_another_delivery_or_is_too_old_does_not_count() -> None:
    assert find_status([status()], part_of("Hei", owned_ids=frozenset({"1"})), BEGAN) == Absent()
    assert find_status([status(created_at="2020-12-18T05:49:59Z")], part_of("Hei"), BEGAN) == Absent()
    assert find_status([status(created_at="2020-12-18T05:50:00Z")], part_of("Hei"), BEGAN)
    assert find_status([status(created_at="yesterday")], part_of("Hei"), BEGAN) == Alike(""), "no time proves nothing"


def test_images_count() -> None:
    one = [{"description": "A dot"}]
    sent = part_of("Hei", media=(media_of(alt="A dot"),))
    for shown in (one, [{"description": None}], [{}]):
        assert find_status([status(media_attachments=shown)], sent, BEGAN)
    for shown in ([], one * 2, [{"description": "My lunch"}]):
        assert isinstance(find_status([status(media_attachments=shown)], sent, BEGAN), Alike)
    assert isinstance(find_status([status(media_attachments=one)], part_of("Hei"), BEGAN), Alike)


def test_images_without_words_are_known_by_their_alt_texts() -> None:
    sent, nameless = part_of("", media=(media_of(alt="A dot"),)), part_of("", media=(media_of(alt=""),))
    shown = {text: status("", media_attachments=[{"description": text}]) for text in ("A dot", "My lunch", "")}
    assert find_status([shown["A dot"]], sent, BEGAN) == the(shown["A dot"])
    assert find_status([shown["My lunch"]], sent, BEGAN) == Absent()
    assert isinstance(find_status([shown[""]], sent, BEGAN), Alike)
    assert isinstance(find_status([shown[""]], nameless, BEGAN), Alike)


def test_the_post_it_answers_to_counts() -> None:
    parent = Receipt(id="9", url="", at=NOW)
    assert find_status([status(in_reply_to_id="9")], part_of("Hei", parent=parent), BEGAN)
    assert find_status([status(in_reply_to_id=9)], part_of("Hei", parent=parent), BEGAN)
    assert find_status([status()], part_of("Hei", parent=parent), BEGAN) == Absent()
    assert find_status([status(in_reply_to_id="9")], part_of("Hei"), BEGAN) == Absent()


def test_the_own_language_goes_first_but_another_does_not_rule_out() -> None:
    english, finnish = status(id="2", language="en"), status(id="1")
    assert find_status([finnish, english], part_of("Hei"), BEGAN) == the(finnish)
    assert find_status([english], part_of("Hei"), BEGAN) == the(english)
    assert find_status([status(id="4"), status(id="3")], part_of("Hei"), BEGAN) == the(status(id="3")), "the earliest"


def test_times_and_ids() -> None:
    assert MASTODON._remote(status()).made_at == NOW
    assert MASTODON._remote(status(created_at="2020-12-18T06:00:00")).made_at == NOW
    for written, wanted in [
        ("01ABC", "01ABC"),
        ("https://s.example/@iom/112", "112"),
        ("https://s.example/@iom/112/", "112"),
    ]:
        assert MASTODON.id_of_part(Receipt(id=written, url="", at=NOW)) == wanted
