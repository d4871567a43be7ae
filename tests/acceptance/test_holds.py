"""People hold the switch: holds that stop, end by themselves or by a word, and what becomes of the posts meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_ledger_commands import DOT
from .workplace import Workplace, account, at, campaign, message

MESSAGES = {
    "morning": message("08:00", "Good morning", "Huomenta"),
    "noon": message("12:00", "Good day", "Päivää"),
}


@pytest.fixture
def accepted(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """One account, two messages, both accepted before they are due."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    place.move_to(at("07:30:00"))
    place.accept()
    return place


def states(place: Workplace) -> dict[str, str]:
    return {key.split("/")[2]: post["state"] for key, post in place.status().items()}


def test_a_hold_stops_and_what_came_due_is_skipped_or_posted_late(accepted: Workplace, mastodon: FakeMastodon) -> None:
    assert accepted.run("hold", "--reason", "an earthquake").returncode == 0
    accepted.move_to(at("08:01:00"))
    held = accepted.run("run", "--once")
    assert "held migrants-day/2020/morning/news/en on hold: an earthquake" in held.stdout
    assert states(accepted) == {"morning": "held", "noon": "planned"}
    released = accepted.run("release", "--late", "post")
    assert "will be posted now migrants-day/2020/morning/news/en" in released.stdout
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning"]

    accepted.run("hold", "--account", "news", "--reason", "a doubt about a fact")
    accepted.move_to(at("12:01:00"))
    accepted.run("run", "--once")
    assert "skipped migrants-day/2020/noon/news/en" in accepted.run("release", "--account", "news").stdout
    assert accepted.run("run", "--once").stdout == ""
    assert (mastodon.texts, states(accepted)["noon"]) == (["Good morning"], "cancelled")


def test_a_hold_that_ends_by_itself_skips_what_came_due_and_tells(accepted: Workplace, mastodon: FakeMastodon) -> None:
    assert accepted.run("hold", "--until", "2020-12-18T09:00", "--reason", "wait").returncode == 0
    accepted.move_to(at("08:30:00"))
    assert accepted.run("run", "--once").stdout.startswith("held ")
    accepted.move_to(at("09:00:30"))
    accepted.run("run", "--once")
    assert (mastodon.texts, states(accepted)) == ([], {"morning": "cancelled", "noon": "planned"})
    told = accepted.run("status", "--attention")
    assert "campaigner retry migrants-day/2020/morning/news/en" in told.stdout
    assert accepted.run("retry", "migrants-day/2020/morning/news/en").returncode == 0
    accepted.run("run", "--once")
    accepted.move_to(at("12:00:10"))
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good morning", "Good day"]


def test_a_file_named_hold_stops_everything_until_it_is_gone(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.write("HOLD", "the minister has died\n")
    accepted.move_to(at("08:01:00"))
    assert "the minister has died" in accepted.run("run", "--once").stdout
    still = accepted.run("release")
    assert "HOLD" in still.stderr
    assert "on hold by the file HOLD: the minister has died" in accepted.run("status").stdout
    accepted.run("run", "--once")
    assert mastodon.texts == []
    (accepted.folder / "HOLD").unlink()
    accepted.run("run", "--once")
    assert mastodon.texts == []
    assert states(accepted)["morning"] == "cancelled"
    accepted.move_to(at("12:00:10"))
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good day"]


def test_a_thread_that_is_half_out_goes_on_after_its_late(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    thread = [{"text": {"en": "Second", "fi": "Toinen"}}]
    place.write(
        "campaigns/migrants-day.yaml",
        campaign({"morning": message("08:00", "First", "Ensimmäinen", thread=thread)}, late="30m"),
    )
    place.accept()
    place.move_to(at("08:00:10"))
    mastodon.fault("rate_limit", path_prefix="/api/v1/statuses", method="POST", after=1, form="seconds", seconds=3600)
    assert place.run("run", "--once").stdout.startswith("waiting ")
    assert mastodon.texts == ["First"]
    place.move_to(at("08:00:10") + timedelta(minutes=61))
    assert place.run("run", "--once").stdout.startswith("published ")
    assert mastodon.texts == ["First", "Second"]


def test_half_a_thread_that_is_cancelled_is_not_called_gone(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    thread = [{"text": {"en": "Second", "fi": "Toinen"}}]
    place.write(
        "campaigns/migrants-day.yaml",
        campaign({"morning": message("08:00", "First", "Ensimmäinen", thread=thread)}),
    )
    place.accept()
    place.move_to(at("08:00:10"))
    mastodon.fault("rate_limit", path_prefix="/api/v1/statuses", method="POST", after=1, form="seconds", seconds=600)
    place.run("run", "--once")
    key = "migrants-day/2020/morning/news/en"
    assert place.run("cancel", key).returncode == 0
    assert place.status()[key]["state"] == "partial"
    place.move_to(at("08:20:00"))
    assert place.run("run", "--once").stdout == ""
    assert place.run("delete", key).returncode == 0
    assert mastodon.texts == []


@pytest.mark.parametrize("later", ["09:00:20", "09:40:00"])
def test_a_hold_that_ends_lets_nothing_out_while_nobody_has_vouched_for_our_clock(place: Workplace, later: str) -> None:
    """A process asks a platform first for the time; what came due under the hold is skipped all the same, and told."""
    place.speed, place.comparing = 1.0, True
    place.write_config({"desk": {"platform": "console", "like": "mastodon", "languages": ["en"]}})
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    place.move_to(at("07:30:00"))
    place.accept()
    assert place.run("hold", "--until", "2020-12-18T09:00", "--reason", "wait").returncode == 0
    for moment in ("08:00:20", "08:30:00", later):
        place.move_to(at(moment))
        done = place.run("run", "--once")
        assert "published" not in done.stdout + done.stderr
    assert states(place) == {"morning": "cancelled", "noon": "planned"}
    assert "campaigner retry migrants-day/2020/morning/desk/en" in place.run("status", "--attention").stdout
    place.move_to(at("12:00:20"))
    assert place.run("run", "--once").stdout.startswith("published migrants-day/2020/noon/")


def test_what_a_person_wants_out_months_later_goes_out(accepted: Workplace, mastodon: FakeMastodon) -> None:
    accepted.move_to(at("11:00:00"))
    accepted.run("run", "--once")
    assert states(accepted)["morning"] == "missed"
    accepted.move_to(at("11:00:00") + timedelta(days=75))
    assert accepted.run("retry", "migrants-day/2020/morning/news/en", "--yes").returncode == 0
    accepted.run("run", "--once")
    assert (mastodon.texts, states(accepted)["morning"]) == (["Good morning"], "published")


def test_a_hold_that_ended_unseen_holds_nothing_of_what_came_after_it(
    accepted: Workplace, mastodon: FakeMastodon
) -> None:
    accepted.run("hold", "--until", "2020-12-18T11:00", "--reason", "wait")
    accepted.move_to(at("12:00:10"))
    accepted.run("run", "--once")
    assert mastodon.texts == ["Good day"]
    assert states(accepted) == {"morning": "cancelled", "noon": "published"}


def test_a_campaign_on_hold_leaves_the_others_alone(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    for name in ("held", "other"):
        morning = message("08:00", f"Good morning, {name}", "Huomenta")
        place.write(f"campaigns/{name}.yaml", campaign({"morning": morning}))
    place.move_to(at("07:30:00"))
    place.accept()
    assert place.run("hold", "--campaign", "held", "--reason", "a doubt about a fact").returncode == 0
    place.move_to(at("08:01:00"))
    said = place.run("run", "--once").stdout.splitlines()
    assert sorted(line.split()[:2] for line in said) == [
        ["held", "held/2020/morning/news/en"],
        ["published", "other/2020/morning/news/en"],
    ]
    assert mastodon.texts == ["Good morning, other"]
    assert place.run("release", "--campaign", "held", "--late", "post").returncode == 0
    place.run("run", "--once")
    assert mastodon.texts == ["Good morning, other", "Good morning, held"]


@pytest.mark.parametrize("is_file", [False, True], ids=["hold", "HOLD"])
def test_what_is_stopped_while_its_image_is_on_its_way_is_not_sent(
    place: Workplace, mastodon: FakeMastodon, is_file: bool
) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    image = {"images": [{"file": "dot.png", "alt": {"en": "A dot", "fi": "Piste"}}]}
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Look", "Katso", **image)}))
    (place.folder / "campaigns" / "dot.png").write_bytes(DOT)
    place.accept()
    place.move_to(at("08:00:10"))
    mastodon.fault("late", path_prefix="/api/v2/media", method="POST", seconds=4)
    process = place.start_process("run", "--once")
    assert mastodon.waiting.wait(60)
    if is_file:
        place.write("HOLD", "an earthquake")
    else:
        assert place.run("hold", "--reason", "an earthquake").returncode == 0
    assert mastodon.requests["POST /api/v1/statuses"] == 0
    said = process.communicate(timeout=60)[0]
    assert (process.returncode, said.split()[:2]) == (1, ["held", "migrants-day/2020/morning/news/en"])
    assert "an earthquake" in said
    assert (mastodon.journal, mastodon.requests["POST /api/v1/statuses"]) == ([], 0)
    assert states(place) == {"morning": "held"}


@pytest.mark.parametrize("name", ["HOLD.txt", "hold", "Hold.md", "hold.txt.txt", "HOLD "])
def test_a_hold_file_may_have_any_ending_and_is_named(place: Workplace, mastodon: FakeMastodon, name: str) -> None:
    """Phones and Windows add an ending, and nobody in a crisis looks at it."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.write("held-back.txt", "not this one")
    place.write(name, "an earthquake")
    place.move_to(at("08:00:10"))
    assert place.run("run", "--once").returncode == 1
    assert f"by the file {name}: an earthquake" in place.run("status").stdout
    released = place.run("release")
    assert f"the file {name} beside the config holds everything: delete it to go on" in released.stderr
    assert mastodon.texts == []


@pytest.mark.parametrize(
    "name",
    [
        "HOLD (1).txt",
        "Hold - Copy.txt",
        "HOLD – kopio.txt",
        "Copy of HOLD",
        "Kopia av hold.txt",
        ".HOLD.icloud",
        "hold-PHONE-7.txt",
    ],
)
@pytest.mark.parametrize("folder", ["", "campaigns/"])
def test_a_hold_file_counts_as_phones_and_syncs_name_and_put_it(
    place: Workplace, mastodon: FakeMastodon, name: str, folder: str
) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.write(f"{folder}{name}", "an earthquake")
    place.move_to(at("08:00:10"))
    assert place.run("run", "--once").returncode == 1
    assert f"by the file {folder}{name}: an earthquake" in place.run("status").stdout
    where = "in campaigns" if folder else "beside the config"
    assert f"the file {name} {where} holds everything: delete it to go on" in place.run("release").stderr
    (place.folder / f"{folder}{name}").unlink()
    place.run("run", "--once")
    assert mastodon.texts == []
    assert states(place) == {"morning": "cancelled"}


def test_other_files_are_no_hold(place: Workplace, mastodon: FakeMastodon) -> None:
    """A campaign may be called so, and words that only begin like it are others."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    names = ("households.txt", "on-hold-list.txt", "copyright.txt", "Holder.md", "Hold harmless agreement.pdf")
    for name in (
        *names,
        "hold_calendar_2026.csv",
        "hold images/logo.png",
        "campaigns/hold-poster.png",
        "campaigns/hold.png",
    ):
        place.write(name, "not this one")
    place.write("campaigns/hold-the-line.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:10"))
    assert place.run("run", "--once").returncode == 0
    assert mastodon.texts == ["Good morning"]


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "unlistable"])
def test_a_folder_that_cannot_be_looked_at_ends_no_hold(
    place: Workplace, mastodon: FakeMastodon, is_gone: bool
) -> None:
    """A share that is away for a moment must not let out what the file HOLD in it was to stop."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])}, campaigns=["campaigns/", "shared/"])
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    shared, aside = place.folder / "shared", place.folder / "aside"
    shared.mkdir()
    place.move_to(at("07:30:00"))
    place.accept()
    place.write("shared/HOLD", "an earthquake")
    place.run("run", "--once")
    shared.rename(aside)
    if not is_gone:
        shared.symlink_to("shared")
    place.move_to(at("08:00:10"))
    place.run("run", "--once")
    assert (mastodon.texts, states(place)["morning"]) == ([], "held")
    shared.unlink(missing_ok=True)
    aside.rename(shared)
    (shared / "HOLD").unlink()
    place.run("run", "--once")
    assert (mastodon.texts, states(place)["morning"]) == ([], "cancelled")


def test_while_a_folder_cannot_be_listed_nothing_goes_out_and_nothing_is_skipped(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])}, campaigns=["campaigns/", "shared/"])
    place.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    shared = place.folder / "shared"
    shared.mkdir()
    place.move_to(at("07:30:00"))
    place.accept()
    shared.rmdir()
    shared.symlink_to("shared")
    place.move_to(at("08:00:10"))
    said = place.run("run", "--once").stdout
    assert "on hold while the folder shared can't be listed" in said
    told = place.run("status", "--attention").stdout
    assert "on hold while the folder shared can't be listed" in told
    assert "    mend that folder, or take it out of the config\n" in told
    assert mastodon.texts == []
    shared.unlink()
    shared.mkdir()
    place.run("run", "--once")
    assert mastodon.texts == ["Good morning"]


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "faulty"])
@pytest.mark.parametrize("is_released", [True, False], ids=["release", "until"])
def test_what_came_due_under_a_hold_is_skipped_also_while_its_file_can_not_be_used(
    accepted: Workplace, mastodon: FakeMastodon, is_gone: bool, is_released: bool
) -> None:
    """Mended after the hold, within `late`, it must not go out: it came due when somebody had said stop."""
    until = () if is_released else ("--until", "2020-12-18T08:30")
    accepted.run("hold", "--reason", "wait", *until)
    file = accepted.folder / "campaigns" / "migrants-day.yaml"
    if is_gone:
        file.unlink()
    else:
        file.write_text("campaign: [", "utf-8")
    accepted.move_to(at("08:10:00"))
    accepted.run("run", "--once")
    accepted.move_to(at("08:30:30"))
    if is_released:
        assert "skipped migrants-day/2020/morning/news/en" in accepted.run("release").stdout
    accepted.run("run", "--once")
    accepted.write("campaigns/migrants-day.yaml", campaign(MESSAGES))
    accepted.move_to(at("08:40:00"))
    accepted.run("run", "--once")
    assert (mastodon.texts, states(accepted)["morning"]) == ([], "cancelled")


def test_the_command_that_a_hold_names_releases_that_hold_alone_and_release_says_which(accepted: Workplace) -> None:
    accepted.run("hold", "--reason", "nothing goes out")
    for option, name in (("--account", "news"), ("--campaign", "migrants-day")):
        said = accepted.run("hold", option, name, "--reason", "a doubt").stdout
        assert said.startswith(f"on hold: {name}. `campaigner release {option} {name}` lets it go on")
        command = said.split("`")[1].split()[1:]
        lines = accepted.run(*command).stdout.splitlines()
        assert lines[0] == "released: 1 hold"
        assert (lines[1].startswith(f"    {name}, by "), lines[1].endswith(": a doubt")) == (True, True)
    accepted.run("hold", "--account", "news", "--reason", "a doubt")
    lines = accepted.run("release").stdout.splitlines()
    assert [lines[0], lines[1].partition(", by ")[0], lines[2].partition(", by ")[0]] == [
        "released: 2 holds",
        "    everything",
        "    news",
    ]
    assert "nothing goes out" in lines[1]


@pytest.mark.parametrize("until", ["9999-12-31T23:59-05:00", "9999-12-31T23:59", "0001-01-01T00:00+05:00"])
def test_a_time_that_no_clock_shows_is_refused_before_anything_is_held(accepted: Workplace, until: str) -> None:
    done = accepted.run("hold", "--reason", "wait", "--until", until)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"--until {until.partition('T')[0]}" in done.stderr
    assert accepted.run("status", "--attention").returncode == 0
    assert accepted.run("hold", "--reason", "wait").returncode == 0
