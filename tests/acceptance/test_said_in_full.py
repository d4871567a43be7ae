"""What a person is told is the whole of it: all that stands in the way of a post, each with the command to type."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from .workplace import Workplace, at, campaign, message

FILE = "campaigns/migrants-day.yaml"
MORNING, NOON = message("08:00", "Good morning", "Huomenta"), message("12:00", "Good day", "Päivää")
FI, EN = "migrants-day/2020/morning/press/fi", "migrants-day/2020/morning/press/en"
FIRST = "migrants-day/2020/morning/press/sv"


def configure(place: Workplace, **settings: Any) -> None:
    accounts = {"press": "x", "desk": "mastodon"}
    place.write_config(
        {
            name: {"platform": "console", "like": like, "languages": ["sv", "fi", "en"], "spacing": "0s"}
            for name, like in accounts.items()
        },
        **settings,
    )


def write(place: Workplace, **messages: dict[str, Any]) -> None:
    for name, of in messages.items():
        of["text"] = {"sv": f"{name} på svenska", **of["text"]}
    place.write(FILE, campaign(messages, languages=["sv", "fi", "en"]))


@pytest.fixture
def office(tmp_path: Path) -> Workplace:
    """Two accounts in three languages, neither in the order of the alphabet."""
    place = Workplace(tmp_path, at("07:00:00"), 1.0)
    configure(place)
    write(place, morning=MORNING, noon=NOON)
    place.accept()
    return place


@pytest.fixture
def asked(office: Workplace) -> Workplace:
    configure(office, approval="required")
    office.accept()
    return office


def approve(place: Workplace, target: str = "migrants-day", by: str = "Aino") -> str:
    """Type the line that the preview ends with."""
    (line,) = [line for line in place.run("preview", target).stdout.splitlines() if line.startswith("approve with: ")]
    done = place.run(*shlex.split(line.partition("campaigner ")[2].replace("NAME", by)))
    assert done.returncode == 0, done.stderr
    return done.stdout


def notes(place: Workplace) -> dict[str, list[str]]:
    return {post["key"]: post["notes"] for post in json.loads(place.run("preview", "--json").stdout)}


def test_cards_say_who_has_approved_what_and_what_has_changed_since(asked: Workplace) -> None:
    assert set(map(tuple, notes(asked).values())) == {("not approved yet",)}
    approve(asked, "migrants-day/2020/morning")
    assert "note: approved by Aino, today 07:0" in asked.run("preview", "migrants-day/2020/morning").stdout
    write(asked, morning=message("08:00", "Good morning!", "Huomenta"), noon=NOON)
    said = {key.partition("2020/")[2]: words[0].partition(", today")[0] for key, words in notes(asked).items()}
    assert said["morning/press/en"] == said["morning/desk/en"] == "changed since Aino approved it"
    assert said["morning/press/fi"] == "approved by Aino"
    assert said["noon/press/fi"] == "not approved yet"
    approve(asked)
    shown = asked.run("preview").stdout
    assert ("all of this is approved" in shown, "approve with: " in shown) == (True, False)


def test_the_line_to_type_leaves_out_what_is_out(asked: Workplace) -> None:
    approve(asked, "migrants-day/2020/morning")
    asked.move_to(at("08:00:10"))
    asked.run("run", "--once")
    assert notes(asked)[FI] == ["it is out"]
    assert all("/noon/" in line for line in approve(asked).splitlines())
    refused = asked.run("approve", FI, "--by", "Aino", "--code", "0000-0000")
    assert (refused.returncode, f"{FI} is out already" in refused.stderr) == (5, True)


def test_a_faulty_message_is_named_with_its_fault(office: Workplace) -> None:
    write(office, morning=MORNING, noon=message("12:00", "{x}", "Päivää"))
    for target, morning, noon in (
        ("migrants-day", True, True),
        ("migrants-day/2020/noon", False, True),
        (FI, True, False),
    ):
        done = office.run("preview", target)
        assert ("/morning/" in done.stdout) is morning, done.stderr
        assert ("migrants-day noon\n    campaigns/migrants-day.yaml:" in done.stderr) is noon
        assert done.returncode == (3 if noon else 0)
    rehearsed = office.run("rehearse")
    assert (rehearsed.returncode, "6 of 6 posts" in rehearsed.stdout) == (3, True)
    assert "not rehearsed, for a fault holds it back: migrants-day noon\n    campaigns/" in rehearsed.stderr
    assert "{x}" in rehearsed.stderr


def test_a_hold_file_needs_a_person_and_hides_no_missing_approval(asked: Workplace) -> None:
    asked.write("HOLD.txt", "an earthquake")
    told = asked.run("status", "--attention")
    assert told.returncode == 1
    assert "on hold by the file HOLD.txt: an earthquake\n    delete that file\n" in told.stdout
    assert "campaigner preview migrants-day/2020 (its last line approves it)" in told.stdout


@pytest.mark.parametrize("by_file", [True, False], ids=["HOLD", "hold"])
def test_retry_says_all_that_keeps_a_post_and_so_does_status(asked: Workplace, by_file: bool) -> None:
    if by_file:
        asked.write("HOLD.txt", "an earthquake")
    else:
        asked.run("hold", "--reason", "an earthquake")
    asked.move_to(at("10:30:00"))
    asked.run("run", "--once")
    lift = "delete that file" if by_file else "campaigner release"
    post = asked.status()[FI]
    assert (
        post["command"]
        == f"{lift}, then campaigner approve {FI} --by NAME --code CODE, then campaigner retry {FI} --yes"
    )
    done = asked.run("retry", FI, "--yes")
    assert done.stdout.startswith(f"due now: {FI}. It is kept: on hold: ")
    assert "an earthquake; it is not approved\n" in done.stdout
    assert done.stdout.splitlines()[1:] == [f"    {lift}", f"    campaigner preview {FI} (its last line approves it)"]
    post = asked.status()[FI]
    assert post["command"] == f"{lift}, then campaigner approve {FI} --by NAME --code CODE"
    assert "retry" not in post["command"]


def test_retry_of_many_leaves_what_is_out_and_says_so(office: Workplace) -> None:
    office.run("cancel", FI)
    office.move_to(at("08:00:10"))
    office.run("run", "--once")
    lines = office.run("retry", "migrants-day/2020/morning", "--yes").stdout.splitlines()
    assert sum(line.startswith("left as it is: ") and line.endswith("it is not sent again") for line in lines) == 5
    assert f"due now: {FI}. The daemon or the next `campaigner run --once` sends it" in lines
    assert office.run("run", "--once").stdout.startswith(f"published {FI} ")


def test_release_names_the_command_for_what_it_skipped(office: Workplace) -> None:
    office.run("hold", "--reason", "wait")
    office.move_to(at("08:10:00"))
    lines = office.run("release").stdout.splitlines()
    assert f"skipped {FI} (due today 08:00)" in lines
    assert lines[-1] == "    campaigner retry migrants-day/2020/morning --yes"
    assert office.run(*lines[-1].split()[1:]).returncode == 0
    assert office.run("run", "--once").stdout.count("published ") == 6


def test_release_says_of_what_was_due_before_the_hold_why_it_was_not_out(asked: Workplace) -> None:
    asked.move_to(at("09:30:00"))
    asked.run("hold", "--reason", "wait")
    lines = asked.run("release").stdout.splitlines()
    assert f"skipped {FI} (due today 08:00; it is not approved)" in lines
    approve = "    campaigner preview migrants-day/2020/morning (its last line approves it)"
    assert lines[-2:] == [approve, "    campaigner retry migrants-day/2020/morning --yes"]


def test_release_promises_no_sending_that_an_approval_prevents(asked: Workplace) -> None:
    asked.run("hold", "--reason", "wait")
    asked.move_to(at("08:10:00"))
    released = asked.run("release", "--late", "post").stdout
    assert f"due now, and kept: {FI} (it is not approved)\n" in released
    assert released.endswith("    campaigner preview migrants-day/2020/morning (its last line approves it)\n")
    assert "will be posted now" not in released


def test_a_shorter_hold_does_not_claim_to_shorten_the_first(office: Workplace) -> None:
    office.run("hold", "--until", "12:00", "--reason", "the first")
    second = office.run("hold", "--until", "9:00", "--account", "desk", "--reason", "the second").stdout
    assert "an earlier hold by " in second
    assert " lasts longer, until today 12:00 (Europe/Helsinki): the first\n" in second
    assert "lasts longer" not in office.run("hold", "--until", "13:00", "--reason", "the third").stdout


def test_a_hold_without_a_reason_is_met_with_an_example(office: Workplace) -> None:
    done = office.run("hold")
    assert (done.returncode, 'campaigner hold --reason "' in done.stderr) == (2, True)


def test_the_next_post_is_the_one_that_goes_out_first(office: Workplace) -> None:
    found = json.loads(office.run("status", "--json").stdout)
    assert found["next"]["key"] == FIRST
    assert [post["key"] for post in found["posts"]][:3] == [FIRST, FI, EN]
    shown = office.run("status").stdout
    assert "the next post goes out today 08:00: morning “morning på svenska”" in shown
    assert "press sv … fi … en … · desk sv … fi … en …" in shown


def test_an_edited_time_moves_nothing_that_is_out(office: Workplace) -> None:
    office.move_to(at("08:00:10"))
    office.run("run", "--once")
    for later in ("14:00", "05:00"):
        write(office, morning={**MORNING, "at": later}, noon=NOON)
        shown = office.run("status").stdout
        assert "  08:00  morning  “morning på svenska”  press sv ✓ fi ✓ en ✓ · desk sv ✓ fi ✓ en ✓\n" in shown
        assert "missed" not in shown
