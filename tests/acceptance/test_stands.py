"""What people decide and edit while posts are on their way stands, and no gate gets in the way of their word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from ..proof.stage import wait_for
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
MORNING = {"morning": message("08:00", "Good morning", "Huomenta")}
POST = {"path_prefix": "/api/v1/statuses", "method": "POST"}


def accept(place: Workplace, server: Any, messages: dict[str, Any], *languages: str, **settings: Any) -> None:
    place.speed = 1.0
    place.write_config({"news": account(server, languages or ["en"], **settings)})
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.move_to(at("07:00:00"))
    place.accept()


def test_one_account_under_two_names_gets_a_text_once(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"]), "press": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("07:00:00"))
    place.accept()
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once")
    assert mastodon.texts == ["Good morning"]
    assert done.returncode == 5
    assert "the same text went out on this account as migrants-day/2020/morning/" in done.stdout


def test_what_is_released_to_be_posted_late_is_posted_however_much_it_is(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    messages = {f"m{day}": message(f"+{day}d 08:00", f"Day {day}", f"Päivä {day}") for day in range(4)}
    accept(place, mastodon, messages)
    place.run("hold", "--reason", "a flood")
    place.move_to(at("09:00:00") + timedelta(days=3))
    place.run("run", "--once")
    assert place.run("release", "--late", "post").stdout.count("will be posted now") == 4
    place.run("run", "--once")
    assert mastodon.texts == ["Day 0", "Day 1", "Day 2", "Day 3"]


def test_what_is_released_to_be_posted_late_is_skipped_by_a_later_hold(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    accept(place, mastodon, MORNING)
    place.run("hold", "--reason", "a flood")
    place.move_to(at("12:00:00"))
    assert place.run("release", "--late", "post").returncode == 0
    place.run("hold", "--reason", "another flood")
    place.run("run", "--once")
    place.move_to(at("16:00:00"))
    assert f"skipped {KEY}" in place.run("release").stdout
    place.run("run", "--once")
    assert mastodon.texts == []


def test_a_post_of_a_renamed_file_goes_out_once_under_its_new_name(place: Workplace, mastodon: FakeMastodon) -> None:
    accept(place, mastodon, MORNING)
    folder = place.folder / "campaigns"
    (folder / "migrants-day.yaml").rename(folder / "day.yaml")
    place.move_to(at("07:30:00"))
    place.run("run", "--once")
    place.move_to(at("08:00:30"))
    said = place.run("run", "--once").stdout
    assert "published day/2020/morning/news/en " in said
    assert "held migrants-day/2020/morning/news/en its file campaigns/migrants-day.yaml is gone" in said
    place.move_to(at("10:00:30"))
    assert place.run("run", "--once").stdout.startswith("missed migrants-day/2020/morning/news/en ")
    assert mastodon.texts == ["Good morning"]


def test_a_post_that_is_moved_to_later_after_a_try_goes_out_later(place: Workplace, mastodon: FakeMastodon) -> None:
    accept(place, mastodon, MORNING)
    mastodon.fault("rate_limit", **POST, form="seconds", seconds=60)
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").stdout.startswith("waiting ")
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("18:00", "Good evening", "Iltaa")}))
    for time_of_day in ("08:00:50", "10:30:00"):
        place.move_to(at(time_of_day))
        assert place.run("run", "--once").stdout == ""
    place.move_to(at("18:00:30"))
    place.run("run", "--once")
    assert mastodon.texts == ["Good evening"]


def test_waiting_for_spacing_makes_nothing_missed_whichever_process_looks(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, spacing="10m")}, late="5m")
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:10"))
    first = place.start_process("run")
    try:
        assert wait_for(lambda: mastodon.texts == ["Good morning"], 30)
    finally:
        first.terminate()
        first.communicate()
    place.move_to(at("08:08:00"))
    place.speed = 60.0
    done = place.run("run", "--once")
    assert done.stdout.startswith("published migrants-day/2020/morning/news/fi"), done.stdout
    assert mastodon.texts == ["Good morning", "Huomenta"]


def test_saving_a_file_cuts_no_call_in_flight(place: Workplace, x: FakeX) -> None:
    accept(place, x, MORNING)
    x.fault("delay", path_prefix="/2/tweets", method="POST", seconds=8.0)
    place.move_to(at("07:59:58"))
    daemon = place.start_process("run")
    try:
        assert wait_for(lambda: any(name.startswith("POST /2/tweets") for name in list(x.requests)), 30)
        place.write("campaigns/other.yaml", campaign({"later": message("20:00", "Later", "Myöhemmin")}))
        assert wait_for(lambda: any("other/" in key for key in place.status()), 30)
        assert wait_for(lambda: place.status()[KEY]["state"] not in {"claimed", "sending"}, 30)
    finally:
        daemon.terminate()
        said, _ = daemon.communicate()
    assert place.status()[KEY]["state"] == "published", said
    assert place.status()[KEY]["attempts"] == 1
    assert x.texts == ["Good morning"]


def test_a_draft_that_is_released_after_its_time_waits_for_a_person(place: Workplace, mastodon: FakeMastodon) -> None:
    accept(place, mastodon, {"morning": message("08:00", "Good morning", "Huomenta", draft=True)})
    place.write("campaigns/migrants-day.yaml", campaign(MORNING))
    place.move_to(at("08:30:00"))
    done = place.run("run", "--once")
    assert (done.returncode, mastodon.texts) == (5, [])
    assert f"held {KEY} its time had passed" in done.stdout


def test_an_approval_that_is_required_from_now_on_counts_for_what_waits_for_its_turn(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    messages = {name: message("08:00", f"Text {name}", f"Teksti {name}") for name in ("one", "two")}
    accept(place, mastodon, messages, spacing="1m")
    place.speed = 4.0
    place.move_to(at("07:59:55"))
    daemon = place.start_process("run")
    try:
        assert wait_for(lambda: len(mastodon.texts) == 1, 30)
        place.write_config({"news": account(mastodon, ["en"], spacing="1m")}, approval="required")
        assert wait_for(lambda: place.now() > at("08:01:30"), 60)
    finally:
        daemon.terminate()
        daemon.communicate()
    assert len(mastodon.texts) == 1
