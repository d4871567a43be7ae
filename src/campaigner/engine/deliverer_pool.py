"""Deliverers, one an account: kept while the account stays as it is, for a call in flight must not be cut by an edit."""

from __future__ import annotations

from collections.abc import Iterable

from ..delivery.deliver import Deliverer
from ..delivery.steps import SendingRules
from ..errors import AccountError
from ..ledger.ledger import Ledger
from .world import Source, World, connect


class DelivererPool:
    """Makes them when they are first wanted. All share the `rules`, which the engine keeps up to date."""

    def __init__(self, source: Source, ledger: Ledger, rules: SendingRules) -> None:
        self._source = source
        self._ledger = ledger
        self._rules = rules
        self._made: dict[str, tuple[object, Deliverer]] = {}

    def of(self, world: World, account: str) -> Deliverer:
        """The deliverer of an account as it is now; raises AccountError when a secret is missing.

        One that would be made otherwise now is left to the calls that it has in flight.
        """
        if account not in world.accounts:
            raise AccountError(f"account {account} is not in the config any more")
        known, config = world.accounts[account], world.config
        made_of = config.folder, config.state, known.config, known.profile
        if account not in self._made or self._made[account][0] != made_of:
            adapter, access = connect(self._source, world, account), self._source.access(world, account)
            self._made[account] = made_of, Deliverer(self._ledger, account, adapter, access=access, rules=self._rules)
        return self._made[account][1]

    def forget(self, accounts: Iterable[str]) -> None:
        """Let the next post of these accounts be sent with a new connection: a refused account is signed in anew."""
        for account in accounts:
            self._made.pop(account, None)

    def ask_again(self) -> None:
        """Who we are and what time it is, before anything is sent: our clock has jumped."""
        for _, deliverer in self._made.values():
            deliverer.identity.forget()

    def close(self) -> None:
        """End all connections, also under calls in flight."""
        for _, deliverer in self._made.values():
            deliverer.adapter.close()
        self._made = {}
