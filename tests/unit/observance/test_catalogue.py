from __future__ import annotations

import json
import re
import time
import unicodedata
from importlib import resources
from pathlib import Path

import pytest

from campaigner.observance.catalogue import Catalogue, Entry
from campaigner.observance.search import nearest

CATALOGUE = Catalogue.load()
KINDS = {"day": 350, "week": 14, "month": 4, "period": 1}
SOURCES = {
    "un-list-2025", "un-list-2026-hc", "un-list-2026-tq", "un-list-2026-py", "un-decades-list", "wikipedia-unesco-days",
    "cs-days", "fr-wikipedia-days", "fr-paheko", "es-list", "almanakka-or-wkalender", "holidays-0.109", "who-paho-pages",
    "web-page",
}  # fmt: skip


def test_it_holds_369_observances_and_no_years_or_decades() -> None:
    entries = list(CATALOGUE.entries())
    assert len(entries) == len(set(CATALOGUE.ids())) == 369
    assert {kind: sum(entry.kind == kind for entry in entries) for kind in KINDS} == KINDS


@pytest.mark.parametrize("id", CATALOGUE.ids())
def test_every_entry_answers_for_every_year(id: str) -> None:
    entry = CATALOGUE.get(id)
    assert entry is not None
    for year in range(2024, 2036):
        found = entry.rule.occurrences(year)
        assert bool(found) != bool(entry.rule.why_unknown(year)), year
        for one in found:
            assert one.on.year == year
            assert one.status in {"fixed", "computed", "expected", "from a table"}
            assert (one.status == "expected") == (one.tolerance_days > 0)
            assert {"day": one.days in {1, 2}, "week": one.days in {7, 8}, "month": one.days >= 28, "period": True}[
                entry.kind
            ]
        assert found or entry.id in KNOWN_GAPS or year < (entry.first_observed or 0)


KNOWN_GAPS = {"un-global-road-safety-week", "safer-internet-day", "world-statistics-day"}


@pytest.mark.parametrize("id", CATALOGUE.ids())
def test_every_entry_is_well_formed(id: str) -> None:
    entry = CATALOGUE.get(id)
    assert entry is not None
    assert entry.id == id
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)
    assert entry.names["en"]
    assert entry.unverified <= set(entry.names)
    assert all(name == unicodedata.normalize("NFC", name.strip()) for name in entry.names.values())
    assert all(re.fullmatch("[a-z]{2}", language) for language in [*entry.hashtags, *entry.names])
    assert all(tag and not re.search(r"[\s#.,-]", tag) for tags in entry.hashtags.values() for tag in tags)
    assert (entry.hashtag_status != "") == bool(entry.hashtags)
    assert entry.url == "" or entry.url.startswith("https://")
    assert set(entry.sources) <= SOURCES


def test_an_entry_carries_what_an_officer_needs() -> None:
    entry = CATALOGUE.get("international-migrants-day")
    assert entry is not None
    assert entry.names["en"] == "International Migrants Day"
    assert entry.names["fi"] == "Kansainvälinen siirtolaisten päivä"
    assert entry.hashtags["en"] == ("MigrantsDay",)
    assert entry.resolution == "A/RES/55/93"
    assert entry.first_observed == 2000
    assert [str(found.on) for found in entry.rule.occurrences(2020)] == ["2020-12-18"]


def test_names_that_no_source_has_are_marked() -> None:
    braille = CATALOGUE.get("world-braille-day")
    assert braille is not None
    assert braille.unverified == {"fi"}
    assert sum("fi" in entry.unverified for entry in CATALOGUE.entries()) > 150


def test_days_from_memory_have_no_source() -> None:
    refugees = CATALOGUE.get("world-day-of-migrants-and-refugees")
    assert refugees is not None
    assert refugees.sources == ()


def test_earth_hour_is_only_expected_when_it_would_be_holy_saturday() -> None:
    entry = CATALOGUE.get("earth-hour")
    assert entry is not None
    found = {year: entry.rule.occurrences(year)[0] for year in (2025, 2026, 2027)}
    assert [(str(one.on), one.status) for one in found.values()] == [
        ("2025-03-22", "from a table"),
        ("2026-03-28", "computed"),
        ("2027-03-27", "expected"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("international-migrant-day", "international-migrants-day"),
        ("International Migrants Day", "international-migrants-day"),
        ("Kansainvälinen siirtolaisten päivä", "international-migrants-day"),
        ("Kansainvälinen siirtolaisten paiva", "international-migrants-day"),
        ("girls-in-ict", "girls-in-ict-day"),
        ("world-refuge-day", "world-refugee-day"),
        ("qqqq", None),
        ("", None),
        ("!?", None),
    ],
)
def test_the_nearest_id(written: str, meant: str | None) -> None:
    assert nearest(CATALOGUE, written) == meant


def test_an_unknown_id_is_none() -> None:
    assert CATALOGUE.get("international-migrant-day") is None


def test_the_file_is_one_entry_a_line_without_repeated_keys() -> None:
    content = (resources.files("campaigner.observance") / "catalogue.jsonl").read_text("utf-8")

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    lines = content.splitlines()
    assert [json.loads(line, object_pairs_hook=unique)["id"] for line in lines] == list(CATALOGUE.ids())
    assert content.endswith("}\n")


def _seconds_of_one_look() -> float:
    began = time.process_time()
    Catalogue.load().get("international-migrants-day")
    return time.process_time() - began


def test_looking_up_one_day_is_quick() -> None:
    """The best of several: a collection of garbage that falls into one is not its fault."""
    assert min(_seconds_of_one_look() for _ in range(7)) < 0.06


def test_fixed_days_agree_with_a_second_transcription_of_the_united_nations_list() -> None:
    by_symbol: dict[str, list[Entry]] = {}
    for entry in CATALOGUE.entries():
        by_symbol.setdefault(entry.resolution, []).append(entry)
    second = [line.rsplit(" ", 1) for line in DATA.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(second) == 182
    for symbol, day in second:
        found = by_symbol.get(f"A/RES/{symbol}", [])
        assert found, symbol
        dates = {f"{one.on:%m-%d}" for entry in found for one in entry.rule.occurrences(2027)}
        assert day in dates, (symbol, [entry.id for entry in found])


DATA = Path(__file__).parents[2] / "data" / "un-days-by-resolution.txt"


def test_what_no_second_list_has_is_marked_unchecked() -> None:
    unchecked = {entry.id for entry in CATALOGUE.entries() if not entry.is_checked}
    assert "movember" in unchecked
    assert not unchecked & {"international-migrants-day", "easter-sunday", "ramadan-begins", "diwali"}
    assert unchecked >= {entry.id for entry in CATALOGUE.entries() if entry.group == "awareness" and not entry.sources}
