"""A look asks nobody who the account is when the ledger knows it: some platforms bill each answer."""

from __future__ import annotations

import json
from datetime import timedelta

from campaigner.campaign.config import Secret
from campaigner.clock import SteppingClock
from campaigner.platforms.mastodon import Mastodon, MastodonOptions
from campaigner.platforms.outcomes import Receipt

from .parts import NOW, account_of, part_of
from .raw_server import RawServer, answering, http

STATUS = {
    "id": "31",
    "content": "<p>Hei</p>",
    "created_at": NOW.isoformat(),
    "url": "https://s.example/@us/31",
    "account": {"id": "7"},
}


EARLIER = {**STATUS, "id": "30", "created_at": (NOW - timedelta(days=1)).isoformat()}


def test_a_look_with_an_identity_is_one_call() -> None:
    with RawServer(answering(http(200, json.dumps([STATUS, EARLIER]).encode()))) as server:
        options = MastodonOptions(server=server.url, access_token=Secret(kind="env", name="A"))
        account = account_of(Mastodon, options, {"access_token": "a-token"}, SteppingClock(NOW))
        found = account.look(part_of("Hei", identity=f"127.0.0.1:{server.port}:7"))
        account.close()
    assert isinstance(found, Receipt)
    assert found.id == "31"
    assert [seen.split()[1].partition(b"?")[0] for seen in server.seen] == [b"/api/v1/accounts/7/statuses"]
