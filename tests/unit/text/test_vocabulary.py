"""The words of a campaign, asked for by the letters of a hashtag."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.text.hashtags import Vocabulary

TEXTS = (
    "International Migrants Day",
    "The UN human rights day is here",
    "Ihmisoikeudet kuuluvat kaikille",
    "Straße am Tag",
)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("migrantsday", ["Migrants", "Day"]),
        ("MIGRANTSDAY", ["Migrants", "Day"]),
        ("unhumanrights", ["UN", "human", "rights"]),
        ("ihmisoikeudet", ["Ihmisoikeudet"]),
        ("strasseamtag", ["Straße", "am", "Tag"]),
        ("internationalmigrantsday", ["International", "Migrants", "Day"]),
    ],
)
def test_finds_the_words_whose_letters_are_those_of_the_tag(tag: str, words: list[str]) -> None:
    assert list(Vocabulary(TEXTS).words_of(tag)) == words


@pytest.mark.parametrize("tag", ["igrantsday", "migrantsda", "daythe", "unknown", "theunhumanrightsdayishere"])
def test_finds_nothing_that_begins_or_ends_inside_a_word_or_in_another_text(tag: str) -> None:
    assert list(Vocabulary(TEXTS).words_of(tag)) == []


def test_several_words_go_before_one() -> None:
    assert list(Vocabulary(["worldday", "a world day"]).words_of("worldday")) == ["world", "day"]


def test_hashtags_mentions_links_and_braces_are_no_words() -> None:
    words = Vocabulary(["#migrantsday @migrantsday https://iom.int/migrantsday {migrantsday} human #rights"])
    assert list(words.words_of("migrantsday")) == []
    assert list(words.words_of("humanrights")) == []


def test_texts_are_read_once_and_only_when_asked() -> None:
    read = []

    def texts() -> Iterator[str]:
        read.append(1)
        yield "Migrants Day"

    words = Vocabulary(texts())
    assert not read
    assert list(words.words_of("migrantsday")) == list(words.words_of("migrantsday")) == ["Migrants", "Day"]
    assert read == [1]


def test_however_many_hashtags_a_hostile_campaign_has_its_texts_are_read_once() -> None:
    words = Vocabulary(["a " * 60_000] * 10)
    start = time.process_time()
    assert [tag for number in range(60) if words.words_of(tag := "a" * 90 + "b" * number)] == []
    assert time.process_time() - start < 1


@given(st.lists(st.text(alphabet="abcäß ,#", max_size=30), max_size=5), st.data())
def test_words_in_a_row_are_found_wherever_they_stand(texts: list[str], data: st.DataObject) -> None:
    plain = [text.replace("#", "") for text in texts]
    rows = [text.replace(",", " ").split() for text in plain]
    candidates = ["".join(row[at : at + 2]) for row in rows for at in range(len(row) - 1)]
    if candidates:
        tag = data.draw(st.sampled_from(candidates))
        assert "".join(Vocabulary(plain).words_of(tag)).casefold() == tag.casefold()
