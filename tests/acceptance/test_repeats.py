"""Words that went out before, on a platform that refuses to post them again: said before the day, whatever their age."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .workplace import Workplace, account, at, campaign, message

WORDS = "A year is long, and these words are the same"
SENT = "migrants-day/2020/morning/news/en"
NEXT = datetime.fromisoformat("2021-11-20T09:00:00+02:00")
SAID = f"the same text went out on account news on 18 December 2020, as {SENT}: x may refuse it"


def day(text: str = WORDS, **keys: Any) -> str:
    return campaign({"morning": message("08:00", text, "Eka", **keys)}, editions=[2020, 2021])


@pytest.fixture
def sent(place: Workplace, x: FakeX) -> Workplace:
    """A post of 2020 is out, and it is eleven months later."""
    place.speed = 1.0
    place.write_config({"news": account(x, ["en"])})
    place.write("campaigns/migrants-day.yaml", day())
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").stdout.startswith(f"published {SENT} ")
    place.move_to(NEXT)
    return place


def warned(place: Workplace) -> list[dict[str, Any]]:
    done = place.run("check", "--json")
    assert done.returncode == 0, done.stdout
    return [problem for problem in json.loads(done.stdout) if problem["code"] == "same-text"]


def test_check_and_preview_say_it_months_before(sent: Workplace) -> None:
    (problem,) = warned(sent)
    assert problem["message"].startswith(SAID)
    assert (problem["severity"], problem["account"], problem["language"]) == ("warning", "news", "en")
    (shown,) = json.loads(sent.run("preview", "--json").stdout)
    assert [note for note in shown["notes"] if note.startswith(SAID)]
    assert "went out on account" in sent.run("preview").stdout


def test_what_was_meant_so_is_not_said(sent: Workplace) -> None:
    sent.write("campaigns/migrants-day.yaml", day(allow={"same-text": "the minister's words"}))
    assert warned(sent) == []
    (shown,) = json.loads(sent.run("preview", "--json").stdout)
    assert shown["notes"] == []


def test_a_platform_that_takes_repeats(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", day())
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    assert mastodon.texts == [WORDS]
    place.move_to(NEXT)
    assert warned(place) == []


def test_a_campaign_that_was_renamed(sent: Workplace) -> None:
    (sent.folder / "campaigns/migrants-day.yaml").unlink()
    sent.write("campaigns/day-of-migrants.yaml", day(WORDS.upper()))
    (problem,) = warned(sent)
    assert problem["message"].startswith(SAID)


def test_words_that_differ_by_their_link_alone_are_others(sent: Workplace, x: FakeX) -> None:
    place = sent
    place.write("campaigns/links.yaml", campaign({
        "one": message("10:00", f"{WORDS}: https://finland.iom.int/2020", "Eka"),
        "two": message("10:01", f"{WORDS}: https://finland.iom.int/2021", "Toka"),
    }, editions=[2020, 2021]))  # fmt: skip
    place.move_to(at("09:00:00"))
    place.accept()
    place.move_to(at("10:02:00"))
    place.run("run", "--once")
    assert [text[-4:] for text in x.texts[1:]] == ["2020", "2021"], "the platform took both"
    place.write("campaigns/migrants-day.yaml", day(f"{WORDS}: https://finland.iom.int/2022"))
    place.move_to(NEXT)
    assert not [problem for problem in warned(place) if "migrants-day" in problem["file"]]


def test_a_post_that_was_deleted_since(sent: Workplace) -> None:
    assert sent.run("delete", SENT).returncode == 0
    assert warned(sent) == []


def test_each_part_of_a_thread_is_a_post(sent: Workplace) -> None:
    thread = [{"text": {"en": "Part of a thread", "fi": "Osa"}}, {"text": {"en": f"  {WORDS}", "fi": "Toinen"}}]
    path = sent.write("campaigns/migrants-day.yaml", day("The first part is new", thread=thread))
    (problem,) = warned(sent)
    assert problem["message"].startswith(SAID)
    assert f"  {WORDS}" in path.read_text().splitlines()[problem["line"] - 1]


def test_a_part_of_a_thread_that_is_out(place: Workplace, x: FakeX) -> None:
    place.speed = 1.0
    place.write_config({"news": account(x, ["en"])})
    thread = [{"text": {"en": "The second part", "fi": "Osa"}}]
    place.write("campaigns/migrants-day.yaml", day("The first part", thread=thread))
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    assert x.texts == ["The first part", "The second part"]
    place.move_to(NEXT)
    place.write("campaigns/migrants-day.yaml", day("The second part"))
    (problem,) = warned(place)
    assert problem["message"].startswith(SAID)


def test_what_is_out_itself_or_over_repeats_nothing(sent: Workplace) -> None:
    sent.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", WORDS, "Eka")}))
    assert warned(sent) == []
    sent.write("campaigns/other.yaml", campaign({"morning": message("08:00", WORDS, "Eka")}))
    assert [problem["message"] for problem in warned(sent)] != []
    assert not [problem for problem in warned(sent) if "went out" in problem["message"]]


def test_without_a_ledger_nothing_is_said(sent: Workplace) -> None:
    (sent.folder / "state/campaigner.db").rename(sent.folder / "elsewhere")
    done = sent.run("check")
    assert done.returncode == 0
    assert "same-text" not in done.stdout
    assert done.stderr.startswith("1 campaign: ")
    assert not (sent.folder / "state/campaigner.db").exists()


def test_a_ledger_that_cannot_be_read_stops_no_check(sent: Workplace) -> None:
    path = sent.folder / "state/campaigner.db"
    path.write_bytes(b"no database" * 1000)
    for command in ("check", "preview"):
        done = sent.run(command)
        assert done.returncode == 0, done.stderr
        assert "texts are not compared with what is out: " in done.stderr


def test_a_damaged_value_stops_no_check(sent: Workplace) -> None:
    with sqlite3.connect(sent.folder / "state/campaigner.db") as ledger:
        ledger.execute("UPDATE deliveries SET content = '{broken', updated_at = 'yesterday'")
    ledger.close()
    done = sent.run("check")
    assert done.returncode == 0, done.stderr
