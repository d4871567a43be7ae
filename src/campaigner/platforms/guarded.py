"""Guarded: an adapter whose faults reach nobody else's posts. It may be anybody's, and do anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ..errors import AccountError, BrokenAccountError, SurroundingsError
from ..post.profile import Profile
from .base import (
    Absent,
    AccountLimits,
    Adapter,
    Alike,
    Another,
    Found,
    Identity,
    InDoubt,
    Look,
    Media,
    Outcome,
    PartToSend,
    Receipt,
    Reconciliation,
    Rejected,
    Unauthorized,
    Unavailable,
    Uploaded,
)

T = TypeVar("T")


class Guarded:
    """Passes every call on. Raises AccountError, and nothing else, for whatever an adapter raises or gives that is no outcome."""

    def __init__(self, account: str, adapter: Adapter) -> None:
        self._account = account
        self._adapter = adapter
        self.reconciliation: Reconciliation = getattr(adapter, "reconciliation", Reconciliation.NONE)
        self.absence_after: timedelta | None = getattr(adapter, "absence_after", None)

    def identity(self) -> Identity | Unauthorized | Unavailable:
        """Who we are."""
        answer: Identity | Unauthorized | Unavailable = self._asked("identity", (Identity, Unauthorized, Unavailable))
        return answer

    def prepare(self, media: Media) -> Uploaded | Rejected | Unauthorized | Unavailable:
        """Upload one medium."""
        answer: Uploaded | Rejected | Unauthorized | Unavailable = self._asked(
            "prepare", (Uploaded, Rejected, Unauthorized, Unavailable), media
        )
        return answer

    def publish(self, part: PartToSend) -> Outcome:
        """Publish one part. When it raises, nobody knows whether the part is out."""
        answer: Outcome = self._asked("publish", (Receipt, Rejected, Unauthorized, Unavailable, InDoubt), part)
        return answer

    def look(self, part: PartToSend) -> Look:
        """Whether this part is out already."""
        answer: Look = self._asked("look", (Receipt, Absent, Alike, Unauthorized, Unavailable), part)
        return answer

    def find(self, post_id: str, part: PartToSend) -> Found | None:
        """Whether the post of that id is this part; None for a plug-in that has no such method."""
        if not hasattr(self._adapter, "find"):
            return None
        kinds = (Receipt, Another, Unauthorized, Unavailable, type(None))
        answer: Found | None = self._asked("find", kinds, post_id, part)
        return answer

    def delete(self, receipt: Receipt) -> Rejected | Unauthorized | Unavailable | None:
        """Take a published part down."""
        answer: Rejected | Unauthorized | Unavailable | None = self._asked(
            "delete", (Rejected, Unauthorized, Unavailable, type(None)), receipt
        )
        return answer

    def limits(self) -> AccountLimits | Unauthorized | Unavailable:
        """The server's own limits."""
        answer: AccountLimits | Unauthorized | Unavailable = self._asked(
            "limits", (AccountLimits, Unauthorized, Unavailable)
        )
        return answer

    def close(self) -> None:
        """Let go of connections; nothing of ours depends on how that ends."""
        with suppress(AccountError):
            self._asked("close", (object,))

    def _asked(self, what: str, kinds: tuple[type, ...], *arguments: object) -> Any:
        def ask() -> object:
            found = getattr(self._adapter, what)(*arguments)
            if not isinstance(found, kinds) or not _is_sound(found):
                raise TypeError(f"{what} gave a {type(found).__name__}, which is none of its outcomes, or not whole")
            return found

        return guarded(self._account, what, ask)


def guarded(account: str, what: str, act: Callable[[], T]) -> T:
    """Do this with an account's adapter; raises AccountError alone, whatever comes."""
    try:
        return act()
    except KeyboardInterrupt:
        raise
    except AccountError:
        raise
    except SurroundingsError as error:
        raise AccountError(f"account {account}: {error}", hint=error.hint) from error
    except BaseException as error:
        # Also SystemExit: an adapter that ends the program would end every account.
        raise BrokenAccountError(account, f"its adapter failed at `{what}`", error) from error


def _is_sound(answer: object) -> bool:
    """False for what would be found wrong only when the ledger writes it down."""
    match answer:
        case Receipt():
            return (
                bool(answer.id)
                and _are_texts(answer.id, answer.url)
                and _is_instant(answer.at)
                and _is_json(answer.extra)
            )
        case Identity():
            offset = answer.clock_offset
            is_timed = (offset is None or isinstance(offset, timedelta)) and _is_instant(
                answer.expires_at, optional=True
            )
            return bool(answer.id) and _are_texts(answer.id, answer.name, answer.url) and is_timed
        case Uploaded():
            return _is_json(answer.upload)
        case Unavailable():
            return _are_texts(answer.reason) and _is_instant(answer.retry_at, optional=True)
        case Rejected() | Unauthorized() | InDoubt() | Another():
            return _are_texts(answer.reason)
        case AccountLimits():
            return isinstance(answer.profile, Profile) and _are_texts(*answer.notes)
    return True


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_instant(value: object, *, optional: bool = False) -> bool:
    return (optional and value is None) or (isinstance(value, datetime) and value.utcoffset() is not None)


def _is_json(value: object) -> bool:
    try:
        json.dumps(dict(value))  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return False
    return True
