"""What goes out is what the files say now: edits, files that are gone, broken or renamed, times that slip into the past."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

FILE = "campaigns/migrants-day.yaml"
NOON = "migrants-day/2020/noon/news/en"
WHOLE = """\
campaign: Migrants Day
observance: 18 December
editions: [2020]
languages: [en]
accounts: all
messages:
  morning:
    at: 08:00
    text: |
      Good morning.
      Read what they told us.
  noon:
    at: 12:00
    text: |
      Good day.
      See you in the evening.
"""
BROKEN = WHOLE.replace("languages: [en]", "languages: [en")
OUTSIDE = WHOLE.replace("observance: 18 December", "observance: 18 Decembre")
Spoil = Callable[[Workplace], None]


def break_it(place: Workplace) -> None:
    place.write(FILE, BROKEN)


def break_it_outside_its_messages(place: Workplace) -> None:
    place.write(FILE, OUTSIDE)


def take_it_away(place: Workplace) -> None:
    (place.folder / FILE).unlink()


def take_the_folder_away(place: Workplace) -> None:
    (place.folder / "campaigns").rename(place.folder / "elsewhere")


def cut_it_short(place: Workplace) -> None:
    place.write(FILE, WHOLE[: WHOLE.index("    at: 12:00")])


def give_its_name_to_another(place: Workplace) -> None:
    place.write("campaigns/migrants-day.yml", WHOLE.replace("Good day", "Another day"))


SPOILED: dict[str, tuple[Spoil, int, str, str]] = {
    "broken": (break_it, 3, "is held until its file is mended: campaigns/migrants-day.yaml:4", "campaigner check"),
    "broken outside": (break_it_outside_its_messages, 3, "is held until its file is mended", "campaigner check"),
    "gone": (take_it_away, 1, "its file campaigns/migrants-day.yaml is gone", "campaigner cancel migrants-day"),
    "folder gone": (take_the_folder_away, 3, "its file campaigns/migrants-day.yaml is gone", "campaigner cancel"),
    "a message cut": (cut_it_short, 3, 'message "noon" of campaign migrants-day is not posted', "campaigner check"),
    "two of one name": (give_its_name_to_another, 3, "stands in campaigns/migrants-day.yaml already", "campaigner check"),
}  # fmt: skip


@pytest.fixture
def accepted(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write(FILE, WHOLE)
    place.accept()
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").returncode == 0
    return place


def alerts(place: Workplace) -> list[dict[str, str]]:
    """What is told of, but for what was changed at the last minute: here everything is."""
    found: list[dict[str, str]] = json.loads(place.run("status", "--json").stdout)["alerts"]
    return [alert for alert in found if alert["kind"] != "edited"]


def mend(place: Workplace) -> None:
    (place.folder / "campaigns/migrants-day.yml").unlink(missing_ok=True)
    place.write(FILE, WHOLE)


# An edit is what goes out.


CUTS = [WHOLE.index(mark) for mark in (" day.", "      See", " evening.")]


@pytest.mark.parametrize("size", CUTS)
def test_a_text_that_is_shorter_now_goes_out_as_preview_shows_it(
    accepted: Workplace, mastodon: FakeMastodon, size: int
) -> None:
    accepted.write(FILE, WHOLE[:size])
    accepted.move_to(at("11:30:00"))
    assert (done := accepted.run("run", "--once")).returncode == 0, done
    (shown,) = [post for post in json.loads(accepted.run("preview", "--json").stdout) if post["key"] == NOON]
    accepted.move_to(at("12:00:30"))
    assert accepted.run("run", "--once").returncode == 0
    assert mastodon.texts[1:] == [shown["parts"][0]["text"]]
    assert "See you in the evening" not in mastodon.texts[1]


def test_an_edit_in_the_last_minute_counts_under_the_daemon(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.speed = 20.0
    accepted.move_to(at("11:57:00"))
    with daemon(accepted):
        wait_for(lambda: accepted.now() >= at("11:58:30"))
        accepted.write(FILE, WHOLE.replace("      See you in the evening.\n", ""))
        wait_for(lambda: len(mastodon.journal) == 2)
    assert mastodon.texts[1] == "Good day."


def test_beside_a_broken_config_an_edit_of_a_campaign_counts_all_the_same(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    accepted.speed = 20.0
    accepted.move_to(at("11:56:30"))
    with daemon(accepted):
        wait_for(lambda: accepted.now() >= at("11:57:30"))
        accepted.write("config.yaml", "accounts: [")
        wait_for(lambda: accepted.now() >= at("11:58:30"))
        accepted.write(FILE, WHOLE.replace("      See you in the evening.\n", ""))
        wait_for(lambda: len(mastodon.journal) == 2)
    assert mastodon.texts[1] == "Good day."


# A file that can't be used holds its posts.


@pytest.mark.parametrize("name", SPOILED)
def test_a_file_that_cannot_be_used_holds_its_posts_until_it_is_well_again(
    accepted: Workplace, mastodon: FakeMastodon, name: str
) -> None:
    spoil, code, words, command = SPOILED[name]
    spoil(accepted)
    accepted.move_to(at("11:50:00"))
    first = accepted.run("run", "--once")
    assert (first.returncode, words in first.stderr) == (code, True), first.stderr
    told = accepted.run("status", "--attention")
    assert (told.returncode, words in told.stdout, command in told.stdout) == (1, True, True), told.stdout
    assert accepted.status()[NOON]["state"] == "held"
    accepted.move_to(at("12:00:30"))
    held = accepted.run("run", "--once")
    assert f"held {NOON} " in held.stdout
    assert accepted.status()[NOON]["state"] == "held"
    assert len(mastodon.texts) == 1
    mend(accepted)
    accepted.move_to(at("12:30:00"))
    assert (done := accepted.run("run", "--once")).returncode == 0, (done.stdout, done.stderr)
    assert mastodon.texts[1:] == ["Good day.\nSee you in the evening."]
    assert "nothing needs a person" in accepted.run("status", "--attention").stdout


@pytest.mark.parametrize("name", ["broken", "gone", "a message cut"])
def test_what_is_not_mended_within_late_is_missed_and_told_why(
    accepted: Workplace, mastodon: FakeMastodon, name: str
) -> None:
    SPOILED[name][0](accepted)
    accepted.move_to(at("11:50:00"))
    accepted.run("run", "--once")
    accepted.move_to(at("14:00:30"))
    done = accepted.run("run", "--once")
    assert f"missed {NOON} it was not sent within 2 h of its time: " in done.stdout
    assert "migrants-day.yaml" in done.stdout
    assert accepted.status()[NOON]["state"] == "missed"
    mend(accepted)
    assert accepted.run("run", "--once").stdout == ""
    assert accepted.run("retry", NOON, "--yes").returncode == 0
    accepted.run("run", "--once")
    assert len(mastodon.texts) == 2


def test_a_post_that_is_far_ahead_is_held_too_and_goes_out_when_it_is_mended_in_time(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    """Nothing ran here between the mending and its time: it was accepted a week before."""
    place.write_config({"news": account(mastodon, ["en"])})
    place.write(FILE, WHOLE)
    place.move_to(at("07:00:00") - timedelta(days=7))
    place.accept()
    place.write(FILE, BROKEN)
    place.move_to(at("07:00:00") - timedelta(days=6))
    assert place.run("run", "--once").returncode == 3
    assert place.status()[NOON]["state"] == "held"
    place.write(FILE, WHOLE.replace("See you", "We see you"))
    place.move_to(at("12:30:00"))
    place.run("run", "--once")
    assert mastodon.texts == ["Good day.\nWe see you in the evening."]


def test_an_old_file_of_which_nothing_lies_ahead_may_go(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.move_to(at("12:00:30"))
    accepted.run("run", "--once")
    take_it_away(accepted)
    accepted.write("campaigns/other.yaml", WHOLE.replace("[2020]", "[2021]"))
    accepted.move_to(at("12:30:00"))
    assert (done := accepted.run("run", "--once")).returncode == 0, done.stderr
    assert alerts(accepted) == []


def test_posts_of_a_file_that_is_gone_on_purpose_are_cancelled(accepted: Workplace) -> None:
    take_it_away(accepted)
    accepted.move_to(at("11:50:00"))
    accepted.run("run", "--once")
    assert accepted.run("cancel", NOON).returncode == 0
    accepted.move_to(at("12:00:30"))
    assert accepted.run("run", "--once").stdout == ""
    assert alerts(accepted) == []


def test_the_daemon_holds_and_tells_at_once(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.speed = 30.0
    accepted.move_to(at("11:55:00"))
    with daemon(accepted):
        break_it(accepted)
        wait_for(lambda: "is held until its file is mended" in accepted.run("status", "--attention").stdout)
        wait_for(lambda: accepted.now() >= at("12:02:00"))
        assert len(mastodon.journal) == 1
        mend(accepted)
        wait_for(lambda: len(mastodon.journal) == 2)
    assert mastodon.texts[1] == "Good day.\nSee you in the evening."


# What is planned no more is told.


SLIPS = {
    "the day before": ("observance: 18 December", "observance: 17 December"),
    "a month before": ("observance: 18 December", "observance: 18 November"),
    "a day back": ("at: 12:00", "at: -1d 12:00"),
    "hours back": ("at: 12:00", "at: 05:05"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_post_that_is_moved_into_the_past_is_told_like_one_that_is_removed(
    accepted: Workplace, mastodon: FakeMastodon, slip: str
) -> None:
    accepted.write(FILE, WHOLE.replace(*SLIPS[slip]))
    accepted.move_to(at("11:55:00"))
    done = accepted.run("run", "--once")
    assert (done.returncode, f"{NOON} was planned for 2020-12-18 10:00 UTC, and" in done.stderr) == (1, True)
    told = accepted.run("status", "--attention")
    assert (told.returncode, f"campaigner retry {NOON} --yes" in told.stdout) == (1, True), told.stdout
    again = accepted.run("run", "--once")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    mend(accepted)
    accepted.move_to(at("11:57:00"))
    assert accepted.run("run", "--once").returncode == 0
    assert alerts(accepted) == []
    accepted.move_to(at("12:00:30"))
    accepted.run("run", "--once")
    assert len(mastodon.texts) == 2


@pytest.mark.parametrize("change", ["removed", "moved"])
def test_a_slip_that_is_read_after_the_post_was_due_is_told_too(accepted: Workplace, change: str) -> None:
    """Nothing ran from before the edit until after the time that it took away."""
    if change == "removed":
        accepted.write(FILE, WHOLE[: WHOLE.index("  noon")])
    else:
        accepted.write(FILE, WHOLE.replace("at: 12:00", "at: -1d 12:00"))
    accepted.move_to(at("12:05:00"))
    done = accepted.run("run", "--once")
    assert (done.returncode, NOON in done.stderr) == (1, True), done.stderr


def test_a_post_that_is_moved_back_within_late_waits_for_a_person(accepted: Workplace) -> None:
    accepted.write(FILE, WHOLE.replace("at: 12:00", "at: 11:00"))
    accepted.move_to(at("11:55:00"))
    done = accepted.run("run", "--once")
    assert (done.returncode, done.stdout.startswith(f"held {NOON} its time had passed when")) == (5, True)


def test_a_post_that_is_out_may_move_as_it_likes(accepted: Workplace) -> None:
    accepted.write(FILE, WHOLE.replace("at: 08:00", "at: -1d 08:00"))
    accepted.move_to(at("11:55:00"))
    assert (done := accepted.run("run", "--once")).returncode == 0, done.stderr
    assert alerts(accepted) == []


# What comes too late is told once.


def test_a_new_file_whose_posts_are_over_is_told_once(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/other.yaml", WHOLE.replace("[2020]", "[2021]"))
    place.accept()
    place.write(FILE, WHOLE)
    place.move_to(at("11:30:00"))
    done = place.run("run", "--once")
    assert done.returncode == 1
    assert "migrants-day/2020/morning: the time of 1 post was over when campaigner first saw" in done.stderr
    told = place.run("status", "--attention").stdout
    assert "campaigner retry migrants-day/2020/morning --yes" in told
    place.write(FILE, WHOLE + "# a remark\n")
    again = place.run("run", "--once")
    assert (again.returncode, again.stderr) == (0, "")
    place.run("retry", "migrants-day/2020/morning", "--yes")
    place.run("run", "--once")
    assert mastodon.texts == ["Good morning.\nRead what they told us."]


def test_of_editions_that_are_over_a_new_file_tells_nothing(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write(FILE, WHOLE.replace("[2020]", "[2019, 2020]"))
    place.accept()
    assert alerts(place) == []
    place.write("campaigns/last-year.yaml", WHOLE.replace("[2020]", "[2019]"))
    assert place.run("run", "--once").returncode == 0
    assert alerts(place) == []


def test_of_a_file_that_is_renamed_what_is_out_is_no_news(accepted: Workplace, mastodon: FakeMastodon) -> None:
    (accepted.folder / FILE).rename(accepted.folder / "campaigns/renamed.yaml")
    accepted.move_to(at("11:40:00"))
    assert accepted.run("run", "--once").returncode == 1
    assert [alert["text"].partition(":")[0] for alert in alerts(accepted)] == ["campaign migrants-day is held"]
    accepted.move_to(at("12:00:30"))
    accepted.run("run", "--once")
    assert mastodon.texts[1:] == ["Good day.\nSee you in the evening."]


# Missed at last, and why.


TROUBLE: dict[str, dict[str, Any]] = {
    "redirect, asked who we are": {"fault": "status", "status": 301, "path_prefix": "/api/v1/accounts/verify"},
    "down, asked who we are": {"fault": "html", "status": 503, "path_prefix": "/api/v1/accounts/verify"},
    "maintenance": {"fault": "html", "status": 503, "path_prefix": "/api/v1/statuses", "method": "POST"},
    "a limit": {"fault": "rate_limit", "form": "seconds", "seconds": 600, "path_prefix": "/api/v1/statuses"},
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_post_that_a_servers_trouble_kept_due_is_missed_for_that_reason(
    accepted: Workplace, mastodon: FakeMastodon, name: str
) -> None:
    mastodon.fault(**TROUBLE[name], times=1000)
    reasons = set()
    for minutes in range(0, 151, 15):
        accepted.move_to(at("12:00:30") + timedelta(minutes=minutes))
        done = accepted.run("run", "--once")
        assert "first saw it" not in done.stdout
        lines = [line for line in done.stdout.splitlines() if line.startswith(("waiting", "in-doubt"))]
        reasons |= {line.split(" ", 3 if line.startswith("waiting") else 2)[-1] for line in lines}
    reason = accepted.status()[NOON]["reason"]
    assert reason.startswith("it was not sent within 2 h of its time: ")
    assert any(known in reason for known in reasons), (reason, reasons)


def test_where_nobody_answers_each_post_is_missed_for_that_reason(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write(FILE, campaign({f"m{n}": message("12:00", f"Text {n}", f"Teksti {n}") for n in range(3)}))
    place.accept()
    with mastodon.refusing():
        for minutes in (0, 30, 60, 121):
            place.move_to(at("12:00:30") + timedelta(minutes=minutes))
            done = place.run("run", "--once")
    assert done.stdout.count("it was not sent within 2 h of its time: 127.0.0.1") == 3, done.stdout


def test_a_persons_yes_stays_with_what_a_server_did_not_take(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write(FILE, WHOLE)
    place.move_to(at("12:00:30"))
    with mastodon.refusing():
        place.run("run", "--once", "--yes")
    place.move_to(at("12:30:00"))
    assert place.run("run", "--once").stdout.startswith(f"published {NOON}")


def test_a_post_that_nobody_approved_is_missed_for_that_reason(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon, ["en"])}, approval="required")
    place.write(FILE, WHOLE)
    place.accept()
    place.move_to(at("10:00:30"))
    done = place.run("run", "--once")
    assert "missed migrants-day/2020/morning/news/en it was not sent within 2 h of its time: it is not approved" in (
        done.stdout
    )


# A day on which all of it happens.


ONLY_NOON = WHOLE[: WHOLE.index("  morning")] + WHOLE[WHOLE.index("  noon") :]
DAY = {
    "sentence": ONLY_NOON,
    "named": ONLY_NOON.replace("Good day", "A day under another name"),
    "broken": ONLY_NOON.replace("Good day", "A day that is broken"),
    "slip": ONLY_NOON.replace("Good day", "A day that slips"),
}
EDITS: list[tuple[str, Callable[[Workplace], object]]] = [
    ("11:30", lambda place: place.write("campaigns/sentence.yaml", ONLY_NOON.replace("      See you in the evening.\n", ""))),
    ("11:40", lambda place: (place.folder / "campaigns/named.yaml").rename(place.folder / "campaigns/renamed.yaml")),
    ("11:50", lambda place: place.write("campaigns/broken.yaml", DAY["broken"].replace("[en]", "[en"))),
    ("11:55", lambda place: place.write("campaigns/slip.yaml", DAY["slip"].replace("18 December", "17 December"))),
]  # fmt: skip


@pytest.fixture
def day(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """Four campaigns, accepted at 07:50, each with a post at noon."""
    place.write_config({"news": account(mastodon, ["en"])})
    for name, text in DAY.items():
        place.write(f"campaigns/{name}.yaml", text)
    place.move_to(at("07:50:00"))
    place.accept()
    return place


def assert_noon_is_as_the_files_say(place: Workplace, mastodon: FakeMastodon) -> None:
    shown = {
        post["parts"][0]["text"]
        for post in json.loads(place.run("preview", "--json").stdout)
        if post["local_time"].startswith("2020-12-18T12:00")
    }
    assert set(mastodon.texts) == {"Good day.", "A day under another name.\nSee you in the evening."}
    assert set(mastodon.texts) <= shown
    assert_attention(place, NEEDING)
    assert "held" in place.status()["broken/2020/noon/news/en"]["state"]


NEEDING = (
    ("campaign named is held: its file campaigns/named.yaml is gone", "campaigner cancel named"),
    ("campaign broken is held until its file is mended: campaigns/broken.yaml", "campaigner check"),
    ("slip/2020/noon/news/en was planned for", "campaigner retry slip/2020/noon/news/en --yes"),
)
EDITED = (
    "campaigns/sentence.yaml was changed shortly before sentence/2020/noon/news/en goes out",
    "campaigner preview sentence/2020/noon/news/en",
)


def assert_attention(place: Workplace, wanted: Iterable[tuple[str, str]]) -> None:
    """What is told, and the command in the line below."""
    told = place.run("status", "--attention")
    assert told.returncode == 1
    lines = told.stdout.splitlines()
    for name, command in wanted:
        (number,) = [number for number, line in enumerate(lines) if name in line]
        assert command in lines[number + 1]


def test_a_day_of_edits_under_cron(day: Workplace, mastodon: FakeMastodon) -> None:
    for clock_time, edit in EDITS:
        day.move_to(at(f"{clock_time}:00"))
        edit(day)
        for minute in range(2):
            day.move_to(at(f"{clock_time}:30") + timedelta(minutes=minute))
            day.run("run", "--once")
    assert mastodon.texts == []
    assert_attention(day, [EDITED, *NEEDING])
    for minute in range(3):
        day.move_to(at("12:00:05") + timedelta(minutes=minute))
        day.run("run", "--once")
    assert_noon_is_as_the_files_say(day, mastodon)


def test_a_day_of_edits_under_the_daemon(day: Workplace, mastodon: FakeMastodon) -> None:
    day.speed = 60.0
    day.move_to(at("11:29:00"))
    with daemon(day):
        for clock_time, edit in EDITS:
            wait_for(lambda clock_time=clock_time: day.now() >= at(f"{clock_time}:00"))
            edit(day)
        wait_for(lambda: len(mastodon.journal) == 2)
        wait_for(lambda: day.now() >= at("12:03:00"))
    day.move_to(at("12:05:00"))
    assert_noon_is_as_the_files_say(day, mastodon)


# What a run that died had in hand.


@pytest.mark.parametrize("state", ["claimed", "sending"])
def test_a_file_that_goes_after_a_run_died_is_told_too(accepted: Workplace, mastodon: FakeMastodon, state: str) -> None:
    accepted.move_to(at("12:00:30"))
    with mastodon.refusing():
        accepted.run("run", "--once")
    with closing(sqlite3.connect(accepted.folder / "state/campaigner.db")) as ledger, ledger:
        ledger.execute("UPDATE deliveries SET state = ? WHERE key = ?", (state, NOON))
    take_it_away(accepted)
    accepted.move_to(at("12:10:00"))
    done = accepted.run("run", "--once")
    assert "its file campaigns/migrants-day.yaml is gone" in done.stderr
    accepted.move_to(at("14:10:00"))
    accepted.run("run", "--once")
    assert accepted.status()[NOON]["state"] == "missed"


def test_a_post_that_a_server_would_not_take_and_that_is_removed_is_told_at_once(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    accepted.move_to(at("12:00:30"))
    with mastodon.refusing():
        accepted.run("run", "--once")
    accepted.write(FILE, WHOLE[: WHOLE.index("  noon")])
    accepted.move_to(at("12:10:00"))
    assert f"{NOON} was planned for" in accepted.run("run", "--once").stderr


# What `check` and `preview` say of times that are over.


def test_check_and_preview_say_which_posts_of_an_edition_are_over(accepted: Workplace) -> None:
    accepted.write(FILE, WHOLE.replace("at: 12:00", "at: 05:05"))
    accepted.move_to(at("09:02:00"))
    assert 'message "noon" of 2020 is over: it was due 2020-12-18 05:05 [time-over]' in accepted.run("check").stdout
    shown = {post["key"]: post["notes"] for post in json.loads(accepted.run("preview", "--json").stdout)}
    assert shown == {NOON: ["its time is over"], NOON.replace("noon", "morning"): []}


@pytest.mark.parametrize(("day", "is_said"), [("17 December", True), ("20 November", True), ("18 October", False)])
def test_check_says_that_an_edition_is_over_unless_it_is_long_over(
    accepted: Workplace, day: str, is_said: bool
) -> None:
    accepted.write(FILE, WHOLE.replace("18 December", day).replace("[2020]", "[2020, 2021]"))
    said = accepted.run("check").stdout
    assert ("every message of 2020 is over: the last was due" in said) is is_said
    assert 'message "noon" of 2020' not in said


@pytest.mark.parametrize("edit", ["another text", "gone", "broken", "a draft", "later"])
def test_an_edit_counts_for_what_waits_for_its_turn_in_a_single_run(
    place: Workplace, mastodon: FakeMastodon, edit: str
) -> None:
    """The run waits for the account's spacing between two posts that are due at once."""
    both: dict[str, Any] = {name: {"at": "12:00", "text": {"en": f"The {name} text"}} for name in ("first", "second")}
    place.speed = 30.0
    place.write_config({"news": {**account(mastodon, ["en"]), "spacing": "5m"}})
    place.write(FILE, campaign(both, languages=["en"]))
    place.accept()
    place.move_to(at("12:00:10"))
    process = place.start_process("run", "--once")
    wait_for(lambda: len(mastodon.journal) == 1)
    match edit:
        case "another text":
            both["second"]["text"]["en"] = "Another text"
        case "a draft":
            both["second"]["draft"] = True
        case "later":
            both["second"]["at"] = "18:00"
    place.write(FILE, "campaign: [" if edit == "broken" else campaign(both, languages=["en"]))
    if edit == "gone":
        take_it_away(place)
    process.communicate(timeout=60)
    assert mastodon.texts == ["The first text", "Another text"][: 2 if edit == "another text" else 1]
