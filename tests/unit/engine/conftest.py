"""A working folder with one console account and one message, and its ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from campaigner.cli.terminal import Terminal
from campaigner.cli.wiring import Workspace
from campaigner.clock import SteppingClock
from campaigner.ledger.ledger import Ledger

CONFIG = {
    "timezone": "Europe/Helsinki",
    "campaigns": "campaigns/",
    "ledger": "sqlite:///state/campaigner.db",
    "accounts": {"desk": {"platform": "console", "like": "mastodon", "languages": ["en"]}},
}


def text_of(text: str) -> str:
    return json.dumps(
        {
            "campaign": "X",
            "observance": "international-migrants-day",
            "editions": [2020],
            "languages": ["en"],
            "accounts": "all",
            "messages": {"morning": {"at": "08:00", "text": {"en": text}}},
        }
    )


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(json.dumps(CONFIG))
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "day.yaml").write_text(text_of("As it was"))
    clock = SteppingClock(datetime.fromisoformat("2020-12-18T07:00+02:00"))
    return Workspace(Terminal(), config_option=tmp_path / "config.yaml", clock=clock)


@pytest.fixture
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    ledger = workspace.ledger()
    ledger.enter("test")
    yield ledger
    ledger.close()
