"""What a server says of times and ids may be anything: one odd answer costs its own post at most, and nobody else's."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon

from .workplace import Workplace, account, at, campaign, message

KEY = "migrants-day/2020/morning/news/en"
OTHER = "migrants-day/2020/morning/other/en"
TIMES = [
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+12:00",
    "2020-12-20T06:01:00Z",
    "2019-12-18T06:00:00Z",
    "10000-01-01T00:00:00Z",
    "9" * 4000,
    "٢٠٢٠-12-18T06:00:00Z",
    "nan",
    None,
    1e300,
    -1,
    {"at": []},
]


@pytest.fixture
def due(place: Workplace, mastodon: FakeMastodon, bluesky: FakeBluesky) -> Workplace:
    """Two posts, accepted and due: one on a server that will answer oddly, one on another."""
    place.speed = 1.0
    place.write_config({"news": account(mastodon, ["en"]), "other": account(bluesky, ["en"])})
    place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "Good morning", "-")}))
    place.accept()
    place.move_to(at("08:00:30"))
    return place


def odd(server: FakeMastodon, **fields: object) -> None:
    """The answer to the publishing call, which is carried out."""
    body = json.dumps({"id": "77", "content": "<p>Good morning</p>", "url": f"{server.url}/@us/77", **fields})
    server.fault("status", status=200, body=body, commit=True, method="POST", path_prefix="/api/v1/statuses")


@pytest.mark.parametrize("created_at", TIMES, ids=str)
def test_a_time_that_can_not_be_true_is_replaced_by_ours(
    due: Workplace, mastodon: FakeMastodon, created_at: object
) -> None:
    odd(mastodon, created_at=created_at)
    done = due.run("run", "--once")
    assert f"published {KEY}" in done.stdout, done
    for command in ("run --once", "status", "log", "ledger backup copy.db"):
        assert due.run(*command.split()).returncode == 0, command
    found = due.status()
    out_at = datetime.fromisoformat(found[KEY]["published_at"])
    assert abs(out_at - at("08:00:30")) < timedelta(minutes=2), found[KEY]
    assert found[OTHER]["state"] == "published"


def test_a_time_of_the_servers_own_clock_is_kept(due: Workplace, mastodon: FakeMastodon) -> None:
    odd(mastodon, created_at="2020-12-18T18:00:00+00:00")
    due.run("run", "--once")
    assert due.status()[KEY]["published_at"].startswith("2020-12-18T18:00:00")


@pytest.mark.parametrize("stored", [253402343999000000, -62135640000000000, 2**62, -(2**62)])
def test_a_ledger_that_was_damaged_so_stops_nobody(due: Workplace, stored: int) -> None:
    """What a server once named is read within bounds: the post itself, the one beside it and what comes later go on."""
    assert due.run("run", "--once").returncode == 0
    with sqlite3.connect(Path(due.folder) / "state/campaigner.db") as ledger:
        ledger.execute("UPDATE deliveries SET published_at = ? WHERE account = 'news'", [stored])
        ledger.execute("UPDATE parts SET published_at = ? WHERE identity LIKE '127%'", [stored])
    later = {"morning": message("08:00", "Good morning", "-"), "day": message("08:30", "Good day", "-")}
    due.write("campaigns/migrants-day.yaml", campaign(later))
    due.speed = 50.0
    due.run("run", "--once")
    due.speed = 1.0
    due.move_to(at("08:30:10"))
    done = due.run("run", "--once")
    assert done.stdout.count("published ") == 2, done
    for command in ("status --json", "log"):
        shown = due.run(*command.split())
        assert OTHER in shown.stdout


ODD = [
    "Fri, 31 Dec 9999 23:59:59 -1200",
    "Mon, 01 Jan 0001 00:00:00 +1200",
    "Fri, 18 Dec 2020 06:00:00 GMT, Fri, 18 Dec 2020 09:00:00 GMT",
    "-1",
    "nan",
    "inf",
    "1e308",
    "9" * 3000,
    "٣٠",
    "5, 10",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+12:00",
    "",
]
HEADERS = ["Retry-After", "Date", "X-RateLimit-Reset", "x-rate-limit-reset", "RateLimit-Reset"]


@pytest.mark.parametrize("value", ODD, ids=lambda value: value[:20])
def test_a_header_that_can_not_be_read_is_none(due: Workplace, mastodon: FakeMastodon, value: str) -> None:
    """Each on a refusal of the publishing call, and on the question who we are: minutes later the post is out."""
    headers = dict.fromkeys(HEADERS, value)
    written = {name: text.encode().decode("latin-1") for name, text in headers.items()}
    for prefix in ("/api/v1/accounts/verify_credentials", "/api/v1/statuses"):
        mastodon.fault("status", status=429, headers=written, body='{"error": "slow"}', path_prefix=prefix)
    outputs = []
    while len(outputs) < 6 and not mastodon.texts:
        outputs.append(due.run("run", "--once"))
        due.move_to(due.now() + timedelta(minutes=2))
    assert {done.returncode for done in outputs} <= {0, 1}, outputs
    assert due.status()[KEY]["state"] == "published", outputs
    assert mastodon.texts == ["Good morning"]


IDS = ["9" * 3_900_000, "a" * 3_900_000, {"id": 1}, [], True, "1\n2", "1\u202e2", "1\U000e00412", 1.5]


@pytest.mark.parametrize("value", IDS, ids=lambda value: str(value)[:12])
def test_an_id_that_is_none_leaves_a_doubt_that_settles_itself(
    due: Workplace, mastodon: FakeMastodon, value: object
) -> None:
    odd(mastodon, id=value)
    done = due.run("run", "--once")
    assert f"published {KEY}" in done.stdout, "it is looked for at once"
    assert mastodon.texts == ["Good morning"]


def test_every_field_may_be_odd(due: Workplace, mastodon: FakeMastodon) -> None:
    """Of the account too: the run ends with words, and the other account's post is out."""
    values = [*IDS[1:], "2" * 200, -1, None, 2**63]
    for field, value in product(["id", "acct", "url"], values):
        body = json.dumps({"id": "1", "acct": "us", "url": mastodon.url, field: value})
        mastodon.fault("status", status=200, body=body, path_prefix="/api/v1/accounts/verify_credentials")
        done = due.run("accounts", "check", "news")
        assert done.returncode in (0, 1), done
        assert len(done.stdout) + len(done.stderr) < 3000
        assert not {"\u202e", "\U000e0041"} & set(done.stdout)
