"""The founding campaign, its date moved to now, on servers that nobody here wrote: by the daemon and by `run --once`."""

from __future__ import annotations

import html
import json
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigner.fakes.x import FakeX
from tests.acceptance.test_kill import wait_for
from tests.acceptance.workplace import Workplace, account

from .conftest import MastodonMock, Pds

CAMPAIGNS = Path(__file__).parents[2] / "campaigns"
HELSINKI = ZoneInfo("Europe/Helsinki")
FAST = 1800.0
Post = Callable[[Workplace], None]


def posted_by_the_daemon(place: Workplace) -> None:
    """The whole day at thirty minutes a second, with ten seconds before the first post to begin in."""
    place.speed = FAST
    place.move_to(place.now() - timedelta(hours=4))
    daemon = place.start_process("run")
    wait_for(lambda: _all_settled(place), 90)
    daemon.send_signal(signal.SIGTERM)
    output = daemon.communicate(timeout=40)[0]
    assert daemon.returncode == 0, output


def posted_by_cron(place: Workplace) -> None:
    """A run a few seconds after each time of the day."""
    due = sorted({post["due_at"] for post in json.loads(place.run("preview", "--json").stdout)})
    assert place.run("run", "--once").returncode == 0
    for instant in due:
        place.move_to(datetime.fromisoformat(instant) + timedelta(seconds=5))
        done = place.run("run", "--once")
        assert done.returncode == 0, done.stdout + done.stderr


def _all_settled(place: Workplace) -> bool:
    states = Counter(post["state"] for post in place.status().values())
    return set(states) == {"published"}


@pytest.fixture
def workplace(tmp_path: Path, pds: Pds, mastodon_mock: MastodonMock) -> Workplace:
    today = datetime.now(HELSINKI).replace(hour=7, minute=0, second=0, microsecond=0)
    place = Workplace(tmp_path, today, speed=60.0)
    shutil.copytree(CAMPAIGNS, tmp_path / "campaigns")
    for other in (tmp_path / "campaigns").glob("*.yaml"):
        if other.name != "international-migrants-day.yaml":
            other.unlink()
    file = tmp_path / "campaigns" / "international-migrants-day.yaml"
    moved = re.sub(
        r"^  2020:$", f"  {today.year}:\n    date: {today.date()}", file.read_text("utf-8"), flags=re.MULTILINE
    )
    assert str(today.date()) in moved
    file.write_text(moved, "utf-8")
    config = json.loads(
        place.write_config(
            {
                "sky": {
                    "platform": "bluesky",
                    "server": pds.url,
                    "handle": pds.handle,
                    "app_password": pds.app_password,
                    "languages": ["en", "fi"],
                    "spacing": "0s",
                },
                "elephant": {
                    "platform": "mastodon",
                    "server": mastodon_mock.url,
                    "access_token": mastodon_mock.access_token,
                    "languages": ["en", "fi"],
                    "spacing": "0s",
                },
            },
            handles={"iom": {"name": "IOM"}},
        ).read_text()
    )
    assert mastodon_mock.access_token not in json.dumps(config)
    return place


@pytest.fixture
def x_account(workplace: Workplace) -> Any:
    with FakeX() as fake:
        path = workplace.folder / "config.yaml"
        config = json.loads(path.read_text())
        others = config.pop("accounts")
        del config["timezone"], config["campaigns"], config["ledger"]
        environment = dict(workplace.environment)
        workplace.write_config({"bird": account(fake)}, **config)
        with_x = json.loads(path.read_text())
        with_x["accounts"].update(others)
        path.write_text(json.dumps(with_x))
        workplace.environment.update(environment)
        yield fake


@pytest.mark.parametrize("post", [posted_by_the_daemon, posted_by_cron])
def test_each_text_is_there_once_with_its_language_tags_and_images(
    workplace: Workplace, x_account: FakeX, pds: Pds, mastodon_mock: MastodonMock, post: Post
) -> None:
    planned = json.loads(workplace.run("preview", "--json").stdout)
    assert len(planned) >= 48
    post(workplace)
    _check_bluesky(pds, [one for one in planned if one["account"] == "sky"])
    _check_mastodon(mastodon_mock, [one for one in planned if one["account"] == "elephant"])
    _check_x(x_account, [one for one in planned if one["account"] == "bird"])


def _texts(planned: list[dict[str, Any]]) -> Counter[str]:
    return Counter(part["text"] for post in planned for part in post["parts"])


def _check_bluesky(pds: Pds, planned: list[dict[str, Any]]) -> None:
    records = [found["value"] for found in pds.records()]
    assert Counter(record["text"] for record in records) == _texts(planned)
    by_text = {record["text"]: record for record in records}
    for one in planned:
        for number, part in enumerate(one["parts"]):
            record = by_text[part["text"]]
            assert record["langs"] == [one["language"]]
            alts = [image["alt"] for image in (record.get("embed") or {}).get("images", [])]
            assert alts == [image["alt"] for image in part["images"]]
            assert ("reply" in record) is bool(number)
            assert _tags(record) == re.findall(r"#(\w+)", part["text"])


def _tags(record: dict[str, Any]) -> list[str]:
    """The hashtags of a record, each proven to be the very bytes that it links."""
    text = record["text"].encode()
    found = []
    for facet in record.get("facets", []):
        feature = facet["features"][0]
        if feature["$type"].endswith("#tag"):
            span = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            assert span == f"#{feature['tag']}"
            found.append(feature["tag"])
    return found


def _check_mastodon(mock: MastodonMock, planned: list[dict[str, Any]]) -> None:
    statuses = mock.statuses()
    wanted = {_letters(text): count for text, count in _texts(planned).items()}
    assert Counter(_letters(_strip(status["content"])) for status in statuses) == wanted
    by_text = {_letters(_strip(status["content"])): status for status in statuses}
    for one in planned:
        for number, part in enumerate(one["parts"]):
            status = by_text[_letters(part["text"])]
            assert status["language"] == one["language"]
            assert [media["description"] for media in status["media_attachments"]] == [
                image["alt"] for image in part["images"]
            ]
            assert (status["in_reply_to_id"] is not None) is bool(number)


def _strip(content: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br ?/?>|</p>", " ", content)))


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _check_x(fake: FakeX, planned: list[dict[str, Any]]) -> None:
    assert Counter(fake.texts) == _texts(planned)
    by_text = {posted.text: posted for posted in fake.journal}
    for one in planned:
        for number, part in enumerate(one["parts"]):
            posted = by_text[part["text"]]
            assert [image.alt for image in posted.images] == [image["alt"] for image in part["images"]]
            assert (posted.reply_to is not None) is bool(number)
