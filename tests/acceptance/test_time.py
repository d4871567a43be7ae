"""Nights when clocks change, new rules of a time zone, leap days and far years: each post once, at its instant."""

from __future__ import annotations

import json
import zoneinfo
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from campaigner.clock import FastClock
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")


def on(day: str, **messages: str) -> str:
    """A campaign of one day, with a message at each of these times."""
    texts = {name: message(time, f"Text {name}", f"Teksti {name}") for name, time in messages.items()}
    return campaign(texts, observance=day, editions=[int(day[:4])])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Nights when clocks change.

ONE_UTC = "01:00 UTC"
NIGHTS = {
    # 03:00 becomes 04:00: what stands in the gap moves by it, past one o'clock UTC.
    "2027-03-28": {"mark": (ONE_UTC, "01:00"), "night": ("03:30", "01:30"), "after": ("04:45", "01:45")},
    # 04:00 becomes 03:00: half past three comes twice, and the first is meant, before one o'clock UTC.
    "2027-10-31": {"night": ("03:30", "00:30"), "mark": (ONE_UTC, "01:00"), "after": ("04:10", "02:10")},
}


@pytest.mark.parametrize("day", NIGHTS)
def test_the_daemon_runs_through_the_change_of_clocks(place: Workplace, mastodon: FakeMastodon, day: str) -> None:
    instants = {name: utc(f"{day}T{due}") for name, (_, due) in NIGHTS[day].items()}
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/night.yaml", on(day, **{name: written for name, (written, _) in NIGHTS[day].items()}))
    place.speed = 1800.0  # an hour is two seconds
    place.move_to(instants["night"] - timedelta(hours=5))  # ten seconds to begin in
    mastodon.clock = FastClock(place.now(), place.speed)
    with daemon(place):
        wait_for(lambda: len(mastodon.journal) >= len(instants))
    assert mastodon.texts == [f"Text {name}" for name in instants]
    planned = {key.split("/")[2]: datetime.fromisoformat(post["due_at"]) for key, post in place.status().items()}
    assert planned == instants
    assert all(posted.at >= due for posted, due in zip(mastodon.journal, instants.values(), strict=True))


# A new release of the zone data, which Helsinki's parliament may cause any year.


def use_rules_of(place: Workplace, zone: str) -> None:
    """Let Europe/Helsinki follow another zone's rules from now on."""
    folder = place.folder / "zones"
    path = folder / "Europe" / "Helsinki"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes())
    place.environment["PYTHONTZPATH"] = str(folder)


@pytest.fixture
def day(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """Accepted at seven under the rules as we know them; the first message is out."""
    use_rules_of(place, "Europe/Helsinki")
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    day = {"morning": message("08:00", "Good morning", "Huomenta"), "noon": message("12:00", "Good day", "Päivää")}
    place.write("campaigns/migrants-day.yaml", campaign(day))
    place.accept()
    place.move_to(at("08:00:10"))
    assert place.run("run", "--once").returncode == 0
    return place


def state_of(place: Workplace) -> dict[str, tuple[str, str]]:
    return {key.split("/")[2]: (post["state"], post["due_at"]) for key, post in place.status().items()}


def test_rules_that_make_it_later_repeat_nothing_and_move_what_is_not_out(
    day: Workplace, mastodon: FakeMastodon
) -> None:
    use_rules_of(day, "Europe/London")
    assert state_of(day)["noon"] == ("planned", "2020-12-18T12:00:00Z")
    for clock_time in ("10:00:10", "12:00:10"):  # eight o'clock comes anew, and the old noon
        day.move_to(at(clock_time))
        assert (day.run("run", "--once").stdout, mastodon.texts) == ("", ["Good morning"])
    day.move_to(at("14:00:10"))
    assert day.run("run", "--once").stdout.startswith("published ")
    assert mastodon.texts == ["Good morning", "Good day"]
    assert {name: state for name, (state, _) in state_of(day).items()} == {"morning": "published", "noon": "published"}


def test_rules_that_make_it_earlier_before_it_is_due_move_it(day: Workplace, mastodon: FakeMastodon) -> None:
    use_rules_of(day, "Europe/Moscow")
    day.move_to(at("10:30:00"))
    assert day.run("run", "--once").stdout == ""
    assert state_of(day)["noon"] == ("planned", "2020-12-18T09:00:00Z")
    day.move_to(at("11:00:10"))
    assert day.run("run", "--once").stdout.startswith("published ")
    day.move_to(at("12:00:10"))
    assert day.run("run", "--once").stdout == ""
    assert mastodon.texts == ["Good morning", "Good day"]


def test_rules_that_put_it_into_the_past_lose_nothing_unsaid(day: Workplace, mastodon: FakeMastodon) -> None:
    use_rules_of(day, "Europe/Moscow")
    day.move_to(at("11:30:00"))
    held = day.run("run", "--once")
    assert (held.returncode, held.stdout.split()[:2]) == (5, ["held", "migrants-day/2020/noon/news/en"])
    assert "migrants-day/2020/noon/news/en" in day.run("status", "--attention").stdout
    assert day.run("run", "--once", "--yes").stdout.startswith("published ")
    assert mastodon.texts == ["Good morning", "Good day"]


# Leap days.

LEAP = {"editions": ["every year"], "observance": "29 February"}


def test_a_leap_day_has_posts_every_four_years(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/leap.yaml", campaign({"a": message("09:00", "Leap {date} {year}", "{date}")}, **LEAP))
    place.move_to(utc("2027-02-28T06:00"))
    place.accept()
    for day in ("2027-02-28T07:00:10", "2027-03-01T07:00:10"):
        place.move_to(utc(day))
        assert place.run("run", "--once").stdout == ""
    told = place.run("check")
    assert (told.returncode, "2027 has no 29 February [no-day]" in told.stdout) == (0, True)
    place.move_to(utc("2028-02-29T07:00:10"))
    assert place.run("run", "--once").stdout.startswith("published leap/2028/a/news/en ")
    assert mastodon.texts == ["Leap 29 February 2028"]


@pytest.mark.parametrize(("year", "has_one"), [(1970, False), (2000, True), (2027, False), (2096, True), (2100, False)])
def test_a_leap_day_in_a_year_without_one_is_a_fault_that_names_it(place: Workplace, year: int, has_one: bool) -> None:
    place.write_config({"desk": {"platform": "console", "languages": ["en", "fi"]}})
    keys = {**LEAP, "editions": [year]}
    place.write("campaigns/leap.yaml", campaign({"a": message("09:00", "A leap", "Loikka")}, **keys))
    told = place.run("check")
    assert (told.returncode, f"{year} has no 29 February [no-day]" in told.stdout) == (
        (0, False) if has_one else (3, True)
    )


# Far years.

FAR = {
    "1970-01-01": ("02:00", "1970-01-01T00:00"),  # the zero of all clocks
    "2038-01-19": ("05:15", "2038-01-19T03:15"),  # 32 bits of seconds end at 03:14:07
    "2099-12-31": ("23:59", "2099-12-31T21:59"),
    "2100-02-28": ("+1d 08:00", "2100-03-01T06:00"),  # no leap year
}


@pytest.mark.parametrize("day", FAR)
def test_far_years(place: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky, day: str) -> None:
    written, due = FAR[day]
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"]), "sky": account(bluesky, ["en"])})
    place.write("campaigns/far.yaml", on(day, a=written))
    place.move_to(utc(due) - timedelta(hours=1))
    planned: list[dict[str, Any]] = json.loads(place.run("preview", "--year", day[:4], "--json").stdout)
    assert {datetime.fromisoformat(post["due_at"]) for post in planned} == {utc(due)}
    place.accept()
    place.move_to(utc(due) + timedelta(seconds=10))
    mastodon.clock = bluesky.clock = FastClock(place.now())
    for _ in range(2):
        assert place.run("run", "--once").returncode == 0
    assert mastodon.texts == bluesky.texts == ["Text a"]
    assert {post["state"] for post in place.status().values()} == {"published"}


# A wrong clock, and cron.


def test_a_single_run_by_a_wrong_clock_misses_nothing_and_ends_no_hold(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    assert place.run("hold", "--until", "2020-12-18T09:00", "--reason", "wait").returncode == 0
    place.comparing = True
    mastodon.clock = FastClock(at("07:50:00"))
    place.move_to(at("12:10:00"))
    held = place.run("run", "--once")
    assert held.returncode == 5
    assert "held migrants-day/2020/morning/news/en this machine's clock is 4 h" in held.stdout
    assert "nothing is sent there until the clocks agree" in place.run("status", "--attention").stdout
    place.move_to(at("08:00:10"))
    mastodon.clock = FastClock(place.now())
    assert "held migrants-day/2020/morning/news/en on hold: wait" in place.run("run", "--once").stdout
    assert place.run("release", "--late", "post").returncode == 0
    assert place.run("run", "--once").stdout.startswith("published ")
    assert mastodon.texts == ["Good morning"]
