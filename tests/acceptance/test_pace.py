"""When a platform is asked again: not before the time that it asked for; and an account that fails rests, alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
SENDING = "/api/v1/statuses"
SENDS = f"POST {SENDING}"
WAIT = timedelta(seconds=600)


def accepted(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "Huomenta")}))
    place.accept()


@pytest.mark.parametrize("form", ["seconds", "date", "epoch", "iso"])
def test_nothing_is_sent_before_the_time_that_was_asked_for(
    place: Workplace, mastodon: FakeMastodon, form: str
) -> None:
    accepted(place, mastodon)
    place.move_to(at("08:00:10"))
    mastodon.fault("rate_limit", path_prefix=SENDING, method="POST", form=form, seconds=WAIT.total_seconds())
    assert place.run("run", "--once").stdout.startswith(f"waiting {KEY} ")
    asked_at = place.now()
    # The answer came some seconds ago, and some headers have whole seconds.
    for before in (timedelta(minutes=9), timedelta(seconds=30)):
        place.move_to(asked_at + WAIT - before)
        place.run("run", "--once")
        assert (mastodon.journal, mastodon.requests[SENDS]) == ([], 1)
    place.move_to(asked_at + WAIT + timedelta(seconds=2))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert (mastodon.texts, mastodon.requests[SENDS]) == (["Good morning"], 2)


def test_the_daemon_waits_as_long_and_then_not_much_longer(place: Workplace, mastodon: FakeMastodon) -> None:
    accepted(place, mastodon)
    mastodon.fault("rate_limit", path_prefix=SENDING, method="POST", form="seconds", seconds=WAIT.total_seconds())
    place.speed = 60.0
    place.move_to(at("07:56:00"))
    tried_at = []
    with daemon(place):
        wait_for(lambda: mastodon.requests[SENDS] == 1)
        tried_at.append(place.now())
        wait_for(lambda: mastodon.requests[SENDS] == 2)
        tried_at.append(place.now())
        wait_for(lambda: len(mastodon.journal) == 1)
    # What is seen from here is seen a little late, by a clock that makes a minute of a second.
    assert WAIT - timedelta(seconds=20) < tried_at[1] - tried_at[0] < WAIT + timedelta(minutes=4)


POSTS = 8


def test_an_account_that_fails_five_times_rests_and_the_others_go_on(
    place: Workplace, mastodon: FakeMastodon, twins: FakeMastodon
) -> None:
    place.speed = 1.0
    place.write_config({"bad": account(mastodon, ["en"]), "good": account(twins, ["en"])})
    messages = {f"m{n}": message("08:00", f"Message {n}", f"Viesti {n}") for n in range(POSTS)}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.accept()
    place.move_to(at("08:00:10"))
    mastodon.fault("rate_limit", path_prefix=SENDING, method="POST", times=None)
    said = place.run("run", "--once").stdout
    assert (len(twins.journal), mastodon.requests[SENDS]) == (POSTS, 5)
    assert said.count("account bad failed 5 times in a row and rests") == POSTS - 5
    mastodon.faults.clear()
    place.move_to(at("08:04:00"))
    place.run("run", "--once")
    assert (mastodon.journal, mastodon.requests[SENDS]) == ([], 5), "it rests, whatever the platform would say"
    place.move_to(at("08:06:00"))
    place.run("run", "--once")
    assert sorted(mastodon.texts) == sorted(f"Message {n}" for n in range(POSTS))
    assert len(twins.journal) == POSTS
