"""Config, AccountConfig, Secret: the settings of one working folder, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Literal

from .campaign import Model


class Secret(Model):
    """A reference to a secret, never the secret: `env:NAME`, `file:PATH` or `keyring:SERVICE/NAME`."""

    kind: Literal["env", "file", "keyring"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class AccountConfig(Model):
    """One account. `options` is the platform's own options model, validated (see the platform's file)."""

    name: str
    platform: str
    like: str | None = None
    languages: tuple[str, ...]
    bilingual: Literal["separate", "together"] | None = None
    timezone: str
    spacing: timedelta = timedelta(minutes=1)
    long_text: Literal["refuse", "thread"] = "refuse"
    options: Model

    @property
    def behaves_as(self) -> str:
        """The platform whose rules count: of a console account the one it is `like`."""
        return self.like or self.platform


class Config(Model):
    """The config file. Paths are absolute; `ledger` is a URL, relative SQLite paths resolved beside the config."""

    path: Path
    timezone: str
    campaigns: tuple[Path, ...]
    ledger: str
    late: timedelta = timedelta(hours=2)
    quiet_hours: tuple[time, time] | None = None
    approval: Literal["none", "required"] = "none"
    alerts: tuple[Secret, ...] = ()
    heartbeat: Secret | None = None
    handles: Mapping[str, Mapping[str, str]] = {}
    accounts: Mapping[str, AccountConfig]

    @property
    def folder(self) -> Path:
        """The working folder: where the config lies."""
        return self.path.parent

    @property
    def state(self) -> Path:
        """Where campaigner writes: ledger, token store, limits read from servers, reports of bugs."""
        return self.folder / "state"
