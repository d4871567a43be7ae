"""Deliverers, one an account: kept while the account stays as it is, for a call in flight must not be cut by an edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..delivery.deliver import Deliverer
from ..errors import AccountError
from ..ledger.ledger import Ledger
from .world import Source, World, connect


class DelivererPool:
    """Makes them when they are first wanted. `hold_file` returns the text of a HOLD file, None when there is none."""

    def __init__(self, source: Source, ledger: Ledger, hold_file: Callable[[], str | None]) -> None:
        self._source = source
        self._ledger = ledger
        self._hold_file = hold_file
        self._world: World | None = None
        self._parity: frozenset[str] = frozenset()
        self._made: dict[str, Deliverer] = {}

    def of(self, account: str) -> Deliverer:
        """The deliverer of an account; raises AccountError when a secret is missing."""
        if account not in self._made:
            self._made[account] = self._make(account)
        return self._made[account]

    def follow(self, world: World, parity: frozenset[str]) -> None:
        """What counts now. Deliverers that it would make otherwise are left to the calls that they have in flight."""
        before, self._world = self._world, world
        stays = before is not None and before.config.approval == world.config.approval and self._parity == parity
        self._parity = parity
        if before is None or not stays:
            self._made = {}
        else:
            self.forget(name for name in tuple(self._made) if _account(before, name) != _account(world, name))

    def forget(self, accounts: Iterable[str]) -> None:
        """Let the next post of these accounts be sent with a new connection: a refused account is signed in anew."""
        for account in accounts:
            self._made.pop(account, None)

    def ask_again(self) -> None:
        """Who we are and what time it is, before anything is sent: our clock has jumped."""
        for deliverer in self._made.values():
            deliverer.identity.forget()

    def close(self) -> None:
        """End all connections, also under calls in flight."""
        for deliverer in self._made.values():
            deliverer.adapter.close()
        self._made = {}

    def _make(self, account: str) -> Deliverer:
        assert self._world is not None
        if account not in self._world.accounts:
            raise AccountError(f"account {account} is not in the config any more")
        config = self._world.config
        return Deliverer(
            self._ledger,
            account,
            connect(self._source, self._world, account),
            access=self._source.access(self._world, account),
            approval_required=config.approval == "required",
            hold_file=self._hold_file,
            parity=self._parity,
        )


def _account(world: World, account: str) -> object:
    """All that the account's deliverer is made of."""
    known = world.accounts.get(account)
    return None if known is None else (world.config.folder, world.config.state, known.config, known.profile)
