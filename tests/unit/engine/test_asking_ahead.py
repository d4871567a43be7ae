"""Asking ahead: who was identified lately is not asked again at the next start, but one account is, for the time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.cli.wiring import Workspace
from campaigner.delivery.steps import Steps
from campaigner.engine.accepted_plan import Accepted, accept
from campaigner.engine.account_probe import ASK_EVERY, AT_ONCE, AccountProbe
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.ledger import account_states
from campaigner.ledger.ledger import Ledger

from .conftest import CONFIG

DESK = {"platform": "console", "like": "mastodon", "languages": ["en"]}


@pytest.fixture
def accepted(workspace: Workspace, ledger: Ledger, tmp_path: Path) -> Accepted:
    (tmp_path / "config.yaml").write_text(
        json.dumps({**CONFIG, "accounts": {"desk": DESK, "post": DESK, "yard": DESK}})
    )
    source = workspace
    world = source.read()
    return accept(source, ledger, world, world)


def asked(workspace: Workspace, ledger: Ledger, accepted: Accepted) -> list[str]:
    """Whom a run that starts now asks."""
    ahead = AccountProbe(workspace, ledger, lambda error: None)
    found = [account for steps in ahead.ask_ahead(accepted) for account in asked_by(steps)]
    assert not ahead.ask_ahead(accepted)
    return found


def asked_by(steps: Steps[None]) -> Iterator[str]:
    """Whom these steps ask, one after the other."""
    answer: object = None
    with suppress(StopIteration):
        while True:
            step = steps.send(answer)
            yield step.account
            answer = step.call()


def test_the_second_start_asks_one_for_the_time(workspace: Workspace, ledger: Ledger, accepted: Accepted) -> None:
    assert asked(workspace, ledger, accepted) == ["desk", "post", "yard"]
    assert asked(workspace, ledger, accepted) == ["desk"]


def test_many_are_asked_side_by_side(workspace: Workspace, ledger: Ledger, tmp_path: Path) -> None:
    desks = {f"desk-{number:02}": DESK for number in range(20)}
    (tmp_path / "config.yaml").write_text(json.dumps({**CONFIG, "accounts": desks}))
    source = workspace
    world = source.read()
    ahead = AccountProbe(source, ledger, lambda error: None)
    begun = [list(asked_by(steps)) for steps in ahead.ask_ahead(accept(source, ledger, world, world))]
    assert len(begun) == AT_ONCE
    assert sorted(account for chain in begun for account in chain) == sorted(desks)


def test_one_that_was_asked_long_ago_is_asked_again(workspace: Workspace, ledger: Ledger, accepted: Accepted) -> None:
    asked(workspace, ledger, accepted)
    known = account_states.of(ledger.connection, "post")
    assert known.identity is not None
    assert known.access is not None
    account_states.know(ledger.connection, "post", known.identity, known.access, ledger.clock.now() - ASK_EVERY)
    assert asked(workspace, ledger, accepted) == ["post"]


def test_one_whose_secrets_are_others_is_asked(workspace: Workspace, ledger: Ledger, accepted: Accepted) -> None:
    asked(workspace, ledger, accepted)
    account_states.know(ledger.connection, "yard", "console:yard", "others", ledger.clock.now())
    assert asked(workspace, ledger, accepted) == ["yard"]


def test_a_limit_that_is_met_in_asking_rests_the_account(workspace: Workspace, ledger: Ledger, tmp_path: Path) -> None:
    with FakeMastodon(clock=ledger.clock) as server:
        (tmp_path / "token").write_text(server.options()["access_token"])
        news = {"platform": "mastodon", "server": server.url, "access_token": "file:token", "languages": ["en"]}
        (tmp_path / "config.yaml").write_text(json.dumps({**CONFIG, "accounts": {"news": news}}))
        server.fault("rate_limit", form="seconds", seconds=900)
        world = workspace.read()
        asked(workspace, ledger, accept(workspace, ledger, world, world))
    known = account_states.of(ledger.connection, "news")
    assert known.rested_until == ledger.clock.now() + timedelta(minutes=15)
    assert known.trouble == '"Too many requests" (HTTP 429)'
