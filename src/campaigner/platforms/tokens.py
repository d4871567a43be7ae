"""Tokens that a platform hands out: kept 0600, one refresh at a time across processes, saved before they are used."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


class TokenStore:
    """The tokens of one account in a file of its own; in memory only where no folder is given."""

    def __init__(self, folder: Path | None, account: str) -> None:
        self._path = folder / "tokens" / f"{account}.json" if folder is not None else None
        self._memory: dict[str, str] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from refreshing meanwhile; whoever comes second finds the first one's tokens."""
        if self._path is None:
            yield
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def load(self) -> dict[str, str]:
        """What was saved last; empty when nothing was, or when the file is damaged: then one signs in again."""
        if self._path is None:
            return dict(self._memory)
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def save(self, tokens: Mapping[str, str]) -> None:
        """Make the tokens durable before anybody uses them."""
        self._memory = dict(tokens)
        if self._path is None:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(dict(tokens), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
