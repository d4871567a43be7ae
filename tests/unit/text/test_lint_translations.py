"""A text beside the same text in other languages."""

from __future__ import annotations

import pytest

from campaigner.text.lint_translations import sibling_findings

EN = "Migrants keep essential services going, and many have had a hard year."
FI = "Siirtolaiset pitävät tärkeät palvelut käynnissä, ja monelle vuosi oli raskas."


def _codes(**texts: str) -> list[tuple[str, str]]:
    named = {language.replace("_", "-"): text for language, text in texts.items()}
    return [(language, finding.code) for language, finding in sibling_findings(named)]


def test_a_translation_is_no_fault() -> None:
    assert _codes(en=EN, fi=FI) == []
    assert _codes(en=EN) == []


def test_a_text_that_was_not_translated_is_found() -> None:
    assert _codes(en=EN, fi=EN.upper() + " #Päivä {link}", sv=FI) == [("fi", "untranslated")]
    ((_, finding),) = sibling_findings({"en": EN, "fi": EN})
    assert finding.message == "the text in fi is the same as the one in en"


@pytest.mark.parametrize(
    "texts",
    [
        {"en": "Thank you all!", "fi": "Thank you all!"},
        {"en": "#MigrantsDay #WithRefugees #Together {link}" * 3, "fi": "#MigrantsDay #WithRefugees #Together {link}" * 3},
        {"en": "Helsinki, Turku, Tampere, Oulu, Vaasa, Kuopio", "fi": "Helsinki, Turku, Tampere, Oulu, Vaasa, Kuopio"},
        {"en": EN, "en_GB": EN},
        {"nb": EN, "nn": EN},
        {"hr": EN, "sr": EN},
    ],
)  # fmt: skip
def test_names_tags_short_texts_and_close_languages_may_be_the_same(texts: dict[str, str]) -> None:
    assert _codes(**texts) == []


def test_a_text_without_capitals_can_be_untranslated_too() -> None:
    text = "المهاجرون يحافظون على الخدمات الأساسية وقد كان العام صعبا"
    assert _codes(ar=text, fa=text) == [("fa", "untranslated")]
    chinese = "移民维持着基本服务的运转，对许多人来说这是艰难的一年，我们今天要感谢他们，也要倾听他们的故事，一起前行"
    assert _codes(zh=chinese, ja=chinese) == [("ja", "untranslated")]


def test_a_text_many_times_as_long_is_found_on_either_side() -> None:
    long = "One more sentence of the speech. " * 5
    assert _codes(en=long, fi="Lyhyt.") == [("fi", "length-differs")]
    ((language, finding),) = sibling_findings({"en": "Short.", "fi": long})
    assert (language, finding.message) == ("fi", "the text in fi is 4 times as long as the one in en")
    assert finding.help == "Check whether a part is missing in en, or stands twice in fi."


def test_short_texts_links_and_hashtags_have_no_length_to_compare() -> None:
    assert _codes(en="Good morning, all of you who walk with us today, and all who cannot!", fi="Huomenta!") == []
    assert _codes(en="Hi", fi="Hei https://iom.int/" + "a" * 200 + " #" + "b" * 200 + " {theme}") == []


def test_one_sign_of_some_scripts_says_as_much_as_several_letters() -> None:
    english = "Migrants keep essential services going, and for many of them this has been a very hard year indeed, so thank them."
    assert _codes(en=english, zh="移民维持着基本服务的运转，对许多人来说这是艰难的一年，请感谢他们。") == []
    assert (
        _codes(en=english, ko="이주민은 필수 서비스를 유지합니다. 많은 이들에게 힘든 한 해였으니 감사를 전합시다.")
        == []
    )
    assert _codes(en=english * 4, zh="移民维持着基本服务的运转。") == [("zh", "length-differs")]


LINKED = "Read all about the day and what it means to us: "


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://www.iom.int/en/news", "https://www.iom.int/fi/uutiset"),
        ("https://en.wikipedia.org/wiki/Migration", "https://fi.wikipedia.org/wiki/Siirtolaisuus_(ilmiö)"),
        ("https://www.iom.int/", "http://finland.iom.int/"),
        ("https://www.gov.uk/x", "https://www.gov.uk/y"),
        ("https://iom.int/a https://un.org/b", "https://iom.int/a"),
        ("https://iom.int/a", "no link"),
        ("{link}", "https://iom.int/a"),
        ("https://[iom.int/a", "https://iom.int/a"),
    ],
)
def test_one_site_may_have_a_page_for_each_language(first: str, second: str) -> None:
    assert _codes(en=LINKED + first, fi=LINKED + second + " 😀") == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://iom.int/a", "https://unhcr.org/a"),
        ("https://example.gov.uk/a", "https://other.gov.uk/a"),
        ("https://iom.int/a https://un.org/b", "https://iom.int/a https://example.org/b"),
    ],
)
def test_links_to_different_sites_are_found(first: str, second: str) -> None:
    assert _codes(en=LINKED + first, fi=LINKED + second + " 😀") == [("fi", "links-differ")]


def test_the_links_are_named() -> None:
    ((_, finding),) = sibling_findings({"en": "See https://iom.int/a.", "fi": "Katso (https://unhcr.org/b)"})
    assert finding.message == "the links differ: https://iom.int/a in en, https://unhcr.org/b in fi"


def test_numbers_are_compared_with_the_first_language() -> None:
    texts = {"en": "In 1951, with 175 states", "fi": "Vuonna 1951, 157 valtiota", "sv": "År 1951, 175 stater"}
    ((language, finding),) = sibling_findings(texts)
    assert (language, finding.code) == ("fi", "numbers-differ")
    assert finding.message == "the numbers differ: 175 in en, 157 in fi"
    texts["sv"] = "År 1952, med 175 stater"
    assert [language for language, _ in sibling_findings(texts)] == ["fi", "sv"]
