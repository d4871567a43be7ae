"""`kill -9` of the daemon at any moment of a burst, then a restart: no text twice, none lost unsaid."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest

from campaigner.fakes.mastodon import QUOTAS, FakeMastodon

from .workplace import Workplace, account, at, campaign, message

POSTS = 200
PLENTY = {name: replace(quota, calls=100_000) for name, quota in QUOTAS.items()}
MINUTE = 60.0


def burst(place: Workplace, mastodon: FakeMastodon) -> Counter[str]:
    """A campaign of 200 posts for one account, all due at 08:00, accepted at 07:00; returns the texts that must go out."""
    messages = {f"m{n}": message("08:00", f"Message number {n}", f"Viesti numero {n}") for n in range(POSTS // 2)}
    place.write_config({"news": account(mastodon)})
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    assert place.run("run", "--once").returncode == 0
    place.move_to(at("07:59:55"))
    return Counter(text for one in messages.values() for text in one["text"].values())


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Poll something outside of this process; fail when it never comes."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.005)  # another process is at work: there is nothing to be told by


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("key_mode", ["honoured", "ignored"])
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_in_a_burst(
    place: Workplace, key_mode: Literal["honoured", "ignored"], seed: int
) -> None:
    chance = random.Random(seed)
    with FakeMastodon(key_mode=key_mode, quotas=PLENTY) as mastodon:
        wanted = burst(place, mastodon)
        for _ in range(4):
            enough = min(len(mastodon.journal) + chance.randrange(5, 50), POSTS)
            process = place.start_process("run")
            wait_for(lambda enough=enough: len(mastodon.journal) >= enough)
            time.sleep(chance.random() * 0.01)  # anywhere within one delivery
            kill(process)
        place.speed = MINUTE
        place.move_to(place.now())
        process = place.start_process("run")
        wait_for(lambda: Counter(mastodon.texts) == wanted or bool(told(place)))
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=40)[0]
        assert process.returncode == 0, output
        found = Counter(mastodon.texts)
        assert max(found.values()) == 1, [text for text, count in found.items() if count > 1]
        assert found == wanted, told(place)


def told(place: Workplace) -> list[str]:
    """Every post that is said not to be out, once nothing moves by itself any more."""
    posts = place.status().values()
    if any(post["state"] in ("due", "claimed", "sending", "planned", "in-doubt") for post in posts):
        return []
    return [f"{post['key']} {post['state']} {post['reason']}" for post in posts if post["state"] != "published"]


def test_sigterm_in_a_burst_leaves_nothing_in_doubt(place: Workplace) -> None:
    with FakeMastodon(quotas=PLENTY) as mastodon:
        wanted = burst(place, mastodon)
        # Slow enough that the signal comes in the middle on a busy machine too.
        mastodon.fault("delay", path_prefix="/api/v1/statuses", method="POST", times=None, seconds=0.02)
        process = place.start_process("run")
        wait_for(lambda: len(mastodon.journal) >= 20)
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=40)[0]
        assert process.returncode == 0, output
        states = Counter(post["state"] for post in place.status().values())
        assert states["published"] == len(mastodon.journal) < POSTS
        assert set(states) == {"published", "due"}
        mastodon.faults.clear()
        done = place.run("run", "--once")
        assert done.returncode == 0, done.stdout
        assert Counter(mastodon.texts) == wanted


def test_two_daemons_on_one_ledger_share_the_work(place: Workplace) -> None:
    with FakeMastodon(accounts=("one", "two"), quotas=PLENTY) as mastodon:
        messages = {f"m{n}": message("08:00", f"Message {n}", f"Viesti {n}") for n in range(20)}
        place.write_config({name: {**account(mastodon), **mastodon.options(name)} for name in ("one", "two")})
        place.write("campaigns/migrants-day.yaml", campaign(messages))
        place.run("run", "--once")
        place.move_to(at("07:59:58"))
        daemons = [place.start_process("run") for _ in range(2)]
        wait_for(lambda: len(mastodon.journal) >= 80)
        for process in daemons:
            process.send_signal(signal.SIGTERM)
        assert [process.communicate(timeout=40) and process.returncode for process in daemons] == [0, 0]
        assert set(Counter((posted.account, posted.text) for posted in mastodon.journal).values()) == {1}


@pytest.mark.parametrize("late", ["post", "skip"])
def test_a_hold_in_the_middle_of_a_burst_of_two_daemons_stops_the_very_next_sends(place: Workplace, late: str) -> None:
    names = ("one", "two")
    with FakeMastodon(accounts=names, quotas=PLENTY) as mastodon:
        messages = {f"m{n}": message("08:00", f"Message {n}", f"Viesti {n}") for n in range(POSTS // 4)}
        place.write_config({name: {**account(mastodon), **mastodon.options(name)} for name in names})
        place.write("campaigns/migrants-day.yaml", campaign(messages))
        assert place.run("run", "--once").returncode == 0
        place.move_to(at("07:59:55"))
        mastodon.fault("delay", path_prefix="/api/v1/statuses", method="POST", times=None, seconds=0.05)
        daemons = [place.start_process("run") for _ in range(2)]
        wait_for(lambda: len(mastodon.journal) >= 20)
        assert place.run("hold", "--reason", "an earthquake").returncode == 0
        held_at = len(mastodon.journal)
        place.move_to(place.now())
        time.sleep(2)  # time enough for eighty more, if any were sent
        out = len(mastodon.journal)
        assert out <= held_at + len(names), "only what is in flight, one call an account, may still land"
        assert out < POSTS
        mastodon.faults.clear()
        released = place.run("release", "--late", late)
        named = [line for line in released.stdout.splitlines() if line.startswith(("skipped ", "will be posted now "))]
        assert (released.returncode, len(named)) == (0, POSTS - out)
        ends, wanted = ("published", POSTS) if late == "post" else ("cancelled", POSTS - out)
        wait_for(lambda: Counter(post["state"] for post in place.status().values())[ends] >= wanted)
        for process in daemons:
            process.send_signal(signal.SIGTERM)
        assert [process.communicate(timeout=40) and process.returncode for process in daemons] == [0, 0]
        assert set(Counter((posted.account, posted.text) for posted in mastodon.journal).values()) == {1}
        assert len(mastodon.journal) == (POSTS if late == "post" else out)
