"""What people type by habit: `check` says at its place what to write instead, once a slip."""

from __future__ import annotations

import pytest

from .workplace import Workplace

CAMPAIGN = """campaign: Day
observance: {observance}
editions: [2027]
languages: {languages}
accounts: all
messages:
  {id}:
    at: {at}
    text:
      {key}: |
        Hei vain.
      sv: |
        Hej då.
"""
AS_WRITTEN = {"observance": "10 October", "languages": "[fi, sv]", "id": "morning", "at": "09:00", "key": "fi"}
CONFIG = """timezone: {timezone}
accounts:
  {account}:
    platform: {platform}
    like: mastodon
    languages: {languages}
"""


def told(place: Workplace, **slips: str) -> list[str]:
    """The errors of a campaign with these slips in it, each with the line of help below."""
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    place.write("campaigns/day.yaml", CAMPAIGN.format(**{**AS_WRITTEN, **slips}))
    return place.run("check").stdout.splitlines()


def told_of_config(place: Workplace, **slips: str) -> list[str]:
    right = {"timezone": "UTC", "account": "desk", "platform": "console", "languages": "[fi, sv]"}
    place.write("config.yaml", CONFIG.format(**{**right, **slips}))
    place.write("campaigns/day.yaml", CAMPAIGN.format(**AS_WRITTEN))
    return place.run("check").stdout.splitlines()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("9.30", "09:30"),
        ("klo 9.30", "09:30"),
        ("kl. 14", "14:00"),
        ("0930", "09:30"),
        ("9", "09:00"),
        ("12:30:00", "12:30"),
        ("9h30", "09:30"),
        ("9:30 am", "09:30"),
        ("6 p.m.", "18:00"),
        ("noon", "12:00"),
        ("16h", "16:00"),
        ("09 00", "09:00"),
        ("16.45 Helsinki", "16:45 Europe/Helsinki"),
        ("18:00 -1d", "-1d 18:00"),
        ("-1 day 18:00", "-1d 18:00"),
        ("2 päivää ennen klo 18", "-2d 18:00"),
        ("dagen før 18.00", "-1d 18:00"),
        ("1 day after 9:00", "+1d 09:00"),
        ("dag 7 kl 9", "day 7 09:00"),
        ("10:00 Z", "UTC"),
        ("10:00Z", "10:00 UTC"),
        ("9.30 europe/helsinki", "09:30 Europe/Helsinki"),
        ("10:00 Geneva", "Europe/Zurich"),
    ],
)
def test_a_time_as_people_write_it(place: Workplace, written: str, meant: str) -> None:
    first, help_ = told(place, at=written)
    assert first.startswith("campaigns/day.yaml:8:9: error: ")
    assert help_ == f'    message "morning". Did you mean {meant}?'


@pytest.mark.parametrize("written", ["10:00 UTC+2", "10:00 +02:00", "10:00+02:00", "-1d 10:00 GMT-5"])
def test_an_offset_is_no_zone(place: Workplace, written: str) -> None:
    first, help_ = told(place, at=written)
    assert "is an offset, not a time zone" in first
    assert "name a place, as in Europe/Helsinki" in help_


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10.10.", "Write 10 October."),
        ("10. lokakuuta", "Write 10 October."),
        ("lokakuun 10.", "Write 10 October."),
        ("10 oktober", "Write 10 October."),
        ("17. mai", "Write 17 May."),
        ("tirsdag 8. marts", "Write 8 March."),
        ("Oct 10th", "Write 10 October."),
        ("10.10.2027", "Write 10 October for every year, or 2027-10-10 for that one year."),
        ("10.10.27", "Write 10 October for every year, or 2027-10-10 for that one year."),
        ("10 oktober 2027", "Write 10 October for every year, or 2027-10-10 for that one year."),
        ("3/4/2027", "Write 3 April or 4 March for every year, or 2027-04-03 or 2027-03-04 for that one year."),
    ],
)
def test_a_day_as_people_write_it(place: Workplace, written: str, meant: str) -> None:
    first, help_ = told(place, observance=written)
    assert first.startswith(f"campaigns/day.yaml:2:13: error: {written} ")
    assert help_ == f"    {meant}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Suomeksi klo 14", "suomeksi-klo-14"), ("Hyvää_huomenta", "hyvaa-huomenta"), ("Ærlig Øl", "aerlig-ol")],
)
def test_a_name_of_a_message_as_people_write_it(place: Workplace, written: str, meant: str) -> None:
    first, help_ = told(place, id=written)
    assert first.startswith("campaigns/day.yaml:7:3: error: ")
    assert f"Write {meant}: " in help_


@pytest.mark.parametrize(
    ("slip", "place_", "cure"),
    [
        ({"account": "Järjestö X"}, "3:3", "Write jarjesto-x: "),
        ({"platform": "twitter"}, "4:15", "Did you mean x?"),
        ({"platform": "X (Twitter)"}, "4:15", "Did you mean x?"),
        ({"platform": "bsky"}, "4:15", "Did you mean bluesky?"),
        ({"platform": "FaceBook"}, "4:15", "Did you mean facebook? This version cannot post there yet."),
        ({"timezone": "UTC+2"}, "1:11", "name a place, as in Europe/Helsinki"),
        ({"timezone": "GMT+2"}, "1:11", "name a place, as in Europe/Helsinki"),
        ({"timezone": "Finland"}, "1:11", "Did you mean Europe/Helsinki?"),
        ({"timezone": "Europe/Geneva"}, "1:11", "Did you mean Europe/Zurich?"),
        ({"timezone": "EEST"}, "1:11", "Did you mean Europe/Helsinki?"),
        ({"timezone": "Z"}, "1:11", "Did you mean UTC?"),
    ],
)
def test_slips_in_the_config(place: Workplace, slip: dict[str, str], place_: str, cure: str) -> None:
    first, help_ = told_of_config(place, **slip)
    assert first.startswith(f"config.yaml:{place_}: error: ")
    assert cure in help_


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[fin, sv]", "fi (Finnish)"),
        ("[fi, swe]", "sv (Swedish)"),
        ("[fi, sv, ger]", "de (German)"),
        ("[dk, fi, sv]", "da (Danish)"),
        ("[fi, sv, cz]", "cs (Czech)"),
        ("[fi, sv, jp]", "ja (Japanese)"),
        ("[fi, sv, gb]", "en (English)"),
        ("[fi, sv, ua]", "uk (Ukrainian)"),
        ("[fi, sv, dk-DK]", "da-DK (Danish)"),
        ("[fi, sv, iw]", "he (Hebrew)"),
        ("[suomi, sv]", "fi (Finnish)"),
        ("[fi, Svenska]", "sv (Swedish)"),
        ("[fi, sv, pohjoissaame]", "se (Northern Sami)"),
        ("[fi, sv, ukrainska]", "uk (Ukrainian)"),
        ("[fi, sv, Englsh]", "en (English)"),
        ("fi, sv, en", "[fi, sv, en], a list in brackets"),
        ("suomi ja ruotsi", "[fi, sv], a list in brackets"),
        ("[fi; sv]", "[fi, sv], a list in brackets"),
    ],
)
def test_a_language_as_people_write_it(place: Workplace, written: str, meant: str) -> None:
    first, help_ = told(place, languages=written)
    assert first.startswith("campaigns/day.yaml:4:")
    assert first.endswith("is no language tag [language]")
    assert help_ == f"    Did you mean {meant}?"


def test_a_language_of_another_name_under_a_text_is_one_slip(place: Workplace) -> None:
    first, help_ = told(place, languages="[et, sv]", key="ee")
    assert (first.partition(": error: ")[0], help_) == (
        "campaigns/day.yaml:10:7",
        '    message "morning". Write et: for Estonian, as under languages.',
    )
    assert '"ee" is Ewe, which the campaign does not have' in first


def test_a_language_of_another_name_in_the_list_is_one_slip_however_many_texts_there_are(place: Workplace) -> None:
    second = CAMPAIGN.partition("messages:\n")[2].replace("{id}", "evening").format(**AS_WRITTEN)
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    place.write("campaigns/day.yaml", CAMPAIGN.format(**{**AS_WRITTEN, "languages": "[fi, se]"}) + second)
    first, help_ = place.run("check").stdout.splitlines()
    assert first.startswith('campaigns/day.yaml:4:1: error: "se" is Northern Sami, and texts stand under "sv"')
    assert help_ == "    Write sv for Swedish, here or there."


@pytest.mark.parametrize("languages", ["[fi, sv, se]", "[no, nn, smn]", "[sma, fil, yue]", "[zh-Hant, pt-BR, sr-Latn]"])
def test_a_language_that_is_one_is_taken(place: Workplace, languages: str) -> None:
    assert not [line for line in told_of_config(place, languages=languages) if "error" in line]


NO_BREAK = "\u00a0"


@pytest.mark.parametrize(
    ("right", "typed", "where", "code"),
    [
        ("at: 09:00", f"at:{NO_BREAK}09:00", "8:8", "invisible-character"),
        ("at: 09:00", "at:\u200b 09:00", "8:8", "invisible-character"),
        ("at: 09:00", "at: 09:00\u200b", "8:9", "invisible-character"),
        ("    at: 09:00", f"  {NO_BREAK * 2}at: 09:00", "8:3", "invisible-character"),
        ("    at: 09:00", f"{NO_BREAK * 4}at: 09:00", "8:1", "invisible-character"),
        ("at: 09:00", f"at{NO_BREAK}: 09:00", "8:5", "invisible-character"),
        ("observance: 10 October", "observance:\u202f10 October", "2:12", "invisible-character"),
        ("messages:", f"messages:{NO_BREAK}", "6:10", "invisible-character"),
        ("      fi: |", f"      fi:{NO_BREAK}|", "10:10", "invisible-character"),
        ("        Hei vain.", f"{NO_BREAK * 8}Hei vain.", "11:1", "invisible-character"),
        ("languages: [fi, sv]", f"languages:\n  -{NO_BREAK}fi\n  - sv", "5:4", "invisible-character"),
        ("at: 09:00", "at:-1d 09:00", "8:8", "missing-space"),
        ("at: 09:00", "at:09:00", "8:8", "missing-space"),
        ("at: 09:00", "at\uff1a09:00", "8:7", "missing-space"),
        ("campaign: Day", "campaign:Day", "1:10", "missing-space"),
        ("observance: 10 October", "observance:10 October", "2:12", "missing-space"),
        ("editions: [2027]", "editions:[2027]", "3:10", "missing-space"),
        ("accounts: all", "accounts:all", "5:10", "missing-space"),
        ("      fi: |", "      fi:|", "10:10", "missing-space"),
        ("languages: [fi, sv]", "languages:\n  -fi\n  -sv", "5:4", "missing-space"),
        ("languages: [fi, sv]", "languages:\n-fi\n-sv", "5:2", "missing-space"),
    ],
)
def test_a_space_that_is_none_and_one_that_is_missing(
    place: Workplace, right: str, typed: str, where: str, code: str
) -> None:
    campaign = CAMPAIGN.format(**AS_WRITTEN)
    assert right in campaign
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    place.write("campaigns/day.yaml", campaign.replace(right, typed, 1))
    first, _ = place.run("check").stdout.splitlines()
    assert first.startswith(f"campaigns/day.yaml:{where}: error: ")
    assert first.endswith(f" [{code}]")


def test_a_colon_in_the_words_of_a_text_is_not_blamed_for_the_line_below(place: Workplace) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    campaign = CAMPAIGN.format(**AS_WRITTEN).replace("Hei vain.", "Huom:tule.")
    place.write("campaigns/day.yaml", campaign.replace("sv: |\n        Hej då.", "sv: Obs: kom"))
    first, _ = place.run("check").stdout.splitlines()
    assert first.startswith("campaigns/day.yaml:12:14: error: a colon and a space inside a text")


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\u200f", "\u2060"])
def test_a_character_that_nobody_sees_in_a_hashtag_is_named(place: Workplace, unseen: str) -> None:
    first, help_ = told(place, languages=f"[fi, sv]\nhashtags: [Mig{unseen}rants]")
    assert first.startswith("campaigns/day.yaml:5:12: error: ")
    assert f"(U+{ord(unseen):04X})" in first
    assert "Write Migrants " in help_


@pytest.mark.parametrize(
    ("hashtags", "where"),
    [("\n  all: ['2026']", "6:9"), ("[Day, 2026]", "5:17"), ("\n  fi: ['1', Day]", "6:8")],
)
def test_a_hashtag_of_digits_is_told_where_it_is_declared(place: Workplace, hashtags: str, where: str) -> None:
    first, _ = told(place, languages=f"[fi, sv]\nhashtags: {hashtags}")
    assert first.startswith(f"campaigns/day.yaml:{where}: error: #")
    assert first.endswith(": no platform makes a link of it [tag-digits]")


@pytest.mark.parametrize(
    "day", ["10 October", "world-mental-health-day", "second Sunday of October", "Easter + 196 days"]
)
def test_a_day_that_is_pinned_elsewhere_than_it_falls_is_warned_of(place: Workplace, day: str) -> None:
    pinned = "\neditions:\n  2027: {date: 2027-10-11}"
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    campaign = CAMPAIGN.format(**{**AS_WRITTEN, "observance": day}).replace("\neditions: [2027]", pinned)
    place.write("campaigns/day.yaml", campaign)
    first, _ = place.run("check").stdout.splitlines()
    assert "warning: 2027-10-11 is pinned here, and the observance is 2027-10-10 [pinned-elsewhere]" in first
    place.write("campaigns/day.yaml", campaign.replace("2027-10-11", "2027-10-10"))
    assert place.run("check").stdout == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("\u201cHei kaikki.\u201d", "quotes-around"),
        ('"Hei kaikki."', "quotes-around"),
        ("Se on **totta** nyt.", "markup"),
        ("# Otsikko", "markup"),
        ("Se on [tässä](https://iom.int).", "markup"),
        ("TODO kirjoita", "unfinished"),
        ("Hei. TODO: lisää luku", "unfinished"),
        ("Lorem ipsum dolor", "unfinished"),
        ("Lue lisää: [linkki]", "unfinished"),
        ("Vuonna XXX hei", "unfinished"),
    ],
)
def test_what_is_left_over_or_still_to_be_written_is_warned_of(place: Workplace, text: str, code: str) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    place.write("campaigns/day.yaml", CAMPAIGN.format(**AS_WRITTEN).replace("Hei vain.", text))
    lines = place.run("check").stdout.splitlines()
    assert [line for line in lines if line.startswith("campaigns/day.yaml:10:7: warning: ") and f"[{code}]" in line], (
        lines
    )


@pytest.mark.parametrize(
    "text", ["[Live] nyt!", "Esto es todo.", "2 * 3 * 4", "a_b_c", "\u201cHei\u201d ja \u201chei\u201d", "Mitä??"]
)
def test_what_only_looks_like_it_is_not(place: Workplace, text: str) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    place.write("campaigns/day.yaml", CAMPAIGN.format(**AS_WRITTEN).replace("Hei vain.", text))
    assert "markup" not in (out := place.run("check").stdout)
    assert "unfinished" not in out


BLUESKY = """timezone: UTC
accounts:
  sky: {{platform: bluesky, handle: "{handle}", app_password: env:SKY, server: "{server}", languages: [fi, sv]}}
"""


@pytest.mark.parametrize(
    ("handle", "server", "cure"),
    [
        ("https://bsky.app/profile/iom.int", "https://bsky.social", "Write iom.int"),
        ("iom.int", "https://bsky.app", "Write https://bsky.social"),
        ("iom.int", "https://bsky.social/xrpc", "Write https://bsky.social"),
        ("iom.int", "https://pds.example.org/xrpc/", "Write https://pds.example.org"),
        ("iom.int", "https://mastodon.example/api/v1", "Write https://mastodon.example"),
        ("iom.int", "https://mastodon.example/@iom", "Write https://mastodon.example"),
    ],
)
def test_an_address_that_is_no_handle_or_no_server(place: Workplace, handle: str, server: str, cure: str) -> None:
    place.write("config.yaml", BLUESKY.format(handle=handle, server=server))
    first, help_ = place.run("check").stdout.splitlines()
    assert first.startswith("config.yaml:3:")
    assert help_.strip().startswith(cure)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("images/Metsä.png", "Did you mean images/metsä.PNG?"),
        ("images/metsa.png", "Did you mean images/metsä.PNG?"),
        ("metsä.PNG", "Did you mean images/metsä.PNG?"),
        ("campaigns/images/metsä.PNG", "Did you mean images/metsä.PNG?"),
        ("images/metsä.jpg", "Did you mean images/metsä.PNG?"),
        ("images\\metsä.PNG", "Write images/metsä.PNG"),
        ("C:\\Users\\aino\\metsa.png", "Copy it into a folder beside the campaign, and write images/metsa.png"),
        ("/Users/aino/metsa.png", "Copy it into a folder beside the campaign, and write images/metsa.png"),
        ("~/metsa.png", "Copy it into a folder beside the campaign, and write images/metsa.png"),
    ],
)
def test_a_file_of_nearly_that_name_is_named(place: Workplace, written: str, meant: str) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    images = f"    images:\n      - file: {written}\n        alt: {{fi: Metsä, sv: Skog}}\n"
    place.write("campaigns/day.yaml", CAMPAIGN.format(**AS_WRITTEN) + images)
    place.write("campaigns/images/metsä.PNG", "an image, for all that matters here")
    lines = place.run("check").stdout.splitlines()
    assert lines[0].startswith("campaigns/day.yaml:15:15: error: ")
    assert lines[1].endswith(meant)
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("swedish", "where"),
    [
        ("|\n        År 2024 kom\n        282 miljoner hit.", "14:9"),
        ("|-\n        År 2024 kom\n          hit 282 miljoner.", "14:15"),
        (">\n        År 2024 kom\n        282 miljoner hit.", "14:9"),
        ("År 2024 kom 282 miljoner hit.", "12:23"),
    ],
)
def test_a_number_that_differs_is_shown_where_it_stands(place: Workplace, swedish: str, where: str) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    campaign = CAMPAIGN.format(**AS_WRITTEN).replace("Hei vain.", "Vuonna 2024 tuli 281 miljoonaa tänne.")
    place.write("campaigns/day.yaml", campaign.replace("|\n        Hej då.", swedish))
    first, _ = place.run("check").stdout.splitlines()
    assert first.startswith(f"campaigns/day.yaml:{where}: warning: the numbers differ: 281 ")


APART = """timezone: UTC
accounts:
  suomeksi: {platform: console, like: mastodon, languages: [fi]}
  svenska: {platform: console, like: x, languages: [sv]}
"""


@pytest.mark.parametrize("asked", ["languages: [fi]", "languages: [sv]", "accounts: [suomeksi]", "accounts: [x]"])
def test_what_a_message_leaves_out_on_purpose_is_not_noted(place: Workplace, asked: str) -> None:
    place.write("config.yaml", APART)
    left = {"languages: [fi]": "sv", "languages: [sv]": "fi"}.get(asked)
    message = CAMPAIGN.format(**AS_WRITTEN).replace("    at:", f"    {asked}\n    at:")
    texts = {"fi": "      fi: |\n        Hei vain.\n", "sv": "      sv: |\n        Hej då.\n"}
    rest = CAMPAIGN.partition("messages:\n")[2].format(**{**AS_WRITTEN, "id": "evening"})
    place.write("campaigns/day.yaml", message.replace(texts.get(left or "", "\0"), "") + rest.replace("Hei", "Moi"))
    assert "no-language" not in place.run("check").stdout
    assert place.run("check").returncode == 0


def test_a_message_whose_accounts_get_none_of_its_languages_is_warned_of(place: Workplace) -> None:
    place.write("config.yaml", APART)
    message = CAMPAIGN.format(**AS_WRITTEN).replace("    at:", "    languages: [fi]\n    accounts: [svenska]\n    at:")
    place.write("campaigns/day.yaml", message.replace("      sv: |\n        Hej då.\n", ""))
    assert "warning: nothing is posted in fi" in place.run("check").stdout


@pytest.mark.parametrize(
    ("right", "typed", "where", "cure"),
    [
        ("at: 09:00", "images: metsä.png\n    at: 09:00", "8:13", "Begin each with a dash, as in - file: and put "),
        (
            "at: 09:00",
            "thread:\n      text: {fi: Hei taas., sv: Hej igen.}\n    at: 09:00",
            "8:5",
            "Begin each with a dash, as in - text: and put ",
        ),
        (
            "at: 09:00",
            "thread:\n      - fi: Hei taas.\n        sv: Hej igen.\n    at: 09:00",
            "9:9",
            "Write text: above them, and move them further in.",
        ),
        (
            "    text:\n      fi: |\n        Hei vain.\n      sv: |\n",
            "    fi: |\n        Hei vain.\n    sv: |\n",
            "9:5",
            "Write text: above them, and move them further in.",
        ),
        ("text:\n      fi: |", "text: fi: |", "9:11", "Put fi: on the next line, further in than text:"),
        ("at: 09:00", "at: 09:00-10:00", "8:9", "Write at: 09:00"),
        ("at: 09:00", "at: 09:00 – 17:30", "8:9", "Write at: 09:00"),
        ("accounts: all", "accounts: all\nhandles:\n  iom: '@IOM'", "7:8", "Write it in braces, as in iom: {name: "),
        (
            "accounts: all",
            "accounts: all\nhandles:\n  iom: [IOM, '@IOM']",
            "7:3",
            "Write it in braces, as in iom: {name: ",
        ),
        (
            "Hei vain.",
            "Hei {@unhcr}.",
            "11:13",
            'Write under handles:, here or in the config, unhcr: {name: …, x: "@…"}',
        ),
    ],
)
def test_what_stands_in_the_wrong_form_is_shown_in_the_right_one(
    place: Workplace, right: str, typed: str, where: str, cure: str
) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    campaign = CAMPAIGN.format(**AS_WRITTEN)
    assert right in campaign
    place.write("campaigns/day.yaml", campaign.replace(right, typed, 1))
    first, help_, *more = place.run("check").stdout.splitlines()
    assert first.startswith(f"campaigns/day.yaml:{where}: error: ")
    assert cure in help_
    assert not more


def test_a_list_of_messages_is_none_and_the_dash_goes(place: Workplace) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    rest = CAMPAIGN.partition("messages:\n")[2].format(**{**AS_WRITTEN, "id": "evening"})
    first = CAMPAIGN.format(**AS_WRITTEN).replace("  morning:", "  - morning:").replace("    ", "      ")
    place.write("campaigns/day.yaml", first + rest)
    found, help_ = place.run("check").stdout.splitlines()
    assert found == "campaigns/day.yaml:7:3: error: messages stand under their names, and not in a list [wrong-kind]"
    assert help_ == "    Take the dash away."


@pytest.mark.parametrize("file", ["images/metsä.png", "kuva.jpg", "speech-{language}.png"])
def test_an_image_that_is_nowhere_is_said_without_the_words_of_a_machine(place: Workplace, file: str) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi]"))
    images = f'    images:\n      - file: "{file}"\n        alt: {{fi: Metsä, sv: Skog}}\n'
    place.write("campaigns/day.yaml", CAMPAIGN.format(**AS_WRITTEN) + images)
    lines = place.run("check").stdout.splitlines()
    assert f"error: there is no image {file.replace('{language}', 'fi')} [media-missing]" in lines[0] + lines[2]
    assert any(line.endswith("Copy it there, or check the name letter by letter: capitals count.") for line in lines)


MANY = """timezone: UTC
accounts:
  x: {platform: console, like: x, languages: [fi, sv]}
  x-two: {platform: console, like: x, languages: [fi, sv]}
  mastodon-desk: {platform: console, like: mastodon, languages: [fi, sv]}
"""
TEXTS = """campaign: Day
observance: 10 October
editions: [2027]
languages: [fi, sv]
accounts: {accounts}
handles: {{iom: {{name: IOM}}}}
messages:
  morning:
    at: 09:00
    text:
      fi: |
        {fi}
      sv: |
        Hej, i dag hör vi varför man gav sig av.
  evening:
    at: 19:00
    text:
      fi: |
        Illalla kuulemme, mihin tultiin ja miksi.
      sv: |
        På kvällen hör vi vart man kom och varför.
"""
FINE = "Hei, tänään kuulemme, miksi lähdettiin."


def told_of_text(place: Workplace, fi: str = FINE, accounts: str = "all") -> list[str]:
    place.write("config.yaml", MANY.replace("x:", "desk:", 1).replace("x-two:", "desk-two:"))
    place.write("campaigns/day.yaml", TEXTS.format(fi=fi, accounts=accounts))
    return place.run("check").stdout.splitlines()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("nimi", "name"), ("namn", "name"), ("päivä", "date"), ("Link", "link"), ("tänään", "today"), ("datee", "date")],
)
def test_a_word_in_braces_that_means_nothing_is_followed_by_those_there_are(
    place: Workplace, written: str, meant: str
) -> None:
    error, help_ = told_of_text(place, f"Hei, {{{written}}} on täällä.")
    assert error == f"campaigns/day.yaml:12:14: error: {{{written}}} means nothing here [unknown-word]"
    assert f"accounts desk, desk-two and mastodon-desk. Did you mean {{{meant}}}? There are also {{" in help_
    assert help_.endswith(" {@iom}.")
    assert all(f"{{{word}}}" in help_ for word in ("name", "date", "today", "year", "link", "hashtags"))


@pytest.mark.parametrize("written", ["{{nimi}}", "{{ nimi }}", "{{@iom}}"])
def test_two_braces_fill_nothing_in(place: Workplace, written: str) -> None:
    found = told_of_text(place, f"Hei, {written} on täällä.")
    assert len(found) == 2 and ("[unfinished]" in found[0] or "[brace]" in found[0]), found


def test_a_text_that_is_too_long_is_said_once_for_accounts_that_agree(place: Workplace) -> None:
    error, help_, *others = told_of_text(place, "kiitos " * 41 + "kaikille 🎉")
    assert "too-long" not in "".join(others)
    assert error.endswith("error: the text is 18 characters too long for x: 298, the limit is 280 [text-too-long]")
    assert help_.strip().startswith('message "morning", language fi, accounts desk and desk-two. Shorten it, or give a')


def test_a_mistyped_account_is_one_error(place: Workplace) -> None:
    error, help_ = told_of_text(place, accounts="[desks]")
    assert error.endswith("error: there is no account or platform desks [unknown-account]")
    assert help_.strip() == "Did you mean desk?"


def test_a_copied_file_is_one_warning(place: Workplace) -> None:
    assert told_of_text(place) == []
    place.write("campaigns/copy.yaml", TEXTS.format(fi=FINE, accounts="all"))
    warning, help_ = place.run("check").stdout.splitlines()
    assert warning.endswith("warning: 2 messages have the same texts as those of copy: morning and evening [same-text]")
    assert help_.strip().startswith("If this is a copy of copy, put one of the two away")


@pytest.mark.parametrize(
    ("right", "typed", "where", "cure"),
    [
        ("at: 09:00", "time: 09:00", "8:5", "Did you mean at?"),
        ("at: 09:00", "kello: 09:00", "8:5", "Did you mean at?"),
        ("observance: ", "date: ", "2:1", "Did you mean observance?"),
        ("observance: ", "Day: ", "2:1", "Did you mean observance?"),
        ("campaign: Day", "title: Day", "1:1", "Did you mean campaign?"),
        ("    text:\n", "    body:\n", "9:5", "Did you mean text?"),
        ("messages:\n", "posts:\n", "6:1", "Did you mean messages?"),
        ("at: 09:00", "at; 09:00", "8:7", "Write at: 09:00"),
        ("fi: |\n        Hei", "fi: /\n        Hei", "10:11", "put | after the colon and the text"),
        ("fi: |\n        Hei", "fi: l\n        Hei", "10:11", "put | after the colon and the text"),
        ("[fi, sv]", "{fi, sv}", "4:12", "Write [fi, sv], a list in brackets."),
        ("[fi, sv]", "(fi, sv)", "4:12", "Did you mean [fi, sv], a list in brackets?"),
    ],
)
def test_another_word_for_a_key_and_another_sign_for_a_sign(
    place: Workplace, right: str, typed: str, where: str, cure: str
) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    campaign = CAMPAIGN.format(**AS_WRITTEN)
    assert right in campaign
    place.write("campaigns/day.yaml", campaign.replace(right, typed, 1))
    first, help_, *more = place.run("check").stdout.splitlines()
    assert first.startswith(f"campaigns/day.yaml:{where}: error: ")
    assert cure in help_
    assert not more


@pytest.mark.parametrize("text", ["l'aube", "I\n        am here", "I\n\n        am", "/ and so on"])
def test_what_only_looks_like_a_mistyped_bar_is_a_text(place: Workplace, text: str) -> None:
    place.write("config.yaml", CONFIG.format(timezone="UTC", account="desk", platform="console", languages="[fi, sv]"))
    place.write("campaigns/day.yaml", CAMPAIGN.format(**AS_WRITTEN).replace("fi: |\n        Hei vain.", f"fi: {text}"))
    assert "error" not in place.run("check").stdout
