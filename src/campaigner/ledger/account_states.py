"""Accounts inside a transaction: who each is on its platform, its pace, and whether it rests or is stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from . import alerts
from .models import AccountState
from .tables import Connection, recalled

FAILURES_BEFORE_REST = 5
EXPIRY_TOLD_BEFORE = timedelta(days=7)
REST = timedelta(minutes=5)


@recalled("lanes")
def by_account(connection: Connection) -> dict[str, AccountState]:
    """What is known of every account, by its name."""
    return {found.account: found for found in connection.records(AccountState, "FROM lanes")}


def of(connection: Connection, account: str) -> AccountState:
    """What is known of an account; empty when it never sent anything."""
    return by_account(connection).get(account) or AccountState(account=account)


def names_of(connection: Connection, identity: str) -> list[str]:
    """Under which names of the config this account of its platform has been known."""
    return [name for name, found in by_account(connection).items() if found.identity == identity]


def know(connection: Connection, account: str, identity: str, access: str, now: datetime) -> None:
    """Remember who the platform says the account is, when asked with this `access`."""
    _set(connection, account, identity=identity, access=access, identified_at=now)


def forget_identities(connection: Connection) -> None:
    """What the platforms said was said by another clock: each is asked again before anything is sent."""
    connection.run("UPDATE lanes SET identified_at = NULL")


def looked(connection: Connection, account: str, now: datetime) -> None:
    """Its posts were looked at, and none is of another ledger."""
    _set(connection, account, looked_at=now)


def sent(connection: Connection, account: str, now: datetime) -> None:
    """A publishing call ended well."""
    _set(connection, account, last_sent_at=now, failures=0, rested_until=None, trouble=None)


def tried(connection: Connection, account: str, now: datetime) -> None:
    """A publishing call may have ended well: keep the distance to it."""
    _set(connection, account, last_sent_at=now)


def failed(connection: Connection, account: str, now: datetime, trouble: str) -> int:
    """A call failed; after five in a row the account rests for five minutes. Returns how many failed in a row."""
    failures = of(connection, account).failures + 1
    _set(connection, account, failures=failures, trouble=trouble)
    if failures % FAILURES_BEFORE_REST == 0:
        rest(connection, account, now + REST)
    return failures


def rest(connection: Connection, account: str, until: datetime, trouble: str | None = None) -> datetime:
    """Nothing is sent before `until`, nor before the end of an earlier rest. Returns the later of the two.

    `trouble` says why; None: that is known already.
    """
    before = of(connection, account)
    until = max(until, before.rested_until or until)
    _set(connection, account, rested_until=until, trouble=trouble or before.trouble)
    return until


def end_rest(connection: Connection, account: str) -> None:
    """A person wants something sent there now."""
    _set(connection, account, rested_until=None)


def stop(connection: Connection, account: str, reason: str, now: datetime) -> None:
    """The platform refuses the account, or its adapter failed: nothing is sent until `accounts check` succeeds. Told once."""
    _set(connection, account, stopped_at=now, stopped_reason=reason, identified_at=None)
    tell(connection, account, f"account {account} is stopped, nothing is sent there: {reason}", now, kind="account")


def tell_unreachable(connection: Connection, account: str, reason: str, now: datetime) -> None:
    """The platform can't be asked, and it may not pass by itself: told once, until it can be asked again."""
    tell(connection, account, f"account {account}: nothing goes out there now: {reason}", now, kind="unreachable")


def tell_no_access(connection: Connection, account: str, reason: str, now: datetime) -> None:
    """Nobody can ask the platform, mostly for want of a secret: told once, until somebody can."""
    tell(connection, account, reason, now, kind="account", subject=f"access {account}")


def is_reached(connection: Connection, account: str, now: datetime) -> None:
    """The platform has answered again."""
    for what in ("unreachable", "access"):
        alerts.withdraw_subject(connection, f"{what} {account}", now)


def tell_expiry(connection: Connection, account: str, expires_at: datetime | None, now: datetime) -> None:
    """Tell, once for each expiry, that the access to an account ends within a week."""
    if expires_at is not None and expires_at - now < EXPIRY_TOLD_BEFORE:
        text = f"account {account}: the access that its platform gave ends on {expires_at:%Y-%m-%d %H:%M} UTC; renew it"
        tell(connection, account, text, now, kind="token", subject=f"token {account} {expires_at:%Y-%m-%d}")


def let_go_on(connection: Connection, account: str, now: datetime) -> None:
    """The account was checked and is well."""
    _set(connection, account, stopped_at=None, stopped_reason=None, rested_until=None, failures=0, trouble=None)
    alerts.withdraw_subject(connection, f"account {account}", now)
    is_reached(connection, account, now)


def tell(connection: Connection, account: str, text: str, now: datetime, *, kind: str, subject: str = "") -> None:
    """Tell of an account, once for as long as the subject stands: the command is the one that checks it."""
    command, subject = f"campaigner accounts check {account}", subject or f"{kind} {account}"
    alerts.raise_alert(connection, kind=kind, text=text, command=command, subject=subject, now=now)


def _set(connection: Connection, account: str, **values: Any) -> None:
    """Write what is known of an account. What was asked of all of them stays known: each post would ask it anew."""
    before = by_account(connection)
    connection.upsert("lanes", "account", account=account, **values)
    changed = replace(before.get(account) or AccountState(account=account), **values)
    connection.answers["lanes"][(by_account.__name__,)] = {**before, account: changed}
