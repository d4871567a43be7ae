"""`run --once`: what cron does, alone, six times at once, and with files that change under it."""

from __future__ import annotations

from collections import Counter

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

MORNING = {"morning": message("08:00", "Good morning", "Hyvää huomenta")}
DAY = {**MORNING, "noon": message("12:00", "Good day", "Hyvää päivää")}


def ready(place: Workplace, mastodon: FakeMastodon, text: str | None = None) -> None:
    """Accept the files an hour before the first post."""
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", text or campaign(DAY))
    done = place.run("run", "--once")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_each_post_goes_out_when_it_is_due_and_then_never_again(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    first, second = place.run("run", "--once"), place.run("run", "--once")
    assert [line.split()[:2] for line in first.stdout.splitlines()] == [
        ["published", "migrants-day/2020/morning/news/en"],
        ["published", "migrants-day/2020/morning/news/fi"],
    ]
    assert (first.returncode, second.returncode, second.stdout) == (0, 0, "")
    assert [(posted.text, posted.languages) for posted in mastodon.journal] == [
        ("Good morning", ("en",)),
        ("Hyvää huomenta", ("fi",)),
    ]


def test_six_runs_at_once_post_everything_once(place: Workplace, mastodon: FakeMastodon) -> None:
    messages = {f"m{n}": message("08:00", f"Message {n}", f"Viesti {n}") for n in range(20)}
    ready(place, mastodon, campaign(messages))
    place.move_to(at("08:00:30"))
    running = [place.start_process("run", "--once") for _ in range(6)]
    output = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 6, output
    assert Counter(mastodon.texts) == {text: 1 for m in messages.values() for text in m["text"].values()}


def test_a_new_ledger_sends_nothing_that_is_past_by_itself(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign(DAY))
    place.move_to(at("08:30:00"))
    held = place.run("run", "--once")
    assert held.returncode == 5
    assert "held migrants-day/2020/morning/news/en" in held.stdout
    assert mastodon.journal == []
    sent = place.run("run", "--once", "--yes")
    assert (sent.returncode, mastodon.texts) == (0, ["Good morning", "Hyvää huomenta"])


def test_a_lost_ledger_does_not_repeat_the_day(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    for file in (place.folder / "state").glob("campaigner.db*"):
        file.unlink()
    assert place.run("run", "--once").returncode == 5
    assert len(mastodon.journal) == 2


def test_a_renamed_message_does_not_go_out_again(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    place.write("campaigns/migrants-day.yaml", campaign({"dawn": MORNING["morning"], "noon": DAY["noon"]}))
    done = place.run("run", "--once")
    assert done.returncode == 5
    assert "held migrants-day/2020/dawn/news/en" in done.stdout
    assert len(mastodon.journal) == 2


def test_a_renamed_message_with_a_later_time_is_known_by_its_text(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    place.write("campaigns/migrants-day.yaml", campaign({"dawn": message("08:02", "Good morning", "Hyvää huomenta")}))
    place.run("run", "--once")
    place.move_to(at("08:02:30"))
    done = place.run("run", "--once")
    assert done.returncode == 5
    assert "the same text went out" in done.stdout
    assert len(mastodon.journal) == 2


def test_a_renamed_file_posts_what_is_ahead_once_and_only_under_its_new_name(
    place: Workplace, mastodon: FakeMastodon
) -> None:
    ready(place, mastodon)
    (place.folder / "campaigns/migrants-day.yaml").rename(place.folder / "campaigns/migrants.yaml")
    place.move_to(at("07:30:00"))
    assert place.run("run", "--once").returncode == 1
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once")
    assert done.returncode == 1
    assert "held migrants-day/2020/morning/news/en its file campaigns/migrants-day.yaml is gone" in done.stdout
    assert "published migrants/2020/morning/news/en" in done.stdout
    assert mastodon.texts == ["Good morning", "Hyvää huomenta"]


def test_a_renamed_account_posts_nothing_twice(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").returncode == 0
    place.write_config({"press": account(mastodon)})
    place.move_to(at("08:20:00"))
    done = place.run("run", "--once")
    assert done.returncode == 5
    assert "held migrants-day/2020/morning/press/en its time had passed" in done.stdout
    assert mastodon.texts == ["Good morning", "Hyvää huomenta"]


def test_a_mistyped_time_in_the_past_waits_for_a_person(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    mistyped = {"noon": {**DAY["noon"], "at": "07:15"}}
    place.write("campaigns/migrants-day.yaml", campaign({**MORNING, **mistyped}))
    place.move_to(at("07:30:00"))
    done = place.run("run", "--once")
    assert (done.returncode, mastodon.texts) == (5, [])
    assert "held migrants-day/2020/noon/news/en its time had passed" in done.stdout


def test_a_faulty_message_is_held_back_and_the_others_go_out(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    broken = {"morning": {**MORNING["morning"], "text": {"en": "Good {morning}", "fi": "Huomenta"}}}
    other = {"other": message("08:00", "Other", "Toinen")}
    place.write("campaigns/migrants-day.yaml", campaign({**broken, **other, "noon": DAY["noon"]}))
    place.move_to(at("07:50:00"))
    place.run("run", "--once")
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once")
    assert done.returncode == 3
    assert mastodon.texts == ["Other", "Toinen"]


def test_what_comes_too_late_is_missed_and_told_once(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("11:00:00"))
    first, second = place.run("run", "--once"), place.run("run", "--once")
    assert first.returncode == 1
    assert "missed migrants-day/2020/morning/news/en" in first.stdout
    assert (second.returncode, second.stdout) == (0, "")
    assert mastodon.journal == []
    assert place.run("status", "--attention").returncode == 1


def test_a_wall_clock_that_went_back_stops_everything(place: Workplace, mastodon: FakeMastodon) -> None:
    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    place.move_to(at("07:00:00"))
    done = place.run("run", "--once", "--yes")
    assert done.returncode == 5
    assert "the clock says" in done.stderr
    assert "timedatectl status" in place.run("status", "--attention").stdout
    place.move_to(at("08:02:00"))
    place.run("run", "--once")
    assert place.run("status", "--attention").returncode == 0


def test_a_dry_run_shows_and_leaves_no_trace(place: Workplace, mastodon: FakeMastodon) -> None:
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign(DAY))
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once", "--dry-run", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Hyvää huomenta" in done.stdout
    assert mastodon.journal == []
    assert not (place.folder / "state").exists()


def test_json_lines(place: Workplace, mastodon: FakeMastodon) -> None:
    import json

    ready(place, mastodon)
    place.move_to(at("08:00:30"))
    done = place.run("run", "--once", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [set(line) for line in lines] == [{"outcome", "key", "url", "reason"}] * 2
    assert lines[0]["url"].startswith("http")
