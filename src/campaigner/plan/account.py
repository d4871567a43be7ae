"""Account: an account of the config together with what its platform allows it."""

from __future__ import annotations

from dataclasses import dataclass

from ..campaign.config import AccountConfig
from ..post.profile import Profile


@dataclass(frozen=True, slots=True)
class Account:
    """The two things that planning needs to know of an account."""

    config: AccountConfig
    profile: Profile

    @property
    def name(self) -> str:
        return self.config.name
