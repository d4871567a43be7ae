"""Cards show exactly what goes out, to people with wide, narrow and plain terminals."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from campaigner.post.post import Card, Part
from campaigner.preview.cards import card, sent_card
from campaigner.preview.styled_text import columns

from .building import BLUESKY, MASTODON, X, image, plain, post, styled

TEXT = "Tänään 18. joulukuuta on Kansainvälinen siirtolaisten päivä.\n\n#MigrantsDay #SiirtolaistenPäivä"


def test_a_whole_card() -> None:
    shown = post(TEXT, notes=("not before 08:01, for the account's spacing",))
    assert plain(card(shown, X)) == [
        "┌─ migrants-day/2020/morning/iom-finland-x/fi",
        "│ 08:00 Friday 18 December 2020  Europe/Helsinki, 06:00 UTC",
        "│ iom-finland-x on x, fi",
        "│",
        "│ Tänään 18. joulukuuta on Kansainvälinen siirtolaisten päivä.",
        "│",
        "│ #MigrantsDay #SiirtolaistenPäivä",
        "│",
        "│ [███████░░░░░░░░░░░░░] 94/280 weighted",
        "│ note: not before 08:01, for the account's spacing",
        f"└─ {shown.code}",
    ]


def test_the_same_in_ascii() -> None:
    lines = plain(card(post("Hello"), X, ascii_only=True))
    assert lines[0].startswith("+- migrants-day")
    assert lines[-3] == "| "[:1]
    assert lines[-2] == "| [#...................] 5/280 weighted"
    assert all(line.isascii() for line in lines)


def test_hashtags_mentions_and_links_have_their_styles() -> None:
    lines = card(post("#Day @iom https://iom.int/"), X)
    assert styled(lines, "hashtag") == ["#Day"]
    assert styled(lines, "mention") == ["@iom"]
    assert styled(lines, "url") == ["https://iom.int/"]


def test_utc_on_another_day_says_which() -> None:
    late = post("Hello", due_at=datetime(2020, 12, 17, 22, 30, tzinfo=UTC))
    assert plain(card(late, X))[1:3] == [
        "│ 00:30 Friday 18 December 2020",
        "│ Europe/Helsinki, 22:30 UTC on Thursday 17 December",
    ]
    assert plain(card(late, X, width=100))[1] == (
        "│ 00:30 Friday 18 December 2020  Europe/Helsinki, 22:30 UTC on Thursday 17 December"
    )


def test_a_together_post_names_its_languages_in_their_order() -> None:
    assert "│ iom-finland-x on x, fi + en" in plain(card(post("Hello", languages=("fi", "en")), X))


def test_a_draft_says_that_it_is_never_posted() -> None:
    lines = card(post("Hello", draft=True), X)
    assert plain(lines)[1] == "│ DRAFT, not posted"
    assert styled(lines, "warning") == ["DRAFT, not posted"]


def test_a_heading_may_stand_for_the_key() -> None:
    assert plain(card(post("Hello"), X, heading="would post"))[0] == "┌─ would post"


def test_images_with_alt_text_and_decorations_without() -> None:
    alt = "Mies puhujakorokkeella sinisen lipun edessä, ja hänen takanaan kolme pientä lippua ja valkokangas."
    shown = post(parts=(Part(text="Moi", images=(image(alt=alt), image("images/line.png", ""))),))
    assert plain(card(shown, X))[5:12] == [
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
    assert lines[3:14] == [
        "│",
        "│ 1/2",
        "│ content warning: Violence",
        "│ One",
        "│",
        "│ [█░░░░░░░░░░░░░░░░░░░] 11/500 characters",
        "├───",
        "│ 2/2",
        "│ content warning: Violence",
        "│ Two",
        "│",
    ]


def test_a_card_for_the_link() -> None:
    full = Card(url="https://a.example/", title="Title", description="About it", image=image())
    assert plain(card(post(parts=(Part(text="Moi", card=full),)), BLUESKY))[5:10] == [
        "│",
        "│ card Title",
        "│   About it",
        "│   https://a.example/",
        "│   image images/speech.png  1200x675",
    ]
    bare = Card(url="https://a.example/", title="Title")
    assert plain(card(post(parts=(Part(text="Moi", card=bare),)), BLUESKY))[6:9] == [
        "│ card Title", "│   https://a.example/", "│",
    ]  # fmt: skip


def test_the_meter_is_full_at_the_limit_and_says_when_it_is_over() -> None:
    at_limit, over = (card(post("a" * length), X) for length in (280, 281))
    assert "[████████████████████] 280/280 weighted" in plain(at_limit)[-2]
    assert "[████████████████████] 281/280 weighted  TOO LONG" in plain(over)[-2]
    assert not styled(at_limit, "error")
    assert styled(over, "error") == ["█" * 20, "281/280 weighted  TOO LONG"]


def test_bytes_stand_beside_the_length_where_they_count() -> None:
    assert plain(card(post("ää"), BLUESKY))[-2].endswith("] 2/300 graphemes, 4/3000 bytes")


def test_a_narrow_terminal_breaks_the_key_behind_a_slash() -> None:
    lines = plain(card(post("Hello"), X, width=40))
    assert lines[:2] == ["┌─ migrants-day/2020/morning/", "│  iom-finland-x/fi"]
    assert lines[2:4] == ["│ 08:00 Friday 18 December 2020", "│ Europe/Helsinki, 06:00 UTC"]


def test_a_meter_that_does_not_fit_beside_its_count_stands_above_it() -> None:
    assert plain(card(post("Hello"), BLUESKY, width=40))[-3:-1] == [
        "│ [█░░░░░░░░░░░░░░░░░░░]", "│ 5/300 graphemes, 5/3000 bytes",
    ]  # fmt: skip


def test_what_could_steer_the_terminal_is_shown_and_not_sent() -> None:
    evil = "\x1b[2J\u202e"
    shown = post(parts=(Part(text=evil, images=(image(evil, evil),), card=Card(url=evil, title=evil, description=evil)),),
                 warning=evil, notes=(evil,))  # fmt: skip
    lines = plain(card(shown, MASTODON)) + plain(card(shown, X, heading=evil))
    lines += plain(sent_card(evil, evil, [evil], X, at=datetime(2020, 12, 18, tzinfo=UTC), warning=evil))
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)
    assert "<U+001B>[2J<U+202E>" in "".join(lines)


WORDS = st.text(st.sampled_from("ab é難 \n👍\U0001f3fdक्ष\x1b"), max_size=120)


@given(WORDS, st.integers(40, 120), st.booleans())
def test_no_line_is_wider_than_the_terminal(text: str, width: int, ascii_only: bool) -> None:
    shown = post(parts=(Part(text=text, images=(image(alt=text),)),), warning=text.strip() or None, notes=(text,))
    for line in plain(card(shown, MASTODON, width=width, ascii_only=ascii_only)):
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
        "│ [███████░░░░░░░░░░░░░] 94/280 weighted",
        "└─",
    ]
    assert plain(sent_card("desk", "Hello", [], X, at=at, ascii_only=True))[1:] == [
        "| Hello", "|", "| [#...................] 5/280 weighted", "+-",
    ]  # fmt: skip
