"""Alt texts that begin with what a screen reader says, or never end."""

from __future__ import annotations

import pytest

from campaigner.text.lint_characters import LONGEST_ALT, alt_findings


@pytest.mark.parametrize(
    ("alt", "said"),
    [
        ("Image of a man", "Image of"),
        ("  A photo of children", "A photo of"),
        ("Photo: children", "Photo"),
        ("In the picture, a man", "In the picture"),
        ("Kuva, jossa on mies", "Kuva"),
        ("Kuvassa mies", "Kuvassa"),
        ("Valokuva: lapsia", "Valokuva"),
        ("Bild av en man", "Bild av"),
        ("Bilden visar en man", "Bilden visar"),
        ("Imagen de un hombre", "Imagen de"),
        ("Image d’un homme", "Image d’"),
        ("Image de l’île", "Image de"),
        ("Das Bild zeigt einen Mann", "Das Bild zeigt"),
        ("Фото детей", "Фото"),
        ("صورة رجل", "صورة"),
        ("图片：一个人", "图片"),
    ],
)
def test_an_opening_that_says_nothing_is_found(alt: str, said: str) -> None:
    (finding,) = alt_findings(alt, "en")
    assert (finding.code, finding.start) == ("alt-opening", 0)
    assert finding.message == f'the alt text begins with "{said}", which a screen reader says by itself'


@pytest.mark.parametrize(
    "alt",
    [
        "A man at a lectern", "Kuvakaappaus sivusta", "Kuvaaja työssä", "Photographers at work", "Photo exhibition in Oslo",
        "Image-based search", "Picture this: a city", "Bildkonst på en vägg", "Fotokerho", "Фотограф снимает",
        "A painting of a ship", "Screenshot of a map", "", "Migrants’ image of Finland",
    ],
)  # fmt: skip
def test_a_good_alt_text_has_no_fault(alt: str) -> None:
    assert list(alt_findings(alt, "en")) == []


def test_an_endless_alt_text_is_found() -> None:
    assert list(alt_findings("a" * LONGEST_ALT, "en")) == []
    (finding,) = alt_findings("a" * (LONGEST_ALT + 1), "en")
    assert (finding.code, finding.message) == ("alt-long", "the alt text is 1001 characters long")
    assert "1,000" in finding.help


def test_fancy_letters_are_found_in_alt_texts_too() -> None:
    (finding,) = alt_findings("A sign: 𝗛𝗼𝗽𝗲", "en")
    assert finding.code == "styled-letters"
