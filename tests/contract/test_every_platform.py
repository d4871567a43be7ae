"""The contract of a platform, for each that is built in."""

from __future__ import annotations

from campaigner.clock import SteppingClock
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX
from campaigner.platforms.bluesky import Bluesky
from campaigner.platforms.mastodon import Mastodon
from campaigner.platforms.x import X
from campaigner.testing.contract import PlatformContract


class TestMastodon(PlatformContract):
    platform, publishes = Mastodon, ("POST", "/api/v1/statuses")

    def make_server(self, clock: SteppingClock) -> FakeMastodon:
        return FakeMastodon(clock=clock)


class TestBluesky(PlatformContract):
    platform, publishes = Bluesky, ("POST", "/xrpc/com.atproto.repo.putRecord")

    def make_server(self, clock: SteppingClock) -> FakeBluesky:
        return FakeBluesky(clock=clock)


class TestX(PlatformContract):
    platform, publishes = X, ("POST", "/2/tweets")

    def make_server(self, clock: SteppingClock) -> FakeX:
        return FakeX(clock=clock)
