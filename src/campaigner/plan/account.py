"""Account: an account of the config together with what its platform allows it."""

from __future__ import annotations

from typing import NamedTuple

from ..campaign.config import AccountConfig
from ..post.profile import Profile


class Account(NamedTuple):
    """The two things that planning needs to know of an account."""

    config: AccountConfig
    profile: Profile

    @property
    def name(self) -> str:
        return self.config.name
