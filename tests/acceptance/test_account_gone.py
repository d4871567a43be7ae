"""An account is taken out of the config while its posts are under way: nobody looks after them any more, so a person is told."""

from __future__ import annotations

from typing import Any

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .test_long_waits import told
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
POSTS = {"path_prefix": "/api/v1/statuses", "method": "POST"}
DOUBT = (
    {"fault": "lose_response", **POSTS},
    {"fault": "rate_limit", "path_prefix": "/api/v1/accounts/", "after": 1, "times": None},
)
HALF = ({"fault": "rate_limit", **POSTS, "after": 1, "form": "seconds", "seconds": 60},)


@pytest.mark.parametrize(
    ("faults", "kind", "command"),
    [(DOUBT, "in-doubt", f"campaigner resolve {KEY}"), (HALF, "overdue", f"campaigner delete {KEY}")],
    ids=["in doubt", "half a thread"],
)
def test_what_is_under_way_there_is_told(
    place: Workplace,
    mastodon: FakeMastodon,
    bluesky: FakeBluesky,
    faults: tuple[dict[str, Any], ...],
    kind: str,
    command: str,
) -> None:
    place.speed = 1.0
    thread = message("08:00", "First", "Ensimmäinen", thread=[{"text": {"en": "Second", "fi": "Toinen"}}])
    place.write_config({"news": account(mastodon, ["en"]), "other": account(bluesky, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": thread}))
    place.accept()
    for fault in faults:
        mastodon.fault(**fault)
    place.move_to(at("08:00:10"))
    place.run("run", "--once")
    assert told(place) == []
    place.write_config({"other": account(bluesky, ["en"])})
    place.move_to(at("08:05:00"))
    place.run("run", "--once")
    (alert,) = [alert for alert in told(place) if alert["key"] == KEY]
    assert (alert["kind"], alert["command"].startswith(command)) == (kind, True), alert
    assert "its account has left the config" in alert["text"]
    assert len(mastodon.texts) == 1


def test_an_account_that_signs_in_as_another_one_is_told(place: Workplace) -> None:
    with FakeMastodon(accounts=("a", "b")) as mastodon:
        place.speed = 1.0
        place.write_config({"news": {**account(mastodon, ["en"]), **mastodon.options("a")}})
        messages = {"morning": message("08:00", "Morning", "Huomenta"), "noon": message("12:00", "Noon", "Keskipäivä")}
        place.write("campaigns/migrants-day.yaml", campaign(messages))
        place.accept()
        place.move_to(at("08:00:10"))
        assert place.run("run", "--once").returncode == 0
        assert place.run("status", "--attention").returncode == 0
        place.environment["NEWS_ACCESS_TOKEN"] = mastodon.options("b")["access_token"]
        place.move_to(at("12:00:10"))
        place.run("run", "--once")
        shown = place.run("status", "--attention")
        assert shown.returncode == 1
        assert "account news is @b@" in shown.stdout
        assert "campaigner accounts check news" in shown.stdout
