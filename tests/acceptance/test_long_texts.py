"""Texts far longer than any post: checked, shown and counted in seconds, or refused in words, whatever they are made of."""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping

import pytest

from .workplace import Workplace, campaign, message

PIECES = {
    "digits": "1",
    "words": "word ",
    "lines": "a\n\n",
    "dots": "a.",
    "hashtags": "#tag ",
    "links": "https://a.fi/x ",
    "mentions": "@a@b.fi ",
    "emoji": "😀",
    "joined emoji": "👩\u200d",
    "flags": "🇫🇮",
    "keycaps": "1\ufe0f\u20e3",
    "Hangul": "각",
    "Hangul in parts": "\u1100",
    "Hindi": "क्",
    "accents": "a\u0301",
    "joiners": "\u200d",
    "tag characters": "\U000e0041",
    "overrides": "\u202e",
    "half schemes": "https:",
}
LONGEST = 9_900
"""Just short of twenty times what Mastodon takes: longer texts are not even split."""
SECONDS = 10.0
"""Of a processor, with the start of Python, on a machine that is busy with other tests."""


def seconds_of(act: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    act()
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def write(place: Workplace, texts: Mapping[str, str]) -> None:
    accounts = {
        f"desk-{name}": {"platform": "console", "like": name, "languages": ["en", "fi"], "long_text": "thread"}
        for name in ("x", "mastodon", "bluesky")
    }
    place.write_config(accounts)
    for name, text in texts.items():
        day = campaign({"morning": message("08:00", text, "Huomenta")})
        place.write(f"campaigns/{name.lower().replace(' ', '-')}.yaml", day)


@pytest.mark.parametrize("piece", ["dots", "hashtags", "emoji", "keycaps", "Hangul in parts", "tag characters"])
def test_the_longest_text_that_is_split(place: Workplace, piece: str) -> None:
    write(place, {piece: (PIECES[piece] * LONGEST)[:LONGEST]})
    assert seconds_of(lambda: place.run("preview")) < SECONDS


def test_longer_texts_are_refused_in_words_and_their_messages_held(place: Workplace) -> None:
    write(place, {name: (piece * 120_000)[:120_000] for name, piece in PIECES.items()})
    done = {}

    def act() -> None:
        for command in ("check", "preview", "run --once --dry-run", "status"):
            done[command] = place.run(*command.split())

    assert seconds_of(act) < 4 * SECONDS
    checked = done["check"].stdout
    assert checked.count("more than 10,000 are not even split [text-too-long]") == len(PIECES)
    assert checked.count("Shorten it.") == len(PIECES)
    assert [done[command].returncode for command in ("check", "preview", "run --once --dry-run")] == [3, 3, 3]
    assert max(len(one.stdout + one.stderr) for one in done.values()) < 1_500 * len(PIECES)


@pytest.mark.parametrize("piece", ["dots", "hashtags", "links", "joined emoji", "flags"])
def test_count_reads_so_much_and_no_more(place: Workplace, piece: str) -> None:
    text = (PIECES[piece] * 130_001)[:130_001]
    assert seconds_of(lambda: place.run("count", "-", input=text[:-1])) < SECONDS
    for options, most in ((["--platform", "x"], "5,600"), ([], "130,000")):
        refused = place.run("count", "-", *options, input=text)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert f"more than {most} are not counted" in refused.stderr


def test_a_text_without_an_end_is_not_waited_for(place: Workplace) -> None:
    refused = place.run("count", "-", input="a" * 3_000_000)
    assert (refused.returncode, "longer than 1000000 bytes" in refused.stderr) == (2, True)
