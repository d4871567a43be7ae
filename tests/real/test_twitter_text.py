"""X's own library counts 10,000 random texts: what we say fits, it says fits."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from campaigner.text import x
from tests.unit.text.strategies import PIECES

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".real" / "text"
TEXTS = 10_000
BLOCKS = ((0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x400, 0x4FF), (0x590, 0x6FF), (0x900, 0xDFF), (0x2000, 0x2BFF))
BLOCKS += ((0x3040, 0x30FF), (0x4E00, 0x4FFF), (0xAC00, 0xACFF), (0xFE00, 0xFEFF), (0x1F300, 0x1FAFF))


def a_text(chance: random.Random) -> str:
    """Up to some 300 characters: pieces that campaigns are made of, and letters of any script."""
    pieces: list[str] = []
    for _ in range(chance.randrange(1, 60)):
        if chance.random() < 0.5:
            pieces.append(chance.choice(PIECES))
        else:
            first, last = chance.choice(BLOCKS)
            pieces.append("".join(chr(chance.randint(first, last)) for _ in range(chance.randrange(1, 8))))
        pieces.append(chance.choice(("", " ", "\n")))
    return "".join(pieces)


def of_reference(texts: Sequence[str]) -> list[dict[str, Any]]:
    if shutil.which("node") is None or not (INSTALLED / "node_modules").exists():
        pytest.skip("twitter-text is not installed: make real")
    done = subprocess.run(
        ["node", str(HERE / "twitter_text.cjs"), str(INSTALLED)],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_what_fits_for_us_fits_for_x() -> None:
    chance = random.Random(2026)
    texts = [a_text(chance) for _ in range(TEXTS)]
    reference = of_reference(texts)
    too_low = [
        (text, x.length(text), answer["weightedLength"])
        for text, answer in zip(texts, reference, strict=True)
        if x.length(text) < answer["weightedLength"]
    ]
    assert [(text, ours, theirs) for text, ours, theirs in too_low if ours <= 280 < theirs] == []
    assert len(too_low) <= TEXTS // 1000, too_low[:3]
    near = sum(abs(x.length(text) - 280) < 60 for text in texts)
    assert near > 500, "too few texts come near the limit for this to mean anything"
