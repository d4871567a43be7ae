"""What nobody sees in a text is warned of, and shown in cards by its number; what shapes emoji and scripts is left alone."""

from __future__ import annotations

import json

from .workplace import Workplace, campaign, message

UNSEEN = [
    *"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2063\u2065\u2066\u206f",
    *"\u2800\u3164\ufe00\ufe0e\ufe0f\uffa0\ufff9\U0001bca0\U0001d173\U000e0001\U000e0041\U000e007f\U000e0100\U000e01ef",
    "\U000e0fff",
]
SEEN = [
    "1️⃣ ❤️ ©️ ™️ ℹ️ ☎︎",
    "👩‍❤️‍👨 and 👩🏽‍🚀",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 plays",
    "क्‍ष and می‌خواهم",
    "葛󠄀城",
    "ᠠ᠋ and ᄀᅠ",
    "⠓⠀⠓",
]


def check_and_show(place: Workplace, texts: dict[str, str]) -> tuple[dict[str, set[str]], str]:
    """The codes of each message's problems, and the cards."""
    place.write_config({"desk": {"platform": "console", "like": "mastodon", "languages": ["en"]}})
    messages = {name: message(f"08:{n:02}", text, "-") for n, (name, text) in enumerate(texts.items())}
    place.write("campaigns/migrants-day.yaml", campaign(messages))
    found: dict[str, set[str]] = {}
    for problem in json.loads(place.run("check", "--format", "json").stdout):
        found.setdefault(problem["message_id"], set()).add(problem["code"])
    return found, place.run("preview").stdout


def test_every_unseen_character_is_warned_of_and_shown(place: Workplace) -> None:
    names = {f"m{ord(character):x}": character for character in UNSEEN}
    found, cards = check_and_show(place, {name: f"Good{character}day" for name, character in names.items()})
    for name, character in names.items():
        assert "invisible" in found.get(name, set()), name
        assert f"Good<U+{ord(character):04X}>day" in cards, name


def test_a_message_hidden_behind_an_emoji_is_shown(place: Workplace) -> None:
    """Letters as tags after a flag, bytes as selectors after a heart: programs read them, people don't."""
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "vote for us")
    selectors = "".join(chr(0xE0100 + byte) for byte in b"vote for us")
    found, cards = check_and_show(place, {"flag": f"Our 🏴{tags} day", "heart": f"Our ❤️{selectors} day"})
    assert all("invisible" in found[name] for name in ("flag", "heart"))
    assert not {*tags, *selectors} & {*cards}
    assert "<U+E0076>" in cards
    assert "<U+E0166>" in cards


def test_what_shapes_emoji_and_letters_is_left_alone(place: Workplace) -> None:
    found, cards = check_and_show(place, {f"m{number}": text for number, text in enumerate(SEEN)})
    assert [name for name, codes in found.items() if "invisible" in codes] == []
    assert "<U+" not in cards
    for text in SEEN:
        assert text in cards
