"""A working folder for acceptance tests: files in, the real command in a subprocess, on a clock that the test sets."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from campaigner.fakes.base import FakePlatform

from ..forked import AS_STARTED, COMMAND, can_fork, run_forked

__all__ = ["COMMAND", "Workplace", "account", "at", "campaign", "message"]

SECRETS = {"access_token", "app_password", "api_key", "api_secret", "access_token_secret"}


@dataclass
class Workplace:
    """`start` is what the clock shows when the workplace is made; it runs `speed` times as fast as ours.

    `comparing`: it is compared with the servers' dates, as a real clock would be.
    """

    folder: Path
    start: datetime
    speed: float = 1.0
    environment: dict[str, str] = field(default_factory=dict)
    comparing: bool = False
    _origin: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self._origin) * self.speed)

    def move_to(self, instant: datetime) -> None:
        """Set the clock of the commands that are started from now on."""
        self.start, self._origin = instant, time.monotonic()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def write_config(self, accounts: Mapping[str, Mapping[str, Any]], **settings: Any) -> Path:
        """JSON is YAML: the config with its accounts, secrets as references into the environment."""
        config = {
            "timezone": "Europe/Helsinki",
            "campaigns": "campaigns/",
            "ledger": "sqlite:///state/campaigner.db",
            **settings,
            "accounts": {name: self._with_references(name, dict(options)) for name, options in accounts.items()},
        }
        return self.write("config.yaml", json.dumps(config, ensure_ascii=False, indent=1))

    def _with_references(self, account: str, options: dict[str, Any]) -> dict[str, Any]:
        for name in SECRETS & set(options):
            variable = f"{account}_{name}".upper().replace("-", "_")
            self.environment[variable] = options[name]
            options[name] = f"env:{variable}"
        return options

    def environment_now(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            **AS_STARTED,
            "CAMPAIGNER_CLOCK": f"{self.now().isoformat()},{self.speed}{',compare' if self.comparing else ''}",
            **self.environment,
        }

    def run(self, *arguments: str, input: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run one command to its end. A traceback is a failure, whatever the test is about."""
        environment = self.environment_now()
        if can_fork(environment):
            done = run_forked(arguments, folder=self.folder, environment=environment, typed=input, timeout=timeout)
        else:
            done = subprocess.run(
                [COMMAND, *arguments],
                cwd=self.folder,
                env=environment,
                input=input,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    def accept(self, code: int = 0) -> None:
        """One run that takes the files in, on a fast clock: it reads twice, two seconds of the clock apart."""
        speed, self.speed = self.speed, 50.0
        done = self.run("run", "--once")
        self.speed = speed
        assert done.returncode == code, (done.stdout, done.stderr)

    def start_process(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment_now(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Whoever runs the tests may have been started to outlive a terminal: that would be inherited.
            preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509 - one call, no lock
        )

    def status(self) -> dict[str, dict[str, Any]]:
        """What `status --json` says, by key."""
        done = self.run("status", "--json")
        return {post["key"]: post for post in json.loads(done.stdout)["posts"]}


def account(fake: FakePlatform, languages: Sequence[str] = ("en", "fi"), **settings: Any) -> dict[str, Any]:
    """The config of an account on a fake."""
    return {
        "platform": fake.platform,
        **fake.options(),
        "languages": list(languages),
        "spacing": "0s",
        **settings,
    }


def campaign(messages: Mapping[str, Mapping[str, Any]], **keys: Any) -> str:
    """A campaign on 18 December 2020, as JSON, which is YAML."""
    found = {
        "campaign": "International Migrants Day",
        "observance": "international-migrants-day",
        "editions": [2020],
        "languages": ["en", "fi"],
        "accounts": "all",
        **keys,
        "messages": messages,
    }
    return json.dumps(found, ensure_ascii=False, indent=1)


def at(clock_time: str) -> datetime:
    """A time of 18 December 2020 in Helsinki."""
    return datetime.fromisoformat(f"2020-12-18T{clock_time}+02:00")


def message(at: str, en: str, fi: str, **keys: Any) -> dict[str, Any]:
    return {"at": at, "text": {"en": en, "fi": fi}, **keys}
