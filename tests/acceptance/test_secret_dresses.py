"""A secret that a server says back in another dress is nowhere: not printed, logged, told, nor in any file of the folder."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote

import pytest

from campaigner.fakes.http_messages import Answer, Request

from .hostile import Journal, left_behind, run_at_debug, said
from .workplace import Workplace, at, campaign, message

TOKEN = 'Zk3/v+9=pQ"x&T<7>rWm%Lb8'
QUOTED = quote(TOKEN, safe="")
DRESSES = {
    "percent": QUOTED,
    "percent, each letter": "".join(f"%{byte:02x}" for byte in TOKEN.encode()),
    "percent, three times": quote(quote(QUOTED, safe=""), safe=""),
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "base64 of a pair": base64.b64encode(f"user:{TOKEN}".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"ab{TOKEN}".encode()).decode(),
    "hex": TOKEN.encode().hex(),
    "hex in capitals": TOKEN.encode().hex(" ").upper(),
    "capitals": TOKEN.upper(),
    "small": TOKEN.lower(),
    "entities": html.escape(TOKEN),
    "entities by number": "".join(f"&#x{ord(letter):X};" for letter in TOKEN),
    "escapes": "".join(f"\\u{ord(letter):04x}" for letter in TOKEN),
    "escapes with an x": "".join(f"\\x{ord(letter):02x}" for letter in TOKEN),
    "spaces": " ".join(TOKEN),
    "lines": "\n".join(TOKEN),
    "unseen": "\u200b".join(TOKEN),
    "accents": "".join(f"{letter}\u0301" for letter in TOKEN),
    "wide": "".join(chr(ord(letter) + 0xFEE0) for letter in TOKEN),
    "bold": "".join(chr(0x1D3BF + ord(letter)) if letter.isupper() else letter for letter in TOKEN),
    "zeros": "\0".join(TOKEN),
    "its beginning": TOKEN[:12],
}


@pytest.mark.parametrize("status", [200, 401, 422, 503])
def test_a_secret_in_another_dress_is_nowhere(place: Workplace, status: int) -> None:
    """An account for each, so that none waits for another's failures; who we are is answered well, refused or not at all."""
    place.speed = 1.0
    said_back: list[str] = []

    def reply(request: Request) -> Answer:
        name = request.headers["authorization"].removeprefix("Bearer ").removeprefix(TOKEN)
        words = list(DRESSES.values())[int(name)]
        said_back.append(words)
        told = f"You sent {words} to us"
        return said({"id": "1", "acct": told, "url": f"https://a.example/{words}", "error": told}, status)

    with Journal(reply) as server:
        place.environment |= {f"TOKEN_{number}": f"{TOKEN}{number}" for number in range(len(DRESSES))}
        accounts: dict[str, dict[str, Any]] = {
            f"news-{number}": {
                "platform": "mastodon",
                "server": server.url,
                "access_token": f"env:TOKEN_{number}",
                "languages": ["en"],
            }
            for number in range(len(DRESSES))
        }
        config = place.write_config({})
        config.write_text(json.dumps({**json.loads(config.read_text("utf-8")), "accounts": accounts}), "utf-8")
        place.write("campaigns/migrants-day.yaml", campaign({"morning": message("08:00", "News", "-")}))
        place.accept()
        place.move_to(at("08:00:30"))
        outputs = [run_at_debug(place, "-v", "run", "--once"), place.run("accounts", "check")]
    outputs += [place.run("status", "--json"), place.run("log")]
    assert {*said_back} == {*DRESSES.values()}
    traces = left_behind(place, *outputs)
    for name, words in DRESSES.items():
        for form in (words, json.dumps(words)[1:-1], repr(words)[1:-1]):
            found = traces.find(form.encode())
            assert found < 0, (name, traces[max(0, found - 200) : found + 200])
