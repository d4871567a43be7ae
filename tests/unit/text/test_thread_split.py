from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.post.profile import Profile
from campaigner.text import graphemes
from campaigner.text.measure import entities, measure
from campaigner.text.thread_split import ends_sentence, split

from .strategies import any_text, long_texts, patient, texts

X = Profile(platform="x", measure="x", limit=280, unit="weighted")
PROFILES = (
    X,
    Profile(platform="x", measure="x", limit=60, unit="weighted"),
    Profile(platform="mastodon", measure="mastodon", limit=70, unit="characters"),
    Profile(platform="bluesky", measure="bluesky", limit=70, unit="graphemes", byte_limit=90),
    Profile(platform="telegram", measure="telegram", limit=70, unit="characters"),
    Profile(platform="threads", measure="plain", limit=90, unit="bytes"),
)
SEPARATOR = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
SENTENCE = "Jokaisella ihmisellä on oikeus turvaan ja hyvään elämään joka päivä. "
LINE = f"{SENTENCE * 3}sana sana sana sana"
FULL = f"{SENTENCE * 3}Sana, sana sana sana sana sana sana sana. Sana."


def _unnumbered(parts: tuple[str, ...]) -> list[str]:
    """The parts without their numbers, after a look at these."""
    if len(parts) == 1:
        return list(parts)
    total = len(parts)
    assert all(part.endswith(f" {number}/{total}") for number, part in enumerate(parts, start=1))
    return [part[: -len(f" {number}/{total}")] for number, part in enumerate(parts, start=1)]


def _compact(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: f"{profile.platform}-{profile.limit}")
@patient
@given(text=long_texts | texts | any_text)
def test_parts_fit_and_hold_the_whole_text(profile: Profile, text: str) -> None:
    parts = split(text, profile)
    assert all(measure(part, profile).fits for part in parts)
    assert _compact("".join(_unnumbered(parts))) == _compact(SEPARATOR.sub("", unicodedata.normalize("NFC", text)))
    assert split(text, profile) == parts


WORDS = st.sampled_from(
    ["sana", "sanoja.", "Tämä,", "#Päivä", "#YK:n", "@YLE", "@kaveri@mastodon.social", "https://yle.fi/a", "yle.fi", "🎉",
     "yksi\u00a0kaksi", "18.12.", "(#Tagi)"]
)  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: f"{profile.platform}-{profile.limit}")
@patient
@given(words=st.lists(st.tuples(WORDS, st.sampled_from([" ", "  ", "\n", "\n\n"])), min_size=20, max_size=60))
def test_nothing_that_is_linked_or_joined_is_cut(profile: Profile, words: list[tuple[str, str]]) -> None:
    text = "".join(word + gap for word, gap in words)
    parts = split(text, profile)
    of_parts = [(entity.type, entity.text) for part in parts for entity in entities(part, profile.measure)]
    assert of_parts == [(entity.type, entity.text) for entity in entities(text, profile.measure)]
    assert "".join(_unnumbered(parts)).count("yksi\u00a0kaksi") == text.count("yksi\u00a0kaksi")


@patient
@given(st.integers(5, 20), st.integers(1, 60))
def test_no_part_is_needlessly_short(sentences: int, last: int) -> None:
    parts = _unnumbered(split(SENTENCE * sentences + "loppu " * last, X))
    assert min(map(len, parts)) >= 20


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert split("  Hei \n", X) == ("Hei",)
    assert split("", X) == ("",)
    assert split("a" * 280, X) == ("a" * 280,)


def test_a_separator_always_begins_a_part() -> None:
    assert split("Yksi\n---\n\n  ---  \nKaksi --- kolme\n---", X) == ("Yksi 1/2", "Kaksi --- kolme 2/2")
    assert split("---\nYksi\n---", X) == ("Yksi",)


def test_a_section_that_is_too_long_is_split_too() -> None:
    parts = split(f"Alku\n---\n{SENTENCE * 6}", X)
    assert parts[0] == "Alku 1/3"
    assert len(parts) == 3


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param(f"{SENTENCE * 4}".strip() + f"\n\nAlku. Loppu. {SENTENCE}", SENTENCE * 4, id="paragraph"),
        pytest.param(f"{SENTENCE * 3}sana sana sana sana\nja. Sana {SENTENCE}", LINE, id="line"),
        pytest.param(f"{SENTENCE * 3}Sana, sana sana sana sana sana sana sana. Sana. {SENTENCE}", FULL, id="sentence"),
        pytest.param("sanoja ja muuta, " * 20, "sanoja ja muuta, " * 16, id="clause"),
        pytest.param("sanojasanoja " * 30, "sanojasanoja " * 21, id="word"),
    ],
)
def test_breaks_where_a_reader_pauses(text: str, first: str) -> None:
    assert _unnumbered(split(text, X))[0].strip() == first.strip()


def test_hashtags_at_the_end_stay_together() -> None:
    tags = "#MigrantsDay #SiirtolaistenPäivä #Rauha #Oikeudet"
    parts = split(f"{SENTENCE * 3}Sana sana sana sana sana. {tags}", X)
    assert parts[-1] == f"{tags} 2/2"


def test_ten_parts_and_more_have_room_for_their_numbers() -> None:
    parts = split("a" * 277 * 12, X)
    assert parts[0] == "a" * 275 + " 1/13"
    assert all(measure(part, X).fits for part in parts)


def test_a_run_without_spaces_is_cut_between_characters() -> None:
    family = "👨‍👩‍👧‍👦"
    parts = _unnumbered(split(family * 200, X))
    assert set(graphemes.graphemes("".join(parts))) == {family}
    assert all(len(part) % len(family) == 0 for part in parts)


def test_a_run_without_spaces_is_cut_after_its_own_full_stop() -> None:
    assert _unnumbered(split("移民" * 50 + "。" + "移民" * 60, X))[0] == "移民" * 50 + "。"


def test_a_cut_makes_no_hashtag_and_cuts_no_url() -> None:
    x, mastodon, url = PROFILES[1], PROFILES[2], "https://yle.fi/abcdefghij"
    assert _unnumbered(split("a" * 56 + "#tagi" + "b" * 60, x))[0] == "a" * 55
    assert _unnumbered(split("ä" * 50 + "(" + url + ")" * 80, mastodon))[0] == "ä" * 50 + "("
    assert _unnumbered(split("ä" * 30 + "(" + url + ")" * 80, mastodon))[0] == "ä" * 30 + f"({url}" + ")" * 12


def test_one_character_with_too_many_accents_is_cut_at_last() -> None:
    threads = PROFILES[5]
    parts = split("e" + "\u0316" * 100, threads)
    assert all(measure(part, threads).fits for part in parts)


def test_an_impossible_limit_ends_all_the_same() -> None:
    tiny = Profile(platform="x", measure="x", limit=2, unit="weighted")
    assert split("abc", tiny) == ("a 1/3", "b 2/3", "c 3/3")


def test_the_warning_takes_room() -> None:
    mastodon = PROFILES[2]
    assert split("a" * 60, mastodon) == ("a" * 60,)
    assert len(split("a" * 60, mastodon, "Varoitus sisällöstä")) == 2


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        ("päivä.", "Jokaisella", True),
        ("päivä!”", "“Jokaisella", True),
        ("Oletko?", "¿Sí?", True),
        ("18.12.", "Tervetuloa", True),
        ("18.", "December", False),
        ("18.12.", "on", False),
        ("esim.", "Helsinki", False),
        ("(Esim.", "Helsinki", False),
        ("A.", "Vitorino", False),
        ("t.ex.", "Sverige", False),
        ("klo", "Helsinki", False),
        ("päivä…", "ja", False),
    ],
)
def test_knows_where_a_sentence_ends(before: str, after: str, ends: bool) -> None:
    assert ends_sentence(before, after) is ends
