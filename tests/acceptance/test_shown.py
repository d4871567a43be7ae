"""What a platform answers is compared with what was sent: a post that is out otherwise is out, and told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .test_refusals import IMAGE, KEY, due
from .workplace import Workplace

TWO = {"images": [*IMAGE["images"], {"file": "dot.png", "alt": {"en": "Another", "fi": "Toinen"}}]}
ONE = [{"id": "1", "description": "A dot"}]


class Otherwise(FakeMastodon):
    """Shows what it took with something changed."""

    changed: dict[str, Any]

    def _as_status(self, posted: Any) -> dict[str, Any]:
        return {**super()._as_status(posted), **self.changed}


@pytest.mark.parametrize(
    ("keys", "changed", "words"),
    [
        (IMAGE, {"media_attachments": []}, "out without its image"),
        (TWO, {"media_attachments": ONE}, "out with 1 of its 2 images"),
        (IMAGE, {"media_attachments": [{"id": "1", "description": None}]}, "out with another alt text"),
        ({}, {"content": "<p>Fir</p>"}, "out with its text cut short"),
        ({}, {"content": "<p>Something</p>"}, "out with other words"),
        ({}, {"visibility": "direct"}, "out to few readers only (direct)"),
        ({}, {"language": "fi"}, "out marked as fi, not en"),
    ],
)
def test_what_is_out_otherwise_than_it_was_sent_is_told(
    place: Workplace, keys: dict[str, Any], changed: dict[str, Any], words: str
) -> None:
    with Otherwise() as server:
        server.changed = changed
        due(place, server, **keys)
        done = place.run("run", "--once")
        url = f"{server.url}/@campaigner/{server.journal[0].id}"
        assert (done.returncode, done.stdout.startswith(f"published {KEY} {url} {words}")) == (1, True), done.stdout
        attention = place.run("status", "--attention")
        assert attention.returncode == 1
        assert words in attention.stdout
        assert f"campaigner delete {KEY}" in attention.stdout
        told = json.loads(place.run("status", "--json").stdout)["alerts"]
        assert [alert["kind"] for alert in told] == ["differs"]
        assert place.run("delete", KEY).returncode == 0
        assert place.run("status", "--attention").returncode == 0


@pytest.mark.parametrize("changed", [{}, {"language": None}, {"visibility": "unlisted"}])
def test_what_is_as_it_was_sent_or_not_told_is_no_matter(place: Workplace, changed: dict[str, Any]) -> None:
    with Otherwise() as server:
        server.changed = changed
        due(place, server, **IMAGE)
        assert place.run("run", "--once").returncode == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"text": "Fir"}, "out with its text cut short"), ({"attachments": {"media_keys": []}}, "out without its image")],
)
def test_x_says_what_it_took(place: Workplace, x: FakeX, answer: dict[str, Any], words: str) -> None:
    due(place, x, **IMAGE)
    body = json.dumps({"data": {"id": "17", "text": "First https://t.co/abcdefghij", **answer}})
    x.fault("status", path_prefix="/2/tweets", method="POST", status=201, body=body)
    done = place.run("run", "--once")
    assert done.stdout == f"published {KEY} https://x.com/campaigner/status/17 {words}\n"
    assert done.returncode == 1
