"""The table of platforms: what is built in, and plug-ins that are loaded only when an account names them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigner.campaign.config import AccountConfig, Secret
from campaigner.clock import SteppingClock
from campaigner.errors import BrokenAccountError, SurroundingsError
from campaigner.platforms import table
from campaigner.platforms.base import Connection, Platform
from campaigner.platforms.outcomes import Identity, Receipt, Reconciliation, Rejected
from campaigner.post.profile import Profile
from tests.unit.written import value_of

from .parts import NOW

SECRETS: dict[str, dict[str, Any]] = {
    "console": {},
    "mastodon": {"server": "https://mastodon.social", "access_token": "env:A"},
    "bluesky": {"handle": "iom.bsky.social", "app_password": "env:A"},
    "x": dict.fromkeys(("api_key", "api_secret", "access_token", "access_token_secret"), "env:A"),
}


def account_of(platform: str, like: str | None = None, **options: Any) -> AccountConfig:
    found = table.platform(platform)
    assert found is not None
    made = value_of(found.Options, {**SECRETS[platform], **options})
    return AccountConfig(
        name="desk", platform=platform, like=like, languages=("fi",), timezone="UTC", options=made, spacing=timedelta(0)
    )


def connection_of(account: AccountConfig) -> Connection:
    secrets = dict.fromkeys(type(account.options).model_fields, "a-secret")
    return Connection(
        account=account.name,
        options=account.options,
        secrets=secrets,
        clock=SteppingClock(NOW),
        folder=None,
        show=lambda *_: None,
        limits=table.profile_of(account),
    )


@pytest.mark.parametrize("name", ["console", "mastodon", "bluesky", "x"])
def test_a_built_in_platform(name: str) -> None:
    account = account_of(name)
    adapter: Platform = table.connect(account, connection_of(account))
    assert isinstance(adapter.reconciliation, Reconciliation)
    adapter.close()
    assert table.profile_of(account).platform == name
    assert name in table.option_models()


def test_the_limits_of_every_platform_and_their_sources() -> None:
    found = {
        name: (one.limit, one.unit, one.byte_limit, one.url_length, one.max_images, one.image_bytes, one.alt_limit)
        for name, one in table.default_profiles().items()
        if name in table.BUILT_IN
    }
    assert found == {
        "x": (280, "weighted", None, 23, 4, 5_000_000, 1000),
        "mastodon": (500, "characters", None, 23, 4, 16_000_000, 1500),
        "bluesky": (300, "graphemes", 3000, 23, 4, 1_000_000, 2000),
    }
    assert table.profile_of(account_of("x", long_posts=True)).limit == 25_000


def test_platforms_that_are_only_counted_yet() -> None:
    found = {
        name: (one.limit, one.unit) for name, one in table.default_profiles().items() if name not in table.BUILT_IN
    }
    assert found == {
        "threads": (500, "bytes"),
        "telegram": (4096, "utf16"),
        "discord": (2000, "characters"),
        "linkedin": (3000, "utf16"),
        "facebook": (63_206, "characters"),
        "instagram": (2200, "characters"),
        "slack": (4000, "characters"),
    }
    assert set(found) <= table.NOT_YET


def test_a_console_has_the_limits_of_the_platform_it_is_like() -> None:
    account = account_of("console", like="bluesky")
    assert table.profile_of(account).platform == "bluesky"
    identity = table.connect(account, connection_of(account)).identity()
    assert identity == Identity(id="console:desk", name="desk")


def test_platforms_that_are_not_built_yet_are_named_and_not_known() -> None:
    assert "linkedin" in table.NOT_YET
    assert not set(table.NOT_YET) & set(table.BUILT_IN)
    for name in (*table.NOT_YET, "nonsense", ""):
        assert table.platform(name) is None
        assert name not in table.option_models()


def test_what_leaves_the_machine() -> None:
    assert not table.leaves_the_machine(account_of("console", like="x"))
    assert not table.leaves_the_machine(account_of("mastodon", server="http://127.0.0.1:3000"))
    for name in ("mastodon", "bluesky", "x"):
        assert table.leaves_the_machine(account_of(name))


@pytest.mark.parametrize("handle", ["iom", "@iom", "", "iom."])
def test_a_handle_must_be_whole(handle: str) -> None:
    with pytest.raises(ValueError, match="is no whole handle"):
        account_of("bluesky", handle=handle)
    assert account_of("bluesky", handle=" @IOM.bsky.social").options.handle == "iom.bsky.social"  # type: ignore[attr-defined]
    assert account_of("bluesky", handle="did:plc:abc").options.server == "https://bsky.social"  # type: ignore[attr-defined]


def test_secrets_are_references() -> None:
    options = account_of("mastodon").options
    assert options.access_token == Secret(kind="env", name="A")  # type: ignore[attr-defined]


PLUGIN = """
import pathlib
pathlib.Path(__file__).with_name("loaded").touch()
from campaigner.campaign.campaign import Model
from campaigner.platforms.base import Platform
from campaigner.post.profile import Profile

class SmokeOptions(Model):
    colour: str

class Smoke(Platform):
    name = "smoke"
    Options = SmokeOptions
    profile = Profile(platform="smoke", measure="plain", limit=9, unit="characters")

class Console(Smoke):
    name = "console"

smoke, console = Smoke, Console
wrong = "no platform at all"
"""
ENTRY_POINTS = """[campaigner.platforms]
smoke = smoke_signals:smoke
console = smoke_signals:console
wrong = smoke_signals:wrong
misnamed = smoke_signals:smoke
broken = no_such_module:x
"""


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plug-in of a third party, installed as packages are."""
    (tmp_path / "smoke_signals.py").write_text(PLUGIN)
    info = tmp_path / "smoke_signals-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: smoke-signals\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_plug_in_is_loaded_when_it_is_named_and_not_before(plugged: Path) -> None:
    models = table.option_models()
    assert sorted(models) == ["bluesky", "console", "mastodon", "x"]
    assert len(models) == 4
    assert [model.__name__ for model in models.values()]
    assert "nonsense" not in models
    assert not (plugged / "loaded").exists()
    assert set(models["smoke"].model_fields) == {"colour"}
    assert (plugged / "loaded").exists()


def test_a_plug_in_never_stands_in_for_a_built_in(plugged: Path) -> None:
    found = table.platform("console")
    assert found is not None
    assert found.Options.__module__ == "campaigner.platforms.console"
    assert not (plugged / "loaded").exists()


@pytest.mark.parametrize("name", ["wrong", "misnamed", "broken"])
def test_a_plug_in_that_is_none_is_told_of(plugged: Path, name: str) -> None:
    with pytest.raises(SurroundingsError, match=f"plug-in for platform {name}"):
        table.platform(name)


def test_an_account_of_a_platform_that_is_gone() -> None:
    account = account_of("console").model_copy(update={"platform": "gone"})
    with pytest.raises(SurroundingsError, match="no platform gone"):
        table.profile_of(account)
    with pytest.raises(SurroundingsError, match="no platform gone"):
        table.connect(account, connection_of(account_of("console")))


def test_options_and_profiles_cost_no_http_library() -> None:
    """`check`, `count` and `preview` need the limits alone, and shall be quick."""
    script = (
        "import sys; from campaigner.platforms import table;"
        "table.default_profiles(); list(table.option_models().values());"
        "print(sorted({'requests', 'http.client', 'logging', 'socket', 'ssl', 'tweepy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    found = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert (found.returncode, found.stdout, found.stderr) == (0, "[]\n", "")


class Giving(Platform):
    """An adapter that gives an outcome where it could raise it."""

    name = "giving"
    profile = Profile(platform="giving", measure="plain", limit=9, unit="characters")

    def __init__(self, outcome: Any) -> None:
        super().__init__(connection_of(account_of("console")))
        self.outcome = outcome

    def remove(self, receipt: Receipt) -> None:
        return self.outcome  # type: ignore[no-any-return]


def test_an_outcome_that_is_given_counts_as_one_that_is_raised() -> None:
    receipt = Receipt(id="1", url="", at=NOW)
    assert Giving(Rejected("it is locked")).delete(receipt) == Rejected("it is locked")
    assert Giving(None).delete(receipt) is None
    with pytest.raises(BrokenAccountError, match="its adapter failed at `delete`"):
        Giving({"id": 1}).delete(receipt)
