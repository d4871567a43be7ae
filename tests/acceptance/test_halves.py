"""A file that a synced folder has written in part, through the real command: nothing cut goes out, nothing twice."""

from __future__ import annotations

import pytest

from campaigner.standins.mastodon import MastodonStandIn

from .test_daemon import daemon
from .test_kill import wait_for
from .workplace import Workplace, account, at

WHOLE = """\
campaign: Migrants Day
observance: 18 December
editions: [2020]
languages: [en]
accounts: all
messages:
  morning:
    at: 08:00
    text: |
      Good morning.
      Read what they told us.
  noon:
    at: 12:00
    text: |
      Good day.
      See you in the evening.
"""
CUTS = [WHOLE.index(mark) for mark in ("observance", "at: 12", "Good day", " day.", "      See", " evening.")]
BETWEEN = WHOLE.index("  noon")


@pytest.fixture
def accepted(place: Workplace, mastodon: MastodonStandIn) -> Workplace:
    place.write_config({"news": account(mastodon, ["en"])})
    place.write("campaigns/migrants-day.yaml", WHOLE)
    place.accept()
    return place


@pytest.mark.parametrize("size", CUTS)
def test_half_a_file_posts_nothing_that_is_cut_and_the_whole_one_nothing_twice(
    accepted: Workplace, mastodon: MastodonStandIn, size: int
) -> None:
    accepted.move_to(at("08:00:30"))
    accepted.run("run", "--once")
    accepted.write("campaigns/migrants-day.yaml", WHOLE[:size])
    accepted.move_to(at("12:00:30"))
    done = accepted.run("run", "--once")
    assert done.returncode in (0, 3)
    accepted.write("campaigns/migrants-day.yaml", WHOLE)
    accepted.move_to(at("12:10:00"))
    accepted.run("run", "--once")
    first, *rest = mastodon.texts
    assert first == "Good morning.\nRead what they told us."
    assert rest == ["Good day.\nSee you in the evening."]


def test_what_is_cut_off_whole_is_told_and_waits_for_a_person_when_it_comes_back_too_late(
    accepted: Workplace, mastodon: MastodonStandIn
) -> None:
    accepted.write("campaigns/migrants-day.yaml", WHOLE[:BETWEEN])
    accepted.move_to(at("11:50:00"))
    accepted.run("run", "--once")
    assert "is no longer in the files" in accepted.run("status", "--attention").stdout
    accepted.write("campaigns/migrants-day.yaml", WHOLE)
    accepted.move_to(at("12:10:00"))
    assert accepted.run("run", "--once").returncode == 5
    assert accepted.run("run", "--once", "--yes").returncode == 0
    assert mastodon.texts == ["Good day.\nSee you in the evening."]


def test_it_is_told_and_who_means_it_says_so(accepted: Workplace, mastodon: MastodonStandIn) -> None:
    short = WHOLE.replace("      See you in the evening.\n", "")
    accepted.write("campaigns/migrants-day.yaml", short)
    accepted.move_to(at("07:30:00"))
    accepted.run("run", "--once")
    told = accepted.run("status", "--attention").stdout
    assert 'it breaks off in the message "noon", as if half of it were written' in told
    accepted.write("campaigns/migrants-day.yaml", short + "# end\n")
    accepted.run("run", "--once")
    assert "nothing needs a person" in accepted.run("status", "--attention").stdout
    accepted.move_to(at("12:00:30"))
    accepted.run("run", "--once")
    assert mastodon.texts[-1] == "Good day."


def test_the_daemon_waits_for_the_rest_too(accepted: Workplace, mastodon: MastodonStandIn) -> None:
    accepted.write("campaigns/migrants-day.yaml", WHOLE[: CUTS[-1]])
    accepted.speed = 60.0
    accepted.move_to(at("11:58:00"))
    with daemon(accepted):
        wait_for(lambda: bool(mastodon.journal))
    assert mastodon.texts == ["Good day.\nSee you in the evening."]
