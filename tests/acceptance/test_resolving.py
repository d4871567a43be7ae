"""A person settles a doubt: the part in doubt, its id on the platform, and what is told of it before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigner.fakes.base import FakePlatform, PublishedPost
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
TEXTS = ["First", "Second", "Third"]
THREAD = [{"text": {"en": text, "fi": text}} for text in TEXTS[1:]]
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
LOOK = {"mastodon": "/api/v1/accounts/", "bluesky": "/xrpc/com.atproto.repo.getRecord", "x": "/2/users/1000"}


def accepted(place: Workplace, fake: FakePlatform, *, thread: bool = False) -> None:
    """One post, due at 08:00, accepted before."""
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"])})
    keys = {"thread": THREAD} if thread else {}
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "First", "Eka", **keys)}))
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:30"))


def in_doubt(place: Workplace, fake: FakePlatform, *, part: int = 1) -> None:
    """That part is out, its answer was lost, and the platform can't be asked."""
    fake.fault("lose_response", path_prefix=PUBLISH[fake.platform], method="POST", after=part - 1)
    who = 1 if fake.platform == "mastodon" else 0  # the first such call asks who we are
    fake.fault("status", path_prefix=LOOK[fake.platform], method="GET", status=503, times=None, after=who)
    done = place.run("run", "--once")
    fake.faults.clear()
    assert done.stdout.startswith(f"in-doubt {KEY}"), done.stdout
    assert fake.texts == TEXTS[:part]


def told(place: Workplace) -> list[str]:
    return [alert["kind"] for alert in json.loads(place.run("status", "--json").stdout)["alerts"]]


def url_of(fake: FakePlatform, posted: PublishedPost) -> str:
    match fake.platform:
        case "x":
            return f"https://x.com/campaigner/status/{posted.id}"
        case "mastodon":
            return f"{fake.url}/@campaigner/{posted.id}"
        case _:
            return f"https://bsky.app/profile/campaigner.test/post/{posted.id.rpartition('/')[2]}"


@pytest.fixture(params=[FakeMastodon, FakeBluesky, FakeX], ids=["mastodon", "bluesky", "x"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    with request.param() as made:
        yield made


@pytest.mark.parametrize("part", [1, 2])
def test_the_rest_of_a_thread_follows_the_part_that_is_out(place: Workplace, fake: FakePlatform, part: int) -> None:
    accepted(place, fake, thread=True)
    in_doubt(place, fake, part=part)
    url = url_of(fake, fake.journal[-1])
    done = place.run("resolve", KEY, "--published", url)
    assert done.stdout.splitlines() == [
        f"part {part} of 3 is out: {KEY} {url}",
        f"it is due again, and goes on with part {part + 1}",
    ]
    assert place.status()[KEY]["state"] == "due"
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert [(posted.text, posted.account) for posted in fake.journal] == [(text, "campaigner") for text in TEXTS]
    first, second, third = (posted.id for posted in fake.journal)
    assert [posted.reply_to for posted in fake.journal] == [None, first, second]
    assert place.run("delete", KEY).returncode == 0
    assert fake.deleted == {first, second, third}


def test_the_rest_of_a_thread_does_not_come_too_late(place: Workplace, x: FakeX) -> None:
    accepted(place, x, thread=True)
    in_doubt(place, x)
    place.move_to(place.now() + timedelta(hours=5))
    place.run("resolve", KEY, "--published", url_of(x, x.journal[0]))
    place.run("run", "--once")
    assert x.texts == TEXTS


def test_the_last_part_that_is_out_ends_the_post(place: Workplace, x: FakeX) -> None:
    accepted(place, x, thread=True)
    in_doubt(place, x, part=3)
    url = url_of(x, x.journal[-1])
    assert place.run("resolve", KEY, "--published", url).stdout == f"published {KEY} {url}\n"
    post = place.status()[KEY]
    assert (post["state"], post["url"]) == ("published", f"https://x.com/campaigner/status/{x.journal[0].id}")
    assert place.run("run", "--once").stdout == ""
    assert place.run("delete", KEY).returncode == 0
    assert x.visible == []


def test_the_address_of_a_part_that_is_known_is_refused(place: Workplace, x: FakeX) -> None:
    accepted(place, x, thread=True)
    in_doubt(place, x, part=2)
    done = place.run("resolve", KEY, "--published", url_of(x, x.journal[0]))
    assert (done.returncode, "another part of this post already" in done.stderr) == (5, True)
    assert place.status()[KEY]["state"] == "in-doubt"


def test_delete_takes_down_what_a_person_found(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    in_doubt(place, fake)
    assert place.run("resolve", KEY, "--published", url_of(fake, fake.journal[0])).returncode == 0
    assert place.run("delete", KEY).stdout.startswith(f"deleted {KEY}")
    assert fake.visible == []
    place.run("retry", KEY)
    place.run("run", "--once")
    assert fake.texts == ["First"]


ELSEWHERE = {
    "x": ["https://x.com/campaigner", "https://social.example/campaigner/status/17", "https://x.com/us/status/soon"],
    "mastodon": ["https://social.example/@campaigner/17", "{url}/@campaigner", "{url}/@campaigner@social.example/17"],
    "bluesky": ["https://bsky.app/profile/somebody.test/post/3kabc", "https://bsky.app/profile/campaigner.test"],
}


def test_an_address_that_is_no_post_of_the_account_is_refused(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    in_doubt(place, fake)
    for address in ELSEWHERE[fake.platform]:
        done = place.run("resolve", KEY, "--published", address.format(url=fake.url))
        assert (done.returncode, done.stdout) == (2, "")
        assert "is no post of account news" in done.stderr
    assert place.status()[KEY]["state"] == "in-doubt"


def test_a_second_doubt_is_told_again(place: Workplace, x: FakeX) -> None:
    accepted(place, x)
    x.fault("drop_request", path_prefix="/2/tweets", method="POST", times=2)
    place.run("run", "--once")
    assert told(place) == ["in-doubt"]
    assert place.run("resolve", KEY, "--not-published").returncode == 0
    assert told(place) == []
    assert place.run("run", "--once").stdout.startswith(f"in-doubt {KEY}")
    assert told(place) == ["in-doubt"]
    place.run("resolve", KEY, "--published", "https://x.com/campaigner/status/17", "--yes")
    assert told(place) == []


def test_what_a_person_cancelled_asks_for_nobody_any_more(place: Workplace, mastodon: FakeMastodon) -> None:
    accepted(place, mastodon)
    mastodon.fault(
        "status",
        path_prefix="/api/v1/statuses",
        method="POST",
        status=422,
        body='{"error": "Validation failed: Text is too rude"}',
    )
    place.run("run", "--once")
    assert (told(place), place.run("status", "--attention").returncode) == (["failed"], 1)
    assert place.run("cancel", KEY).stdout == f"cancelled {KEY}\n"
    done = place.run("status", "--attention")
    assert (done.returncode, "nothing needs a person" in done.stdout) == (0, True)


def test_half_a_thread_that_was_deleted_asks_for_nobody_any_more(place: Workplace, mastodon: FakeMastodon) -> None:
    accepted(place, mastodon, thread=True)
    mastodon.fault(
        "status",
        path_prefix="/api/v1/statuses",
        method="POST",
        status=422,
        body='{"error": "Validation failed: Text is too rude"}',
        after=1,
    )
    place.run("run", "--once")
    assert told(place) == ["partial"]
    place.run("delete", KEY)
    assert (told(place), place.run("status", "--attention").returncode) == ([], 0)


def put(fake: FakePlatform, *, text: str, minutes: int = 0, account: str = "campaigner") -> PublishedPost:
    """A post that nobody sent through us, so many minutes after the last one."""
    last = fake.journal[-1]
    posted = replace(
        last, id=str(int(last.id) + 100), text=text, at=last.at + timedelta(minutes=minutes), account=account
    )
    fake.journal.append(posted)
    return posted


def refused(place: Workplace, url: str, found: str, code: int = 5) -> str:
    """The command that records it all the same, which the refusal names."""
    done = place.run("resolve", KEY, "--published", url)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    command = f"campaigner resolve {KEY} --published {url} --yes"
    assert found in done.stderr
    assert command in done.stderr
    assert place.status()[KEY]["state"] == "in-doubt"
    return command


@pytest.fixture(params=[FakeMastodon, FakeX], ids=["mastodon", "x"])
def numbered(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    """A platform whose ids are numbers of one row for all accounts."""
    with request.param(accounts=("campaigner", "somebody")) as made:
        yield made


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"text": "First", "account": "somebody"}, "it is not by this account"),
        ({"text": "Our office is closed today"}, 'it says something else: "Our office is closed today"'),
        ({"text": "First", "minutes": -60}, "before this post was first tried"),
    ],
    ids=["another's", "other words", "old"],
)
def test_what_is_not_the_post_in_doubt_is_refused(
    place: Workplace, numbered: FakePlatform, other: dict[str, Any], found: str
) -> None:
    accepted(place, numbered)
    in_doubt(place, numbered)
    refused(place, url_of(numbered, put(numbered, **other)), found)


def test_a_number_that_nobody_has_is_refused(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    in_doubt(place, fake)
    real = url_of(fake, fake.journal[0])
    nowhere = real[:-13] + "2222222222222" if fake.platform == "bluesky" else real + "7"
    refused(place, nowhere, "no such post is there")


def test_another_part_in_its_place_is_refused(place: Workplace, numbered: FakePlatform) -> None:
    accepted(place, numbered, thread=True)
    in_doubt(place, numbered, part=2)
    aside = put(numbered, text="Second")
    numbered.journal[-1] = replace(aside, reply_to=None)
    refused(place, url_of(numbered, aside), "it is no reply to the part before")


def test_what_a_person_insists_on_is_recorded_and_never_taken_down(place: Workplace, numbered: FakePlatform) -> None:
    accepted(place, numbered)
    in_doubt(place, numbered)
    other = put(numbered, text="Our office is closed")
    command = refused(place, url_of(numbered, other), "it says something else")
    assert place.run(*command.split()[1:]).stdout == f"published {KEY} {url_of(numbered, other)}\n"
    done = place.run("delete", KEY)
    assert (done.returncode, done.stdout) == (
        1,
        f"not deleted {KEY}: a person said it is ours, and it was not found to be: delete it on its platform\n",
    )
    assert numbered.deleted == set()


def test_yes_changes_nothing_of_what_is_found_to_be_ours(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    in_doubt(place, fake)
    assert place.run("resolve", KEY, "--published", url_of(fake, fake.journal[0]), "--yes").returncode == 0
    assert place.run("delete", KEY).returncode == 0
    assert fake.visible == []


def test_a_platform_that_can_not_be_asked_leaves_it_to_yes(place: Workplace, fake: FakePlatform) -> None:
    accepted(place, fake)
    in_doubt(place, fake)
    url = url_of(fake, fake.journal[0])
    fake.fault("status", path_prefix="/", method="GET", status=503, times=None)
    command = refused(place, url, "can't be looked at now", code=4)
    assert place.run(*command.split()[1:]).returncode == 0
    fake.faults.clear()
    assert place.run("delete", KEY).stdout.startswith(f"not deleted {KEY}: a person said it is ours")
    assert fake.deleted == set()


def test_a_post_of_another_delivery_is_refused_also_with_yes(place: Workplace, x: FakeX) -> None:
    accepted(place, x, thread=True)
    in_doubt(place, x, part=2)
    done = place.run("resolve", KEY, "--published", url_of(x, x.journal[0]), "--yes")
    assert (done.returncode, "another part of this post already" in done.stderr) == (5, True)
