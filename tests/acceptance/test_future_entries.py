"""A ledger that a wrong clock wrote ahead of time: the refusal names the entry and the one command that ends it."""

from __future__ import annotations

from datetime import timedelta

from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

FIRST, SECOND = "migrants-day/2020/one/news/en", "migrants-day/2020/two/news/en"


def test_a_person_says_once_that_the_clock_is_right(place: Workplace, mastodon: FakeMastodon) -> None:
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"], spacing="1m")})
    messages = {"one": message("08:00", "Number one", "Yksi"), "two": message("09:00", "Number two", "Kaksi")}
    place.write("campaigns/migrants-day.yaml", campaign(messages, late="6h"))
    place.accept()
    place.move_to(at("08:00:10"))
    assert place.run("run", "--once").returncode == 0
    place.move_to(at("08:30:00") + timedelta(days=5))
    place.run("run", "--once")
    place.move_to(at("09:00:10"))
    for answer in ([], ["--yes"]):
        done = place.run("run", "--once", *answer)
        assert done.returncode == 5
        assert SECOND in done.stderr
        assert "campaigner ledger clock --is-right" in done.stderr
    assert place.run("ledger", "clock").returncode == 5
    done = place.run("ledger", "clock", "--is-right")
    assert done.returncode == 0, done.stderr
    assert place.run("ledger", "clock").returncode == 0
    place.run("retry", SECOND)
    assert place.run("run", "--once").returncode == 0
    assert mastodon.texts == ["Number one", "Number two"]
    place.move_to(at("09:10:00"))
    assert place.run("run", "--once").returncode == 0
    assert "ledger clock --is-right" in place.run("log").stdout
