"""`days` and `new`, through the real command: from the catalogue to a campaign that only lacks its texts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from .workplace import Workplace, at


def listed(place: Workplace, *arguments: str) -> list[dict[str, Any]]:
    done = place.run("days", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture
def folder(place: Workplace) -> Workplace:
    place.speed = 1.0
    place.move_to(at("07:00:00"))
    assert place.run("init").returncode == 0
    return place


def test_days_lists_every_day_of_a_year_with_its_date(place: Workplace) -> None:
    found = listed(place, "--year", "2027")
    assert {one["id"] for one in found} >= {"international-migrants-day", "easter-sunday", "movember"}
    assert len({one["id"] for one in found}) == 369
    dates = [one["on"] for one in found if one["on"]]
    assert dates == sorted(dates)
    assert all(one["why_unknown"] for one in found if not one["on"])
    easter = next(one for one in found if one["id"] == "easter-sunday")
    assert (easter["on"], easter["checked"]) == ("2027-03-28", True)
    assert not next(one for one in found if one["id"] == "movember")["checked"]


def test_days_needs_no_config_and_finds_words_of_any_language_and_hashtags(place: Workplace) -> None:
    for words in ("siirtolaisten", "SIIRTOLAISTENPÄIVÄ", "siirtolaistenpaiva", "#MigrantsDay".lstrip("#")):
        assert "international-migrants-day" in {one["id"] for one in listed(place, words, "--year", "2026")}, words
    text = place.run("days", "migrants", "day", "--year", "2026", "--month", "December").stdout
    assert text.startswith("2026-12-18 Fri  International Migrants Day\n")
    assert "#SiirtolaistenPäivä" in text


def test_upcoming_counts_from_today_over_the_end_of_the_year(folder: Workplace) -> None:
    folder.environment["TZ"] = "Europe/Helsinki"
    found = listed(folder, "--upcoming", "30d")
    assert found[0]["on"] <= "2020-12-18" <= found[-1]["on"]
    assert any(one["on"].startswith("2021-01") for one in found)
    assert all(one["on"] <= "2021-01-17" for one in found)


def test_a_day_that_falls_twice_is_listed_twice_and_one_without_a_date_says_why(place: Workplace) -> None:
    assert [one["on"] for one in listed(place, "ramadan", "--year", "2030")] == ["2030-01-05", "2030-12-26"]
    without = listed(place, "diwali", "--year", "2090")
    assert (without[0]["on"], "2090" in without[0]["why_unknown"]) == (None, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--month", "Decembre"], "did you mean December?"),
        (["--month", "13"], "there is no such month"),
        (["--year", "1492"], "1900 to 2200"),
        (["--upcoming", "soon"], "30d"),
        (["--upcoming", "30d", "--year", "2027"], "don't go with it"),
    ],
)
def test_a_wrong_question_is_answered_with_words(place: Workplace, line: list[str], words: str) -> None:
    done = place.run("days", *line)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_new_makes_a_campaign_that_lacks_nothing_but_its_texts(folder: Workplace) -> None:
    done = folder.run("new", "world-refugee-day", "--year", "2027", "--languages", "en,fi")
    assert (done.returncode, done.stdout) == (0, "campaigns/world-refugee-day.yaml\n")
    text = folder.folder.joinpath("campaigns/world-refugee-day.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schema/campaign.json\n")
    assert "# World Refugee Day: Sunday 20 June 2027" in text
    check = folder.run("check", "campaigns/world-refugee-day.yaml", "--format", "json")
    problems = json.loads(check.stdout)
    assert check.returncode == 3
    assert [problem["message"] for problem in problems] == ["text still to be written: en, fi"] * 3
    written = re.sub(r"( {6})(en|fi): \|\n", r"\1\2: |\n        Today, {date}, is {name}.\n", text)
    for number in range(6):
        written = written.replace("is {name}.\n", f"is {{name}}. Thought {number}.\n", 1)
    folder.write("campaigns/world-refugee-day.yaml", written)
    assert folder.run("check", "campaigns/world-refugee-day.yaml").returncode == 0
    assert "20. kesäkuuta" in folder.run("preview", "world-refugee-day").stdout


def test_every_day_of_the_catalogue_can_be_begun(folder: Workplace) -> None:
    ids = [one["id"] for one in listed(folder, "--year", "2027")]
    for id in dict.fromkeys(ids[::12]):
        assert folder.run("new", id, "--languages", "en,fi,ar").returncode == 0, id
    problems = json.loads(folder.run("check", "--format", "json").stdout)
    faults = {(problem["code"], problem["message"]) for problem in problems if problem["severity"] == "error"}
    assert {code for code, _ in faults} == {"empty-text"}


def test_new_warns_of_what_is_not_certain(folder: Workplace) -> None:
    done = folder.run("new", "ramadan-begins", "--year", "2030", "--languages", "en,fi,sv")
    assert done.returncode == 0
    assert "the fi name" in done.stderr
    assert "no name in sv" in done.stderr
    assert "only expected" in done.stderr


def test_new_warns_of_languages_that_no_account_posts_in(folder: Workplace) -> None:
    done = folder.run("new", "human-rights-day", "--languages", "en,se,is")
    assert done.returncode == 0
    assert "no account posts in se: did you mean sv (Swedish)?" in done.stderr
    assert "no account posts in is: add it to one in the config" in done.stderr
    assert "no account posts in en" not in done.stderr


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["world-refugee-dya"], 2, "did you mean world-refugee-day?"),
        (["world-refugee-day", "--languages", "english"], 2, "--languages english"),
        (["world-refugee-day", "--year", "1950"], 2, "observed since 2001"),
        (["international-migrants-day"], 5, "is there already"),
    ],
)
def test_new_refuses_with_words(folder: Workplace, line: list[str], code: int, words: str) -> None:
    before = sorted(folder.folder.rglob("*"))
    done = folder.run("new", *line)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert sorted(folder.folder.rglob("*")) == before


OWN = """\
founders-day:
  names: {en: Founders' Day, fi: Perustajien päivä}
  rule: first Monday of May
  hashtags: [FoundersDay]
"""


def test_a_users_own_day_stands_beside_the_catalogue(folder: Workplace) -> None:
    folder.write("observances.yaml", OWN)
    assert [one["on"] for one in listed(folder, "perustajien", "--year", "2027")] == ["2027-05-03"]
    assert folder.run("new", "founders-day", "--year", "2027", "--languages", "en").returncode == 0
    text = folder.folder.joinpath("campaigns/founders-day.yaml").read_text("utf-8")
    folder.write("campaigns/founders-day.yaml", text.replace("en: |\n", "en: |\n        {name} of {date}\n", 1))
    assert "Founders' Day of 3 May" in folder.run("preview", "founders-day").stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (OWN.replace("first", "frist"), "observances.yaml:3:9: error: there is no ordinal frist"),
        (OWN.replace("founders-day", "Founders Day"), "cannot be the id of a day"),
        (OWN.replace("founders-day", "world-refugee-day"), "is in the catalogue already"),
        (OWN.replace("rule:", "date:"), "observances.yaml:3:3"),
        (OWN + "  rule: 1 May\n", "observances.yaml:5:3"),
        ("- a list\n", "the days' ids were wanted"),
        ("a: [\n", "observances.yaml:"),
    ],
)
def test_a_fault_in_the_own_days_is_shown_at_its_place(folder: Workplace, content: str, words: str) -> None:
    folder.write("observances.yaml", content)
    for command in (["days"], ["check"], ["preview"]):
        done = folder.run(*command)
        assert done.returncode == 3
        assert words in done.stdout + done.stderr, (done.stdout, done.stderr)


def test_the_template_of_new_is_quoted_where_yaml_needs_it(tmp_path: Path) -> None:
    place = Workplace(tmp_path, at("07:00:00"))
    place.run("init")
    place.write("observances.yaml", 'odd:\n  names: {en: "Yes: #1, \\"x\\"", fi: "no"}\n  rule: 1 May\n')
    assert place.run("new", "odd", "--languages", "en,fi").returncode == 0
    problems = json.loads(place.run("check", "campaigns/odd.yaml", "--format", "json").stdout)
    assert {problem["code"] for problem in problems} == {"empty-text"}


@pytest.mark.parametrize(
    ("words", "first", "on"),
    [
        ("mental health", "world-mental-health-day", "2021-10-10"),
        ("mental helth", "world-mental-health-day", "2021-10-10"),
        ("psykiska", "world-mental-health-day", "2021-10-10"),
        ("human rights day", "human-rights-day", "2021-12-10"),
        ("ihmisoikeuksien", "human-rights-day", "2021-12-10"),
        ("World Refugee Day", "world-refugee-day", "2021-06-20"),
        ("flyktingdagen", "world-refugee-day", "2021-06-20"),
        ("womans day", "international-womens-day", "2021-03-08"),
        ("migrant", "international-migrants-day", "2020-12-18"),
        ("UN day", "united-nations-day", "2021-10-24"),
        ("#WorldAIDSDay", "world-aids-day", "2021-12-01"),
        ("18.12.", "international-migrants-day", "2020-12-18"),
        ("18. joulukuuta", "international-migrants-day", "2020-12-18"),
        ("20.6.2027", "world-refugee-day", "2027-06-20"),
        ("Mar 8th", "international-womens-day", "2021-03-08"),
    ],
)
def test_the_best_match_stands_first_with_its_next_date(folder: Workplace, words: str, first: str, on: str) -> None:
    folder.environment["TZ"] = "Europe/Helsinki"
    found = listed(folder, *words.split())
    assert (found[0]["id"], found[0]["on"]) == (first, on)


@pytest.mark.parametrize("month", ["October", "okt", "lokakuu", "lokakuussa", "oktober"])
def test_a_month_in_five_languages_lists_its_days(folder: Workplace, month: str) -> None:
    found = [one["on"] for one in listed(folder, month)]
    assert found == sorted(found)
    assert {one[:7] for one in found} == {"2021-10"}
    assert len(found) > 20


@pytest.mark.parametrize(("language", "words"), [("swe", "Did you mean sv (Swedish)?"), ("xx", "no language tag")])
def test_days_in_a_language_that_is_none(folder: Workplace, language: str, words: str) -> None:
    done = folder.run("days", "--language", language)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize("name", ["World Refugee Day", "maailman pakolaispaiva", "VÄRLDSFLYKTINGDAGEN"])
def test_new_takes_the_name_of_a_day(folder: Workplace, name: str) -> None:
    assert folder.run("new", name, "--languages", "en").stdout == "campaigns/world-refugee-day.yaml\n"


def test_the_days_of_a_topic_are_found_by_its_name_and_a_wrong_one_is_answered(place: Workplace) -> None:
    place.move_to(at("08:00:00"))
    found = place.run("days", "--topic", "Migration").stdout
    assert "2020-12-18 Fri  International Migrants Day" in found
    assert "2021-06-20 Sun  World Refugee Day" in found
    assert "World Water Day" not in found
    assert "World Refugee Day" not in place.run("days", "--topic", "migration", "--month", "12").stdout
    assert "did you mean migration?" in place.run("days", "--topic", "migrants").stderr
    unknown = place.run("days", "--topic", "cats")
    assert (unknown.returncode, "there are ageing, children" in unknown.stderr) == (2, True)
