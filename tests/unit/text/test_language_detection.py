"""Which language a text is written in: among those of its campaign, with the extra `lang` and without."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from itertools import permutations

import pytest

from campaigner.text.language_detection import other_language

POSTS = {
    "en": [
        "Migrants keep essential services going, and many of them have had a hard year.",
        "Today is International Migrants Day. Join us on 18 December at 5 pm in Helsinki!",
        "We asked five people what they wish for the new year. This is what they told us: {link}",
    ],
    "fi": [
        "Siirtolaiset pitävät tärkeät palvelut käynnissä, ja monelle vuosi oli raskas.",
        "Tänään on kansainvälinen siirtolaisten päivä. Tule mukaan 18. joulukuuta Helsinkiin!",
        "Kysyimme viideltä ihmiseltä, mitä he toivovat uudelta vuodelta. Lue vastaukset: {link}",
    ],
    "sv": [
        "Migranter håller viktiga tjänster i gång, och för många har året varit tungt.",
        "I dag är det internationella migrantdagen. Kom med den 18 december i Helsingfors!",
        "Vi frågade fem personer vad de önskar sig av det nya året. Så här svarade de: {link}",
    ],
    "fr": [
        "Les migrants font vivre des services essentiels, et l’année a été dure pour beaucoup.",
        "C’est aujourd’hui la Journée internationale des migrants. Rejoignez-nous à Helsinki le 18 décembre !",
        "Nous avons demandé à cinq personnes ce qu’elles souhaitent pour la nouvelle année : {link}",
    ],
    "es": [
        "Los migrantes mantienen los servicios esenciales, y para muchos el año ha sido duro.",
        "Hoy es el Día Internacional del Migrante. ¡Acompáñanos en Helsinki el 18 de diciembre!",
        "Preguntamos a cinco personas qué desean para el nuevo año. Esto nos contaron: {link}",
    ],
    "ru": [
        "Мигранты поддерживают важнейшие службы, и для многих этот год был тяжёлым.",
        "Сегодня Международный день мигранта. Приходите 18 декабря в Хельсинки!",
        "Мы спросили пятерых людей, чего они ждут от нового года. Вот что они ответили: {link}",
    ],
    "ar": [
        "يحافظ المهاجرون على الخدمات الأساسية، وكان العام صعبا على كثير منهم.",
        "اليوم هو اليوم الدولي للمهاجرين. انضموا إلينا في هلسنكي في 18 ديسمبر!",
        "سألنا خمسة أشخاص عما يتمنونه في العام الجديد، وهذا ما قالوه لنا: {link}",
    ],
}
SWAPS = [(own, other) for own, other in permutations(POSTS, 2)]


@pytest.fixture
def without_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)


@pytest.fixture
def with_model() -> None:
    if find_spec("py3langid") is None:
        pytest.skip("needs py3langid")


@pytest.fixture(params=["without_model", "with_model"])
def either(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("language", POSTS)
def test_a_text_in_its_own_language_is_no_fault(language: str) -> None:
    assert [other_language(text, language, list(POSTS)) for text in POSTS[language]] == [None] * 3


@pytest.mark.usefixtures("with_model")
@pytest.mark.parametrize(("key", "other"), SWAPS)
def test_a_text_under_the_key_of_another_language_is_found(key: str, other: str) -> None:
    assert [other_language(text, key, [key, other]) for text in POSTS[other]] == [other] * 3
    assert [other_language(text, key, list(POSTS)) for text in POSTS[other]] == [other] * 3


@pytest.mark.usefixtures("without_model")
def test_without_the_extra_small_words_find_more_than_half_of_them_and_nothing_else() -> None:
    found = [other_language(text, key, [key, other]) for key, other in SWAPS for text in POSTS[other]]
    wanted = [other for _, other in SWAPS for _ in POSTS[other]]
    assert set(found) <= {None, *POSTS}
    assert all(one in (None, other) for one, other in zip(found, wanted, strict=True))
    assert sum(one is not None for one in found) > len(found) / 2


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Kiitos!",
        "IOM, UNHCR, UNICEF, WHO",
        "#MigrantsDay #SiirtolaistenPäivä @iomfinland https://finland.iom.int/the-year-of-our-lives {date}",
        "Mannerheimintie 12, Helsinki",
        "🎉 18.12.2026 🎉",
        "한국어로 쓴 글입니다. 오늘은 세계 이주민의 날입니다.",
    ],
)
def test_names_tags_links_and_what_nobody_knows_are_left_alone(text: str) -> None:
    assert other_language(text, "fi", ["en", "fi"]) is None
    assert other_language(text, "en", ["en", "fi"]) is None


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    ("language", "languages"),
    [("en", ["en"]), ("en-GB", ["en", "en-GB"]), ("nb", ["nb", "da"]), ("sr", ["hr", "sr"]), ("smn", ["smn", "en"])],
)
def test_close_languages_serve_for_each_other_and_rare_ones_are_nobodys_business(
    language: str, languages: list[str]
) -> None:
    assert other_language("Det her er en tekst, som vi alle kan forstå i dag.", language, languages) is None


@pytest.mark.usefixtures("either")
def test_regions_and_scripts_do_not_matter() -> None:
    english, finnish = POSTS["en"][0], "He kertoivat meille, mitä he toivovat, ja tämä on heidän vastauksensa."
    assert other_language(english, "fi-FI", ["en-GB", "fi-FI"]) == "en-GB"
    assert other_language(finnish, "en-GB", ["en-GB", "fi-FI"]) == "fi-FI"


@pytest.mark.usefixtures("with_model")
def test_a_language_without_small_words_of_ours_is_known_to_the_model() -> None:
    swahili = "Wahamiaji wanaendeleza huduma muhimu, na kwa wengi mwaka huu ulikuwa mgumu."
    assert other_language(swahili, "sw", ["en", "sw"]) is None
    assert other_language(swahili, "en", ["en", "sw"]) == "sw"
    assert other_language(POSTS["en"][0], "sw", ["en", "sw"]) == "en"
