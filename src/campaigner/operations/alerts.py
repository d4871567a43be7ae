"""Telling people: alerts go to every Apprise URL of the config, and a heartbeat to an outside service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

from ..ledger import alerts, telling
from ..ledger.ledger import Ledger
from .heartbeat import Heart
from .messenger import Messenger
from .recipient import Recipient, id_of


class Teller:
    """Whom a ledger's alerts go to. `places` are URLs by the name that people know them by.

    `say` gets a line for the terminal when somebody can't be told.
    """

    def __init__(
        self, ledger: Ledger, places: Mapping[str, str], heartbeat: str | None, say: Callable[[str], None]
    ) -> None:
        self._ledger = ledger
        self._heart = Heart(heartbeat, ledger.clock, say) if heartbeat is not None else None
        # A URL that stands there twice is one place, by its first name.
        found = {id_of(url): (name, url) for name, url in reversed(list(places.items()))}
        self._ids = frozenset(found)
        self.recipients = [
            Recipient(ledger, id, name, Messenger(url), everyone=self._ids, say=say)
            for id, (name, url) in found.items()
        ]

    def tell(self) -> None:
        """Send what is unsent everywhere at once, and beat. Raises SurroundingsError when the ledger fails."""
        self.settle()
        jobs = [self.beat, *(recipient.tell for recipient in self.recipients)]
        with ThreadPoolExecutor(len(jobs), thread_name_prefix="teller") as pool:
            try:
                begun = [pool.submit(job) for job in jobs]
                wait(begun)
            except BaseException:
                # Ctrl-C: nobody waits for a slow service then.
                self.close()
                raise
        for job in begun:
            job.result()

    def settle(self) -> None:
        """Forget the places that have left the config since alerts were told there."""
        unsent = self._ledger.read(alerts.unsent) if self._ids else []
        if unsent:
            self._ledger.write(lambda c: telling.settle(c, self._ids, self._ledger.clock.now()))

    def beat(self) -> None:
        """Let the outside service know that all is well, once a minute."""
        if self._heart is not None:
            self._heart.beat()

    def stop(self) -> None:
        """Begin with nothing more; what is on its way may end."""
        for recipient in self.recipients:
            recipient.stop()

    def close(self) -> None:
        """End what is on its way too."""
        for recipient in self.recipients:
            recipient.close()
