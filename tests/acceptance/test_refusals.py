"""A refusal counts only when it is about the post; all else that follows the call is in doubt, and looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from campaigner.clock import FastClock
from campaigner.fakes.base import FakePlatform, PostedImage, PublishedPost
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .test_holds import DOT
from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
IMAGE = {"images": [{"file": "dot.png", "alt": {"en": "A dot", "fi": "Piste"}}]}
LOOK = {"mastodon": "/api/v1/accounts/1", "bluesky": "/xrpc/com.atproto.repo.getRecord", "x": "/2/users/1000"}


@pytest.fixture(params=[FakeMastodon, FakeBluesky, FakeX], ids=["mastodon", "bluesky", "x"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    with request.param() as made:
        yield made


def due(place: Workplace, fake: FakePlatform, **keys: Any) -> None:
    """One post, accepted before, and now it is due."""
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"])})
    (place.folder / "campaigns").mkdir()
    (place.folder / "campaigns" / "dot.png").write_bytes(DOT)
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "First", "Eka", **keys)}))
    place.move_to(at("07:59:00"))
    place.accept()
    place.move_to(at("08:00:30"))


OWN_TROUBLES = {
    "mastodon": [(422, "Duplicate record"), (422, "Validation failed: Uri has already been taken"), (409, "Conflict")],
    "bluesky": [(400, "Locked"), (409, "RepoLocked"), (400, "Already being processed")],
    "x": [(403, "The request is already being processed"), (409, "Conflict"), (418, "Something new")],
}


@pytest.mark.parametrize("number", range(3))
def test_what_a_server_says_of_its_own_troubles_is_no_refusal(
    place: Workplace, fake: FakePlatform, number: int
) -> None:
    due(place, fake)
    status, words = OWN_TROUBLES[fake.platform][number]
    body = f'{{"error": "{words}", "message": "{words}", "detail": "{words}"}}'
    path = PUBLISH[fake.platform]
    fake.fault("status", path_prefix=path, method="POST", status=status, body=body, commit=True)
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert fake.texts == ["First"]
    assert place.run("delete", KEY).returncode == 0
    assert fake.visible == []


def test_it_is_sent_again_once_it_is_known_not_to_be_out(place: Workplace, mastodon: FakeMastodon) -> None:
    due(place, mastodon)
    body = '{"error": "Duplicate record"}'
    mastodon.fault("status", path_prefix="/api/v1/statuses", method="POST", status=422, body=body)
    assert place.run("run", "--once").stdout.startswith(f'in-doubt {KEY} "Duplicate record"')
    place.move_to(at("08:03:00"))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert len(mastodon.journal) == 1


WRONGLY = {
    "mastodon": (422, {"error": "Validation failed: Text is too rude"}),
    "bluesky": (400, {"error": "InvalidMimeType", "message": "says the server"}),
    "x": (400, {"title": "Invalid Request", "detail": "no"}),
}


def test_retry_looks_first_whatever_the_platform_said(place: Workplace, fake: FakePlatform) -> None:
    """A server can be wrong when it refuses: what is out already is found and not made a second time."""
    due(place, fake)
    status, fields = WRONGLY[fake.platform]
    path = PUBLISH[fake.platform]
    fake.fault("status", path_prefix=path, method="POST", status=status, body=json.dumps(fields), commit=True)
    assert place.run("run", "--once").stdout.startswith(f"failed {KEY} ")
    assert place.run("retry", KEY).returncode == 0
    place.move_to(place.now() + timedelta(minutes=5))
    done = place.run("run", "--once")
    assert done.stdout.startswith(f"published {KEY} "), done.stdout
    assert fake.texts == ["First"]


def test_retry_waits_while_the_platform_cannot_be_looked_at(place: Workplace, fake: FakePlatform) -> None:
    due(place, fake)
    status, fields = WRONGLY[fake.platform]
    path = PUBLISH[fake.platform]
    fake.fault("status", path_prefix=path, method="POST", status=status, body=json.dumps(fields), commit=True)
    place.run("run", "--once")
    place.run("retry", KEY)
    fake.fault("status", path_prefix=LOOK[fake.platform], method="GET", status=503, times=None)
    assert place.run("run", "--once").stdout.startswith(f"waiting {KEY} ")
    fake.faults.clear()
    place.move_to(at("08:20:00"))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert fake.texts == ["First"]


def test_retry_sends_what_is_not_there(place: Workplace, fake: FakePlatform) -> None:
    due(place, fake)
    status, fields = WRONGLY[fake.platform]
    fake.fault("status", path_prefix=PUBLISH[fake.platform], method="POST", status=status, body=json.dumps(fields))
    assert place.run("run", "--once").stdout.startswith(f"failed {KEY} ")
    place.run("retry", KEY)
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert fake.texts == ["First"]


def test_an_image_that_is_still_worked_on_is_waited_for(place: Workplace, mastodon: FakeMastodon) -> None:
    due(place, mastodon, **IMAGE)
    mastodon.processing = 2
    first = place.run("run", "--once").stdout
    assert first.startswith(f"waiting {KEY} 2020-12-18T06:00:4"), first
    for second in ("43", "56"):
        place.move_to(at(f"08:00:{second}"))
        last = place.run("run", "--once").stdout
    assert last.startswith(f"published {KEY} "), last
    assert [len(posted.images) for posted in mastodon.journal] == [1]


def test_words_that_say_so_are_enough(place: Workplace, mastodon: FakeMastodon) -> None:
    """The server has made it ready by the time that it is asked."""
    due(place, mastodon, **IMAGE)
    words = "Cannot attach files that have not finished processing. Try again in a moment!"
    mastodon.fault("status", path_prefix="/api/v1/statuses", method="POST", status=422, body=f'{{"error": "{words}"}}')
    assert place.run("run", "--once").stdout.startswith(f"waiting {KEY} 2020-12-18T06:00:4")
    place.move_to(at("08:00:43"))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")


OLD = {"account": "campaigner", "text": "First", "at": at("08:00:00") - timedelta(days=365)}


def test_a_repeat_of_an_old_post_is_not_ours(place: Workplace, x: FakeX) -> None:
    x.duplicate_window = timedelta(days=4000)
    x.journal.append(PublishedPost(id="4711", **OLD))
    due(place, x)
    done = place.run("run", "--once")
    old = "https://x.com/campaigner/status/4711"
    assert done.stdout == (
        f"failed {KEY} refused as a repeat of {old} of 2019-12-19: vary the words, then `campaigner retry`\n"
    )
    assert done.returncode == 1
    assert (place.status()[KEY]["state"], place.status()[KEY]["url"]) == ("failed", None)
    assert place.run("delete", KEY).returncode == 2
    assert x.texts == ["First"]


def test_a_server_that_lists_what_was_not_asked_for_hands_no_old_post_over(
    place: Workplace, twins: FakeMastodon
) -> None:
    old = PublishedPost(id="11", **OLD, extra={"warning": "", "visibility": "public"})
    twins.journal.append(old)
    due(place, twins)
    twins.fault("drop_request", path_prefix="/api/v1/statuses", method="POST")
    assert place.run("run", "--once").stdout.startswith(f"in-doubt {KEY} ")
    place.move_to(at("08:03:00"))
    assert place.run("run", "--once").stdout.startswith(f"published {KEY} ")
    assert len(twins.journal) == 2


def by_hand(fake: FakePlatform, text: str, *alts: str) -> None:
    """Somebody posts with the platform's own app, after ours was tried."""
    images = tuple(PostedImage(alt=alt, media_type="image/png", size=70) for alt in alts)
    extra = {"warning": "", "visibility": "public"}
    posted = PublishedPost(
        account="campaigner", id="990000000000000000", text=text, images=images, at=fake.clock.now(), extra=extra
    )
    fake.journal.append(posted)


@pytest.mark.parametrize("alts", [[], ["", ""], ["Something else"]])
def test_the_same_words_with_other_images_leave_it_in_doubt(
    place: Workplace, twins: FakeMastodon, alts: list[str]
) -> None:
    due(place, twins, **IMAGE)
    twins.fault("drop_request", path_prefix="/api/v1/statuses", method="POST")
    twins.clock = FastClock(place.now())
    place.run("run", "--once")
    by_hand(twins, "First", *alts)
    for minutes in (4, 12):
        place.move_to(at("08:00:30") + timedelta(minutes=minutes))
        assert place.run("run", "--once").stdout.startswith(f"in-doubt {KEY} ")
    assert len(twins.journal) == 1
    assert "a post with the same words is there" in place.status()[KEY]["reason"]
