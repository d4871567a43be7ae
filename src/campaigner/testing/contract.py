"""The contract of a platform: whatever its server or the network does, a post is out once, or it is said to be in doubt.

Subclass PlatformContract in a test of yours, and pytest runs all of it against your server in a box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, get_type_hints

import pytest

from ..campaign.config import Secret
from ..clock import SteppingClock
from ..platforms.base import Connection, Platform
from ..platforms.network import Network
from ..platforms.outcomes import (
    Absent,
    Alike,
    Identity,
    InDoubt,
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

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"an image"
TEXT = "Good morning, everybody"
Faults = Mapping[str, Mapping[str, Any]]

NOT_DONE: Faults = {
    "the request dropped": {"fault": "drop_request"},
    "500, nothing done": {"fault": "status", "status": 500},
    "502 as a page": {"fault": "html", "status": 502},
    "503": {"fault": "status", "status": 503},
    "504": {"fault": "status", "status": 504},
    "a page in place of a yes": {"fault": "html", "status": 200},
    "an empty yes": {"fault": "status", "status": 200},
    "a redirect": {"fault": "status", "status": 302, "headers": {"Location": "https://elsewhere.example/"}},
    "no HTTP": {"fault": "garbage"},
    "409": {"fault": "status", "status": 409, "body": '{"error": "already being processed"}'},
}
DONE: Faults = {
    "the answer lost": {"fault": "lose_response"},
    "the answer cut": {"fault": "truncate"},
    "500, done all the same": {"fault": "status", "status": 500, "commit": True},
    "502 as a page, done": {"fault": "html", "status": 502, "commit": True},
    "422 of a race, done": {"fault": "status", "status": 422, "body": '{"error": "Duplicate record"}', "commit": True},
    "no HTTP, done": {"fault": "garbage", "commit": True},
}
LIMITED: Faults = {
    f"429, {form}": {"fault": "rate_limit", "form": form, "seconds": 90} for form in ("seconds", "date", "epoch", "iso")
}
EXPIRED: Faults = {"the token run out": {"fault": "expire_token"}}
ALL: Faults = {**NOT_DONE, **DONE, **LIMITED, **EXPIRED}
"""What may happen to one call; campaigner.fakes.proxy.Fault says what each does."""


Server = Any
"""A server in a box: a campaigner.fakes.base.FakePlatform, or what has its `url`, `texts` (that readers see now), `options`
(of an account there, secrets in plain), `fault` and `refusing`, and is used in a `with`.
"""


def _cases(faults: Faults) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults.values(), ids=faults.keys())


class PlatformContract:
    """State `platform`, and `publishes`: method and path of the call that publishes; and make the server in a box."""

    platform: ClassVar[type[Platform]]
    publishes: ClassVar[tuple[str, str]]

    def make_server(self, clock: SteppingClock) -> Server:
        """The server, on this clock, not yet started."""
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> SteppingClock:
        return SteppingClock(NOW)

    @pytest.fixture
    def server(self, clock: SteppingClock) -> Iterator[Server]:
        with self.make_server(clock) as made:
            yield made

    @pytest.fixture
    def account(self, server: Server, clock: SteppingClock) -> Iterator[Platform]:
        with self.connected(server.options(), clock) as made:
            yield made

    @contextmanager
    def connected(self, options: Mapping[str, str], clock: SteppingClock) -> Iterator[Platform]:
        """An account with these options."""
        secret = {name for name, kind in get_type_hints(self.platform.Options).items() if kind is Secret}
        written = {name: Secret(kind="env", name=name) if name in secret else value for name, value in options.items()}
        network = Network()
        made = self.platform(
            Connection(
                account="contract",
                options=self.platform.Options(**written),
                secrets={name: value for name, value in options.items() if name in secret},
                clock=clock,
                folder=None,
                show=lambda *_: None,
                limits=self.platform.profile,
                network=network,
            )
        )
        yield made
        made.close()
        network.close()

    def part(self, **changed: Any) -> PartToSend:
        """A post that is due now."""
        part = PartToSend(text=TEXT, languages=("en",), token="5e" * 32, due_at=NOW, created_at=NOW)
        return replace(part, **changed)

    def fail(self, server: Server, fault: Mapping[str, Any]) -> None:
        """Let the next publishing call go wrong."""
        method, path = self.publishes
        server.fault(**{"method": method, "path_prefix": path, **fault})

    @property
    def can_look(self) -> bool:
        return self.platform.reconciliation is not Reconciliation.NONE

    def test_says_who_it_is(self, account: Platform) -> None:
        found = account.identity()
        assert isinstance(found, Identity), found
        assert account.identity() == found, "an identity is stable"

    def test_posts_once(self, account: Platform, server: Server) -> None:
        found = account.publish(self.part())
        assert isinstance(found, Receipt), found
        assert (server.texts, found.differs) == ([TEXT], "")

    def test_an_image(self, account: Platform, server: Server) -> None:
        media = Media(data=PNG, media_type="image/png", alt="A man at a lectern", width=10, height=10)
        upload = account.prepare(media)
        if isinstance(upload, Rejected):
            pytest.skip("this platform takes no images")
        assert isinstance(upload, Uploaded), upload
        assert not server.texts, "what is uploaded is not seen"
        found = account.publish(self.part(media=(replace(media, upload=upload.upload),)))
        assert isinstance(found, Receipt), found
        assert (server.texts, found.differs) == ([TEXT], "")

    def test_a_thread(self, account: Platform, server: Server) -> None:
        if not self.platform.profile.takes_threads:
            pytest.skip("this platform has no threads")
        first = account.publish(self.part())
        assert isinstance(first, Receipt), first
        second = account.publish(self.part(text="And more", token="6f" * 32, root=first, parent=first))
        assert isinstance(second, Receipt), second
        assert second.id != first.id

    def test_takes_down_what_a_receipt_names_and_is_content_when_it_is_gone(
        self, account: Platform, server: Server
    ) -> None:
        receipt = account.publish(self.part())
        assert isinstance(receipt, Receipt), receipt
        outcome = account.delete(receipt)
        if isinstance(outcome, Rejected):
            pytest.skip("posts of this platform can't be taken down")
        assert (outcome, account.delete(receipt), server.texts) == (None, None, [])

    def test_nothing_is_out_where_nobody_can_connect(self, account: Platform, server: Server) -> None:
        account.identity()
        with server.refusing():
            assert isinstance(account.publish(self.part()), Unavailable)
            assert isinstance(account.identity(), Unavailable)
            assert not self.can_look or isinstance(account.look(self.part(attempted_at=NOW)), Unavailable)
        assert server.texts == []

    @_cases(LIMITED)
    def test_a_limit_says_that_nothing_is_out_and_until_when(
        self, account: Platform, server: Server, fault: Mapping[str, Any]
    ) -> None:
        self.fail(server, fault)
        found = account.publish(self.part())
        assert isinstance(found, Unavailable), found
        assert found.retry_at is not None
        assert timedelta(seconds=88) <= found.retry_at - NOW <= timedelta(seconds=92)
        assert server.texts == []

    @_cases(NOT_DONE)
    def test_what_may_be_out_is_in_doubt(self, account: Platform, server: Server, fault: Mapping[str, Any]) -> None:
        self.fail(server, fault)
        assert isinstance(account.publish(self.part()), InDoubt)

    @_cases(ALL)
    def test_is_out_once_or_in_doubt(
        self, account: Platform, server: Server, clock: SteppingClock, fault: Mapping[str, Any]
    ) -> None:
        """What campaigner does after each outcome: a doubt is looked at, and only what is not there is sent again."""
        self.fail(server, fault)
        attempted = self.part(attempted_at=clock.now())
        outcome = account.publish(self.part())
        for _ in range(3):
            if isinstance(outcome, Unavailable):
                clock.wait_until(max(outcome.retry_at or NOW, clock.now() + timedelta(seconds=15)))
                outcome = account.publish(attempted)
            elif isinstance(outcome, InDoubt) and self.can_look:
                outcome = self._looked(account, clock, attempted, outcome)
        assert server.texts in ([], [TEXT]), "never twice"
        if isinstance(outcome, Receipt):
            assert server.texts == [TEXT]
        else:
            assert isinstance(outcome, InDoubt | Unauthorized), outcome
            assert isinstance(outcome, InDoubt) or server.texts == []

    def _looked(self, account: Platform, clock: SteppingClock, attempted: PartToSend, doubt: InDoubt) -> Outcome:
        wait = account.absence_after
        clock.wait_until(clock.now() + (wait or timedelta(0)))
        found = account.look(attempted)
        if isinstance(found, Receipt):
            return found
        return account.publish(attempted) if isinstance(found, Absent) and wait is not None else doubt

    @_cases(ALL)
    @pytest.mark.parametrize("call", ["identity", "prepare", "look", "delete", "limits"])
    def test_other_calls_never_raise_and_publish_nothing(
        self, account: Platform, server: Server, call: str, fault: Mapping[str, Any]
    ) -> None:
        receipt = account.publish(self.part())
        assert isinstance(receipt, Receipt), receipt
        media = Media(data=PNG, media_type="image/png", alt="", width=10, height=10)
        arguments: Mapping[str, tuple[Any, ...]] = {
            "prepare": (media,),
            "look": (self.part(attempted_at=NOW),),
            "delete": (receipt,),
        }
        server.fault(**fault)
        outcome = getattr(account, call)(*arguments.get(call, ()))
        assert not isinstance(outcome, InDoubt | Alike | Absent), "what is out is never absent for a call that failed"
        assert server.texts in ([TEXT], [])

    def test_no_secret_is_in_a_reason(self, server: Server, clock: SteppingClock) -> None:
        """Neither is one that the server says back."""
        with self.connected(server.options(), clock) as account:
            secrets = list(account.secrets.values())
            for status in (400, 401, 403, 404, 422, 429, 500):
                self.fail(server, {"fault": "status", "status": status, "body": f'{{"error": "{secrets[0]}"}}'})
                assert secrets[0] not in str(account.publish(self.part()))
