"""A person's word stays with a post until it is settled: what could not go out at once goes out later, by whatever run."""

from __future__ import annotations

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.proxy import Fault

from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

KEYS = [f"migrants-day/2020/m-{number}/news/en" for number in range(3)]
TEXTS = [f"Number {number}" for number in range(3)]


@pytest.fixture
def late_start(place: Workplace, mastodon: FakeMastodon) -> Workplace:
    """Three posts whose time has passed when the ledger first sees them: more at once than the plan ever has, too."""
    place.write_config({"news": account(mastodon, ["en"])})
    minutes = {"m-0": "06:20", "m-1": "07:20", "m-2": "07:40"}
    messages = {name: message(minutes[name], text, text) for name, text in zip(minutes, TEXTS, strict=True)}
    place.write("campaigns/migrants-day.yaml", campaign(messages, late="3h"))
    place.move_to(at("08:00:00"))
    place.speed = 1.0
    return place


def unavailable(mastodon: FakeMastodon, path: str) -> None:
    mastodon.faults.add(Fault(fault="rate_limit", times=1, path_prefix=path, form="seconds", seconds=60))


@pytest.mark.parametrize("path", ["/api/v1/statuses", "/api/v1/accounts/verify_credentials"])
def test_a_yes_outlives_a_platform_that_is_down(late_start: Workplace, mastodon: FakeMastodon, path: str) -> None:
    assert late_start.run("run", "--once").returncode == 5
    unavailable(mastodon, path)
    done = late_start.run("run", "--once", "--yes")
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert "waiting" in done.stdout
    for minute in ("08:12:00", "08:30:00", "08:50:00"):
        late_start.move_to(at(minute))
        done = late_start.run("run", "--once")
        assert "held" not in done.stdout, done.stdout
    assert sorted(mastodon.texts) == TEXTS
    assert f"{KEYS[0]}" in late_start.run("log", KEYS[0]).stdout
    assert "run --once --yes" in late_start.run("log", KEYS[0]).stdout


def test_a_yes_to_the_same_text_outlives_it_too(late_start: Workplace, mastodon: FakeMastodon) -> None:
    assert late_start.run("run", "--once", "--yes").returncode == 0
    late_start.write("campaigns/again.yaml", campaign({"m-0": message("09:00", TEXTS[0], TEXTS[0])}))
    late_start.accept()
    late_start.move_to(at("09:00:30"))
    assert late_start.run("run", "--once").returncode == 5
    unavailable(mastodon, "/api/v1/statuses")
    assert late_start.run("run", "--once", "--yes").returncode == 1
    late_start.move_to(at("09:15:00"))
    assert late_start.run("run", "--once").returncode == 0
    assert sorted(mastodon.texts) == sorted([*TEXTS, TEXTS[0]])


def test_the_daemon_keeps_the_word_given_to_a_single_run(late_start: Workplace, mastodon: FakeMastodon) -> None:
    unavailable(mastodon, "/api/v1/accounts/verify_credentials")
    assert late_start.run("run", "--once", "--yes").returncode == 1
    assert mastodon.texts == []
    assert {post["state"] for post in late_start.status().values()} == {"due"}
    late_start.move_to(at("08:12:00"))
    late_start.speed = 20.0
    process = late_start.start_process("run")
    try:
        wait_for(lambda: sorted(mastodon.texts) == TEXTS, 40)
    finally:
        process.terminate()
        assert "held" not in process.communicate(timeout=40)[0]


def test_a_retry_outlives_a_platform_that_is_down(late_start: Workplace, mastodon: FakeMastodon) -> None:
    assert late_start.run("run", "--once").returncode == 5
    assert late_start.run("retry", KEYS[0]).returncode == 0
    unavailable(mastodon, "/api/v1/statuses")
    late_start.run("run", "--once")
    late_start.move_to(at("08:12:00"))
    late_start.run("run", "--once")
    assert mastodon.texts == [TEXTS[0]]
