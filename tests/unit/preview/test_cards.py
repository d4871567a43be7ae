"""Cards show exactly what goes out, to people with wide, narrow and plain terminals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.post.key import PostKey
from campaigner.post.post import Card, Part, Post
from campaigner.post.profile import Profile
from campaigner.preview.cards import cards, sent_card
from campaigner.preview.styled_text import Line, columns

from .building import BLUESKY, DUE, MASTODON, X, image, plain, post, styled

TEXT = "Tänään 18. joulukuuta on Kansainvälinen siirtolaisten päivä.\n\n#MigrantsDay #SiirtolaistenPäivä"


def card(shown: Post, profile: Profile, *, width: int = 80) -> list[Line]:
    """The card of one post, without the day and the message above it."""
    return list(cards([(shown, profile)], width=width))[3:-1]


def test_a_whole_card() -> None:
    shown = post(TEXT, notes=("not before 08:01, for the account's spacing",))
    assert plain(list(cards([(shown, X)]))) == [
        "━━ Friday 18 December 2020 " + "━" * 53,
        "",
        "morning  migrants-day/2020",
        "┌─ Fri 08:00 Helsinki (06:00 UTC) · iom-finland-x (x) · fi",
        "│ Tänään 18. joulukuuta on Kansainvälinen siirtolaisten päivä.",
        "│",
        "│ #MigrantsDay #SiirtolaistenPäivä",
        "│",
        "│ [███████░░░░░░░░░░░░░] 94 of 280, 186 left",
        "│ note: not before 08:01, for the account's spacing",
        f"└─ migrants-day/2020/morning/iom-finland-x/fi  {shown.code}",
        "",
    ]


def on(account: str, text: str, language: str = "fi", **keys: Any) -> Post:
    return post(text, key=PostKey("migrants-day", "2020", "morning", account, language), **keys)


def test_what_is_the_same_on_several_accounts_is_shown_once() -> None:
    first, other, english = on("a", "Moi #Day"), on("b", "Moi #Day", platform="mastodon"), on("a", "Hi #Day", "en")
    assert plain(list(cards([(first, X), (english, X), (other, MASTODON)])))[3:] == [
        "┌─ Fri 08:00 Helsinki (06:00 UTC) · a (x) · fi",
        "│ Moi #Day",
        "│",
        "│ [█░░░░░░░░░░░░░░░░░░░] 8 of 280, 272 left",
        "│ the same on b (mastodon): 8 of 500, 492 left",
        f"│  migrants-day/2020/morning/a/fi  {first.code}",
        f"└─ migrants-day/2020/morning/b/fi  {other.code}",
        "",
        "┌─ Fri 08:00 Helsinki (06:00 UTC) · a (x) · fi",
        "│ Hi #Day",
        "│",
        "│ [█░░░░░░░░░░░░░░░░░░░] 7 of 280, 273 left",
        f"└─ migrants-day/2020/morning/a/en  {english.code}",
        "",
    ]


@pytest.mark.parametrize("text", ["Join @iom", "Read iom.int/x"])
def test_what_is_linked_otherwise_elsewhere_has_a_card_of_its_own(text: str) -> None:
    shown = plain(list(cards([(on("a", text), X), (on("b", text), BLUESKY)])))
    assert [line.count("┌") for line in shown].count(1) == (2 if "@" in text else 1)


def test_what_differs_in_anything_a_card_shows_has_a_card_of_its_own() -> None:
    others = [on("b", "Moi", notes=("late",)), on("c", "Moi", warning="Violence"), on("d", "Moi", draft=True)]
    shown = plain(list(cards([(one, X) for one in (on("a", "Moi"), *others)])))
    assert "".join(shown).count("┌") == 4


def test_a_message_and_a_day_have_a_heading_each() -> None:
    later = post("Iltaa", key=PostKey("migrants-day", "2020", "evening", "a", "fi"), due_at=DUE + timedelta(hours=9))
    other = post("Yötä", key=PostKey("migrants-day", "2020", "night", "a", "fi"), due_at=DUE + timedelta(days=1))
    shown = plain(list(cards([(other, X), (later, X), (on("a", "Moi"), X)])))
    assert [line.rstrip(" ━") for line in shown if line[:2] in ("━━", "mo", "ev", "ni")] == [
        "━━ Friday 18 December 2020", "morning  migrants-day/2020", "evening  migrants-day/2020",
        "━━ Saturday 19 December 2020", "night  migrants-day/2020",
    ]  # fmt: skip


def test_a_row_that_is_no_line_of_the_text_says_so() -> None:
    lines = card(post("One two three four five six seven\nEight nine"), X, width=22)
    assert "│ One two three four ↩" in plain(lines)
    assert plain(lines)[plain(lines).index("│ Eight nine") - 1] == "│ five six seven"
    assert styled(lines, "dim").count(" ↩") == 1


def test_hashtags_mentions_and_links_have_their_styles() -> None:
    lines = card(post("#Day @iom https://iom.int/"), X)
    assert styled(lines, "hashtag") == ["#Day"]
    assert styled(lines, "mention") == ["@iom"]
    assert styled(lines, "url") == ["https://iom.int/"]


def test_utc_on_another_day_says_which() -> None:
    late = post("Hello", due_at=datetime(2020, 12, 17, 22, 30, tzinfo=UTC))
    assert plain(card(late, X))[0] == "┌─ Fri 00:30 Helsinki (22:30 UTC on Thursday) · iom-finland-x (x) · fi"


def test_a_place_has_its_own_name_and_utc_none_beside_it() -> None:
    assert "Buenos Aires (06:00 UTC)" in plain(card(post("Hi", zone="America/Argentina/Buenos_Aires"), X))[0]
    assert plain(card(post("Hi", zone="UTC"), X))[0] == "┌─ Fri 06:00 UTC · iom-finland-x (x) · fi"


def test_a_together_post_names_its_languages_in_their_order() -> None:
    assert plain(card(post("Hello", languages=("fi", "en")), X))[0].endswith(" · fi + en")


def test_a_draft_says_that_it_is_never_posted() -> None:
    lines = card(post("Hello", draft=True), X)
    assert plain(lines)[1] == "│ DRAFT, not posted"
    assert styled(lines, "warning") == ["DRAFT, not posted"]


def test_images_with_alt_text_and_decorations_without() -> None:
    alt = "Mies puhujakorokkeella sinisen lipun edessä, ja hänen takanaan kolme pientä lippua ja valkokangas."
    shown = post(parts=(Part(text="Moi", images=(image(alt=alt), image("images/line.png", ""))),))
    assert plain(card(shown, X))[2:9] == [
        "│",
        "│ image images/speech.png  1200x675",
        "│   alt: Mies puhujakorokkeella sinisen lipun edessä, ja hänen takanaan kolme",
        "│        pientä lippua ja valkokangas.",
        "│",
        "│ image images/line.png  1200x675",
        "│   alt: none, decoration",
    ]


def test_a_thread_part_by_part_each_with_its_meter_and_warning() -> None:
    lines = plain(card(post("One", "Two", warning="Violence"), MASTODON))
    assert lines[1:11] == [
        "│ 1/2",
        "│ content warning: Violence",
        "│ One",
        "│",
        "│ [█░░░░░░░░░░░░░░░░░░░] 11 of 500, 489 left",
        "├───",
        "│ 2/2",
        "│ content warning: Violence",
        "│ Two",
        "│",
    ]


def test_a_card_for_the_link() -> None:
    full = Card(url="https://a.example/", title="Title", description="About it", image=image())
    assert plain(card(post(parts=(Part(text="Moi", card=full),)), BLUESKY))[2:7] == [
        "│",
        "│ card Title",
        "│   About it",
        "│   https://a.example/",
        "│   image images/speech.png  1200x675",
    ]
    bare = Card(url="https://a.example/", title="Title")
    assert plain(card(post(parts=(Part(text="Moi", card=bare),)), BLUESKY))[3:6] == [
        "│ card Title", "│   https://a.example/", "│",
    ]  # fmt: skip


def test_the_meter_is_full_at_the_limit_and_says_when_it_is_over() -> None:
    at_limit, over = (card(post("a" * length), X) for length in (280, 281))
    assert "[████████████████████] 280 of 280, 0 left" in plain(at_limit)[-2]
    assert "[████████████████████] 281 of 280, 1 TOO LONG" in plain(over)[-2]
    assert not styled(at_limit, "error")
    assert styled(over, "error") == ["█" * 20, "281 of 280, 1 TOO LONG"]


def test_the_meter_warns_from_nine_tenths_on() -> None:
    assert not styled(card(post("a" * 251), X), "warning")
    assert styled(card(post("a" * 252), X), "warning") == ["█" * 18, "252 of 280, 28 left"]


def test_bytes_are_told_where_they_run_out_first() -> None:
    assert plain(card(post("ää"), BLUESKY))[-2].endswith("] 2 of 300, 298 left")
    family = "👩‍👩‍👧‍👦"
    assert plain(card(post(family * 2), BLUESKY))[-2].endswith("] 50 of 3000 bytes, 2950 left")


def test_a_narrow_terminal_breaks_the_key_behind_a_slash() -> None:
    lines = plain(card(post("Hello"), X, width=40))
    assert lines[:2] == ["┌─ Fri 08:00 Helsinki (06:00 UTC) ·", "│  iom-finland-x (x) · fi"]
    assert [line.partition("/fi")[0] for line in lines[-2:]] == ["│  migrants-day/2020/morning/", "└─ iom-finland-x"]


def test_a_meter_that_does_not_fit_beside_its_count_stands_above_it() -> None:
    assert plain(card(post("Hello"), BLUESKY, width=38))[-4:-2] == [
        "│ [█░░░░░░░░░░░░░░░░░░░]", "│ 5 of 300, 295 left",
    ]  # fmt: skip


def test_what_could_steer_the_terminal_is_shown_and_not_sent() -> None:
    evil = "\x1b[2J\u202e"
    shown = post(parts=(Part(text=evil, images=(image(evil, evil),), card=Card(url=evil, title=evil, description=evil)),),
                 warning=evil, notes=(evil,))  # fmt: skip
    lines = plain(card(shown, MASTODON))
    lines += plain(sent_card(evil, evil, [evil], X, at=datetime(2020, 12, 18, tzinfo=UTC), warning=evil))
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    assert "<U+001B>[2J<U+202E>" in "".join(lines)


WORDS = st.text(st.sampled_from("ab é難 \n👍\U0001f3fdक्ष\x1b"), max_size=120)


@given(WORDS, st.integers(40, 120))
def test_no_line_is_wider_than_the_terminal(text: str, width: int) -> None:
    shown = post(parts=(Part(text=text, images=(image(alt=text),)),), warning=text.strip() or None, notes=(text,))
    for line in plain(card(shown, MASTODON, width=width)):
        assert columns(line) <= width


def test_what_a_console_has_posted() -> None:
    at = datetime(2020, 12, 18, 8, 0, 5, tzinfo=ZoneInfo("Europe/Helsinki"))
    assert plain(sent_card("desk", TEXT, ["A man", ""], X, at=at, warning="Violence")) == [
        "┌─ 08:00:05  desk  Fri 18 Dec 2020",
        "│ content warning: Violence",
        "│ Tänään 18. joulukuuta on Kansainvälinen siirtolaisten päivä.",
        "│",
        "│ #MigrantsDay #SiirtolaistenPäivä",
        "│",
        "│ image, alt: A man",
        "│ image, alt: none, decoration",
        "│",
        "│ [███████░░░░░░░░░░░░░] 94 of 280, 186 left",
        "└─",
    ]
