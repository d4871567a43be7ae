"""A thread whose second part has an image, resumed after a kill: the image is there, once, with its alt text."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from campaigner.fakes.base import FakePlatform
from campaigner.fakes.bluesky import FakeBluesky
from campaigner.fakes.mastodon import FakeMastodon
from campaigner.fakes.x import FakeX

from .test_ledger_commands import DOT
from .workplace import Workplace, account, at, campaign, message

ROOT = Path(__file__).parents[2]
KEY = "migrants-day/2020/morning/news/en"
KILLED_AFTER = {
    "“sending” of part 1": "1 write upload+sending",
    "“sending” of part 2": "1 write receipt+sending",
}


@pytest.fixture(params=[FakeMastodon, FakeBluesky, FakeX])
def fake(request: pytest.FixtureRequest) -> Iterator[FakePlatform]:
    with request.param() as made:
        yield made


@pytest.fixture
def thread(place: Workplace, fake: FakePlatform) -> Workplace:
    """A thread of two parts, the second with an image, accepted before it is due."""
    place.speed = 1.0
    place.write_config({"news": account(fake, ["en"])})
    image = {"images": [{"file": "dot.png", "alt": {"en": "A dot", "fi": "Piste"}}]}
    second = {"text": {"en": "And look", "fi": "Ja katso"}, **image}
    place.write(
        "campaigns/migrants-day.yaml",
        campaign({"morning": message("08:00", "Good morning", "Huomenta", thread=[second])}),
    )
    (place.folder / "campaigns" / "dot.png").write_bytes(DOT)
    place.accept()
    place.move_to(at("08:00:10"))
    return place


def run_killed(place: Workplace, act: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof.killed", act, str(place.folder / "points"), "run", "--once"],
        cwd=place.folder,
        env={**place.environment_now(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, (done.stdout, done.stderr, (place.folder / "points").read_text())


@pytest.mark.parametrize("act", KILLED_AFTER.values(), ids=KILLED_AFTER)
def test_the_second_part_has_its_image_after_a_kill(thread: Workplace, fake: FakePlatform, act: str) -> None:
    run_killed(thread, act)
    out = ["Good morning"] if act == KILLED_AFTER["“sending” of part 2"] else []
    if out:
        # A part is out, so what goes on is what was stored, whatever becomes of the file.
        (thread.folder / "campaigns" / "dot.png").write_bytes(b"")
    said = []
    for _ in range(3):
        thread.move_to(thread.now() + timedelta(minutes=3))
        said.append(thread.run("run", "--once").stdout)
    if fake.platform == "x":
        assert thread.status()[KEY]["state"] == "in-doubt"
        assert fake.texts == out
        assert thread.run("resolve", KEY, "--not-published").returncode == 0
        said.append(thread.run("run", "--once").stdout)
    assert f"published {KEY}" in "".join(said), said
    assert fake.texts == ["Good morning", "And look"]
    first, second = fake.journal
    assert (len(first.images), [image.alt for image in second.images]) == (0, ["A dot"])
    assert second.reply_to == first.id
