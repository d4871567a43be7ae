"""Asking ahead: who was identified lately is not asked again at the next start, but one account is, for the time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campaigner.cli.wiring import Workspace
from campaigner.engine.accepted_plan import Accepted, accept
from campaigner.engine.account_probe import ASK_EVERY, AccountProbe, TokenProbe
from campaigner.ledger import account_states
from campaigner.ledger.ledger import Ledger

from .conftest import CONFIG

DESK = {"platform": "console", "like": "mastodon", "languages": ["en"]}


@pytest.fixture
def accepted(runtime: Workspace, ledger: Ledger, tmp_path: Path) -> Accepted:
    (tmp_path / "config.yaml").write_text(
        json.dumps({**CONFIG, "accounts": {"desk": DESK, "post": DESK, "yard": DESK}})
    )
    source = runtime
    world = source.read()
    return accept(source, ledger, world, world)


def asked(runtime: Workspace, ledger: Ledger, accepted: Accepted) -> list[str]:
    """Whom a run that starts now asks."""
    ahead = TokenProbe(ledger, AccountProbe(runtime, ledger, lambda error: None))
    found = []
    answer = None
    steps = ahead.ask(accepted)
    while steps is not None:
        try:
            step = steps.send(answer)
        except StopIteration:
            break
        found.append(step.account)
        answer = step.call()
    assert ahead.ask(accepted) is None
    return found


def test_the_second_start_asks_one_for_the_time(runtime: Workspace, ledger: Ledger, accepted: Accepted) -> None:
    assert asked(runtime, ledger, accepted) == ["desk", "post", "yard"]
    assert asked(runtime, ledger, accepted) == ["desk"]


def test_one_that_was_asked_long_ago_is_asked_again(runtime: Workspace, ledger: Ledger, accepted: Accepted) -> None:
    asked(runtime, ledger, accepted)
    known = account_states.of(ledger.connection, "post")
    assert known.identity is not None
    assert known.access is not None
    account_states.know(ledger.connection, "post", known.identity, known.access, ledger.clock.now() - ASK_EVERY)
    assert asked(runtime, ledger, accepted) == ["post"]


def test_one_whose_secrets_are_others_is_asked(runtime: Workspace, ledger: Ledger, accepted: Accepted) -> None:
    asked(runtime, ledger, accepted)
    account_states.know(ledger.connection, "yard", "console:yard", "others", ledger.clock.now())
    assert asked(runtime, ledger, accepted) == ["yard"]
