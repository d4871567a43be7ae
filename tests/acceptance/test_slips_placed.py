"""Slips that YAML blames on another line: `check` names the line of the slip, once, with the line to write."""

from __future__ import annotations

import pytest

from .workplace import Workplace

CONFIG = """timezone: Europe/Helsinki
accounts:
  desk-x:
    platform: console
    like: x
    languages: [en]
  desk-mastodon:
    platform: console
    like: mastodon
    languages: [fi]
"""
ACCOUNTS = """  office-x:
    platform: x
    api_key: env:X_KEY
    api_secret: env:X_SECRET
    access_token: env:X_TOKEN
    access_token_secret: env:X_TOKEN_SECRET
    languages: [en]
  office-bluesky:
    platform: bluesky
    handle: iom.bsky.social
    app_password: env:BLUESKY
    languages: [en]
"""
CAMPAIGN = """campaign: Migrants Day
observance: 18 December
editions: [2027]
languages: [en, fi]
accounts: all
hashtags:
  all: [MigrantsDay]
messages:
  morning:
    at: 08:00
    text:
      en: Good morning to all
      fi: "Hyvää huomenta"
  noon:
    at: 12:00
    text:
      en: Lunch for all
      fi: Lounas
    thread:
      - text:
          en: More
          fi: Lisää
      - text:
          en: Still more
          fi: Vielä lisää
"""


def told(place: Workplace, written: str, instead: str, *, config: str = CONFIG) -> list[str]:
    """What `check` says of a campaign with one slip in it, without what it says of the text."""
    assert written in CAMPAIGN
    place.write("config.yaml", config)
    place.write("campaigns/day.yaml", CAMPAIGN.replace(written, instead, 1))
    return place.run("check").stdout.splitlines()


def told_of_config(place: Workplace, written: str, instead: str) -> list[str]:
    whole = CONFIG + ACCOUNTS
    assert written in whole
    place.write("config.yaml", whole.replace(written, instead, 1))
    place.write("campaigns/day.yaml", CAMPAIGN)
    return place.run("check").stdout.splitlines()


def _errors(lines: list[str]) -> list[str]:
    return [line for line in lines if ": error: " in line]


UNCLOSED = "error: a quotation mark opens here and is never closed [quote-needed]"
DASH = "error: a dash is missing before this item of the list [missing-dash]"
ENDED = "Put ] at the end of its line."
BAR, IS_TEXT = "error: the text below has a colon, and no | after", "says that it is a text [quote-needed]"
TIGHT = "error: a space is missing after the dash [missing-space]"
TWICE = '"text" stands here twice, first in line 20 [duplicate-key]'


@pytest.mark.parametrize(
    ("written", "instead", "where", "help_"),
    [
        ("en: Good", 'en: "Good', f"12:11: {UNCLOSED}", 'Put " at the end of the text too, or delete this one.'),
        ("at: 08:00", 'at: "08:00', f"10:9: {UNCLOSED}", 'Put " at the end of the text too, or delete this one.'),
        ("campaign: M", 'campaign: "M', f"1:11: {UNCLOSED}", 'Put " at the end of the text too, or delete this one.'),
        ("all: [M", 'all: ["M', f"7:9: {UNCLOSED}", 'Put " at the end of the text too, or delete this one.'),
        ("en: Lunch", "en: 'Lunch", f"17:11: {UNCLOSED}", "Put ' at the end of the text too, or delete this one."),
        ("at: 08:00", "at 08:00", "10:7: error: a colon is missing after at [missing-colon]", "Write at: 08:00"),
        ("  morning:", "  morning", "9:10: error: a colon is missing after morning [missing-colon]", "Write morning:"),
        ("    text:", "    text", "11:9: error: a colon is missing after text [missing-colon]", "Write text:"),
        ("en: Good", "en Good", "12:9: error: a colon is missing after en [missing-colon]", "Write en: …"),
        (
            "languages: [en, fi]",
            "languages [en, fi]",
            "4:10: error: a colon is missing after languages [missing-colon]",
            "Write languages: [en, fi]",
        ),
        ("      - text:", "        text:", f"20:9: {DASH}", "Write - text:"),
        (
            "fi: Lisää\n      - text:",
            "fi: Lisää\n      text:",
            f"23:7: {DASH}",
            "Write - text: If it belongs to the item above, put it below that one's keys.",
        ),
        (
            "fi: Lisää\n      - text:",
            "fi: Lisää\n        text:",
            f"23:9: error: {TWICE}",
            'message "noon". If another item of the list begins here, write - text: else keep one of them.',
        ),
        (
            "editions: [2027]",
            "editions:\n  - 2027\n  2028",
            f"5:3: {DASH}",
            "Write a dash and a space before it, as before the others.",
        ),
        (
            "editions: [2027]",
            "editions:\n  2027\n  - 2028",
            f"4:3: {DASH}",
            "Write a dash and a space before it, as before the others.",
        ),
        (
            "all: [MigrantsDay]",
            "all: [MigrantsDay",
            "7:8: error: a [ opens here and is never closed [yaml-syntax]",
            ENDED,
        ),
        ("[en, fi]", "[en, fi", "4:12: error: a [ opens here and is never closed [yaml-syntax]", ENDED),
        ("en: Lunch for all", "en:\n        Lunch is there: {all}.", f"17:10: {BAR} en: {IS_TEXT}", "Write en: |"),
        ("fi: Lounas", "fi:\n        Nyt on lounas: {all} tule.", f"18:10: {BAR} fi: {IS_TEXT}", "Write fi: |"),
        ("      - text:", "      -text:", f"20:8: {TIGHT}", "Write - text:"),
        ("fi: Lisää\n      - text:", "fi: Lisää\n      -text:", f"23:8: {TIGHT}", "Write - text:"),
        ("editions: [2027]", "editions:\n  -2027\n  - 2028", f"4:4: {TIGHT}", "Type a space there, as in - 2027"),
        (
            "    thread:",
            "    images:\n      -file: a.png\n    thread:",
            f"20:7: {TIGHT}",
            'message "noon". Write - file:',
        ),
    ],
)
def test_a_slip_is_blamed_on_its_own_line(place: Workplace, written: str, instead: str, where: str, help_: str) -> None:
    lines = told(place, written, instead)
    assert _errors(lines) == [f"campaigns/day.yaml:{where}"]
    assert f"    {help_}" in lines


def test_a_text_over_several_lines_is_not_taken_for_a_key(place: Workplace) -> None:
    lines = told(place, "en: Good morning to all", "en: Good morning\n        to all of you\n        note: at noon")
    assert [line.partition(" error: ")[2] for line in _errors(lines)] == [
        "a name with a colon stands where the value above it was still going on [yaml-syntax]"
    ]


@pytest.mark.parametrize(
    ("written", "instead", "line", "help_"),
    [
        ("env:X_KEY", "env: X_KEY", "13:14", "Write api_key: env:X_KEY"),
        ("env:BLUESKY", "file: secrets/bluesky.txt", "21:19", "Write app_password: file:secrets/bluesky.txt"),
        ("env:X_KEY", "{env: X_KEY}", "13:5", "Write env:X_KEY, without a space."),
        ("handle: iom.bsky.social", "handle: @iom.bsky.social", "20:13", 'Write handle: "@iom.bsky.social"'),
        ("timezone: ", "handles:\n  iom: {name: IOM, x: @UN}\ntimezone: ", "2:23", 'Write x: "@UN"'),
        ("env:X_KEY", "$X_KEY", "13:14", "Write env:X_KEY"),
        ("env:X_KEY", "${X_KEY}", "13:14", "Write env:X_KEY"),
        ("env:X_KEY", "%X_KEY%", "13:14", "Write env:X_KEY"),
        ("env:X_KEY", "ENV:X_KEY", "13:14", "Write env:X_KEY"),
        ("env:X_KEY", "env=X_KEY", "13:14", "Write env:X_KEY"),
        ("env:X_KEY", "X_KEY", "13:14", "Write env:X_KEY"),
    ],
)
def test_the_line_to_write_in_the_config(place: Workplace, written: str, instead: str, line: str, help_: str) -> None:
    first, second = told_of_config(place, written, instead)
    assert first.startswith(f"config.yaml:{line}: error: ")
    assert second == f"    {help_}"


@pytest.mark.parametrize(
    "secret", ["$2b$12$Qx8ab12cd34ef56", "@ab12cd34ef56", "%ab12cd34ef56%", "env: ab12cd34ef56", "AKIAIOSFODNN7EXAMPLE"]
)
def test_what_may_be_the_secret_itself_is_not_shown(place: Workplace, secret: str) -> None:
    words = "\n".join(told_of_config(place, "env:X_KEY", secret))
    assert "config.yaml:13:" in words
    assert "ab12cd34ef56" not in words
    assert "EXAMPLE" not in words


@pytest.mark.parametrize(
    ("written", "instead", "help_"),
    [
        ("all: [MigrantsDay]", "fi: Siirtolaisuus, Ihmisoikeudet", "[Siirtolaisuus, Ihmisoikeudet]"),
        ("all: [MigrantsDay]", "all: '#MigrantsDay #A, #HumanRights'", None),
        ("all: [MigrantsDay]", "all: MigrantsDay; HumanRights", "[MigrantsDay, HumanRights]"),
        ("\n  all: [MigrantsDay]", " MigrantsDay,HumanRights", "[MigrantsDay, HumanRights]"),
    ],
)
def test_hashtags_with_commas(place: Workplace, written: str, instead: str, help_: str | None) -> None:
    lines = told(place, written, instead)
    assert len(_errors(lines)) == 1
    assert (f"    Write them as a list in brackets: {help_}" in lines) is (help_ is not None)


@pytest.mark.parametrize(
    ("written", "help_"),
    [
        ("2027-12-18 08:00", "Write at: 08:00"),
        ("2027-12-18T08:00", "Write at: 08:00"),
        ("18.12.2027 klo 8.00", "Write at: 08:00"),
        ("17. joulukuuta klo 18", "Write at: -1d 18:00"),
        ("8.30 19.12.", "Write at: +1d 08:30"),
        ("Dec 20 at 6 pm", "Write at: +2d 18:00"),
        ("3 January 2028 09:00", "Write at: +16d 09:00"),
        ("2027-12-17", "Write a time, as in at: 08:00, or at: -1d 18:00 for the day before."),
        ("18.12.", "Write a time, as in at: 08:00, or at: -1d 18:00 for the day before."),
    ],
)
def test_a_date_where_a_time_was_wanted(place: Workplace, written: str, help_: str) -> None:
    first, second, *_ = told(place, "08:00", written)
    expected = f'"{written}" holds a date, and the day is that of the observance [at]'
    assert first == f"campaigns/day.yaml:10:9: error: {expected}"
    assert second == f'    message "morning". {help_}'


@pytest.mark.parametrize("above", [True, False])
def test_the_distance_of_a_date_is_that_from_the_pinned_day(place: Workplace, above: bool) -> None:
    of_ramadan = CAMPAIGN.replace("18 December", "1 Ramadan").replace("08:00", "2027-02-08 18:00")
    pinned = "editions: {2027: {date: 2027-02-09}}\n"
    rest = of_ramadan.replace("editions: [2027]\n", "")
    place.write("config.yaml", CONFIG)
    place.write("campaigns/day.yaml", pinned + rest if above else rest + pinned)
    assert '    message "morning". Write at: -1d 18:00' in place.run("check").stdout.splitlines()


def test_the_distance_is_worked_out_for_the_first_hundred_dates_of_a_file(place: Workplace) -> None:
    """Each takes as long as several years of the observance: of thousands a daemon would stand still."""
    morning = CAMPAIGN[CAMPAIGN.index("  morning:") : CAMPAIGN.index("  noon:")]
    wrong = morning.replace("08:00", "2027-12-17 08:00")
    many = "".join(wrong.replace("morning", f"morning-{number}") for number in range(120))
    lines = told(place, morning, many)
    assert len(_errors(lines)) == 120
    assert sum(line.endswith("Write at: -1d 08:00") for line in lines) == 100


@pytest.mark.parametrize(
    ("written", "instead", "line", "meant"),
    [("languages: [en]", "langauges: [en]", 6, "languages"), ("api_secret", "api_secert", 14, "api_secret"),
     ("platform", "platfrom", 4, "platform"), ("timezone", "timezon", 1, "timezone")],
)  # fmt: skip
def test_a_mistyped_key_of_the_config_is_told_once(
    place: Workplace, written: str, instead: str, line: int, meant: str
) -> None:
    (error,) = _errors(lines := told_of_config(place, written, instead))
    assert error.startswith(f"config.yaml:{line}:")
    assert f"    Did you mean {meant}?" in lines


@pytest.mark.parametrize("key", ["messages", "languages", "observance"])
def test_a_mistyped_key_of_a_campaign_is_told_once(place: Workplace, key: str) -> None:
    mistyped = key[0] + key[2] + key[1] + key[3:]
    (error,) = _errors(lines := told(place, f"{key}:", f"{mistyped}:"))
    assert error.endswith(f': error: "{mistyped}" is not a key that belongs here [unknown-key]')
    assert f"    Did you mean {key}?" in lines


@pytest.mark.parametrize("accounts", ["[desk-x, desk-mastodn]", "[desk-ex, desk-mastodon]", "desk-mastodn"])
def test_a_mistyped_account_is_not_said_to_leave_a_language_out(place: Workplace, accounts: str) -> None:
    lines = told(place, "accounts: all", f"accounts: {accounts}")
    assert lines[0].startswith("campaigns/day.yaml:5:")
    assert not [line for line in lines if "language-without-account" in line]


@pytest.mark.parametrize(
    ("campaigns", "place_", "help_"),
    [
        ("kampanjat/", "1:12", "Check the name, or make it."),
        ("[campaigns, campains/]", "1:24", "Did you mean campaigns?"),
        ("\n  - campaigns\n  - campaigns/days", "3:5", "Check the name, or make it."),
    ],
)
def test_a_folder_of_the_config_that_is_not_there(place: Workplace, campaigns: str, place_: str, help_: str) -> None:
    lines = told(place, "08:00", "08:00", config=f"campaigns: {campaigns}\n{CONFIG}")
    assert _errors(lines)[0].startswith(f"config.yaml:{place_}: error: there is no file or folder ")
    assert f"    {help_}" in lines


@pytest.mark.parametrize(
    ("editions", "ahead", "help_"),
    [
        ("[2072]", "2072 is 52 years ahead", "Did you mean 2027?"),
        ("[2027, 2062]", "2062 is 42 years ahead", "Did you mean 2026?"),
        ("\n  2128: {}", "2128 is 108 years ahead", "Did you mean 2028?"),
        ("[2199]", "2199 is 179 years ahead", "Look at the year."),
    ],
)
def test_a_year_far_ahead(place: Workplace, editions: str, ahead: str, help_: str) -> None:
    place.environment["CAMPAIGNER_CLOCK"] = "2020-11-28T12:00:00+02:00"
    lines = told(place, "editions: [2027]", f"editions: {editions}")
    at = next(number for number, line in enumerate(lines) if "[far-year]" in line)
    assert lines[at].endswith(f": warning: {ahead} [far-year]")
    assert lines[at + 1] == f"    {help_}"


@pytest.mark.parametrize(
    ("handle", "message", "help_"),
    [
        ('mastodn: "@iom@un.org"', '"mastodn" is no platform: this handle is never used', "Did you mean mastodon?"),
        ('twitter: "@UN"', '"twitter" is no platform: this handle is never used', "Did you mean x?"),
        ('desk-x: "@UN"', '"desk-x" is no platform: this handle is never used', None),
        ("x: UNmigration", '"UNmigration" mentions nobody on x', 'Write x: "@UNmigration"'),
        ("x: https://x.com/UN", '"https://x.com/UN" mentions nobody on x', 'Write x: "@UN"'),
        (
            "mastodon: https://mastodon.social/@iom",
            '"https://mastodon.social/@iom" mentions nobody on mastodon',
            'Write mastodon: "@iom@mastodon.social"',
        ),
    ],
)
def test_a_handle_that_mentions_nobody(place: Workplace, handle: str, message: str, help_: str | None) -> None:
    written = f"handles:\n  iom: {{name: IOM, {handle}}}\n"
    for lines in (
        told(place, "campaign: M", f"{written}campaign: M"),
        told(place, "08:00", "08:00", config=written + CONFIG),
    ):
        at = next(number for number, line in enumerate(lines) if "[mentions-nobody]" in line)
        assert lines[at].partition(".yaml:2:")[2].endswith(f": warning: {message} [mentions-nobody]")
        assert help_ is None or lines[at + 1] == f"    {help_}"


@pytest.mark.parametrize("command", [("check",), ("preview",), ("status",)])
def test_a_command_in_a_folder_below_the_config(place: Workplace, command: tuple[str, ...]) -> None:
    told(place, "08:00", "08:00")
    result = Workplace(place.folder / "campaigns", place.start).run(*command)
    assert result.returncode == 3
    first, second = result.stderr.splitlines()
    assert first == f"campaigner: there is no config.yaml in {place.folder}/campaigns, where it is looked for"
    assert second == f"  there is one in {place.folder}: type `cd ..` first, or add --config ../config.yaml"


@pytest.mark.parametrize(
    ("clock", "wanted"),
    [
        ("tomorrow", "it begins with a date and a time, as in 2020-12-18T07:59:00+02:00"),
        ("2020", "it begins with a date and a time, as in 2020-12-18T07:59:00+02:00"),
        (
            "2027-12-18T08:00",
            "after the time stands how far it is from UTC: "  # noqa: ISC004
            "2027-12-18T08:00:00+02:00 in Helsinki in winter, 2027-12-18T08:00:00Z in UTC",
        ),
        (
            "2027-12-18T08:00Z,fast",
            "after the comma stands how many times as fast it runs: a number above 0, at most 1000000",
        ),
    ],
)
def test_a_clock_that_is_none(place: Workplace, clock: str, wanted: str) -> None:
    told(place, "08:00", "08:00")
    place.environment["CAMPAIGNER_CLOCK"] = clock
    result = place.run("check")
    assert result.returncode == 2
    assert result.stderr == f"campaigner: CAMPAIGNER_CLOCK={clock}: {wanted}\n"


@pytest.mark.parametrize(
    ("written", "instead", "where", "help_"),
    [
        ("accounts: all", "accounts: desk-x; desk-mastodon", "5:11", "Write them as a list in brackets: [desk-x, desk-mastodon]"),
        ("editions: [2027]", "editions: 2027, 2028", "3:11", "Write them as a list in brackets: [2027, 2028]"),
        ("editions: [2027]", "editions: 2027-2029", "3:11", "Write them as a list in brackets: [2027, 2028, 2029]"),
        ("at: 12:00", "at: a week before 12:00", "15:9", 'message "noon". Did you mean -7d 12:00?'),
        ("at: 12:00", "at: 2 viikkoa ennen klo 12", "15:9", 'message "noon". Did you mean -14d 12:00?'),
        (
            "    thread:",
            "    images: kuva.png\n    thread:",
            "19:13",
            'message "noon". Begin each with a dash, as in - file: and put its other keys below that one, in the same column.',
        ),
        (
            "    thread:",
            "    images: [kuva.png]\n    thread:",
            "19:14",
            'message "noon". Write - file: and its path, and below it alt: and its languages.',
        ),
        (
            "    at: 08:00",
            "   at: 08:00",
            "11:9",
            "It begins a space further in than line 10: if both are keys of one level, line them up; "  # noqa: ISC004
            "if it is part of a text, make that a block text (|).",
        ),
        ("at: 08:00", "at = 08:00", "10:7", "Write at: 08:00"),
        (
            "  all: [MigrantsDay]",
            "  all: [#MigrantsDay]\n  fi: [Siirtolaiset]",
            "7:9",
            "Leave the # away: hashtags are written without it, as in [MigrantsDay, WithRefugees].",
        ),
    ],
)  # fmt: skip
def test_the_line_to_write_in_a_campaign(place: Workplace, written: str, instead: str, where: str, help_: str) -> None:
    lines = told(place, written, instead)
    (error,) = _errors(lines)
    assert error.startswith(f"campaigns/day.yaml:{where}: ")
    assert f"    {help_}" in lines


@pytest.mark.parametrize(
    ("written", "instead", "where", "help_"),
    [
        ("timezone:", "late: 2 hours\ntimezone:", "1:7", "Did you mean 2h?"),
        ("timezone:", "late: 2:30\ntimezone:", "1:7", "Did you mean 2h30m?"),
        ("timezone:", "late: 1 tunti ja 15 min\ntimezone:", "1:7", "Did you mean 1h15m?"),
        ("timezone:", "quiet_hours: 22-7\ntimezone:", "1:14", "Did you mean 22:00-07:00?"),
        ("timezone:", "quiet_hours: 22.30 to 07.00\ntimezone:", "1:14", "Did you mean 22:30-07:00?"),
        ("timezone:", "ledger: state/posts.db\ntimezone:", "1:9", "Write sqlite:///state/posts.db"),
        ("timezone:", "ledger: sqlite://state/posts.db\ntimezone:", "1:9", "Write sqlite:///state/posts.db"),
        ("  desk-x:\n    platform", "  - desk-x:\n    platform", "3:3", "Take the dash away."),
    ],
)
def test_values_of_the_config_as_people_write_them(
    place: Workplace, written: str, instead: str, where: str, help_: str
) -> None:
    lines = told_of_config(place, written, instead)
    (error,) = _errors(lines)
    assert error.startswith(f"config.yaml:{where}: ")
    assert f"    {help_}" in lines


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("accounts: all", "accounts: all # everybody"),
        ("languages: [en, fi]", "languages: [en, fi] # and no other"),
        ("accounts: all", "accounts: all\nlink: https://iom.int/ # the office"),
    ],
)
def test_a_comment_behind_what_is_no_text_is_a_comment(place: Workplace, written: str, instead: str) -> None:
    assert _errors(told(place, written, instead)) == []


@pytest.mark.parametrize("language", ["sv", "uk", "ar"])
def test_a_language_is_not_taken_for_a_country(place: Workplace, language: str) -> None:
    told(place, "languages: [en, fi]", "languages: [en, fi]")
    done = place.run("preview", "--language", language)
    assert "did you mean" not in done.stderr
    assert "there is: en, fi" in done.stderr
