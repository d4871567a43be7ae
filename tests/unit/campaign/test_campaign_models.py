"""What officers write becomes one normal form, or a fault in plain words."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.campaign.campaign import (
    ANY,
    EVERY_YEAR,
    At,
    Campaign,
    Content,
    Edition,
    ImageSpec,
    Message,
    VideoSpec,
    in_language,
)
from campaigner.campaign.fields import (
    Duration,
    Flag,
    Hashtags,
    Languages,
    LinkByLanguage,
    Names,
    read_at,
    read_language,
    read_zone,
)
from campaigner.campaign.kinds import FieldError
from campaigner.campaign.model import Record
from tests.unit.written import RefusedError, code_of, value_of


def message(**keys: Any) -> Message:
    written = {"at": "08:00", "text": {"en": "Hello"}, **keys}
    return value_of(Message, written).model_copy(update={"id": "morning"})


@pytest.mark.parametrize(
    ("written", "days", "clock", "zone"),
    [
        ("08:00", 0, time(8), None),
        ("8:05", 0, time(8, 5), None),
        ("-1d 18:00", -1, time(18), None),
        ("+2d 09:00", 2, time(9), None),
        ("\u22121d 18:00", -1, time(18), None),
        ("day 1 09:00", 0, time(9), None),
        ("day 7 09:00", 6, time(9), None),
        ("11:00 Europe/Zurich", 0, time(11), "Europe/Zurich"),
        ("-14d 23:59 UTC", -14, time(23, 59), "UTC"),
        ("day 16 00:00 America/Port-au-Prince", 15, time(0), "America/Port-au-Prince"),
    ],
)
def test_at_in_every_form(written: str, days: int, clock: time, zone: str | None) -> None:
    assert message(at=written).at == At(days=days, time=clock, zone=zone)


@pytest.mark.parametrize(
    "written",
    ["", "8", "8am", "24:00", "12:60", "1d 08:00", "day 0 08:00", "day 08:00", "-1 08:00", "08:00 Mars/Base", "08.00"],
)
def test_at_in_no_form_is_refused(written: str) -> None:
    with pytest.raises(RefusedError) as caught:
        message(at=written)
    (problem,) = caught.value.problems
    assert problem.help


@given(days=st.integers(-999, 999), clock=st.times().map(lambda moment: moment.replace(second=0, microsecond=0)))
def test_at_reads_back_what_was_written(days: int, clock: time) -> None:
    written = f"{days:+d}d {clock:%H:%M}"
    assert read_at(written) == (days, clock, None)


@pytest.mark.parametrize("name", ["Europe", "../etc/passwd", "/etc/localtime", "europe", "", "Mars/Base", "a\x00b"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_zone(name)
    assert caught.value.code == "timezone"


@pytest.mark.parametrize(
    ("written", "minutes"),
    [("90m", 90), ("2h", 120), ("1h30m", 90), ("1h 30m", 90), ("1d", 1440), ("0s", 0), ("90S", 1.5), ("2H", 120)],
)
def test_lengths_of_time(written: str, minutes: float) -> None:
    assert value_of(Duration, written) == timedelta(minutes=minutes)


@pytest.mark.parametrize("written", ["", "2", "2 hours", "h", "-2h", "1.5h", "30m1h", "9999999999h", "2h!"])
def test_no_lengths_of_time(written: str) -> None:
    assert code_of(Duration, written) == "duration"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("ZH-HANT-hk", "zh-Hant-HK"),
        ("es-419", "es-419"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("de-CH-1901", "de-CH-1901"),
        ("en-u-ca-BUDDHIST", "en-u-ca-buddhist"),
        ("sr-latn-x-AB", "sr-Latn-x-ab"),
        ("no", "no"),
        ("zh-cmn-hans-cn", "zh-cmn-Hans-CN"),
    ],
)
def test_languages_become_canonical(written: str, canonical: str) -> None:
    assert value_of(Languages, [written]) == (canonical,)
    assert read_language(canonical) == canonical


@pytest.mark.parametrize("written", ["", "english", "e", "en_GB", "en-", "-en", "en--GB", "ен", "en GB", "x-private"])
def test_no_languages(written: str) -> None:
    assert code_of(Languages, [written]) == "language"


def test_a_language_with_underscore_is_told_its_right_form() -> None:
    with pytest.raises(RefusedError) as caught:
        value_of(Languages, "pt_br.UTF-8")
    assert caught.value.problems[0].help == "Did you mean pt-BR (Portuguese)?"


def test_a_single_language_needs_no_list() -> None:
    assert value_of(Languages, "fi") == ("fi",)


@pytest.mark.parametrize(("written", "code"), [([], "empty-value"), (["en", "EN"], "duplicate-value")])
def test_lists_of_languages_refused(written: list[str], code: str) -> None:
    assert code_of(Languages, written) == code


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        (["#A", "B"], {"all": ("A", "B")}),
        ("MigrantsDay", {"all": ("MigrantsDay",)}),
        ([], {"all": ()}),
        ({"fi": "Päivä", "all": ["\uff03A"]}, {"fi": ("Päivä",), "all": ("A",)}),
        (["शरणार्थी", "اليوم_العالمي", "วันผู้ลี้ภัย", "移民の日", "Català·l"], None),
    ],
)
def test_hashtags_in_every_form(written: Any, tags: Any) -> None:
    assert value_of(Hashtags, written) == (tags or {"all": tuple(written)})


@pytest.mark.parametrize("written", ["Migrants Day", "COVID-19", "#", "A#B", "A.", "👋"])
def test_no_hashtags(written: str) -> None:
    assert code_of(Hashtags, [written]) == "hashtag"


def test_a_hashtag_is_told_its_right_form() -> None:
    with pytest.raises(RefusedError) as caught:
        value_of(Hashtags, ["migrants day"])
    assert caught.value.problems[0].help == "Write MigrantsDay."


@pytest.mark.parametrize(("written", "flag"), [("true", True), ("Yes", True), ("off", False)])
def test_flags(written: Any, flag: bool) -> None:
    assert value_of(Flag, written) is flag


def test_a_flag_that_is_none() -> None:
    assert code_of(Flag, "perhaps") == "choice"


@pytest.mark.parametrize("written", ["www.example.org", "https://", "ftp://example.org", "https://a b", "javascript:x"])
def test_no_links(written: str) -> None:
    assert code_of(LinkByLanguage, written) == "link"


def test_links_by_language_with_words_in_braces() -> None:
    link = "https://example.org/?utm_source={platform}"
    assert value_of(LinkByLanguage, link) == {ANY: link}
    assert value_of(LinkByLanguage, {"FI": link}) == {"fi": link}


def test_names_of_accounts() -> None:
    assert value_of(Names, "all") == ("all",)
    assert value_of(Names, "x, bluesky") == ("x", "bluesky")
    assert code_of(Names, ["all", "x"]) == "accounts"
    assert code_of(Names, ["X!"]) == "name"
    assert code_of(Names, []) == "empty-value"
    assert code_of(Names, ["x", "x"]) == "duplicate-value"


def test_texts_refused() -> None:
    assert code_of(Message, {"at": "08:00", "text": {"en": " \n"}}) == "empty-text"
    assert code_of(Message, {"at": "08:00", "text": {"en": ["Live"]}}) == "quote-needed"
    assert code_of(Message, {"at": "08:00", "text": {"en": {"Remember": "today"}}}) == "quote-needed"
    assert code_of(Message, {"at": "08:00", "text": {}}) == "empty-value"
    assert code_of(Message, {"at": "08:00", "text": {"pt-BR": "a", "pt-br": "b"}}) == "duplicate-key"


def test_variants_keep_their_order_and_their_names() -> None:
    read = message(variants={"x, bluesky": {"text": {"en": "Hi"}}, "mastodon": {"draft": "true"}})
    assert read.variants == (
        (("x", "bluesky"), Content(text={"en": "Hi"})),
        (("mastodon",), Content(draft=True)),
    )


@pytest.mark.parametrize("key", ["at", "accounts", "languages", "variants"])
def test_a_variant_may_not_change_these(key: str) -> None:
    with pytest.raises(RefusedError) as caught:
        message(variants={"x": {key: "all"}})
    assert f'"{key}" is not a key' in caught.value.problems[0].message


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("images\\a.png", "backslash"),
        ("images\new.png", "backslash"),
        ("https://example.org/a.png", "path"),
        ("C:/a.png", "path"),
        ("/a.png", "path"),
        ("~/a.png", "path"),
        ("", "empty-text"),
    ],
)
def test_files_that_are_no_paths(file: str, code: str) -> None:
    assert code_of(ImageSpec, {"file": file, "alt": ""}) == code


def test_an_image_in_full() -> None:
    image = value_of(
        ImageSpec, {"file": "a-{language}.png", "alt": {"EN": "A"}, "not_before": "2026-12-01", "credit": "IOM"}
    )
    assert image == ImageSpec(
        file="a-{language}.png", alt={"en": "A"}, not_before=date(2026, 12, 1), credit={ANY: "IOM"}
    )


@pytest.mark.parametrize(
    ("captions", "read"),
    [("burned-in", "burned-in"), ({"EN": "a.srt"}, {"en": "a.srt"}), ({"en": "a.VTT"}, {"en": "a.VTT"})],
)
def test_captions(captions: Any, read: Any) -> None:
    assert value_of(VideoSpec, {"file": "a.mp4", "alt": "A", "captions": captions}).captions == read


@pytest.mark.parametrize("captions", ["none", {"en": "a.txt"}])
def test_captions_refused(captions: Any) -> None:
    assert code_of(VideoSpec, {"file": "a.mp4", "alt": "A", "captions": captions}) == "captions"


def campaign(**keys: Any) -> Campaign:
    messages = {"morning": {"at": "08:00", "text": {"en": "Hello"}}}
    fields = {"campaign": "Day", "observance": "12-18", "editions": ["2026"], "languages": ["en"], "messages": messages}
    return value_of(Campaign, {**fields, "accounts": "all", **keys})


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        (["2026", "2027-2"], ["2026", "2027-2"]),
        ("2026", ["2026"]),
        ("every year", [EVERY_YEAR]),
        (["2026", "every year"], ["2026", EVERY_YEAR]),
        ({"2026": None, "every year": {}}, ["2026", EVERY_YEAR]),
    ],
)
def test_editions_in_every_form(written: Any, labels: list[str]) -> None:
    assert list(campaign(editions=written).editions) == labels


@pytest.mark.parametrize("written", ["26", [], {}, ["2026", "2026"], ["2026-1"], [["2026"]], "1e99", {"next": None}])
def test_editions_in_no_form(written: Any) -> None:
    with pytest.raises(RefusedError):
        campaign(editions=written)


@pytest.mark.parametrize("word", ["year", "name", "1st", "a b", ""])
def test_words_that_cannot_stand_in_braces(word: str) -> None:
    assert code_of(Record(Edition, rest="words"), {word: "x"}) == ("yaml-syntax" if not word else "word")


@pytest.mark.parametrize(("written", "read"), [("required", "required"), ("off", None)])
def test_parity(written: str, read: str | None) -> None:
    assert campaign(parity=written).parity == read


def test_handles_need_a_name_and_no_at_sign() -> None:
    assert campaign(handles={"iom": {"name": "IOM", "x": "@UNmigration"}}).handles["iom"]["x"] == "@UNmigration"
    for wrong in ({"iom": {"x": "@UNmigration"}}, {"@iom": {"name": "IOM"}}):
        with pytest.raises(RefusedError):
            campaign(handles=wrong)


def test_what_is_allowed_needs_a_reason() -> None:
    assert campaign(allow={"camel-case": "our brand"}).allow == {"camel-case": "our brand"}
    with pytest.raises(RefusedError):
        campaign(allow=["camel-case"])


def test_models_are_frozen() -> None:
    with pytest.raises(AttributeError):
        campaign().draft = True  # type: ignore[misc]


def test_a_value_in_a_language_else_the_one_for_all() -> None:
    assert in_language({ANY: "a", "fi": "b"}, "fi") == "b"
    assert in_language({ANY: "a"}, "fi") == "a"
    assert in_language({"en": "a"}, "fi") is None
    assert in_language(None, "fi") is None
