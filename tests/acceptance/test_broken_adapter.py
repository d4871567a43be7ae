"""An adapter that does what nobody expected: one post in doubt at most, one account stopped, and all others go on."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from campaigner.fakes.mastodon import FakeMastodon

from .hostile import install
from .test_kill import wait_for
from .workplace import Workplace, account, at, campaign, message

ODD = """
import os, pathlib
from datetime import datetime, timedelta, timezone
from campaigner.campaign.campaign import Model
from campaigner.platforms.base import *
from campaigner.platforms.base import Media
from campaigner.post.profile import Profile

HERE = pathlib.Path(os.environ["ODD"])

def odd(method):
    fault = HERE.read_text() if HERE.exists() else ""
    where, _, what = fault.partition(" ")
    if where != method:
        return None
    with (HERE.parent / "odd-calls").open("a") as calls:
        calls.write(method + chr(10))
    return eval(what)

def thrown(error):
    raise error

class OddOptions(Model):
    server: str = "http://127.0.0.1:1"

class Odd(Platform):
    name = "odd"
    Options = OddOptions
    profile = Profile(platform="odd", measure="plain", limit=1000, unit="characters", takes_language=True, max_images=4)
    def __init__(self, made):
        odd("connect")
        super().__init__(made)
    def whoami(self):
        return odd("identity") or Identity(id="odd:1", name="odd")
    def upload(self, media):
        return odd("prepare") or {"id": 1}
    def send(self, part):
        now = self.clock.now()
        answer = odd("publish") or Receipt(id=part.token, url=f"https://odd.example/{part.token}", at=now)
        with (HERE.parent / "odd-posts").open("a") as posts:
            posts.write(part.text + chr(10))
        return answer
    def search(self, part):
        return odd("look") or Unavailable("it can't be searched")
    def remove(self, receipt):
        return odd("delete")
    def read_limits(self):
        return odd("limits") or AccountLimits(profile=self.profile)
    def disconnect(self):
        odd("close")
"""

RAISED = (
    "thrown(ValueError('no'))",
    "thrown(SystemExit(3))",
    "{}['id']",
)
GIVEN = (
    "{'id': 1}",
    "Receipt(id=5, url='x', at=datetime.now(timezone.utc))",
    "Receipt(id='5', url='x', at=datetime.now())",
    "Receipt(id='5', url='x', at=datetime.now(timezone.utc), extra={'a': object()})",
    "Unavailable('later', datetime.now())",
)
ODD_KEY = "migrants-day/2020/one/odd/en"


@pytest.fixture
def due(place: Workplace, mastodon: FakeMastodon, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Two posts on the odd account and two on another, accepted, the first of each now due."""
    installed = install(tmp_path_factory.mktemp("odd"), "odd", ODD, "odd = odd:Odd")
    place.environment |= {"PYTHONPATH": str(installed), "ODD": str(place.folder / "fault")}
    place.speed = 1.0
    place.write_config(
        {"odd": {"platform": "odd", "languages": ["en"], "spacing": "0s"}, "news": account(mastodon, ["en"])}
    )
    messages = {"one": message("08:00", "Number one", "Yksi"), "two": message("08:01", "Number two", "Kaksi")}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    place.accept()
    place.move_to(at("08:01:30"))
    return place


def posted(place: Workplace) -> list[str]:
    path = place.folder / "odd-posts"
    return path.read_text().splitlines() if path.exists() else []


def reports(place: Workplace) -> list[Path]:
    return sorted((place.folder / "state").glob("campaigner-bug-*.txt"))


@pytest.mark.parametrize("fault", RAISED + GIVEN)
def test_a_publishing_call_that_fails_oddly_is_in_doubt(due: Workplace, mastodon: FakeMastodon, fault: str) -> None:
    """It may be out: nobody sends it again, and the account waits for `accounts check`."""
    due.write("fault", f"publish {fault}")
    done = due.run("run", "--once")
    assert done.returncode == 70, (done.stdout, done.stderr)
    assert mastodon.texts == ["Number one", "Number two"]
    assert f"in-doubt {ODD_KEY}" in done.stdout
    assert "waiting migrants-day/2020/two/odd/en" in done.stdout
    assert "campaigner accounts check odd" in done.stderr
    assert len(reports(due)) == 1
    assert str(reports(due)[0]) in done.stderr
    told = due.run("status", "--attention")
    assert f"campaigner resolve {ODD_KEY}" in told.stdout
    assert "campaigner accounts check odd" in told.stdout
    (due.folder / "fault").unlink()
    out = posted(due)
    assert due.run("run", "--once").returncode == 1
    assert posted(due) == out, "a stopped account is not tried"
    assert due.run("accounts", "check", "odd").returncode == 0
    due.run("resolve", ODD_KEY, "--not-published")
    due.run("run", "--once")
    assert sorted(posted(due)) == sorted([*out, "Number one", "Number two"])


@pytest.mark.parametrize(
    "other",
    ["extra=__import__('collections').OrderedDict(a=1)", "at=type('Instant', (datetime,), {}).now(timezone.utc)"],
)
def test_values_of_another_library_s_types_are_written_down_all_the_same(
    due: Workplace, mastodon: FakeMastodon, other: str
) -> None:
    values = {"id": "id=str(datetime.now().timestamp())", "url": "url='x'", "at": "at=datetime.now(timezone.utc)"}
    values[other.partition("=")[0]] = other
    due.write("fault", f"publish Receipt({', '.join(values.values())})")
    done = due.run("run", "--once")
    assert f"published {ODD_KEY}" in done.stdout, (done.stdout, done.stderr)
    assert reports(due) == []
    assert mastodon.texts == ["Number one", "Number two"]


@pytest.mark.parametrize("method", ["connect", "identity"])
def test_before_the_call_a_post_only_waits(due: Workplace, mastodon: FakeMastodon, method: str) -> None:
    due.write("fault", f"{method} thrown(ValueError('no'))")
    done = due.run("run", "--once")
    assert done.returncode == 70, (done.stdout, done.stderr)
    assert mastodon.texts == ["Number one", "Number two"]
    assert "in-doubt" not in done.stdout
    assert f"waiting {ODD_KEY}" in done.stdout
    assert posted(due) == []
    checked = due.run("accounts", "check")
    assert checked.returncode == 70
    assert "news on mastodon" in checked.stdout or "news: " in checked.stdout
    assert "campaigner-bug-" in checked.stderr
    (due.folder / "fault").unlink()
    assert due.run("accounts", "check").returncode == 0
    assert due.run("run", "--once").returncode == 0
    assert posted(due) == ["Number one", "Number two"]


def test_limits_and_close_that_fail(due: Workplace) -> None:
    due.write("fault", "limits thrown(ValueError('no'))")
    assert due.run("accounts", "check").returncode == 70
    due.write("fault", "close thrown(ValueError('no'))")
    assert due.run("accounts", "check").returncode == 0
    assert due.run("run", "--once").returncode == 0
    assert posted(due) == ["Number one", "Number two"]


def test_a_delete_that_fails_keeps_no_other_up(due: Workplace, mastodon: FakeMastodon) -> None:
    assert due.run("run", "--once").returncode == 0
    due.write("fault", "delete thrown(ValueError('no'))")
    done = due.run("delete", "migrants-day/2020", "--yes")
    assert done.returncode == 70
    assert f"not deleted {ODD_KEY}" in done.stdout
    assert "deleted migrants-day/2020/two/news/en" in done.stdout
    assert mastodon.texts == []


def test_a_sibling_that_fails_stops_nobody_else(due: Workplace, mastodon: FakeMastodon) -> None:
    """With `parity`, every account of a message is asked from the course of one."""
    # Who the account is was asked more than an hour before.
    messages = {"pair": message("10:00", "Together", "Yhdessä"), "three": message("10:00", "Alone", "Yksin")}
    del messages["pair"]["text"]["fi"]
    due.write("campaigns/pair.yaml", campaign({"pair": messages["pair"]}, parity="required", languages=["en"]))
    due.write("campaigns/other.yaml", campaign({"three": messages["three"]}))
    assert due.run("run", "--once").returncode == 0
    due.move_to(at("10:00:10"))
    due.write("fault", "identity thrown(ValueError('no'))")
    done = due.run("run", "--once")
    assert done.returncode == 70, (done.stdout, done.stderr)
    assert mastodon.texts == ["Number one", "Number two", "Alone"]
    assert posted(due) == ["Number one", "Number two"]


def test_the_daemon_stays_and_says_so_once(due: Workplace, mastodon: FakeMastodon) -> None:
    due.write("fault", "publish thrown(ValueError('no'))")
    due.move_to(at("07:59:00"))
    due.speed = 60.0
    process = due.start_process("run")
    wait_for(lambda: len(mastodon.texts) == 2 and reports(due), 60)
    wait_for(lambda: len(json.loads(due.run("status", "--json").stdout)["posts"]) == 4, 10)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 0
    assert said.count("its adapter failed at `publish` (ValueError)") >= 1
    assert len(reports(due)) == 1
    assert posted(due) == []


def test_a_retry_where_nothing_can_be_searched_is_sent(
    place: Workplace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A look that can never find anything would keep it waiting for ever, and rest its account."""
    source = re.sub(r"    def search\(.*\n.*\n", "", ODD)
    assert "search" not in source
    installed = install(tmp_path_factory.mktemp("odd"), "odd", source, "odd = odd:Odd")
    place.environment |= {"PYTHONPATH": str(installed), "ODD": str(place.folder / "fault")}
    place.speed = 1.0
    place.write_config({"odd": {"platform": "odd", "languages": ["en"], "spacing": "0s"}})
    place.write("campaigns/migrants-day.yaml", campaign({"one": message("08:00", "Number one", "Yksi")}))
    place.accept()
    place.move_to(at("08:00:30"))
    place.write("fault", "publish Rejected('not today')")
    assert f"failed {ODD_KEY}" in place.run("run", "--once").stdout
    (place.folder / "fault").unlink()
    assert place.run("retry", ODD_KEY, "--yes").returncode == 0
    done = place.run("run", "--once")
    assert (done.returncode, posted(place)) == (0, ["Number one", "Number one"]), (done.stdout, done.stderr)
