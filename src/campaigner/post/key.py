"""PostKey: the name of a post, for people to type and for the ledger to remember."""

from __future__ import annotations

from typing import NamedTuple


class PostKey(NamedTuple):
    """campaign/edition/message/account/language; the language of a `together` post is `en+fi`."""

    campaign: str
    edition: str
    message: str
    account: str
    language: str

    def __str__(self) -> str:
        return f"{self.campaign}/{self.edition}/{self.message}/{self.account}/{self.language}"

    @classmethod
    def parse(cls, text: str) -> PostKey:
        """Read a full KEY; raise ValueError when it has not exactly five parts."""
        parts = text.strip("/").split("/")
        if len(parts) != 5 or not all(parts):
            raise ValueError(f"{text!r} is not campaign/edition/message/account/language")
        return cls(*parts)
