from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.text.template import BraceError, Word, fill, join_languages, with_hashtags, words_in

from .strategies import patient, texts


def test_finds_words_in_order() -> None:
    words = words_in("Tänään {date} on {name} {@iom} {vuoden-2 }".replace(" }", "}"))
    assert words == (
        Word(name="date", start=7, end=13),
        Word(name="name", start=17, end=23),
        Word(name="@iom", start=24, end=30),
        Word(name="vuoden-2", start=31, end=41),
    )


def test_doubled_braces_are_braces() -> None:
    assert words_in("{{theme}} }}{{") == ()
    assert fill("{{theme}} }}{{ {{{theme}}}", {"theme": "Rauha"}) == "{theme} }{ {Rauha}"


def test_a_value_is_never_filled_again() -> None:
    assert fill("{a} {b}", {"a": "{b} {{", "b": "}} {a}"}) == "{b} {{ }} {a}"


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("Hei {theme", 4, 'this "{" is never closed: write {word}, or {{ for a brace'),
        ("Hei theme}", 9, 'this "}" closes nothing: write }} for a brace'),
        ("Hei {a {b}", 4, 'this "{" is never closed: write {word}, or {{ for a brace'),
        ("{ theme }", 0, "{ theme } holds no word: write {theme}, without spaces"),
        ("{}", 0, "{} holds no word: a word is made of letters, digits, _ and -; write {{ and }} for braces"),
        ("{a.b}", 0, "{a.b} holds no word: a word is made of letters, digits, _ and -; write {{ and }} for braces"),
        ("{a!r}", 0, "{a!r} holds no word: a word is made of letters, digits, _ and -; write {{ and }} for braces"),
        ("ä {a[0]}", 2, "{a[0]} holds no word: a word is made of letters, digits, _ and -; write {{ and }} for braces"),
    ],
)
def test_a_brace_without_sense_is_refused(text: str, position: int, message: str) -> None:
    with pytest.raises(BraceError) as raised:
        words_in(text)
    assert (raised.value.position, raised.value.message) == (position, message)


def test_an_unknown_word_is_refused_where_it_stands() -> None:
    with pytest.raises(BraceError, match=r"\{them\} is no word that campaigner knows here") as raised:
        fill("{a} {them}", {"a": "", "theme": "Rauha"})
    assert raised.value.position == 4


@patient
@given(texts)
def test_doubling_every_brace_keeps_a_text(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), {}) == text


@patient
@given(st.text(alphabet="{}ab @-", max_size=12))
def test_filling_needs_just_the_words_that_are_found(text: str) -> None:
    try:
        words = words_in(text)
    except BraceError as error:
        assert text[error.position] in "{}"
        return
    assert all(text[word.start : word.end] == f"{{{word.name}}}" for word in words)
    assert "a" in fill(text, {word.name: "a" for word in words}) or not words


@pytest.mark.parametrize(
    ("text", "tags", "whole"),
    [
        ("Hei", ["MigrantsDay", "SiirtolaistenPäivä"], "Hei\n\n#MigrantsDay #SiirtolaistenPäivä"),
        ("  Hei\n", [], "Hei"),
        ("", ["Päivä"], "#Päivä"),
        ("Hei #migrantsday", ["MigrantsDay"], "Hei #migrantsday"),
        ("Hei #Pa\u0308iva\u0308", ["Päivä"], "Hei #Pa\u0308iva\u0308"),
        ("Hei #Päivä", ["Pa\u0308iva\u0308"], "Hei #Päivä"),
        ("Hei ＃Päivä:n juhla", ["Päivä"], "Hei ＃Päivä:n juhla"),
        ("#Päivänä", ["Päivä"], "#Päivänä\n\n#Päivä"),
        ("#Päivänä #Päivä", ["Päivä"], "#Päivänä #Päivä"),
        ("#प्रवासी", ["प"], "#प्रवासी\n\n#प"),
        ("#نرم\u200cافزار", ["نرم"], "#نرم\u200cافزار\n\n#نرم"),
        ("sana#Päivä &#Päivä", ["Päivä"], "sana#Päivä &#Päivä\n\n#Päivä"),
        ("https://yle.fi/#Rauha", ["Rauha"], "https://yle.fi/#Rauha\n\n#Rauha"),
        ("Hei", ["Rauha", "rauha"], "Hei\n\n#Rauha"),
        ("Straße", ["Straße", "STRASSE"], "Straße\n\n#Straße"),
    ],
)
def test_adds_the_hashtags_that_are_missing(text: str, tags: list[str], whole: str) -> None:
    assert with_hashtags(text, tags) == whole


@patient
@given(texts, st.lists(st.from_regex(r"\A[A-Za-zäö0-9_]{1,8}\Z"), max_size=4))
def test_adding_hashtags_twice_changes_nothing(text: str, tags: list[str]) -> None:
    once = with_hashtags(text, tags)
    assert with_hashtags(once, tags) == once


def test_languages_stand_apart() -> None:
    assert join_languages(["Hello\n", "", " \n", "Hei"]) == "Hello\n\nHei"
