"""Tokens that a platform hands out and that run out: kept 0600, renewed by one process at a time, saved before they are used."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

from .. import private_files
from ..errors import SurroundingsError
from .answers import Answer, Failed
from .base import Platform
from .outcomes import Stop, Unavailable

Tokens = Mapping[str, str]

LOCK_TRIES, LOCK_STEP_SECONDS = 250, 0.2
"""Whoever holds the lock makes two calls at the most: 50 seconds are enough for all but a stopped process."""


class SignedInPlatform(Platform):
    """A platform with tokens that run out. One sign-in serves every process, for platforms count them.

    It states `token_names` and `stale_errors`, and defines `kept_for`, `sign_in`, `renew` and `call_with`.
    """

    token_names: ClassVar[frozenset[str]]
    """What is kept of a sign-in: `access` and `refresh`, which are secrets, and whatever else calls need."""
    stale_errors: ClassVar[frozenset[str]]
    """The names of errors that refuse tokens which have run out, before anything was done."""
    _tokens: Tokens | None = None

    def kept_for(self) -> Tokens:
        """What is kept beside the tokens to know that they are of this account and this server."""
        raise NotImplementedError

    def sign_in(self) -> Tokens:
        """New tokens for what the config says."""
        raise NotImplementedError

    def renew(self, tokens: Tokens) -> Tokens | None:
        """New tokens for those that have run out; None: one has to sign in again."""
        raise NotImplementedError

    def call_with(self, tokens: Tokens, method: str, path: str, **request: Any) -> Answer | Failed:
        """One call with these tokens."""
        raise NotImplementedError

    def call(self, method: str, path: str, **request: Any) -> Answer | Failed:
        """One call; again with other tokens when it was refused for stale ones, and so did nothing.

        Twice: what another process has renewed meanwhile may have run out as well.
        """
        tokens = self.tokens()
        answer = self.call_with(tokens, method, path, **request)
        for _ in range(2):
            if not self._is_stale(answer):
                break
            tokens = self._tokens = self._alone(partial(self._renewed, tokens))
            answer = self.call_with(tokens, method, path, **request)
        return answer

    def _is_stale(self, answer: Answer | Failed) -> bool:
        is_refused = isinstance(answer, Answer) and not answer.is_success
        return is_refused and self.error_name(answer.fields()) in self.stale_errors  # type: ignore[union-attr]

    def tokens(self) -> Tokens:
        """The tokens that are kept, else new ones."""
        if self._tokens is None:
            self._tokens = self._kept() or self._alone(lambda: self._kept() or self._saved(self.sign_in()))
        return self._tokens

    @cached_property
    def store(self) -> TokenStore:
        """Where the account's tokens are kept."""
        return TokenStore(self.made.folder, self.account)

    def _alone(self, act: Callable[[], Tokens]) -> Tokens:
        """While no other process signs in. A store that can't be written stops this account, and nothing else."""
        try:
            with self.store.locked():
                return act()
        except SurroundingsError as error:
            raise Stop(Unavailable(f"{error}. {error.hint}" if error.hint else str(error))) from error

    def _kept(self) -> Tokens | None:
        tokens = self.store.load()
        is_ours = {**tokens, **self.kept_for()} == tokens and tokens.keys() >= self.token_names
        return self._hidden(tokens) if is_ours else None

    def _renewed(self, stale: Tokens) -> Tokens:
        """What another process has got meanwhile, else new ones."""
        kept = self._kept()
        return kept if kept not in (None, stale) else self._saved(self.renew(stale) or self.sign_in())

    def _saved(self, tokens: Tokens) -> Tokens:
        if not all(tokens.values()):
            raise Stop(Unavailable("the server's answer to the sign-in can't be read"))
        self.store.save({**tokens, **self.kept_for()})
        return self._hidden({**tokens, **self.kept_for()})

    def _hidden(self, tokens: Tokens) -> Tokens:
        """The tokens, after making sure that no text of ours will show them."""
        for name in ("access", "refresh"):
            self.http.redact.add(tokens[name])
        return tokens


class TokenStore:
    """The tokens of one account in a file of its own; in memory only where no folder is given."""

    def __init__(self, folder: Path | None, account: str, *, lock_tries: int = LOCK_TRIES) -> None:
        self._file = folder / "tokens" / f"{account}.json" if folder is not None else None
        self._name = account
        self._lock_tries = lock_tries
        self._memory: dict[str, str] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from refreshing meanwhile: whoever comes second finds the first one's tokens.

        Raises SurroundingsError when no lock can be made, and when another process keeps it for longer than one may wait.
        """
        if self._file is None:
            yield
            return
        with self._writing(self._file) as folder:
            descriptor = private_files.open_kept(folder / f"{self._name}.lock")
        try:
            if not _is_taken(descriptor, self._lock_tries):
                raise SurroundingsError("another process of campaigner is signing in")
            yield
        finally:
            os.close(descriptor)

    def load(self) -> dict[str, str]:
        """What was saved last; empty when nothing was, or when the file is damaged: then one signs in again."""
        if self._file is None:
            return dict(self._memory)
        try:
            found = json.loads(private_files.read(self._file))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    def save(self, tokens: Mapping[str, str]) -> None:
        """Make the tokens durable before anybody uses them; raises SurroundingsError when that can't be done."""
        self._memory = dict(tokens)
        if self._file is not None:
            with self._writing(self._file):
                private_files.write(self._file, json.dumps(self._memory))

    @contextmanager
    def _writing(self, file: Path) -> Iterator[Path]:
        """In the folder of this file, made when there is none."""
        try:
            private_files.make_folders(file.parent)
            yield file.parent
        except OSError as error:
            message = f"the tokens of account {self._name} can't be saved: {error.strerror}"
            raise SurroundingsError(message, hint=f"Is there room, and may one write to {file.parent}?") from error


def _is_taken(descriptor: int, tries: int) -> bool:
    pause = threading.Event()
    for _ in range(tries):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(LOCK_STEP_SECONDS)
        else:
            return True
    return False
