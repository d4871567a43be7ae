"""The short form of `make proof`: a few cells of each table and a few random kills; and that the proof can fail."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from .__main__ import PAGE
from .burst import MOST_IN_DOUBT, POSTS, SERVERS, Tally, run_bursts
from .edits import EDITS, Edit, edits_of, run_edit
from .faults import CALLS, FAULTS, Fault, Hit
from .matrix import ENGINES, ROWS, TEXT, run_row
from .page import Findings, page
from .points import DAEMON, SENDING, SENDING_NEXT, SENDS, Point, points_of_cron, points_of_daemon, run_point
from .stage import KEY, PLATFORMS, SETTLED_BY, Row, stage

BY_NAME = {fault.name: fault for fault in FAULTS}
SHORT = (("answer lost", "run --once"), ("answer lost", "run"), ("request dropped", "run"))
KILLED_AFTER = (SENDING_NEXT, "the server got part 1, and publishes it a little later")
MESSAGE = {"at": "08:00", "text": {"en": TEXT}}


@pytest.mark.parametrize(("name", "engine"), SHORT)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_fault_costs_no_copy_and_no_silence(platform: str, name: str, engine: str) -> None:
    row = run_row(platform, BY_NAME[name], engine)
    assert row.broken == ""
    assert row.outcome == BY_NAME[name].expected(platform)
    assert (row.copies, bool(row.told)) == (((1,), False) if row.outcome == "published" else ((0,), True))


HIDDEN = "answer lost, the post not shown at first, and its repeat: 429"
OTHERS = (
    ("Mastodon", HIDDEN, "run --once"),
    ("Bluesky", HIDDEN, "run"),
    ("Mastodon, key ignored", "request dropped, and its repeat: 429", "run --once"),
    ("X", "the image's upload, twice: the answer lost", "run"),
    ("Bluesky", "the question who we are, twice: 500", "run --once"),
    ("Mastodon", "429 for an hour, Retry-After in seconds", "run --once"),
    ("X", "429 for an hour, x-rate-limit-reset as a number", "run --once"),
)


@pytest.mark.parametrize(("platform", "name", "engine"), OTHERS)
def test_a_fault_on_another_call_or_a_second_one_costs_no_copy_and_no_silence(
    platform: str, name: str, engine: str
) -> None:
    row = run_row(platform, BY_NAME[name], engine)
    assert (row.broken, row.outcome) == ("", BY_NAME[name].expected(platform))
    assert row.copies == ((1,) if row.outcome == "published" else (0,))


def test_a_fault_that_hit_nothing_is_found() -> None:
    unused = Hit(call="upload", details={"fault": "status", "status": 500})
    row = run_row("Mastodon", Fault(name="", hits=[unused]), "run --once")
    assert row.broken.startswith("IT WAS NOT TRIED")


def test_a_row_is_of_one_name_and_every_platform_has_its_calls() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert {tuple(calls) for calls in CALLS.values()} == {("mastodon", "bluesky", "x"), ("bluesky",)}
    assert {hit.call for fault in FAULTS for hit in fault.hits} == set(CALLS)


def test_a_server_whose_name_nobody_knows_any_more() -> None:
    row = run_row("Bluesky", BY_NAME["the server's name unknown (DNS) for good"], "run --once")
    assert (row.outcome, row.copies, row.broken) == ("missed", (0,), "")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_kill_costs_no_copy_and_no_silence(platform: str) -> None:
    points = points_of_cron(platform)
    assert all(_is_named(point) for point in points), [point.name for point in points]
    wanted = [point for point in points if point.name in KILLED_AFTER]
    assert len(wanted) == len(KILLED_AFTER)
    for point in wanted:
        _check_kill(platform, point)


@pytest.mark.parametrize("platform", ["Mastodon, key ignored", "X"])
def test_a_kill_of_the_daemon_costs_no_copy_and_no_silence(platform: str) -> None:
    _check_kill(platform, Point(run=DAEMON, number=1, name=SENDING_NEXT, act="1 write receipt+sending"))


def test_the_daemon_passes_the_same_points_as_a_run_of_cron_once_it_knows_who_the_account_is() -> None:
    sends = [point.act for point in points_of_cron("Mastodon") if point.run == SENDS and point.number]
    of_daemon = [point.act for point in points_of_daemon("Mastodon") if point.number]
    claim = "1 write claim"
    end_of_the_run = "2 write run"
    assert [*of_daemon[of_daemon.index(claim) :], end_of_the_run] == sends[sends.index(claim) :]


def _is_named(point: Point) -> bool:
    """In words, and not as the program calls it."""
    return not point.name.startswith(("write ", "call ", "save "))


def _check_kill(platform: str, point: Point) -> None:
    row = run_point(platform, point)
    assert row.broken == "", point
    assert row.outcome == point.expected(platform), point
    assert row.copies == ((1, 0) if row.outcome == "in doubt" else (1, 1)), point


CLAIMED = "the post was claimed, its whole content stored"


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_a_claimed_post_counts(name: str) -> None:
    edit = next(edit for edit in edits_of("Mastodon") if (edit.name, edit.point.name) == (name, CLAIMED))
    row = run_edit("Mastodon", edit)
    assert row.broken == ""
    assert row.outcome in edit.expected("Mastodon")
    assert row.copies == ((0, 0) if name == "moved two days back" else (1, 1))


def test_a_file_that_is_gone_while_the_server_is_at_work_costs_no_copy_and_no_silence() -> None:
    name = "the server got part 1, and publishes it a little later"
    edit = next(edit for edit in edits_of("X") if (edit.name, edit.point.name) == ("taken away", name))
    row = run_edit("X", edit)
    assert (row.broken, row.copies) == ("", (1, 1))


def test_a_few_random_kills_in_a_burst_of_two_processes() -> None:
    said: list[str] = []
    tally = run_bursts(4, random.Random(0), said.append, SERVERS[:1])
    assert tally.broken == ""
    assert (tally.kills, tally.bursts, tally.posts, tally.twice, tally.not_there) == (4, 1, POSTS, 0, 0)
    assert len(said) == 1


def test_a_post_that_nobody_sends_and_nobody_tells_of_is_found() -> None:
    with stage("Mastodon", [TEXT]) as made:
        made.prepare(MESSAGE)
        row = made.row("", "")
        assert (row.outcome, row.broken) == ("lost", "NOT THERE, AND NOBODY WAS TOLD")


def test_a_second_copy_is_found() -> None:
    with stage("Mastodon", [TEXT]) as made:
        made.prepare(MESSAGE)
        made.accept()
        made.run()
        assert made.row("", "").broken == ""
        made.fake.journal.append(made.fake.journal[0])
        assert made.row("", "").broken == "TWO COPIES"


def test_a_burst_tells_what_it_broke() -> None:
    tally = Tally(twice=1, unsaid=2, most_in_doubt=MOST_IN_DOUBT + 1)
    for words in ("1 posts TWICE", "2 posts NOT THERE, AND NOBODY WAS TOLD", "in doubt"):
        assert words in tally.broken
    assert Tally(most_in_doubt=MOST_IN_DOUBT, not_there=3).broken == ""


def _found(broken: str = "", outcome_of_kill: str = "published") -> Findings:
    points = [Point(run="when it is due", number=1, name="the post was claimed")]

    def row(platform: str, what: str, engine: str) -> Row:
        told = "" if platform == "Mastodon" else "in-doubt"
        outcome = "in doubt" if told else "published"
        copies = (0,) if told else (1,)
        return Row(platform=platform, what=what, engine=engine, outcome=outcome, copies=copies, told=told, broken="")

    last = Row(platform="X", what=points[0].name, engine=points[0].run, outcome=outcome_of_kill, copies=(1, 2), told="",
               broken=broken)  # fmt: skip
    return Findings(
        begun_at=datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
        took=timedelta(minutes=9),
        command="make proof",
        faults=[row(platform, fault.name, engine) for platform, fault, engine in ROWS],
        points=dict.fromkeys(PLATFORMS, points),
        kills=[last],
        edits={"Mastodon": [Edit(name="broken", point=points[0], is_sending=False)]},
        edited=[row("Mastodon", points[0].name, "broken")],
        burst=Tally(bursts=1, posts=500, kills=7),
    )


def test_the_page_shows_every_cell() -> None:
    written = page(_found())
    assert "| answer lost | `run` | out, 1 | in doubt, 0, told | in doubt, 0, told | in doubt, 0, told |" in written
    assert "| 1 | when it is due | the post was claimed | – | – | – | out, 1 + 2 |" in written
    assert "### The file is broken\n\n| edited right after | Mastodon | X |" in written
    assert "| the post was claimed | out, 1 | – |" in written
    assert "on 2026-07-01 at 12:30 UTC, for 9 minutes" in written
    assert "**The promise was kept in all of them.**" in written


def test_the_page_says_where_the_promise_was_broken() -> None:
    written = page(_found("TWO COPIES"))
    assert "**BROKEN**: 1 + 2; TWO COPIES" in written
    assert "* X, the post was claimed, when it is due: TWO COPIES" in written
    assert "kept in all" not in written


def test_a_fault_that_ends_otherwise_than_it_should_is_found() -> None:
    unexpected = {(row.platform, row.what) for row in _found().unexpected}
    assert ("Bluesky", "request dropped") in unexpected
    assert ("Mastodon", "connections refused for good") in unexpected
    assert not unexpected.intersection({("X", "request dropped"), ("Mastodon", "request dropped")})


def test_a_kill_that_ends_in_doubt_where_nobody_has_to_be_asked_is_found() -> None:
    needless = _found(outcome_of_kill="in doubt").unexpected
    assert ("X", "the post was claimed") in {(row.platform, row.what) for row in needless}
    assert ("X", "the post was claimed") not in {(row.platform, row.what) for row in _found().unexpected}


@pytest.mark.parametrize(
    ("run", "number", "name", "platform", "expected"),
    [
        ("before it is due", 1, "the files were accepted", "X", "published"),
        (SENDS, 1, "the run was written down", "Mastodon", "published"),
        (DAEMON, 8, SENDING, "X", "in doubt"),
        (DAEMON, 8, SENDING, "Mastodon, key ignored", "published"),
        (SENDS, 9, "the server published part 1", "X", "published"),
    ],
)
def test_a_person_is_asked_only_where_nothing_else_can_know(
    run: str, number: int, name: str, platform: str, expected: str
) -> None:
    assert Point(run=run, number=number, name=name).expected(platform) == expected


def test_what_is_told_without_the_command_that_settles_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with stage("Mastodon", [TEXT]) as made:
        made.prepare(MESSAGE)
        made.accept()
        made.place.move_to(made.place.now() + timedelta(hours=3))
        made.run()
        row = made.row("", "")
        assert (row.outcome, row.broken) == ("missed", "")
        assert row.told.endswith(f": campaigner retry {KEY} --yes")
        monkeypatch.setitem(SETTLED_BY, "missed", "campaigner mend")
        assert made.row("", "").broken == "TOLD, AND NOT THAT `campaigner mend` SETTLES IT"


def test_the_page_of_the_documentation_is_of_this_matrix_and_all_of_it_was_kept() -> None:
    written = PAGE.read_text("utf-8")
    for fault in FAULTS:
        for engine in ENGINES:
            assert f"| {fault.name} | `{engine}` |" in written
    assert "**The promise was kept in all of them.**" in written
    assert "BROKEN**:" not in written
