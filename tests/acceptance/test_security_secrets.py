"""Secrets: whatever a server, a library or a crash does with them, none is printed, logged, recorded or told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.http_messages import Answer, Request
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .hostile import Echo, Journal, assert_nowhere, credentials_in, install, left_behind, run_at_debug, told
from .workplace import SECRETS, Workplace, account, at, campaign, message

NAME = "q7zx9kw4vj"
PUBLISH = {"mastodon": "/api/v1/statuses", "bluesky": "/xrpc/com.atproto.repo.putRecord", "x": "/2/tweets"}
# A refusal each, a doubt, a redirect with the secret in its address, a gateway, and at last what stops the account.
STATUSES = (400, 422, 307, 500, 401)
TOKEN = 'Zk3/v+9=pQ"x&T<7>rWm%Lb8'


@pytest.fixture(params=["mastodon", "bluesky", "x"])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    made: dict[str, type[FakePlatform]] = {"mastodon": FakeMastodon, "bluesky": FakeBluesky, "x": FakeX}
    with made[request.param](accounts=(NAME,)) as server:
        yield server


def config_of(fake: FakePlatform, url: str = "") -> dict[str, Any]:
    return account(fake, ["en"], **(fake.options(NAME) | ({"server": url} if url else {})))


def secrets_of(options: Mapping[str, Any]) -> list[str]:
    return [str(value) for name, value in options.items() if name in SECRETS]


def tokens_of(place: Workplace) -> list[str]:
    """What a platform handed out itself, read from the store, and that taken away: there it may be."""
    found = []
    for path in (place.folder / "state").glob("tokens/*.json"):
        text = path.read_text()
        found += [word for word in text.replace('"', " ").split() if word.count(".") == 2 and len(word) > 100]
        path.unlink()
    return found


def test_a_server_that_says_back_what_a_post_was_sent_with(place: Workplace, fake: FakePlatform) -> None:
    place.speed = 1.0
    path = PUBLISH[fake.platform]
    with Echo(fake.url, path, STATUSES, "https://evil.example/?t=") as echo:
        place.write_config({"news": config_of(fake, echo.url)})
        texts = {f"m{number}": message("08:00", f"News {number}", "-") for number in range(len(STATUSES))}
        place.write("campaigns/migrants-day.yaml", campaign(texts))
        place.accept()
        place.move_to(at("08:00:30"))
        outputs = [run_at_debug(place, "-v", "run", "--once"), run_at_debug(place, "run", "--once", "--json")]
        assert echo.said == len(STATUSES)
    outputs += [place.run("status", "--json"), place.run("log")]
    tokens = tokens_of(place)
    assert len(tokens) == (2 if fake.platform == "bluesky" else 0)
    traces = left_behind(place, *outputs)
    assert b"You sent" in traces, "its words are told, but for the secrets"
    for secret in [*secrets_of(fake.options(NAME)), *tokens]:
        assert_nowhere(secret, traces)


OPTIONS = {
    "mastodon": {"access_token": TOKEN},
    "bluesky": {"handle": "news.test", "app_password": TOKEN},
    "x": {
        "api_key": f"k1{TOKEN}",
        "api_secret": f"s1{TOKEN}",
        "access_token": TOKEN,
        "access_token_secret": f"s2{TOKEN}",
    },
}


@pytest.mark.parametrize("source", ["env", "file"])
@pytest.mark.parametrize("platform", OPTIONS)
def test_a_server_that_says_back_what_one_signed_in_with(
    place: Workplace, tmp_path_factory: pytest.TempPathFactory, platform: str, source: str
) -> None:
    """First as it came; then at the end of more words than are kept, so that only its last letters are cut off."""

    def reply(request: Request) -> Answer:
        return told(401, f"{'x' * 236}{TOKEN}" if len(server.seen) > 1 else f"You sent {credentials_in(request)}")

    kept = tmp_path_factory.mktemp("kept")
    with Journal(reply) as server:
        options: dict[str, Any] = {"platform": platform, "server": server.url, **OPTIONS[platform]}
        if source == "file":
            options |= {name: in_file(kept / name, options[name]) for name in SECRETS & options.keys()}
        write_config(place, options, source)
        outputs = [run_at_debug(place, "-v", "accounts", "check"), run_at_debug(place, "accounts", "check", "--json")]
        assert all(done.returncode == 1 for done in outputs), outputs
        assert len(server.seen) == 2
    traces = left_behind(place, *outputs)
    assert b"You sent" in traces
    assert b"xxxxxxxx" in traces
    for secret in {TOKEN, *secrets_of(OPTIONS[platform])}:
        assert_nowhere(secret, traces)
        assert_nowhere(secret[:10], traces)


def in_file(path: Path, secret: str) -> str:
    path.write_text(f"{secret}\n")
    return f"file:{path}"


def write_config(place: Workplace, options: dict[str, Any], source: str) -> None:
    if source == "env":
        place.write_config({"news": {**options, "languages": ["en"]}})
        return
    secrets = {name: options.pop(name) for name in SECRETS & options.keys()}
    path = place.write_config({"news": {**options, "languages": ["en"]}})
    text = path.read_text().replace('"platform"', "".join(f'"{n}": "{v}", ' for n, v in secrets.items()) + '"platform"')
    path.write_text(text)


@pytest.mark.parametrize(
    ("platform", "dressed"), [("mastodon", False), ("mastodon", True), ("bluesky", True), ("x", False)]
)
def test_a_server_that_hides_what_one_signed_in_with_in_a_success(
    place: Workplace, platform: str, dressed: bool
) -> None:
    """A name, an id and an address: campaigner would show them, and keep them in the ledger."""

    def reply(request: Request) -> Answer:
        found = {
            "id": TOKEN, "did": f"did:plc:{TOKEN}", "acct": TOKEN, "handle": TOKEN, "username": TOKEN, "content": "News",
            "url": f"https://social.example/{TOKEN}", "uri": f"at://did:plc:a/app.bsky.feed.post/{TOKEN}", "cid": TOKEN,
            "accessJwt": "first-access-token", "refreshJwt": "first-refresh-token", "version": TOKEN,
        }  # fmt: skip
        body = json.dumps({**found, "data": found})
        if dressed:
            body = body.replace("k", "\\u006b").replace("/", "\\/")
        return Answer(status=200, headers={"Content-Type": "application/json"}, body=body.encode())

    with Journal(reply) as server:
        place.write_config(
            {"news": {"platform": platform, "server": server.url, **OPTIONS[platform], "languages": ["en"]}}
        )
        place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "News", "-")}))
        place.accept()
        place.move_to(at("08:00:30"))
        outputs = [run_at_debug(place, "accounts", "check"), run_at_debug(place, "run", "--once", "--json")]
        assert server.seen
    outputs += [place.run("status", "--json"), place.run("log", "--json")]
    tokens_of(place)
    traces = left_behind(place, *outputs)
    for secret in {TOKEN, *secrets_of(OPTIONS[platform])}:
        assert_nowhere(secret, traces)


PASSWORD, PLACE = "Vb7-alert-password", "Hq2-hidden-place"


@pytest.mark.parametrize("what", ["down", "refusing", "elsewhere"])
def test_addresses_that_are_secrets_themselves(place: Workplace, what: str) -> None:
    """Of alerts and of the heartbeat: nobody listens, an error says the address back, a redirect hands it on."""
    answers = {
        "refusing": lambda request: told(500, f"You asked for {request.target} as {credentials_in(request)}"),
        "elsewhere": lambda request: Answer(status=307, headers={"Location": f"{other.url}{request.target}"}, body=b""),
        "down": None,
    }
    with Journal() as other, Journal(answers[what]) as server:
        place.environment["ALERTS"] = (
            f"json://somebody:{PASSWORD}@127.0.0.1:{server.port}/{PLACE}/told?+X-Key={PASSWORD}"
        )
        place.environment["HEARTBEAT"] = f"http://127.0.0.1:{server.port}/{PLACE}/beat"
        place.write_config(
            {"desk": {"platform": "console", "like": "x", "languages": ["en"]}},
            alerts=["env:ALERTS"],
            heartbeat="env:HEARTBEAT",
        )
        place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "News", "-")}))
        place.move_to(at("08:30:00"))
        if what == "down":
            with server.refusing():
                outputs = [run_at_debug(place, "-v", "run", "--once")]
        else:
            outputs = [run_at_debug(place, "-v", "run", "--once")]
            assert {request.path for request in server.seen} == {f"/{PLACE}/told", f"/{PLACE}/beat"}
        assert other.seen == []
    assert "an alert could not be sent" in outputs[0].stderr
    assert "the heartbeat could not be sent" in outputs[0].stderr
    outputs.append(place.run("status", "--json"))
    traces = left_behind(place, *outputs)
    for secret in (PASSWORD, PLACE):
        assert_nowhere(secret, traces)


PLUG_IN = """
from campaigner.campaign.campaign import Model
from campaigner.campaign.config import Secret
from campaigner.platforms.base import Platform
from campaigner.post.profile import Profile

class Options(Model):
    server: str
    access_token: Secret

class smoke(Platform):
    name = "smoke"
    Options = Options
    profile = Profile(platform="smoke", measure="plain", limit=500, unit="characters")

    def whoami(self):
        token = self.secrets["access_token"]
        raise RuntimeError(f"the library said: Bearer {token} at https://hooks.example/{token}/send")
"""


def test_a_crash_in_a_plug_in(place: Workplace, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What it raises holds the token: in a run, and in a command that asks the account."""
    installed = install(tmp_path_factory.mktemp("plug-in"), "smoke_signals", PLUG_IN, "smoke = smoke_signals:smoke")
    place.environment |= {"PYTHONPATH": str(installed)}
    place.write_config(
        {"news": {"platform": "smoke", "languages": ["en"], "server": "http://127.0.0.1:9", "access_token": TOKEN}}
    )
    place.write("campaigns/migrants-day.yaml", campaign({"m": message("08:00", "News", "-")}))
    place.accept()
    place.move_to(at("08:00:30"))
    outputs = [run_at_debug(place, "run", "--once"), run_at_debug(place, "accounts", "check")]
    assert [done.returncode for done in outputs] == [70, 70], outputs
    reports = list((place.folder / "state").glob("campaigner-bug-*.txt"))
    assert len(reports) == 2
    assert all("the library said: Bearer ***" in report.read_text() for report in reports)
    assert_nowhere(TOKEN, left_behind(place, *outputs))
