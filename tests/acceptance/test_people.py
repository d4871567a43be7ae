"""What a person types about posts: one way to name them in every command, a way back, dates as people write them."""

from __future__ import annotations

import json
import os
import pty
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from .workplace import COMMAND, Workplace, at, campaign, message

EN, FI = "migrants-day/2020/morning/desk/en", "migrants-day/2020/morning/desk/fi"
X, NOON = "migrants-day/2020/morning/press/en", "migrants-day/2020/noon/desk/en"
FILE = "campaigns/migrants-day.yaml"
DAY = {"morning": message("08:00", "Good morning", "Huomenta"), "noon": message("12:00", "Good day", "Päivää")}


@pytest.fixture
def office(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path, at("07:00:00"), 1.0)
    configure(place)
    place.write(FILE, campaign(DAY))
    place.accept()
    return place


def configure(place: Workplace, **settings: object) -> None:
    accounts = {"desk": ("mastodon", ["en", "fi"]), "press": ("x", ["en"])}
    place.write_config(
        {
            name: {"platform": "console", "like": like, "languages": languages, "spacing": "0s"}
            for name, (like, languages) in accounts.items()
        },
        **settings,
    )


TARGETS = {
    "migrants-day": 6,
    FILE: 6,
    "migrants-day/2020/noon": 3,
    "migrants-day/2020/noon/": 3,
    NOON: 1,
    "press": 2,
    "console": 6,
}


@pytest.mark.parametrize(("target", "posts"), TARGETS.items())
def test_every_command_takes_the_same_targets(office: Workplace, target: str, posts: int) -> None:
    assert len(json.loads(office.run("preview", target, "--json").stdout)) == posts
    assert len(json.loads(office.run("status", target, "--json").stdout)["posts"]) == posts
    assert f"{posts} of {posts} posts" in office.run("rehearse", target).stdout
    assert office.run("cancel", target, "--yes").stdout.count("cancelled ") == posts
    assert len(json.loads(office.run("log", target, "--json").stdout)) == posts
    assert office.run("cancel", "--undo", target, "--yes").stdout.count("not cancelled any more: ") == posts


@pytest.mark.parametrize("target", TARGETS)
def test_the_history_of_what_is_only_planned_is_none_and_no_error(office: Workplace, target: str) -> None:
    office.accept()
    done = office.run("log", target)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"nothing has happened yet with {target}: `campaigner status {target}` says what is planned\n"


@pytest.mark.parametrize(
    "line",
    [
        "preview",
        "status",
        "rehearse",
        "cancel",
        "retry",
        "delete",
        "approve --by A --code B",
        "preview --account",
        "accounts check",
    ],
)
@pytest.mark.parametrize(("word", "near"), [("pres", "press"), ("desc", "desk")])
def test_what_means_nothing_is_an_error_that_names_the_nearest(
    office: Workplace, line: str, word: str, near: str
) -> None:
    done = office.run(*line.split(), word)
    assert (done.returncode, f"did you mean {near}?" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--language", "se"], "there is: en, fi"),
        (["--language", "Finnish"], "did you mean fi (Finnish)?"),
        (["--language", "suomi"], "did you mean fi (Finnish)?"),
        (["--language", "gb"], "did you mean en (English)?"),
        (["--year", "2031"], "there is: 2020"),
        (["--date", "19.12.2020"], "the nearest day with posts is Friday 2020-12-18"),
        (["migrants-day/2020/noom"], "did you mean migrants-day/2020/noon?"),
        (["migrants-day/2020/noon/desk/fin"], "did you mean fi (Finnish)?"),
        (["migrants-day/2020/noon/desk/suomi"], "did you mean fi (Finnish)?"),
        (["migrants-day/2020/noon/desk/se"], "it is posted there in: en, fi"),
        (["campaigns/migrant-day.yaml"], "did you mean migrants-day?"),
        (["noon"], "did you mean migrants-day/2020/noon?"),
    ],
)
def test_a_preview_of_nothing_says_what_there_is(office: Workplace, options: list[str], words: str) -> None:
    done = office.run("preview", *options)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--date", "19.12.2020"], "the nearest day with posts is Friday 2020-12-18"),
        (["--year", "2031"], "there is: 2020"),
    ],
)
def test_a_preview_of_nothing_says_so_though_another_campaign_has_a_fault(
    office: Workplace, options: list[str], words: str
) -> None:
    office.write("campaigns/broken.yaml", "campaign: broken")
    done = office.run("preview", *options)
    assert done.returncode == 3
    assert f"campaigner: no post without a fault is meant by that\n  {words}\n" in done.stderr
    assert "not shown, for a fault holds it back: " in done.stderr
    of_broken = office.run("preview", "broken")
    assert (of_broken.returncode, "is meant by that" in of_broken.stderr) == (3, False)


def test_a_hold_takes_a_platform_and_a_file_and_so_does_release(office: Workplace) -> None:
    configure(office)
    held = office.run("hold", "--account", "console", "--campaign", FILE, "--reason", "quiet")
    assert held.stdout.count("on hold: migrants-day and ") == 2
    office.move_to(at("08:00:10"))
    assert office.run("run", "--once").stdout.count("held ") == 3
    assert office.run("release", "--account", "console", "--campaign", FILE).stdout.startswith("released: 2 holds\n")


def test_a_cancellation_is_taken_back(office: Workplace) -> None:
    cancelled = office.run("cancel", EN)
    assert f"`campaigner cancel --undo {EN}`" in cancelled.stderr
    assert office.status()[EN]["word"] == "cancelled"
    assert office.run("cancel", "--undo", EN, "--reason", "a slip").returncode == 0
    assert office.status()[EN]["state"] == "planned"
    office.move_to(at("08:00:10"))
    assert f"published {EN}" in office.run("run", "--once").stdout
    (history,) = json.loads(office.run("log", EN, "--json").stdout)
    assert [(one["what"], one["reason"]) for one in history["decisions"]] == [
        ("cancel", ""),
        ("cancel --undo", "a slip"),
    ]


@pytest.mark.parametrize(
    ("clock", "before", "words"),
    [
        ("07:30:00", [], "is not cancelled"),
        ("08:00:10", [["cancel", EN]], "was due meanwhile"),
        ("08:10:00", [["run", "--once"], ["delete", EN]], "was deleted, not cancelled"),
        ("08:10:00", [["run", "--once"]], "is not cancelled"),
        ("08:10:00", [["hold", "--reason", "quiet"], ["release"]], "was skipped, not cancelled"),
    ],
)
def test_what_was_not_cancelled_or_is_due_by_now_is_not_taken_back(
    office: Workplace, clock: str, before: list[list[str]], words: str
) -> None:
    office.move_to(at(clock))
    for line in before:
        office.run(*line)
    done = office.run("cancel", "--undo", EN)
    assert (done.returncode, words in done.stderr, "campaigner " in done.stderr) == (5, True, True), done.stderr


def test_skipped_deleted_and_cancelled_are_three_words(office: Workplace) -> None:
    office.run("hold", "--account", "press", "--reason", "quiet")
    office.run("cancel", FI)
    office.move_to(at("08:00:10"))
    office.run("run", "--once")
    office.run("release")
    office.run("delete", EN)
    posts = office.status()
    assert [posts[key]["word"] for key in (EN, FI, X)] == ["deleted", "cancelled", "skipped"]
    assert "desk en deleted fi cancelled · press en skipped" in office.run("status").stdout
    shown = office.run("log").stdout
    assert all(f"{key}  {word}\n" in shown for key, word in ((EN, "deleted"), (FI, "cancelled"), (X, "skipped")))


@pytest.mark.parametrize(
    ("command", "words"), [("resolve {} --not-published", "not in doubt"), ("delete {}", "not out")]
)
def test_what_a_post_is_is_said_of_what_it_is_not(office: Workplace, command: str, words: str) -> None:
    done = office.run(*command.format(EN).split())
    assert (done.returncode, f"{EN} is planned, {words}" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ("18.12. klo 9.30", "today 09:30"),
        ("tomorrow 8:00", "Sat 19 Dec 08:00"),
        ("9.10.2028", "Mon 9 Oct 2028 00:00"),
        ("19 December 2020 2 pm", "Sat 19 Dec 14:00"),
        ("lauantaina kello 12", None),
        ("lauantaina klo 12", "Sat 19 Dec 12:00"),
        ("20. joulukuuta 10:00", "Sun 20 Dec 10:00"),
        ("i morgon kl. 9", "Sat 19 Dec 09:00"),
        ("20 December at 9", "Sun 20 Dec 09:00"),
        ("den 20 december kl. 12", "Sun 20 Dec 12:00"),
        ("at 12 on 20 December", "Sun 20 Dec 12:00"),
        ("20.12. 12", "Sun 20 Dec 12:00"),
        ("20 December 12", None),
        ("noon", "today 12:00"),
        ("2020-12-18T09:00+01:00", "today 10:00"),
        ("9.10", None),
        ("31.2.2021 8:00", None),
        ("12/10/2021 8:00", None),
    ],
)
def test_dates_and_times_are_typed_as_people_write_them(office: Workplace, until: str, ends: str | None) -> None:
    done = office.run("hold", "--until", until, "--reason", "quiet")
    if ends is None:
        assert (done.returncode, "write " in done.stderr) == (2, True), done.stderr
    else:
        assert f"on hold: everything, until {ends} (Europe/Helsinki)" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "day", ["18.12.2020", "18.12.", "18 December", "18. joulukuuta", "today", "perjantai", "2020-12-18"]
)
def test_so_are_days(office: Workplace, day: str) -> None:
    assert len(json.loads(office.run("preview", "--date", day, "--json").stdout)) == 6


def test_a_line_that_ends_with_5_is_followed_by_the_command(office: Workplace) -> None:
    office.write(FILE, campaign({**DAY, "late": message("07:30", "Early", "Aikaisin")}))
    office.move_to(at("07:31:00"))
    done = office.run("run", "--once")
    assert done.returncode == 5
    key = "migrants-day/2020/late/press/en"
    assert f"held {key} " in done.stdout
    assert f"`campaigner retry {key}`" in done.stderr
    assert office.run("retry", key).returncode == 0
    assert f"published {key}" in office.run("run", "--once").stdout


def test_with_nothing_due_a_person_is_told_what_is_next_and_cron_nothing(office: Workplace) -> None:
    office.move_to(at("07:01:00"))
    quiet = office.run("run", "--once")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    assert "nothing is due; next: today 08:00 morning\n" in office.run("-v", "run", "--once").stderr
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(office.folder)
        os.execve(COMMAND, [COMMAND, "run", "--once"], office.environment_now())
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass
    os.waitpid(pid, 0)
    assert b"nothing is due; next: today 08:00 morning" in shown


def test_several_posts_are_approved_with_a_sentence(office: Workplace) -> None:
    configure(office, approval="required")
    codes = [line for line in office.run("preview").stdout.splitlines() if "approve with: " in line]
    line = codes[0].partition("campaigner ")[2].replace("NAME", "Aino").split()
    assert "6 posts approved" in office.run(*line).stderr


def test_a_rehearsal_counts_approvals_and_rehearses_what_lacks_one(office: Workplace) -> None:
    configure(office, approval="required")
    codes = {post["key"]: post["code"] for post in json.loads(office.run("preview", "--json").stdout)}
    assert office.run("approve", EN, "--by", "Aino", "--code", codes[EN]).returncode == 0
    done = office.run("rehearse")
    assert done.returncode == 0, done.stdout
    assert "6 of 6 posts went out" in done.stdout
    assert "5 posts are not approved yet" in done.stdout
    lacking = done.stdout.partition("not approved yet")[2]
    assert (EN in lacking, FI in lacking, "campaigner approve" in lacking) == (False, True, True)


def test_status_says_at_once_that_an_approved_text_was_edited(office: Workplace) -> None:
    configure(office, approval="required")
    codes = {post["key"]: post["code"] for post in json.loads(office.run("preview", "--json").stdout)}
    office.run("approve", EN, "--by", "Aino", "--code", codes[EN])
    assert office.status()[EN]["state"] == "planned"
    office.write(FILE, campaign({**DAY, "morning": message("08:00", "Good morning!", "Huomenta")}))
    post = office.status()[EN]
    assert (post["state"], post["reason"]) == ("awaiting-approval", "it was changed after its approval")


@pytest.mark.parametrize("edited", ["morning", "noon", "both"])
def test_what_awaits_approval_names_the_preview_that_prints_its_code(office: Workplace, edited: str) -> None:
    configure(office, approval="required")
    codes = {post["key"]: post["code"] for post in json.loads(office.run("preview", "--json").stdout)}
    for key, code in codes.items():
        assert office.run("approve", key, "--by", "Aino", "--code", code).returncode == 0
    names = ["morning", "noon"] if edited == "both" else [edited]
    office.write(FILE, campaign({**DAY, **{name: message(DAY[name]["at"], "Hi", "Hei") for name in names}}))
    target = "migrants-day/2020" if edited == "both" else f"migrants-day/2020/{edited}"
    told = office.run("status", "--attention").stdout
    assert told.count(f"    campaigner preview {target} (its last line approves it)\n") == 1
    assert "CODE" not in told
    assert f"campaigner approve {target} --by NAME --code " in office.run("preview", target).stdout


def test_status_watches_until_it_is_told_to_end(office: Workplace) -> None:
    process = office.start_process("status", "--watch")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(6)]
    process.terminate()
    process.communicate(timeout=30)
    assert any("Today, Friday 18 December" in line for line in lines)


def test_the_past_is_shown_with_its_option_or_a_target(office: Workplace) -> None:
    office.move_to(at("08:00:10"))
    office.run("run", "--once")
    office.move_to(datetime.fromisoformat("2020-12-19T09:00+02:00"))
    assert "Good morning" not in office.run("status").stdout.partition("before today")[0].partition("Needs")[0]
    assert "1 day before today: --past shows them" in office.run("status").stdout
    for options in (["--past"], ["migrants-day"], ["desk"]):
        assert "08:00  morning  “Good morning”  desk en ✓ fi ✓" in office.run("status", *options).stdout
    office.move_to(office.now() + timedelta(seconds=1))
