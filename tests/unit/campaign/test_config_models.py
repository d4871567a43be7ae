"""The config's own forms: secrets only as references, hours, ledgers."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigner.campaign.campaign import Model
from campaigner.campaign.config import AccountConfig, Config, Secret
from tests.unit.written import RefusedError, code_of, made, value_of

SECRET = "hunter2-aaaabbbbcccc"


def config(**keys: Any) -> Config:
    fields: dict[str, Any] = {"timezone": "Europe/Helsinki", "campaigns": ["/c"], "ledger": "sqlite:////x.db"}
    return made(Config, **{**fields, "path": Path("/folder/config.yaml"), "accounts": {}, **keys})


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("env:MASTODON_TOKEN", "env", "MASTODON_TOKEN"),
        ("file:/run/secrets/a b", "file", "/run/secrets/a b"),
        ("keyring:campaigner/iom", "keyring", "campaigner/iom"),
    ],
)
def test_references(written: str, kind: str, name: str) -> None:
    secret = value_of(Secret, written)
    assert (secret.kind, secret.name, str(secret)) == (kind, name, written)


@pytest.mark.parametrize("written", [SECRET, "env:", "env:A B", "keyring:x", "https://hooks.example/x", "", 5, [], {}])
def test_what_is_no_reference_is_refused(written: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        value_of(Secret, written)
    (problem,) = caught.value.problems
    assert problem.code == "plain-secret"
    assert SECRET not in str(problem)


@given(st.text())
def test_no_message_ever_repeats_what_may_be_a_secret(text: str) -> None:
    secret = f"{text}{SECRET}"
    for key, written in {"heartbeat": secret, "ledger": f"postgresql://me:{SECRET}@host/x"}.items():
        with pytest.raises(RefusedError) as caught:
            config(**{key: written})
        assert SECRET not in str(caught.value.problems)


@pytest.mark.parametrize("url", ["sqlite:////a/b.db", "postgresql://me@host/x", "postgresql+psycopg://host/x"])
def test_ledgers(url: str) -> None:
    assert config(ledger=url).ledger == url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://x", "ledger"),
        ("sqlite:///:memory:", "ledger"),
        ("sqlite:///", "ledger"),
        ("postgresql://[x", "ledger"),
        ("postgresql://me:secret@host/x", "plain-secret"),
    ],
)
def test_ledgers_refused(url: str, code: str) -> None:
    assert code_of(Config.kinds()["ledger"], url) == code


@pytest.mark.parametrize("written", ["22:00-07:00", "22:00 \u2013 7:00"])
def test_quiet_hours(written: str) -> None:
    assert config(quiet_hours=written).quiet_hours == (time(22), time(7))


@pytest.mark.parametrize("written", ["22:00", "22:00-22:00", "night", "25:00-07:00"])
def test_quiet_hours_refused(written: str) -> None:
    with pytest.raises(RefusedError):
        config(quiet_hours=written)


def test_a_single_alert_needs_no_list() -> None:
    assert config(alerts="env:ALERT").alerts == (Secret(kind="env", name="ALERT"),)


def test_the_folder_and_the_state_lie_beside_the_config() -> None:
    assert config().state == Path("/folder/state")


def test_a_console_behaves_as_the_platform_it_is_like() -> None:
    account = AccountConfig(
        name="desk", platform="console", like="x", languages=("en",), timezone="UTC", options=Model()
    )
    assert account.behaves_as == "x"
    assert account.model_copy(update={"like": None}).behaves_as == "console"
