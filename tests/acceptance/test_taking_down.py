"""A takedown of many posts: what can't be taken down is named, and keeps none of the others up."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_kill import wait_for
from .test_ledger_commands import DOT
from .workplace import Workplace, account, at, campaign, message

MESSAGE = "migrants-day/2020/morning"
NAMES = ("a", "b", "c", "d")


@pytest.fixture
def server() -> Iterator[FakeMastodon]:
    with FakeMastodon(accounts=NAMES) as fake:
        yield fake


def configured(place: Workplace, server: FakeMastodon, names: tuple[str, ...]) -> None:
    place.write_config({name: {**account(server, ["en"]), **server.options(name)} for name in names})


@pytest.fixture
def out(place: Workplace, server: FakeMastodon) -> Workplace:
    """One message on four accounts."""
    place.speed = 1.0
    configured(place, server, NAMES)
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").returncode == 0
    assert sorted(posted.account for posted in server.visible) == list(NAMES)
    return place


def left(server: FakeMastodon) -> list[str]:
    return sorted(posted.account for posted in server.visible)


def test_an_account_that_left_the_config(out: Workplace, server: FakeMastodon) -> None:
    configured(out, server, ("b", "c", "d"))
    done = out.run("delete", MESSAGE, "--yes")
    assert (done.returncode, left(server)) == (1, ["a"])
    assert f"not deleted {MESSAGE}/a/en: account a is no longer in the config" in done.stdout
    assert [row.split()[0] for row in done.stdout.splitlines()] == ["not", "deleted", "deleted", "deleted"]


def test_a_secret_that_is_missing(out: Workplace, server: FakeMastodon) -> None:
    del out.environment["B_ACCESS_TOKEN"]
    done = out.run("delete", MESSAGE, "--yes")
    assert (done.returncode, left(server)) == (1, ["b"])
    assert f"not deleted {MESSAGE}/b/en: " in done.stdout
    assert "B_ACCESS_TOKEN" in done.stdout


def test_a_post_without_an_id(out: Workplace, server: FakeMastodon) -> None:
    with sqlite3.connect(out.folder / "state/campaigner.db") as ledger:
        ledger.execute("DELETE FROM parts WHERE delivery_id = (SELECT id FROM deliveries WHERE account = 'a')")
    ledger.close()
    done = out.run("delete", MESSAGE, "--yes")
    assert (done.returncode, left(server)) == (1, ["a"])
    assert f"not deleted {MESSAGE}/a/en: the ledger has no id of it" in done.stdout


def test_a_platform_that_says_no(out: Workplace, server: FakeMastodon) -> None:
    server.fault("status", path_prefix="/api/v1/statuses/", method="DELETE", status=403, body='{"error": "no"}')
    done = out.run("delete", MESSAGE, "--yes", "--reason", "a wrong date")
    assert (done.returncode, left(server)) == (1, ["a"])
    kept, *gone = json.loads(out.run("log", MESSAGE, "--json").stdout)
    assert kept["decisions"] == []
    assert [one["decisions"][0]["reason"] for one in gone] == ["a wrong date"] * 3
    assert out.run("delete", MESSAGE, "--yes").returncode == 0
    assert left(server) == []


def test_a_thread_is_taken_down_part_by_part(place: Workplace, server: FakeMastodon) -> None:
    place.speed = 1.0
    configured(place, server, ("a",))
    thread = [{"text": {"en": text, "fi": text}} for text in ("Second", "Third")]
    messages = {"morning": message("08:00", "First", "Eka", thread=thread)}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.accept()
    place.move_to(at("08:00:30"))
    assert place.run("run", "--once").returncode == 0
    key = f"{MESSAGE}/a/en"
    server.fault(
        "status", path_prefix="/api/v1/statuses/", method="DELETE", status=403, body='{"error": "no"}', after=1
    )
    done = place.run("delete", key)
    assert (done.returncode, server.texts) == (1, ["First", "Second"])
    assert f'not deleted {key}: part 2 of 3 stays: "no" (HTTP 403)' in done.stdout
    post = place.status()[key]
    assert (post["state"], post["reason"]) == (
        "partial",
        'part 3 of 3 taken down; part 2 could not be: "no" (HTTP 403)',
    )
    log = place.run("log", key).stdout
    assert "delete of part 3: deleted" in log
    assert "delete of part 2: not deleted" in log
    assert place.run("delete", key).returncode == 0
    assert server.visible == []
    assert len([name for name in server.requests if name.startswith("DELETE")]) == 3
    assert place.status()[key]["state"] == "cancelled"


def test_what_was_taken_down_of_a_thread_can_be_posted_again(place: Workplace, server: FakeMastodon) -> None:
    place.speed = 1.0
    configured(place, server, ("a",))
    thread = [{"text": {"en": "Second", "fi": "Toka"}}]
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "First", "Eka", thread=thread)}))
    place.accept()
    place.move_to(at("08:00:30"))
    place.run("run", "--once")
    key = f"{MESSAGE}/a/en"
    server.fault(
        "status", path_prefix="/api/v1/statuses/", method="DELETE", status=403, body='{"error": "no"}', after=1
    )
    place.run("delete", key)
    place.run("retry", key)
    assert place.run("run", "--once").stdout.startswith(f"published {key} ")
    assert server.texts == ["First", "Second"]


def test_what_was_taken_down_by_mistake_is_posted_again_with_its_image(place: Workplace, server: FakeMastodon) -> None:
    """The platform keeps no image of a post that is gone."""
    place.speed = 1.0
    configured(place, server, ("a",))
    (place.folder / "campaigns").mkdir()
    (place.folder / "campaigns" / "dot.png").write_bytes(DOT)
    images = [{"file": "dot.png", "alt": {"en": "A dot", "fi": "Piste"}}]
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "First", "Eka", images=images)}))
    place.accept()
    place.move_to(at("08:00:30"))
    key = f"{MESSAGE}/a/en"
    for command in (["run", "--once"], ["delete", key], ["retry", key], ["run", "--once"]):
        done = place.run(*command)
        assert done.returncode == 0, done
    assert [len(posted.images) for posted in server.visible] == [1]


def test_the_beginning_of_a_thread_whose_rest_is_due(place: Workplace, mastodon: FakeMastodon) -> None:
    key, sending = "migrants-day/2020/morning/news/en", "/api/v1/statuses"
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    thread = message("08:00", "One", "Yksi", thread=[{"text": {"en": "Two", "fi": "Kaksi"}}])
    place.write("campaigns/migrants-day.yaml", campaign({"morning": thread}))
    place.accept()
    place.move_to(at("08:00:30"))
    mastodon.fault("late", path_prefix=sending, method="POST", seconds=2)
    process = place.start_process("run", "--once")
    wait_for(lambda: mastodon.requests[f"POST {sending}"] == 1)
    mastodon.fault("rate_limit", path_prefix=sending, method="POST", form="seconds", seconds=20_000)
    process.communicate(timeout=60)
    place.run("run", "--once")
    assert f"campaigner delete {key}" in place.run("status", "--attention").stdout
    done = place.run("delete", key)
    assert (done.returncode, mastodon.texts) == (0, []), done.stderr
    place.move_to(at("14:00:00"))
    assert (place.run("run", "--once").returncode, mastodon.texts) == (0, [])
    assert place.run("status", "--attention").returncode == 0
