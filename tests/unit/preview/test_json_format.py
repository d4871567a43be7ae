"""`preview --json`: the keys that scripts rely on."""

from __future__ import annotations

import json

from campaigner.post.post import Part
from campaigner.preview.json_format import as_json

from .building import MASTODON, X, image, post

DOCUMENTED = {
    "key", "campaign", "edition", "message", "account", "platform", "language", "due_at", "local_time", "timezone",
    "parts", "digest", "code", "notes",
}  # fmt: skip


def test_every_documented_key_with_its_value() -> None:
    shown = post(parts=(Part(text="Päivä", images=(image(),)), Part(text="More")), notes=("a note",))
    found = as_json(shown, X)
    assert set(found) >= DOCUMENTED
    assert {name: found[name] for name in DOCUMENTED} == {
        "key": "migrants-day/2020/morning/iom-finland-x/fi",
        "campaign": "migrants-day",
        "edition": "2020",
        "message": "morning",
        "account": "iom-finland-x",
        "platform": "x",
        "language": "fi",
        "due_at": "2020-12-18T06:00:00Z",
        "local_time": "2020-12-18T08:00:00+02:00",
        "timezone": "Europe/Helsinki",
        "parts": [
            {"text": "Päivä", "length": 5, "limit": 280,
             "images": [{"file": "images/speech.png", "alt": "A man at a lectern"}]},
            {"text": "More", "length": 4, "limit": 280, "images": []},
        ],
        "digest": shown.digest,
        "code": shown.code,
        "notes": ["a note"],
    }  # fmt: skip
    assert json.loads(json.dumps(found)) == found


def test_what_else_readers_will_see_or_never_see_stands_there_too() -> None:
    found = as_json(post("Hello", warning="Violence", draft=True), MASTODON)
    assert (found["warning"], found["draft"]) == ("Violence", True)
    assert found["parts"][0]["length"] == len("Hello") + len("Violence")
