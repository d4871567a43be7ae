"""The contract of a platform, for each that is built in."""

from __future__ import annotations

from campaigner.clock import SteppingClock
from campaigner.platforms.bluesky import Bluesky
from campaigner.platforms.mastodon import Mastodon
from campaigner.platforms.x import X
from campaigner.standins.bluesky import BlueskyStandIn
from campaigner.standins.mastodon import MastodonStandIn
from campaigner.standins.x import XStandIn
from campaigner.testing.contract import PlatformContract


class TestMastodon(PlatformContract):
    platform, publishes = Mastodon, ("POST", "/api/v1/statuses")

    def make_server(self, clock: SteppingClock) -> MastodonStandIn:
        return MastodonStandIn(clock=clock)


class TestBluesky(PlatformContract):
    platform, publishes = Bluesky, ("POST", "/xrpc/com.atproto.repo.putRecord")

    def make_server(self, clock: SteppingClock) -> BlueskyStandIn:
        return BlueskyStandIn(clock=clock)


class TestX(PlatformContract):
    platform, publishes = X, ("POST", "/2/tweets")

    def make_server(self, clock: SteppingClock) -> XStandIn:
        return XStandIn(clock=clock)
