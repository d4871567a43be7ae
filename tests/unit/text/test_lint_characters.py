"""Emoji, capitals, fancy letters: what a screen reader stumbles over."""

from __future__ import annotations

import pytest

from campaigner.errors import Severity
from campaigner.text.lint import lint
from campaigner.text.lint_characters import character_findings


def _found(text: str, language: str = "en") -> list[tuple[str, int | None]]:
    return [(finding.code, finding.start) for finding in character_findings(text, language)]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("JOIN US TODAY", 0),
        ("Come and JOIN US TODAY, friends", 9),
        ("WE ARE HERE. Are you?", 0),
        ("STOP! LISTEN! ACT!", 0),
        ("TULE MUKAAN TÄNÄÄN", 0),
        ("Сегодня ПРИХОДИТЕ К НАМ СЕЙЧАС ВСЕ", 8),
        ("DON'T LOOK AWAY", 0),
        ("“NEVER AGAIN ANYWHERE”", 0),
    ],
)
def test_three_words_in_capitals_are_a_shout(text: str, start: int) -> None:
    assert _found(text) == [("all-caps", start)]


@pytest.mark.parametrize(
    "text",
    [
        "JOIN US today",
        "IOM, UNHCR, UNICEF and WHO",
        "UN WHO UNHCR",
        "YK:n IOM UN MIGRATION",
        "#IOM #UN #MIGRATION #TODAY",
        "A B C D E",
        "BBC CNN NHK XYZ",
        "DAY, WEEK, MONTH, YEAR",
        "移民 日本 平和 国連",
        "Good Morning Dear Friends",
        "18 19 20 21",
    ],
)
def test_acronyms_lists_and_scripts_without_capitals_are_no_shout(text: str) -> None:
    assert _found(text) == []


def test_a_long_shout_is_shown_by_its_beginning() -> None:
    (finding,) = character_findings("COME AND JOIN US ALL TODAY", "en")
    assert finding.message == '"COME AND JOIN US …" stands in capitals'
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "start", "severity"),
    [
        ("Be 𝗯𝗼𝗹𝗱 𝗻𝗼𝘄", 3, Severity.ERROR),
        ("𝒽ℯ𝓁𝓁ℴ", 0, Severity.ERROR),
        ("Say ⓗⓔⓛⓛⓞ", 4, Severity.WARNING),
        ("🅷🅴🅻🅻🅾", 0, Severity.WARNING),
        ("ʜᴇʟʟᴏ all", 0, Severity.WARNING),
        ("Ｈｅｌｌｏ", 0, Severity.WARNING),
    ],
)
def test_fancy_letters_are_found(text: str, start: int, severity: Severity) -> None:
    found = [finding for finding in lint(text, (), "en") if finding.code == "styled-letters"]
    assert [(finding.start, finding.severity) for finding in found] == [(start, severity)]


@pytest.mark.parametrize(
    ("text", "language"),
    [("ℝ and ℎ", "en"), ("Ⓜ 10 m² 5ᵗʰ ⓘ", "en"), ("ＵＮＨＣＲの日", "ja"), ("ə ʃ ʒ", "en"), ("Straße – “ok” …", "de")],
)
def test_signs_of_a_trade_are_not(text: str, language: str) -> None:
    assert _found(text, language) == []


def test_emoji_are_counted_and_rows_found() -> None:
    assert _found("a 🎉 b 🎉 c 🎉") == []
    assert _found("a 🎉 b 🎉 c 🎉 d 🎉") == [("emoji-many", 14)]
    assert _found("Yes 🎉 🎉 🎉") == [("emoji-row", 4)]
    assert _found("5 € ™ ©") == []


def test_hidden_words_of_tag_characters_are_found_and_flags_are_not() -> None:
    flag = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "attack at dawn")
    assert "invisible" not in {finding.code for finding in character_findings(f"Hello {flag} today", "en")}
    for text in (f"Hello{hidden}", f"Hello \U0001f3f4{hidden}", f"Hello {flag}{hidden}"):
        assert [finding.code for finding in character_findings(text, "en")] == ["invisible"], text
